package learning

import (
	"time"

	"havn/internal/store"
)

// Past is what somebody did in a course before Havn was there to see it.
type Past struct {
	Version int
	// Since is when they came to have the course; Began and Completed are zero
	// where they did not.
	Since, Began, Completed time.Time
	Pages                   []string            // read when they began
	Quizzes                 map[string]Standing // that counted
	Duties                  map[string]Duty     // by assignment
	Certificate             string              // code
	ValidMonths             int                 // of the certificate; 0 for ever
}

// Enrolment is the enrolment that came of a past. It is pure.
func (p Past) Enrolment(who Learner, slug string) *Enrolment {
	e := newEnrolment(who, slug)
	e.Version, e.EnrolledAt, e.CompletedAt = p.Version, store.At(p.Began), store.At(p.Completed)
	for id, d := range p.Duties {
		e.Duties[id] = d
	}
	if !p.Began.IsZero() {
		e.Status = Enrolled
		for _, id := range p.Pages {
			e.Pages[id], e.LastPage = e.EnrolledAt, id
		}
		for id, s := range p.Quizzes {
			e.Quizzes[id] = s
		}
	}
	if !p.Completed.IsZero() {
		e.Status, e.Certificate, e.CertificateVersion = Completed, p.Certificate, p.Version
		if p.ValidMonths > 0 {
			e.EndsAt = store.At(addMonths(p.Completed, p.ValidMonths))
		}
	}
	e.weigh(p.ValidMonths)
	e.date(store.At(p.Since))
	for _, t := range []time.Time{p.Since, p.Began, p.Completed} {
		if t.After(e.ChangedAt.Time) {
			e.ChangedAt = store.At(t)
		}
	}
	return e
}
