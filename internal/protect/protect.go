// Package protect decides which figures about groups of people may be told, so
// that none is about 1 to 4 people and none can be worked out from others.
//
// # What is told
//
// Each course has a tree: the course, the organisations at the top with their
// people in it, the units below them, and so on. At every place of the tree stand
// tables, each of one thing only: how many people are in which state (done, late,
// neither), and of each state how many are of which language, of which profession,
// and since which week in that state. A figure is told as it is or not at all.
//
// # Why nothing follows from it
//
// Hiding what is small is not enough: a total less the others gives it back, and
// so does the unit above less its other units, or a period less one that is a week
// shorter (Hundepool et al., Statistical Disclosure Control, Wiley 2012, ch. 4;
// Eurostat, Handbook on Statistical Disclosure Control, ch. 4, on secondary
// suppression and on linked and hierarchical tables). Tables that share margins
// are dangerous where they close a circle: of three things, all tables of two
// may pin down cells that are in none of them (Dobra and Fienberg, PNAS 97, 2000,
// p. 11885). So what is told here never closes one:
//
//   - A place's children are all told, or some are put together and only their sum
//     is known. Nothing below what is put together is told.
//   - A table is told for the children of a place only where it is told for the
//     place, in the same or coarser columns, and for all children alike: those for
//     which it is not told are together one more row, what is not told of the
//     columns one more column. Every cell of that table, with these, is nobody or
//     at least [Least] people, or rows and columns are taken away until it is so.
//   - Two tables of one place are never crossed but by state, which is in both. A
//     person counts in one week only, that in which they came into their state:
//     of two weeks the first bounds the second, and so would cross them.
//   - What says something of the state (whether somebody has begun) is told with
//     the state only. What divides those who are done (how long it took, what they
//     gained) divides all of them, has one column for all of whom it is not known,
//     and never one that is told in another table as well: two tables with such a
//     column in common would be crossed by it.
//   - When a certificate ends follows from the week in which it was earned. A table
//     of its own would cross that of the weeks, so it is asked by these weeks.
//   - Where a course has few people in a state, that state is put together with
//     another in all of the course.
//   - Columns that are put together stay so for all that is below.
//
// So all that can be added and subtracted from answers is made of such cells, and
// what lies inside of a cell is held by no more than its sums in each direction,
// which are at least [Least] and leave each of its parts a span of as many
// (Fréchet's bounds). An answer over several courses is the sum of theirs, and is
// told only if each of them is: it adds nothing. Weeks are whole; a period that is
// not made of what is told, whole, is not told. What is told does not depend on who
// asks, so that several who ask know no more than one.
//
// Some organisations show no names, and those above them do see those of others.
// Whoever takes these off a figure has one of the unnamed only: so each cell that
// holds, holds for them too: it has nobody unnamed or at least [Least]. Where a
// course has fewer of them in all, they are in none of its figures.
//
// It does not hold against somebody who asks again and again over time and sees a
// figure grow by one, nor against who knows people that no list shows them.
package protect

import "slices"

// Least is the least number of people that a figure is told of (domain rule: no
// figure about fewer than five).
const Least = 5

// State is where people stand in a course.
type State int

// The states. Each person is in one.
const (
	Open State = iota // neither done nor late
	Done              // has completed, and nothing is overdue
	Late              // something is overdue
	states
)

// Cell is people who are alike in a course.
type Cell struct {
	Place      string // path of the organisation that they work in: "/a/b/", "" none
	State      State
	Language   string
	Profession string
	// Week is that in which they came into the state: came to have the course,
	// completed it, or were late. Weeks sort as text: "2026-W48".
	Week  string
	N     int
	Begun bool // has taken the course up, or completed it
	// Column is where they stand in an Extra's table.
	Column string
	// Unnamed tells that nobody who sees figures sees these people by name. Of the
	// others somebody may, and would take them off a figure.
	Unnamed bool
}

// Table is one of the tables of a place.
type Table int

// The tables, beside that of states alone.
const (
	Languages Table = iota
	Professions
	// Begins has the columns "begun" and "waiting". Who is done has begun.
	Begins
	// Took, Gain and Rated divide those who are done by what is ordered: see Extra.
	Took
	Gain
	Rated
	openWeeks
	doneWeeks
	lateWeeks
	tables
)

// The columns of Begins.
const (
	HasBegun = "begun"
	Waits    = "waiting"
)

// Extra is a table that is counted apart from the others, as its columns are not
// known of the same cells. Columns that are put together are neighbours in the order
// of their names as text, so that together they are a span.
type Extra struct {
	Table Table
	Cells []Cell
}

// strict tells whether a table is told with states only, and of neighbours: its
// columns are those of one state, or say something of the state.
func (t Table) strict() bool { return t >= Begins }

// extra tells whether a table is counted apart.
func (t Table) extra() bool { return t >= Took && t <= Rated }

// column is where a cell counts in a table, if it does.
func (t Table) column(c Cell) (name string, ok bool) {
	switch {
	case t == Languages:
		return c.Language, true
	case t == Professions:
		return c.Profession, true
	case t == Begins && (c.Begun || c.State == Done):
		return HasBegun, true
	case t == Begins:
		return Waits, true
	case t.extra():
		return c.Column, c.State == Done
	}
	return c.Week, c.State == State(t-openWeeks)
}

