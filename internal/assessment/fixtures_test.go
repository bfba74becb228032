package assessment

import "havn/internal/course"

// The questions of course-format 1, as they stand there.
var (
	qMeans = &course.Question{ID: "q-means", Type: course.Single, Options: []string{"a", "b", "c"}, Points: 1,
		Tags: []string{"m1"}, Key: course.Key{Choice: "a"}}
	qTrue = &course.Question{ID: "q-true", Type: course.TrueFalse, Options: []string{"true", "false"}, Points: 1,
		Key: course.Key{Choice: "false"}}
	qSigns = &course.Question{ID: "q-signs", Type: course.Multiple, Options: []string{"a", "b", "c", "d"}, Points: 1,
		Partial: "per-option", Key: course.Key{Choices: []string{"a", "c"}}}
	qFirst = &course.Question{ID: "q-first", Type: course.Single, Options: []string{"a", "b", "c"}, Points: 1,
		Partial: "weights", Weights: map[string]float64{"a": 1, "c": 0.5}, Key: course.Key{Choice: "a"}}
	qSteps = &course.Question{ID: "q-steps", Type: course.Ordering, Options: []string{"a", "b", "c", "d"}, Points: 1,
		Partial: "longest", Key: course.Key{Order: []string{"c", "a", "d", "b"}}}
	qWho = &course.Question{ID: "q-who", Type: course.Matching, Options: []string{"l1", "l2"}, Points: 1,
		Targets: []string{"r1", "r2", "r3"}, Partial: "per-pair",
		Key: course.Key{Pairs: map[string]string{"l1": "r2", "l2": "r1"}}}
	qDays = &course.Question{ID: "q-days", Type: course.Numeric, Points: 1, Key: course.Key{Number: 15}}
	qLast = &course.Question{ID: "q-last", Type: course.Date, Points: 1, Key: course.Key{Date: "2026-09-22"}}
	qTerm = &course.Question{ID: "q-term", Type: course.ShortText, Points: 1, Accept: map[string][]string{
		"en": {"guardian", "legal guardian"}, "et": {"eestkostja"}}}
	qLines = &course.Question{ID: "q-lines", Type: course.Hotspot, Options: []string{"l1", "l2", "l3", "l4"}, Points: 1,
		Partial: "per-option", Key: course.Key{Choices: []string{"l2", "l4"}}}
	sDesk = &course.Question{ID: "s-desk", Type: course.Scenario, Points: 1, Start: "n1", Nodes: map[string]course.Node{
		"n1":     {Choices: map[string]string{"a": "n2", "b": "e-bad"}, Points: map[string]float64{"a": 1}},
		"n2":     {Choices: map[string]string{"a": "e-good", "b": "e-late"}, Points: map[string]float64{"a": 1}},
		"e-good": {End: "safe"}, "e-late": {End: "delayed"}, "e-bad": {End: "harmful"}}}
	rWork   = &course.Question{ID: "r-work", Type: course.Reflection}
	cCase   = &course.Question{ID: "c-case", Type: course.Vignette, Questions: []string{"q-means", "q-signs"}}
	gBefore = &course.Question{ID: "g-before", Type: course.Rating, Scale: 4}

	all = []*course.Question{qMeans, qTrue, qSigns, qFirst, qSteps, qWho, qDays, qLast, qTerm, qLines,
		sDesk, rWork, cCase, gBefore}
)

// with is a copy of a question with something changed.
func with(q *course.Question, change func(*course.Question)) *course.Question {
	c := *q
	change(&c)
	return &c
}

func partial(q *course.Question, rule string) *course.Question {
	return with(q, func(q *course.Question) { q.Partial = rule })
}

func choice(id string) *Response { return &Response{Choice: &id} }
func choices(ids ...string) *Response {
	ids = append([]string{}, ids...)
	return &Response{Choices: &ids}
}
func order(ids ...string) *Response       { return &Response{Order: &ids} }
func pairs(m map[string]string) *Response { return &Response{Pairs: &m} }
func number(f float64) *Response          { return &Response{Number: &f} }
func date(s string) *Response             { return &Response{Date: &s} }
func text(s string) *Response             { return &Response{Text: &s} }
func path(steps ...string) *Response {
	steps = append([]string{}, steps...)
	return &Response{Path: &steps}
}
func rating(n int) *Response        { return &Response{Rating: &n} }
func (r *Response) sure() *Response { r.Confidence = Sure; return r }

// key is the response that gives exactly the key.
func key(q *course.Question) *Response {
	switch q.Type {
	case course.Single, course.TrueFalse:
		return choice(q.Key.Choice)
	case course.Multiple, course.Hotspot:
		return choices(q.Key.Choices...)
	case course.Ordering:
		return order(q.Key.Order...)
	case course.Matching:
		return pairs(q.Key.Pairs)
	case course.Numeric:
		return number(q.Key.Number)
	case course.Date:
		return date(q.Key.Date)
	case course.ShortText:
		return text(q.Accept["en"][0])
	case course.Scenario:
		return path("n1:a", "n2:a")
	}
	return nil
}
