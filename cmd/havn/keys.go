package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"havn/internal/audit"
	"havn/internal/issuer"
	"havn/internal/store"
)

type keysCmd struct {
	Rotate rotateCmd `cmd:"" help:"Make a new signing key; the earlier ones stay published, and what they signed holds."`
}

type rotateCmd struct{ storeFlags }

// Run makes the key in the store. Servers on MongoDB take it in within seconds;
// a data folder belongs to one process, so its server is stopped for this.
func (c *rotateCmd) Run() error {
	ctx := context.Background()
	engine, err := c.open(ctx)
	if errors.Is(err, store.ErrInUse) {
		return errors.New("a server is running on this data folder; stop it, rotate, and start it again")
	}
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	log, err := audit.Open(ctx, engine, time.Now)
	if err != nil {
		return err
	}
	keys, err := issuer.Open(ctx, engine, nil, nil, time.Now)
	if err != nil {
		return err
	}
	before := keys.Key().DID()
	if err := keys.Rotate(ctx, log, time.Now()); err != nil {
		return err
	}
	fmt.Printf("signs now   %s\nended       %s\n", keys.Key().DID(), before)
	return nil
}
