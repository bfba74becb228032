package learning

import (
	"context"
	"errors"
	"maps"
	"time"

	"havn/internal/fault"
	"havn/internal/store"
)

// Duty is that a person has to take a course, as one assignment says it. Who
// assigns what to whom is for package tracking to know; it stands here because
// one document for each person and course answers who is due, and where.
type Duty struct {
	On       string     `json:"on"` // last day, "2026-12-12"; "" no day is set
	At       store.Time `json:"at"` // when that day has ended where the person works
	Priority Priority   `json:"priority"`
	// Renew is how many days before the certificate ends it has to be earned
	// anew; 0: it need not be.
	Renew  int        `json:"renew"`
	Exempt Exemption  `json:"exempt"` // "" not exempt
	Since  store.Time `json:"since"`
}

// Priority is how much an assignment matters beside others.
type Priority string

// The priorities.
const (
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

// Exemption is why somebody is exempt. There is no free text: it would come to hold
// illnesses.
type Exemption string

// The reasons.
const (
	TrainedElsewhere Exemption = "trained-elsewhere"
	Away             Exemption = "away"
	OtherDuties      Exemption = "other-duties"
	OtherReason      Exemption = "other"
)

// Exemptions are all there are.
var Exemptions = []Exemption{TrainedElsewhere, Away, OtherDuties, OtherReason}

// Overdue tells whether what was due was not done in time.
func (e *Enrolment) Overdue(now time.Time) bool {
	return !e.DueAt.IsZero() && !now.Before(e.DueAt.Time)
}

// Demanded tells whether somebody asks for the certificate to be earned anew.
func (e *Enrolment) Demanded() bool {
	for _, d := range e.Duties {
		if d.Exempt == "" && d.Renew > 0 {
			return true
		}
	}
	return false
}

// EachDue calls each for the enrolments on which something is due between two
// moments.
func (l *Learning) EachDue(ctx context.Context, from, to time.Time, each func(*Enrolment) error) error {
	return l.eachBetween(ctx, "due_at", from, to, each)
}

// EachEnding calls each for the enrolments whose certificate ends between two
// moments.
func (l *Learning) EachEnding(ctx context.Context, from, to time.Time, each func(*Enrolment) error) error {
	return l.eachBetween(ctx, "ends_at", from, to, each)
}

func (l *Learning) eachBetween(ctx context.Context, field string, from, to time.Time, each func(*Enrolment) error) error {
	return l.enrolments.Each(ctx, store.Query{Sort: field, Where: []store.Cond{
		{Field: field, Op: store.Gte, Value: store.At(from)}, {Field: field, Op: store.Lt, Value: store.At(to)},
	}}, each)
}

// Priority is the highest of the duties that hold.
func (e *Enrolment) Priority() Priority {
	p := Priority("")
	for _, d := range e.Duties {
		switch {
		case d.Exempt != "":
		case d.Priority == High, p == "", p == Low:
			p = d.Priority
		}
		if p == High {
			return p
		}
	}
	return p
}

// Exempted tells whether the person would have to take the course and is let off.
func (e *Enrolment) Exempted() bool {
	for _, d := range e.Duties {
		if d.Exempt == "" {
			return false
		}
	}
	return len(e.Duties) > 0
}

// weigh derives the status of a course that is not completed here, and from the
// duties what is due. Of several days the earliest counts. Once the course is
// completed, here or elsewhere, what is due is to earn a certificate anew, where
// that is asked and it ends.
func (e *Enrolment) weigh(validMonths int) {
	if e.Status != Completed {
		e.Status, e.EndsAt = e.incomplete(), e.recordEnds(validMonths)
	}
	e.DueOn, e.DueAt = "", store.Time{}
	for _, d := range e.Duties {
		if d.Exempt != "" {
			continue
		}
		on, at := d.On, d.At
		if e.Status.Trained() {
			on, at = "", store.Time{}
			if end := e.ends(validMonths); d.Renew > 0 && !end.IsZero() {
				last := end.AddDate(0, 0, -d.Renew)
				on, at = last.Format(time.DateOnly), store.At(last)
			}
		}
		if on != "" && (e.DueOn == "" || at.Before(e.DueAt.Time)) {
			e.DueOn, e.DueAt = on, at
		}
	}
}

// incomplete is the status of a course that is not completed here.
func (e *Enrolment) incomplete() Status {
	switch {
	case len(e.Elsewhere) > 0:
		return Recorded
	case e.Begun():
		return Enrolled
	case e.Exempted():
		return Exempt
	case len(e.Duties) > 0:
		return Assigned
	}
	return Released
}

// Following lets a person's enrolments follow them: where they work, their
// language and country, and what they have to take, by course and assignment. An
// enrolment is made where there is none. It reads, and gives what then has to be
// written. It is derived, so a repeat is harmless; exemptions stay, and so does
// everything that was learned.
func (l *Learning) Following(ctx context.Context, who Learner, duties map[string]map[string]Duty) (write func() error, err error) {
	list, err := l.enrolmentsOf(ctx, who)
	missing := maps.Clone(duties)
	for _, e := range list {
		delete(missing, e.Course)
	}
	return func() error {
		for i := range list {
			if err := l.follow(ctx, &list[i], who, duties[list[i].Course]); err != nil {
				return err
			}
		}
		for slug, wanted := range missing {
			e := newEnrolment(who, slug)
			e.follow(who, wanted, l.stamp(), l.validMonths(slug))
			err := l.enrolments.Insert(ctx, e)
			if errors.Is(err, store.ErrExists) { // just begun
				if e, err = l.enrolments.Get(ctx, e.ID); err == nil {
					err = l.follow(ctx, e, who, wanted)
				}
			}
			if err != nil {
				return err
			}
		}
		return nil
	}, err
}

func (l *Learning) follow(ctx context.Context, e *Enrolment, who Learner, wanted map[string]Duty) error {
	now, months := l.stamp(), l.validMonths(e.Course)
	id := e.ID
	if !e.follow(who, wanted, now, months) {
		return nil
	}
	_, err := l.enrolments.Update(ctx, id, func(e *Enrolment) error {
		if !e.follow(who, wanted, now, months) {
			return store.ErrUnchanged
		}
		return nil
	})
	return err
}

// follow tells whether anything changed.
func (e *Enrolment) follow(who Learner, wanted map[string]Duty, now store.Time, validMonths int) bool {
	duties := make(map[string]Duty, len(wanted))
	for id, d := range wanted {
		d.Since, d.Exempt = now, e.LetOff[id]
		if had, ok := e.Duties[id]; ok {
			d.Exempt, d.Since = had.Exempt, had.Since
		}
		duties[id] = d
	}
	away := map[string]Exemption{}
	for id, why := range e.LetOff {
		if _, again := duties[id]; !again {
			away[id] = why
		}
	}
	for id, had := range e.Duties {
		if _, has := duties[id]; !has && had.Exempt != "" {
			away[id] = had.Exempt
		}
	}
	on, at, status := e.DueOn, e.DueAt, e.Status
	dated := [4]string{e.SinceWeek, e.DoneWeek, e.Took, e.Gain}
	same := e.Unit == who.Unit && e.Language == who.Language && e.Country == who.Country && e.Profession == who.Profession && maps.Equal(duties, e.Duties) && maps.Equal(away, e.LetOff)
	e.Unit, e.Language, e.Country, e.Profession, e.Duties, e.LetOff = who.Unit, who.Language, who.Country, who.Profession, duties, away
	e.weigh(validMonths)
	e.date(now)
	changed := !same || e.ChangedAt.IsZero() || dated != [4]string{e.SinceWeek, e.DoneWeek, e.Took, e.Gain} || on != e.DueOn || !at.Equal(e.DueAt.Time) || status != e.Status
	if changed {
		e.ChangedAt = now
	}
	return changed
}

func (l *Learning) validMonths(slug string) int {
	if p, ok := l.Library.Current(slug); ok {
		return p.Course.Completion.ValidMonths
	}
	return 0
}

// LetOff exempts a person from an assignment, or with "" ends that. The fault is
// "not-found" where they do not have the duty.
func (l *Learning) LetOff(ctx context.Context, account, slug, assignment string, why Exemption) error {
	months := l.validMonths(slug)
	_, err := l.enrolments.Update(ctx, enrolmentID(account, slug), func(e *Enrolment) error {
		d, ok := e.Duties[assignment]
		switch {
		case !ok:
			return fault.New("not-found")
		case d.Exempt == why:
			return store.ErrUnchanged
		}
		d.Exempt = why
		e.Duties[assignment] = d
		e.weigh(months)
		e.ChangedAt = l.stamp()
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return fault.New("not-found")
	}
	return err
}

// Standing is a person's enrolment in a course, begun or not; nil where there is
// none. It is for those who may see it.
func (l *Learning) Standing(ctx context.Context, account, slug string) (*Enrolment, error) {
	e, err := l.enrolments.Get(ctx, enrolmentID(account, slug))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, nil
	}
	return e, err
}

// HandedIn are a person's attempts at a course that were handed in, the oldest
// first, for those who may see them.
func (l *Learning) HandedIn(ctx context.Context, account, slug string) (list []Attempt, err error) {
	page, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account), store.Is("course", slug)}, Sort: "number"})
	for _, a := range page.Items {
		if a.Result != nil {
			list = append(list, a)
		}
	}
	return list, err
}

// HandedInAttempt is one of them; the fault is "not-found".
func (l *Learning) HandedInAttempt(ctx context.Context, account, id string) (*Attempt, error) {
	a, err := l.own(ctx, Learner{ID: account}, id)
	if err == nil && a.Result == nil {
		return nil, fault.New("not-found")
	}
	return a, err
}
