package itemstats

import (
	"cmp"
	"math"
	"slices"
)

// Comparison is one question in one language against the same question in all
// others, among learners who did as well on the whole.
type Comparison struct {
	Item, Language  string
	Answers, Others int // learners in that language, and in the others
	// Delta is the difference on the scale of the Educational Testing Service,
	// −2.35 ln of the common odds ratio: below 0 the question is harder in this
	// language, above 0 easier. It is kept within ±16.
	Delta float64
	// Chi is the statistic with the correction for continuity, P the probability of
	// one as large where the languages do not differ.
	Chi, P float64
	// Suspect tells that the difference is more than chance, after correction for
	// all that was compared, and large enough to matter.
	Suspect bool
}

// Significance is how often at most anything at all is suspected in a quiz whose
// translations are all true (Holm, Scandinavian Journal of Statistics 6, 1979).
const Significance = 0.05

// LeastDelta is the least difference that is told of: what is smaller is
// negligible by the scale's own rule (Dorans & Holland, in: Holland & Wainer,
// Differential Item Functioning, 1993).
const LeastDelta = 1.0

// levels is how finely learners are matched by the share that they had right:
// exact for quizzes of up to so many questions.
const levels = 20

// Compare tests each question in each language that at least FewestCompared have
// answered it in, as have in the others. An answer is right if it earned all.
//
// Suspects are found one after the other, the clearest first. What is found is
// taken out of the score by which learners are matched (purification), and its
// language out of the others with which that question is compared, so that one
// bad translation does not make the good ones look too easy.
func (s *Sample) Compare() []Comparison {
	found := map[[2]int32]bool{}
	for {
		list := s.compare(found)
		next := suspect(list, found)
		if next == nil {
			return s.told(list, found)
		}
		found[next.at] = true
	}
}

// tested is a comparison and what it is of.
type tested struct {
	Comparison
	at [2]int32 // item, language
}

// suspect is the clearest of those that are suspect by Holm's correction and not
// found yet; nil none.
func suspect(list []tested, found map[[2]int32]bool) *tested {
	byP := make([]*tested, len(list))
	for i := range list {
		byP[i] = &list[i]
	}
	// Of two languages each is as far from the other: the harder one comes first, as
	// a mistake in a translation rarely helps.
	slices.SortFunc(byP, func(a, b *tested) int {
		return cmp.Or(cmp.Compare(float32(b.Chi), float32(a.Chi)), cmp.Compare(a.Delta, b.Delta), slices.Compare(a.at[:], b.at[:]))
	})
	for n, t := range byP {
		if t.P > Significance/float64(len(byP)-n) {
			return nil
		}
		if !found[t.at] && math.Abs(t.Delta) >= LeastDelta {
			return t
		}
	}
	return nil
}

// table is right and wrong, by level and language; the last language is unknown.
type table [levels + 1][]struct{ right, wrong float64 }

func (s *Sample) compare(found map[[2]int32]bool) []tested {
	bad := make([]bool, len(s.items.words)) // out of the score
	for at := range found {
		bad[at[0]] = true
	}
	languages := len(s.languages.words)
	tables := make([]table, len(bad))
	for i := range tables {
		for level := range tables[i] {
			tables[i][level] = make([]struct{ right, wrong float64 }, languages+1)
		}
	}
	for _, sheet := range s.sheets {
		asked, had := 0, 0
		for _, m := range sheet {
			if !bad[m.item] {
				asked++
				if m.right() {
					had++
				}
			}
		}
		for _, m := range sheet {
			of, got := asked, had // the question itself always counts
			if bad[m.item] {
				of++
				if m.right() {
					got++
				}
			}
			language := int(m.language)
			if language < 0 {
				language = languages
			}
			cell := &tables[m.item][(levels*got+of/2)/of][language]
			if m.right() {
				cell.right++
			} else {
				cell.wrong++
			}
		}
	}
	var list []tested
	for i := range tables {
		for _, l := range s.languages.sorted() {
			at := [2]int32{int32(i), int32(l)}
			c, ok := tables[i].against(l, func(other int) bool { return found[[2]int32{at[0], int32(other)}] })
			if ok {
				c.Item, c.Language = s.items.words[i], s.languages.words[l]
				list = append(list, tested{c, at})
			}
		}
	}
	return list
}

// against compares a language with all others but those left out. It is false
// where there are too few answers, or none that can be compared.
func (t *table) against(language int, out func(int) bool) (c Comparison, ok bool) {
	var sum, expected, variance, above, below float64
	for level := range t {
		var a, b float64 // others, right and wrong
		for other, cell := range t[level] {
			if other != language && !out(other) {
				a, b = a+cell.right, b+cell.wrong
			}
		}
		f := t[level][language]
		c.Answers, c.Others = c.Answers+int(f.right+f.wrong), c.Others+int(a+b)
		n := a + b + f.right + f.wrong
		if a+b == 0 || f.right+f.wrong == 0 || n < 2 {
			continue
		}
		r, w := a+f.right, b+f.wrong
		sum += a
		expected += (a + b) * r / n
		variance += (a + b) * (f.right + f.wrong) * r * w / (n * n * (n - 1))
		above += a * f.wrong / n
		below += b * f.right / n
	}
	if c.Answers < FewestCompared || c.Others < FewestCompared || variance <= tiny || above+below <= tiny {
		return c, false
	}
	off := max(0, math.Abs(sum-expected)-0.5)
	c.Chi = off * off / variance
	c.P = math.Erfc(math.Sqrt(c.Chi / 2))
	c.Delta = min(max(-2.35*math.Log(above/below), -16), 16)
	return c, true
}

// told are all comparisons, with those found marked as suspect.
func (s *Sample) told(list []tested, found map[[2]int32]bool) []Comparison {
	out := make([]Comparison, 0, len(list))
	for _, t := range list {
		t.Suspect = found[t.at] && math.Abs(t.Delta) >= LeastDelta && t.P <= Significance
		out = append(out, t.Comparison)
	}
	return out
}
