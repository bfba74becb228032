package protect

import (
	"cmp"
	"slices"
)

// start puts the columns of a course's table together as far as they need it.
// Languages and professions whose states may not be told are told without; all
// such together have states, as the course has.
func (p *place) start(t Table) (list []part) {
	for name, n := range p.columns[t] {
		list = append(list, part{columns: []string{name}, whole: !t.strict() && !n.fine(), n: n})
	}
	slices.SortFunc(list, func(a, b part) int { return cmp.Compare(a.columns[0], b.columns[0]) })
	for !pooled(list).fine() {
		smallest(list, func(x part) bool { return !x.whole }).whole = true
	}
	for {
		at := slices.IndexFunc(list, func(x part) bool { return !x.fine(x.n) })
		if at < 0 {
			return list
		}
		if partner(t, list, at) < 0 { // counted while people came and went
			return nil
		}
		list = merge(t, list, at)
	}
}

// fine tells whether people may be known to stand in a part.
func (x part) fine(n counts) bool {
	if x.whole {
		return n.sum().fine()
	}
	return n.fine()
}

// knows tells whether that is told of the place which the table divides.
func (p *place) knows(t Table) bool {
	if t == doneWeeks || t.extra() {
		return p.half
	}
	return p.split
}

// pooled is the sum of the parts without states.
func pooled(list []part) (n counts) {
	for _, x := range list {
		if x.whole {
			n.add(x.n)
		}
	}
	return n
}

func smallest(list []part, may func(part) bool) *part {
	at := -1
	for i, x := range list {
		if may(x) && (at < 0 || x.n.size() < list[at].n.size()) {
			at = i
		}
	}
	return &list[at]
}

// partner is the part that another is put together with, -1 none: a neighbour
// where columns have an order, else the smallest of its kind.
func partner(t Table, list []part, at int) int {
	best := -1
	for i, x := range list {
		if i == at || x.whole != list[at].whole || t.strict() && i != at-1 && i != at+1 {
			continue
		}
		if best < 0 || x.n.size() < list[best].n.size() {
			best = i
		}
	}
	return best
}

func merge(t Table, list []part, at int) []part {
	with := partner(t, list, at)
	a, b := min(at, with), max(at, with)
	list[a].columns = append(slices.Clip(list[a].columns), list[b].columns...)
	list[a].n.add(list[b].n)
	return slices.Delete(list, b, b+1)
}

// descend decides what is told of the places below.
func (p *place) descend() {
	p.countChildren()
	if p.half {
		p.splitChildren()
	}
	for t := range p.parts {
		if len(p.parts[t]) > 0 {
			p.lay(Table(t))
		}
	}
	for _, child := range p.children {
		if child.told {
			child.descend()
		}
	}
}

// countChildren decides which children are told: not those with few people, and not so
// many of the others, in the order of their paths, that these could be told apart.
func (p *place) countChildren() {
	hidden, sum := 0, number{}
	for _, c := range p.children {
		c.told = c.all.sum().fine()
		if !c.told {
			hidden, sum = hidden+1, sum.plus(c.all.sum())
		}
	}
	more := func(help func(number) int) {
		for _, c := range p.children {
			if hidden == 0 || hidden > 1 && sum.fine() {
				return
			}
			if c.told && help(c.all.sum()) > 0 {
				c.told = false
				hidden, sum = hidden+1, sum.plus(c.all.sum())
			}
		}
	}
	if !(number{unnamed: sum.unnamed}).fine() {
		more(func(n number) int { return n.unnamed })
	}
	more(func(n number) int { return n.all })
}

// splitChildren decides for which children the states are told: who is done, and
// then who is late.
func (p *place) splitChildren() {
	halves := func(n counts) bool { return n[Done].fine() && n[Open].plus(n[Late]).fine() }
	rest := p.all
	for _, c := range p.children {
		if c.half = c.told && halves(c.all); c.half {
			rest = rest.less(c.all)
		}
	}
	for !halves(rest) {
		c := least(p.children, func(c *place) bool { return c.half && c.all.size() > 0 })
		c.half = false
		rest.add(c.all)
	}
	if !p.split {
		return
	}
	rest = p.all
	for _, c := range p.children {
		if c.split = c.half && c.all.fine(); c.split {
			rest = rest.less(c.all)
		}
	}
	for !rest.fine() {
		c := least(p.children, func(c *place) bool { return c.split && c.all.size() > 0 })
		c.split = false
		rest.add(c.all)
	}
}

