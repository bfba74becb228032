package tracking

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/language"
	"havn/internal/people"
	"havn/internal/store"
)

// Cohort is a group of people of an organisation who learn together.
type Cohort struct {
	store.Meta   `bson:",inline"` // id: a UUID that the client made
	Organisation string           `json:"organisation"` // path
	Name         string           `json:"name"`
	Kind         Kind             `json:"kind"` // for good
	Rule         Rule             `json:"rule"`
	// StartsOn and EndsOn are its first and last day, "2026-12-12"; "" open.
	// Starts and Ends are the moments in the organisation's time zone.
	StartsOn string     `json:"starts_on"`
	EndsOn   string     `json:"ends_on"`
	Starts   store.Time `json:"starts"`
	Ends     store.Time `json:"ends"`
	// Pace is how many days a module is meant to take; 0 each as they like.
	Pace int `json:"pace"`
	// Answers lets its tutors see what members answer; AnswersFrom is since when.
	Answers     bool       `json:"answers"`
	AnswersFrom store.Time `json:"answers_from"`
	CreatedAt   store.Time `json:"created_at"`
	Removed     bool       `json:"removed"` // it is being taken apart
	// Pending is "1" while memberships are being derived.
	Pending string `json:"pending"`
}

// Kind is how people come into a cohort.
type Kind string

// The kinds.
const (
	ByHand Kind = "hand"
	ByRule Kind = "rule"
)

// Limits of a cohort.
const (
	MaxName = 120
	MaxPace = 90 // days for a module
	MaxRun  = 2  // years in which tutors see answers
)

// Path is where the cohort stands for the policy.
func (c *Cohort) Path() string { return people.CohortPath(c.Organisation, c.ID) }

// Running tells whether a moment lies between its first day and its last.
func (c *Cohort) Running(at time.Time) bool {
	return !at.Before(c.Starts.Time) && (c.Ends.IsZero() || at.Before(c.Ends.Time))
}

// NewCohort is what an administrator decides of a cohort.
type NewCohort struct {
	Name             string
	Kind             Kind
	Rule             Rule
	StartsOn, EndsOn string
	Pace             int
	Answers          bool
}

