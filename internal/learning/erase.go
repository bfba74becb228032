package learning

import (
	"context"
	"errors"
	"slices"
	"time"

	"havn/internal/store"
)

// Record is everything that this room holds of one person.
type Record struct {
	Enrolments   []Enrolment   `json:"enrolments"`
	Attempts     []Attempt     `json:"attempts"`
	Certificates []Certificate `json:"certificates"`
	Practice     []Card        `json:"practice"`
}

// RecordOf collects it, the newest first.
func (l *Learning) RecordOf(ctx context.Context, account string) (r Record, err error) {
	if r.Enrolments, err = l.enrolmentsOf(ctx, Learner{ID: account}); err != nil {
		return r, err
	}
	of := store.Query{Where: []store.Cond{store.Is("account", account)}}
	attempts, err := l.attempts.Find(ctx, of)
	if err != nil {
		return r, err
	}
	if r.Certificates, err = l.Certificates(ctx, Learner{ID: account}); err != nil {
		return r, err
	}
	practice, err := l.practice.Find(ctx, of)
	r.Attempts, r.Practice = attempts.Items, practice.Items
	slices.SortFunc(r.Attempts, func(a, b Attempt) int { return b.StartedAt.Compare(a.StartedAt.Time) })
	return r, err
}

// KeepAnswers is how long answers are kept after they were handed in; the score
// stays.
const KeepAnswers = 365 * 24 * time.Hour

// ForgetAnswers takes the answers out of attempts that were handed in longer ago
// than KeepAnswers, and what each question earned; and practice that rests.
func (l *Learning) ForgetAnswers(ctx context.Context) error {
	before := l.Now().Add(-KeepAnswers)
	var ids []string
	err := l.attempts.Each(ctx, store.Query{Where: []store.Cond{store.Is("state", string(Settled))}}, func(a *Attempt) error {
		if a.SubmittedAt.Before(before) && len(a.Answers) > 0 {
			ids = append(ids, a.ID)
		}
		return nil
	})
	for _, id := range ids {
		if _, err := l.attempts.Update(ctx, id, func(a *Attempt) error {
			a.Answers, a.Result.Questions = map[string]Answer{}, nil
			for i := range a.Regraded {
				a.Regraded[i].Before.Questions = nil
			}
			return nil
		}); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return errors.Join(err, l.forgetPractice(ctx))
}

// Erase forgets a person: what they read, answered and completed. A certificate
// stays under its code, so that a paper can still be checked, but names nobody.
// A repeat is harmless.
func (l *Learning) Erase(ctx context.Context, account string) error {
	r, err := l.RecordOf(ctx, account)
	if err != nil {
		return err
	}
	for _, e := range r.Enrolments {
		if err := store.IgnoreMissing(l.enrolments.Delete(ctx, e.ID)); err != nil {
			return err
		}
	}
	for _, a := range r.Attempts {
		if err := store.IgnoreMissing(l.attempts.Delete(ctx, a.ID)); err != nil {
			return err
		}
	}
	for _, c := range r.Practice {
		if err := store.IgnoreMissing(l.practice.Delete(ctx, c.ID)); err != nil {
			return err
		}
	}
	for _, c := range r.Certificates {
		if _, err := l.certificates.Update(ctx, c.ID, func(c *Certificate) error {
			c.Account, c.Holder, c.Language, c.Renews = "", "", "", ""
			return nil
		}); store.IgnoreMissing(err) != nil {
			return err
		}
	}
	return nil
}
