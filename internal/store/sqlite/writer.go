package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"havn/internal/store"
)

// write is a request to the writer.
type write struct {
	run  func(*conn) error
	err  error
	done chan struct{}
}

// maxBatch bounds how long the first write of a batch waits for the others.
const maxBatch = 256

// yields is how often in a row the writer lets others run, with nothing coming
// of it, before it commits.
const yields = 3

// patience is how long a write that has begun is waited for after its context
// has ended, before its outcome is called unknown.
const patience = time.Second

// submit hands f to the writer, and returns when it is durable. f must be one
// statement that either works or changes nothing.
func (db *DB) submit(ctx context.Context, f func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := &write{run: f, done: make(chan struct{})}
	select {
	case db.writes <- w: // unbuffered: from here on the write has begun
	case <-db.quit:
		return store.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
	}
	select {
	case <-w.done:
		return w.err
	case <-time.After(patience):
		return fmt.Errorf("%w: %w", store.ErrUnknown, ctx.Err())
	}
}

// write is the writer: it ends when the database is closed.
func (db *DB) write(c *conn) {
	defer close(db.done)
	batch := make([]*write, 0, maxBatch)
	for {
		select {
		case w := <-db.writes:
			batch = append(batch[:0], w)
		case <-db.quit:
			db.closed = c.close()
			return
		}
		// A commit costs more than anything else here. Who is about to write,
		// gets the processor for a moment, and comes along.
		for turns := 0; turns < yields && len(batch) < maxBatch; {
			select {
			case w := <-db.writes:
				batch, turns = append(batch, w), 0
			default:
				turns++
				runtime.Gosched()
			}
		}
		commit(c, batch)
		for _, w := range batch {
			close(w.done)
		}
	}
}

// commit runs a batch in one transaction and sets the outcome of each write. A
// statement refused by a constraint undoes itself and spoils nothing. Any
// other failure, of a statement or of the commit, undoes the whole batch.
func commit(c *conn, batch []*write) {
	if err := transact(c, batch); err != nil {
		err = translate(err)
		if _, rollback := c.exec("ROLLBACK"); rollback != nil && !idle(rollback) {
			err = errors.Join(err, translate(rollback))
		}
		for _, w := range batch {
			w.err = err
		}
	}
}

func transact(c *conn, batch []*write) error {
	if _, err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	for _, w := range batch {
		if w.err = translate(w.run(c)); w.err != nil && !harmless(w.err) {
			return w.err
		}
	}
	_, err := c.exec("COMMIT")
	return err
}
