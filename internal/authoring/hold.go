package authoring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/store"
)

const (
	holdFor = 30 * time.Second // longer than any writing takes
	tries   = 250              // to be let in, every 20 ms
)

// settled are the files of a draft as they belong together: not those of a moment
// between the text of a page and the lock that counts its blocks.
func (d *Drafts) settled(ctx context.Context, x *Draft) (files map[string]*DraftFile, err error) {
	for range tries {
		before, err := d.Get(ctx, x.ID)
		if err != nil {
			return nil, err
		}
		if files, err = d.Files(ctx, x); err != nil {
			return nil, err
		}
		after, err := d.Get(ctx, x.ID)
		if err != nil {
			return nil, err
		}
		if before.Rev == after.Rev && !after.held(d.now()) {
			return files, nil
		}
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (x *Draft) held(now time.Time) bool { return x.HeldBy != "" && x.HeldUntil.After(now) }

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting for a draft: %w", ctx.Err())
	case <-time.After(20 * time.Millisecond):
		return nil
	}
}

var errHeld = errors.New("authoring: somebody writes")

// hold keeps others who translate off the files of a draft, on every server, until
// it is released; a server that fell holds nothing for long. The fault
// "draft-changed" says that there was no end of others.
func (d *Drafts) hold(ctx context.Context, x *Draft) (release func(), err error) {
	me := uuid.NewString()
	for range tries {
		_, err = d.change(ctx, x.ID, func(now *Draft) error {
			switch {
			case now.Work != x.Work:
				return fault.New("not-found")
			case now.held(d.now()):
				return errHeld
			}
			now.HeldBy, now.HeldUntil = me, store.At(d.now().Add(holdFor))
			return nil
		})
		if !errors.Is(err, errHeld) {
			break
		}
		if err := wait(ctx); err != nil {
			return nil, err
		}
	}
	if errors.Is(err, errHeld) {
		return nil, fault.New("draft-changed")
	}
	if err != nil {
		return nil, err
	}
	return func() {
		_, _ = d.change(context.WithoutCancel(ctx), x.ID, func(now *Draft) error { // otherwise it ends by itself
			if now.HeldBy != me {
				return store.ErrUnchanged
			}
			now.HeldBy, now.HeldUntil = "", store.Time{}
			return nil
		})
	}, nil
}
