package learning

import (
	"maps"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
)

// StoryView is one node of a scenario that the learner has reached.
type StoryView struct {
	Node    string       `json:"node"`
	HTML    string       `json:"html"`
	Choices []OptionView `json:"choices,omitempty"`
	Chosen  string       `json:"chosen,omitempty"`
	Ended   bool         `json:"ended,omitempty"`
}

// story is the scenario up to where the saved path has led, and no further.
func story(q *course.Question, t *course.QuestionText, quiz *course.Quiz, seed uint64, r *assessment.Response) []StoryView {
	var path []string
	if r != nil && r.Path != nil {
		path = *r.Path
	}
	var out []StoryView
	for i := range len(path) + 1 {
		node, err := assessment.Follow(q, path[:i])
		if err != nil {
			break
		}
		s := StoryView{Node: node, HTML: t.Nodes[node].Text, Ended: q.Nodes[node].End != ""}
		for _, c := range assessment.ChoiceOrder(q, node, quiz, seed) {
			s.Choices = append(s.Choices, OptionView{c, t.Nodes[node].Choices[c]})
			if i < len(path) && path[i] == node+":"+c {
				s.Chosen = c
			}
		}
		out = append(out, s)
	}
	return out
}

// StoryNode is one node of a whole scenario, as it is told afterwards.
type StoryNode struct {
	ID    string     `json:"id"`
	HTML  string     `json:"html"`
	End   string     `json:"end,omitempty"`   // safe | delayed | harmful
	Taken int        `json:"taken,omitempty"` // the how-manieth on the way that was taken, from 1
	Ways  []StoryWay `json:"ways,omitempty"`
}

// StoryWay is a choice at a node and where it leads.
type StoryWay struct {
	ID    string `json:"id"`
	HTML  string `json:"html"`
	To    string `json:"to"`
	Taken bool   `json:"taken,omitempty"`
}

// wholeStory lists every node of a scenario, those nearer to the start first,
// with the way that was taken.
func wholeStory(q *course.Question, t *course.QuestionText, path []string) []StoryNode {
	taken := map[string]int{q.Start: 1}
	for i := range path {
		if node, err := assessment.Follow(q, path[:i+1]); err == nil {
			taken[node] = i + 2
		}
	}
	var out []StoryNode
	ids, listed := []string{q.Start}, map[string]bool{q.Start: true}
	for n := 0; n < len(ids); n++ {
		id := ids[n]
		node := StoryNode{ID: id, HTML: t.Nodes[id].Text, End: q.Nodes[id].End, Taken: taken[id]}
		for _, c := range slices.Sorted(maps.Keys(q.Nodes[id].Choices)) {
			to := q.Nodes[id].Choices[c]
			node.Ways = append(node.Ways, StoryWay{ID: c, HTML: t.Nodes[id].Choices[c], To: to, Taken: slices.Contains(path, id+":"+c)})
			if !listed[to] {
				ids, listed[to] = append(ids, to), true
			}
		}
		out = append(out, node)
	}
	return out
}
