package bank

import (
	"fmt"
	"regexp"
	"strconv"
)

var moodleGap = regexp.MustCompile(`\[\[(\d{1,3})\]\]`)

// moodleGaps reads a text whose [[1]], [[2]] … are chosen from words, which are
// in groups: a case with a question for each gap.
func moodleGaps(item *Item, n *node) error {
	item.Kind = Gaps
	q := n.get("questiontext")
	boxes := append(n.all("selectoption"), n.all("dragbox")...)
	var words, groups []string
	for i, c := range boxes {
		m := moodleMarkup(q)
		word, err := markdown(m, c.get("text").markup())
		if err != nil {
			return err
		}
		if word == "" {
			return refuse("word %d has no text", i+1)
		}
		words, groups = append(words, word), append(groups, c.get("group").plain())
	}
	var fault error
	text := moodleGap.ReplaceAllStringFunc(q.get("text").markup(), func(s string) string {
		gap := Item{Kind: Choice, Points: 1, Stem: fmt.Sprintf("(%d)", len(item.Gaps)+1)}
		key, _ := strconv.Atoi(moodleGap.FindStringSubmatch(s)[1])
		if key < 1 || key > len(words) {
			fault = refuse("gap %s has no word that fills it", s)
			return s
		}
		for i, w := range words {
			if groups[i] != groups[key-1] {
				continue
			}
			a := Answer{Text: w}
			if i == key-1 || w == words[key-1] {
				a.Weight = 1
			}
			if i == key-1 || w != words[key-1] {
				gap.Answers = append(gap.Answers, a)
			}
		}
		item.Gaps = append(item.Gaps, gap)
		return gap.Stem
	})
	if fault == nil && len(item.Gaps) == 0 {
		fault = refuse("it has no gap that can be read")
	}
	if fault != nil {
		return fault
	}
	shares(item.Gaps, item.Points)
	var err error
	item.Stem, err = markdown(moodleMarkup(q), text)
	return err
}
