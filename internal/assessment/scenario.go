package assessment

import (
	"math/big"
	"strings"

	"havn/internal/course"
)

// Follow walks a path ("node:choice" steps) through a scenario from its start
// and returns the node that it leads to, which is the start for an empty path.
// The story is over where that node has an End. The error is an *Invalid for a
// path that is not such a walk.
func Follow(q *course.Question, path []string) (node string, err error) {
	at := q.Start
	// A checked scenario has no loops, so no walk is longer than it has nodes.
	if len(path) > len(q.Nodes) {
		return "", invalid("path", CodeNotWalk, "The path is longer than the story; send each step once.")
	}
	for i, step := range path {
		from, choice, _ := strings.Cut(step, ":")
		next, ok := q.Nodes[at].Choices[choice]
		if from != at || !ok {
			return "", invalid("path", CodeNotWalk,
				"Step %d does not follow from the one before; write each step as node:choice, from the start on.", i+1)
		}
		at = next
	}
	return at, nil
}

// gradeScenario is course-format 1, Scores: points collected on the path ÷ the
// most that any path collects, if the path leads to an end.
//
// A step is right if from its node no other choice leads to more, partly right
// if it still earned something, and wrong otherwise.
func gradeScenario(q *course.Question, path []string) (*big.Rat, []Part) {
	best := best{q: q, most: map[string]*big.Rat{}}
	most := best.from(q.Start)
	end, err := Follow(q, path)
	if err != nil {
		return new(big.Rat), nil
	}
	sum := new(big.Rat)
	var parts []Part
	for _, step := range path {
		node, choice, _ := strings.Cut(step, ":")
		earned := rat(q.Nodes[node].Points[choice])
		sum.Add(sum, earned)
		verdict := Wrong
		if reach := best.by(node, choice); reach != nil && reach.Cmp(best.from(node)) == 0 {
			verdict = Right
		} else if earned.Sign() > 0 {
			verdict = Partly
		}
		parts = append(parts, Part{ID: step, Verdict: verdict})
	}
	if q.Nodes[end].End == "" || most == nil || most.Sign() <= 0 {
		return new(big.Rat), parts
	}
	return clamp(sum.Quo(sum, most)), parts
}

// best finds the most that can be collected from each node on to an end; nil
// where no end can be reached. A choice that leads back is no way to an end.
type best struct {
	q    *course.Question
	most map[string]*big.Rat
}

func (b best) from(node string) *big.Rat {
	if m, ok := b.most[node]; ok {
		return m
	}
	b.most[node] = nil
	n, ok := b.q.Nodes[node]
	if !ok {
		return nil
	}
	if n.End != "" {
		b.most[node] = new(big.Rat)
		return b.most[node]
	}
	var most *big.Rat
	for choice := range n.Choices {
		if reach := b.by(node, choice); reach != nil && (most == nil || reach.Cmp(most) > 0) {
			most = reach
		}
	}
	b.most[node] = most
	return most
}

// by is the most that can be collected from node on by way of choice.
func (b best) by(node, choice string) *big.Rat {
	rest := b.from(b.q.Nodes[node].Choices[choice])
	if rest == nil {
		return nil
	}
	return new(big.Rat).Add(rest, rat(b.q.Nodes[node].Points[choice]))
}
