package library

import (
	"context"
	"errors"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// AssignedOnly tells whether nobody may begin a course of their own accord, as far as
// this server knows: only those may who have to take it.
func (l *Library) AssignedOnly(slug string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.assignedOnly[slug]
}

// SetAssignedOnly closes a course to those who do not have to take it, or opens it to
// everybody; who has begun goes on. A repeat is harmless. Faults: as Withdraw.
func (l *Library) SetAssignedOnly(ctx context.Context, slug string, only bool, by Author) error {
	act := audit.EnrolmentOpened
	if only {
		act = audit.EnrolmentClosed
	}
	return l.offer(ctx, slug, by, act, l.AssignedOnly(slug) == only, func(w *Withdrawal) { w.AssignedOnly = only })
}

// offer changes how a course is offered, by whoever may publish it.
func (l *Library) offer(ctx context.Context, slug string, by Author, act audit.Act, same bool, change func(*Withdrawal)) error {
	if _, ok := l.Current(slug); !ok {
		return fault.New("not-found")
	}
	owner := l.Owner(slug)
	if by.May != nil {
		if err := by.May(owner); err != nil {
			return err
		}
	}
	if same {
		return nil
	}
	if err := l.log.Add(ctx, audit.Event{Act: act, Actor: by.Account, Subject: slug, Organisation: owner}); err != nil {
		return err
	}
	w := Withdrawal{Meta: store.Meta{ID: slug}, By: by.Account}
	change(&w)
	err := l.withdrawals.Insert(ctx, &w)
	if errors.Is(err, store.ErrExists) {
		_, err = l.withdrawals.Update(ctx, slug, func(old *Withdrawal) error {
			old.By = by.Account
			change(old)
			return nil
		})
	}
	if err != nil {
		return err
	}
	return l.refreshWithdrawals(ctx)
}
