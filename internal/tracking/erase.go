package tracking

import (
	"context"

	"havn/internal/store"
)

// Record is everything that this room holds of one person.
type Record struct {
	Memberships []Membership
	Assignments []Assignment // to the person alone
}

// RecordOf collects it.
func (t *Tracking) RecordOf(ctx context.Context, account string) (r Record, err error) {
	memberships, err := t.memberships.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	if err != nil {
		return r, err
	}
	assignments, err := t.assignments.Find(ctx, store.Query{Where: []store.Cond{store.Is("to", string(TargetOf(ToPerson, account)))}})
	return Record{memberships.Items, assignments.Items}, err
}

// Erase forgets a person. A repeat is harmless.
func (t *Tracking) Erase(ctx context.Context, account string) error {
	r, err := t.RecordOf(ctx, account)
	if err != nil {
		return err
	}
	for _, m := range r.Memberships {
		if err := store.IgnoreMissing(t.memberships.Delete(ctx, m.ID)); err != nil {
			return err
		}
	}
	for _, a := range r.Assignments {
		if err := store.IgnoreMissing(t.assignments.Delete(ctx, a.ID)); err != nil {
			return err
		}
	}
	// Where many were gone through, the person may be where it is to go on.
	behind, err := t.assignments.Find(ctx, store.Query{Where: []store.Cond{store.Is("pending", "1")}})
	if err != nil {
		return err
	}
	for _, a := range behind.Items {
		if a.Behind != account {
			continue
		}
		if _, err := t.assignments.Update(ctx, a.ID, func(a *Assignment) error {
			if a.Behind != account {
				return store.ErrUnchanged
			}
			a.Behind, a.Reached = "", 0
			return nil
		}); store.IgnoreMissing(err) != nil {
			return err
		}
	}
	return nil
}
