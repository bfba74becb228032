package web

import (
	"strings"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/tracking"
)

// What the page of figures shows beside its reports: how certificates end, how long
// it took, what was gained. They are told of now, never by period.
const (
	byExpiring tracking.By = "expiring"
	byTook     tracking.By = "took"
	byGain     tracking.By = "gain"
	byRated    tracking.By = "rated"
)

var outcomeBys = []tracking.By{byExpiring, byTook, byGain, byRated}

// outcome is one of these, drawn and as a table.
type outcome struct {
	By   tracking.By
	Head []string // of the columns of figures
	Rows []outcomeRow
	Plot *plot
	Says string // in a sentence; "" nothing
	// NotByPeriod tells that there is a period, for which this is not told.
	NotByPeriod bool
}

type outcomeRow struct {
	Name, Link string
	Figures    []protect.Figure
}

// Hidden tells whether something of it is not told.
func (o outcome) Hidden() bool {
	for _, r := range o.Rows {
		for _, f := range r.Figures {
			if !f.Told {
				return true
			}
		}
	}
	return false
}

// outcomes prepares those that are asked for.
func (d *drawer) outcomes(data *figuresView, o *tracking.Outcomes, within string) (list []outcome) {
	for _, by := range outcomeBys {
		if d.asked.By != "" && d.asked.By != by {
			continue
		}
		x := outcome{By: by, Head: []string{d.word("figures.people-head")}}
		switch {
		case data.Period():
			x.NotByPeriod = true
		case by == byExpiring:
			d.expiring(&x, data, o, within)
		case by == byTook:
			d.bands(&x, o.Took, func(s tracking.Span) string { return d.days(s) })
			if s, ok := o.Took.Quartile(2); ok {
				x.Says = d.word("figures.median", "days", d.days(s))
				if a, ok := o.Took.Quartile(1); ok {
					if b, ok := o.Took.Quartile(3); ok {
						x.Says += " " + d.word("figures.quartiles", "first", d.days(a), "third", d.days(b))
					}
				}
			}
		case by == byGain:
			d.bands(&x, o.Gain, func(s tracking.Span) string {
				from, to := learning.Gains[s.From].From, learning.Gains[s.To].To
				return d.word("figures.points", "from", d.signed(from), "to", d.signed(to))
			})
			x.Rows = append(x.Rows, outcomeRow{Name: d.word("figures.once"), Figures: []protect.Figure{o.Gain.Unknown}})
		case by == byRated:
			d.bands(&x, o.Rated, func(s tracking.Span) string {
				words := []string{"figures.rated-a", "figures.rated-b", "figures.rated-c"}[s.From : s.To+1]
				for i := range words {
					words[i] = d.word(words[i])
				}
				return strings.Join(words, ", ")
			})
			x.Rows = append(x.Rows, outcomeRow{Name: d.word("figures.unrated"), Figures: []protect.Figure{o.Rated.Unknown}})
		}
		list = append(list, x)
	}
	return list
}

// signed writes a number of points with its sign.
func (d *drawer) signed(n int) string {
	text := d.w.Locale.Number(d.lang, max(n, -n))
	switch {
	case n < 0:
		text = "−" + text
	case n > 0:
		text = "+" + text
	}
	text = "\u2066" + text + "\u2069" // the sign stays before its number (UAX #9: LRI and PDI)
	return text
}

func (d *drawer) days(s tracking.Span) string {
	from, to := learning.Days[s.From].From, learning.Days[s.To].To
	switch {
	case to == 0:
		return d.word("figures.days-more", "n", from-1)
	case from == 0:
		return d.word("figures.days-most", "n", to)
	}
	return d.word("figures.days-span", "from", d.w.Locale.Number(d.lang, from), "to", d.w.Locale.Number(d.lang, to))
}

// bands draws a scale.
func (d *drawer) bands(x *outcome, b tracking.Bands, name func(tracking.Span) string) {
	x.Plot = d.plot("plot-"+string(x.By), d.word("figures.by-"+string(x.By)), d.word("figures.beside"))
	most := protect.Figure{Told: true}
	for _, s := range b.Spans {
		most.N = max(most.N, s.N)
	}
	for _, s := range b.Spans {
		x.Rows = append(x.Rows, outcomeRow{Name: name(s), Figures: []protect.Figure{s.Figure}})
		x.Plot.bar(plotBar{Name: name(s), Value: d.told(s.Figure), Hidden: !s.Told, Done: d.of(s.Figure, most, 0)})
	}
}

// expiring draws whose certificates end soon, all together, and lists the units.
func (d *drawer) expiring(x *outcome, data *figuresView, o *tracking.Outcomes, within string) {
	x.Plot = d.plot("plot-"+string(x.By), d.word("figures.by-"+string(x.By)), d.word("figures.beside"))
	x.Head = nil
	all := o.ExpiringAll.Soon
	for i, n := range tracking.Horizons {
		name := d.word("figures.in-days", "n", n)
		x.Head = append(x.Head, name)
		x.Plot.bar(plotBar{Name: name, Value: d.told(all[i]), Hidden: !all[i].Told, Done: d.of(all[i], all[len(all)-1], 0)})
	}
	row := func(name, link string, e tracking.Expiring) {
		x.Rows = append(x.Rows, outcomeRow{name, link, e.Soon[:]})
	}
	row(d.word("figures.all-units"), "", o.ExpiringAll)
	for _, e := range o.Expiring {
		switch {
		case e.Key == "":
			row(d.word("figures.no-organisation"), "", e)
		case e.Key == people.IDOf(within):
			row(d.word("figures.itself", "name", nameOf(data.Units, e.Key)), "", e)
		default:
			row(nameOf(data.Units, e.Key), d.asked.address("unit", e.Key), e)
		}
	}
}
