package bank

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"havn/internal/course"
)

// options reads the parts that have a text of their own.
func (s Sheet) options(w *written, before *written, used map[string]bool) error {
	q := &w.q
	if len(s.Options)+len(s.Targets) > maxAnswers {
		return refuse("there are more than %d answers", maxAnswers)
	}
	if q.Type == course.Matching {
		w.text.Targets = map[string]string{}
		ids := newIDs(used, "r")
		for _, t := range s.Targets {
			ids.used[t.ID] = true
		}
		for _, t := range s.Targets {
			if t.Text = clean(t.Text); t.Text != "" {
				id := ids.of(t.ID)
				q.Targets, w.text.Targets[id] = append(q.Targets, id), t.Text
			}
		}
		q.Key.Pairs = map[string]string{}
	}
	list := slices.Clone(s.Options)
	if q.Type == course.Ordering { // neither ids nor the order of options say what is right
		slices.SortStableFunc(list, byPlace)
		list = scatterNew(list, before)
	}
	w.text.Options = map[string]string{}
	ids := newIDs(used, map[course.Type]string{course.Hotspot: "l", course.Matching: "l"}[q.Type])
	for _, o := range list {
		ids.used[o.ID] = true
	}
	weights := map[string]float64{}
	type placed struct {
		id string
		at int
	}
	var order []placed
	for _, o := range list {
		if o.Text = clean(o.Text); o.Text == "" {
			continue
		}
		if o.Weight < -1 || o.Weight > 1 {
			return refuse("a share lies between -1 and 1")
		}
		id := ids.of(o.ID)
		q.Options = append(q.Options, id)
		w.text.Options[id], w.text.Feedback[id] = o.Text, clean(o.Feedback)
		order = append(order, placed{id, o.Place})
		if o.Weight != 0 {
			weights[id] = o.Weight
		}
		switch {
		case q.Type == course.Matching && slices.Contains(q.Targets, o.Target):
			q.Key.Pairs[id] = o.Target
		case o.Right && q.Type == course.Single:
			q.Key.Choice = id
		case o.Right && (q.Type == course.Multiple || q.Type == course.Hotspot):
			q.Key.Choices = append(q.Key.Choices, id)
		}
	}
	if q.Type == course.Ordering {
		slices.SortStableFunc(order, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
		for _, o := range order {
			q.Key.Order = append(q.Key.Order, o.id)
		}
	}
	if q.Partial == "weights" {
		q.Weights = weights
	}
	return nil
}

// scatterNew keeps what was there in the order of the file, and puts what is new
// behind it in an order that says nothing of the key.
func scatterNew(list []Option, before *written) []Option {
	rank := map[string]int{}
	if before != nil {
		for n, id := range before.q.Options {
			rank[id] = n + 1
		}
	}
	var old, fresh []Option
	var words []string
	for _, o := range list {
		if rank[o.ID] > 0 {
			old = append(old, o)
		} else {
			fresh, words = append(fresh, o), append(words, o.Text)
		}
	}
	slices.SortStableFunc(old, func(a, b Option) int { return cmp.Compare(rank[a.ID], rank[b.ID]) })
	words = scattered(words)
	slices.SortStableFunc(fresh, func(a, b Option) int {
		return cmp.Compare(slices.Index(words, a.Text), slices.Index(words, b.Text))
	})
	return append(old, fresh...)
}

// story reads the nodes of a scenario, as far as it is told: what leads nowhere is
// kept, for the checker says so at its place. A choice to a step that is not there
// yet makes it.
func (s Sheet) story(w, before *written, used map[string]bool) error {
	q := &w.q
	q.Start, q.Nodes = s.Start, map[string]course.Node{}
	w.text.Nodes = map[string]course.NodeSource{}
	for _, n := range s.Nodes {
		if !course.IsID(n.ID) || q.Nodes[n.ID].Choices != nil {
			return refuse("each step has a name of its own, of a-z, 0-9 and -")
		}
		node, text := course.Node{Choices: map[string]string{}, Points: map[string]float64{}, End: n.End}, course.NodeSource{Text: clean(n.Text), Choices: map[string]string{}}
		w.text.Feedback[n.ID] = clean(n.Feedback)
		ids := newIDs(used, "")
		for _, c := range n.Choices {
			ids.used[c.ID] = true
		}
		for _, c := range n.Choices {
			if c.Text = clean(c.Text); c.Text == "" {
				continue
			}
			if c.Points < 0 {
				return refuse("points are not under 0")
			}
			id := ids.of(c.ID)
			node.Choices[id], text.Choices[id] = c.To, c.Text
			if c.Points != 0 {
				node.Points[id] = c.Points
			}
		}
		q.Nodes[n.ID], w.text.Nodes[n.ID], w.nodes = node, text, append(w.nodes, n.ID)
	}
	if before != nil { // a form shows them as they are told, and the file has its own order
		place := func(id string) int {
			if n := slices.Index(before.nodes, id); n >= 0 {
				return n
			}
			return len(before.nodes)
		}
		slices.SortStableFunc(w.nodes, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	}
	if len(w.nodes) > maxAnswers {
		return refuse("there are more than %d steps", maxAnswers)
	}
	return nil
}

// ids names the parts of a question: an id that was used once is not used again.
type ids struct {
	used   map[string]bool
	prefix string // "": letters
	next   int
}

func newIDs(used map[string]bool, prefix string) *ids {
	return &ids{used: maps.Clone(used), prefix: prefix}
}

func (i *ids) of(id string) string {
	if course.IsID(id) {
		return id
	}
	for {
		id = letter(i.next)
		if i.next++; i.prefix != "" {
			id = i.prefix + strconv.Itoa(i.next)
		}
		if !i.used[id] {
			i.used[id] = true
			return id
		}
	}
}