// least is the smallest of the children that may be taken.
func least(list []*place, may func(*place) bool) (found *place) {
	for _, c := range list {
		if may(c) && (found == nil || c.all.size() < found.all.size()) {
			found = c
		}
	}
	return found
}

// lay decides for which children a table is told, and in which columns.
func (p *place) lay(t Table) {
	l := &layout{table: t}
	var list []*place
	for _, c := range p.children {
		if c.knows(t) && c.all.size() > 0 {
			list = append(list, c)
		}
	}
	if len(list) == 0 {
		return
	}
	l.parts = slices.Clone(p.parts[t])
	rest := make([]counts, len(l.parts))
	for i, x := range l.parts {
		rest[i] = x.n
	}
	for _, c := range list {
		r := row{place: c, n: make([]counts, len(l.parts))}
		for i, x := range l.parts {
			for _, name := range x.columns {
				r.n[i].add(c.columns[t][name])
			}
			rest[i] = rest[i].less(r.n[i])
		}
		l.rows = append(l.rows, r)
	}
	l.rest = rest
	l.settle()
	for _, r := range l.rows {
		r.place.parts[t] = make([]part, len(l.parts))
		for i, x := range l.parts {
			r.place.parts[t][i] = part{columns: x.columns, whole: x.whole, n: r.n[i]}
		}
	}
}

// layout is a table of children by columns, from which rows and columns are taken
// until no cell of it is small.
type layout struct {
	table Table
	parts []part
	rows  []row
	rest  []counts // those for which the table is not told, together
}

type row struct {
	place *place
	n     []counts // by part
}

// settle takes away what most small cells lie in, until there is none. It ends:
// without rows, what is left is the place above, which has no small cell.
func (l *layout) settle() {
	for len(l.rows) > 0 {
		inRow, inPart, any := make([]int, len(l.rows)), make([]int, len(l.parts)), false
		look := func(n []counts) (small int) {
			var pool counts
			for i := range l.parts {
				if l.parts[i].whole {
					pool.add(n[i])
				}
				if !l.parts[i].fine(n[i]) {
					small++
					inPart[i]++
				}
			}
			if !pool.fine() {
				small++
			}
			any = any || small > 0
			return small
		}
		for i, r := range l.rows {
			inRow[i] = look(r.n)
		}
		look(l.rest)
		if !any {
			return
		}
		if at, column := l.pick(inRow, inPart); column {
			l.merge(at)
		} else {
			l.close(at)
		}
	}
}

// pick says which row is taken away, or which part is put together with another:
// that which has the most small cells for the people of whom less is told then.
func (l *layout) pick(inRow, inPart []int) (at int, column bool) {
	best := -1.0
	for i, n := range inRow {
		if score := float64(n) / float64(l.rows[i].place.all.size()); score > best {
			at, best = i, score
		}
	}
	for i, n := range inPart {
		with := partner(l.table, l.parts, i)
		if n == 0 || with < 0 {
			continue
		}
		if score := float64(n) / float64(l.parts[i].n.size()+l.parts[with].n.size()); score > best {
			at, best, column = i, score, true
		}
	}
	return at, column
}

func (l *layout) close(at int) {
	for i, n := range l.rows[at].n {
		l.rest[i].add(n)
	}
	l.rows = slices.Delete(l.rows, at, at+1)
}

func (l *layout) merge(at int) {
	with := partner(l.table, l.parts, at)
	a, b := min(at, with), max(at, with)
	l.parts[a] = part{columns: append(slices.Clip(l.parts[a].columns), l.parts[b].columns...), whole: l.parts[a].whole, n: l.parts[a].n}
	l.parts[a].n.add(l.parts[b].n)
	l.parts = slices.Delete(l.parts, b, b+1)
	fold := func(n []counts) []counts {
		n[a].add(n[b])
		return slices.Delete(n, b, b+1)
	}
	l.rest = fold(l.rest)
	for i := range l.rows {
		l.rows[i].n = fold(l.rows[i].n)
	}
}
