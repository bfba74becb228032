package tracking

import (
	"context"

	"havn/internal/people"
	"havn/internal/store"
)

// Merge brings a person from one of their accounts to the other: into its cohorts by
// hand, as far as they still work there, and with what was assigned to them alone.
// What follows is derived. A repeat is harmless.
func (t *Tracking) Merge(ctx context.Context, from string, into *people.Account) error {
	r, err := t.RecordOf(ctx, from)
	if err != nil {
		return err
	}
	for _, m := range r.Memberships {
		if m.As == AsMember {
			if err := t.bind(ctx, m.Cohort, AsMember, into.ID); err != nil {
				return err
			}
		}
		if err := t.unbind(ctx, m.Cohort, m.As, from); err != nil {
			return err
		}
	}
	for _, a := range r.Assignments {
		if _, err := t.assignments.Update(ctx, a.ID, func(a *Assignment) error {
			a.To = string(TargetOf(ToPerson, into.ID))
			return nil
		}); store.IgnoreMissing(err) != nil {
			return err
		}
	}
	return t.Follow(ctx, into)
}
