package learning

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// MayMerge tells whether what one account learned can be given to another now. The
// fault "merge-attempt-open" says that a quiz is open in the one that stays which was
// taken in the other, too: it has to be handed in first.
func (l *Learning) MayMerge(ctx context.Context, from, into string) error {
	mine, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", into)}})
	if err != nil {
		return err
	}
	for _, a := range mine.Items {
		if !a.IsOpen() {
			continue
		}
		if theirs, err := l.attemptsAt(ctx, Learner{ID: from}, a.Course, a.Quiz); err != nil || len(theirs) > 0 {
			return cmp.Or(err, error(fault.New("merge-attempt-open").With("attempt", a.ID)))
		}
	}
	return nil
}

// Merge gives all that one account learned to another of the same person: attempts,
// numbered behind those that are there; certificates, as they were issued; what was
// read and passed; practice. Of two completions the one counts whose certificate
// holds longer. Nothing that was passed or completed is taken away. A repeat is
// harmless, and goes on where it broke off.
func (l *Learning) Merge(ctx context.Context, from string, into Learner) error {
	r, err := l.RecordOf(ctx, from)
	if err != nil {
		return err
	}
	for _, a := range slices.Backward(r.Attempts) { // the oldest first
		if err := l.adopt(ctx, &a, into); err != nil {
			return err
		}
	}
	for _, c := range r.Certificates {
		if _, err := l.certificates.Update(ctx, c.ID, func(c *Certificate) error {
			c.Account = into.ID
			return nil
		}); store.IgnoreMissing(err) != nil {
			return err
		}
	}
	for _, c := range r.Practice {
		own := c
		own.Meta, own.Account = store.Meta{ID: cardID(into.ID, c.Course, c.Question)}, into.ID
		if err := l.practice.Insert(ctx, &own); err != nil && !errors.Is(err, store.ErrExists) {
			return err
		}
		if err := store.IgnoreMissing(l.practice.Delete(ctx, c.ID)); err != nil {
			return err
		}
	}
	for i := range r.Enrolments {
		if err := l.join(ctx, &r.Enrolments[i], into); err != nil {
			return err
		}
	}
	return nil
}

// adopt numbers an attempt behind those that a learner has at its quiz, as theirs.
func (l *Learning) adopt(ctx context.Context, a *Attempt, into Learner) error {
	for {
		before, err := l.attemptsAt(ctx, into, a.Course, a.Quiz)
		if err != nil {
			return err
		}
		_, err = l.attempts.Update(ctx, a.ID, func(a *Attempt) error {
			if a.Account == into.ID {
				return store.ErrUnchanged
			}
			a.Account, a.Number = into.ID, len(before)+1
			return nil
		})
		if !errors.Is(err, store.ErrTaken) { // else another attempt has just begun: look again
			return store.IgnoreMissing(err)
		}
	}
}

// join brings an enrolment into the learner's own at the course.
func (l *Learning) join(ctx context.Context, other *Enrolment, into Learner) error {
	p, err := l.current(into, other.Course)
	if fault.Is(err, "not-found") {
		p, err = nil, nil // not published any more
	}
	if err != nil {
		return err
	}
	fresh := newEnrolment(into, other.Course)
	if err := l.enrolments.Insert(ctx, fresh); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	standings, err := l.standings(ctx, into, p)
	if err != nil {
		return err
	}
	code := l.Code()
	e, err := l.enrolments.Update(ctx, fresh.ID, func(e *Enrolment) error {
		e.join(other, into)
		for quiz, s := range standings {
			if s.Passed || !e.Quizzes[quiz].Passed {
				e.Quizzes[quiz] = s
			}
		}
		if p != nil && e.Begun() {
			e.achieve(p, code, l.stamp())
		}
		if p != nil {
			e.weigh(p.Course.Completion.ValidMonths)
		}
		e.ChangedAt = l.stamp()
		e.date(e.ChangedAt)
		return nil
	})
	if err == nil && p != nil {
		err = l.certify(ctx, into, p, e)
	}
	if err != nil {
		return err
	}
	return store.IgnoreMissing(l.enrolments.Delete(ctx, other.ID))
}

