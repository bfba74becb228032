package learning

import (
	"context"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
)

// Outcome is a submitted attempt as its learner may see it, by the quiz's
// feedback policy.
type Outcome struct {
	Score   float64 `json:"score"`
	Max     float64 `json:"max"`
	Percent int     `json:"percent"` // rounded down
	Passed  bool    `json:"passed"`
	Lang    string  `json:"lang"`
	// PassMark is what was needed, in per cent.
	PassMark  float64           `json:"pass_mark"`
	Feedback  string            `json:"feedback"` // shown | after-pass | never: why questions may hold ids only
	Questions []QuestionOutcome `json:"questions"`
}

// QuestionOutcome is one question of an outcome. Score and what follows are
// left out where the policy keeps them back.
type QuestionOutcome struct {
	ID         string                `json:"id"`
	Score      *float64              `json:"score,omitempty"`
	Max        *float64              `json:"max,omitempty"`
	Response   *assessment.Response  `json:"response,omitempty"`
	Confidence assessment.Confidence `json:"confidence,omitempty"`
	*Feedback
}

// Feedback explains one answer. It tells the key.
type Feedback struct {
	Verdict string               `json:"verdict"` // right | partly | wrong | unanswered | ungraded
	Parts   []Part               `json:"parts,omitempty"`
	HTML    []string             `json:"html,omitempty"` // the author's words on the whole
	Key     *assessment.Response `json:"key,omitempty"`  // the right answer, as a response would give it
	Facts   []string             `json:"facts,omitempty"`
	Story   []StoryNode          `json:"story,omitempty"` // scenario: all of it, with the way taken
}

// Part explains one option, line, pair or step of an answer.
type Part struct {
	assessment.Part
	HTML string `json:"html,omitempty"` // the author's words on it
}

// Outcome of an attempt, for a reader. The fault is "not-found" while the
// attempt is open.
func (l *Learning) Outcome(ctx context.Context, a *Attempt, reader Reader) (*Outcome, error) {
	if a.Result == nil {
		return nil, fault.New("not-found")
	}
	p, quiz, err := l.publication(ctx, a)
	if err != nil {
		return nil, err
	}
	keys, err := l.keysOf(ctx, a)
	if err != nil {
		return nil, err
	}
	r, edition := a.Result, reader(p)
	o := &Outcome{Score: r.Score, Max: r.Max, Percent: r.Percent, Passed: r.Passed, Lang: edition.Lang, PassMark: quiz.PassMark, Feedback: explained(quiz, r), Questions: []QuestionOutcome{}}
	for _, q := range r.Questions {
		out := QuestionOutcome{ID: q.ID}
		answer := a.answer(q.ID)
		if answer != nil {
			out.Response, out.Confidence = &answer.Response, answer.Response.Confidence
		}
		if o.Feedback == "shown" {
			out.Score, out.Max = &q.Score, &q.Max
			by, key := keys.of(q.ID)
			f := feedback(reader(by), key, answer)
			f.Facts = p.Questions[q.ID].Facts
			out.Feedback = &f
		}
		o.Questions = append(o.Questions, out)
	}
	return o, nil
}

// explained is "shown" where the quiz lets a result be explained, otherwise the
// policy that keeps it back.
func explained(quiz *course.Quiz, r *Result) string {
	if quiz.Feedback == "never" || quiz.Feedback == "after-pass" && !r.Passed {
		return quiz.Feedback
	}
	return "shown"
}

func feedback(e *course.Edition, q *course.Question, a *Answer) Feedback {
	m := markOf(q, a)
	t := e.Questions[q.ID]
	f := Feedback{Verdict: "wrong", Key: keyOf(q, t.Lang), Facts: q.Facts}
	switch {
	case m.Max.Sign() == 0:
		f.Verdict = "ungraded"
	case a == nil:
		f.Verdict = "unanswered"
	case m.Correct():
		f.Verdict = "right"
	case m.Points.Sign() > 0:
		f.Verdict = "partly"
	}
	for _, part := range m.Parts {
		out := Part{Part: part}
		// Words on the one option that was not chosen would be about another answer.
		if part.Verdict != assessment.Missed || q.Type != course.Single {
			out.HTML = t.Feedback[part.ID]
		}
		f.Parts = append(f.Parts, out)
	}
	whole := []string{"all"}
	switch {
	case q.Type == course.TrueFalse && a != nil:
		whole = []string{*a.Response.Choice, "all"}
	case q.Type == course.Scenario:
		var path []string
		if a != nil {
			path = *a.Response.Path
		}
		f.Story = wholeStory(q, t, path)
		if end, err := assessment.Follow(q, path); err == nil {
			whole = []string{end, "all"}
		}
	}
	for _, id := range whole {
		if s, ok := t.Feedback[id]; ok {
			f.HTML = append(f.HTML, s)
		}
	}
	return f
}

// keyOf is the right answer in the form of a response; nil where there is none
// to give. A scenario has many good paths and tells none.
func keyOf(q *course.Question, lang string) *assessment.Response {
	switch q.Type {
	case course.Single, course.TrueFalse:
		return &assessment.Response{Choice: &q.Key.Choice}
	case course.Multiple, course.Hotspot:
		return &assessment.Response{Choices: &q.Key.Choices}
	case course.Ordering:
		return &assessment.Response{Order: &q.Key.Order}
	case course.Matching:
		return &assessment.Response{Pairs: &q.Key.Pairs}
	case course.Numeric:
		return &assessment.Response{Number: &q.Key.Number}
	case course.Date:
		return &assessment.Response{Date: &q.Key.Date}
	case course.ShortText:
		if words := q.Accept[lang]; len(words) > 0 {
			return &assessment.Response{Text: &words[0]}
		}
	}
	return nil
}
