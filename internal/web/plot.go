package web

import (
	"math"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/course"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/protect"
	"havn/internal/tracking"
)

// plot is figures as shapes. Across, all is in per cent of the width, so that
// words keep their size on any screen; down, in px. It runs in the direction of
// reading.
type plot struct {
	ID      string // of the elements that describe it
	Title   string
	Says    string
	Height  int
	Bars    []plotBar
	Columns []plotColumn
	Top     string // number at the top of columns
	// Start and End are where lines of words begin and end, in per cent.
	Start, End float64
	Words      []plotWord
}

// plotBar is a line of people, lying: who has the course, of these who is certified
// and, at the end, who is overdue.
type plotBar struct {
	Name, Value     string
	Words, Y        int
	All, Done, Late *span
	Hidden          bool
}

// plotColumn is a week, standing.
type plotColumn struct {
	X, Width  float64
	Y, Height int
	Hidden    bool
}

type plotWord struct {
	Text string
	X    float64
	Y    int
	End  bool // it ends there
}

// span is a part of the width, in per cent.
type span struct{ X, Width float64 }

// How high things are, in px: a bar with its words, columns, a line of words.
const barRow, columnsHeight, wordLine = 54, 150, 22

// nameShown is how much of a name fits beside a value on a small phone; the table
// has it whole.
const nameShown = 22

// drawer draws for one reader.
type drawer struct {
	w     *Web
	c     *fiber.Ctx
	lang  string
	asked figuresAsked
}

func (d *drawer) word(id string, args ...any) string { return d.w.Locale.T(d.lang, id, args...) }

func (d *drawer) language(tag string) string { return language.Name(tag) }

func (d *drawer) country(code string) string {
	if code == "" {
		return d.word("figures.no-country")
	}
	return course.CountryName(d.lang, code)
}

// side is where a span lies when read from the reader's side.
func (d *drawer) side(x, width float64) *span {
	if language.Direction(d.lang) == "rtl" {
		x = 100 - x - width
	}
	return &span{x, width}
}

func (d *drawer) plot(id, title, says string) *plot {
	return &plot{ID: id, Title: title, Says: says, Start: d.side(0, 0).X, End: d.side(100, 0).X}
}

// compared draws who was certified in a period and in the one before.
func (d *drawer) compared(x *comparison) *plot {
	p := d.plot("compared", d.word("figures.compared"), d.word("figures.certified"))
	most := protect.Figure{N: max(x.Now.Done.N, x.Before.Done.N), Told: true}
	for _, f := range []struct {
		name string
		protect.Figure
	}{{"figures.now", x.Now.Done}, {"figures.before", x.Before.Done}} {
		p.bar(plotBar{Name: d.word(f.name), Value: d.told(f.Figure), Hidden: !f.Told, Done: d.of(f.Figure, most, 0)})
	}
	return p
}

// certified draws who is certified alone.
func (d *drawer) certified(by tracking.By, rows []figureRow) *plot {
	p := d.plot("plot-"+string(by), d.word("figures.by-"+string(by)), d.word("figures.beside"))
	most := protect.Figure{Told: true}
	for _, r := range rows {
		most.N = max(most.N, r.Done.N)
	}
	for _, r := range rows {
		b := plotBar{Name: short(r.Name), Hidden: !r.Done.Told, Done: d.of(r.Done, most, 0)}
		if r.Done.Told {
			b.Value = d.told(r.Done)
		}
		p.bar(b)
	}
	return p
}

// funnel draws who has a course, has begun, is certified, is overdue, one below the
// other.
func (d *drawer) funnel(l protect.Line, begun *protect.Figure) *plot {
	p := d.plot("funnel", d.word("figures.funnel"), d.word("figures.beside"))
	step := func(name string, f protect.Figure) *plotBar {
		p.bar(plotBar{Name: d.word(name), Hidden: !f.Told, Value: d.told(f)})
		return &p.Bars[len(p.Bars)-1]
	}
	step("figures.assigned", l.All).All = d.of(l.All, l.All, 0)
	if begun != nil {
		step("figures.begun", *begun).All = d.of(*begun, l.All, 0)
	}
	step("figures.certified", l.Done).Done = d.of(l.Done, l.All, 0)
	step("figures.overdue", l.Late).Late = d.of(l.Late, l.All, 0)
	return p
}

func (d *drawer) told(f protect.Figure) string {
	if !f.Told {
		return d.word("figures.hidden")
	}
	return d.w.Locale.Number(d.lang, f.N)
}

// of is a figure's part of another, from a start; nil where one is not told or it
// is nobody.
func (d *drawer) of(f, most protect.Figure, from float64) *span {
	if !f.Told || !most.Told || f.N == 0 {
		return nil
	}
	return d.side(from, 100*float64(f.N)/float64(most.N))
}

func (p *plot) bar(b plotBar) {
	b.Words, b.Y = p.Height+18, p.Height+26
	p.Height += barRow
	p.Bars = append(p.Bars, b)
}

// draw draws rows: weeks as columns, others as bars.
func (d *drawer) draw(by tracking.By, lines []tracking.ReportLine, rows []figureRow) *plot {
	if len(rows) == 0 {
		return nil
	}
	p := d.plot("plot-"+string(by), d.word("figures.by-"+string(by)), d.word("figures.bars"))
	if by == tracking.ByWeek {
		d.columns(p, learning.Monday(lines[0].Key), learning.Monday(lines[len(lines)-1].Key), len(lines), rows)
		return p
	}
	most := protect.Figure{Told: true}
	for _, r := range rows {
		most.N = max(most.N, r.All.N)
	}
	for _, r := range rows {
		b := plotBar{Name: short(r.Name), Value: share(d.w, d.lang, r.Line), Hidden: !r.All.Told, All: d.of(r.All, most, 0)}
		if b.All != nil {
			b.Done = d.of(r.Done, most, 0)
			if r.Late.Told && r.Late.N > 0 {
				b.Late = d.of(r.Late, most, 100*float64(r.All.N-r.Late.N)/float64(most.N))
			}
		}
		p.bar(b)
	}
	return p
}

// columns draws who was certified in each week; of weeks that are told together,
// their average.
func (d *drawer) columns(p *plot, from, to time.Time, weeks int, rows []figureRow) {
	most := 0.0
	each := func(r figureRow) float64 { return float64(r.Done.N) / float64(r.Weeks) }
	for _, r := range rows {
		most = max(most, each(r))
	}
	first, last := d.w.Locale.Date(d.lang, from), d.w.Locale.Date(d.lang, to)
	p.Says = d.word("figures.columns", "from", first, "to", last)
	p.Top = d.w.Locale.Number(d.lang, math.Round(most))
	step, week := 100/float64(weeks), 0
	for _, r := range rows {
		at := d.side(float64(week)*step+step/8, float64(r.Weeks)*step-step/4)
		c := plotColumn{X: at.X, Width: at.Width, Y: wordLine + columnsHeight, Hidden: !r.Done.Told}
		if most > 0 {
			c.Height = int(columnsHeight * each(r) / most)
			c.Y -= c.Height
		}
		p.Columns = append(p.Columns, c)
		week += r.Weeks
	}
	p.Height = wordLine + columnsHeight + 2*wordLine + 4
	p.Words = []plotWord{{first, p.Start, wordLine + columnsHeight + 18, false}, {last, p.End, wordLine + columnsHeight + wordLine + 18, true}}
}

func short(name string) string {
	if r := []rune(name); len(r) > nameShown {
		return string(r[:nameShown-1]) + "…"
	}
	return name
}