// standings is what counts of each quiz of a course that the learner has attempts
// at; none where the course is not published any more.
func (l *Learning) standings(ctx context.Context, who Learner, p *course.Publication) (map[string]Standing, error) {
	out := map[string]Standing{}
	if p == nil {
		return out, nil
	}
	page, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID), store.Is("course", p.Course.Slug)}})
	if err != nil {
		return nil, err
	}
	for i := range page.Items {
		a := &page.Items[i]
		if _, done := out[a.Quiz]; done || a.Result == nil {
			continue
		}
		if _, out[a.Quiz], err = l.standing(ctx, who, p, a); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// join takes up, in memory, what the person did under another account. The one that
// came further stays, with what the other has beyond it.
func (e *Enrolment) join(other *Enrolment, into Learner) {
	mine, theirs := *e, *other
	if theirs.further(&mine) {
		*e, theirs = theirs, mine
		e.Meta, e.Account = mine.Meta, mine.Account
		e.Unit, e.Language, e.Country, e.Profession = into.Unit, into.Language, into.Country, into.Profession
	}
	e.Pages, e.Later, e.Quizzes = earliest(e.Pages, theirs.Pages), earliest(e.Later, theirs.Later), maps.Clone(e.Quizzes)
	if e.Quizzes == nil {
		e.Quizzes = map[string]Standing{}
	}
	for page := range e.Pages {
		delete(e.Later, page)
	}
	for quiz, s := range theirs.Quizzes {
		if had, ok := e.Quizzes[quiz]; !ok || s.Passed && !had.Passed {
			e.Quizzes[quiz] = s
		}
	}
	if !theirs.EnrolledAt.IsZero() && theirs.EnrolledAt.Before(e.EnrolledAt.Time) {
		e.EnrolledAt = theirs.EnrolledAt
	}
	if e.SinceWeek == "" || theirs.SinceWeek != "" && theirs.SinceWeek < e.SinceWeek {
		e.SinceWeek = theirs.SinceWeek
	}
	if len(theirs.LetOff) > 0 {
		off := maps.Clone(theirs.LetOff)
		maps.Copy(off, e.LetOff)
		e.LetOff = off
	}
	if len(theirs.Elsewhere) > 0 {
		elsewhere := maps.Clone(theirs.Elsewhere)
		maps.Copy(elsewhere, e.Elsewhere)
		e.Elsewhere = elsewhere
	}
	// Who has to take what follows from where the person is; that they are let off
	// was decided about them.
	e.Duties = maps.Clone(mine.Duties)
	if e.Duties == nil {
		e.Duties = map[string]Duty{}
	}
	for id, d := range other.Duties {
		if own, ok := e.Duties[id]; !ok {
			e.Duties[id] = d
		} else if own.Exempt == "" {
			own.Exempt = d.Exempt
			e.Duties[id] = own
		}
	}
}

// further tells whether an enrolment came further than another: it is completed and
// the other is not or its certificate ends earlier, or begun and the other is not.
func (e *Enrolment) further(o *Enrolment) bool {
	rank := func(e *Enrolment) int {
		switch {
		case e.Status == Completed:
			return 2
		case e.Begun():
			return 1
		}
		return 0
	}
	if a, b := rank(e), rank(o); a != b || a < 2 {
		return a > b
	}
	return !o.EndsAt.IsZero() && (e.EndsAt.IsZero() || e.EndsAt.After(o.EndsAt.Time))
}

func earliest(a, b map[string]store.Time) map[string]store.Time {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]store.Time{}
	}
	for id, at := range b {
		if had, ok := out[id]; !ok || at.Before(had.Time) {
			out[id] = at
		}
	}
	return out
}
