package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/people"
)

// completionsView is the administrator's list.
type completionsView struct {
	Rows                []api.Completion
	Counted             *api.Counted      // where no names are shown; nil where there is no such place
	Titles              map[string]string // course → title
	Filter              learning.Filter
	Organisation        string // id, "" the first that one administers
	OrganisationName    string
	Courses             []string
	Enrolled, Completed int
	Recorded            int // completed elsewhere, and not here
	Next                string
}

func (w *Web) completions(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.SeeCompletions); err != nil {
		return err
	}
	within, err := w.API.Within(c.UserContext(), v, people.SeeCompletions, c.Query("organisation"))
	if err != nil {
		return err
	}
	f := learning.Filter{Within: within, Course: c.Query("course"), Status: learning.Status(c.Query("status")), After: c.Query("cursor")}
	page, err := w.API.Completions(c.UserContext(), f)
	if err != nil {
		return err
	}
	counted, err := w.People.Counted(c.UserContext())
	if err != nil {
		return err
	}
	tally, err := w.Learning.Tally(c.UserContext(), learning.Filter{Within: within, Without: counted, Course: f.Course})
	if err != nil {
		return err
	}
	data := completionsView{Filter: f, Titles: map[string]string{}, Rows: page.Items, Counted: page.Counted, Next: page.Next}
	data.Completed = int(tally[learning.Completed])
	data.Recorded = int(tally[learning.Recorded])
	data.Enrolled = data.Completed + int(tally[learning.Enrolled])
	if within != "" {
		o, err := w.People.Organisation(c.UserContext(), people.IDOf(within))
		if err != nil {
			return err
		}
		data.Organisation, data.OrganisationName = o.ID, o.Name
	}
	for _, p := range w.Library.Courses() {
		data.Courses = append(data.Courses, p.Course.Slug)
		data.Titles[p.Course.Slug] = v.Edition(p).Title.Plain
	}
	return w.show(c, 200, "completions", w.page(c, "completions", w.t(c, "completions.title"), data))
}

// trainerView is the trainer's page: each course folder, what is published of
// it, and what is wrong with it.
type trainerView struct {
	Folders []authoring.Folder
	Drafts  []authoring.Draft     // that the visitor may work on
	Courses []*course.Publication // that lie in no folder and the visitor may publish
	Done    string                // what was just published
	Titles  map[string]string
	// Outdated is what courses reuse and has changed since, by course.
	Outdated map[string][]outdated

	say  func(id string, args ...any) string
	gone func(slug string) bool
}

func (w *Web) trainer(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	data := trainerView{Done: c.Query("published"), Titles: map[string]string{}, Outdated: map[string][]outdated{}, say: w.Locale.In(v.Lang), gone: w.Library.Withdrawn}
	if people.MayEverywhere(v.Account, people.Publish) == nil { // the folders are the site's
		var err error
		if data.Folders, err = w.Desk.Folders(c.UserContext()); err != nil {
			return err
		}
	}
	drafts, err := w.Drafts.List(c.UserContext())
	if err != nil {
		return err
	}
	data.Drafts = slices.DeleteFunc(drafts, func(d authoring.Draft) bool { return v.MayAt(people.Publish, d.Owner) != nil })
	for _, p := range w.Library.Courses() {
		slug := p.Course.Slug
		data.Titles[slug] = v.Edition(p).Title.Plain
		if v.MayAt(people.Publish, w.Library.Owner(slug)) == nil {
			if data.Outdated[slug], err = w.outdated(c, slug); err != nil {
				return err
			}
		}
		inFolder := slices.ContainsFunc(data.Folders, func(f authoring.Folder) bool { return f.Name == slug })
		if !inFolder && v.MayAt(people.Publish, w.Library.Owner(slug)) == nil {
			data.Courses = append(data.Courses, p)
		}
	}
	return w.show(c, 200, "trainer", w.page(c, "trainer", w.t(c, "trainer.title"), data))
}

func (w *Web) publish(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := people.MayEverywhere(v.Account, people.Publish); err != nil { // the folders are the site's
		return err
	}
	by := library.Author{Account: v.Account.ID}
	if c.FormValue("weighed") != "" {
		by.Says = saysOf(c)
	}
	p, _, err := w.Desk.PublishAs(c.UserContext(), c.Params("course"), by)
	if fault.Is(err, "course-has-errors") {
		return c.Redirect("/trainer", fiber.StatusSeeOther) // the page lists them
	}
	if err != nil {
		return err
	}
	return c.Redirect("/trainer?published="+p.Course.Slug, fiber.StatusSeeOther)
}

func (w *Web) withdraw(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	if err := w.API.Withdraw(c.UserContext(), v, c.Params("course"), c.FormValue("withdrawn") == "yes"); err != nil {
		return err
	}
	return c.Redirect("/trainer", fiber.StatusSeeOther)
}

func (w *Web) setEnrolmentRule(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	if err := w.API.SetAssignedOnly(c.UserContext(), v, c.Params("course"), c.FormValue("assigned_only") == "yes"); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+c.Params("course")+"/versions", fiber.StatusSeeOther)
}

// Withdrawn tells whether a folder's course was taken back.
func (v trainerView) Withdrawn(f authoring.Folder) bool { return f.Published != nil && v.gone(f.Name) }

// Errors and Warnings split a folder's problems for the page.
func (v trainerView) Errors(f authoring.Folder) int { return f.Problems.Errors() }

// Warnings counts what does not stop publication.
func (v trainerView) Warnings(f authoring.Folder) int { return len(f.Problems) - f.Problems.Errors() }

// First are the problems that the page shows, errors before warnings, in the
// trainer's language.
func (v trainerView) First(f authoring.Folder) course.Problems {
	var errs, warns course.Problems
	for _, p := range f.Problems {
		if p.Level == course.Error {
			errs = append(errs, p)
		} else {
			warns = append(warns, p)
		}
	}
	all := append(errs, warns...)
	return all[:min(len(all), 50)].Say(v.say)
}
