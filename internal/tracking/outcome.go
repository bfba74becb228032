package tracking

import (
	"cmp"
	"context"
	"slices"
	"time"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/store"
)

// extras are the tables of how long it took and what was gained.
func (f *Figures) extras(list []learning.Gained, counted []string) []protect.Extra {
	took, gain, rated := protect.Extra{Table: protect.Took}, protect.Extra{Table: protect.Gain}, protect.Extra{Table: protect.Rated}
	for _, o := range list {
		c := protect.Cell{Place: f.at(o.Unit), State: protect.Done, N: o.N}
		c.Unnamed = slices.ContainsFunc(counted, func(path string) bool { return people.Within(o.Unit, path) })
		for e, column := range map[*protect.Extra]string{&took: cmp.Or(o.Took, learning.Days[0].Code), &gain: cmp.Or(o.Gain, learning.Unknown), &rated: cmp.Or(o.Rated, learning.Unknown)} {
			c.Column = column
			e.Cells = append(e.Cells, c)
		}
	}
	return []protect.Extra{took, gain, rated}
}

// Outcomes is what a course, or all, came to for the people of a place: as they
// stand now, never by period.
type Outcomes struct {
	At    store.Time
	Begun protect.Figure // have taken the course up, or are certified
	// Expiring has a line for each unit, and one for all together.
	Expiring    []Expiring
	ExpiringAll Expiring
	Took        Bands // how many days it took to complete
	Gain        Bands // last attempts against first, in points of a hundred
	Rated       Bands // self-rating after against before
}

// Expiring is how many certificates end soon, by the weeks in which they were
// earned, if nobody renews them. Only those count whose holders are behind with
// nothing.
type Expiring struct {
	Key  string // id of the unit
	Soon [3]protect.Figure
}

// Horizons are within how many days certificates end that Expiring tells of.
var Horizons = [3]int{30, 60, 90}

// Bands are people in the bands of a scale. Those that are told together only are
// one span.
type Bands struct {
	Spans []Span
	All   protect.Figure // of whom it is known
	// Unknown are those of whom it is not.
	Unknown protect.Figure
}

// Span is bands from one to another, by their places in the scale.
type Span struct {
	From, To int
	protect.Figure
}

// Quartile is in which span the person stands of whom a quarter, half or three
// quarters (n 1, 2, 3) of all stand at or below; ok is false where that is not told.
// It follows from what is told and adds nothing.
func (b Bands) Quartile(n int) (s Span, ok bool) {
	if !b.All.Told || b.All.N == 0 {
		return s, false
	}
	below := 0
	for _, s := range b.Spans {
		if !s.Told {
			return s, false
		}
		if s.N == 0 {
			continue
		}
		if below += s.N; 4*below >= n*b.All.N {
			return s, true
		}
	}
	return s, false
}

// OutcomesOf tells what a course, or ("") all came to, of figures that are there.
// Faults: "course-unknown".
func (t *Tracking) OutcomesOf(ctx context.Context, f *Figures, a Asked) (*Outcomes, error) {
	if _, known := t.Library.Current(a.Course); a.Course != "" && !known {
		return nil, fault.At("course-unknown", "course")
	}
	at := f.at(a.Within)
	o := &Outcomes{At: f.At, Begun: f.figure(a.Course, func(_ string, c *protect.Course) protect.Figure { return c.Begun(at) })}
	span := func(table protect.Table) func(from, to string) protect.Figure {
		return func(from, to string) protect.Figure {
			return f.figure(a.Course, func(_ string, c *protect.Course) protect.Figure { return c.Span(at, table, from, to) })
		}
	}
	o.Took = bands(codes(learning.Days), span(protect.Took))
	o.Gain = bands(codes(learning.Gains), span(protect.Gain))
	o.Rated = bands(learning.RatedBands, span(protect.Rated))
	o.Gain.Unknown, o.Rated.Unknown = span(protect.Gain)(learning.Unknown, learning.Unknown), span(protect.Rated)(learning.Unknown, learning.Unknown)
	o.ExpiringAll = t.expiring(f, a.Course, "", func(c *protect.Course) string { return at })
	err := t.eachUnit(ctx, f, a, func(id string, place func(*protect.Course) string) {
		o.Expiring = append(o.Expiring, t.expiring(f, a.Course, id, place))
	}, func(of func(*protect.Course) protect.Line) protect.Line { return f.sum(a.Course, of) })
	return o, err
}

// expiring asks by the weeks in which certificates were earned that end soon.
func (t *Tracking) expiring(f *Figures, course, unit string, place func(*protect.Course) string) Expiring {
	x := Expiring{Key: unit}
	for i, days := range Horizons {
		x.Soon[i] = f.figure(course, func(slug string, c *protect.Course) protect.Figure {
			from, to, ends := t.earned(slug, days)
			if !ends {
				return protect.Figure{Told: true}
			}
			return c.Period(place(c), from, to).Done
		})
	}
	return x
}

// earned are the weeks in which certificates of a course were earned that end from
// today on within some days: the whole weeks whose last day is among these.
func (t *Tracking) earned(slug string, days int) (from, to string, ends bool) {
	p, ok := t.Library.Current(slug)
	if !ok || p.Course.Completion.ValidMonths == 0 {
		return "", "", false
	}
	back := func(day time.Time) time.Time { return day.AddDate(0, -p.Course.Completion.ValidMonths, 0) }
	today := t.Now().UTC().Truncate(24 * time.Hour)
	from, to = learning.Week(back(today)), learning.Week(back(today.AddDate(0, 0, days+1)).AddDate(0, 0, -7))
	return from, to, from <= to
}

// figure asks one course, or all of which anything is told.
func (f *Figures) figure(slug string, of func(string, *protect.Course) protect.Figure) protect.Figure {
	sum := protect.Figure{Told: true}
	found := false
	for name, c := range f.courses {
		if slug != "" && name != slug || slug == "" && !c.Counted() {
			continue
		}
		found = true
		x := of(name, c)
		sum.N, sum.Told = sum.N+x.N, sum.Told && x.Told
	}
	if !found && len(f.courses) > 0 && slug == "" { // there are people, too few of each course
		return protect.Figure{}
	}
	if !sum.Told {
		sum.N = 0
	}
	return sum
}

func codes(list []learning.Band) (out []string) {
	for _, b := range list {
		out = append(out, b.Code)
	}
	return out
}

// bands puts bands together that are told together only.
func bands(codes []string, span func(from, to string) protect.Figure) (b Bands) {
	last := len(codes) - 1
	b.All = span(codes[0], codes[last])
	for i := 0; i <= last; {
		s := Span{From: i, To: i, Figure: span(codes[i], codes[i])}
		for j := i + 1; !s.Told && j <= last; j++ {
			s = Span{i, j, span(codes[i], codes[j])}
		}
		b.Spans, i = append(b.Spans, s), s.To+1
	}
	return b
}
