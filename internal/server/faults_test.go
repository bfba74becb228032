package server_test

import (
	"context"
	"errors"
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

// unwritten is an engine that writes no certificates while it is set: a server that
// falls between a completion and its certificate leaves the same.
type unwritten struct {
	store.Engine
	on atomic.Bool
}

func (c *unwritten) Insert(ctx context.Context, s store.Schema, doc store.Document) error {
	if c.on.Load() && s.Name == "certificates" {
		return errors.New("cut off")
	}
	return c.Engine.Insert(ctx, s, doc)
}