// Check makes a cohort of an organisation out of what an administrator decided,
// and writes nothing. Faults name the field: "name-invalid", "invalid-field",
// "date-invalid", "unit-unknown", "country-invalid", "language-unknown".
func (t *Tracking) Check(ctx context.Context, o *people.Organisation, n NewCohort) (*Cohort, error) {
	settings, err := t.People.SettingsAt(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	c := &Cohort{
		Organisation: o.Path, Name: strings.Join(strings.Fields(n.Name), " "), Kind: n.Kind, Rule: n.Rule, StartsOn: n.StartsOn, EndsOn: n.EndsOn,
		Pace: n.Pace, Answers: n.Answers,
	}
	if l := utf8.RuneCountInString(c.Name); l == 0 || l > MaxName || strings.ContainsFunc(c.Name, hidden) {
		return nil, fault.At("name-invalid", "name").With("max", MaxName)
	}
	switch {
	case c.Kind != ByHand && c.Kind != ByRule:
		return nil, fault.At("invalid-field", "kind")
	case c.Pace < 0 || c.Pace > MaxPace:
		return nil, fault.At("invalid-field", "pace")
	case c.Kind == ByHand:
		c.Rule = Rule{}
	}
	if err := t.checkRule(ctx, o, &c.Rule); err != nil {
		return nil, err
	}
	if c.StartsOn != "" {
		from, err := dayStart(c.StartsOn, settings.Zone())
		if err != nil {
			return nil, fault.At("date-invalid", "starts_on")
		}
		c.Starts = store.At(from)
	}
	if c.EndsOn != "" {
		to, err := dayEnd(c.EndsOn, settings.Zone())
		if err != nil || c.EndsOn < c.StartsOn {
			return nil, fault.At("date-invalid", "ends_on")
		}
		c.Ends = store.At(to)
	}
	// Whoever is seen has to know until when.
	if c.Answers && (c.StartsOn == "" || c.EndsOn == "" || c.Ends.After(c.Starts.AddDate(MaxRun, 0, 0))) {
		return nil, fault.At("cohort-needs-days", "ends_on").With("years", MaxRun)
	}
	return c, nil
}

func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// SetCohort makes a cohort under an id that the client made, or changes it. A
// repeat is harmless. Kind and organisation stay as they were: the fault is then
// "cohort-exists", also for an id of another organisation's.
func (t *Tracking) SetCohort(ctx context.Context, by *people.Account, id string, o *people.Organisation, n NewCohort) (*Cohort, error) {
	if err := checkID(id, "cohort"); err != nil {
		return nil, err
	}
	c, err := t.Check(ctx, o, n)
	if err != nil {
		return nil, err
	}
	now := t.stamp()
	c.ID, c.CreatedAt = id, now
	c.seenFrom(nil, now)
	if c.Kind == ByRule {
		c.Pending = "1"
	}
	defer t.bell.Ring()
	if before, err := t.cohorts.Get(ctx, id); err == nil && (before.Organisation != o.Path || before.Kind != c.Kind || before.Removed) {
		return nil, fault.At("cohort-exists", "cohort")
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := t.Log.Add(ctx, audit.Event{Act: audit.CohortSet, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, err
	}
	err = t.cohorts.Insert(ctx, c)
	if !errors.Is(err, store.ErrExists) {
		return c, err
	}
	wanted := *c
	return t.cohorts.Update(ctx, id, func(c *Cohort) error {
		if c.Organisation != wanted.Organisation || c.Kind != wanted.Kind || c.Removed {
			return fault.At("cohort-exists", "cohort")
		}
		before := *c
		*c = wanted
		c.Meta, c.CreatedAt = before.Meta, before.CreatedAt
		c.seenFrom(&before, now)
		// Days count from the cohort's first, so what follows is derived anew.
		if before.Pending != "" || before.StartsOn != c.StartsOn {
			c.Pending = "1"
		}
		return nil
	})
}

// seenFrom decides since when answers are seen: never what was answered before
// people were told. It stays only where the cohort showed answers all along.
func (c *Cohort) seenFrom(before *Cohort, now store.Time) {
	c.AnswersFrom = store.Time{}
	switch {
	case !c.Answers:
	case before != nil && before.Answers && before.Running(now.Time):
		c.AnswersFrom = later(before.AnswersFrom, before.Starts)
	default:
		c.AnswersFrom = now
	}
}

func later(a, b store.Time) store.Time {
	if b.After(a.Time) {
		return b
	}
	return a
}

// Cohort finds a cohort. The fault is "not-found".
func (t *Tracking) Cohort(ctx context.Context, id string) (*Cohort, error) {
	c, err := t.cohorts.Get(ctx, id)
	if err == nil && c.Removed {
		return nil, fault.New("not-found")
	}
	return c, missing(err)
}

// Cohorts are those of organisations at and below a path, by name.
func (t *Tracking) Cohorts(ctx context.Context, within string) ([]Cohort, error) {
	page, err := t.cohorts.Find(ctx, store.Query{Where: store.Begins("organisation", within)})
	list := slices.DeleteFunc(page.Items, func(c Cohort) bool { return c.Removed })
	slices.SortFunc(list, func(a, b Cohort) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return list, err
}

// RemoveCohort takes a cohort apart: its tutors see nothing from now on, its
// assignments end, its people are let go. What they learned stays theirs.
func (t *Tracking) RemoveCohort(ctx context.Context, by *people.Account, c *Cohort) error {
	if err := t.Log.Add(ctx, audit.Event{Key: "cohort-removed:" + c.ID, Act: audit.CohortRemoved, Actor: by.ID, Subject: c.ID, Organisation: c.Organisation}); err != nil {
		return err
	}
	tutors, err := t.bound(ctx, c.ID, AsTutor)
	if err != nil {
		return err
	}
	for _, m := range tutors {
		if err := t.SetTutor(ctx, by, c, m.Account, false); err != nil && !fault.Is(err, "not-found") {
			return err
		}
	}
	if _, err := t.cohorts.Update(ctx, c.ID, func(c *Cohort) error {
		c.Removed, c.Pending = true, "1"
		return nil
	}); err != nil {
		return missing(err)
	}
	t.bell.Ring()
	return nil
}

// Rule says who belongs to a cohort: whoever fits each list that is not empty,
// among those who work in the cohort's organisation or below.
type Rule struct {
	Roles     []people.Role `json:"roles"`     // in the unit that they work in
	Units     []string      `json:"units"`     // ids of organisations, each with all below
	Countries []string      `json:"countries"` // ISO 3166, that they work in
	Languages []string      `json:"languages"` // of the interface, that they read

	paths []string // of Units
}

const maxRule = 50 // entries of one list

func (t *Tracking) checkRule(ctx context.Context, o *people.Organisation, r *Rule) error {
	for field, n := range map[string]int{"roles": len(r.Roles), "units": len(r.Units), "countries": len(r.Countries), "languages": len(r.Languages)} {
		if n > maxRule {
			return fault.At("invalid-field", "rule."+field)
		}
	}
	for _, role := range r.Roles {
		if role != people.Learner && role != people.Trainer && role != people.Administrator {
			return fault.At("invalid-field", "rule.roles")
		}
	}
	for _, c := range r.Countries {
		if !language.Country(c) {
			return fault.At("country-invalid", "rule.countries")
		}
	}
	for _, l := range r.Languages {
		if !slices.Contains(t.People.Languages, l) {
			return fault.At("language-unknown", "rule.languages")
		}
	}
	return t.locate(ctx, o.Path, r)
}

// locate finds the paths of a rule's units, which have to be the organisation
// itself or below it.
func (t *Tracking) locate(ctx context.Context, within string, r *Rule) error {
	for _, id := range r.Units {
		u, err := t.People.Organisation(ctx, id)
		if fault.Is(err, "not-found") || err == nil && !people.Within(u.Path, within) {
			return fault.At("unit-unknown", "rule.units")
		} else if err != nil {
			return err
		}
		r.paths = append(r.paths, u.Path)
	}
	return nil
}

// fits tells whether a person who works at or below the cohort's organisation
// belongs to it by rule.
func (r *Rule) fits(a *people.Account) bool {
	any := func(n int, is bool) bool { return n == 0 || is }
	return any(len(r.Roles), slices.ContainsFunc(a.RolesIn(a.Unit), func(x people.Role) bool { return slices.Contains(r.Roles, x) })) &&
		any(len(r.Units), slices.ContainsFunc(r.paths, func(p string) bool { return people.Within(a.Unit, p) })) &&
		any(len(r.Countries), slices.Contains(r.Countries, a.WorksIn())) &&
		any(len(r.Languages), slices.Contains(r.Languages, a.Language))
}

// Reach is how many people a rule fits, of how many there are.
type Reach struct{ People, Of int }

// Warning is "nobody" or "everybody" where a rule is likely not what was meant;
// "" otherwise.
func (r Reach) Warning() string {
	switch {
	case r.People == 0:
		return "nobody"
	case r.People == r.Of && r.Of > 1:
		return "everybody"
	}
	return ""
}

// Preview counts whom the rule of a checked cohort fits now.
func (t *Tracking) Preview(ctx context.Context, c *Cohort) (Reach, error) {
	var r Reach
	err := t.People.EachMember(ctx, c.Organisation, "", func(a *people.Account) error {
		r.Of++
		if c.Rule.fits(a) {
			r.People++
		}
		return nil
	})
	return r, err
}
