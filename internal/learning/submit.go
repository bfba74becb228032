package learning

import (
	"context"
	"errors"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Submit ends an attempt and grades what was saved; what was left open scores
// 0. The result is written with the submission, so that a repeat gives the same.
// An attempt whose time was up before is graded as of that moment.
func (l *Learning) Submit(ctx context.Context, who Learner, id string) (*Attempt, error) {
	corrections, err := l.correctionsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	a, err := l.attempts.Update(ctx, id, func(a *Attempt) error {
		if a.Account != who.ID {
			return fault.New("not-found")
		}
		if !a.IsOpen() {
			return store.ErrUnchanged
		}
		p, quiz, err := l.publication(ctx, a)
		if err != nil {
			return err
		}
		a.Result, a.State, a.SubmittedAt = grade(func(id string) *course.Question { return p.Questions[id] }, quiz, a), Submitted, l.stamp()
		if !a.DueAt.IsZero() && a.DueAt.Before(a.SubmittedAt.Time) {
			a.SubmittedAt = a.DueAt
		}
		for i := range corrections {
			if _, err := l.regrade(ctx, &corrections[i], a); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	if err != nil {
		return nil, err
	}
	if a.State == Submitted {
		err = l.settle(ctx, who, a)
	}
	return a, err
}

// closeIfDue submits an attempt whose time is up, with what was saved.
func (l *Learning) closeIfDue(ctx context.Context, who Learner, a *Attempt) (*Attempt, error) {
	if !a.IsOpen() || a.DueAt.IsZero() || l.Now().Before(a.DueAt.Time) {
		return a, nil
	}
	return l.Submit(ctx, who, a.ID)
}

// correctionsOf are those that an attempt is graded by when it is handed in: it may
// have begun before a key was mended.
func (l *Learning) correctionsOf(ctx context.Context, id string) ([]Correction, error) {
	if l.Corrections == nil {
		return nil, nil
	}
	a, err := l.attempts.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	if err != nil || !a.IsOpen() {
		return nil, err
	}
	if p, ok := l.Library.Current(a.Course); ok && p.Version == a.Version {
		return nil, nil
	}
	return l.Corrections(ctx, a.Course, a.Version)
}

// grade adds up what was answered, by the questions' keys.
func grade(question func(id string) *course.Question, quiz *course.Quiz, a *Attempt) *Result {
	var marks []assessment.Mark
	var questions []QuestionResult
	for _, asked := range a.Asked {
		q := question(asked.ID)
		if q.Type == course.Vignette {
			continue
		}
		m := markOf(q, a.answer(q.ID))
		marks = append(marks, m)
		questions = append(questions, QuestionResult{ID: q.ID, Score: m.PointsFloat(), Max: m.MaxFloat()})
	}
	total := assessment.Total(marks)
	return &Result{
		Score: total.ScoreFloat(), Max: total.MaxFloat(), Percent: total.Shown(),
		Passed: total.Passed(quiz.PassMark), Questions: questions,
	}
}

func (a *Attempt) answer(question string) *Answer {
	if answer, ok := a.Answers[question]; ok {
		return &answer
	}
	return nil
}

func markOf(q *course.Question, a *Answer) assessment.Mark {
	if a == nil {
		return assessment.Grade(q, nil, "")
	}
	return assessment.Grade(q, &a.Response, a.Lang)
}

// settle derives from a submitted attempt what follows from it: the standing in
// the enrolment, completion, the certificate. It can be repeated at any time.
func (l *Learning) settle(ctx context.Context, who Learner, a *Attempt) error {
	derive := l.settleStanding
	if a.Renews != "" {
		derive = l.settleRenewal
	}
	if err := derive(ctx, who, a); err != nil {
		return err
	}
	_, err := l.attempts.Update(ctx, a.ID, func(a *Attempt) error {
		if a.State != Submitted {
			return store.ErrUnchanged
		}
		a.State = Settled
		return nil
	})
	return err
}

func (l *Learning) settleStanding(ctx context.Context, who Learner, a *Attempt) error {
	p, err := l.current(who, a.Course)
	if err != nil {
		return err
	}
	_, standing, err := l.standing(ctx, who, p, a)
	if err != nil {
		return err
	}
	rated, err := l.Ratings(ctx, a)
	if err != nil {
		return err
	}
	return l.advance(ctx, who, p, func(e *Enrolment) bool {
		again := rated != nil && e.Rated != rated.band()
		if again {
			e.Rated = rated.band()
		}
		// A write that saw more attempts came first: it holds this one too.
		if e.Quizzes[a.Quiz].Attempts > standing.Attempts || e.Quizzes[a.Quiz] == standing {
			return again
		}
		if e.Quizzes == nil {
			e.Quizzes = map[string]Standing{}
		}
		e.Quizzes[a.Quiz] = standing
		e.Gain = gainOf(e.Quizzes)
		return true
	})
}

// standingOf picks the attempt that counts by the quiz's rule keep: the best,
// the last or the first of those submitted, given oldest first. Those that renew a
// certificate are not among them.
func standingOf(keep string, attempts []Attempt) Standing {
	var s Standing
	for _, a := range attempts {
		if a.Result == nil || a.Renews != "" {
			continue
		}
		if s.Attempts++; s.Attempts == 1 {
			s.First = a.Result.Percent
		}
		s.Last = a.Result.Percent
		counts := s.Attempts == 1 || keep == "last" ||
			keep == "best" && (a.Result.Percent > s.Percent || a.Result.Passed && !s.Passed)
		if counts {
			s.Percent, s.Passed, s.Attempt = a.Result.Percent, a.Result.Passed, a.ID
		}
	}
	return s
}

// Sweep closes attempts whose time is up and settles submissions that were cut
// off before everything was derived. It is run now and then by each server;
// several at once do no harm.
func (l *Learning) Sweep(ctx context.Context) error {
	var left []Attempt
	collect := func(a *Attempt) error {
		left = append(left, *a)
		return nil
	}
	if err := l.attempts.Each(ctx, store.Query{Where: []store.Cond{store.Is("state", string(Submitted))}}, collect); err != nil {
		return err
	}
	due := []store.Cond{store.Is("state", string(Running)), {Field: "due_at", Op: store.Gt, Value: store.Earliest}, {Field: "due_at", Op: store.Lte, Value: l.stamp()}}
	if err := l.attempts.Each(ctx, store.Query{Where: due}, collect); err != nil {
		return err
	}
	var failed error
	for _, a := range slices.Backward(left) {
		who, err := l.Learner(ctx, a.Account)
		if fault.Is(err, "not-found") {
			continue // the person is gone
		}
		if err == nil && a.IsOpen() {
			_, err = l.Submit(ctx, who, a.ID)
		} else if err == nil {
			err = l.settle(ctx, who, &a)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
