package course

import (
	"fmt"
	"slices"
	"strings"
)

func itemKey(quiz string, n int) string { return fmt.Sprintf("item:%s:%d", quiz, n) }

// checkRules checks what needs more than one entry: what quizzes ask, what
// vignettes hold, and which facts questions cite.
func (f *folder) checkRules() {
	for _, m := range f.course.Modules {
		if m.Quiz != nil && !f.questionsBroken {
			f.checkItems(m.Quiz)
		}
	}
	for _, id := range f.order {
		q := f.questions[id]
		f.checkVignette(q)
		for _, fact := range q.Facts {
			at := f.at["cites:"+id+":"+fact]
			switch known, ok := f.facts[fact]; {
			case !ok:
				f.fail(at, "the fact %q is not in facts.yaml; add it there or cite another", clip(fact))
			case q.Type.Graded() && q.Points > 0 && !known.Verified:
				f.fail(at, "the graded question %q cites the fact %q, which is unverified; check the fact or give the question 0 points", id, fact)
			}
		}
	}
}

func (f *folder) checkItems(quiz *Quiz) {
	asked := map[string]bool{}
	for n, item := range quiz.Items {
		if item.Question == "" {
			continue
		}
		at := f.at[itemKey(quiz.ID, n)]
		q, ok := f.questions[item.Question]
		switch {
		case !ok:
			f.fail(at, "the question %q is not in questions.yaml; add it there or remove the item", clip(item.Question))
		case q.Retired:
			f.fail(at, "the question %q is retired; remove the item or ask another", q.ID)
		case asked[q.ID]:
			f.fail(at, "the question %q is asked twice in this quiz; remove one item", q.ID)
		default:
			asked[q.ID] = true
		}
	}
	for n, item := range quiz.Items {
		if item.Draw == 0 {
			continue
		}
		if pool := f.pool(item.Tags, asked); pool < item.Draw {
			f.fail(f.at[itemKey(quiz.ID, n)], "draws %d questions, but only %d carry the tags %s and are not asked already; draw fewer or add questions",
				item.Draw, pool, strings.Join(item.Tags, ", "))
		}
	}
}

// pool counts the questions that a draw can choose from: those with all of the tags.
func (f *folder) pool(tags []string, asked map[string]bool) int {
	n := 0
	for _, id := range f.order {
		if q := f.questions[id]; !q.Retired && !asked[id] && q.HasTags(tags) {
			n++
		}
	}
	return n
}

// HasTags tells whether the question carries all of the tags.
func (q *Question) HasTags(tags []string) bool {
	for _, t := range tags {
		if !slices.Contains(q.Tags, t) {
			return false
		}
	}
	return true
}

func (f *folder) checkVignette(q *Question) {
	if q.Type != Vignette {
		return
	}
	at := f.at["question:"+q.ID]
	for n, id := range q.Questions {
		inner, ok := f.questions[id]
		switch {
		case !ok:
			f.fail(at, "the vignette %q lists the question %q, which is not in questions.yaml; add it or remove it", q.ID, clip(id))
		case inner.Type == Vignette:
			f.fail(at, "the vignette %q holds the vignette %q; a vignette holds questions only", q.ID, id)
		case inner.Retired:
			f.fail(at, "the vignette %q lists the retired question %q; remove it", q.ID, id)
		case slices.Index(q.Questions, id) != n:
			f.fail(at, "the vignette %q lists the question %q twice; remove one", q.ID, id)
		}
	}
}
