package tracking

import (
	"context"
	"slices"
	"strings"
	"time"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/store"
)

// By is what a report has a line of each.
type By string

// What there is.
const (
	ByUnit       By = "unit"
	ByCourse     By = "course"
	ByLanguage   By = "language"
	ByProfession By = "profession"
	ByWeek       By = "week"
	ByCountry    By = "country" // that of the organisation at the top
)

// Asked is which report is asked for.
type Asked struct {
	By     By
	Course string // "" all courses of which anything may be told
	Within string // path of an organisation, with all below; "" everybody
	// Named tells that somebody chose Within; else a place with one place below it
	// and nobody else gives way to that.
	Named    bool
	From, To string // days; whole weeks count, from the first day's to the last day's
}

// Report is one line for each of what was asked for, in an order that tells
// nothing of the figures.
type Report struct {
	Lines    []ReportLine
	All      protect.Line // of what was asked for together, undivided
	At       store.Time   // when people stood so
	From, To string       // weeks, "" no bound
}

// ReportLine is the figures of one unit, course, language, profession or week.
type ReportLine struct {
	Key string
	protect.Line
}

// MaxWeeks is the most that a report by week goes back, and YearWeeks how far it
// does where no first day is given.
const (
	MaxWeeks  = 522
	YearWeeks = 52
)

// Report gives one report. Figures count people by where they stand now: All has
// a course or has to take it, Done has completed it and is behind with nothing,
// Late has let a day pass on which something was due. In a period only those count
// who came to stand so then. Languages and professions are not told by period: all
// lines are hidden. Faults: "invalid-field", "date-invalid", "course-unknown".
func (t *Tracking) Report(ctx context.Context, a Asked) (*Report, error) {
	f, err := t.Figures(ctx)
	if err != nil {
		return nil, err
	}
	return t.ReportOf(ctx, f, a)
}

// ReportOf gives one report of figures that are there, so that several tell of the
// same time.
func (t *Tracking) ReportOf(ctx context.Context, f *Figures, a Asked) (*Report, error) {
	r := &Report{}
	var err error
	at := f.at(a.Within)
	if r.From, r.To, err = weeksOf(a.From, a.To); err != nil {
		return nil, err
	}
	r.At = f.At
	if _, known := t.Library.Current(a.Course); a.Course != "" && !known {
		return nil, fault.At("course-unknown", "course")
	}
	sum := func(of func(*protect.Course) protect.Line) protect.Line { return f.sum(a.Course, of) }
	line := func(key string, of func(*protect.Course) protect.Line) {
		r.Lines = append(r.Lines, ReportLine{key, sum(of)})
	}
	r.All = sum(func(c *protect.Course) protect.Line { return c.Period(at, r.From, r.To) })
	switch a.By {
	case ByCourse:
		slugs := []string{a.Course}
		if a.Course == "" {
			slugs = f.Courses()
			for _, p := range t.Library.Courses() {
				slugs = append(slugs, p.Course.Slug)
			}
			slices.Sort(slugs)
			slugs = slices.Compact(slugs)
		}
		for _, slug := range slugs {
			r.Lines = append(r.Lines, ReportLine{slug, f.sum(slug, func(c *protect.Course) protect.Line { return c.Period(at, r.From, r.To) })})
		}
	case ByUnit:
		err = t.byUnit(ctx, f, a, r, line, sum)
	case ByLanguage:
		for _, l := range t.People.Languages {
			line(l, r.whole(func(c *protect.Course) protect.Line { return c.Column(at, protect.Languages, l) }))
		}
	case ByProfession:
		for _, p := range append(slices.Clone(people.Professions), "") {
			line(string(p), r.whole(func(c *protect.Course) protect.Line { return c.Column(at, protect.Professions, string(p)) }))
		}
	case ByWeek:
		for _, w := range t.span(r.From, r.To) {
			line(w, func(c *protect.Course) protect.Line { return c.Period(at, w, w) })
		}
	case ByCountry:
		for _, code := range f.countriesOf(a.Within) {
			place := at
			if place == "" {
				place = countryPath(code)
			}
			line(code, func(c *protect.Course) protect.Line { return c.Period(place, r.From, r.To) })
		}
	default:
		err = fault.At("invalid-field", "by")
	}
	return r, err
}

