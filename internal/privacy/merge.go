package privacy

import (
	"context"
	"errors"
	"time"

	"havn/internal/fault"
	"havn/internal/people"
)

// settling is how long a closed account is kept after its holdings were brought
// over: what was under way when it was closed has arrived by then.
const settling = time.Minute

// Merge makes the other account that a secret shows to be the same person's one with
// a: it is closed at once, and all that it learned, wrote and has to do is a's. Faults:
// those of [people.People.Other]; "merge-attempt-open". What breaks off is finished by
// Sweep, which erases the other account afterwards.
func (k *Keeper) Merge(ctx context.Context, a *people.Account, secret string) error {
	other, err := k.People.Other(ctx, a, secret)
	if err == nil {
		err = k.Learning.MayMerge(ctx, other.ID, a.ID)
	}
	if err == nil {
		other, err = k.People.GiveUp(ctx, a, secret)
	}
	if err != nil {
		return err
	}
	return k.bring(ctx, other.ID, a)
}

func (k *Keeper) bring(ctx context.Context, from string, into *people.Account) error {
	if err := k.Learning.Merge(ctx, from, k.Tracking.Learner(into)); err != nil {
		return err
	}
	if err := k.History.Merge(ctx, from, into.ID); err != nil {
		return err
	}
	if err := k.Tracking.Merge(ctx, from, into); err != nil {
		return err
	}
	return k.Reports.Merge(ctx, from, into.ID)
}

// sweepMerged brings over what is left of accounts that were closed in favour of
// others, and erases them.
func (k *Keeper) sweepMerged(ctx context.Context) error {
	list, err := k.People.GivenUp(ctx)
	for _, from := range list {
		if k.now().Sub(from.SessionsFrom.Time) < settling {
			continue
		}
		into, failed := k.People.Account(ctx, from.MergedInto)
		switch {
		case failed == nil:
			failed = k.bring(ctx, from.ID, into)
		case fault.Is(failed, "not-found"):
			failed = nil // the person wished to be forgotten meanwhile
		}
		if failed == nil {
			failed = k.Erase(ctx, from.ID)
		}
		err = errors.Join(err, failed)
	}
	return err
}
