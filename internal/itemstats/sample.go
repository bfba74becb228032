package itemstats

import (
	"slices"
	"strings"
)

// Answer is what one learner did with one question.
type Answer struct {
	Item     string
	Language string  // that the question was read in; "" where that is not known
	Share    float64 // of the points, 0…1; 0 for one left open
	// Chosen are the options that were chosen, for a question that has some.
	Chosen []string
	// Sure is how sure the learner was, in a word of the caller's; "" not said.
	Sure string
}

// Sample gathers the answers of many learners, one attempt of each, and keeps of
// them only what the figures need. The zero Sample is ready. It is not safe for
// concurrent use.
type Sample struct {
	items     index
	languages index
	sheets    [][]mark
	chosen    []map[string]int        // item → option → how often
	sure      []map[string]*Confident // item → word → what came of it
}

// mark is an answer in the few bytes that are kept of it.
type mark struct {
	item, language int32
	share          float32
}

// right tells whether the answer earned all there was.
func (m mark) right() bool { return m.share >= 1 }

// Add takes in the answers of one learner to questions that differ.
func (s *Sample) Add(answers []Answer) {
	if len(answers) == 0 {
		return
	}
	sheet := make([]mark, 0, len(answers))
	for _, a := range answers {
		i := s.items.of(a.Item)
		if i == len(s.chosen) {
			s.chosen, s.sure = append(s.chosen, map[string]int{}), append(s.sure, map[string]*Confident{})
		}
		language := -1
		if a.Language != "" {
			language = s.languages.of(a.Language)
		}
		sheet = append(sheet, mark{int32(i), int32(language), float32(min(max(a.Share, 0), 1))})
		for _, o := range a.Chosen {
			s.chosen[i][o]++
		}
		if a.Sure != "" {
			c := s.sure[i][a.Sure]
			if c == nil {
				c = &Confident{Sure: a.Sure}
				s.sure[i][a.Sure] = c
			}
			c.Answers++
			if a.Share >= 1 {
				c.Right++
			}
		}
	}
	s.sheets = append(s.sheets, sheet)
}

// Learners is how many there are.
func (s *Sample) Learners() int { return len(s.sheets) }

// index numbers words in the order in which they come.
type index struct {
	words []string
	known map[string]int
}

func (x *index) of(word string) int {
	n, ok := x.known[word]
	if !ok {
		if x.known == nil {
			x.known = map[string]int{}
		}
		n = len(x.words)
		x.known[word], x.words = n, append(x.words, word)
	}
	return n
}

// sorted are the numbers in the order of the words.
func (x *index) sorted() []int {
	list := make([]int, len(x.words))
	for i := range list {
		list[i] = i
	}
	slices.SortFunc(list, func(a, b int) int { return strings.Compare(x.words[a], x.words[b]) })
	return list
}
