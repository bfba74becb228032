package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
)

// factsView is the register of a draft.
type factsView struct {
	Course    string
	Lang      string
	Dir       string
	Facts     []course.FactEntry
	Pages     map[string]string // titles
	Countries []string
	now       time.Time
}

// Overdue tells whether a fact should have been checked again by now.
func (v factsView) Overdue(f course.FactEntry) bool { return overdue(&f.Fact, v.now) }

// Title is a page's.
func (v factsView) Title(page string) string {
	if t := v.Pages[page]; t != "" {
		return t
	}
	return page
}

func (w *Web) draftFacts(c *fiber.Ctx, d *authoring.Draft) error {
	o, err := w.Drafts.Outline(c.UserContext(), d)
	if err != nil {
		return err
	}
	v := factsView{Course: d.ID, Lang: o.Course.Source, Dir: language.Direction(o.Course.Source), Facts: o.Facts, Pages: o.Pages, Countries: o.Course.Countries, now: w.Now()}
	return w.show(c, fiber.StatusOK, "draft-facts", w.page(c, "trainer", w.t(c, "facts.title"), v))
}

// factView is the form of a fact.
type factView struct {
	course.FactEntry
	Course    string
	Lang      string
	Dir       string
	Stamp     string
	Countries []string // that the course answers for, and those that the fact has
	Theirs    *course.FactEntry
	Saved     bool
}

// Day writes a day as a field has it, nothing where there is none.
func (factView) Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// In tells whether a fact applies in a country of its list.
func (v factView) In(country string) bool { return slices.Contains(v.AppliesIn, country) }

func (w *Web) draftFact(c *fiber.Ctx, d *authoring.Draft) error {
	o, err := w.Drafts.Outline(c.UserContext(), d)
	if err != nil {
		return err
	}
	v := factView{FactEntry: course.FactEntry{Country: c.Query("country")}, Saved: c.Query("saved") != ""}
	if v.Country != "" && !slices.Contains(o.Course.Countries, v.Country) {
		return fault.New("not-found")
	}
	if id := c.Query("id"); id != "" {
		f := authoring.FactIn(o, id, v.Country)
		if f != nil {
			v.Stamp = authoring.FactStamp(f)
		} else if f = authoring.FactIn(o, id, ""); f == nil { // a country's own begins as the course's
			return fault.New("not-found")
		}
		country := v.Country
		v.FactEntry = *f
		v.Country = country
	}
	return w.showFact(c, d, o, fiber.StatusOK, v)
}

func (w *Web) showFact(c *fiber.Ctx, d *authoring.Draft, o *course.Outline, status int, v factView) error {
	v.Course, v.Lang, v.Dir, v.Countries = d.ID, o.Course.Source, language.Direction(o.Course.Source), slices.Clone(o.Course.Countries)
	for _, country := range v.AppliesIn {
		if !slices.Contains(v.Countries, country) {
			v.Countries = append(v.Countries, country)
		}
	}
	title := w.t(c, "facts.add")
	if v.ID != "" {
		title = w.t(c, "facts.change")
	}
	return w.show(c, status, "draft-fact", w.page(c, "trainer", title, v))
}

// saveFact keeps a fact. Where somebody else has changed it in the meantime, both
// are shown.
func (w *Web) saveFact(c *fiber.Ctx, d *authoring.Draft) error {
	var err error
	day := func(name string) time.Time {
		s := strings.TrimSpace(c.FormValue(name))
		if s == "" {
			return time.Time{}
		}
		t, bad := time.Parse(time.DateOnly, s)
		if bad != nil {
			err = fault.At("date-invalid", name)
		}
		return t
	}
	v := factView{FactEntry: course.FactEntry{Country: c.FormValue("country"), Statement: c.FormValue("statement")}, Stamp: c.FormValue("stamp")}
	v.Fact = course.Fact{
		ID: c.FormValue("id"), Instrument: c.FormValue("instrument"), Article: c.FormValue("article"), URL: c.FormValue("url"),
		ValidFrom: day("valid_from"), CheckedOn: day("checked_on"), ReviewBy: day("review_by"), Verified: c.FormValue("verified") != "",
	}
	if err != nil {
		return err
	}
	for _, country := range c.Request().PostArgs().PeekMulti("applies_in") {
		v.AppliesIn = append(v.AppliesIn, string(country))
	}
	id, err := w.Drafts.SaveFact(c.UserContext(), d, v.FactEntry, v.Stamp, gate.Of(c).Account.ID)
	if fault.Is(err, "draft-changed") {
		o, err := w.Drafts.Outline(c.UserContext(), d)
		if err != nil {
			return err
		}
		if v.Theirs = authoring.FactIn(o, v.ID, v.Country); v.Theirs == nil {
			return fault.New("not-found")
		}
		v.Stamp = authoring.FactStamp(v.Theirs)
		return w.showFact(c, d, o, fiber.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/fact?saved=1&id="+id+"&country="+v.Country, fiber.StatusSeeOther)
}
