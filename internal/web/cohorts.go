package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/tracking"
)

// cohortsView is what an organisation has of cohorts and assignments.
type cohortsView struct {
	*people.Organisation
	Cohorts     []api.Cohort
	Assignments []assignmentRow
	Draft       cohortDraft
	Assign      assignDraft
	Names       map[string]string // id of an organisation → name
	Problem     string
}

// cohortDraft is the form of a cohort.
type cohortDraft struct {
	api.CohortFields
	ID        string // in the form, so that a double click makes one
	Preview   *api.Cohort
	Units     []people.Organisation
	RuleRoles []people.Role
	Fresh     bool // it is not there yet
}

// Has tells whether a list of the rule has a value.
func (cohortDraft) Has(list []string, s string) bool { return slices.Contains(list, s) }

// HasRole tells whether the rule asks for a role.
func (d cohortDraft) HasRole(r people.Role) bool { return slices.Contains(d.Rule.Roles, r) }

// assignDraft is the form of an assignment, for one target.
type assignDraft struct {
	ID, Kind, To string
	Courses      []courseOption
}

type courseOption struct{ Slug, Title string }

// assignmentRow is an assignment in a list.
type assignmentRow struct {
	*tracking.Assignment
	Owner  string // id of the organisation that assigns
	Title  string // of the course
	Kind   string
	ToName string // "" where it is a person
}

func (w *Web) cohorts(c *fiber.Ctx) error { return w.showCohorts(c, 200, cohortsView{}) }

func (w *Web) showCohorts(c *fiber.Ctx, status int, data cohortsView) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	data.Organisation = o
	list, err := w.Tracking.Cohorts(ctx, o.Path)
	if err != nil {
		return err
	}
	for i := range list {
		shown, err := w.API.CohortOf(ctx, &list[i])
		if err != nil {
			return err
		}
		data.Cohorts = append(data.Cohorts, shown)
	}
	below, err := w.People.Organisations(ctx, o.Path)
	if err != nil {
		return err
	}
	data.Names = map[string]string{}
	for _, x := range below {
		data.Names[x.ID] = x.Name
	}
	assignments, err := w.Tracking.Assignments(ctx, o.Path)
	if err != nil {
		return err
	}
	if data.Assignments, err = w.rows(c, assignments); err != nil {
		return err
	}
	if data.Draft.ID == "" {
		data.Draft = cohortDraft{ID: newID(), Fresh: true, CohortFields: api.CohortFields{Kind: tracking.ByHand}}
	}
	data.Draft.fill(below)
	data.Assign = w.assignDraft(c, tracking.ToUnit, o.ID)
	return w.show(c, status, "cohorts", w.page(c, "organisations", w.t(c, "cohorts.title"), data))
}

