package learning

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Practice asks again what somebody got wrong, or right by a guess, in attempts
// that are handed in and explained. Nothing of it counts for anything, and
// nobody else sees it.
//
// The rule is the card box of S. Leitner (So lernt man lernen, Freiburg 1972)
// with expanding intervals: a mistake is in box 1 and comes back on the next day.
// A right answer moves it one box on, a guess that was right leaves it where it
// is, a wrong one puts it back into box 1. From the last box it leaves. Days are
// those of UTC. A question that is answered before its day moves nowhere, so an
// answer that is sent twice counts once.

// Intervals are the days that a question rests in each box, from box 1.
var Intervals = []int{1, 3, 7, 16, 35}

// KeepPractice is how long a card is kept that nobody answers.
const KeepPractice = 365 * 24 * time.Hour

// Card is where a question is in its learner's boxes.
type Card struct {
	store.Meta `bson:",inline"` // id: the account and a hash of course and question
	Account    string           `json:"account"`
	Course     string           `json:"course"`
	Question   string           `json:"question"`
	Box        int              `json:"box"`     // from 1; beyond the last: it is known
	BackAt     store.Time       `json:"back_at"` // the day on which it comes back
	LastAt     store.Time       `json:"last_at"` // answered, here or in the attempt it comes from
}

// Due tells whether the card's day has come.
func (c *Card) Due(now time.Time) bool {
	return c.Box <= len(Intervals) && !now.Before(c.BackAt.Time)
}

func (c *Card) put(box int, now time.Time) {
	c.Box, c.LastAt = box, store.At(now)
	if box <= len(Intervals) {
		c.BackAt = store.At(now.UTC().Truncate(24*time.Hour).AddDate(0, 0, Intervals[box-1]))
	}
}

func cardID(account, slug, question string) string {
	sum := sha256.Sum256([]byte(slug + ":" + question))
	return account + ":" + hex.EncodeToString(sum[:16])
}

// Cards are what a learner has to go over, now or later, the oldest first.
func (l *Learning) Cards(ctx context.Context, who Learner) ([]Card, error) {
	list, open, err := l.reviewed(ctx, who)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	kept, err := l.practice.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID)}})
	if err != nil {
		return nil, err
	}
	standing, err := l.Enrolments(ctx, who)
	if err != nil {
		return nil, err
	}
	var cards []Card
	for _, r := range list {
		if r.Verdict == "right" && r.Confidence != assessment.Guess || open[r.Course+":"+r.Question] {
			continue
		}
		p, err := l.current(who, r.Course)
		i := slices.IndexFunc(standing, func(e Enrolment) bool { return e.Course == r.Course })
		if err != nil || i < 0 || !p.Asks(p.Questions[r.Question]) || !mayPractise(p, &standing[i], r.Question) {
			continue
		}
		c := Card{Meta: store.Meta{ID: cardID(who.ID, r.Course, r.Question)}, Account: who.ID, Course: r.Course, Question: r.Question}
		c.put(1, r.At.Time)
		for _, k := range kept.Items {
			if k.ID == c.ID && k.LastAt.After(c.LastAt.Time) { // a later mistake begins anew
				c = k
			}
		}
		if c.Box <= len(Intervals) {
			cards = append(cards, c)
		}
	}
	slices.SortStableFunc(cards, func(a, b Card) int { return a.BackAt.Compare(b.BackAt.Time) })
	return cards, nil
}

// DueCards are those whose day has come.
func (l *Learning) DueCards(ctx context.Context, who Learner) ([]Card, error) {
	cards, err := l.Cards(ctx, who)
	now := l.Now()
	return slices.DeleteFunc(cards, func(c Card) bool { return !c.Due(now) }), err
}

// mayPractise keeps back what a quiz of today's course does not explain yet: to
// practise is to be told the key.
func mayPractise(p *course.Publication, e *Enrolment, question string) bool {
	return explains(p, question, func(quiz string) bool { return e.Quizzes[quiz].Passed })
}

// Explains tells whether everybody may be told the key of a question: no quiz of the
// course keeps it back from those who have not passed.
func Explains(p *course.Publication, question string) bool {
	return explains(p, question, func(string) bool { return false })
}

func explains(p *course.Publication, question string, passed func(quiz string) bool) bool {
	for _, m := range p.Course.Modules {
		if m.Quiz == nil || !asks(p, m.Quiz, question) {
			continue
		}
		if m.Quiz.Feedback == "never" || m.Quiz.Feedback == "after-pass" && !passed(m.Quiz.ID) {
			return false
		}
	}
	return true
}

// Asked is a question as it is shown to a room, with its options as the course has
// them, and the case that stands above it; nil none.
func (l *Learning) Asked(p *course.Publication, e *course.Edition, question string) (q QuestionView, above *QuestionView) {
	nobodys := &Attempt{}
	for _, id := range p.QuestionOrder() {
		if v := p.Questions[id]; v.Type == course.Vignette && slices.Contains(v.Questions, question) {
			shown := l.questionView(v, e, &course.Quiz{}, nobodys)
			above = &shown
			break
		}
	}
	return l.questionView(p.Questions[question], e, &course.Quiz{}, nobodys), above
}

// Explanation is what there is to say about a question to those who may be told its
// key: the right options, and the words on each and on the whole.
func Explanation(p *course.Publication, e *course.Edition, question string) Feedback {
	return feedback(e, p.Questions[question], nil)
}

