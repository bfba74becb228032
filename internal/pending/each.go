package pending

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// AtOnce is how many writes are well under way at the same time: the store commits
// those of many together.
const AtOnce = 64

// Each calls f for each of a list, at most limit at the same time. After the first
// error it begins no more and gives that error; so it does where ctx ends.
func Each[T any](ctx context.Context, limit int, list []T, f func(T) error) error {
	group, going := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	for _, x := range list {
		if going.Err() != nil {
			break
		}
		group.Go(func() error { return f(x) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}
