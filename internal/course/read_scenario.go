package course

import (
	"maps"
	"slices"
	"strings"
)

// readScenario reads the nodes and checks the story: every choice leads
// somewhere, every path ends, every node can be reached, some path has points.
func (f *folder) readScenario(q *Question, v value, o map[string]value) {
	q.Start = o["start"].text()
	q.Nodes = map[string]Node{}
	at := map[string]place{}
	for _, n := range o["nodes"].fields() {
		if !IsID(n.name) {
			f.fail(n.at, "part-id", "id", clip(n.name))
			continue
		}
		at[n.name] = n.at
		f.nodes[q.ID] = append(f.nodes[q.ID], n.name)
		q.Nodes[n.name] = f.readNode(n)
	}
	if len(q.Nodes) == 0 {
		v.fail("story-empty", "question", q.ID)
		return
	}
	if _, ok := q.Nodes[q.Start]; !ok {
		o["start"].fail("start-unknown", "question", q.ID, "known", strings.Join(slices.Sorted(maps.Keys(q.Nodes)), ", "))
		return
	}
	sound := true
	for _, id := range slices.Sorted(maps.Keys(q.Nodes)) {
		n := q.Nodes[id]
		for _, c := range slices.Sorted(maps.Keys(n.Choices)) {
			if _, ok := q.Nodes[n.Choices[c]]; !ok {
				f.fail(at[id], "choice-nowhere", "choice", c, "node", id, "target", clip(n.Choices[c]))
				sound = false
			}
		}
	}
	if !sound {
		return
	}
	reached := map[string]bool{}
	if loop := f.walk(q, q.Start, map[string]bool{}, reached); loop != "" {
		f.fail(at[loop], "story-loops", "node", loop)
		return
	}
	for _, id := range slices.Sorted(maps.Keys(q.Nodes)) {
		if !reached[id] {
			f.fail(at[id], "node-unreached", "node", id)
		}
	}
	if q.Points > 0 && MostPoints(q) == 0 {
		v.fail("story-pointless", "question", q.ID)
	}
}

func (f *folder) readNode(v field) Node {
	o := v.object("choices", "points", "end")
	n := Node{Choices: map[string]string{}, Points: map[string]float64{}}
	for _, c := range o["choices"].fields() {
		if !IsID(c.name) {
			f.fail(c.at, "part-id", "id", clip(c.name))
			continue
		}
		n.Choices[c.name] = c.text()
	}
	for _, p := range o["points"].fields() {
		if _, ok := n.Choices[p.name]; !ok {
			f.fail(p.at, "choice-unknown", "choice", clip(p.name))
			continue
		}
		if n.Points[p.name] = p.number(); n.Points[p.name] < 0 {
			p.fail("points-negative")
		}
	}
	if !o["end"].absent() {
		n.End = o["end"].oneOf("safe", "delayed", "harmful")
	}
	switch {
	case n.End != "" && len(n.Choices) > 0:
		f.fail(v.at, "end-with-choices", "node", v.name)
	case n.End == "" && len(n.Choices) == 0:
		f.fail(v.at, "dead-end", "node", v.name)
	}
	return n
}

// walk marks what can be reached and names a node that the story comes back to.
func (f *folder) walk(q *Question, id string, onPath, done map[string]bool) (loop string) {
	if onPath[id] {
		return id
	}
	if done[id] {
		return ""
	}
	onPath[id] = true
	for _, c := range slices.Sorted(maps.Keys(q.Nodes[id].Choices)) {
		if loop := f.walk(q, q.Nodes[id].Choices[c], onPath, done); loop != "" {
			return loop
		}
	}
	delete(onPath, id)
	done[id] = true
	return ""
}

// MostPoints is the most that any path of a scenario collects, by which the
// points of a path are divided (course-format 1, Scores). The story must be
// free of loops, as Load makes sure.
func MostPoints(q *Question) float64 {
	best := map[string]float64{}
	var from func(id string) float64
	from = func(id string) float64 {
		if most, ok := best[id]; ok {
			return most
		}
		most := 0.0
		for c, next := range q.Nodes[id].Choices {
			most = max(most, q.Nodes[id].Points[c]+from(next))
		}
		best[id] = most
		return most
	}
	return from(q.Start)
}
