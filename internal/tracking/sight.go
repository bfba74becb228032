package tracking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// SightAfter is how long after a cohort's end its tutors see what was answered
// while it ran.
const SightAfter = 90 * 24 * time.Hour

// SeenUntil is when sight of answers ends.
func (c *Cohort) SeenUntil() time.Time { return c.Ends.Add(SightAfter) }

// Open tells whether tutors see answers at all at a moment.
func (c *Cohort) Open(now time.Time) bool {
	return c.Answers && !c.Removed && now.Before(c.SeenUntil())
}

// Shows tells whether a tutor of the cohort may see what a member answered: the
// cohort shows answers, the course is one of its own, the attempt was begun when
// the member had been told of it and handed in while the cohort ran, and its end
// is not more than SightAfter ago.
func (c *Cohort) Shows(m *Membership, as *Assignment, a *learning.Attempt, now time.Time) bool {
	told := later(later(c.AnswersFrom, c.Starts), later(m.Since, as.CreatedAt))
	return c.Open(now) && a.Result != nil && a.Course == as.Course && a.Account == m.Account &&
		!a.StartedAt.Before(told.Time) && a.SubmittedAt.Before(c.Ends.Time)
}

// Courses are those that a cohort takes: what is assigned to it.
func (t *Tracking) Courses(ctx context.Context, c *Cohort) ([]Assignment, error) {
	return t.AssignedTo(ctx, TargetOf(ToCohort, c.ID))
}

// Answers are the attempts of a member that a tutor may see, the oldest first.
// The fault is "not-found" for somebody who is not a member, or whose
// organisation shows no names.
func (t *Tracking) Answers(ctx context.Context, c *Cohort, account string) (list []learning.Attempt, err error) {
	m, err := t.visible(ctx, c, account)
	if err != nil {
		return nil, err
	}
	courses, err := t.Courses(ctx, c)
	if err != nil {
		return nil, err
	}
	for i := range courses {
		attempts, err := t.Learning.HandedIn(ctx, account, courses[i].Course)
		if err != nil {
			return nil, err
		}
		for _, a := range attempts {
			if c.Shows(m, &courses[i], &a, t.Now()) && !slices.ContainsFunc(list, func(x learning.Attempt) bool { return x.ID == a.ID }) {
				list = append(list, a)
			}
		}
	}
	slices.SortFunc(list, func(a, b learning.Attempt) int { return cmp.Compare(a.StartedAt.UnixNano(), b.StartedAt.UnixNano()) })
	return list, nil
}

func (t *Tracking) visible(ctx context.Context, c *Cohort, account string) (*Membership, error) {
	m, err := t.Member(ctx, c, account)
	if err != nil {
		return nil, err
	}
	a, err := t.People.Account(ctx, account)
	if err != nil {
		return nil, err
	}
	s, err := t.People.SettingsAt(ctx, a.Unit)
	if err == nil && s.Sees == people.SeesCounts {
		return nil, fault.New("not-found")
	}
	return m, err
}

// Look opens an attempt of a member for a tutor. It is written into the log
// first, which the member reads too. What may not be seen is "not-found".
func (t *Tracking) Look(ctx context.Context, tutor *people.Account, c *Cohort, account, attempt string) (*learning.Attempt, error) {
	list, err := t.Answers(ctx, c, account)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(a learning.Attempt) bool { return a.ID == attempt })
	if at < 0 {
		return nil, fault.New("not-found")
	}
	event := audit.Event{Act: audit.AnswersRead, Actor: tutor.ID, Subject: account, Organisation: c.Path(), Detail: list[at].Course}
	if err := t.Log.Add(ctx, event); err != nil {
		return nil, err
	}
	return &list[at], nil
}

// Looked is that somebody looked at one's answers.
type Looked struct {
	At     store.Time
	By     string // name; "" somebody who is gone
	Course string
}

// Looks tells a person who looked at their answers, the newest first.
func (t *Tracking) Looks(ctx context.Context, account string) (list []Looked, err error) {
	entries, err := t.Log.About(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.Act != audit.AnswersRead {
			continue
		}
		l := Looked{At: e.At, Course: e.Detail}
		if a, err := t.People.Account(ctx, e.Actor); err == nil {
			l.By = a.Name
		} else if !fault.Is(err, "not-found") {
			return nil, err
		}
		list = append(list, l)
	}
	return list, nil
}

// Own is a cohort as its member knows it.
type Own struct {
	*Cohort
	Since  store.Time
	Tutors []Tutor // who can act
	// Courses that it takes.
	Courses []Assignment
	// Seen tells that tutors see what the member hands in now, or will when it
	// starts, or still see what was handed in.
	Seen bool
}

// Of are the cohorts that a person belongs to.
func (t *Tracking) Of(ctx context.Context, account string) (list []Own, err error) {
	mine, err := t.mine(ctx, account, AsMember)
	if err != nil {
		return nil, err
	}
	for _, m := range mine {
		c, err := t.Cohort(ctx, m.Cohort)
		if fault.Is(err, "not-found") {
			continue
		} else if err != nil {
			return nil, err
		}
		own := Own{Cohort: c, Since: m.Since, Seen: c.Open(t.Now())}
		tutors, err := t.Tutors(ctx, c)
		if err != nil {
			return nil, err
		}
		own.Tutors = slices.DeleteFunc(tutors, func(x Tutor) bool { return !x.Acts })
		if own.Courses, err = t.Courses(ctx, c); err != nil {
			return nil, err
		}
		list = append(list, own)
	}
	return list, nil
}

// SeenFrom is the time before which nothing that the member began is seen, but for
// a course that is assigned later.
func (o Own) SeenFrom() store.Time { return later(later(o.AnswersFrom, o.Starts), o.Since) }

// Watching are the cohorts of a person whose tutors will see an attempt at a
// course that is begun now.
func (t *Tracking) Watching(ctx context.Context, account, slug string) ([]Own, error) {
	list, err := t.Of(ctx, account)
	return slices.DeleteFunc(list, func(o Own) bool {
		takes := slices.ContainsFunc(o.Courses, func(a Assignment) bool { return a.Course == slug })
		return !o.Seen || !takes || !o.Running(t.Now())
	}), err
}

// Tutored are the cohorts that an account goes along with.
func (t *Tracking) Tutored(ctx context.Context, a *people.Account) (list []Cohort, err error) {
	for _, path := range a.TutorOf() {
		c, err := t.Cohort(ctx, people.IDOf(path))
		if fault.Is(err, "not-found") {
			continue
		} else if err != nil {
			return nil, err
		}
		list = append(list, *c)
	}
	return list, nil
}
