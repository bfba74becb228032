package learning

import (
	"cmp"
	"context"
	"errors"
	"time"

	"havn/internal/fault"
	"havn/internal/store"
)

// Elsewhere is that somebody completed the course where Havn did not see it, as a
// list of another system says. It makes no certificate of Havn and does not make
// the course begun here; it counts as trained until it ends, and is renewed by
// taking the course here.
type Elsewhere struct {
	On        string     `json:"on"`        // day of the completion, "2024-03-01"
	EndsOn    string     `json:"ends_on"`   // last day on which it holds, as the list says; "" it does not say
	Reference string     `json:"reference"` // of a certificate, in the other system
	Origin    string     `json:"origin"`    // name of that system or place
	Import    string     `json:"import"`    // the list that brought it
	At        store.Time `json:"at"`        // when it was brought
}

// MaxElsewhere is how many completions of one course are kept of a person.
const MaxElsewhere = 20

// after orders completions: the newest is the one that counts, and of one day the
// one that holds longest.
func (x Elsewhere) after(y Elsewhere) bool {
	if c := cmp.Compare(x.On, y.On); c != 0 {
		return c > 0
	}
	last := func(e Elsewhere) string { return cmp.Or(e.EndsOn, "9") }
	return cmp.Or(cmp.Compare(last(x), last(y)), cmp.Compare(x.Origin+x.Reference, y.Origin+y.Reference)) > 0
}

// Recorded is the completion elsewhere that counts; nil where there is none.
func (e *Enrolment) Recorded() *Elsewhere {
	var newest *Elsewhere
	for _, x := range e.Elsewhere {
		if newest == nil || x.after(*newest) {
			newest = &x
		}
	}
	return newest
}

// DoneAt is when the certificate was earned that there is, or else when the course
// was completed elsewhere; the zero time where it was not.
func (e *Enrolment) DoneAt() time.Time {
	if !e.CompletedAt.IsZero() {
		return e.CertifiedAt()
	}
	if x := e.Recorded(); x != nil {
		day, err := time.Parse(time.DateOnly, x.On)
		if err == nil {
			return day
		}
	}
	return time.Time{}
}

// recordEnds is when the completion elsewhere ends that counts: by the course's
// rule, or before that where its list says so; zero: never, or there is none.
func (e *Enrolment) recordEnds(validMonths int) store.Time {
	x := e.Recorded()
	if x == nil {
		return store.Time{}
	}
	end := store.Time{}
	if on, err := time.Parse(time.DateOnly, x.On); err == nil && validMonths > 0 {
		end = store.At(addMonths(on, validMonths))
	}
	if last, err := time.Parse(time.DateOnly, x.EndsOn); err == nil {
		if said := store.At(last.AddDate(0, 0, 1)); end.IsZero() || said.Before(end.Time) {
			end = said
		}
	}
	return end
}

// Record notes under a key that somebody completed a course elsewhere, and makes
// the enrolment where there is none. A repeat is harmless: the first with a key
// stays. It tells whether this list's is the one that is kept. The fault is
// "too-many-records".
func (l *Learning) Record(ctx context.Context, who Learner, slug, key string, x Elsewhere) (kept bool, err error) {
	x.At = l.stamp()
	months := l.validMonths(slug)
	change := func(e *Enrolment) error {
		had, ok := e.Elsewhere[key]
		switch {
		case ok:
			kept = had.Import == x.Import
			return store.ErrUnchanged
		case len(e.Elsewhere) >= MaxElsewhere:
			return fault.New("too-many-records").With("max", MaxElsewhere)
		}
		if e.Elsewhere == nil {
			e.Elsewhere = map[string]Elsewhere{}
		}
		e.Elsewhere[key], kept = x, true
		e.recorded(x.At, months)
		return nil
	}
	id := enrolmentID(who.ID, slug)
	_, err = l.enrolments.Update(ctx, id, change)
	if !errors.Is(err, store.ErrNotFound) {
		return kept, err
	}
	e := newEnrolment(who, slug)
	if err := change(e); err != nil {
		return false, err
	}
	err = l.enrolments.Insert(ctx, e)
	if errors.Is(err, store.ErrExists) { // just begun
		_, err = l.enrolments.Update(ctx, id, change)
	}
	return kept, err
}

// TakeBack takes away what a list brought under a key. A repeat is harmless.
func (l *Learning) TakeBack(ctx context.Context, account, slug, key, list string) error {
	now, months := l.stamp(), l.validMonths(slug)
	_, err := l.enrolments.Update(ctx, enrolmentID(account, slug), func(e *Enrolment) error {
		if had, ok := e.Elsewhere[key]; !ok || had.Import != list {
			return store.ErrUnchanged
		}
		delete(e.Elsewhere, key)
		e.recorded(now, months)
		return nil
	})
	return store.IgnoreMissing(err)
}

// recorded derives what follows from a change of what is known from elsewhere.
func (e *Enrolment) recorded(now store.Time, validMonths int) {
	e.weigh(validMonths)
	e.date(now)
	e.ChangedAt = now
}
