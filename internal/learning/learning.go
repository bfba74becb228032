// Package learning is the rules of taking a course: enrolment, pages read,
// attempts, completion, certificates.
//
// Each act that a learner is told of ("saved", "submitted") is one atomic write
// of one document, under a key that the client made or that follows from the
// act itself, so that a repeat is harmless and a crash leaves nothing half done:
//
//	enrolment    account:course         one document holds pages read, the standing of each quiz, and what is due
//	attempt      the client's UUID      one document holds what was asked, answered and earned
//	certificate  its code               derived from a completed enrolment
//	practice     account and question   moves on at most once a day
//
// Submitting writes the attempt; the enrolment's standing and the certificate
// are derived from it by settle, which can be repeated at any time and is: by a
// repeated submission, and by Sweep for those who never came back.
//
// What a learner is asked stays on the publication on which the attempt began,
// whatever is published meanwhile.
package learning

import (
	"context"
	"time"

	"havn/internal/course"
	"havn/internal/library"
	"havn/internal/store"
)

// Learner is who acts: what this room needs to know of an account.
type Learner struct {
	ID, Name, Language string
	// Unit is the path of the organisation that they work in, "" none.
	Unit string
	// Country is where they work (ISO 3166), which decides what applies; "" unknown.
	Country string
	// Profession is what they do, "" where they do not say.
	Profession string
	// ExtraTime lengthens time limits, in per cent.
	ExtraTime int
}

// Reader picks the edition of a publication that suits whoever reads.
type Reader func(*course.Publication) *course.Edition

// Options are what the room is given from outside.
type Options struct {
	Library   *library.Library
	Languages []string // of the interface, and so of certificates
	Now       func() time.Time
	Seed      func() uint64 // what an attempt draws and shuffles by
	Code      func() string // of a certificate: unguessable, at least 128 bits
	// Learner finds the person behind an account id, for work done without one
	// being present.
	Learner func(ctx context.Context, id string) (Learner, error)
	// Corrections are those that hold for what is handed in on a version of a
	// course, the oldest first; nil: there are none.
	Corrections func(ctx context.Context, slug string, version int) ([]Correction, error)
	// YesNo labels true-false options where the course has no words of its own.
	YesNo func(lang string) (yes, no string)
}

// Learning is the room's door. It is safe for concurrent use.
type Learning struct {
	Options
	enrolments   *store.Collection[Enrolment, *Enrolment]
	attempts     *store.Collection[Attempt, *Attempt]
	certificates *store.Collection[Certificate, *Certificate]
	practice     *store.Collection[Card, *Card]
}

// EnrolmentSchema is how enrolments are kept.
var EnrolmentSchema = store.Schema{Name: "enrolments", Version: 5, Indexes: []store.Index{
	{Fields: []string{"account"}},
	{Fields: []string{"unit"}},
	{Fields: []string{"enrolled_at"}},
	{Fields: []string{"changed_at"}},
	{Fields: []string{"due_at"}},
	{Fields: []string{"ends_at"}},
	{Fields: []string{"course", "unit", "due_at", "status", "language", "profession", "since_week", "done_week", "due_on"}},
	{Fields: []string{"course", "unit", "due_at", "status", "took", "gain", "rated"}},
}}

// AttemptSchema is how attempts are kept.
var AttemptSchema = store.Schema{Name: "attempts", Version: 2, Indexes: []store.Index{
	{Fields: []string{"account", "course", "quiz", "number"}, Unique: true},
	{Fields: []string{"state", "due_at"}},
	// These begin with what no query for one learner asks for, so that none of
	// those is tempted to walk all attempts at a quiz.
	{Fields: []string{"number", "course", "quiz"}},
	{Fields: []string{"version", "course"}},
}}

// CertificateSchema is how certificates are kept.
var CertificateSchema = store.Schema{Name: "certificates", Version: 4, Indexes: []store.Index{
	{Fields: []string{"account"}},
	{Fields: []string{"revoked_at"}},
	{Fields: []string{"status_list", "status_index"}, Unique: true},
}}

// Open declares the collections.
func Open(ctx context.Context, e store.Engine, o Options) (*Learning, error) {
	l := &Learning{Options: o}
	var err error
	if l.enrolments, err = store.Open[Enrolment](ctx, e, EnrolmentSchema); err != nil {
		return nil, err
	}
	if l.attempts, err = store.Open[Attempt](ctx, e, AttemptSchema); err != nil {
		return nil, err
	}
	if l.certificates, err = store.Open[Certificate](ctx, e, CertificateSchema); err != nil {
		return nil, err
	}
	l.practice, err = store.Open[Card](ctx, e, store.Schema{Name: "practice", Version: 1, Indexes: []store.Index{
		{Fields: []string{"account"}},
		{Fields: []string{"last_at"}},
	}})
	return l, err
}

func (l *Learning) stamp() store.Time { return store.At(l.Now()) }
