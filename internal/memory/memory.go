// Package memory finds, for a text that is to be translated, what was translated
// already: the same text or one much like it, and the terms of the glossary that
// occur in it. Pure: what there is to find is given to it.
//
// How much alike two texts are is one less the Levenshtein distance over their
// words (the fewest words to put in, take out or replace that make one of the
// other), as a share of the words of the longer one; case and the space between
// words do not count. That is how translators' tools count a fuzzy match.
package memory

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Least is how much alike a text must be to be worth a look, 0…1.
const Least = 0.6

// Bounds of the work that finding takes.
const (
	MaxEntries = 20_000 // more are not kept
	maxWords   = 200    // of a text; a longer one is found only as the same
	maxLooks   = 400    // distances that are counted for one text
)

// Entry is a text with its translation, and where it is from.
type Entry struct {
	Source, Target string
	From           string // as people know it: a course and a unit
	State          string // how far the translation can be trusted
}

// Match is an entry that was found.
type Match struct {
	Entry
	Alike float64 // Least…1; 1 is the same text
}

// Memory is safe for concurrent use once it is filled.
type Memory struct {
	entries []entry
	same    map[string][]int // text → entries
	having  map[string][]use // word → entries that have it, in order
}

// use is how often an entry has a word.
type use struct{ entry, times int }

type entry struct {
	Entry
	words []string
}

// Add keeps an entry, unless the memory is full or has it already.
func (m *Memory) Add(e Entry) {
	text := words(e.Source)
	if len(m.entries) >= MaxEntries || len(text) == 0 || e.Target == "" {
		return
	}
	if m.same == nil {
		m.same, m.having = map[string][]int{}, map[string][]use{}
	}
	key := strings.Join(text, " ")
	for _, i := range m.same[key] {
		if m.entries[i].Target == e.Target {
			return
		}
	}
	at := len(m.entries)
	m.entries = append(m.entries, entry{e, text})
	m.same[key] = append(m.same[key], at)
	if len(text) <= maxWords {
		for w, times := range counted(text) {
			m.having[w] = append(m.having[w], use{at, times})
		}
	}
}

// Find gives the translations of what is most like a text, at most n, the most
// alike first, those of the same likeness in the order in which they were added.
// No translation is given twice.
func (m *Memory) Find(text string, n int) []Match {
	w := words(text)
	if len(w) == 0 || len(m.entries) == 0 {
		return nil
	}
	var found []Match
	for _, i := range m.same[strings.Join(w, " ")] {
		found = append(found, Match{m.entries[i].Entry, 1})
	}
	if len(w) <= maxWords {
		for _, i := range m.worth(w) {
			if alike := likeness(w, m.entries[i].words); alike >= Least && alike < 1 {
				found = append(found, Match{m.entries[i].Entry, alike})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Match) int { return cmp.Compare(b.Alike, a.Alike) })
	var out []Match
	for _, f := range found {
		if len(out) < n && !slices.ContainsFunc(out, func(o Match) bool { return o.Target == f.Target }) {
			out = append(out, f)
		}
	}
	return out
}

// worth are the entries that share enough words with a text to be much like it,
// those that share the most first, at most maxLooks. Two texts are never more
// alike than the words that they share are of the longer one.
func (m *Memory) worth(w []string) []int {
	shared := make([]int, len(m.entries))
	for word, times := range counted(w) {
		for _, u := range m.having[word] {
			shared[u.entry] += min(times, u.times)
		}
	}
	var out []int
	for i, n := range shared {
		if n > 0 && float64(n) >= Least*float64(max(len(w), len(m.entries[i].words))) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b int) int { return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a, b)) })
	return out[:min(len(out), maxLooks)]
}

func counted(words []string) map[string]int {
	count := map[string]int{}
	for _, w := range words {
		count[w]++
	}
	return count
}

// words are those of a text without regard to case.
func words(text string) []string { return strings.Fields(strings.ToLower(norm.NFC.String(text))) }

// likeness is one less the Levenshtein distance over words as a share of the
// longer text (Levenshtein 1966, by the table of Wagner and Fischer 1974).
func likeness(a, b []string) float64 {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			next := diagonal
			if a[i] != b[j] {
				next = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return 1 - float64(row[len(b)])/float64(max(len(a), len(b)))
}
