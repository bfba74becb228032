package learning

import (
	"context"
	"slices"
	"time"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
)

// A certificate is renewed by a new one, dated the day on which the last thing
// asked for was done. What is asked for follows from the enrolment and from the
// course as it is published now, and nothing else is kept of it:
//
//   - Where something changed so that it says something else (a major change)
//     since the version that was certified, the pages that changed are read again
//     and the questions that belong to the changes (course.QuestionSince) are
//     asked again, those of each quiz by that quiz's own rules. A course may ask
//     for each quiz whole ("full"), or for nothing ("none").
//   - Otherwise, where the certificate is about to end or has ended, each quiz is
//     taken again whole and no page is read again; where no quiz counts, each page.
//
// Attempts name the certificate that they are to renew. What was done for one
// counts for no other, so that each certificate is renewed once.

// Reason is why a certificate can be renewed.
type Reason string

// The reasons.
const (
	SomethingChanged Reason = "changed"
	Expiring         Reason = "expiring"
)

// RenewBefore is how long before its end a certificate can be renewed although
// nothing changed; half of the time that it holds, if that is less.
const RenewBefore = 60 * 24 * time.Hour

// Renewing is what somebody has done to renew a certificate.
type Renewing struct {
	Certificate string         `json:"certificate"` // the one to renew; what was done for another is past
	Pages       map[string]int `json:"pages"`       // page id → the newest version in which it was read again
	Quizzes     map[string]int `json:"quizzes"`     // quiz id → the newest version in which what was asked again was passed
}

// Renewal is what renews a certificate.
type Renewal struct {
	Reason  Reason
	Since   int // the version that was certified
	Pages   []RenewalPage
	Quizzes []RenewalQuiz
}

// RenewalPage is a page to read again.
type RenewalPage struct {
	ID   string
	Read bool
}

// RenewalQuiz is a quiz to take again.
type RenewalQuiz struct {
	Quiz *course.Quiz
	// Questions are those that are asked; nil is what the quiz asks anyway.
	Questions []string
	Passed    bool
}

// Asks counts the questions that an attempt asks.
func (q *RenewalQuiz) Asks(p *course.Publication) int {
	if q.Questions == nil {
		return assessment.Count(p, q.Quiz)
	}
	return len(q.Questions)
}

