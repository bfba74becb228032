package library

import (
	"context"
	"errors"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// Withdrawal says that a course is shown and begun no more. What somebody has
// done in it stays, an attempt that is open can be ended, and certificates hold.
type Withdrawal struct {
	store.Meta `bson:",inline"` // id: the course's slug
	At         store.Time       `json:"at"` // zero: it was put back
	By         string           `json:"by"` // account
}

var withdrawalSchema = store.Schema{Name: "withdrawals", Version: 1}

// Withdrawn tells whether a course was withdrawn, as far as this server knows.
func (l *Library) Withdrawn(slug string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.withdrawn[slug]
}

// Withdraw takes a course back, or puts it back; a repeat is harmless. Faults:
// "not-found", and what by.May says of the course's owner.
func (l *Library) Withdraw(ctx context.Context, slug string, withdrawn bool, by Author) error {
	if _, ok := l.Current(slug); !ok {
		return fault.New("not-found")
	}
	owner := l.Owner(slug)
	if by.May != nil {
		if err := by.May(owner); err != nil {
			return err
		}
	}
	if l.Withdrawn(slug) == withdrawn {
		return nil
	}
	act := audit.CoursePutBack
	w := Withdrawal{Meta: store.Meta{ID: slug}, By: by.Account}
	if withdrawn {
		act, w.At = audit.CourseWithdrawn, store.At(l.now())
	}
	if err := l.log.Add(ctx, audit.Event{Act: act, Actor: by.Account, Subject: slug, Organisation: owner}); err != nil {
		return err
	}
	err := l.withdrawals.Insert(ctx, &w)
	if errors.Is(err, store.ErrExists) {
		_, err = l.withdrawals.Update(ctx, slug, func(old *Withdrawal) error { old.At, old.By = w.At, w.By; return nil })
	}
	if err != nil {
		return err
	}
	return l.refreshWithdrawals(ctx)
}

func (l *Library) refreshWithdrawals(ctx context.Context) error {
	all := map[string]bool{}
	for after := ""; ; {
		page, err := l.withdrawals.Find(ctx, store.Query{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, w := range page.Items {
			all[w.ID] = !w.At.IsZero()
		}
		if after = page.Next; after == "" {
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.withdrawn = all
	return nil
}
