package tracking

import (
	"context"
	"errors"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/roster"
	"havn/internal/store"
)

// Membership binds a person to a cohort.
type Membership struct {
	store.Meta `bson:",inline"` // id: cohort:as:account
	Cohort     string           `json:"cohort"`
	Account    string           `json:"account"`
	As         As               `json:"as"`
	Since      store.Time       `json:"since"`
}

// As is what a person is in a cohort.
type As string

// What there is.
const (
	AsMember As = "member"
	AsTutor  As = "tutor" // who can act as one is for the policy to say: see people.Account.Tutors
)

func membershipID(cohort string, as As, account string) string {
	return cohort + ":" + string(as) + ":" + account
}

// bind is idempotent.
func (t *Tracking) bind(ctx context.Context, cohort string, as As, account string) error {
	m := &Membership{Meta: store.Meta{ID: membershipID(cohort, as, account)}, Cohort: cohort, Account: account, As: as, Since: t.stamp()}
	err := t.memberships.Insert(ctx, m)
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

func (t *Tracking) unbind(ctx context.Context, cohort string, as As, account string) error {
	return store.IgnoreMissing(t.memberships.Delete(ctx, membershipID(cohort, as, account)))
}

func (t *Tracking) bound(ctx context.Context, cohort string, as As) ([]Membership, error) {
	page, err := t.memberships.Find(ctx, store.Query{Where: []store.Cond{store.Is("cohort", cohort), store.Is("as", string(as))}})
	return page.Items, err
}

// Members is a page of those who belong to a cohort.
func (t *Tracking) Members(ctx context.Context, c *Cohort, after string, limit int) (store.Page[Membership], error) {
	return t.memberships.Find(ctx, store.Query{Where: []store.Cond{store.Is("cohort", c.ID), store.Is("as", string(AsMember))}, After: after, Limit: limit})
}

// Member is a person's membership; the fault is "not-found".
func (t *Tracking) Member(ctx context.Context, c *Cohort, account string) (*Membership, error) {
	m, err := t.memberships.Get(ctx, membershipID(c.ID, AsMember, account))
	return m, missing(err)
}

// Count is how many people belong to a cohort.
func (t *Tracking) Count(ctx context.Context, c *Cohort) (int, error) {
	g, err := t.memberships.Count(ctx, store.Query{Where: []store.Cond{store.Is("cohort", c.ID), store.Is("as", string(AsMember))}})
	if err != nil || len(g) == 0 {
		return 0, err
	}
	return int(g[0].N), nil
}

// SetMember puts a person into a cohort by hand, or takes them out. They have to
// work in the cohort's organisation or below: the fault is "not-found". A cohort
// by rule has no hand in it: "cohort-by-rule". A repeat is harmless.
func (t *Tracking) SetMember(ctx context.Context, by *people.Account, c *Cohort, account string, is bool) error {
	if c.Kind == ByRule {
		return fault.New("cohort-by-rule")
	}
	a, err := t.People.Account(ctx, account)
	if err != nil {
		return err
	}
	if is && !people.Within(a.Unit, c.Organisation) {
		return fault.At("not-found", "account")
	}
	_, err = t.memberships.Get(ctx, membershipID(c.ID, AsMember, account))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return missing(err)
	}
	if is != (err == nil) {
		act := audit.CohortPersonAdded
		if !is {
			act = audit.CohortPersonRemoved
		}
		if err := t.Log.Add(ctx, audit.Event{Act: act, Actor: by.ID, Subject: account, Organisation: c.Path()}); err != nil {
			return err
		}
	}
	if is {
		err = t.bind(ctx, c.ID, AsMember, account)
	} else {
		err = t.unbind(ctx, c.ID, AsMember, account)
	}
	if err != nil {
		return err
	}
	return t.Follow(ctx, a)
}

// Tutor is a tutor of a cohort as administrators and members see them.
type Tutor struct {
	Account, Name string
	Acts          bool // false: they have left, and somebody else is needed
}

// Tutors are those of a cohort, who can act first. One who has left for good is
// not among them.
func (t *Tracking) Tutors(ctx context.Context, c *Cohort) (list []Tutor, err error) {
	bound, err := t.bound(ctx, c.ID, AsTutor)
	for _, m := range bound {
		a, err := t.People.Account(ctx, m.Account)
		if fault.Is(err, "not-found") {
			continue
		} else if err != nil {
			return nil, err
		}
		tutor := Tutor{a.ID, a.Name, a.Tutors(c.Path())}
		if tutor.Acts {
			list = append([]Tutor{tutor}, list...)
		} else {
			list = append(list, tutor)
		}
	}
	return list, err
}

// SetTutor makes somebody a tutor of a cohort, or ends that. A repeat is harmless.
func (t *Tracking) SetTutor(ctx context.Context, by *people.Account, c *Cohort, account string, is bool) error {
	if is {
		if err := t.People.SetTutor(ctx, by, account, c.Path(), true); err != nil {
			return err
		}
		return t.bind(ctx, c.ID, AsTutor, account)
	}
	// Sight ends first. Whoever is gone altogether has none.
	if err := t.People.SetTutor(ctx, by, account, c.Path(), false); err != nil && !fault.Is(err, "not-found") {
		return err
	}
	return t.unbind(ctx, c.ID, AsTutor, account)
}

// Step is what a line of a list does to a cohort by hand.
type Step struct {
	Line    int         `json:"line"`
	Email   string      `json:"email"`
	Name    string      `json:"name"`
	Does    people.Does `json:"does"`              // add, nothing or refuse
	Problem string      `json:"problem,omitempty"` // code, where it is refused
	Field   string      `json:"field,omitempty"`
	Earlier int         `json:"earlier,omitempty"`

	account string
}

// Adds is what a line does that brings somebody into a cohort.
const Adds people.Does = "add"

// Plan tells line by line what a list would do, and does none of it. Somebody of
// another organisation is as unknown as somebody who has no account.
func (t *Tracking) Plan(ctx context.Context, c *Cohort, rows []roster.Row) ([]Step, error) {
	if c.Kind == ByRule {
		return nil, fault.New("cohort-by-rule")
	}
	steps := make([]Step, len(rows))
	for i, r := range rows {
		s := Step{Line: r.Line, Email: r.Email, Name: r.Name, Does: people.DoesRefuse, Problem: r.Problem, Field: r.Field, Earlier: r.Earlier}
		if s.Problem == "" {
			if err := t.plan(ctx, c, &s); err != nil {
				return nil, err
			}
		}
		steps[i] = s
	}
	return steps, nil
}

func (t *Tracking) plan(ctx context.Context, c *Cohort, s *Step) error {
	a, err := t.People.ByEmail(ctx, s.Email)
	if fault.Is(err, "not-found") || err == nil && !people.Within(a.Unit, c.Organisation) {
		s.Problem, s.Field = "person-unknown", "email"
		return nil
	} else if err != nil {
		return err
	}
	s.account, s.Does = a.ID, Adds
	if _, err := t.Member(ctx, c, a.ID); err == nil {
		s.Does = people.DoesNothing
	} else if !fault.Is(err, "not-found") {
		return err
	}
	return nil
}

// Take brings in whom a plan adds.
func (t *Tracking) Take(ctx context.Context, by *people.Account, c *Cohort, steps []Step) error {
	return pending.Each(ctx, pending.AtOnce, steps, func(s Step) error {
		if s.Does != Adds {
			return nil
		}
		err := t.SetMember(ctx, by, c, s.account, true)
		if fault.Is(err, "not-found") { // moved away meanwhile
			return nil
		}
		return err
	})
}
