package web

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/tracking"
)

// figuresView is the administrator's page of figures, all of one time and all of
// them protected.
type figuresView struct {
	Problem string
	Asked   figuresAsked
	Bys     []tracking.By // that can be asked for
	Courses []choice
	Units   []choice
	Place   string // name of the unit, "" everybody
	// Everywhere tells that the visitor may ask for everybody.
	Everywhere bool
	At         time.Time
	Total      protect.Line
	// Begun is how many have begun; nil where there is a period, for which it is not told.
	Begun    *protect.Figure
	Funnel   *plot
	Sections []section
	Outcomes []outcome
	Standing []api.StandingReport
	Order    string // id of one that is asked for from here
	Compared *comparison
	Hidden   bool // something is not told
	Nothing  bool // nothing is told
}

// figuresAsked are the filters, as they stand in the address.
type figuresAsked struct {
	Course, Unit, From, To string
	By                     tracking.By
	Compare                bool
}

type choice struct{ ID, Name string }

// section is one way to divide people, drawn and as a table.
type section struct {
	By   tracking.By
	Rows []figureRow
	Plot *plot
	// NotByPeriod tells that there is a period, for which this is not told.
	NotByPeriod bool
}

// comparison is a period beside the one before it that is as long.
type comparison struct {
	Now, Before protect.Line
	Plot        *plot
	// From and To are the days of both.
	From, To, FromBefore, ToBefore time.Time
}

// weeksShown is how far the page goes back where no first day is given.
const weeksShown = 26

func (w *Web) figures(c *fiber.Ctx) error {
	v := gate.Of(c)
	data, within, err := w.askedFigures(c)
	if err != nil {
		return err
	}
	if data.Standing, err = w.API.StandingReports(c.UserContext(), v); err != nil {
		return err
	}
	data.Order = uuid.NewString()
	status := fiber.StatusOK
	if err := w.fillFigures(c, within, data); err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		status, data.Problem, data.Funnel = problem.Status, problem.Title, nil
	}
	title := w.t(c, "figures.title")
	if data.Place != "" {
		title += ": " + data.Place
	}
	return w.show(c, status, "figures", w.page(c, "figures", title, data))
}

// askedFigures reads the filters of the address, and of what the visitor may ask.
func (w *Web) askedFigures(c *fiber.Ctx) (data *figuresView, within string, err error) {
	v := gate.Of(c)
	if err := v.May(people.SeeFigures); err != nil {
		return nil, "", err
	}
	data = &figuresView{
		Asked: figuresAsked{c.Query("course"), c.Query("unit"), c.Query("from"), c.Query("to"), tracking.By(c.Query("by")), c.Query("compare") != ""},
		Bys:   []tracking.By{tracking.ByWeek, tracking.ByUnit, tracking.ByCourse, tracking.ByLanguage, tracking.ByProfession},
	}
	data.Everywhere = slices.Contains(v.Scope(people.SeeFigures), "")
	if data.Everywhere && (data.Asked.Unit == "" || data.Asked.By == tracking.ByCountry) {
		data.Bys = append(data.Bys, tracking.ByCountry)
	}
	data.Bys = append(data.Bys, outcomeBys...)
	for _, p := range w.Library.Courses() {
		data.Courses = append(data.Courses, choice{p.Course.Slug, v.Edition(p).Title.Plain})
	}
	list, err := w.People.Organisations(c.UserContext(), v.Scope(people.SeeFigures)...)
	if err != nil {
		return nil, "", err
	}
	for _, o := range list {
		data.Units = append(data.Units, choice{o.ID, o.Name})
	}
	within, err = w.API.Within(c.UserContext(), v, people.SeeFigures, data.Asked.Unit)
	if err != nil {
		return nil, "", err
	}
	if within != "" {
		data.Place = nameOf(data.Units, people.IDOf(within))
	}
	return data, within, nil
}

