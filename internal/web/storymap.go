package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"havn/internal/learning"
)

// storyMap is a whole scenario drawn as a graph that runs in the direction of
// reading: for a learner with the way that was taken, for its author with what is
// wrong.
type storyMap struct {
	Width, Height int
	Layers        [][]int  // the numbers of the nodes, by how many steps lead to them
	Ways          []mapWay // those taken come last, and so lie on top
	Spots         []mapSpot
	Taken         string // the numbers of the way, in turn
	End           string // safe | delayed | harmful, "" where the way did not come to an end
}

type mapWay struct {
	D     string // the line, as SVG path data
	Taken bool
	Back  bool // the story comes back to where it was
}

// mapSpot is a node; its kind shows in the shape, for colour never speaks alone.
type mapSpot struct {
	learning.StoryNode
	N          int // its number, in the picture and in the list below it
	X, Y       int
	Base, Word int // where its number and the word for its end stand
	D          string
	To         []mapTo
	storyFault
}

// storyFault is what is wrong with a node that its author is still working on.
type storyFault struct {
	Dead bool // no choice leads on, and it is no end
	Loop bool // the story comes back to it
	Lost bool // no way leads to it
}

// Any tells whether something is wrong.
func (f storyFault) Any() bool { return f.Dead || f.Loop || f.Lost }

type mapTo struct {
	learning.StoryWay
	N    int // 0: it leads nowhere yet
	Back bool
}

// How far apart nodes stand and how large they are, in px.
const mapStep, mapRow, mapRadius = 100, 76, 17

// drawStory draws nodes of which the first is the start.
func drawStory(nodes []learning.StoryNode, rtl bool) *storyMap {
	if len(nodes) == 0 {
		return nil
	}
	g := layOut(nodes)
	tallest := 0
	for _, column := range g.columns {
		tallest = max(tallest, len(column))
	}
	above := 0 // what leads back runs above
	if len(g.back) > 0 {
		above = 20
	}
	m := &storyMap{Width: mapStep * len(g.columns), Height: mapRow*tallest + above, Spots: make([]mapSpot, len(nodes))}
	for d, column := range g.columns {
		var layer []int
		for row, i := range column {
			x, y := mapStep/2+mapStep*d, mapRow*row+mapRow/2+mapRow*(tallest-len(column))/2-8+above
			if rtl {
				x = m.Width - x
			}
			m.Spots[i] = mapSpot{StoryNode: nodes[i], N: i + 1, X: x, Y: y, Base: y + 6, Word: y + mapRadius + 19, D: shape(nodes[i].End, x, y), storyFault: g.faults[i]}
			layer = append(layer, i+1)
		}
		m.Layers = append(m.Layers, layer)
	}
	var taken []mapWay
	for i := range m.Spots {
		s := &m.Spots[i]
		for k, w := range s.Ways {
			at, there := g.at[w.To]
			if !there {
				s.To = append(s.To, mapTo{StoryWay: w})
				continue
			}
			to, back := m.Spots[at], g.back[[2]int{i, k}]
			s.To = append(s.To, mapTo{w, to.N, back})
			way := mapWay{D: curve(s.X, s.Y, to.X, to.Y, back), Taken: w.Taken, Back: back}
			if w.Taken {
				taken = append(taken, way)
			} else {
				m.Ways = append(m.Ways, way)
			}
		}
	}
	m.Ways = append(m.Ways, taken...)
	way := make([]string, 0, len(taken)+1)
	for i := 1; i <= len(taken)+1; i++ {
		for _, s := range m.Spots {
			if s.Taken == i {
				way, m.End = append(way, strconv.Itoa(s.N)), s.End
			}
		}
	}
	m.Taken = strings.Join(way, ", ")
	return m
}

// graph is where the nodes of a story stand.
type graph struct {
	nodes   []learning.StoryNode
	at      map[string]int
	columns [][]int         // nodes by the most steps that lead to them
	back    map[[2]int]bool // node and way that lead back to where the story was
	faults  []storyFault
}

// layOut puts each node behind all that lead to it; what leads back is left out of
// that, and what nothing leads to stands with the start.
func layOut(nodes []learning.StoryNode) *graph {
	g := &graph{nodes: nodes, at: map[string]int{}, back: map[[2]int]bool{}, faults: make([]storyFault, len(nodes))}
	for i, n := range nodes {
		g.at[n.ID] = i
	}
	order, open, done := []int{}, make([]bool, len(nodes)), make([]bool, len(nodes)) // order: what leads to a node comes behind it
	var visit func(i int)
	visit = func(i int) {
		open[i] = true
		for k, w := range nodes[i].Ways {
			switch to, there := g.at[w.To]; {
			case there && open[to]:
				g.back[[2]int{i, k}], g.faults[to].Loop = true, true
			case there && !done[to]:
				visit(to)
			}
		}
		open[i], done[i] = false, true
		order = append(order, i)
	}
	visit(0)
	for i, n := range nodes {
		g.faults[i].Lost = !done[i]
		g.faults[i].Dead = n.End == "" && !slices.ContainsFunc(n.Ways, func(w learning.StoryWay) bool { _, there := g.at[w.To]; return there })
	}
	for i := range nodes {
		if !done[i] {
			visit(i)
		}
	}
	depth := make([]int, len(nodes))
	for _, i := range slices.Backward(order) {
		for k, w := range nodes[i].Ways {
			if to, there := g.at[w.To]; there && !g.back[[2]int{i, k}] {
				depth[to] = max(depth[to], depth[i]+1)
			}
		}
	}
	g.columns = make([][]int, slices.Max(depth)+1)
	for i, d := range depth {
		g.columns[d] = append(g.columns[d], i)
	}
	return g
}

// curve is the line from one node to another; one that leads back runs above.
func curve(x, y, toX, toY int, back bool) string {
	if back {
		return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y, x+34, y-44, toX-34, toY-44, toX, toY)
	}
	half := (toX - x) / 2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x, y, x+half, y, toX-half, toY, toX, toY)
}

// shape is the outline of a node: a circle, and for what went wrong a diamond or
// a square.
func shape(end string, x, y int) string {
	switch r := mapRadius; end {
	case "delayed":
		return fmt.Sprintf("M%d %dl%d %dl%d %dl%d %dz", x, y-r-3, r+3, r+3, -r-3, r+3, -r-3, -r-3)
	case "harmful":
		return fmt.Sprintf("M%d %dh%dv%dh%dz", x-r, y-r, 2*r, 2*r, -2*r)
	default:
		return fmt.Sprintf("M%d %da%d %d 0 1 0 %d 0a%d %d 0 1 0 %d 0z", x-r, y, r, r, 2*r, r, r, -2*r)
	}
}

// Map is the story with the way taken; nil where there is none to show.
func (x Explained) Map() *storyMap {
	if x.Item.Feedback == nil {
		return nil
	}
	return drawStory(x.Item.Feedback.Story, x.Dir() == "rtl")
}
