package protect

import "slices"

// Figure is a number of people, if it is told.
type Figure struct {
	N    int
	Told bool
}

func (f *Figure) add(g Figure) { f.N, f.Told = f.N+g.N, f.Told && g.Told }

// Line is the figures of one group of people. Hidden numbers are 0.
type Line struct {
	All  Figure // who have to take the course or have taken it up
	Done Figure
	Late Figure
}

// Hidden tells whether any figure of the line is not told.
func (l Line) Hidden() bool { return !l.All.Told || !l.Done.Told || !l.Late.Told }

// Sum adds lines up: what is not told of one is not told of the sum. The sum of
// no lines is nobody.
func Sum(lines ...Line) Line {
	s := told(counts{})
	for _, l := range lines {
		s.All.add(l.All)
		s.Done.add(l.Done)
		s.Late.add(l.Late)
	}
	return s.masked()
}

// masked forgets what is not told.
func (l Line) masked() Line {
	for _, f := range []*Figure{&l.All, &l.Done, &l.Late} {
		if !f.Told {
			f.N = 0
		}
	}
	return l
}

func told(n counts) Line {
	return Line{Figure{n.size(), true}, Figure{n[Done].all, true}, Figure{n[Late].all, true}}
}

// Counted tells whether so many have the course that anything is told of it.
// What is said of several courses leaves out those of which nothing is.
func (c *Course) Counted() bool { return c.root.told }

// find gives a place, or whether nobody is there, which is told where the place
// above is. Where people are left out it is not told that nobody is.
func (c *Course) find(path string) (p *place, nobody bool) {
	if slices.ContainsFunc(c.left, func(at string) bool { return at == path || at+own == path }) {
		return &place{}, false
	}
	for at := path; ; at = above(at) {
		if p := c.places[at]; p != nil {
			return p, p.told && (at != path || p.all.size() == 0)
		}
	}
}

// Own is the path under which those are told who work at a place itself and not
// below it.
func (c *Course) Own(path string) string {
	if p := c.places[path]; p != nil && len(p.children) == 0 {
		return path
	}
	return path + own
}

// At is how many people of a place have the course.
func (c *Course) At(path string) Line {
	p, nobody := c.find(path)
	switch {
	case nobody:
		return told(counts{})
	case p.path != path || !p.told:
		return Line{}
	}
	return c.line(p.all, p.half, p.split)
}

// line is what may be told where the states done and late may or may not be.
func (c *Course) line(n counts, done, late bool) Line {
	l := told(n)
	l.Done.Told, l.Late.Told = c.done && done, c.late && late
	return l.masked()
}

// Column is how many people of a place are of one language, or of one profession.
func (c *Course) Column(path string, t Table, name string) Line {
	p, nobody := c.find(path)
	if nobody {
		return told(counts{})
	}
	if p.path != path || p.parts[t] == nil {
		return Line{}
	}
	for _, x := range p.parts[t] {
		if !slices.Contains(x.columns, name) {
			continue
		}
		if len(x.columns) > 1 && x.n.size() > 0 {
			return Line{}
		}
		return c.line(x.n, !x.whole, !x.whole)
	}
	return told(counts{}) // nobody in all of the course
}

// Period is how many people of a place came in some weeks into the state that they
// are in now: completed, were late, or, and this counts in All only, came to have
// the course. from and to are weeks, both within; "" has no bound, and without both
// it is At.
func (c *Course) Period(path, from, to string) Line {
	if from == "" && to == "" {
		return c.At(path)
	}
	in := func(week string) bool { return (from == "" || week >= from) && (to == "" || week <= to) }
	p, nobody := c.find(path)
	if nobody {
		return told(counts{})
	}
	if p.path != path {
		return Line{}
	}
	open, done, late := p.weeks(openWeeks, in), p.weeks(doneWeeks, in), p.weeks(lateWeeks, in)
	all := open
	all.add(done)
	all.add(late)
	done.Told, late.Told = done.Told && c.done, late.Told && c.late
	return Line{all, done, late}.masked()
}

// Span is how many people of a place who are done stand in the columns of an ordered
// table from one to another, both within; "" has no bound.
func (c *Course) Span(path string, t Table, from, to string) Figure {
	p, nobody := c.find(path)
	switch {
	case nobody:
		return Figure{Told: true}
	case p.path != path || !c.done:
		return Figure{}
	}
	return p.weeks(t, func(name string) bool { return (from == "" || name >= from) && (to == "" || name <= to) })
}

// Begun is how many people of a place have begun, those who are done among them.
func (c *Course) Begun(path string) Figure {
	return c.Column(path, Begins, HasBegun).All
}

func (p *place) weeks(t Table, in func(string) bool) Figure {
	f := Figure{Told: p.knows(t)}
	if p.parts[t] == nil && !p.empty[t] {
		return Figure{}
	}
	for _, x := range p.parts[t] {
		some, every := slices.ContainsFunc(x.columns, in), !slices.ContainsFunc(x.columns, func(w string) bool { return !in(w) })
		switch {
		case x.n.size() == 0 || !some:
		case every:
			f.N += x.n.size()
		default:
			return Figure{}
		}
	}
	return f
}
