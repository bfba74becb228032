package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/standing"
)

// askStanding orders the report that is shown, each week or month.
func (w *Web) askStanding(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.SeeFigures); err != nil {
		return err
	}
	unit, course := c.FormValue("unit"), c.FormValue("course")
	if _, err := w.API.AskStanding(c.UserContext(), v, c.FormValue("report"), unit, course, standing.Every(c.FormValue("every"))); err != nil {
		return err
	}
	return w.backToFigures(c, unit, course)
}

func (w *Web) stopStanding(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.SeeFigures); err != nil {
		return err
	}
	if err := w.API.Standing.Stop(c.UserContext(), v.Account.ID, c.FormValue("report")); err != nil {
		return err
	}
	return w.backToFigures(c, c.FormValue("unit"), c.FormValue("course"))
}

func (w *Web) backToFigures(c *fiber.Ctx, unit, course string) error {
	q := url.Values{}
	for name, value := range map[string]string{"unit": unit, "course": course} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return c.Redirect("/admin/figures?"+q.Encode()+"#standing", fiber.StatusSeeOther)
}