// countriesOf are the countries of organisations, or that of one.
func (f *Figures) countriesOf(within string) (codes []string) {
	for top, code := range f.countries {
		if within == "" || strings.HasPrefix(within, top) {
			codes = append(codes, code)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// whole answers what is not told by period.
func (r *Report) whole(of func(*protect.Course) protect.Line) func(*protect.Course) protect.Line {
	if r.From == "" && r.To == "" {
		return of
	}
	return func(*protect.Course) protect.Line { return protect.Line{} }
}

// sum asks one course, or all of which anything is told.
func (f *Figures) sum(slug string, of func(*protect.Course) protect.Line) protect.Line {
	if slug != "" {
		if c := f.courses[slug]; c != nil {
			return of(c)
		}
		return protect.Sum()
	}
	var lines []protect.Line
	for _, c := range f.courses {
		if c.Counted() {
			lines = append(lines, of(c))
		}
	}
	if lines == nil && len(f.courses) > 0 {
		return protect.Line{} // there are people, too few of each course
	}
	return protect.Sum(lines...)
}

// Told is how many people of some places, none within another, have a course, or
// ("") courses of which anything is told.
func (t *Tracking) Told(ctx context.Context, course string, places []string) (protect.Line, error) {
	f, err := t.Figures(ctx)
	if err != nil {
		return protect.Line{}, err
	}
	var lines []protect.Line
	for _, path := range places {
		lines = append(lines, f.sum(course, func(c *protect.Course) protect.Line { return c.At(f.at(path)) }))
	}
	return protect.Sum(lines...), nil
}

// byUnit has a line for each unit below, with all below it, and one for those who
// work at the place itself.
func (t *Tracking) byUnit(ctx context.Context, f *Figures, a Asked, r *Report, line func(string, func(*protect.Course) protect.Line), sum func(func(*protect.Course) protect.Line) protect.Line) error {
	return t.eachUnit(ctx, f, a, func(id string, place func(*protect.Course) string) {
		line(id, func(c *protect.Course) protect.Line { return c.Period(place(c), r.From, r.To) })
	}, sum)
}

// eachUnit calls each for these, with where protect has them.
func (t *Tracking) eachUnit(ctx context.Context, f *Figures, a Asked, each func(id string, place func(*protect.Course) string), sum func(func(*protect.Course) protect.Line) protect.Line) error {
	list, err := t.People.Organisations(ctx, a.Within)
	if err != nil {
		return err
	}
	at := a.Within
	nobody := func() bool {
		own := sum(func(c *protect.Course) protect.Line { return c.At(c.Own(f.at(at))) })
		return own.All.Told && own.All.N == 0
	}
	below := func() (units []people.Organisation) {
		for _, o := range list {
			if o.Parent() == at && o.Path != at {
				units = append(units, o)
			}
		}
		return units
	}
	units := below()
	for !a.Named && len(units) == 1 && nobody() {
		at = units[0].Path
		units = below()
	}
	for _, o := range units {
		each(o.ID, func(*protect.Course) string { return f.at(o.Path) })
	}
	if len(units) == 0 || !nobody() {
		each(people.IDOf(at), func(c *protect.Course) string { return c.Own(f.at(at)) })
	}
	return nil
}

// weeksOf rounds days to whole weeks.
func weeksOf(from, to string) (first, last string, err error) {
	for _, x := range []struct {
		day, field string
		week       *string
	}{{from, "from", &first}, {to, "to", &last}} {
		if x.day == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, x.day)
		if err != nil || day.Year() < 2000 || day.Year() > 2100 {
			return "", "", fault.At("date-invalid", x.field)
		}
		*x.week = learning.Week(day)
	}
	if first != "" && last != "" && first > last {
		return "", "", fault.At("date-invalid", "to")
	}
	return first, last, nil
}

// span lists the weeks from one to another, until this week and a year where
// these are not given.
func (t *Tracking) span(from, to string) (weeks []string) {
	now := t.Now().UTC()
	if to == "" {
		to = learning.Week(now)
	}
	if from == "" {
		from = learning.Week(learning.Monday(to).AddDate(0, 0, -7*(YearWeeks-1)))
	}
	for day := learning.Monday(from); len(weeks) < MaxWeeks; day = day.AddDate(0, 0, 7) {
		w := learning.Week(day)
		if w > to {
			break
		}
		weeks = append(weeks, w)
	}
	return weeks
}
