package learning

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Given is when an answer was given. Of several to one question the latest given
// counts, whatever the order in which they arrive: from a device that was without
// network for days, from two tabs, twice.
type Given struct {
	// At is in milliseconds since 1970 by the server's clock, as far as the device
	// knows that, and after every answer to the question that the device had seen
	// (Lamport, CACM 21(7), 1978). 0 is the moment of arrival.
	At int64 `json:"given_at"`
	// Device is a random word that decides between equals; "" for who sends none.
	Device string `json:"device,omitempty"`
}

// farAhead is how far a device's clock may run ahead, in milliseconds, before it is
// not believed at all.
const farAhead = 48 * 60 * 60 * 1000

// before tells whether g was given before h.
func (g Given) before(h Given) bool {
	return g.At < h.At || g.At == h.At && g.Device < h.Device
}

// Verdict is what became of an answer.
type Verdict string

// The verdicts on what is not refused.
const (
	Accepted   Verdict = "accepted"
	Duplicate  Verdict = "duplicate"  // it was there already
	Superseded Verdict = "superseded" // one that was given later is there
)

// Saved is what a learner is told after an answer.
type Saved struct {
	Verdict Verdict
	// Stored is false for a reflection that is not shared: it stays with the learner.
	Stored  bool
	SavedAt store.Time
	// Feedback is there at once if the quiz says "after-answer".
	Feedback *Feedback
}

// Save stores a response durably before it returns. The one given last counts,
// until the attempt is submitted, but for what rule lets stay: what was explained
// (the fault is "answer-locked") and the way taken in a story ("path-taken").
//
// Other faults: "unknown-question"; "attempt-submitted"; "time-up";
// "wrong-response-type", "unknown-option" and "invalid-response", which name
// the field.
func (l *Learning) Save(ctx context.Context, who Learner, id, question string, reader Reader, r assessment.Response, given Given) (*Saved, error) {
	var p *course.Publication
	var quiz *course.Quiz
	out := &Saved{}
	a, err := l.attempts.Update(ctx, id, func(a *Attempt) error {
		if a.Account != who.ID {
			return fault.New("not-found")
		}
		var err error
		if p, quiz, err = l.publication(ctx, a); err != nil {
			return err
		}
		q, err := askedQuestion(p, a, question)
		if err != nil {
			return err
		}
		if !a.IsOpen() {
			return fault.New("attempt-submitted")
		}
		now := l.stamp()
		if !a.DueAt.IsZero() && !now.Before(a.DueAt.Time) {
			return fault.New("time-up")
		}
		if err := assessment.Validate(q, r); err != nil {
			return responseFault(err)
		}
		if q.Type == course.Reflection && !r.Shared {
			if _, shared := a.Answers[question]; !shared {
				return store.ErrUnchanged
			}
			delete(a.Answers, question)
			return nil
		}
		shown := reader(p).Questions[q.ID].Lang // which a fallback may decide
		before, answered := a.Answers[question]
		if arrived := now.UnixMilli(); given.At == 0 || given.At > arrived+farAhead {
			given.At = max(arrived, before.At+1)
		}
		out.Stored, out.SavedAt, out.Verdict = true, now, Accepted
		if answered {
			stays, err := ruleOf(quiz).stays(q, &before.Response, &r)
			if err != nil {
				return err
			}
			again := before.Given == given && given.Device != ""
			same := before.Lang == shown && reflect.DeepEqual(before.Response, r)
			older := given.before(before.Given) && q.Type != course.Scenario // whose way only goes on
			if same {
				now = before.SavedAt
			}
			switch {
			case stays, again, same && !before.Given.before(given):
				out.Verdict, out.SavedAt = Duplicate, before.SavedAt
				return store.ErrUnchanged
			case older:
				out.Verdict, out.SavedAt = Superseded, before.SavedAt
				return store.ErrUnchanged
			case same:
				out.Verdict, out.SavedAt = Duplicate, now
			}
		}
		if a.Answers == nil {
			a.Answers = map[string]Answer{}
		}
		a.Answers[question] = Answer{Response: r, Lang: shown, SavedAt: now, Given: given}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	if fault.Is(err, "time-up") {
		if _, closing := l.Attempt(ctx, who, id); closing != nil {
			return nil, closing
		}
	}
	if err != nil {
		return nil, err
	}
	if answer := a.answer(question); answer != nil && ruleOf(quiz).explains(p.Questions[question], &answer.Response) {
		f := feedback(reader(p), p.Questions[question], answer)
		out.Feedback = &f
	}
	return out, nil
}

// publication is what the attempt is pinned to, as it stands in the country that
// it was begun in.
func (l *Learning) publication(ctx context.Context, a *Attempt) (*course.Publication, *course.Quiz, error) {
	p, err := l.Library.At(ctx, a.Course, a.Version)
	if err != nil {
		return nil, nil, err
	}
	quiz, ok := p.Quiz(a.Quiz)
	if !ok {
		return nil, nil, fault.New("not-found")
	}
	return p.For(a.Country), quiz, nil
}

func askedQuestion(p *course.Publication, a *Attempt, id string) (*course.Question, error) {
	asked := slices.ContainsFunc(a.Asked, func(q assessment.Asked) bool { return q.ID == id })
	if q := p.Questions[id]; asked && q != nil && q.Type != course.Vignette {
		return q, nil
	}
	return nil, fault.At("unknown-question", "question")
}

// responseFault says in the project's codes what assessment found wrong.
func responseFault(err error) error {
	var invalid *assessment.Invalid
	if !errors.As(err, &invalid) {
		return err
	}
	code := "invalid-response"
	switch invalid.Code {
	case assessment.CodeWrongField, assessment.CodeMissing, assessment.CodeNoAnswer:
		code = "wrong-response-type"
	case assessment.CodeUnknown:
		code = "unknown-option"
	}
	f := fault.At(code, invalid.Field)
	return f.With("hint", invalid.Detail)
}
