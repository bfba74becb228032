package bank_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/yuin/goldmark"
	"pgregory.net/rapid"

	"havn/internal/bank"
	"havn/internal/course"
)

// What a format holds comes back from it as it was: type, key, weights, points,
// accepted answers, tags, and texts that read the same.
func TestWhatGoesOutComesBackTheSame(t *testing.T) {
	t.Parallel()
	for out, in := range map[string]string{"gift": "gift", "moodle-xml": "moodle-xml", "qti3": "qti"} {
		t.Run(out, func(t *testing.T) {
			t.Parallel()
			written := 0
			rapid.Check(t, func(t *rapid.T) {
				q, text := question(t)
				b := &course.Bank{Source: "en", Questions: []*course.Question{q}, Texts: map[string]map[string]course.QuestionSource{"en": {q.ID: text}}}
				var file bytes.Buffer
				left, err := bank.Write(out, &file, b, "en")
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range left {
					if !l.Part {
						return // named as what the format cannot hold
					}
					keep(out, q) // named as what it cannot hold of a question
				}
				written++
				r, err := bank.Read(in, file.Bytes(), bank.Into{Lang: "en"})
				if err != nil || len(r.Refused) > 0 || len(r.Taken) != 1 {
					t.Fatalf("%v %v\n%s", err, r.Refused, file.String())
				}
				back, words := r.Taken[0].Questions[0], r.Taken[0].Texts[0]
				if got, want := meaning(&back, words), meaning(q, text); got != want {
					t.Fatalf("went out as\n%s\ncame back as\n%s\n%s", want, got, file.String())
				}
			})
			if written < 5 { // of 100, or of 20 with -short
				t.Errorf("only %d questions were written", written)
			}
		})
	}
}

var markdownText = rapid.OneOf(
	rapid.SampledFrom([]string{"The guardian", "*soft* and **strong**", "`code {x}`", "1 \\* 2", "a = b ~ c # d : e", "100 % → 50%", "Хто говорить?", "من يتكلم؟", "a \\[b\\] {c}", "[link](https://example.org/?a=b)", "- one\n- two", "two\n\nparagraphs", "x &lt; y", "C:\\\\new", "//no comment", "[plain]odd", "%50% odd", "::odd::", "$CATEGORY: odd", "TRUE"}),
	rapid.StringMatching(`[A-Za-z][a-z {}~#:=%/"']{0,12}[a-z?]`),
)

