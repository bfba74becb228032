package memory

import (
	"slices"
	"strings"
	"unicode"
)

// Term is an entry of a glossary in two languages.
type Term struct {
	ID             string
	Source, Target string // Target is "" where there is none yet
}

// ending is how many letters a word may have behind a term's: guardians, guardian's.
const ending = 2

// Terms are those that occur in a text, in its order: each word of the term
// without regard to case, the last one with at most two letters more. A term that
// stands within a longer one is not told.
func Terms(glossary []Term, text string) []Term {
	type place struct {
		from, to int
		term     Term
	}
	in := letters(text)
	var found []place
	for _, t := range glossary {
		want := letters(t.Source)
		for at := 0; len(want) > 0 && at+len(want) <= len(in); at++ {
			if occurs(want, in[at:]) {
				found = append(found, place{at, at + len(want), t})
				break
			}
		}
	}
	found = slices.DeleteFunc(found, func(p place) bool {
		return slices.ContainsFunc(found, func(q place) bool { return q.from <= p.from && q.to >= p.to && q.to-q.from > p.to-p.from })
	})
	slices.SortStableFunc(found, func(a, b place) int { return a.from - b.from })
	var out []Term
	for _, p := range found {
		out = append(out, p.term)
	}
	return out
}

func occurs(want, in []string) bool {
	last := len(want) - 1
	rest, begins := strings.CutPrefix(in[last], want[last])
	return begins && len([]rune(rest)) <= ending && slices.Equal(want[:last], in[:last])
}

// letters are the words of a text without what stands between them.
func letters(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
}