func (d *cohortDraft) fill(units []people.Organisation) {
	d.Units, d.RuleRoles = units, []people.Role{people.Learner, people.Trainer, people.Administrator}
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (w *Web) assignDraft(c *fiber.Ctx, kind, to string) assignDraft {
	d := assignDraft{ID: newID(), Kind: kind, To: to}
	for _, p := range w.Library.Courses() {
		d.Courses = append(d.Courses, courseOption{p.Course.Slug, gate.Of(c).Edition(p).Title.Plain})
	}
	return d
}

// title is a course's, in the reader's language.
func (w *Web) title(c *fiber.Ctx, slug string) string {
	if p, ok := w.Library.Current(slug); ok {
		return gate.Of(c).Edition(p).Title.Plain
	}
	return slug
}

func (w *Web) rows(c *fiber.Ctx, list []tracking.Assignment) (rows []assignmentRow, err error) {
	for i := range list {
		a := &list[i]
		row := assignmentRow{Assignment: a, Owner: people.IDOf(a.Organisation), Title: w.title(c, a.Course)}
		var id string
		switch row.Kind, id = a.Target().Split(); row.Kind {
		case tracking.ToUnit:
			o, err := w.People.Organisation(c.UserContext(), id)
			if err != nil {
				return nil, err
			}
			row.ToName = o.Name
		case tracking.ToCohort:
			if x, err := w.Tracking.Cohort(c.UserContext(), id); err == nil {
				row.ToName = x.Name
			} else if !fault.Is(err, "not-found") {
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// setCohort shows whom a rule reaches, or makes the cohort or changes it.
func (w *Web) setCohort(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	draft := cohortDraft{ID: form.Get("id"), CohortFields: cohortFields(form), Fresh: form.Get("fresh") != ""}
	if form.Get("do") == "look" {
		seen, err := w.API.PreviewCohort(ctx, o, draft.CohortFields)
		if err == nil {
			draft.Preview = &seen
		}
		return w.showDraft(c, draft, err)
	}
	if _, err := w.Tracking.SetCohort(ctx, v.Account, draft.ID, o, draft.CohortFields.New()); err != nil {
		return w.showDraft(c, draft, err)
	}
	return c.Redirect("/organisations/"+o.ID+"/cohorts/"+draft.ID, fiber.StatusSeeOther)
}

func (w *Web) showDraft(c *fiber.Ctx, draft cohortDraft, err error) error {
	status, problem := 200, ""
	if err != nil {
		p := problemOf(w, c, err)
		if p.Status >= 500 {
			return err
		}
		status, problem = p.Status, p.Title
	}
	return w.showCohorts(c, status, cohortsView{Draft: draft, Problem: problem})
}

func cohortFields(form url.Values) api.CohortFields {
	f := api.CohortFields{
		Name: form.Get("name"), Kind: tracking.Kind(form.Get("kind")), StartsOn: form.Get("starts_on"), EndsOn: form.Get("ends_on"),
		Pace: number(form.Get("pace")), Answers: form.Get("answers") != "",
		Rule: api.CohortRule{Units: form["unit"], Languages: form["language"], Countries: spaced(strings.ToUpper(form.Get("countries")))},
	}
	for _, r := range form["role"] {
		f.Rule.Roles = append(f.Rule.Roles, people.Role(r))
	}
	return f
}

// cohortView is one cohort for who administers it.
type cohortView struct {
	*people.Organisation
	Cohort    api.Cohort
	Kind      tracking.Kind
	Tutors    []tracking.Tutor // also those who have left
	Members   api.CohortMembers
	Courses   []assignmentRow
	Draft     cohortDraft
	Assign    assignDraft
	Titles    map[string]string
	Problem   string
	Manage    bool // false: a tutor looks
	Answers   bool // the visitor may open what members answered
	SeenUntil string
}

func (w *Web) cohort(c *fiber.Ctx) error { return w.showCohort(c, 200, "") }

// cohortOf finds a cohort of the organisation in the address.
func (w *Web) cohortOf(c *fiber.Ctx) (*people.Organisation, *tracking.Cohort, error) {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return nil, nil, err
	}
	cohort, err := w.API.CohortFor(ctx, v, people.ManageCohorts, c.Params("cohort"))
	if err == nil && !people.Within(cohort.Organisation, o.Path) {
		err = fault.New("not-found")
	}
	if err == nil && cohort.Organisation != o.Path {
		o, err = w.People.Organisation(ctx, people.IDOf(cohort.Organisation))
	}
	return o, cohort, err
}

func (w *Web) showCohort(c *fiber.Ctx, status int, problem string) error {
	o, cohort, err := w.cohortOf(c)
	if err != nil {
		return err
	}
	data, err := w.cohortView(c, o, cohort)
	if err != nil {
		return err
	}
	below, err := w.People.Organisations(c.UserContext(), o.Path)
	if err != nil {
		return err
	}
	data.Manage, data.Problem = true, problem
	data.Draft = cohortDraft{ID: cohort.ID, CohortFields: data.Cohort.CohortFields}
	data.Draft.fill(below)
	data.Assign = w.assignDraft(c, tracking.ToCohort, cohort.ID)
	return w.show(c, status, "cohort", w.page(c, "organisations", cohort.Name, data))
}

func (w *Web) cohortView(c *fiber.Ctx, o *people.Organisation, cohort *tracking.Cohort) (*cohortView, error) {
	ctx := c.UserContext()
	data := &cohortView{Organisation: o, Kind: cohort.Kind, Titles: map[string]string{}}
	var err error
	if data.Cohort, err = w.API.CohortOf(ctx, cohort); err != nil {
		return nil, err
	}
	if data.Tutors, err = w.Tracking.Tutors(ctx, cohort); err != nil {
		return nil, err
	}
	if data.Members, err = w.API.CohortMembers(ctx, cohort, c.Query("cursor"), 100); err != nil {
		return nil, err
	}
	courses, err := w.Tracking.Courses(ctx, cohort)
	if err != nil {
		return nil, err
	}
	for _, a := range courses {
		data.Titles[a.Course] = w.title(c, a.Course)
	}
	data.Answers = gate.Of(c).MayAt(people.SeeAnswers, cohort.Path()) == nil && cohort.Open(w.Now())
	if cohort.Answers {
		data.SeenUntil = cohort.SeenUntil().Format("2006-01-02")
	}
	data.Courses, err = w.rows(c, courses)
	return data, err
}

// backToCohort shows the cohort again, with what went wrong if something did.
func (w *Web) backToCohort(c *fiber.Ctx, err error) error {
	if err != nil {
		if p := problemOf(w, c, err); p.Status < 500 {
			return w.showCohort(c, p.Status, p.Title)
		}
		return err
	}
	return c.Redirect("/organisations/"+c.Params("organisation")+"/cohorts/"+c.Params("cohort"), fiber.StatusSeeOther)
}

func (w *Web) removeCohort(c *fiber.Ctx) error {
	o, cohort, err := w.cohortOf(c)
	if err != nil {
		return err
	}
	if err := w.Tracking.RemoveCohort(c.UserContext(), gate.Of(c).Account, cohort); err != nil {
		return err
	}
	return c.Redirect("/organisations/"+o.ID+"/cohorts", fiber.StatusSeeOther)
}

// Drafting prepares the form of a cohort for its partial template, as do those
// below for theirs.
func (p *Page) Drafting(d cohortDraft) any {
	return struct {
		P     *Page
		Draft cohortDraft
	}{p, d}
}

// Assigning prepares the form of an assignment.
func (p *Page) Assigning(d assignDraft) any {
	return struct {
		P      *Page
		Assign assignDraft
	}{p, d}
}

// Assigned prepares the line of an assignment.
func (p *Page) Assigned(row assignmentRow) any {
	return struct {
		P   *Page
		Row assignmentRow
	}{p, row}
}

// Standing prepares where somebody stands in what an assignment asks.
func (p *Page) Standing(s api.CourseStanding) any {
	return struct {
		P *Page
		S api.CourseStanding
	}{p, s}
}

// DueIn prepares by when a course is due.
func (p *Page) DueIn(d dueView) any {
	return struct {
		P   *Page
		Due dueView
	}{p, d}
}

// In prepares a cohort as its member sees it.
func (p *Page) In(o ownCohort) any {
	return struct {
		P      *Page
		Cohort ownCohort
	}{p, o}
}
