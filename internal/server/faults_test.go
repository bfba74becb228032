package server_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"havn/internal/store"
)

// cutOff is an engine whose updates of enrolments fail while it is set: what a
// crash between two writes leaves behind.
type cutOff struct {
	store.Engine
	on atomic.Bool
}

func (c *cutOff) set(on bool) { c.on.Store(on) }

func (c *cutOff) Update(ctx context.Context, s store.Schema, id string, fresh func() store.Document, change func(store.Document) error) (store.Document, error) {
	if c.on.Load() && s.Name == "enrolments" {
		return nil, errors.New("cut off")
	}
	return c.Engine.Update(ctx, s, id, fresh, change)
}

// interrupted is an engine that something happens to, once, before it writes in a
// collection: another request, or a fault, as of a server that falls there.
type interrupted struct {
	store.Engine
	mu   sync.Mutex
	what string
	do   func() error
}

func (c *interrupted) before(act, collection string, do func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.what, c.do = act+" "+collection, do
}

func (c *interrupted) now(act string, s store.Schema) error {
	c.mu.Lock()
	do := c.do
	if c.what != act+" "+s.Name {
		do = nil
	}
	if do != nil {
		c.do, c.what = nil, ""
	}
	c.mu.Unlock()
	if do == nil {
		return nil
	}
	return do()
}

func (c *interrupted) Insert(ctx context.Context, s store.Schema, doc store.Document) error {
	if err := c.now("insert", s); err != nil {
		return err
	}
	return c.Engine.Insert(ctx, s, doc)
}

func (c *interrupted) Update(ctx context.Context, s store.Schema, id string, fresh func() store.Document, change func(store.Document) error) (store.Document, error) {
	if err := c.now("update", s); err != nil {
		return nil, err
	}
	return c.Engine.Update(ctx, s, id, fresh, change)
}

func (c *interrupted) Delete(ctx context.Context, s store.Schema, id string) error {
	if err := c.now("delete", s); err != nil {
		return err
	}
	return c.Engine.Delete(ctx, s, id)
}
