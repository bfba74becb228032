package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
)

// placeView is what a draft has of its own in a country.
type placeView struct {
	Course  string
	Country string
	Lang    string
	Modules []placeModule
	Pool    []questionName
	Facts   []course.FactEntry // the course's, and whether the country has its own
	Own     map[string]bool    // ids of the country's own facts
	Hidden  map[string]bool
	Saved   bool
}

// placeModule is a module with the pages that stand in it there.
type placeModule struct {
	outlineModule
	Here []placePage
}

type placePage struct {
	outlinePage
	Own   bool // the country has a version of its own
	Added bool // it stands there only
}

func (w *Web) draftPlace(c *fiber.Ctx, d *authoring.Draft) error {
	folder, err := w.Drafts.Whole(c.UserContext(), d)
	if err != nil {
		return err
	}
	b, _ := course.ReadBank(d.ID, folder)
	o := course.ReadOutline(d.ID, folder)
	v := placeView{Course: d.ID, Country: c.Query("country"), Lang: b.Source, Own: map[string]bool{}, Hidden: map[string]bool{}, Saved: c.Query("saved") != ""}
	if !slices.Contains(o.Course.Countries, v.Country) {
		return fault.New("not-found")
	}
	place := o.Places[v.Country]
	modules, _ := outlineOf(o, b)
	for _, m := range modules {
		here := placeModule{outlineModule: m}
		for _, p := range m.Pages {
			page := placePage{outlinePage: p, Own: slices.Contains(place.Own, p.ID)}
			if page.Own {
				page.Path = "places/" + v.Country + "/" + p.Path
			}
			here.Here = append(here.Here, page)
		}
		for _, id := range place.Add[m.ID] {
			page := pageIn(o, b, id)
			page.Path = "places/" + v.Country + "/" + page.Path
			here.Here = append(here.Here, placePage{page, true, true})
		}
		v.Modules = append(v.Modules, here)
	}
	for _, id := range place.Hide {
		v.Hidden[id] = true
	}
	for _, q := range b.Questions {
		v.Pool = append(v.Pool, questionNamed(b, q))
	}
	for _, f := range o.Facts {
		switch f.Country {
		case "":
			v.Facts = append(v.Facts, f)
		case v.Country:
			if v.Own[f.ID] = true; authoring.FactIn(o, f.ID, "") == nil {
				v.Facts = append(v.Facts, f)
			}
		}
	}
	return w.show(c, fiber.StatusOK, "draft-place", w.page(c, "trainer", w.t(c, "place.title", "country", course.CountryName(gate.Of(c).Lang, v.Country)), v))
}

// savePlace keeps what is left out in a country, or makes a page of its own.
func (w *Web) savePlace(c *fiber.Ctx, d *authoring.Draft) error {
	by, country := gate.Of(c).Account.ID, c.FormValue("country")
	if kind := c.FormValue("kind"); kind == "own" || kind == "add" {
		file, err := w.Drafts.OwnPage(c.UserContext(), d, country, c.FormValue("page"), c.FormValue("module"), c.FormValue("title"), by)
		if err != nil {
			return err
		}
		return c.Redirect(editURL(d.ID, file), fiber.StatusSeeOther)
	}
	var hide []string
	for _, id := range c.Request().PostArgs().PeekMulti("hide") {
		hide = append(hide, string(id))
	}
	if err := w.Drafts.SetPlace(c.UserContext(), d, country, hide, by); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/place?saved=1&country="+country, fiber.StatusSeeOther)
}

// aboutView is the form of what holds for a course as a whole.
type aboutView struct {
	*course.Outline
	Slug  string
	Saved bool
}

// Words are entries in a line.
func (aboutView) Words(list []string) string { return strings.Join(list, " ") }

// Requires are what completion can ask for.
func (aboutView) Requires() []string { return []string{"all", "quizzes", "pages"} }

func (w *Web) draftAbout(c *fiber.Ctx, d *authoring.Draft) error {
	o, err := w.Drafts.Outline(c.UserContext(), d)
	if err != nil {
		return err
	}
	return w.show(c, fiber.StatusOK, "draft-about", w.page(c, "trainer", w.t(c, "outline.about"), aboutView{o, d.ID, c.Query("saved") != ""}))
}

func (w *Web) saveAbout(c *fiber.Ctx, d *authoring.Draft) error {
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
		return min(max(n, 0), 1200)
	}
	a := authoring.About{
		Title: c.FormValue("title"), Summary: c.FormValue("summary"), Minutes: number("minutes"), Audience: strings.Fields(strings.ToLower(c.FormValue("audience"))),
		Countries: strings.Fields(strings.ToUpper(c.FormValue("countries"))), Completion: course.Completion{Require: c.FormValue("require"), ValidMonths: number("valid_months")},
	}
	if !slices.Contains(aboutView{}.Requires(), a.Completion.Require) {
		return fault.New("bad-request")
	}
	if err := w.Drafts.SetAbout(c.UserContext(), d, a, gate.Of(c).Account.ID); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/about?saved=1", fiber.StatusSeeOther)
}
