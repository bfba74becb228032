package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/protect"
	"havn/internal/tracking"
)

// publicView is the page of figures for everybody.
type publicView struct {
	All      protect.Figure
	Sections []section
	Hidden   bool
}

// publicFigures is there where the site's operator has switched it on.
func (w *Web) publicFigures(c *fiber.Ctx) error {
	if !w.PublicFigures {
		return fault.New("not-found")
	}
	f, err := w.Tracking.Public(c.UserContext())
	if err != nil {
		return err
	}
	d := &drawer{w: w, lang: gate.Of(c).Lang}
	data := publicView{All: f.All, Hidden: !f.All.Told}
	for _, x := range []struct {
		by    tracking.By
		lines []tracking.PublicLine
		name  func(string) string
	}{{tracking.ByCountry, f.Countries, d.country}, {tracking.ByLanguage, f.Languages, d.language}} {
		s := section{By: x.by}
		for _, l := range x.lines {
			s.Rows = append(s.Rows, figureRow{Name: x.name(l.Key), Line: protect.Line{Done: l.Figure}})
			data.Hidden = data.Hidden || !l.Told
		}
		s.Plot = d.certified(x.by, s.Rows)
		data.Sections = append(data.Sections, s)
	}
	return w.show(c, fiber.StatusOK, "public-figures", w.page(c, "public-figures", w.t(c, "public-figures.title"), data))
}

// ShowsFigures tells whether strangers find a page of figures.
func (p *Page) ShowsFigures() bool { return p.web.PublicFigures }
