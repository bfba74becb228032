package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/language"
)

// whereView asks the reader for the country that they work in.
type whereView struct {
	Countries []string // that the course answers for
}

func where(p *course.Publication) *whereView { return &whereView{p.Course.Countries} }

// Placed is whereView as the partial template "where" shows it.
type Placed struct {
	*Page
	*whereView
}

// With prepares the question for the partial template.
func (p *Page) With(w *whereView) Placed { return Placed{p, w} }

// Listed tells whether the course answers for the country that the reader works in.
func (p Placed) Listed() bool { return slices.Contains(p.Countries, p.Visitor.Country) }

// setCountry keeps where somebody works: with their account, or on this device.
func (w *Web) setCountry(c *fiber.Ctx) error {
	country := c.FormValue("country")
	if v := gate.Of(c); v.Account != nil {
		if err := w.People.SetCountry(c.UserContext(), v.Account.ID, country); err != nil {
			return err
		}
	} else if country == "" || language.Country(country) {
		c.Cookie(&fiber.Cookie{Name: gate.CountryCookie, Value: country, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: "Lax", Secure: w.BaseURL.Scheme == "https", HTTPOnly: true})
	}
	return c.Redirect(localPath(c.FormValue("next")), fiber.StatusSeeOther)
}
