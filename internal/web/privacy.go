package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/privacy"
	"havn/internal/tracking"
)

// privacyView is the page "Who can see what about me".
type privacyView struct {
	Collections []privacy.Collection
	Erased      bool // just now
	Cohorts     []ownCohort
	Looks       []tracking.Looked
	Titles      map[string]string
}

// By groups a collection's fields by who sees them.
func (privacyView) By(c privacy.Collection) []seenBy {
	var out []seenBy
	for _, f := range c.Fields {
		n := len(out) - 1
		for i := range out {
			if out[i].Who == f.Who {
				n = i
			}
		}
		if n < 0 || out[n].Who != f.Who {
			out, n = append(out, seenBy{Who: f.Who}), len(out)
		}
		out[n].Fields = append(out[n].Fields, f)
	}
	return out
}

type seenBy struct {
	Who    privacy.Who
	Fields []privacy.Field
}

func (w *Web) privacy(c *fiber.Ctx) error {
	data := privacyView{Collections: privacy.Map, Erased: c.Query("erased") == "1", Titles: map[string]string{}}
	if v := gate.Of(c); v.May(people.Learn) == nil {
		var err error
		if data.Cohorts, err = w.ownCohorts(c); err != nil {
			return err
		}
		if data.Looks, err = w.Tracking.Looks(c.UserContext(), v.Account.ID); err != nil {
			return err
		}
		for _, l := range data.Looks {
			data.Titles[l.Course] = w.title(c, l.Course)
		}
	}
	return w.show(c, 200, "privacy", w.page(c, "", w.t(c, "privacy.title"), data))
}

func (w *Web) export(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	file, err := w.API.Export(c.UserContext(), v)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="havn-me.zip"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(file)
}

func (w *Web) erase(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	if err := w.API.Erase(c.UserContext(), v, c.FormValue("password")); err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		return w.showAccount(c, problem.Status, accountView{EraseProblem: problem.Title})
	}
	c.Cookie(w.Gate.NoCookie())
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect("/privacy?erased=1", fiber.StatusSeeOther)
}
