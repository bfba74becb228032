package learning

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// AttemptState is how far an attempt is. Settled is submitted with everything
// that follows from it done; nobody outside this room sees the difference.
type AttemptState string

// The states.
const (
	Running   AttemptState = "open"
	Submitted AttemptState = "submitted"
	Settled   AttemptState = "settled"
)

// Attempt is one try at a quiz.
type Attempt struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Account    string           `json:"account"`
	Course     string           `json:"course"`
	Version    int              `json:"version"` // of the publication, for good
	Quiz       string           `json:"quiz"`
	Country    string           `json:"country"` // that the learner worked in when it began; "" unknown
	Number     int              `json:"number"`  // of this learner's attempts at this quiz, from 1
	State      AttemptState     `json:"state"`
	Seed       int64            `json:"seed"`
	// Renews is the certificate that the attempt is to renew, and Reason why; ""
	// for one at the course itself.
	Renews string `json:"renews"`
	Reason Reason `json:"reason"`

	Asked   []assessment.Asked `json:"asked"`
	Answers map[string]Answer  `json:"answers"` // by question id

	StartedAt   store.Time `json:"started_at"`
	DueAt       store.Time `json:"due_at"` // zero: no time limit
	SubmittedAt store.Time `json:"submitted_at"`
	Result      *Result    `json:"result,omitempty"`
	// Regraded are the corrections of keys that it has had, the oldest first.
	Regraded []Regraded `json:"regraded"`
}

// Answer is a saved response, in the language that the question was shown in.
type Answer struct {
	Response assessment.Response `json:"response"`
	Lang     string              `json:"lang"`
	SavedAt  store.Time          `json:"saved_at"`
	Given    `bson:",inline"`
}

// Result is what an attempt earned. It is written with the submission, and anew
// by a Correction only.
type Result struct {
	Score   float64 `json:"score"` // points
	Max     float64 `json:"max"`
	Percent int     `json:"percent"` // rounded down
	Passed  bool    `json:"passed"`
	// Questions is in the order asked, without vignettes.
	Questions []QuestionResult `json:"questions"`
}

// QuestionResult is what one answer earned.
type QuestionResult struct {
	ID    string  `json:"id"`
	Score float64 `json:"score"` // points
	Max   float64 `json:"max"`   // 0: not graded
}

// IsOpen tells whether answers can still be saved, time apart.
func (a *Attempt) IsOpen() bool { return a.State == Running }

// Start begins an attempt under an id that the client made. A repeat gives the
// same attempt, created false. Faults: "not-enrolled"; "attempt-exists" for an
// id that is somebody else's or of another quiz; "attempt-open" (with the id of
// the open attempt) while another is running, so that two devices work on one;
// "attempts-used-up"; "cool-down".
func (l *Learning) Start(ctx context.Context, who Learner, id, slug, quizID string) (a *Attempt, created bool, err error) {
	return l.start(ctx, who, id, slug, quizID, false)
}

func (l *Learning) start(ctx context.Context, who Learner, id, slug, quizID string, renewal bool) (a *Attempt, created bool, err error) {
	same := func(a *Attempt) bool {
		return a.Course == slug && a.Quiz == quizID && (a.Renews != "") == renewal
	}
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, false, fault.At("id-invalid", "attempt")
	}
	if a, err := l.own(ctx, who, id); err == nil {
		if !same(a) {
			return nil, false, fault.At("attempt-exists", "attempt")
		}
		a, err = l.closeIfDue(ctx, who, a)
		return a, false, err
	} else if !fault.Is(err, "not-found") {
		return nil, false, err
	}
	p, err := l.begun(who, slug)
	if err != nil {
		return nil, false, err
	}
	quiz, ok := p.Quiz(quizID)
	if !ok {
		return nil, false, fault.At("not-found", "quiz")
	}
	e, err := l.Enrolment(ctx, who, slug)
	if err != nil {
		return nil, false, err
	}
	fresh := &Attempt{
		Meta: store.Meta{ID: id}, Account: who.ID, Course: slug, Version: p.Version, Quiz: quizID, Country: p.Country,
		State: Running, Answers: map[string]Answer{},
	}
	asks := &RenewalQuiz{Quiz: quiz} // all that the quiz asks
	if renewal {
		if asks, fresh.Reason, err = l.toRenew(p, e, quizID); err != nil {
			return nil, false, err
		}
		fresh.Renews = e.Certificate
	}
	for {
		before, err := l.attemptsAt(ctx, who, slug, quizID)
		if err != nil {
			return nil, false, err
		}
		if err := l.mayStart(ctx, who, quiz, before, fresh.Renews); err != nil {
			return nil, false, err
		}
		a := *fresh
		l.begin(&a, who, p, asks, before)
		switch err := l.attempts.Insert(ctx, &a); {
		case errors.Is(err, store.ErrTaken):
			continue // another request was first with this number: look again
		case errors.Is(err, store.ErrExists):
			if there, err := l.own(ctx, who, id); err == nil && same(there) {
				return there, false, nil
			}
			return nil, false, fault.At("attempt-exists", "attempt")
		case err != nil:
			return nil, false, err
		}
		return &a, true, nil
	}
}

