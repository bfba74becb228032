// Package pending lets a decision reach everybody whom it concerns, or takes it back
// from them: a document that is pending until it has, taken on by one server at a time
// under a lease, and gone on with by another from where it broke off. It also has what
// work in the background needs besides: a Bell, and Each, which does many things at
// once.
package pending

import (
	"context"
	"errors"
	"time"

	"havn/internal/store"
)

// lease is how long a server has between two notes of how far it came, before another
// goes on in its place.
const lease = time.Minute

// Decision is embedded in the document, which is found by an index on "pending".
type Decision struct {
	Undone   bool       `json:"undone"` // or being undone, while it is pending
	UndoneAt store.Time `json:"undone_at"`
	Pending  string     `json:"pending"`   // "1" until it has reached everybody
	LeasedTo store.Time `json:"leased_to"` // until when a server brings it
}

// State is how far a decision is.
type State string

// The states.
const (
	Pending State = "pending"
	Done    State = "done"
	Undoing State = "undoing"
	Undone  State = "undone"
)

// State is that.
func (d *Decision) State() State {
	switch {
	case d.Undone && d.Pending != "":
		return Undoing
	case d.Undone:
		return Undone
	case d.Pending != "":
		return Pending
	}
	return Done
}

// Decide begins to bring it to everybody.
func (d *Decision) Decide() { d.Pending = "1" }

// Undo begins to take it back from everybody.
func (d *Decision) Undo(now store.Time) { d.Undone, d.UndoneAt, d.Pending = true, now, "1" }

// Lease gives this package its handle on the embedded Decision.
func (d *Decision) Lease() *Decision { return d }

// Document is a pointer to a struct that embeds [store.Meta] and Decision.
type Document[T any] interface {
	*T
	store.Document
	Lease() *Decision
}

var errElsewhere = errors.New("another server has it, or it was decided anew")

// All are the documents that are pending.
func All[T any, P Document[T]](ctx context.Context, c *store.Collection[T, P]) ([]T, error) {
	page, err := c.Find(ctx, store.Query{Where: []store.Cond{store.Is("pending", "1")}})
	return page.Items, err
}

// Bring takes a document on and lets it reach everybody. do goes from where it broke
// off, and keeps after each batch how far it came; done is the last note. Where another
// server has it, nothing is done; where it was decided anew meanwhile, wake is called,
// to begin again.
func Bring[T any, P Document[T]](ctx context.Context, c *store.Collection[T, P], id string, now func() time.Time, wake func(), do func(x *T, keep func(func(*T)) error) error, done func(*T)) error {
	held := store.At(now().Add(lease))
	x, err := c.Update(ctx, id, func(x *T) error {
		if d := P(x).Lease(); d.Pending == "" || now().Before(d.LeasedTo.Time) {
			return errElsewhere
		}
		P(x).Lease().LeasedTo = held
		return nil
	})
	if errors.Is(err, errElsewhere) {
		return nil
	}
	if err != nil {
		return err
	}
	rev := P(x).Base().Rev
	keep := func(change func(*T)) error {
		next := store.At(now().Add(lease))
		x, err := c.Update(ctx, id, func(x *T) error {
			if P(x).Base().Rev != rev {
				return errElsewhere
			}
			P(x).Lease().LeasedTo = next
			change(x)
			return nil
		})
		if err == nil {
			rev, held = P(x).Base().Rev, next
		}
		return err
	}
	if err = do(x, keep); err == nil {
		err = keep(func(x *T) {
			done(x)
			d := P(x).Lease()
			d.Pending, d.LeasedTo = "", store.Time{}
		})
	}
	if err == nil {
		return nil
	}
	// Whoever goes on need not wait for the lease to end.
	_, released := c.Update(context.WithoutCancel(ctx), id, func(x *T) error {
		if !P(x).Lease().LeasedTo.Equal(held.Time) {
			return store.ErrUnchanged
		}
		P(x).Lease().LeasedTo = store.Time{}
		return nil
	})
	if errors.Is(err, errElsewhere) {
		wake()
		err = nil
	}
	return errors.Join(err, released)
}
