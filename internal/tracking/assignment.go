package tracking

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Assignment is that somebody has to take a course.
type Assignment struct {
	store.Meta   `bson:",inline"` // id: a UUID that the client made
	Organisation string           `json:"organisation"` // path of the one that assigns
	Course       string           `json:"course"`
	To           string           `json:"to"` // a Target
	// DueOn is the last day, "2026-12-12"; or else DueDays after somebody comes
	// to have it: joins the unit or the cohort, at the earliest when the cohort
	// starts and when the assignment was made. "" and 0: no day.
	DueOn    string            `json:"due_on"`
	DueDays  int               `json:"due_days"`
	Priority learning.Priority `json:"priority"`
	// RenewDays before the certificate ends it has to be earned anew; 0 need not.
	RenewDays   int        `json:"renew_days"`
	CreatedAt   store.Time `json:"created_at"`
	WithdrawnAt store.Time `json:"withdrawn_at"`
	// Pending is "1" while it is being brought to people, of whom Reached have it;
	// Behind is the last of them, from where it goes on.
	Pending string `json:"pending"`
	Reached int    `json:"reached"`
	Behind  string `json:"behind"`
}

// Target is whom an assignment is for: "cohort:", "unit:" or "person:" and an id.
type Target string

// The kinds of target.
const (
	ToCohort = "cohort"
	ToUnit   = "unit"
	ToPerson = "person"
)

// TargetOf puts one together.
func TargetOf(kind, id string) Target { return Target(kind + ":" + id) }

// Split is its kind and its id.
func (t Target) Split() (kind, id string) {
	kind, id, _ = strings.Cut(string(t), ":")
	return kind, id
}

// Target is whom it is for.
func (a *Assignment) Target() Target { return Target(a.To) }

// NewAssignment is what an administrator decides.
type NewAssignment struct {
	Course    string
	To        Target
	DueOn     string
	DueDays   int
	Priority  learning.Priority // normal where empty
	RenewDays int
}

// Limits of an assignment.
const (
	MaxDueDays   = 730
	MaxRenewDays = 365
)

// Assign assigns a course under an id that the client made, or changes when it
// is due. A repeat is harmless. Faults: "course-unknown" for one that is not
// there (any more), "date-invalid", "due-past", "not-found" for a target outside
// the organisation, "assignment-exists" where the id has another course, target
// or organisation, or is withdrawn.
func (t *Tracking) Assign(ctx context.Context, by *people.Account, id string, o *people.Organisation, n NewAssignment) (*Assignment, error) {
	if err := checkID(id, "assignment"); err != nil {
		return nil, err
	}
	n.Priority = cmp.Or(n.Priority, learning.Normal)
	before, err := t.assignments.Get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, missing(err)
	}
	if err == nil && (before.Organisation != o.Path || before.Course != n.Course || before.To != string(n.To) || !before.WithdrawnAt.IsZero()) {
		return nil, fault.At("assignment-exists", "assignment")
	}
	if err != nil {
		before = nil
	}
	if err := t.checkAssignment(ctx, o, n, before); err != nil {
		return nil, err
	}
	a := &Assignment{
		Meta: store.Meta{ID: id}, Organisation: o.Path, Course: n.Course, To: string(n.To), DueOn: n.DueOn, DueDays: n.DueDays,
		Priority: n.Priority, RenewDays: n.RenewDays, CreatedAt: t.stamp(), Pending: "1",
	}
	if before != nil && before.DueOn == a.DueOn && before.DueDays == a.DueDays && before.Priority == a.Priority && before.RenewDays == a.RenewDays {
		return before, nil
	}
	if err := t.Log.Add(ctx, audit.Event{Act: audit.AssignmentSet, Actor: by.ID, Subject: n.Course, Organisation: o.Path}); err != nil {
		return nil, err
	}
	defer t.bell.Ring()
	if before == nil {
		err := t.assignments.Insert(ctx, a)
		if !errors.Is(err, store.ErrExists) {
			return a, err
		}
	}
	return t.assignments.Update(ctx, id, func(x *Assignment) error {
		if x.Organisation != a.Organisation || x.Course != a.Course || x.To != a.To || !x.WithdrawnAt.IsZero() {
			return fault.At("assignment-exists", "assignment")
		}
		x.DueOn, x.DueDays, x.Priority, x.RenewDays = a.DueOn, a.DueDays, a.Priority, a.RenewDays
		x.Pending, x.Reached, x.Behind = "1", 0, ""
		return nil
	})
}

