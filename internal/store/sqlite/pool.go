package sqlite

import (
	"context"
	"sync"

	"havn/internal/store"
)

// readers is how many reads run at once. Reading is work for the processor, so
// more would only take memory.
const readers = 8

// pool is a fixed number of places for read connections, opened on first use.
type pool struct {
	path   string
	places chan *conn // nil is a place whose connection is not open yet
	quit   chan struct{}
	once   sync.Once
}

func newPool(path string) *pool {
	p := &pool{path: path, places: make(chan *conn, readers), quit: make(chan struct{})}
	for range readers {
		p.places <- nil
	}
	return p
}

// use lends a connection to f.
func (p *pool) use(ctx context.Context, f func(*conn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-p.quit:
		return store.ErrClosed
	default:
	}
	select {
	case c := <-p.places:
		defer func() { p.places <- c }()
		if c == nil {
			var err error
			if c, err = dial(p.path, readerPragmas); err != nil {
				return translate(err)
			}
		}
		return f(c)
	case <-p.quit:
		return store.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close waits for the reads under way and closes the connections.
func (p *pool) close() {
	p.once.Do(func() {
		close(p.quit)
		for range readers {
			if c := <-p.places; c != nil {
				c.close() // read only: nothing is lost
			}
		}
	})
}
