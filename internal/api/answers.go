package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// MemberAttempt is an attempt of a member as a tutor's list shows it.
type MemberAttempt struct {
	ID          string     `json:"id"`
	Course      string     `json:"course"`
	Quiz        string     `json:"quiz"`
	Number      int        `json:"number"`
	Percent     int        `json:"percent"`
	Passed      bool       `json:"passed"`
	SubmittedAt store.Time `json:"submitted_at"`
}

type memberAttemptsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []MemberAttempt `json:"items" nullable:"false"`
	}
}

func (a *API) listMemberAttempts(ctx context.Context, v *gate.Visitor, in *CohortPersonIn) (*memberAttemptsOut, error) {
	c, err := a.CohortFor(ctx, v, people.SeeAnswers, in.Cohort)
	if err != nil {
		return nil, err
	}
	list, err := a.Tracking.Answers(ctx, c, in.Account)
	if err != nil {
		return nil, err
	}
	out := &memberAttemptsOut{CacheControl: "no-store"}
	out.Body.Items = []MemberAttempt{}
	for _, x := range list {
		out.Body.Items = append(out.Body.Items, MemberAttempt{x.ID, x.Course, x.Quiz, x.Number, x.Result.Percent, x.Result.Passed, x.SubmittedAt})
	}
	return out, nil
}

type memberAnswersIn struct {
	CohortPersonIn
	Attempt string `path:"attempt" maxLength:"100"`
	LangIn
}

func (a *API) readMemberAnswers(ctx context.Context, v *gate.Visitor, in *memberAnswersIn) (*outcomeOut, error) {
	attempt, err := a.Look(ctx, v, in.Cohort, in.Account, in.Attempt)
	if err != nil {
		return nil, err
	}
	o, err := a.Learning.Outcome(ctx, attempt, v.Edition)
	if err != nil {
		return nil, err
	}
	return &outcomeOut{o.Lang, "no-store", o}, nil
}

// Look opens a member's attempt for a tutor, as far as they may see it, and logs it.
func (a *API) Look(ctx context.Context, v *gate.Visitor, cohort, account, attempt string) (*learning.Attempt, error) {
	c, err := a.CohortFor(ctx, v, people.SeeAnswers, cohort)
	if err != nil {
		return nil, err
	}
	return a.Tracking.Look(ctx, v.Account, c, account, attempt)
}

// OwnCohort is a cohort as its member knows it.
type OwnCohort struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	StartsOn  string     `json:"starts_on,omitempty"`
	EndsOn    string     `json:"ends_on,omitempty"`
	Pace      int        `json:"pace,omitempty" doc:"Days that a module is meant to take"`
	Since     store.Time `json:"since"`
	Courses   []string   `json:"courses" nullable:"false"`
	Tutors    []string   `json:"tutors" nullable:"false" doc:"Names"`
	Seen      bool       `json:"seen" doc:"Tutors see answers that are begun from seen_from and handed in before the cohort ends, until seen_until"`
	SeenFrom  store.Time `json:"seen_from"`
	SeenUntil store.Time `json:"seen_until"`
}

type ownCohortsOut struct {
	Body struct {
		Items []OwnCohort `json:"items" nullable:"false"`
	}
}

func (a *API) listOwnCohorts(ctx context.Context, v *gate.Visitor, _ *struct{}) (*ownCohortsOut, error) {
	list, err := a.Tracking.Of(ctx, v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := &ownCohortsOut{}
	out.Body.Items = []OwnCohort{}
	for _, c := range list {
		o := OwnCohort{ID: c.ID, Name: c.Name, StartsOn: c.StartsOn, EndsOn: c.EndsOn, Pace: c.Pace, Since: c.Since, Courses: []string{}, Tutors: []string{}, Seen: c.Seen}
		for _, x := range c.Courses {
			o.Courses = append(o.Courses, x.Course)
		}
		for _, t := range c.Tutors {
			o.Tutors = append(o.Tutors, t.Name)
		}
		if c.Seen {
			o.SeenFrom, o.SeenUntil = c.SeenFrom(), store.At(c.SeenUntil())
		}
		out.Body.Items = append(out.Body.Items, o)
	}
	return out, nil
}

// LookItem is that a tutor looked at one's answers.
type LookItem struct {
	At     store.Time `json:"at"`
	By     string     `json:"by" doc:"Name; empty: somebody who is gone"`
	Course string     `json:"course"`
}

type looksOut struct {
	Body struct {
		Items []LookItem `json:"items" nullable:"false"`
	}
}

func (a *API) listLooks(ctx context.Context, v *gate.Visitor, _ *struct{}) (*looksOut, error) {
	list, err := a.Tracking.Looks(ctx, v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := &looksOut{}
	out.Body.Items = []LookItem{}
	for _, l := range list {
		out.Body.Items = append(out.Body.Items, LookItem(l))
	}
	return out, nil
}
