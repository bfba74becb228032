package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"havn/internal/learning"
)

// storyMap is a whole scenario drawn as a graph that runs in the direction of
// reading, with the way that was taken.
type storyMap struct {
	Width, Height int
	Ways          []mapWay // those taken come last, and so lie on top
	Spots         []mapSpot
	Taken         string // the numbers of the way, in turn
	End           string // safe | delayed | harmful, "" where the way did not come to an end
}

type mapWay struct {
	D     string // the line, as SVG path data
	Taken bool
}

// mapSpot is a node; its kind shows in the shape, for colour never speaks alone.
type mapSpot struct {
	learning.StoryNode
	N          int // its number, in the picture and in the list below it
	X, Y       int
	Base, Word int // where its number and the word for its end stand
	D          string
	To         []mapTo
}

type mapTo struct {
	learning.StoryWay
	N int
}

// How far apart nodes stand and how large they are, in px.
const mapStep, mapRow, mapRadius = 100, 76, 17

func drawStory(nodes []learning.StoryNode, rtl bool) *storyMap {
	if len(nodes) == 0 {
		return nil
	}
	at := map[string]int{}
	for i, n := range nodes {
		at[n.ID] = i
	}
	depth := make([]int, len(nodes))
	var sink func(i, d int)
	sink = func(i, d int) {
		if d < depth[i] {
			return
		}
		depth[i] = d
		for _, w := range nodes[i].Ways {
			sink(at[w.To], d+1)
		}
	}
	sink(0, 0)
	columns := make([][]int, slices.Max(depth)+1)
	tallest := 0
	for i, d := range depth {
		columns[d] = append(columns[d], i)
		tallest = max(tallest, len(columns[d]))
	}

	m := &storyMap{Width: mapStep * len(columns), Height: mapRow * tallest, Spots: make([]mapSpot, len(nodes))}
	for d, column := range columns {
		for row, i := range column {
			x, y := mapStep/2+mapStep*d, mapRow*row+mapRow/2+mapRow*(tallest-len(column))/2-8
			if rtl {
				x = m.Width - x
			}
			m.Spots[i] = mapSpot{StoryNode: nodes[i], N: i + 1, X: x, Y: y, Base: y + 6, Word: y + mapRadius + 19, D: shape(nodes[i].End, x, y)}
		}
	}
	var taken []mapWay
	for i := range m.Spots {
		s := &m.Spots[i]
		for _, w := range s.Ways {
			to := m.Spots[at[w.To]]
			s.To = append(s.To, mapTo{w, to.N})
			half := (to.X - s.X) / 2
			way := mapWay{D: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", s.X, s.Y, s.X+half, s.Y, to.X-half, to.Y, to.X, to.Y), Taken: w.Taken}
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
