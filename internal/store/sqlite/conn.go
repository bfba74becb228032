package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"modernc.org/sqlite"
)

const (
	// The log is written back at 4,000 pages (16 MB), so that pages which
	// change often are written back once for many commits.
	writerPragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)" +
		"&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)&_pragma=cache_size(-32000)"
	readerPragmas = "_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-4000)"
)

// conn is one connection with its prepared statements, below database/sql,
// whose locks and conversions cost about as much as a read itself. One
// goroutine uses it at a time.
type conn struct {
	raw        driver.Conn
	statements map[string]statement
}

type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

func dial(path, pragmas string) (*conn, error) {
	raw, err := new(sqlite.Driver).Open(dsn(path, pragmas))
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, statements: map[string]statement{}}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.statements {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.raw.Close())...)
}

// maxStatements is far above what a program's queries make; it keeps memory
// bounded if they do not stay few.
const maxStatements = 500

func (c *conn) prepare(sql string) (statement, error) {
	if s, ok := c.statements[sql]; ok {
		return s, nil
	}
	if len(c.statements) >= maxStatements {
		for key, s := range c.statements {
			if err := s.Close(); err != nil {
				return nil, err
			}
			delete(c.statements, key)
		}
	}
	s, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, err
	}
	c.statements[sql] = s.(statement)
	return s.(statement), nil
}

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(sql string, args ...any) (int64, error) {
	s, err := c.prepare(sql)
	if err != nil {
		return 0, err
	}
	result, err := s.ExecContext(context.Background(), named(args))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// query calls each for every row, if each is given. The values of a row are
// valid until the next.
func (c *conn) query(ctx context.Context, sql string, each func([]driver.Value) error, args ...any) (err error) {
	s, err := c.prepare(sql)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, named(args))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case each == nil:
			continue
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func named(args []any) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return out
}
