package people

import (
	"context"
	"errors"
	"sync"

	"havn/internal/store"
)

// Named is who somebody is to those who see their name.
type Named struct{ Name, Email string }

// lookUps is how many accounts are read at once.
const lookUps = 64

// Names adds the names of accounts to known; who is gone has none.
func (p *People) Names(ctx context.Context, ids []string, known map[string]Named) error {
	var all sync.WaitGroup
	var mu sync.Mutex
	var failed error
	todo := make(chan string)
	for range min(lookUps, len(ids)) {
		all.Go(func() {
			for id := range todo {
				a, err := p.accounts.Get(ctx, id)
				mu.Lock()
				switch {
				case err == nil:
					known[id] = Named{a.Name, a.Email}
				case errors.Is(err, store.ErrNotFound):
					known[id] = Named{}
				default:
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range ids {
		todo <- id
	}
	close(todo)
	all.Wait()
	return failed
}
