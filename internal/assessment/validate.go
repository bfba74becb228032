package assessment

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"havn/internal/course"
)

// Invalid is why a response cannot be taken. It never repeats what was
// submitted, which may be personal.
type Invalid struct {
	Field  string // in JSON terms: "response", "response.choice"
	Code   string // stable, for programs: one of the Code constants
	Detail string // a sentence for people that says how to mend it
}

// Error is the field followed by the sentence.
func (e *Invalid) Error() string { return e.Field + ": " + e.Detail }

// The codes of Invalid.
const (
	CodeMissing    = "missing"      // the field that the type needs is absent
	CodeWrongField = "wrong-field"  // a field that belongs to another type is present
	CodeUnknown    = "unknown"      // an id or word that the question does not have
	CodeDuplicate  = "duplicate"    // the same id twice
	CodeIncomplete = "incomplete"   // an order that leaves options out
	CodeNotNumber  = "not-a-number" // NaN or infinite
	CodeNotDate    = "not-a-date"   // no calendar date of the form YYYY-MM-DD
	CodeTooLong    = "too-long"     // longer than MaxText characters
	CodeCharacters = "characters"   // control characters or broken UTF-8
	CodeNotWalk    = "not-a-walk"   // a path that does not follow the story from its start
	CodeRange      = "out-of-range" // a rating outside the scale
	CodeNoAnswer   = "no-answer"    // the question takes no answer
)

// Validate tells whether r can be saved as an answer to q: nil, or an *Invalid
// naming the first fault. Unfinished answers are accepted where the type has
// them (pairs still open, a path that has not come to an end); whether they earn
// points is for Grade to say.
func Validate(q *course.Question, r Response) error {
	want := Field(q.Type)
	if want == "" {
		return invalid("response", CodeNoAnswer, "This takes no answer of its own; answer the questions behind it.")
	}
	set := r.set()
	for _, name := range set {
		if name != want {
			return invalid(name, CodeWrongField, "This question is answered with %q; leave out %q.", want, name)
		}
	}
	if len(set) == 0 {
		return invalid(want, CodeMissing, "Give an answer in %q.", want)
	}
	if err := validateAnswer(q, r); err != nil {
		return err
	}
	switch r.Confidence {
	case "", Sure, Think, Guess:
		return nil
	}
	return invalid("confidence", CodeUnknown, "Say sure, think or guess, or leave it out.")
}

func validateAnswer(q *course.Question, r Response) error {
	switch q.Type {
	case course.Single, course.TrueFalse:
		return known("choice", []string{*r.Choice}, optionsOf(q))
	case course.Multiple, course.Hotspot:
		return known("choices", *r.Choices, q.Options)
	case course.Ordering:
		if err := known("order", *r.Order, q.Options); err != nil {
			return err
		}
		if len(*r.Order) != len(q.Options) {
			return invalid("order", CodeIncomplete, "Name each option once: %s.", strings.Join(q.Options, ", "))
		}
	case course.Matching:
		for option, target := range *r.Pairs {
			if !slices.Contains(q.Options, option) || !slices.Contains(q.Targets, target) {
				return invalid("pairs", CodeUnknown, "Pair each of %s with one of %s, or leave it out.",
					strings.Join(q.Options, ", "), strings.Join(q.Targets, ", "))
			}
		}
	case course.Numeric:
		if math.IsNaN(*r.Number) || math.IsInf(*r.Number, 0) {
			return invalid("number", CodeNotNumber, "Give a number.")
		}
	case course.Date:
		if _, err := time.Parse(time.DateOnly, *r.Date); err != nil {
			return invalid("date", CodeNotDate, "Give a date of the calendar as year-month-day, like 2026-09-22.")
		}
	case course.Reflection:
		if !r.Shared && *r.Text == "" {
			return nil // what was shared is taken back
		}
		return validateText(*r.Text)
	case course.ShortText:
		return validateText(*r.Text)
	case course.Scenario:
		_, err := Follow(q, *r.Path)
		return err
	case course.Rating:
		if *r.Rating < 1 || *r.Rating > q.Scale {
			return invalid("rating", CodeRange, "Give a whole number from 1 to %d.", q.Scale)
		}
	}
	return nil
}

// known checks that ids are among the options, none of them twice.
func known(field string, ids, options []string) error {
	seen := make(map[string]bool, len(options))
	for _, id := range ids {
		if !slices.Contains(options, id) {
			return invalid(field, CodeUnknown, "Choose from these options: %s.", strings.Join(options, ", "))
		}
		if seen[id] {
			return invalid(field, CodeDuplicate, "Name %s only once.", id)
		}
		seen[id] = true
	}
	return nil
}

func validateText(s string) error {
	if !utf8.ValidString(s) {
		return invalid("text", CodeCharacters, "Send the text as UTF-8.")
	}
	if utf8.RuneCountInString(s) > MaxText {
		return invalid("text", CodeTooLong, "Shorten the text to %d characters.", MaxText)
	}
	for _, c := range s {
		if unicode.IsControl(c) && c != '\n' && c != '\r' && c != '\t' {
			return invalid("text", CodeCharacters, "Remove control characters; line breaks and tabs may stay.")
		}
	}
	return nil
}

// optionsOf is what can be chosen; true-false has its options by its type.
func optionsOf(q *course.Question) []string {
	if q.Type == course.TrueFalse {
		return []string{"true", "false"}
	}
	return q.Options
}

func invalid(field, code, format string, args ...any) error {
	if field != "response" {
		field = "response." + field
	}
	return &Invalid{Field: field, Code: code, Detail: fmt.Sprintf(format, args...)}
}