func (t *Tracking) checkAssignment(ctx context.Context, o *people.Organisation, n NewAssignment, before *Assignment) error {
	if _, ok := t.Library.Current(n.Course); !ok || t.Library.Withdrawn(n.Course) {
		return fault.At("course-unknown", "course")
	}
	switch {
	case !slices.Contains([]learning.Priority{learning.High, learning.Normal, learning.Low}, n.Priority):
		return fault.At("invalid-field", "priority")
	case n.DueDays < 0 || n.DueDays > MaxDueDays || n.DueDays > 0 && n.DueOn != "":
		return fault.At("invalid-field", "due_days")
	case n.RenewDays < 0 || n.RenewDays > MaxRenewDays:
		return fault.At("invalid-field", "renew_days")
	}
	if n.DueOn != "" && (before == nil || before.DueOn != n.DueOn) {
		s, err := t.People.SettingsAt(ctx, o.Path)
		if err != nil {
			return err
		}
		end, err := dayEnd(n.DueOn, s.Zone())
		switch {
		case err != nil || end.After(t.Now().AddDate(20, 0, 0)):
			return fault.At("date-invalid", "due_on")
		case !t.Now().Before(end):
			return fault.At("due-past", "due_on")
		}
	}
	return t.checkTarget(ctx, o, n.To)
}

// checkTarget lets an organisation assign to itself and what is below it.
func (t *Tracking) checkTarget(ctx context.Context, o *people.Organisation, to Target) error {
	at := ""
	switch kind, id := to.Split(); kind {
	case ToUnit:
		u, err := t.People.Organisation(ctx, id)
		if err != nil {
			return err
		}
		at = u.Path
	case ToCohort:
		c, err := t.Cohort(ctx, id)
		if err != nil {
			return err
		}
		at = c.Organisation
	case ToPerson:
		a, err := t.People.Account(ctx, id)
		if err != nil {
			return err
		}
		at = a.Unit
	default:
		return fault.At("invalid-field", "to")
	}
	if !people.Within(at, o.Path) {
		return fault.New("not-found")
	}
	return nil
}

// Assignment finds one. The fault is "not-found".
func (t *Tracking) Assignment(ctx context.Context, id string) (*Assignment, error) {
	a, err := t.assignments.Get(ctx, id)
	return a, missing(err)
}

// Assignments are those that hold of organisations at and below a path, the
// newest first.
func (t *Tracking) Assignments(ctx context.Context, within string) ([]Assignment, error) {
	return t.assigned(ctx, store.Begins("organisation", within))
}

// AssignedTo are those that hold for a target.
func (t *Tracking) AssignedTo(ctx context.Context, to Target) ([]Assignment, error) {
	return t.assigned(ctx, []store.Cond{store.Is("to", string(to))})
}

