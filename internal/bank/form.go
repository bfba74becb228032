package bank

import (
	"slices"
	"strings"

	"havn/internal/course"
)

// Form is a question as somebody writes it by hand, one answer a line.
type Form struct {
	Type course.Type
	Stem string // Markdown
	// Answers, by type: choices with `*` before the right ones (single, multiple);
	// `true` or `false`; what is accepted (text); a number or `14..16`; the steps in
	// their right order; pairs as `left = right`.
	Answers  string
	Feedback string // Markdown, shown for any answer
	Tags     []string
}

// Make takes the question as one of a bank would be. The error is a sentence that
// says what to mend.
func (f Form) Make(into Into) (Taken, error) {
	if into.IDs == nil {
		into.IDs = map[string]bool{}
	}
	into.next = map[string]int{}
	item := Item{Stem: strings.TrimSpace(f.Stem), Feedback: strings.TrimSpace(f.Feedback), Tags: f.Tags, Points: 1}
	if item.Stem == "" {
		return Taken{}, refuse("write the question")
	}
	var lines []string
	for l := range strings.Lines(f.Answers) {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	if len(lines) > maxAnswers {
		return Taken{}, refuse("there are more than %d answers", maxAnswers)
	}
	if err := item.answer(f.Type, lines); err != nil {
		return Taken{}, err
	}
	return convert(item, into)
}

func (i *Item) answer(kind course.Type, lines []string) error {
	switch kind {
	case course.Single, course.Multiple:
		i.Kind, i.Many = Choice, kind == course.Multiple
		right := 0
		for _, l := range lines {
			text, isRight := strings.CutPrefix(l, "*")
			a := Answer{Text: strings.TrimSpace(text)}
			if isRight {
				a.Weight = 1
				right++
			}
			i.Answers = append(i.Answers, a)
		}
		if right == 0 || right > 1 && !i.Many || len(lines) < 2 {
			return refuse("write two answers or more, each in a line, and * before what is right")
		}
		for n := range i.Answers {
			i.Answers[n].Weight /= float64(right)
		}
	case course.TrueFalse:
		if len(lines) != 1 || !slices.Contains([]string{"true", "false"}, strings.ToLower(lines[0])) {
			return refuse("write true or false as the answer")
		}
		i.Kind = TrueFalse
		isTrue := strings.EqualFold(lines[0], "true")
		i.Answers = []Answer{{Text: "true", Weight: weight(isTrue)}, {Text: "false", Weight: weight(!isTrue)}}
	case course.ShortText:
		i.Kind = Short
		for _, l := range lines {
			i.Answers = append(i.Answers, Answer{Text: l, Weight: 1})
		}
		if len(lines) == 0 {
			return refuse("write what is accepted, each in a line")
		}
	case course.Numeric:
		if len(lines) != 1 {
			return refuse("write one number, or a range such as 14..16")
		}
		i.Kind = Number
		low, high, isRange := strings.Cut(lines[0], "..")
		if !isRange {
			high = low
		}
		l, ok1 := parseDecimal(low)
		h, ok2 := parseDecimal(high)
		if !ok1 || !ok2 || l.Cmp(h) > 0 {
			return refuse("write one number, or a range such as 14..16")
		}
		i.Answers = []Answer{{Weight: 1, Low: l, High: h}}
	case course.Ordering:
		i.Kind = Order
		for _, l := range lines {
			i.Answers = append(i.Answers, Answer{Text: l, Weight: 1})
		}
		if len(lines) < 2 {
			return refuse("write two steps or more in their right order, each in a line")
		}
	case course.Matching:
		i.Kind = Match
		for _, l := range lines {
			left, right, ok := strings.Cut(l, "=")
			if !ok || strings.TrimSpace(left) == "" || strings.TrimSpace(right) == "" {
				return refuse("write two pairs or more as left = right, each in a line")
			}
			i.Answers = append(i.Answers, Answer{Text: strings.TrimSpace(left), Target: strings.TrimSpace(right), Weight: 1})
		}
		if len(lines) < 2 {
			return refuse("write two pairs or more as left = right, each in a line")
		}
	case course.Reflection:
		i.Kind = Essay
	default:
		return refuse("this type is written in questions.yaml")
	}
	return nil
}

func weight(right bool) float64 {
	if right {
		return 1
	}
	return 0
}