// Course is what may be told of one course. It does not change.
type Course struct {
	root   *place
	places map[string]*place
	// left are the places whose people are in no figure.
	left   []string
	leaves bool // there are any
	// done and late tell whether these states stand by themselves in this course.
	done, late bool
}

// place is a node of the tree.
type place struct {
	path     string
	all      counts
	columns  [tables]map[string]counts
	children []*place

	told  bool // how many people there are
	half  bool // and how many of them are done
	split bool // and in which state the others are
	parts [tables][]part
	empty [tables]bool // nobody of the place is in the table
}

// part is columns that are put together, mostly one, as they stand at a place.
type part struct {
	columns []string
	// whole tells that the states of its people are not told, but for all such
	// parts together.
	whole bool
	n     counts
}

// own is the last part of the path of those who work at a place itself, where
// others work below it.
const own = "."

// New works out what may be told of the people of a course.
func New(cells []Cell, more ...Extra) *Course {
	c := &Course{places: map[string]*place{}}
	c.root = c.at("")
	cells = c.fold(c.leave(cells))
	for _, x := range cells {
		for path := x.Place; ; path = above(path) {
			c.at(path).count(x)
			if path == "" {
				break
			}
		}
	}
	c.standAlone(cells)
	c.countApart(more)
	for _, p := range c.places {
		if p != c.root {
			c.places[above(p.path)].adopt(p)
		}
	}
	c.root.told = c.root.all.sum().fine()
	c.root.half, c.root.split = c.root.told, c.root.told
	if c.root.told {
		for t := range c.root.parts {
			c.root.parts[t] = c.root.start(Table(t))
		}
		c.root.descend()
	}
	for _, p := range c.places {
		p.forget()
	}
	return c
}

// countApart counts tables that have cells of their own. Who stands in a state that
// is put together with another is in none of them.
func (c *Course) countApart(more []Extra) {
	for _, e := range more {
		for _, x := range e.Cells {
			if !c.done || x.State != Done || x.Unnamed && c.leaves {
				continue
			}
			for path := x.Place; ; path = above(path) {
				if p := c.places[path]; p != nil {
					p.countIn(e.Table, x)
				}
				if path == "" {
					break
				}
			}
			if p := c.places[x.Place+own]; p != nil {
				p.countIn(e.Table, x)
			}
		}
	}
}

// forget drops what is not told, and what was needed to see that.
func (p *place) forget() {
	for t := range p.columns {
		p.empty[t] = len(p.columns[t]) == 0
		p.columns[t] = nil
	}
}

// leave takes those out whom nobody sees by name, where the course has too few.
func (c *Course) leave(cells []Cell) []Cell {
	var all number
	for _, x := range cells {
		all = all.plus(x.number())
	}
	if (number{unnamed: all.unnamed}).fine() {
		return cells
	}
	c.leaves = true
	for _, x := range cells {
		if x.Unnamed {
			c.left = append(c.left, x.Place)
		}
	}
	return slices.DeleteFunc(slices.Clone(cells), func(x Cell) bool { return x.Unnamed })
}

// fold puts states together of which the course has too few people.
func (c *Course) fold(cells []Cell) []Cell {
	var all counts
	for _, x := range cells {
		all[x.State] = all[x.State].plus(x.number())
	}
	c.done = all[Done].fine() && (all.fine() || all[Open].plus(all[Late]).fine())
	c.late = all[Late].fine() && (all.fine() || !c.done && all[Open].plus(all[Done]).fine())
	cells = slices.Clone(cells)
	for i, x := range cells {
		if x.State == Done && !c.done || x.State == Late && !c.late {
			cells[i].State = Open
		}
	}
	return cells
}

func (c *Course) at(path string) *place {
	p := c.places[path]
	if p == nil {
		p = &place{path: path}
		for t := range p.columns {
			p.columns[t] = map[string]counts{}
		}
		c.places[path] = p
	}
	return p
}

// standAlone makes those who work at a place itself a place beside those below it.
func (c *Course) standAlone(cells []Cell) {
	parent := map[string]bool{}
	for path := range c.places {
		if path != "" {
			parent[above(path)] = true
		}
	}
	for _, x := range cells {
		if parent[x.Place] {
			c.at(x.Place + own).count(x)
		}
	}
}

func (p *place) count(x Cell) {
	p.all[x.State] = p.all[x.State].plus(x.number())
	for t := range p.columns {
		if !Table(t).extra() {
			p.countIn(Table(t), x)
		}
	}
}

func (p *place) countIn(t Table, x Cell) {
	if name, ok := t.column(x); ok {
		n := p.columns[t][name]
		n[x.State] = n[x.State].plus(x.number())
		p.columns[t][name] = n
	}
}

// adopt keeps children in the order of their paths, which tells nothing of them.
func (p *place) adopt(child *place) {
	at := len(p.children)
	for at > 0 && p.children[at-1].path > child.path {
		at--
	}
	p.children = append(p.children, nil)
	copy(p.children[at+1:], p.children[at:])
	p.children[at] = child
}

// above is the path of the place above: of "/a/b/" it is "/a/", of "/a/" it is "".
func above(path string) string {
	for i := len(path) - 2; i > 0; i-- {
		if path[i] == '/' {
			return path[:i+1]
		}
	}
	return ""
}