// quiz finds what is to be taken of a quiz, nil nothing.
func (r *Renewal) quiz(id string) *RenewalQuiz {
	if r == nil {
		return nil
	}
	i := slices.IndexFunc(r.Quizzes, func(q RenewalQuiz) bool { return q.Quiz.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Quizzes[i]
}

// done tells whether everything is read and passed.
func (r *Renewal) done() bool {
	return r != nil && !slices.ContainsFunc(r.Pages, func(p RenewalPage) bool { return !p.Read }) &&
		!slices.ContainsFunc(r.Quizzes, func(q RenewalQuiz) bool { return !q.Passed })
}

// RenewalOf is what renews the certificate of an enrolment now; nil where there is
// nothing to renew. It is pure.
func RenewalOf(p *course.Publication, e *Enrolment, now time.Time) *Renewal {
	if e.Status != Completed || e.Certificate == "" {
		return nil
	}
	past := e.renewing()
	rule := p.Course.Completion
	r := &Renewal{Reason: SomethingChanged, Since: e.CertificateVersion}
	page := func(id string, since int) {
		r.Pages = append(r.Pages, RenewalPage{id, past.Pages[id] >= max(since, 1)})
	}
	quiz := func(q *course.Quiz, questions []string, since int) {
		r.Quizzes = append(r.Quizzes, RenewalQuiz{q, questions, past.Quizzes[q.ID] >= max(since, 1)})
	}
	newest, told := 0, map[string]bool{}
	for _, m := range p.Course.Modules {
		if rule.Recertify == "none" || !p.Again.After(r.Since) {
			break
		}
		for _, id := range m.Pages {
			if since := p.PageSince(id); since > r.Since {
				page(id, since)
				newest = max(newest, since)
			}
		}
		if m.Quiz == nil || rule.Require == "pages" {
			continue
		}
		var questions []string
		latest := 0
		for _, id := range p.QuestionOrder() {
			q := p.Questions[id]
			since := p.QuestionSince(id)
			if since > r.Since && !told[id] && q.Type.Graded() && !q.Retired && p.Asks(q) && asks(p, m.Quiz, id) {
				questions, told[id], latest = append(questions, id), true, max(latest, since)
			}
		}
		if questions != nil {
			quiz(m.Quiz, questions, latest)
			newest = max(newest, latest)
		}
	}
	switch {
	case newest > 0 && rule.Recertify == "full" && rule.Require != "pages":
		r.Quizzes = nil
		for _, m := range p.Course.Modules {
			if m.Quiz != nil {
				quiz(m.Quiz, nil, newest)
			}
		}
	case newest > 0:
	case e.expiring(p, now):
		r.Reason = Expiring
		for _, m := range p.Course.Modules {
			if m.Quiz != nil && rule.Require != "pages" {
				quiz(m.Quiz, nil, 0)
			}
		}
		for _, m := range p.Course.Modules {
			for _, id := range m.Pages {
				if r.Quizzes == nil {
					page(id, 0)
				}
			}
		}
	default:
		return nil
	}
	return r
}

// renewing is what was done to renew the certificate that there is now.
func (e *Enrolment) renewing() Renewing {
	if e.Renewal.Certificate != e.Certificate {
		return Renewing{}
	}
	return e.Renewal
}

// again notes what was done to renew the certificate that there is now.
func (e *Enrolment) again() *Renewing {
	if e.Renewal.Certificate != e.Certificate {
		e.Renewal = Renewing{Certificate: e.Certificate}
	}
	if e.Renewal.Pages == nil {
		e.Renewal.Pages = map[string]int{}
	}
	if e.Renewal.Quizzes == nil {
		e.Renewal.Quizzes = map[string]int{}
	}
	return &e.Renewal
}

// CertifiedAt is when the certificate was earned.
func (e *Enrolment) CertifiedAt() time.Time {
	if !e.RenewedAt.IsZero() {
		return e.RenewedAt.Time
	}
	return e.CompletedAt.Time
}

// ends is when the certificate ends, the zero time never. Enrolments from before
// that was kept go by the course of today.
func (e *Enrolment) ends(validMonths int) time.Time {
	if e.EndsAt.IsZero() && validMonths > 0 {
		return addMonths(e.CertifiedAt(), validMonths)
	}
	return e.EndsAt.Time
}

func (e *Enrolment) expiring(p *course.Publication, now time.Time) bool {
	end := e.ends(p.Course.Completion.ValidMonths)
	return !end.IsZero() && !now.Before(end.Add(-min(RenewBefore, end.Sub(e.CertifiedAt())/2)))
}

// Renewal is what renews a learner's certificate of a course now; nil where there
// is nothing to renew. Faults are those of Enrolment.
func (l *Learning) Renewal(ctx context.Context, who Learner, slug string) (*Renewal, *Enrolment, error) {
	p, err := l.current(who, slug)
	if err != nil {
		return nil, nil, err
	}
	e, err := l.Enrolment(ctx, who, slug)
	if err != nil {
		return nil, nil, err
	}
	return RenewalOf(p, e, l.Now()), e, nil
}

// StartRenewal begins an attempt at what is to be taken again of a quiz. It is
// Start in all else; the fault "nothing-to-renew" says that there is nothing.
func (l *Learning) StartRenewal(ctx context.Context, who Learner, id, slug, quizID string) (a *Attempt, created bool, err error) {
	return l.start(ctx, who, id, slug, quizID, true)
}

// asked is what an attempt at a renewal asks: the questions, each behind the case
// that it belongs to, in the quiz's order and shuffled as the quiz says.
func (q *RenewalQuiz) asked(p *course.Publication, seed uint64, seen map[string]int) []assessment.Asked {
	if q.Questions == nil {
		return assessment.Draw(p, q.Quiz, seed, seen)
	}
	narrow := *q.Quiz
	narrow.Items = nil
	for _, id := range q.Questions {
		for _, v := range p.QuestionOrder() {
			if c := p.Questions[v]; c.Type == course.Vignette && slices.Contains(c.Questions, id) && asks(p, q.Quiz, v) {
				id = v
				break
			}
		}
		narrow.Items = append(narrow.Items, course.Item{Question: id})
	}
	return slices.DeleteFunc(assessment.Draw(p, &narrow, seed, seen), func(a assessment.Asked) bool {
		return p.Questions[a.ID].Type != course.Vignette && !slices.Contains(q.Questions, a.ID)
	})
}

// settleRenewal derives from a submitted attempt to renew a certificate what
// follows from it. It can be repeated at any time.
func (l *Learning) settleRenewal(ctx context.Context, who Learner, a *Attempt) error {
	p, err := l.current(who, a.Course)
	if err == nil && p.Version < a.Version { // another server has published meanwhile
		if err = l.Library.Refresh(ctx); err == nil {
			p, err = l.current(who, a.Course)
		}
	}
	if err != nil {
		return err
	}
	attempts, err := l.attemptsAt(ctx, who, a.Course, a.Quiz)
	if err != nil {
		return err
	}
	passed := passedRenewal(attempts, a.Renews)
	return l.advance(ctx, who, p, func(e *Enrolment) bool {
		if e.Certificate != a.Renews || e.renewing().Quizzes[a.Quiz] >= passed {
			return false // renewed already, or counted already
		}
		e.again().Quizzes[a.Quiz] = passed
		return true
	})
}

// passedRenewal is the newest version in which what is asked to renew a certificate
// was passed, 0 none.
func passedRenewal(attempts []Attempt, certificate string) (version int) {
	for _, a := range attempts {
		if a.Renews == certificate && a.Result != nil && a.Result.Passed {
			version = max(version, a.Version)
		}
	}
	return version
}

// readAgain notes that a page was read that is to be read again, and tells whether
// it was one.
func (e *Enrolment) readAgain(p *course.Publication, page string, now time.Time) bool {
	r := RenewalOf(p, e, now)
	if r == nil || !slices.Contains(r.Pages, RenewalPage{page, false}) {
		return false
	}
	e.again().Pages[page] = p.Version
	return true
}

func (l *Learning) toRenew(p *course.Publication, e *Enrolment, quizID string) (*RenewalQuiz, Reason, error) {
	r := RenewalOf(p, e, l.Now())
	q := r.quiz(quizID)
	if q == nil || q.Passed {
		return nil, "", fault.At("nothing-to-renew", "quiz")
	}
	return q, r.Reason, nil
}