func question(t *rapid.T) (*course.Question, course.QuestionSource) {
	kind := rapid.SampledFrom([]course.Type{course.Single, course.Multiple, course.TrueFalse, course.Numeric, course.ShortText, course.Matching, course.Ordering, course.Reflection}).Draw(t, "type")
	q := &course.Question{ID: "q-" + rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "id"), Type: kind, Points: 1}
	text := course.QuestionSource{Stem: "So: " + markdownText.Draw(t, "stem"), Options: map[string]string{}, Targets: map[string]string{}, Feedback: map[string]string{}}
	if rapid.Bool().Draw(t, "tagged") {
		q.Tags = []string{"m1-pool"}
	}
	tell := func(id string) {
		if rapid.Bool().Draw(t, "told "+id) {
			text.Feedback[id] = markdownText.Draw(t, "feedback "+id)
		}
	}
	options := func(n int) {
		for i := range n {
			id := string(rune('a' + i))
			q.Options = append(q.Options, id)
			text.Options[id] = fmt.Sprintf("%s %d", markdownText.Draw(t, "option"), i)
		}
	}
	share := rapid.Map(rapid.IntRange(1, 19), func(n int) float64 { return float64(n) / 20 })
	switch kind {
	case course.Single, course.Multiple:
		options(rapid.IntRange(2, 5).Draw(t, "options"))
		for _, o := range q.Options {
			tell(o)
		}
		q.Partial = rapid.SampledFrom([]string{"none", "weights"}).Draw(t, "partial")
		if kind == course.Single {
			q.Key.Choice = rapid.SampledFrom(q.Options).Draw(t, "key")
			if q.Partial == "weights" {
				q.Weights = map[string]float64{q.Key.Choice: 1}
				other := q.Options[0]
				if other == q.Key.Choice {
					other = q.Options[1]
				}
				q.Weights[other] = share.Draw(t, "share") * rapid.SampledFrom([]float64{1, -1}).Draw(t, "sign")
			}
			break
		}
		q.Key.Choices = q.Options[:rapid.IntRange(1, len(q.Options)-1).Draw(t, "right")]
		if q.Partial = rapid.SampledFrom([]string{"none", "per-option"}).Draw(t, "many"); q.Partial == "per-option" && len(q.Key.Choices) == 2 && rapid.Bool().Draw(t, "uneven") {
			first := share.Draw(t, "first")
			q.Partial, q.Weights = "weights", map[string]float64{"a": first, "b": math.Round((1-first)*1e6) / 1e6}
		}
	case course.TrueFalse:
		q.Options, q.Key.Choice = []string{"true", "false"}, rapid.SampledFrom([]string{"true", "false"}).Draw(t, "key")
		tell("true")
		tell("false")
	case course.Numeric:
		q.Key.Number = float64(rapid.IntRange(-1000, 1000).Draw(t, "number")) / 10
		q.Tolerance = float64(rapid.IntRange(0, 20).Draw(t, "tolerance")) / 10
		if rapid.Bool().Draw(t, "near") {
			q.Also = []course.Also{{Number: q.Key.Number, Tolerance: q.Tolerance + 5, Share: share.Draw(t, "share")}}
		}
	case course.ShortText:
		q.Accept = map[string][]string{"en": {rapid.StringMatching(`[a-z][a-z {}~#:=]{0,10}[a-z]`).Draw(t, "accept"), "5*3"}}
		q.Match = rapid.SampledFrom([][]string{nil, {"capitals"}}).Draw(t, "match")
		if rapid.Bool().Draw(t, "also") {
			q.Also = []course.Also{{Lang: "en", Text: "0 " + rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "other"), Share: share.Draw(t, "share")}}
		}
	case course.Matching:
		options(rapid.IntRange(2, 4).Draw(t, "pairs"))
		q.Partial, q.Key.Pairs = rapid.SampledFrom([]string{"per-pair", "none"}).Draw(t, "partial"), map[string]string{}
		for i, o := range q.Options {
			id := fmt.Sprintf("r%d", i)
			q.Targets = append(q.Targets, id)
			text.Targets[id] = fmt.Sprintf("%s %d", markdownText.Draw(t, "target"), i)
			q.Key.Pairs[o] = id
		}
		if rapid.Bool().Draw(t, "spare") {
			q.Targets = append(q.Targets, "rx")
			text.Targets["rx"] = "nobody"
		}
	case course.Ordering:
		options(rapid.IntRange(2, 5).Draw(t, "steps"))
		q.Partial = rapid.SampledFrom([]string{"none", "longest"}).Draw(t, "partial")
		q.Key.Order = rapid.Permutation(q.Options).Draw(t, "order")
	case course.Reflection:
		q.Points = 0
	}
	if kind.Graded() && rapid.Bool().Draw(t, "worth") {
		q.Points = 3
	}
	tell("all")
	return q, text
}

// meaning writes what a learner reads and earns, without ids.
func meaning(q *course.Question, t course.QuestionSource) string {
	var b strings.Builder
	read := func(s string) string { return regexp.MustCompile(`\s+`).ReplaceAllString(html(s), "") }
	fmt.Fprintf(&b, "%s worth %v tagged %v: %s\n", q.Type, q.Points, q.Tags, read(t.Stem))
	var lines []string
	options := q.Options
	if q.Type == course.TrueFalse {
		options = []string{"true", "false"}
	}
	for _, o := range options {
		if q.Type == course.Ordering {
			break
		}
		earns := 0.0
		switch {
		case q.Partial == "weights":
			earns = math.Round(q.Weights[o]*1e4) / 1e4
		case o == q.Key.Choice || slices.Contains(q.Key.Choices, o):
			earns = 1
		}
		lines = append(lines, fmt.Sprintf("%s earns %v → %s, told %s", read(t.Options[o]), earns, read(t.Targets[q.Key.Pairs[o]]), read(t.Feedback[o])))
	}
	for _, o := range q.Key.Order {
		lines = append(lines, read(t.Options[o]))
	}
	for _, id := range slices.Sorted(maps.Keys(t.Targets)) {
		if !slices.Contains(slices.Collect(maps.Values(q.Key.Pairs)), id) {
			lines = append(lines, "spare "+read(t.Targets[id]))
		}
	}
	fmt.Fprintf(&b, "%s\npartial %q number %v±%v also %v accept %v match %v told %s\n", strings.Join(lines, "\n"), strings.TrimPrefix(q.Partial, "none"), q.Key.Number, q.Tolerance, q.Also, q.Accept, len(q.Match), read(t.Feedback["all"]))
	return b.String()
}

func html(md string) string {
	var b bytes.Buffer
	_ = goldmark.New().Convert([]byte(md), &b)
	return b.String()
}

// keep takes off a question what Write says that a format cannot hold.
func keep(format string, q *course.Question) {
	switch format {
	case "gift":
		q.Points = 1
	case "qti3":
		q.Tags = nil
	}
}
