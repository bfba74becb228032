package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"havn/internal/store"
)

// layout is the version of how tables and indexes are laid out. A program
// refuses a file with a higher one.
const layout = 1

// claim makes the table of facts about the file, or reads it and refuses a
// file that is newer than this program.
func claim(ctx context.Context, c *conn) error {
	if _, err := c.exec(`CREATE TABLE IF NOT EXISTS havn_meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID`); err != nil {
		return translate(err)
	}
	if _, err := c.exec(`INSERT INTO havn_meta VALUES ('layout', ?) ON CONFLICT DO NOTHING`, strconv.Itoa(layout)); err != nil {
		return translate(err)
	}
	return c.query(ctx, `SELECT value FROM havn_meta WHERE key = 'layout'`, func(row []driver.Value) error {
		if n, err := strconv.Atoi(row[0].(string)); err != nil || n > layout {
			return fmt.Errorf("its layout is %s and this Havn knows up to %d: %w", row[0], layout, store.ErrNewer)
		}
		return nil
	})
}

// Declare makes the table and the indexes of a collection. An index that is
// declared otherwise than before is built anew; one that is not declared any
// more stays.
func (db *DB) Declare(ctx context.Context, s store.Schema) error {
	return db.submit(ctx, func(c *conn) error {
		return atomically(c, func() error {
			if _, err := c.exec(`CREATE TABLE IF NOT EXISTS ` + table(s) + ` (id TEXT PRIMARY KEY NOT NULL, rev INTEGER NOT NULL, fields TEXT NOT NULL, doc TEXT NOT NULL)`); err != nil {
				return err
			}
			if err := declareFields(c, s); err != nil {
				return err
			}
			for _, x := range s.Indexes {
				if err := declareIndex(c, s, x); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// declareFields picks the fields of every document anew if they are declared
// otherwise than before.
func declareFields(c *conn, s store.Schema) error {
	key, sql, have := "fields of "+s.Name, fieldsOf(s), ""
	err := c.query(context.Background(), `SELECT value FROM havn_meta WHERE key = ?`, func(row []driver.Value) error {
		have = row[0].(string)
		return nil
	}, key)
	if err != nil || have == sql {
		return err
	}
	if _, err := c.exec(`UPDATE ` + table(s) + ` SET fields = ` + sql); err != nil {
		return err
	}
	_, err = c.exec(`INSERT INTO havn_meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, sql)
	return err
}

// atomically undoes what f did if it fails, and nothing else in the batch.
func atomically(c *conn, f func() error) error {
	if _, err := c.exec(`SAVEPOINT declare`); err != nil {
		return err
	}
	err := f()
	if err != nil {
		if _, err := c.exec(`ROLLBACK TO declare`); err != nil {
			return err
		}
	}
	_, release := c.exec(`RELEASE declare`)
	return errors.Join(err, release)
}

func declareIndex(c *conn, s store.Schema, x store.Index) error {
	name, sql := createIndex(s, x)
	var have string
	err := c.query(context.Background(), `SELECT sql FROM sqlite_schema WHERE name = ?`, func(row []driver.Value) error {
		have = row[0].(string)
		return nil
	}, name)
	if err != nil || have == sql {
		return err
	}
	if _, err := c.exec(`DROP INDEX IF EXISTS "` + name + `"`); err != nil {
		return err
	}
	_, err = c.exec(sql)
	return err
}

// createIndex ends an index with the id, so that paging by a key reads it in
// order; a unique one cannot.
func createIndex(s store.Schema, x store.Index) (name, sql string) {
	name = s.Name + "." + x.Name()
	columns := make([]string, len(x.Fields))
	for i, f := range x.Fields {
		columns[i] = column(f)
	}
	if x.Unique {
		return name, fmt.Sprintf(`CREATE UNIQUE INDEX "%s" ON %s (%s) WHERE %s`,
			name, table(s), strings.Join(columns, ", "), filled(x.Fields[0]))
	}
	return name, fmt.Sprintf(`CREATE INDEX "%s" ON %s (%s, id)`, name, table(s), strings.Join(columns, ", "))
}

// filled is the condition under which a unique index holds a document. A query
// must say it word for word to be answered from that index.
func filled(field string) string { return column(field) + " <> ''" }

// column is the SQL of a declared field.
func column(field string) string {
	if field == "" || field == "_id" {
		return "id"
	}
	return `json_extract(fields, '$."` + field + `"')`
}

// fieldsOf is the SQL that picks the declared fields out of a document, as one
// flat object. The indexes are built on that column and not on the document, so
// that a change of anything else does not touch them.
func fieldsOf(s store.Schema) string {
	var pairs, seen []string
	for _, x := range s.Indexes {
		for _, f := range x.Fields {
			if f != "_id" && !slices.Contains(seen, f) {
				seen = append(seen, f)
				pairs = append(pairs, `'`+f+`', json_extract(doc, '$.`+f+`')`)
			}
		}
	}
	return "json_object(" + strings.Join(pairs, ", ") + ")"
}

func table(s store.Schema) string { return `"` + s.Name + `"` }
