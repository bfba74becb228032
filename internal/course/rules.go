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
			case !ok && f.pending():
			case !ok:
				f.fail(at, "fact-unknown", "fact", clip(fact))
			case q.Type.Graded() && q.Points > 0 && !known.Verified:
				f.fail(at, "unverified-key", "question", id, "fact", fact)
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
		case !ok && f.from["question:"+item.Question] != "": // told where it is reused
		case !ok:
			f.fail(at, "item-unknown", "question", clip(item.Question))
		case q.Retired:
			f.fail(at, "question-retired", "question", q.ID)
		case asked[q.ID]:
			f.fail(at, "asked-twice", "question", q.ID)
		default:
			asked[q.ID] = true
		}
	}
	for n, item := range quiz.Items {
		if item.Draw == 0 {
			continue
		}
		if pool := f.pool(item.Tags, asked); pool < item.Draw && !f.pending() {
			f.fail(f.at[itemKey(quiz.ID, n)], "draw-too-many",
				"draws", item.Draw, "there", pool, "tags", strings.Join(item.Tags, ", "))
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
		case !ok && f.from["question:"+id] != "": // told where it is reused
		case !ok:
			f.fail(at, "vignette-unknown", "vignette", q.ID, "question", clip(id))
		case inner.Type == Vignette:
			f.fail(at, "vignette-nested", "vignette", q.ID, "inner", id)
		case inner.Retired:
			f.fail(at, "vignette-retired", "vignette", q.ID, "question", id)
		case slices.Index(q.Questions, id) != n:
			f.fail(at, "vignette-twice", "vignette", q.ID, "question", id)
		}
	}
}
