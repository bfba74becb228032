package itemstats

import (
	"maps"
	"math"
	"slices"
)

// Item is how one question works.
type Item struct {
	ID      string
	Answers int // learners whom it was asked
	// Facility is the mean share of the points, 0…1; Right the share of learners who
	// earned all.
	Facility, Right float64
	// Discrimination is the correlation with the rest, −1…1; nil where it cannot be
	// told, since all answered alike or the question stands alone.
	Discrimination *float64
	Chosen         map[string]int // option → how often it was chosen
	Sure           []Confident    // in the order of the words
	Languages      []Reading      // in the order of the tags
}

// Confident is what came of answers that were given with the same confidence.
type Confident struct {
	Sure           string // the caller's word
	Answers, Right int
}

// Reading is how a question did among those who read it in one language.
type Reading struct {
	Language string
	Answers  int
	Facility float64 // 0…1
}

// Items are the questions in the order in which they came first, without those
// that fewer than Fewest answered.
func (s *Sample) Items() []Item {
	pairs := make([]moments, len(s.items.words))
	right := make([]int, len(pairs))
	read := make([]map[int32]*moments, len(pairs))
	for i := range read {
		read[i] = map[int32]*moments{}
	}
	alone := make([]bool, len(pairs))
	for _, sheet := range s.sheets {
		total := 0.0
		for _, m := range sheet {
			total += float64(m.share)
		}
		for _, m := range sheet {
			rest := 0.0
			if len(sheet) > 1 {
				rest = (total - float64(m.share)) / float64(len(sheet)-1)
			} else {
				alone[m.item] = true
			}
			pairs[m.item].add(float64(m.share), rest)
			if m.right() {
				right[m.item]++
			}
			if m.language >= 0 {
				if read[m.item][m.language] == nil {
					read[m.item][m.language] = &moments{}
				}
				read[m.item][m.language].add(float64(m.share), 0)
			}
		}
	}
	var list []Item
	for i, p := range pairs {
		if p.n < Fewest {
			continue
		}
		it := Item{ID: s.items.words[i], Answers: int(p.n), Facility: p.x, Right: float64(right[i]) / p.n, Chosen: s.chosen[i]}
		if r, ok := p.correlation(); ok && !alone[i] {
			it.Discrimination = &r
		}
		for _, word := range slices.Sorted(maps.Keys(s.sure[i])) {
			it.Sure = append(it.Sure, *s.sure[i][word])
		}
		for _, l := range s.languages.sorted() {
			if m := read[i][int32(l)]; m != nil {
				it.Languages = append(it.Languages, Reading{s.languages.words[l], int(m.n), m.x})
			}
		}
		it.Sure = enough(it.Sure, it.Answers, func(c Confident) int { return c.Answers })
		it.Languages = enough(it.Languages, it.Answers, func(r Reading) int { return r.Answers })
		list = append(list, it)
	}
	return list
}

// enough keeps the groups that have at least Fewest answers, and hides more of
// them, the smallest first, while those that are hidden are so few together that
// theirs could be worked out from the rest.
func enough[T any](groups []T, all int, answers func(T) int) []T {
	groups = slices.DeleteFunc(groups, func(g T) bool { return answers(g) < Fewest })
	for len(groups) > 0 {
		hidden := all
		for _, g := range groups {
			hidden -= answers(g)
		}
		if hidden == 0 || hidden >= Fewest {
			break
		}
		least := slices.MinFunc(groups, func(a, b T) int { return answers(a) - answers(b) })
		groups = slices.DeleteFunc(groups, func(g T) bool { return answers(g) == answers(least) })
	}
	return groups
}

// Alpha is Cronbach's alpha over the learners who were asked every question, at
// most 1; nil where there are fewer than Fewest of them, as where questions are
// drawn, fewer than two questions, or no differences between learners.
func (s *Sample) Alpha() *float64 {
	k := len(s.items.words)
	each, total := make([]moments, k), moments{}
	for _, sheet := range s.sheets {
		if len(sheet) != k {
			continue
		}
		sum := 0.0
		for _, m := range sheet {
			each[m.item].add(float64(m.share), 0)
			sum += float64(m.share)
		}
		total.add(sum, 0)
	}
	if k < 2 || total.n < Fewest || total.xx <= tiny {
		return nil
	}
	within := 0.0
	for _, m := range each {
		within += m.xx
	}
	alpha := float64(k) / float64(k-1) * (1 - within/total.xx)
	return &alpha
}

// moments are mean and sums of squares of pairs as they come (Welford,
// Technometrics 4, 1962).
type moments struct {
	n, x, y, xx, yy, xy float64
}

func (m *moments) add(x, y float64) {
	m.n++
	dx, dy := x-m.x, y-m.y
	m.x += dx / m.n
	m.y += dy / m.n
	m.xx += dx * (x - m.x)
	m.yy += dy * (y - m.y)
	m.xy += dx * (y - m.y)
}

// tiny is what is no difference between answers, but a rounding.
const tiny = 1e-9

func (m *moments) correlation() (float64, bool) {
	if m.xx <= tiny || m.yy <= tiny {
		return 0, false
	}
	return min(max(m.xy/math.Sqrt(m.xx*m.yy), -1), 1), true
}

// Doubt is what makes a question worth a look.
type Doubt string

// The doubts. The bounds are those of Ebel (Essentials of Educational Measurement,
// 1972) for discrimination, and usual ones for facility.
const (
	WrongKey Doubt = "key"  // those who know more get it wrong, by more than chance
	Weak     Doubt = "weak" // discrimination under 0.2: it says little of what one knows
	Hard     Doubt = "hard" // under 30 % of the points
	Easy     Doubt = "easy" // over 95 % of the points
)

// Doubts are those that the figures raise.
func (it Item) Doubts() []Doubt {
	var list []Doubt
	if r := it.Discrimination; r != nil {
		switch {
		case *r*math.Sqrt(float64(it.Answers)) < -1.645: // one-sided, 5 %
			list = append(list, WrongKey)
		case *r < 0.2:
			list = append(list, Weak)
		}
	}
	switch {
	case it.Facility < 0.3:
		list = append(list, Hard)
	case it.Facility > 0.95:
		list = append(list, Easy)
	}
	return list
}
