package learning

import (
	"reflect"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
)

// rule says what may take the place of a saved answer.
type rule struct {
	// Explains: an answer is explained as soon as it is whole, and stays then.
	Explains bool
	// Back: in a story one may go back and choose another way. Where the answers
	// are graded a story only goes on.
	Back bool
}

func ruleOf(quiz *course.Quiz) rule { return rule{Explains: quiz.Feedback == "after-answer"} }

// explains tells whether an answer is explained at once. What is not graded has
// no explanation, and a story is whole at its end.
func (r rule) explains(q *course.Question, a *assessment.Response) bool {
	if !r.Explains || !q.Type.Graded() {
		return false
	}
	if q.Type != course.Scenario {
		return true
	}
	end, err := assessment.Follow(q, *a.Path)
	return err == nil && q.Nodes[end].End != ""
}

// stays tells whether the answer that is saved stays although next has come: the
// beginning of the same way through a story is a late repeat from another device,
// and so is the same answer to what was explained. The faults are "path-taken"
// for another way and "answer-locked".
func (r rule) stays(q *course.Question, saved, next *assessment.Response) (bool, error) {
	if q.Type == course.Scenario && !r.Back {
		was, now := *saved.Path, *next.Path
		common := min(len(was), len(now))
		if !slices.Equal(was[:common], now[:common]) {
			return false, fault.New("path-taken")
		}
		if len(now) < len(was) {
			return true, nil
		}
	}
	if !r.explains(q, saved) {
		return false, nil
	}
	if !reflect.DeepEqual(saved, next) {
		return false, fault.New("answer-locked")
	}
	return true, nil
}