// mayStart is the quiz's attempt policy, given the attempts before (oldest first).
// Those at the course and those at renewing a certificate count apart.
func (l *Learning) mayStart(ctx context.Context, who Learner, quiz *course.Quiz, before []Attempt, renews string) error {
	if len(before) == 0 {
		return nil
	}
	last, err := l.closeIfDue(ctx, who, &before[len(before)-1])
	if err != nil {
		return err
	}
	if last.IsOpen() {
		return fault.New("attempt-open").With("attempt", last.ID)
	}
	before = slices.DeleteFunc(slices.Clone(before), func(a Attempt) bool { return a.Renews != renews })
	if quiz.Attempts > 0 && len(before) >= quiz.Attempts {
		return fault.New("attempts-used-up").With("attempts", quiz.Attempts)
	}
	if len(before) == 0 {
		return nil
	}
	if last.Renews != renews {
		last = &before[len(before)-1]
	}
	wait := last.SubmittedAt.Add(time.Duration(quiz.CoolDownMinutes) * time.Minute).Sub(l.Now())
	if quiz.CoolDownMinutes > 0 && wait > 0 {
		f := fault.New("cool-down").With("minutes", int(math.Ceil(wait.Minutes())))
		f.RetryAfter = wait
		return f
	}
	return nil
}

// begin draws what an attempt asks and starts its time.
func (l *Learning) begin(a *Attempt, who Learner, p *course.Publication, asks *RenewalQuiz, before []Attempt) {
	seen := map[string]int{}
	for _, b := range before {
		for _, q := range b.Asked {
			seen[q.ID]++
		}
	}
	seed, quiz := l.Seed(), asks.Quiz
	a.Number, a.Seed, a.Asked, a.StartedAt = len(before)+1, int64(seed), asks.asked(p, seed, seen), l.stamp()
	if quiz.TimeLimitMinutes > 0 {
		limit := time.Duration(quiz.TimeLimitMinutes) * time.Minute
		a.DueAt = store.At(l.Now().Add(limit + limit*time.Duration(who.ExtraTime)/100))
	}
}

// Attempt finds one's own attempt. An attempt of somebody else is "not-found",
// like one that does not exist. One whose time is up comes back submitted.
func (l *Learning) Attempt(ctx context.Context, who Learner, id string) (*Attempt, error) {
	a, err := l.own(ctx, who, id)
	if err != nil {
		return nil, err
	}
	return l.closeIfDue(ctx, who, a)
}

// Attempts lists one's attempts at a quiz, the oldest first.
func (l *Learning) Attempts(ctx context.Context, who Learner, slug, quiz string) ([]Attempt, error) {
	list, err := l.attemptsAt(ctx, who, slug, quiz)
	if n := len(list); err == nil && n > 0 {
		var last *Attempt
		if last, err = l.closeIfDue(ctx, who, &list[n-1]); err == nil {
			list[n-1] = *last
		}
	}
	return list, err
}

func (l *Learning) attemptsAt(ctx context.Context, who Learner, slug, quiz string) ([]Attempt, error) {
	page, err := l.attempts.Find(ctx, store.Query{
		Where: []store.Cond{store.Is("account", who.ID), store.Is("course", slug), store.Is("quiz", quiz)}, Sort: "number",
	})
	return page.Items, err
}

func (l *Learning) own(ctx context.Context, who Learner, id string) (*Attempt, error) {
	a, err := l.attempts.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && a.Account != who.ID {
		return nil, fault.New("not-found")
	}
	return a, err
}
