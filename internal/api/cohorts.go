package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/roster"
	"havn/internal/store"
	"havn/internal/tracking"
)

// CohortFields are what an administrator decides of a cohort.
type CohortFields struct {
	Name     string        `json:"name" maxLength:"1000"`
	Kind     tracking.Kind `json:"kind" enum:"hand,rule" doc:"How people come in; for good"`
	Rule     CohortRule    `json:"rule,omitempty"`
	StartsOn string        `json:"starts_on,omitempty" maxLength:"10" doc:"First day, as in 2026-12-12"`
	EndsOn   string        `json:"ends_on,omitempty" maxLength:"10" doc:"Last day"`
	Pace     int           `json:"pace,omitempty" minimum:"0" maximum:"90" doc:"Days that a module is meant to take; 0: as each likes"`
	Answers  bool          `json:"answers,omitempty" doc:"Tutors see what members answer from now on, while the cohort runs, until 90 days after; needs both days"`
}

// CohortRule fits whoever fits each list that is not empty.
type CohortRule struct {
	Roles     []people.Role `json:"roles,omitempty" enum:"learner,trainer,administrator" maxItems:"50"`
	Units     []string      `json:"units,omitempty" maxItems:"50" doc:"Ids of organisations, each with all below"`
	Countries []string      `json:"countries,omitempty" maxItems:"50" doc:"ISO 3166"`
	Languages []string      `json:"languages,omitempty" maxItems:"50"`
}

// Cohort is a group of people who learn together.
type Cohort struct {
	ID           string `json:"id"`
	Organisation string `json:"organisation" doc:"Id"`
	CohortFields
	AnswersFrom store.Time `json:"answers_from" doc:"Nothing that was begun before is seen"`
	SeenUntil   store.Time `json:"seen_until" doc:"Then tutors see no answers any more"`
	Tutors      []Person   `json:"tutors" nullable:"false" doc:"Who can act as one"`
	Tutorless   bool       `json:"tutorless,omitempty" doc:"Its tutors have left"`
	People      int        `json:"people"`
	Pending     bool       `json:"pending,omitempty" doc:"Who belongs to it is being worked out"`
	Warning     string     `json:"warning,omitempty" enum:"nobody,everybody" doc:"Of a dry run: the rule is likely not what was meant"`
}

// Person is somebody by name.
type Person struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}

// CohortOf shows a cohort.
func (a *API) CohortOf(ctx context.Context, c *tracking.Cohort) (Cohort, error) {
	out := Cohort{ID: c.ID, Organisation: people.IDOf(c.Organisation), CohortFields: fieldsOf(c), AnswersFrom: c.AnswersFrom, Tutors: []Person{}, Pending: c.Pending != ""}
	if c.Answers {
		out.SeenUntil = store.At(c.SeenUntil())
	}
	tutors, err := a.Tracking.Tutors(ctx, c)
	if err != nil {
		return out, err
	}
	for _, t := range tutors {
		if t.Acts {
			out.Tutors = append(out.Tutors, Person{t.Account, t.Name})
		}
	}
	// A cohort that shows answers is meant to have somebody who reads them.
	out.Tutorless = len(out.Tutors) == 0 && (c.Answers || len(tutors) > 0)
	out.People, err = a.Tracking.Count(ctx, c)
	return out, err
}

func fieldsOf(c *tracking.Cohort) CohortFields {
	return CohortFields{
		Name: c.Name, Kind: c.Kind, StartsOn: c.StartsOn, EndsOn: c.EndsOn, Pace: c.Pace, Answers: c.Answers,
		Rule: CohortRule{c.Rule.Roles, c.Rule.Units, c.Rule.Countries, c.Rule.Languages},
	}
}

// New is what the fields decide.
func (f CohortFields) New() tracking.NewCohort {
	return tracking.NewCohort{
		Name: f.Name, Kind: f.Kind, StartsOn: f.StartsOn, EndsOn: f.EndsOn, Pace: f.Pace, Answers: f.Answers,
		Rule: tracking.Rule{Roles: f.Rule.Roles, Units: f.Rule.Units, Countries: f.Rule.Countries, Languages: f.Rule.Languages},
	}
}

// CohortFor finds a cohort that the visitor may do the act to; another is
// "not-found", as one that is not there.
func (a *API) CohortFor(ctx context.Context, v *gate.Visitor, act people.Act, id string) (*tracking.Cohort, error) {
	if err := v.May(act); err != nil {
		return nil, err
	}
	c, err := a.Tracking.Cohort(ctx, id)
	if err != nil {
		return nil, err
	}
	return c, v.MayAt(act, c.Path())
}

type cohortsOut struct {
	Body struct {
		Items []Cohort `json:"items" nullable:"false"`
	}
}

func (a *API) cohortsOf(ctx context.Context, list []tracking.Cohort) (*cohortsOut, error) {
	out := &cohortsOut{}
	out.Body.Items = []Cohort{}
	for i := range list {
		c, err := a.CohortOf(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, c)
	}
	return out, nil
}

