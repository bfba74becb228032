package assessment

import (
	"maps"
	"math/big"
	"slices"
	"strconv"

	"havn/internal/course"
)

// Mark is what an answer earned. The fractions are exact; they are shared with
// nobody and never nil when they come from Grade.
type Mark struct {
	Share  *big.Rat // of the points, 0…1
	Points *big.Rat // Max × Share
	Max    *big.Rat // the question's points; 0 for what is not graded

	// Parts says of each part of the answer how it was, in the order of the
	// question's options (for a scenario, of the steps taken). It is empty for
	// answers that have no parts: true-false, number, date, text. It reveals the
	// key.
	Parts []Part
}

// Part is the verdict on one option, line, pair or step.
type Part struct {
	ID      string  `json:"id"` // option or line; for a pair its option; for a scenario "node:choice"
	Verdict Verdict `json:"verdict"`
}

// Verdict says how a part of an answer was.
type Verdict string

// The verdicts. An option that was rightly left alone has none.
const (
	Right  Verdict = "right"
	Partly Verdict = "partly" // not the key, but it earned something
	Wrong  Verdict = "wrong"
	Missed Verdict = "missed" // belongs to the key and was not given
)

// ShareFloat is the share of the points as the nearest float, 0…1, for display.
func (m Mark) ShareFloat() float64 { return float(m.Share) }

// PointsFloat is the points earned as the nearest float, for display.
func (m Mark) PointsFloat() float64 { return float(m.Points) }

// MaxFloat is the points that could be earned as the nearest float.
func (m Mark) MaxFloat() float64 { return float(m.Max) }

// Correct tells whether the answer earned all there was. It is false for what is
// not graded.
func (m Mark) Correct() bool {
	return m.Max != nil && m.Max.Sign() > 0 && m.Share.Cmp(one) == 0
}

// Grade scores a response by the rules of course-format 1, Scores. A nil
// response is a question left unanswered: 0. lang is the language that the
// question was answered in; only a text question looks at it.
//
// The response should have passed Validate against the same question. One that
// did not, as may happen when a corrected course is graded again, is graded for
// what of it still makes sense and never panics.
//
// Decimals of the course and the response are taken as they were written: 0.1 is
// one tenth, not the float nearest to it.
func Grade(q *course.Question, r *Response, lang string) Mark {
	m := Mark{Share: new(big.Rat), Points: new(big.Rat), Max: new(big.Rat)}
	if !q.Type.Graded() {
		return m
	}
	if r == nil {
		r = &Response{}
	}
	m.Max = rat(q.Points)
	m.Share, m.Parts = share(q, r, lang)
	m.Points.Mul(m.Max, m.Share)
	return m
}

func share(q *course.Question, r *Response, lang string) (*big.Rat, []Part) {
	switch q.Type {
	case course.TrueFalse:
		return whole(r.Choice != nil && *r.Choice == q.Key.Choice), nil
	case course.Single:
		return gradeSingle(q, r.Choice)
	case course.Multiple, course.Hotspot:
		return gradeMultiple(q, value(r.Choices))
	case course.Ordering:
		return gradeOrdering(q, value(r.Order))
	case course.Matching:
		return gradeMatching(q, value(r.Pairs))
	case course.Numeric:
		return gradeNumeric(q, r.Number), nil
	case course.Date:
		return whole(r.Date != nil && *r.Date == q.Key.Date), nil
	case course.ShortText:
		if r.Text == nil {
			return new(big.Rat), nil
		}
		return gradeText(q, *r.Text, lang), nil
	case course.Scenario:
		return gradeScenario(q, value(r.Path))
	}
	return new(big.Rat), nil
}

// gradeNumeric is 1 within the tolerance of the key, else the largest share among
// the numbers beside it, else 0.
func gradeNumeric(q *course.Question, number *float64) *big.Rat {
	best := new(big.Rat)
	if number == nil || within(*number, q.Key.Number, q.Tolerance) {
		return whole(number != nil)
	}
	for _, a := range q.Also {
		if share := rat(a.Share); within(*number, a.Number, a.Tolerance) && share.Cmp(best) > 0 {
			best = share
		}
	}
	return clamp(best)
}

// gradeSingle is 1 or 0, or with partial: weights the weight of the choice.
func gradeSingle(q *course.Question, choice *string) (*big.Rat, []Part) {
	if choice == nil {
		return new(big.Rat), verdicts(q, nil, []string{q.Key.Choice})
	}
	parts := verdicts(q, []string{*choice}, []string{q.Key.Choice})
	if q.Partial == "weights" {
		return weigh(q, []string{*choice}), parts
	}
	return whole(*choice == q.Key.Choice), parts
}

