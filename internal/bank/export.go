package bank

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"havn/internal/course"
)

// OutFormats are those that Write knows.
var OutFormats = []string{"gift", "moodle-xml", "qti3"}

// Left is a question that a format cannot hold, or what it cannot hold of one.
type Left struct {
	ID     string
	Reason string
	Part   bool // the question itself was written
}

// asked is a question with its words in one language.
type asked struct {
	*course.Question
	course.QuestionSource
	lang string
}

// format writes questions; it refuses what it cannot hold.
type format interface {
	add(a asked) error
	end() error
}

// Write writes a course's questions in one language, and tells which of them, or
// what of them, the format cannot hold. Retired questions are left.
func Write(name string, w io.Writer, b *course.Bank, lang string) ([]Left, error) {
	var f format
	switch name {
	case "gift":
		f = &giftWriter{w: w}
	case "moodle-xml":
		f = &moodleWriter{w: w}
	case "qti3":
		f = newQTIWriter(w)
	default:
		return nil, fmt.Errorf("the format %q is not known: %s", name, strings.Join(OutFormats, ", "))
	}
	var left []Left
	for _, q := range b.Questions {
		text, ok := b.Texts[lang][q.ID]
		var err error
		switch {
		case q.Retired:
			err = refuse("it is retired")
		case q.Type == course.Hotspot || q.Type == course.Scenario || q.Type == course.Vignette || q.Type == course.Rating || q.Type == course.Date:
			err = refuse("the format has no question of type %s", q.Type)
		case !ok || text.Stem == "":
			err = refuse("it has no text in %s", lang)
		case q.Type == course.ShortText && len(q.Accept[lang]) == 0:
			err = refuse("it accepts nothing in %s", lang)
		default:
			err = f.add(asked{q, foreign(text), lang})
		}
		if _, refused := err.(refusal); refused {
			left = append(left, Left{ID: q.ID, Reason: err.Error()})
		} else if err != nil {
			return left, err
		} else if name == "gift" && q.Type.Graded() && q.Points != 1 {
			left = append(left, Left{q.ID, "the format has no points; here they are " + number(q.Points), true})
		} else if name == "qti3" && len(q.Tags) > 0 {
			left = append(left, Left{q.ID, "an item has no tags; here they are " + strings.Join(q.Tags, ", "), true})
		}
	}
	return left, f.end()
}

var (
	termLink = regexp.MustCompile(`\[([^\]]+)\]\(term:[^)]*\)`)
	factCite = regexp.MustCompile(`\[\^fact:[^\]]*\]`)
)

// foreign takes out what only a course understands: links to terms, and citations.
func foreign(t course.QuestionSource) course.QuestionSource {
	clean := func(s string) string { return factCite.ReplaceAllString(termLink.ReplaceAllString(s, "$1"), "") }
	each := func(m map[string]string) map[string]string {
		out := map[string]string{}
		for k, s := range m {
			out[k] = clean(s)
		}
		return out
	}
	return course.QuestionSource{Stem: clean(t.Stem), Options: each(t.Options), Targets: each(t.Targets), Feedback: each(t.Feedback)}
}

// weight is the share that an option earns.
func (a asked) weight(id string) float64 {
	right := id == a.Key.Choice || slices.Contains(a.Key.Choices, id)
	switch {
	case a.Partial == "weights":
		return a.Weights[id]
	case a.Type == course.Single && right:
		return 1
	case right:
		return 1 / float64(len(a.Key.Choices))
	case a.Partial == "per-option":
		return -1 / float64(len(a.Key.Choices))
	}
	return 0
}

// typedAnswers are the answers in this language with what each earns, the better first.
func (a asked) typedAnswers() []Answer {
	var out []Answer
	literal := func(s string) string {
		if slices.Contains(a.Match, "wildcards") {
			return s
		}
		return strings.ReplaceAll(s, "*", `\*`)
	}
	for _, s := range a.Accept[a.lang] {
		out = append(out, Answer{Text: literal(s), Weight: 1})
	}
	for _, also := range a.Also {
		if also.Lang == a.lang {
			out = append(out, Answer{Text: literal(also.Text), Weight: also.Share})
		}
	}
	slices.SortStableFunc(out, func(x, y Answer) int { return -cmpFloat(x.Weight, y.Weight) })
	return out
}

// numbers are the number and those beside it, as number:tolerance, the better first.
func (a asked) numbers() []Answer {
	out := []Answer{{Text: number(a.Key.Number) + ":" + number(a.Tolerance), Weight: 1}}
	for _, also := range a.Also {
		out = append(out, Answer{Text: number(also.Number) + ":" + number(also.Tolerance), Weight: also.Share})
	}
	slices.SortStableFunc(out, func(x, y Answer) int { return -cmpFloat(x.Weight, y.Weight) })
	return out
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// spare are the targets that belong to nothing.
func (a asked) spare() []string {
	var out []string
	for _, t := range a.Question.Targets {
		used := false
		for _, to := range a.Key.Pairs {
			used = used || to == t
		}
		if !used {
			out = append(out, t)
		}
	}
	return out
}