func (a *API) listCohorts(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*cohortsOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	list, err := a.Tracking.Cohorts(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	return a.cohortsOf(ctx, list)
}

func (a *API) listTutored(ctx context.Context, v *gate.Visitor, _ *struct{}) (*cohortsOut, error) {
	list, err := a.Tracking.Tutored(ctx, v.Account)
	if err != nil {
		return nil, err
	}
	return a.cohortsOf(ctx, list)
}

type setCohortIn struct {
	OrganisationIn
	Cohort string `path:"cohort" maxLength:"100" doc:"A UUID that the client makes"`
	DryRun bool   `query:"dry_run" doc:"Only tell whom its rule reaches"`
	Body   CohortFields
}

type cohortOut struct{ Body Cohort }

func (a *API) setCohort(ctx context.Context, v *gate.Visitor, in *setCohortIn) (*cohortOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		out, err := a.PreviewCohort(ctx, o, in.Body)
		return &cohortOut{out}, err
	}
	c, err := a.Tracking.SetCohort(ctx, v.Account, in.Cohort, o, in.Body.New())
	if err != nil {
		return nil, err
	}
	out, err := a.CohortOf(ctx, c)
	return &cohortOut{out}, err
}

// PreviewCohort tells what a cohort would be, and makes none.
func (a *API) PreviewCohort(ctx context.Context, o *people.Organisation, f CohortFields) (Cohort, error) {
	c, err := a.Tracking.Check(ctx, o, f.New())
	if err != nil {
		return Cohort{}, err
	}
	out := Cohort{Organisation: o.ID, CohortFields: fieldsOf(c), Tutors: []Person{}}
	if c.Kind == tracking.ByRule {
		reach, err := a.Tracking.Preview(ctx, c)
		if err != nil {
			return out, err
		}
		out.People, out.Warning = reach.People, reach.Warning()
	}
	return out, nil
}

// CohortIn names a cohort in a path.
type CohortIn struct {
	Cohort string `path:"cohort" maxLength:"100"`
}

func (a *API) getCohort(ctx context.Context, v *gate.Visitor, in *CohortIn) (*cohortOut, error) {
	c, err := a.CohortFor(ctx, v, people.SeeCohort, in.Cohort)
	if err != nil {
		return nil, err
	}
	out, err := a.CohortOf(ctx, c)
	return &cohortOut{out}, err
}

func (a *API) removeCohort(ctx context.Context, v *gate.Visitor, in *CohortIn) (*struct{}, error) {
	c, err := a.CohortFor(ctx, v, people.ManageCohorts, in.Cohort)
	if err != nil {
		return nil, err
	}
	return nil, a.Tracking.RemoveCohort(ctx, v.Account, c)
}

// CohortMember is somebody in a cohort, with where they stand in its courses.
type CohortMember struct {
	Person
	Since   store.Time       `json:"since"`
	Courses []CourseStanding `json:"courses" nullable:"false" doc:"Empty where the person's organisation shows no names"`
}

// CourseStanding is where a person stands in a course that was assigned.
type CourseStanding struct {
	Course      string          `json:"course"`
	Assignment  string          `json:"assignment"`
	Status      learning.Status `json:"status" enum:"assigned,exempt,released,enrolled,recorded,completed"`
	DueOn       string          `json:"due_on,omitempty"`
	Overdue     bool            `json:"overdue,omitempty"`
	Exempt      bool            `json:"exempt,omitempty" doc:"From this assignment"`
	CompletedAt store.Time      `json:"completed_at"`
}

// CohortMembers is a page of them.
type CohortMembers struct {
	Items []CohortMember `json:"items" nullable:"false"`
	Next  string         `json:"next" doc:"Cursor of the next page; empty at the end"`
}

