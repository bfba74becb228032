package library

import (
	"context"

	"havn/internal/audit"
	"havn/internal/store"
)

// Withdrawal says how a course is offered: where At is set, it is shown and begun no
// more. What somebody has
// done in it stays, an attempt that is open can be ended, and certificates hold.
type Withdrawal struct {
	store.Meta `bson:",inline"` // id: the course's slug
	At         store.Time       `json:"at"` // zero: it was put back
	By         string           `json:"by"` // account
	// AssignedOnly is that only those may begin the course who have to take it.
	AssignedOnly bool `json:"assigned_only"`
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
	act, at := audit.CoursePutBack, store.Time{}
	if withdrawn {
		act, at = audit.CourseWithdrawn, store.At(l.now())
	}
	return l.offer(ctx, slug, by, act, l.Withdrawn(slug) == withdrawn, func(w *Withdrawal) { w.At = at })
}

func (l *Library) refreshWithdrawals(ctx context.Context) error {
	all, only := map[string]bool{}, map[string]bool{}
	for after := ""; ; {
		page, err := l.withdrawals.Find(ctx, store.Query{After: after, Limit: 500})
		if err != nil {
			return err
		}
		for _, w := range page.Items {
			all[w.ID], only[w.ID] = !w.At.IsZero(), w.AssignedOnly
		}
		if after = page.Next; after == "" {
			break
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.withdrawn, l.assignedOnly = all, only
	return nil
}
