package bank

import (
	"maps"
	"math"
	"slices"
	"strings"
)

func qtiChoice(item *Item, r qtiResponse) error {
	item.Kind = Choice
	item.Many = r.in.name == "choice-interaction" && r.in.attrs["max-choices"] != "1" && r.in.attrs["max-choices"] != ""
	if !item.Many && len(r.correct) > 1 && !r.mapped() {
		return refuse("it takes one answer but has %d right ones", len(r.correct))
	}
	var weights map[string]float64
	if r.mapped() {
		var err error
		if weights, item.Points, err = r.weights(); err != nil {
			return err
		}
	}
	ids, seen := append(r.in.all("simple-choice"), r.in.all("inline-choice")...), map[string]bool{}
	for _, c := range ids {
		id := c.attrs["identifier"]
		if seen[id] {
			return refuse("two of its answers have the identifier %q", clip(id))
		}
		seen[id] = true
		a := Answer{}
		var err error
		if a.Text, a.Feedback, err = qtiOption(c); err != nil {
			return err
		}
		switch w, named := weights[id]; {
		case weights != nil && named:
			a.Weight = w
		case weights != nil:
			a.Weight = weights[""]
		case slices.Contains(r.correct, id) && item.Many:
			a.Weight = 1 / float64(len(r.correct))
		case slices.Contains(r.correct, id):
			a.Weight = 1
		}
		item.Answers = append(item.Answers, a)
	}
	for _, id := range r.correct {
		if !seen[id] {
			return refuse("its right answer %q is not among its answers", clip(id))
		}
	}
	if item.Many && weights == nil {
		item.Partial = "none"
	}
	if len(ids) == 2 && !item.Many && weights == nil && ids[0].attrs["identifier"] == "true" && ids[1].attrs["identifier"] == "false" {
		item.Kind = TrueFalse
	}
	return nil
}

// qtiOption is the text of an answer and the feedback that stands in it.
func qtiOption(n *node) (text, feedback string, err error) {
	without := &node{name: n.name}
	for _, c := range n.children {
		if c.name == "feedback-inline" || c.name == "feedback-block" {
			if feedback, err = qtiText(c.children); err != nil {
				return "", "", err
			}
			continue
		}
		without.children = append(without.children, c)
	}
	text, err = qtiText(without.children)
	return text, feedback, err
}

func qtiOrder(item *Item, r qtiResponse) error {
	item.Kind = Order
	if len(r.mapping.all("map-entry")) > 0 && r.mapped() {
		return refuse("its steps have weights, which a course does not know")
	}
	steps := map[string]string{}
	for _, c := range r.in.all("simple-choice") {
		text, _, err := qtiOption(c)
		if err != nil {
			return err
		}
		steps[c.attrs["identifier"]] = text
	}
	if len(r.correct) != len(steps) {
		return refuse("its right order names %d of %d steps", len(r.correct), len(steps))
	}
	for _, id := range r.correct {
		text, ok := steps[id]
		if !ok {
			return refuse("its right order names %q, which is no step", clip(id))
		}
		item.Answers = append(item.Answers, Answer{Text: text})
	}
	return nil
}

func qtiMatch(item *Item, r qtiResponse) error {
	item.Kind, item.Partial = Match, "none"
	sets := r.in.all("simple-match-set")
	if len(sets) != 2 {
		return refuse("it does not have two sides to match")
	}
	pairs := r.correct
	if r.mapped() {
		weights, most, err := r.weights()
		if err != nil {
			return err
		}
		pairs, item.Partial, item.Points = nil, "per-pair", most
		for _, k := range slices.Sorted(maps.Keys(weights)) {
			switch share := 1 / float64(len(sets[0].all("simple-associable-choice"))); {
			case k == "" || weights[k] == 0:
			case math.Abs(weights[k]-share) > slack:
				return refuse("its pairs do not count alike")
			default:
				pairs = append(pairs, k)
			}
		}
	}
	targets, used := map[string]string{}, map[string]bool{}
	for _, c := range sets[1].all("simple-associable-choice") {
		text, _, err := qtiOption(c)
		if err != nil {
			return err
		}
		targets[c.attrs["identifier"]] = text
	}
	key := map[string]string{}
	for _, p := range pairs {
		ends := strings.Fields(p)
		if len(ends) != 2 {
			return refuse("%q is no pair", clip(p))
		}
		if _, left := targets[ends[0]]; left {
			ends[0], ends[1] = ends[1], ends[0]
		}
		if _, ok := targets[ends[1]]; !ok || key[ends[0]] != "" {
			return refuse("%q cannot be a pair: each on the left has one on the right", clip(p))
		}
		key[ends[0]], used[ends[1]] = ends[1], true
	}
	for _, c := range sets[0].all("simple-associable-choice") {
		text, feedback, err := qtiOption(c)
		if err != nil {
			return err
		}
		to := key[c.attrs["identifier"]]
		if to == "" {
			return refuse("%q has no partner", clip(text))
		}
		item.Answers = append(item.Answers, Answer{Text: text, Target: targets[to], Feedback: feedback})
	}
	for _, c := range sets[1].all("simple-associable-choice") {
		if id := c.attrs["identifier"]; !used[id] {
			item.Extra = append(item.Extra, targets[id])
		}
	}
	return nil
}

func qtiEntry(item *Item, r qtiResponse) error {
	item.Kind = Short
	numeric := r.kind == "integer" || r.kind == "float"
	if numeric {
		item.Kind = Number
	}
	answers := map[string]float64{}
	var order []string
	if r.mapped() {
		weights, most, err := r.weights()
		if err != nil {
			return err
		}
		item.Points = most
		for _, e := range r.mapping.all("map-entry") {
			order = append(order, e.attrs["map-key"])
			if e.attrs["case-sensitive"] == "true" {
				item.Match = []string{"capitals"}
			}
		}
		answers = weights
	} else {
		for _, c := range r.correct {
			order, answers[c] = append(order, c), 1
		}
		if !numeric && len(order) > 0 { // match_correct compares letter by letter
			item.Match = []string{"capitals"}
		}
	}
	tolerance, err := r.tolerance()
	if err != nil {
		return err
	}
	for _, text := range order {
		a := Answer{Weight: answers[text], Text: text}
		if numeric {
			var err error
			if a.Low, a.High, err = numberRange(text + tolerance); err != nil {
				return err
			}
		} else {
			a.Text = strings.ReplaceAll(text, "*", `\*`)
		}
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// tolerance is that of a comparison by <equal>, as numberRange reads it.
func (r qtiResponse) tolerance() (string, error) {
	for _, e := range r.processing.find("equal") {
		by := strings.Fields(e.attrs["tolerance"])
		switch {
		case e.attrs["tolerance-mode"] == "absolute" && len(by) == 1, e.attrs["tolerance-mode"] == "absolute" && len(by) == 2 && by[0] == by[1]:
			return ":" + by[0], nil
		case e.attrs["tolerance-mode"] == "relative" || len(by) > 1:
			return "", refuse("its tolerance is not the same on both sides")
		}
	}
	return "", nil
}

func qtiEssay(item *Item, _ qtiResponse) error {
	item.Kind = Essay
	item.note("it was graded by a person; here it is for the learner alone and earns no points")
	return nil
}
