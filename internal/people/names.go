package people

import (
	"context"
	"errors"
	"sync"

	"havn/internal/pending"
	"havn/internal/store"
)

// Named is who somebody is to those who see their name.
type Named struct{ Name, Email string }

// Names adds the names of accounts to known; who is gone has none.
func (p *People) Names(ctx context.Context, ids []string, known map[string]Named) error {
	var mu sync.Mutex
	return pending.Each(ctx, pending.AtOnce, ids, func(id string) error {
		a, err := p.accounts.Get(ctx, id)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case errors.Is(err, store.ErrNotFound):
			known[id] = Named{}
		case err != nil:
			return err
		default:
			known[id] = Named{a.Name, a.Email}
		}
		return nil
	})
}