// asks tells whether a quiz can ask the question, by itself or behind a case.
func asks(p *course.Publication, quiz *course.Quiz, question string) bool {
	for _, id := range p.QuestionOrder() {
		q := p.Questions[id]
		if id != question && !slices.Contains(q.Questions, question) {
			continue
		}
		for _, item := range quiz.Items {
			if item.Question == id || item.Draw > 0 && q.HasTags(item.Tags) {
				return true
			}
		}
	}
	return false
}

// Exercise is a question to practise as its learner sees it, without the key.
type Exercise struct {
	Card     Card          `json:"-"`
	Question QuestionView  `json:"question"`
	Case     *QuestionView `json:"case,omitempty"` // what stands above it
	Lang     string        `json:"lang"`
	Due      int           `json:"due"` // of one's cards, this one among them
	Of       int           `json:"of"`
}

// Exercise shows a question of one's cards with what is answered so far, nil
// nothing. Of a story only what the answer has reached is told. The fault is
// "not-found" for what is not among one's cards.
func (l *Learning) Exercise(ctx context.Context, who Learner, slug, question string, reader Reader, r *assessment.Response) (*Exercise, error) {
	cards, err := l.Cards(ctx, who)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(cards, func(c Card) bool { return c.Course == slug && c.Question == question })
	if i < 0 {
		return nil, fault.New("not-found")
	}
	p, err := l.current(who, slug)
	if err != nil {
		return nil, err
	}
	edition, q := reader(p), p.Questions[question]
	if r != nil {
		if err := assessment.Validate(q, *r); err != nil {
			return nil, responseFault(err)
		}
	}
	// Shuffled anew each time that the card comes back, and the same until then.
	seed := sha256.Sum256([]byte(cards[i].ID + cards[i].BackAt.String()))
	a := &Attempt{Seed: int64(binary.LittleEndian.Uint64(seed[:])), Answers: map[string]Answer{}}
	if r != nil {
		a.Answers[question] = Answer{Response: *r}
	}
	x := &Exercise{Card: cards[i], Lang: edition.Lang, Of: len(cards), Question: l.questionView(q, edition, unruled, a)}
	for _, c := range cards {
		if c.Due(l.Now()) {
			x.Due++
		}
	}
	for _, id := range p.QuestionOrder() {
		if v := p.Questions[id]; v.Type == course.Vignette && slices.Contains(v.Questions, question) {
			above := l.questionView(v, edition, unruled, a)
			x.Case, x.Question.Vignette = &above, id
			break
		}
	}
	return x, nil
}

// unruled is the quiz that practice is.
var unruled = &course.Quiz{Shuffle: []string{"options"}}

// Practised is what a learner is told at once after an answer.
type Practised struct {
	Feedback
	Question QuestionView `json:"-"` // with the answer
	Box      int          `json:"box" doc:"From 1; one more than there are boxes: known"`
	DueAt    store.Time   `json:"due_at"`
}

// Practise grades an answer to one's card and puts the card where it belongs.
// Faults are those of Exercise and, for the response, those of Save.
func (l *Learning) Practise(ctx context.Context, who Learner, slug, question string, reader Reader, r assessment.Response) (*Practised, error) {
	x, err := l.Exercise(ctx, who, slug, question, reader, &r)
	if err != nil {
		return nil, err
	}
	p, err := l.current(who, slug)
	if err != nil {
		return nil, err
	}
	q, edition := p.Questions[question], reader(p)
	out := &Practised{Question: x.Question, Feedback: feedback(edition, q, &Answer{Response: r, Lang: edition.Questions[question].Lang})}
	card, err := l.move(ctx, x.Card, out.Verdict == "right", r.Confidence == assessment.Guess)
	if err != nil {
		return nil, err
	}
	out.Box, out.DueAt = card.Box, card.BackAt
	return out, nil
}

// move puts a card into its next box if its day has come.
func (l *Learning) move(ctx context.Context, c Card, right, guessed bool) (*Card, error) {
	now := l.Now()
	next := func(c *Card) {
		switch {
		case right && guessed:
			c.put(c.Box, now)
		case right:
			c.put(c.Box+1, now)
		default:
			c.put(1, now)
		}
	}
	if !c.Due(now) {
		return &c, nil
	}
	if c.Rev == 0 { // the first time
		fresh := c
		next(&fresh)
		if err := l.practice.Insert(ctx, &fresh); !errors.Is(err, store.ErrExists) {
			return &fresh, err
		}
	}
	return l.practice.Update(ctx, c.ID, func(kept *Card) error {
		if kept.LastAt.After(c.LastAt.Time) {
			return store.ErrUnchanged // another request was first
		}
		kept.Box, kept.BackAt = c.Box, c.BackAt // a later mistake began anew
		next(kept)
		return nil
	})
}

// forgetPractice takes out cards that nobody answered for KeepPractice.
func (l *Learning) forgetPractice(ctx context.Context) error {
	var ids []string
	before := store.Cond{Field: "last_at", Op: store.Lt, Value: store.At(l.Now().Add(-KeepPractice))}
	err := l.practice.Each(ctx, store.Query{Where: []store.Cond{before}}, func(c *Card) error {
		ids = append(ids, c.ID)
		return nil
	})
	for _, id := range ids {
		if err := l.practice.Delete(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return err
}
