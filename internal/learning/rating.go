package learning

import (
	"context"

	"havn/internal/course"
	"havn/internal/store"
)

// Ratings is how a learner rated themselves before and after, on one scale.
type Ratings struct {
	Before int `json:"before"`
	After  int `json:"after"`
	Scale  int `json:"scale"`
}

// Ratings compares the self-rating of an attempt with the first that its learner
// gave in the course, to another question of the same scale; nil where there are
// no two.
func (l *Learning) Ratings(ctx context.Context, a *Attempt) (*Ratings, error) {
	p, _, err := l.publication(ctx, a)
	if err != nil {
		return nil, err
	}
	var after *Answer
	asked, scale := "", 0
	for _, q := range a.Asked {
		answer := a.answer(q.ID)
		if p.Questions[q.ID].Type == course.Rating && answer != nil {
			after, asked, scale = answer, q.ID, p.Questions[q.ID].Scale
		}
	}
	if after == nil {
		return nil, nil
	}
	page, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", a.Account), store.Is("course", a.Course)}})
	if err != nil {
		return nil, err
	}
	var before *Answer
	for i := range page.Items {
		other := &page.Items[i]
		p, _, err := l.publication(ctx, other)
		if err != nil {
			return nil, err
		}
		for id, answer := range other.Answers {
			q := p.Questions[id]
			if q == nil || q.Type != course.Rating || id == asked || q.Scale != scale || !answer.SavedAt.Before(after.SavedAt.Time) {
				continue
			}
			if before == nil || answer.SavedAt.Before(before.SavedAt.Time) {
				before = &answer
			}
		}
	}
	if before == nil {
		return nil, nil
	}
	return &Ratings{Before: *before.Response.Rating, After: *after.Response.Rating, Scale: scale}, nil
}