// gradeMultiple also grades a hotspot, whose options are lines.
func gradeMultiple(q *course.Question, choices []string) (*big.Rat, []Part) {
	chosen := distinct(choices)
	parts := verdicts(q, chosen, q.Key.Choices)
	right := 0
	for _, id := range chosen {
		if slices.Contains(q.Key.Choices, id) {
			right++
		}
	}
	switch q.Partial {
	case "weights":
		return weigh(q, chosen), parts
	case "per-option":
		wrong := len(chosen) - right
		return ratio(max(0, right-wrong), len(q.Key.Choices)), parts
	}
	return whole(right == len(chosen) && right == len(q.Key.Choices) && right > 0), parts
}

// gradeOrdering is, with partial: longest, (length of the longest subsequence in
// the key's order − 1) ÷ (options − 1). An option is right if it belongs to that
// subsequence: the others are what has to be moved.
func gradeOrdering(q *course.Question, order []string) (*big.Rat, []Part) {
	kept := longest(order, q.Key.Order)
	var parts []Part
	for _, id := range q.Options {
		switch {
		case !slices.Contains(order, id):
			parts = append(parts, Part{id, Missed})
		case slices.Contains(kept, id):
			parts = append(parts, Part{id, Right})
		default:
			parts = append(parts, Part{id, Wrong})
		}
	}
	if q.Partial == "longest" && len(q.Key.Order) > 1 {
		return ratio(max(0, len(kept)-1), len(q.Key.Order)-1), parts
	}
	return whole(len(order) > 0 && slices.Equal(order, q.Key.Order)), parts
}

// gradeMatching is 1 for all pairs, or with partial: per-pair right pairs ÷ pairs.
func gradeMatching(q *course.Question, pairs map[string]string) (*big.Rat, []Part) {
	var parts []Part
	right := 0
	for _, option := range q.Options {
		target, given := pairs[option]
		key, keyed := q.Key.Pairs[option]
		switch {
		case given && keyed && target == key:
			right++
			parts = append(parts, Part{option, Right})
		case given:
			parts = append(parts, Part{option, Wrong})
		case keyed:
			parts = append(parts, Part{option, Missed})
		}
	}
	if q.Partial == "per-pair" {
		return ratio(right, len(q.Key.Pairs)), parts
	}
	return whole(right > 0 && maps.Equal(pairs, q.Key.Pairs)), parts
}

// verdicts judges what was chosen against the key, in the order of the options.
func verdicts(q *course.Question, chosen, key []string) []Part {
	var parts []Part
	for _, id := range q.Options {
		is, should := slices.Contains(chosen, id), slices.Contains(key, id)
		switch {
		case is && (should || q.Partial == "weights" && q.Weights[id] >= 1):
			parts = append(parts, Part{id, Right})
		case is && q.Partial == "weights" && q.Weights[id] > 0:
			parts = append(parts, Part{id, Partly})
		case is:
			parts = append(parts, Part{id, Wrong})
		case should:
			parts = append(parts, Part{id, Missed})
		}
	}
	return parts
}

// weigh is the sum of the weights of what was chosen, not under 0 nor over 1.
func weigh(q *course.Question, chosen []string) *big.Rat {
	sum := new(big.Rat)
	for _, id := range chosen {
		sum.Add(sum, rat(q.Weights[id]))
	}
	return clamp(sum)
}

// longest is a longest subsequence of order that stands in the key's order; of
// several, the one whose last element comes first.
func longest(order, key []string) []string {
	place := make(map[string]int, len(key))
	for i, id := range key {
		place[id] = i
	}
	var runs [][]string // runs[i] ends at the i-th known element
	var ends []int
	var best []string
	for _, id := range order {
		at, ok := place[id]
		if !ok {
			continue
		}
		var before []string
		for i, end := range ends {
			if end < at && len(runs[i]) > len(before) {
				before = runs[i]
			}
		}
		run := append(slices.Clone(before), id)
		runs, ends = append(runs, run), append(ends, at)
		if len(run) > len(best) {
			best = run
		}
	}
	return best
}

func within(answer, key, tolerance float64) bool {
	d := new(big.Rat).Sub(rat(answer), rat(key))
	return d.Abs(d).Cmp(rat(tolerance)) <= 0
}

var one = big.NewRat(1, 1)

// rat is the number that the shortest decimal for f writes; what is no number
// counts as 0.
func rat(f float64) *big.Rat {
	r, ok := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok {
		return new(big.Rat)
	}
	return r
}

func whole(right bool) *big.Rat {
	if right {
		return big.NewRat(1, 1)
	}
	return new(big.Rat)
}

func ratio(a, b int) *big.Rat {
	if b == 0 {
		return new(big.Rat)
	}
	return big.NewRat(int64(a), int64(b))
}

func clamp(r *big.Rat) *big.Rat {
	if r.Sign() < 0 {
		return new(big.Rat)
	}
	if r.Cmp(one) > 0 {
		return big.NewRat(1, 1)
	}
	return r
}

func distinct(ids []string) []string {
	ids = slices.Sorted(slices.Values(ids))
	return slices.Compact(ids)
}

// value is what p points to, or the zero value where the field is absent.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func float(r *big.Rat) float64 {
	if r == nil {
		return 0
	}
	f, _ := r.Float64()
	return f
}
