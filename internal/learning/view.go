package learning

import (
	"context"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/store"
)

// View is an attempt as its learner may see it now: texts in one language, the
// order of options by the attempt's seed, what is saved; nothing of the key
// before the quiz's feedback policy says so.
type View struct {
	ID          string         `json:"id"`
	Course      string         `json:"course"`
	Quiz        string         `json:"quiz"`
	Version     int            `json:"version"`
	Number      int            `json:"number"`
	Reason      Reason         `json:"reason,omitempty" enum:"changed,expiring"` // to renew a certificate; absent: an attempt at the course
	Status      string         `json:"status"`                                   // open | submitted
	Lang        string         `json:"lang"`
	StartedAt   store.Time     `json:"started_at"`
	DueAt       store.Time     `json:"due_at"`
	SubmittedAt store.Time     `json:"submitted_at"`
	Answered    int            `json:"answered"` // of the questions that take an answer
	ToAnswer    int            `json:"to_answer"`
	Feedback    string         `json:"feedback"` // when answers are explained: after-answer | after-attempt | after-pass | never
	Questions   []QuestionView `json:"questions"`
}

// QuestionView is one question of an attempt.
type QuestionView struct {
	ID         string               `json:"id"`
	Type       course.Type          `json:"type"`
	Vignette   string               `json:"vignette,omitempty"` // the id of the case that the question belongs to
	HTML       string               `json:"html"`
	Lang       string               `json:"lang"`
	Dir        string               `json:"dir"`
	State      course.State         `json:"state"`
	Confidence bool                 `json:"confidence,omitempty"` // ask how sure the learner is
	Points     float64              `json:"points"`
	Options    []OptionView         `json:"options,omitempty"`
	Targets    []OptionView         `json:"targets,omitempty"`
	Story      []StoryView          `json:"story,omitempty"` // scenario: as far as the learner has come
	Response   *assessment.Response `json:"response,omitempty"`
	SavedAt    store.Time           `json:"saved_at"`
	GivenAt    int64                `json:"given_at,omitempty"` // see Given
	// Feedback is there while the attempt runs once the answer was explained; it
	// stays then.
	Feedback *Feedback `json:"feedback,omitempty"`
}

// OptionView is an option, a line, a target or a choice.
type OptionView struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
}

// TakesAnswer tells whether the learner has something to answer here that the
// server keeps.
func (q *QuestionView) TakesAnswer() bool {
	return q.Type != course.Vignette && q.Type != course.Reflection
}

// View shows an attempt to a reader.
func (l *Learning) View(ctx context.Context, a *Attempt, reader Reader) (*View, error) {
	p, quiz, err := l.publication(ctx, a)
	if err != nil {
		return nil, err
	}
	edition := reader(p)
	v := &View{
		ID: a.ID, Course: a.Course, Quiz: a.Quiz, Version: a.Version, Number: a.Number, Reason: a.Reason, Status: "submitted", Lang: edition.Lang,
		StartedAt: a.StartedAt, DueAt: a.DueAt, SubmittedAt: a.SubmittedAt, Feedback: quiz.Feedback,
		Questions: make([]QuestionView, 0, len(a.Asked)),
	}
	if a.IsOpen() {
		v.Status = "open"
	}
	for _, asked := range a.Asked {
		q := l.questionView(p.Questions[asked.ID], edition, quiz, a)
		q.Vignette = asked.Vignette
		if q.TakesAnswer() {
			v.ToAnswer++
			if q.Response != nil {
				v.Answered++
			}
		}
		v.Questions = append(v.Questions, q)
	}
	return v, nil
}

func (l *Learning) questionView(q *course.Question, e *course.Edition, quiz *course.Quiz, a *Attempt) QuestionView {
	t := e.Questions[q.ID]
	v := QuestionView{
		ID: q.ID, Type: q.Type, HTML: t.Stem, Lang: t.Lang, Dir: t.Dir, State: t.State, Points: q.Points, Confidence: q.Confidence,
	}
	if answer := a.answer(q.ID); answer != nil {
		v.Response, v.SavedAt, v.GivenAt = &answer.Response, answer.SavedAt, answer.At
		if a.IsOpen() && ruleOf(quiz).explains(q, &answer.Response) {
			f := feedback(e, q, answer)
			v.Feedback = &f
		}
	}
	seed := uint64(a.Seed)
	for _, id := range assessment.OptionOrder(q, quiz, seed) {
		v.Options = append(v.Options, OptionView{id, l.label(q, t, id)})
	}
	for _, id := range assessment.TargetOrder(q, seed) {
		v.Targets = append(v.Targets, OptionView{id, t.Targets[id]})
	}
	if q.Type == course.Scenario {
		v.Story = story(q, t, quiz, seed, v.Response)
	}
	return v
}

// label is the text of an option; what the course leaves unnamed (true and
// false, the steps of a scale) gets the interface's words.
func (l *Learning) label(q *course.Question, t *course.QuestionText, id string) string {
	if s, ok := t.Options[id]; ok {
		return s
	}
	if q.Type == course.TrueFalse {
		yes, no := l.YesNo(t.Lang)
		if id == "true" {
			return yes
		}
		return no
	}
	return id
}
