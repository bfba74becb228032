// Package seed fills an empty store with fictional people: a tree of
// organisations in several countries, what they assign, and what their people
// have begun and completed over two years. It is for looking at reports, and for
// measuring them at a size that no test types in.
//
// Everything follows from [Plan]: the same plan gives the same documents. What is
// derived elsewhere (who has to take what, by when, what follows for an enrolment)
// is derived by the rooms that do so for real people, so that a server finds
// nothing to put right.
//
// Nobody here has a password, an address that exists, or a name that was taken
// from somewhere: names are put together from lists.
package seed

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"havn/internal/audit"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/tracking"
)

// Plan is what is asked for.
type Plan struct {
	Learners int // 1…MaxLearners
	Courses  int // 1…MaxCourses
	Seed     uint64
	// Until is the day on which the two years end; it is part of what the same
	// data needs.
	Until time.Time
	// Add fills a store that holds people already.
	Add bool
}

// Limits of a plan.
const (
	MaxLearners = 2_000_000
	MaxCourses  = 100
)

// Counts is what was made.
type Counts struct {
	Organisations, Courses, Assignments, People, Enrolments, Completions int
}

// ErrNotEmpty is that the store holds people and Plan.Add does not say that this
// is known.
var ErrNotEmpty = errors.New("the store holds people already; --add puts the fictional ones beside them")

// collections are those that are filled.
type collections struct {
	organisations *store.Collection[people.Organisation, *people.Organisation]
	accounts      *store.Collection[people.Account, *people.Account]
	assignments   *store.Collection[tracking.Assignment, *tracking.Assignment]
	enrolments    *store.Collection[learning.Enrolment, *learning.Enrolment]
	certificates  *store.Collection[learning.Certificate, *learning.Certificate]
}

func open(ctx context.Context, e store.Engine) (c collections, err error) {
	var errs [5]error
	c.organisations, errs[0] = store.Open[people.Organisation](ctx, e, people.OrganisationSchema)
	c.accounts, errs[1] = store.Open[people.Account](ctx, e, people.AccountSchema)
	c.assignments, errs[2] = store.Open[tracking.Assignment](ctx, e, tracking.AssignmentSchema)
	c.enrolments, errs[3] = store.Open[learning.Enrolment](ctx, e, learning.EnrolmentSchema)
	c.certificates, errs[4] = store.Open[learning.Certificate](ctx, e, learning.CertificateSchema)
	return c, errors.Join(errs[:]...)
}

// Fill makes what the plan says. progress is told now and then how many people
// there are. A store that was filled by the same plan is store.ErrExists.
func Fill(ctx context.Context, e store.Engine, p Plan, progress func(people int)) (Counts, error) {
	var n Counts
	if p.Learners < 1 || p.Learners > MaxLearners || p.Courses < 1 || p.Courses > MaxCourses {
		return n, fmt.Errorf("1 to %d learners and 1 to %d courses can be made", MaxLearners, MaxCourses)
	}
	c, err := open(ctx, e)
	if err != nil {
		return n, err
	}
	if page, err := c.accounts.Find(ctx, store.Query{Limit: 1}); err != nil {
		return n, err
	} else if len(page.Items) > 0 && !p.Add {
		return n, ErrNotEmpty
	}
	if err := publish(ctx, e, p.Courses); err != nil {
		return n, err
	}
	w := p.world()
	n.Courses, n.Organisations, n.Assignments = p.Courses, len(w.organisations), len(w.assignments)
	for i := range w.organisations {
		if err := c.organisations.Insert(ctx, &w.organisations[i]); err != nil {
			return n, err
		}
	}
	if err := pending.Each(ctx, atOnce, upTo(len(w.assignments)), func(i int) error { return c.assignments.Insert(ctx, &w.assignments[i]) }); err != nil {
		return n, err
	}
	var mu sync.Mutex
	err = pending.Each(ctx, atOnce, upTo(p.Learners), func(i int) error {
		one := w.person(i)
		if err := c.accounts.Insert(ctx, one.account); err != nil {
			return err
		}
		for _, e := range one.enrolments {
			if err := c.enrolments.Insert(ctx, e); err != nil {
				return err
			}
		}
		for _, x := range one.certificates {
			if err := c.certificates.Insert(ctx, x); err != nil {
				return err
			}
		}
		mu.Lock()
		defer mu.Unlock()
		n.People, n.Enrolments, n.Completions = n.People+1, n.Enrolments+len(one.enrolments), n.Completions+len(one.certificates)
		if progress != nil && n.People%10_000 == 0 {
			progress(n.People)
		}
		return nil
	})
	return n, err
}

// atOnce is how many writes are under way: the embedded store commits them
// together.
const atOnce = 256

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// publish publishes the courses; those of an earlier plan stay as they are.
func publish(ctx context.Context, e store.Engine, courses int) error {
	log, err := audit.Open(ctx, e, time.Now)
	if err != nil {
		return err
	}
	l, err := library.Open(ctx, e, log, time.Now)
	if err != nil {
		return err
	}
	for i := range courses {
		_, problems, err := l.Publish(ctx, Slug(i), files(i), library.Author{})
		if err != nil {
			return fmt.Errorf("%s: %w (%v)", Slug(i), err, problems)
		}
	}
	return nil
}