// fillFigures asks for each report that the page shows.
func (w *Web) fillFigures(c *fiber.Ctx, within string, data *figuresView) error {
	f, err := w.Tracking.Figures(c.UserContext())
	if err != nil {
		return err
	}
	data.At = f.At.Time
	d := &drawer{w, c, gate.Of(c).Lang, data.Asked}
	ask := func(by tracking.By, from, to string) (*tracking.Report, error) {
		return w.Tracking.ReportOf(c.UserContext(), f, tracking.Asked{By: by, Course: data.Asked.Course, Within: within, Named: data.Asked.Unit != "", From: from, To: to})
	}
	whole := func(from, to string) (protect.Line, error) {
		r, err := ask(tracking.ByCourse, from, to)
		if err != nil {
			return protect.Line{}, err
		}
		return r.All, nil
	}
	if data.Total, err = whole(data.Asked.From, data.Asked.To); err != nil {
		return err
	}
	o, err := w.Tracking.OutcomesOf(c.UserContext(), f, tracking.Asked{Course: data.Asked.Course, Within: within, Named: data.Asked.Unit != ""})
	if err != nil {
		return err
	}
	if !data.Period() {
		data.Begun = &o.Begun
	}
	data.Funnel = d.funnel(data.Total, data.Begun)
	data.Hidden, data.Nothing = data.Total.Hidden(), figureRow{Line: data.Total}.Nothing()
	if data.Asked.Compare && data.Asked.From != "" {
		if data.Compared, err = w.compare(data.Asked, whole); err != nil {
			return err
		}
		data.Compared.Plot = d.compared(data.Compared)
	}
	for _, by := range data.Bys {
		if data.Asked.By != "" && data.Asked.By != by || slices.Contains(outcomeBys, by) {
			continue
		}
		from := data.Asked.From
		if by == tracking.ByWeek && from == "" {
			from = w.firstDay(data.Asked.To)
		}
		r, err := ask(by, from, data.Asked.To)
		if err != nil {
			return err
		}
		s := section{By: by, NotByPeriod: (by == tracking.ByLanguage || by == tracking.ByProfession) && r.From+r.To != ""}
		if !s.NotByPeriod {
			if by == tracking.ByWeek {
				s.Rows, err = d.weeks(r.Lines, whole)
			} else {
				s.Rows = d.rows(data, by, r, within)
			}
			if err != nil {
				return err
			}
			s.Plot = d.draw(by, r.Lines, s.Rows)
		}
		data.Hidden = data.Hidden || slices.ContainsFunc(s.Rows, func(r figureRow) bool { return r.Hidden() })
		data.Nothing = data.Nothing && !slices.ContainsFunc(s.Rows, func(r figureRow) bool { return !r.Nothing() })
		data.Sections = append(data.Sections, s)
	}
	data.Outcomes = d.outcomes(data, o, within)
	data.Hidden = data.Hidden || slices.ContainsFunc(data.Outcomes, outcome.Hidden)
	if data.Asked.By != "" && len(data.Sections)+len(data.Outcomes) == 0 {
		return fault.At("invalid-field", "by")
	}
	return nil
}

// firstDay is where the weeks begin that are shown where no first day is given.
func (w *Web) firstDay(to string) string {
	day, err := time.Parse(time.DateOnly, to)
	if err != nil {
		day = w.Now()
	}
	return day.AddDate(0, 0, -7*(weeksShown-1)).Format(time.DateOnly)
}

// compare sets a period of whole weeks beside the one before it.
func (w *Web) compare(a figuresAsked, whole func(from, to string) (protect.Line, error)) (*comparison, error) {
	from, err := time.Parse(time.DateOnly, a.From)
	if err != nil {
		return nil, fault.At("date-invalid", "from")
	}
	to, err := time.Parse(time.DateOnly, cmp.Or(a.To, w.Now().UTC().Format(time.DateOnly)))
	if err != nil || to.Before(from) {
		return nil, fault.At("date-invalid", "to")
	}
	out := &comparison{From: learning.Monday(learning.Week(from)), To: learning.Monday(learning.Week(to)).AddDate(0, 0, 6)}
	out.ToBefore = out.From.AddDate(0, 0, -1)
	out.FromBefore = out.From.Add(out.From.Sub(out.To)).AddDate(0, 0, -1)
	if out.Now, err = whole(out.From.Format(time.DateOnly), out.To.Format(time.DateOnly)); err != nil {
		return nil, err
	}
	out.Before, err = whole(out.FromBefore.Format(time.DateOnly), out.ToBefore.Format(time.DateOnly))
	return out, err
}

// UnitName is that of a unit.
func (v figuresView) UnitName(id string) string { return nameOf(v.Units, id) }

// CourseName is that of a course.
func (v figuresView) CourseName(slug string) string { return cmp.Or(nameOf(v.Courses, slug), slug) }

func nameOf(list []choice, id string) string {
	for _, x := range list {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

// address is the same page with another filter.
func (a figuresAsked) address(name, value string) string {
	q := url.Values{}
	for key, v := range map[string]string{"course": a.Course, "unit": a.Unit, "from": a.From, "to": a.To, "by": string(a.By), name: value} {
		if v != "" {
			q.Set(key, v)
		}
	}
	return "?" + q.Encode()
}

// PDF is the query of the same figures as a file.
func (v *figuresView) PDF() string {
	q := v.Asked.address("", "")
	if v.Asked.Compare {
		q += "&compare=1"
	}
	return q
}

// Days says from when to when a period or the one before it goes.
func (x *comparison) Days(p *Page, before bool) string {
	from, to := x.From, x.To
	if before {
		from, to = x.FromBefore, x.ToBefore
	}
	return p.T("figures.days", "from", p.Date(from), "to", p.Date(to))
}