func (t *Tracking) assigned(ctx context.Context, where []store.Cond) ([]Assignment, error) {
	page, err := t.assignments.Find(ctx, store.Query{Where: where})
	list := slices.DeleteFunc(page.Items, func(a Assignment) bool { return !a.WithdrawnAt.IsZero() })
	slices.SortFunc(list, func(a, b Assignment) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return list, err
}

// By names the organisations whose assignments stand behind an enrolment.
func (t *Tracking) By(ctx context.Context, e *learning.Enrolment) (names []string, err error) {
	for id, d := range e.Duties {
		if d.Exempt != "" && !e.Exempted() {
			continue
		}
		a, err := t.Assignment(ctx, id)
		if fault.Is(err, "not-found") {
			continue
		} else if err != nil {
			return nil, err
		}
		o, err := t.People.Organisation(ctx, people.IDOf(a.Organisation))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(names, o.Name) {
			names = append(names, o.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Enrolments is a page of those of the people who have an assignment, without
// those of some organisations, and the cursor that continues it.
func (t *Tracking) Enrolments(ctx context.Context, a *Assignment, without []string, after string, limit int) (list []learning.Enrolment, next string, err error) {
	kind, id := a.Target().Split()
	has := func(e *learning.Enrolment) {
		if e == nil || slices.ContainsFunc(without, func(path string) bool { return people.Within(e.Unit, path) }) {
			return
		}
		if _, ok := e.Duties[a.ID]; ok {
			list = append(list, *e)
		}
	}
	switch kind {
	case ToPerson:
		e, err := t.Learning.Standing(ctx, id, a.Course)
		has(e)
		return list, "", err
	case ToCohort:
		page, err := t.Members(ctx, &Cohort{Meta: store.Meta{ID: id}}, after, limit)
		if err != nil {
			return nil, "", err
		}
		for _, m := range page.Items {
			e, err := t.Learning.Standing(ctx, m.Account, a.Course)
			if err != nil {
				return nil, "", err
			}
			has(e)
		}
		return list, page.Next, nil
	}
	o, err := t.People.Organisation(ctx, id)
	if err != nil {
		return nil, "", err
	}
	page, err := t.Learning.Completions(ctx, learning.Filter{Within: o.Path, Without: without, Course: a.Course, After: after, Limit: limit})
	for i := range page.Items {
		has(&page.Items[i])
	}
	return list, page.Next, err
}

// Withdraw ends an assignment. A repeat is harmless.
func (t *Tracking) Withdraw(ctx context.Context, by *people.Account, a *Assignment) error {
	if err := t.Log.Add(ctx, audit.Event{Key: "withdrawn:" + a.ID, Act: audit.AssignmentWithdrawn, Actor: by.ID, Subject: a.Course, Organisation: a.Organisation}); err != nil {
		return err
	}
	defer t.bell.Ring()
	return t.withdraw(ctx, a.ID)
}

func (t *Tracking) withdraw(ctx context.Context, id string) error {
	now := t.stamp()
	_, err := t.assignments.Update(ctx, id, func(a *Assignment) error {
		if !a.WithdrawnAt.IsZero() {
			return store.ErrUnchanged
		}
		a.WithdrawnAt, a.Pending, a.Reached, a.Behind = now, "1", 0, ""
		return nil
	})
	return missing(err)
}

// LetOff exempts a person from an assignment for a reason, or with "" ends that.
// Faults: "not-found", "invalid-field".
func (t *Tracking) LetOff(ctx context.Context, by *people.Account, a *Assignment, account string, why learning.Exemption) error {
	if why != "" && !slices.Contains(learning.Exemptions, why) {
		return fault.At("invalid-field", "reason")
	}
	// The reason stays out of the log, where it would be kept for good.
	if err := t.Log.Add(ctx, audit.Event{Act: audit.ExemptionSet, Actor: by.ID, Subject: account, Organisation: a.Organisation}); err != nil {
		return err
	}
	return t.Learning.LetOff(ctx, account, a.Course, a.ID, why)
}

// Duty is what the assignment comes to for somebody who came to have it at a time.
func (a *Assignment) Duty(since time.Time, zone *time.Location) learning.Duty {
	d := learning.Duty{Priority: a.Priority, Renew: a.RenewDays, On: a.DueOn}
	if a.DueDays > 0 {
		if since.Before(a.CreatedAt.Time) {
			since = a.CreatedAt.Time
		}
		d.On = since.In(zone).AddDate(0, 0, a.DueDays).Format(time.DateOnly)
	}
	if d.On != "" {
		if end, err := dayEnd(d.On, zone); err == nil {
			d.At = store.At(end)
		}
	}
	return d
}
