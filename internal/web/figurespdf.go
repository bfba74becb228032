package web

import (
	"bytes"
	"cmp"

	"github.com/gofiber/fiber/v2"

	"havn/internal/language"
	"havn/internal/paper"
	"havn/internal/protect"
)

// figuresPDF is the page of figures as a file, with its tables.
func (w *Web) figuresPDF(c *fiber.Ctx) error {
	data, within, err := w.askedFigures(c)
	if err != nil {
		return err
	}
	if err := w.fillFigures(c, within, data); err != nil {
		return err
	}
	p := w.page(c, "figures", "", data)
	r := paper.Report{
		Lang: p.Lang, Dir: language.Direction(p.Lang), Issuer: "Havn", Title: p.T("figures.title"), Created: data.At,
		Lines: []string{p.T("figures.at", "time", p.DateTime(data.At)), cmp.Or(nameOf(data.Courses, data.Asked.Course), p.T("standing.all-courses"))},
		Page:  func(n, of int) string { return p.T("figures.sheet", "n", n, "of", of) },
		Note:  []string{p.T("figures.left-out")},
	}
	if data.Place != "" {
		r.Title += ": " + data.Place
	}
	if data.Period() {
		r.Lines = append(r.Lines, p.T("figures.days", "from", cmp.Or(p.Day(data.Asked.From), "…"), "to", cmp.Or(p.Day(data.Asked.To), "…")), p.T("figures.period"))
	}
	if data.Hidden {
		r.Lines = append(r.Lines, p.T("figures.why-hidden"))
	}
	tell := func(f protect.Figure) string { return p.Cell(f).Text }
	if data.Nothing {
		r.Lines = append(r.Lines, p.T("figures.few"))
	} else {
		r.Parts = data.parts(p, tell)
	}
	var b bytes.Buffer
	if err := paper.RenderReport(&b, r); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/pdf")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="havn-figures.pdf"`)
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(b.Bytes())
}

// parts are the page's tables, in its order.
func (v *figuresView) parts(p *Page, tell func(protect.Figure) string) (parts []paper.Part) {
	say := p.T
	funnel := paper.Part{Heading: p.T("figures.funnel"), Head: []string{"", p.T("figures.people-head")}}
	funnel.Rows = append(funnel.Rows, []string{p.T("figures.assigned"), tell(v.Total.All)})
	if v.Begun != nil {
		funnel.Rows = append(funnel.Rows, []string{p.T("figures.begun"), tell(*v.Begun)})
	}
	funnel.Rows = append(funnel.Rows, []string{p.T("figures.certified"), tell(v.Total.Done)}, []string{p.T("figures.overdue"), tell(v.Total.Late)})
	parts = append(parts, funnel)
	if x := v.Compared; x != nil {
		parts = append(parts, paper.Part{Heading: p.T("figures.compared"), Head: []string{"", p.T("figures.certified"), p.T("figures.overdue")}, Rows: [][]string{
			{x.Days(p, false), tell(x.Now.Done), tell(x.Now.Late)}, {x.Days(p, true), tell(x.Before.Done), tell(x.Before.Late)},
		}})
	}
	for _, s := range v.Sections {
		part := paper.Part{Heading: say("figures.by-" + string(s.By)), Head: []string{say("figures.one-" + string(s.By)), p.T("figures.assigned"), p.T("figures.certified"), p.T("figures.overdue")}}
		if s.NotByPeriod {
			part.Lines = []string{p.T("figures.not-by-period")}
		}
		for _, r := range s.Rows {
			part.Rows = append(part.Rows, []string{r.Name, tell(r.All), tell(r.Done), tell(r.Late)})
		}
		parts = append(parts, part)
	}
	for _, o := range v.Outcomes {
		part := paper.Part{Heading: say("figures.by-" + string(o.By)), Lines: []string{o.Says}, Head: append([]string{say("figures.one-" + string(o.By))}, o.Head...)}
		if o.NotByPeriod {
			part.Lines = []string{p.T("figures.not-by-period")}
		} else {
			part.Lines = append(part.Lines, say("figures.about-"+string(o.By)))
		}
		for _, r := range o.Rows {
			row := []string{r.Name}
			for _, f := range r.Figures {
				row = append(row, tell(f))
			}
			part.Rows = append(part.Rows, row)
		}
		parts = append(parts, part)
	}
	return parts
}
