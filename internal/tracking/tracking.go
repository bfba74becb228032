// Package tracking is who has to take which course, by when, and who goes along
// with whom: cohorts with their tutors, and assignments.
//
// What an administrator decides is one document: a cohort, or an assignment of a
// course to a cohort, to a unit with all below it, or to a person. What follows
// from it for each person is derived by Follow, which can run at any time and is
// run whenever somebody moves, joins or changes their language, for everybody
// whom a new decision touches (Work, in the background, from where it broke off),
// and for all once a day (Repair).
//
// It is written into the enrolment (learning.Duty), not into a list of its own
// and not worked out when somebody asks: a report needs one document for each
// person and course with the unit, the status and the day on which something is
// due as indexed fields, so that "who is overdue in this region" is a count that
// the store does. Worked out on reading, it would load every person; in
// documents of assignments and persons, it would join two collections, which no
// store here does.
//
// Membership of a cohort by hand and by rule is kept alike, one document for each
// cohort and person, since a tutor may see only what somebody answered after they
// were told of it; by rule, it is derived like all else.
//
// A tutor sees the standing of the members of the cohort in the cohort's courses
// by people.SeeCohort at the cohort's path. What the members answered, by
// people.SeeAnswers and only as far as sight.go says.
package tracking

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
)

// Options are what the room is given from outside.
type Options struct {
	People   *people.People
	Learning *learning.Learning
	Library  *library.Library
	Log      *audit.Log
	Now      func() time.Time
	// Learner is an account as the learning room knows people.
	Learner func(*people.Account) learning.Learner
	// CountWithin is how long counting figures may take for them to be counted
	// whenever somebody asks; where it takes longer they are kept.
	CountWithin time.Duration
}

// Tracking is the room's door. It is safe for concurrent use, and by several
// servers on one store.
type Tracking struct {
	Options
	cohorts     *store.Collection[Cohort, *Cohort]
	memberships *store.Collection[Membership, *Membership]
	assignments *store.Collection[Assignment, *Assignment]

	bell    pending.Bell
	working sync.Mutex
	figures figures
	public  public
}

// AssignmentSchema is how assignments are kept.
var AssignmentSchema = store.Schema{Name: "assignments", Version: 1, Indexes: []store.Index{
	{Fields: []string{"organisation"}}, {Fields: []string{"to"}}, {Fields: []string{"pending"}},
}}

// Open declares the collections.
func Open(ctx context.Context, e store.Engine, o Options) (*Tracking, error) {
	t := &Tracking{Options: o, bell: pending.NewBell()}
	by := func(fields ...string) (list []store.Index) {
		for _, f := range fields {
			list = append(list, store.Index{Fields: []string{f}})
		}
		return list
	}
	var errs [3]error
	t.cohorts, errs[0] = store.Open[Cohort](ctx, e, store.Schema{Name: "cohorts", Version: 1, Indexes: by("organisation", "kind", "pending")})
	t.memberships, errs[1] = store.Open[Membership](ctx, e, store.Schema{Name: "memberships", Version: 1, Indexes: append(by("account"), store.Index{Fields: []string{"cohort", "as"}})})
	t.assignments, errs[2] = store.Open[Assignment](ctx, e, AssignmentSchema)
	return t, errors.Join(errs[:]...)
}

// Waiting tells when there is Work on this server.
func (t *Tracking) Waiting() <-chan struct{} { return t.bell }

func (t *Tracking) stamp() store.Time { return store.At(t.Now()) }

func checkID(id, field string) error {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return fault.At("id-invalid", field)
	}
	return nil
}

// missing is the fault for what is not there, or for what an id cannot name.
func missing(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return fault.New("not-found")
	}
	return err
}

// dayStart is when a day begins in a time zone. Where the clocks are put forward
// over midnight it is the first moment that there is.
func dayStart(day string, zone *time.Location) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, day, zone)
	if err != nil {
		return time.Time{}, err
	}
	if t.Format(time.DateOnly) < day { // there is no midnight on that day
		t = t.Add(time.Hour)
	}
	return t, nil
}

// dayEnd is when the next day begins.
func dayEnd(day string, zone *time.Location) (time.Time, error) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}, err
	}
	return dayStart(t.AddDate(0, 0, 1).Format(time.DateOnly), zone)
}