type cohortMembersIn struct {
	CohortIn
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type cohortMembersOut struct{ Body CohortMembers }

func (a *API) listCohortMembers(ctx context.Context, v *gate.Visitor, in *cohortMembersIn) (*cohortMembersOut, error) {
	c, err := a.CohortFor(ctx, v, people.SeeCohort, in.Cohort)
	if err != nil {
		return nil, err
	}
	out, err := a.CohortMembers(ctx, c, in.Cursor, in.Limit)
	return &cohortMembersOut{out}, err
}

// CohortMembers is a page of those in a cohort. Where an organisation shows
// counts only, its people are named, as they are in the organisation, without
// where they stand.
func (a *API) CohortMembers(ctx context.Context, c *tracking.Cohort, after string, limit int) (CohortMembers, error) {
	out := CohortMembers{Items: []CohortMember{}}
	page, err := a.Tracking.Members(ctx, c, after, limit)
	if err != nil {
		return out, err
	}
	counted, err := a.People.Counted(ctx)
	if err != nil {
		return out, err
	}
	courses, err := a.Tracking.Courses(ctx, c)
	if err != nil {
		return out, err
	}
	out.Next = page.Next
	for _, m := range page.Items {
		person, err := a.People.Account(ctx, m.Account)
		if err != nil {
			continue // just erased
		}
		item := CohortMember{Person: Person{person.ID, person.Name}, Since: m.Since, Courses: []CourseStanding{}}
		for i := range courses {
			if within(person.Unit, counted) {
				break
			}
			s, err := a.StandingOf(ctx, person.ID, &courses[i])
			if err != nil {
				return out, err
			}
			item.Courses = append(item.Courses, s)
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}

// StandingOf is where a person stands in what an assignment asks.
func (a *API) StandingOf(ctx context.Context, account string, as *tracking.Assignment) (CourseStanding, error) {
	e, err := a.Learning.Standing(ctx, account, as.Course)
	if e == nil {
		e = &learning.Enrolment{Course: as.Course, Status: learning.Assigned}
	}
	return a.standing(e, as), err
}

func (a *API) standing(e *learning.Enrolment, as *tracking.Assignment) CourseStanding {
	return CourseStanding{
		Course: as.Course, Assignment: as.ID, Status: e.Status, DueOn: e.DueOn, Overdue: e.Overdue(a.Now()), Exempt: e.Duties[as.ID].Exempt != "", CompletedAt: e.CompletedAt,
	}
}

// CohortPersonIn names a person of a cohort in a path.
type CohortPersonIn struct {
	CohortIn
	Account string `path:"account" maxLength:"100"`
}

// cohortPerson finds a cohort, and a person whom the visitor may manage.
func (a *API) cohortPerson(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*tracking.Cohort, *people.Account, error) {
	c, err := a.CohortFor(ctx, v, people.ManageCohorts, in.Cohort)
	if err != nil {
		return nil, nil, err
	}
	person, err := a.person(ctx, v, in.Account)
	return c, person, err
}

func (a *API) addCohortMember(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*struct{}, error) {
	return nil, a.SetCohortMember(ctx, v, in.Cohort, in.Account, true)
}

func (a *API) removeCohortMember(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*struct{}, error) {
	return nil, a.SetCohortMember(ctx, v, in.Cohort, in.Account, false)
}

// SetCohortMember puts a person whom the visitor may manage into a cohort, or
// takes them out.
func (a *API) SetCohortMember(ctx context.Context, v *gate.Visitor, cohort, account string, is bool) error {
	c, person, err := a.cohortPerson(ctx, v, &CohortPersonIn{CohortIn{cohort}, account})
	if err != nil {
		return err
	}
	return a.Tracking.SetMember(ctx, v.Account, c, person.ID, is)
}

func (a *API) setTutor(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*struct{}, error) {
	return nil, a.SetTutor(ctx, v, in.Cohort, in.Account, true)
}

func (a *API) endTutor(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*struct{}, error) {
	return nil, a.SetTutor(ctx, v, in.Cohort, in.Account, false)
}

// SetTutor makes a person whom the visitor may manage a tutor of a cohort. To
// end that needs no right over the person.
func (a *API) SetTutor(ctx context.Context, v *gate.Visitor, cohort, account string, is bool) error {
	c, err := a.CohortFor(ctx, v, people.ManageCohorts, cohort)
	if err != nil {
		return err
	}
	if is {
		if _, err := a.person(ctx, v, account); err != nil {
			return err
		}
	}
	return a.Tracking.SetTutor(ctx, v.Account, c, account, is)
}

// CohortImport is what taking a list into a cohort does, or would do.
type CohortImport struct {
	Done    bool            `json:"done" doc:"false: nothing has happened yet"`
	Added   int             `json:"added"`
	Same    int             `json:"same" doc:"Were there already"`
	Refused int             `json:"refused"`
	Steps   []tracking.Step `json:"steps" nullable:"false"`
}

type cohortImportIn struct {
	CohortIn
	DryRun  bool   `query:"dry_run" default:"true" doc:"Only tell what would happen; false does it"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type cohortImportOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         CohortImport
}

func (a *API) importCohortMembers(ctx context.Context, v *gate.Visitor, in *cohortImportIn) (*cohortImportOut, error) {
	c, err := a.CohortFor(ctx, v, people.ManageCohorts, in.Cohort)
	if err != nil {
		return nil, err
	}
	rows, err := roster.Read(in.RawBody)
	if err != nil {
		return nil, err
	}
	out, err := a.ImportCohort(ctx, v, c, rows, !in.DryRun)
	if err != nil {
		return nil, err
	}
	return &cohortImportOut{"no-store", *out}, nil
}

// ImportCohort tells what taking a list into a cohort does, and does it if asked to.
func (a *API) ImportCohort(ctx context.Context, v *gate.Visitor, c *tracking.Cohort, rows []roster.Row, do bool) (*CohortImport, error) {
	steps, err := a.Tracking.Plan(ctx, c, rows)
	if err != nil {
		return nil, err
	}
	out := &CohortImport{Done: do, Steps: steps}
	for _, s := range steps {
		switch s.Does {
		case tracking.Adds:
			out.Added++
		case people.DoesNothing:
			out.Same++
		case people.DoesRefuse:
			out.Refused++
		}
	}
	if do {
		err = a.Tracking.Take(ctx, v.Account, c, steps)
	}
	return out, err
}
