package api

import (
	"context"

	"havn/internal/assessment"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/store"
)

// Enrolment is one's standing in a course.
type Enrolment struct {
	Course      string                       `json:"course"`
	Version     int                          `json:"version"`
	Status      learning.Status              `json:"status" enum:"assigned,exempt,enrolled,recorded,completed" doc:"assigned and exempt: not begun; recorded: completed elsewhere, and not here"`
	Progress    learning.Progress            `json:"progress"`
	PagesRead   []string                     `json:"pages_read" nullable:"false"`
	Later       []string                     `json:"later" nullable:"false" doc:"Pages that were skipped and wait to be read"`
	LastPage    string                       `json:"last_page,omitempty"`
	Quizzes     map[string]learning.Standing `json:"quizzes"`
	EnrolledAt  store.Time                   `json:"enrolled_at"`
	CompletedAt store.Time                   `json:"completed_at"`
	RenewedAt   store.Time                   `json:"renewed_at" doc:"When the certificate was earned in place of the one before"`
	Due
	Certificate string `json:"certificate,omitempty" doc:"The code under which anybody can check it"`
}

func (a *API) enrolmentOf(v *gate.Visitor, e *learning.Enrolment) Enrolment {
	out := Enrolment{
		Course: e.Course, Version: e.Version, Status: e.Status, PagesRead: []string{}, Later: []string{}, LastPage: e.LastPage, Quizzes: e.Quizzes,
		EnrolledAt: e.EnrolledAt, CompletedAt: e.CompletedAt, RenewedAt: e.RenewedAt, Certificate: e.Certificate,
	}
	out.Due = a.DueOf(e)
	if p, err := a.Course(v, e.Course); err == nil {
		out.Progress = learning.ProgressOf(p, e)
		for _, m := range p.Course.Modules {
			for _, id := range m.Pages {
				if _, read := e.Pages[id]; read {
					out.PagesRead = append(out.PagesRead, id)
				}
				if _, left := e.Later[id]; left {
					out.Later = append(out.Later, id)
				}
			}
		}
	}
	return out
}

// Due is by when an enrolment has to be completed, or its certificate renewed.
type Due struct {
	DueOn      string            `json:"due_on,omitempty" doc:"Last day, as in 2026-12-12; absent: nothing is due"`
	DueAt      store.Time        `json:"due_at" doc:"When that day has ended where the person works"`
	Overdue    bool              `json:"overdue,omitempty"`
	Priority   learning.Priority `json:"priority,omitempty" enum:"high,normal,low"`
	Exempt     bool              `json:"exempt,omitempty" doc:"Would have to, and is let off"`
	AssignedBy []string          `json:"assigned_by,omitempty" doc:"Names of organisations; in lists of one's own"`
}

// DueOf says what is due of an enrolment now.
func (a *API) DueOf(e *learning.Enrolment) Due {
	return Due{DueOn: e.DueOn, DueAt: e.DueAt, Overdue: e.Overdue(a.Now()), Priority: e.Priority(), Exempt: e.Exempted()}
}

type ownCourseIn struct {
	Course string `path:"course" maxLength:"100"`
}

type enrolmentOut struct {
	Status int
	Body   Enrolment
}

func (a *API) enrol(ctx context.Context, v *gate.Visitor, in *ownCourseIn) (*enrolmentOut, error) {
	e, created, err := a.Learning.Enrol(ctx, v.Learner(), in.Course)
	if err != nil {
		return nil, err
	}
	return &enrolmentOut{status(created), a.enrolmentOf(v, e)}, nil
}

func status(created bool) int {
	if created {
		return 201
	}
	return 200
}

func (a *API) getEnrolment(ctx context.Context, v *gate.Visitor, in *ownCourseIn) (*enrolmentOut, error) {
	e, err := a.Learning.Enrolment(ctx, v.Learner(), in.Course)
	if err != nil {
		return nil, err
	}
	return &enrolmentOut{200, a.enrolmentOf(v, e)}, nil
}

type enrolmentsOut struct {
	Body struct {
		Items []Enrolment `json:"items" nullable:"false"`
	}
}

func (a *API) listEnrolments(ctx context.Context, v *gate.Visitor, _ *struct{}) (*enrolmentsOut, error) {
	list, err := a.Learning.Enrolments(ctx, v.Learner())
	if err != nil {
		return nil, err
	}
	out := &enrolmentsOut{}
	out.Body.Items = []Enrolment{}
	for i := range list {
		e := a.enrolmentOf(v, &list[i])
		if e.AssignedBy, err = a.Tracking.By(ctx, &list[i]); err != nil {
			return nil, err
		}
		out.Body.Items = append(out.Body.Items, e)
	}
	return out, nil
}

type readPageIn struct {
	Course string `path:"course" maxLength:"100"`
	Page   string `path:"page" maxLength:"100"`
}

func (a *API) readPage(ctx context.Context, v *gate.Visitor, in *readPageIn) (*struct{}, error) {
	return nil, a.Learning.ReadPage(ctx, v.Learner(), in.Course, in.Page)
}

func (a *API) leavePage(ctx context.Context, v *gate.Visitor, in *readPageIn) (*struct{}, error) {
	return nil, a.Learning.LeavePage(ctx, v.Learner(), in.Course, in.Page)
}

type startIn struct {
	Attempt string `path:"attempt" maxLength:"100" doc:"A UUID that the client makes, so that a repeat starts nothing new"`
	LangIn
	Body struct {
		Course string `json:"course" maxLength:"100"`
		Quiz   string `json:"quiz" maxLength:"100"`
		// Renewal asks what renews one's certificate, and nothing else.
		Renewal bool `json:"renewal,omitempty" doc:"Take what is to be taken again of the quiz to renew one's certificate"`
	}
}

type attemptOut struct {
	Status          int
	ContentLanguage string `header:"Content-Language"`
	CacheControl    string `header:"Cache-Control"`
	Body            *learning.View
}

func (a *API) startAttempt(ctx context.Context, v *gate.Visitor, in *startIn) (*attemptOut, error) {
	start := a.Learning.Start
	if in.Body.Renewal {
		start = a.Learning.StartRenewal
	}
	attempt, created, err := start(ctx, v.Learner(), in.Attempt, in.Body.Course, in.Body.Quiz)
	if err != nil {
		return nil, err
	}
	return a.attempt(ctx, v, attempt, status(created))
}

type attemptIn struct {
	Attempt string `path:"attempt" maxLength:"100"`
	LangIn
}

func (a *API) getAttempt(ctx context.Context, v *gate.Visitor, in *attemptIn) (*attemptOut, error) {
	attempt, err := a.Learning.Attempt(ctx, v.Learner(), in.Attempt)
	if err != nil {
		return nil, err
	}
	return a.attempt(ctx, v, attempt, 200)
}

func (a *API) attempt(ctx context.Context, v *gate.Visitor, attempt *learning.Attempt, status int) (*attemptOut, error) {
	view, err := a.Learning.View(ctx, attempt, v.Edition)
	if err != nil {
		return nil, err
	}
	return &attemptOut{status, view.Lang, "no-store", view}, nil
}

type answerIn struct {
	Attempt  string `path:"attempt" maxLength:"100"`
	Question string `path:"question" maxLength:"100"`
	LangIn
	Body struct {
		// The answer stands under "response"; its fields may also stand beside
		// each other without it, as confidence may either way.
		Response *assessment.Response `json:"response,omitempty"`
		Given    *GivenItem           `json:"given,omitempty" doc:"When the answer was given; of several the latest given counts. Absent: on arrival"`
		Bare
	}
}

// GivenItem says when an answer was given.
type GivenItem struct {
	At     int64  `json:"at" minimum:"1" doc:"Milliseconds since 1970 by the server's clock, and later than given_at of every answer to the question that the client has seen"`
	Device string `json:"device" minLength:"1" maxLength:"40" doc:"Random; decides between equals"`
}

// Bare is a response without a name around it.
type Bare = assessment.Response

type answerOut struct {
	Body struct {
		Question string             `json:"question"`
		Verdict  learning.Verdict   `json:"verdict,omitempty" enum:"accepted,duplicate,superseded" doc:"superseded: an answer that was given later is there"`
		Stored   bool               `json:"stored" doc:"false: a reflection, which stays with the learner and is not kept here"`
		SavedAt  store.Time         `json:"saved_at"`
		Feedback *learning.Feedback `json:"feedback,omitempty" doc:"Only where the quiz explains after each answer"`
	}
}

func (g *GivenItem) given() learning.Given {
	if g == nil {
		return learning.Given{}
	}
	return learning.Given{At: g.At, Device: g.Device}
}

func (a *API) saveAnswer(ctx context.Context, v *gate.Visitor, in *answerIn) (*answerOut, error) {
	r := in.Body.Bare
	if in.Body.Response != nil {
		r = *in.Body.Response
		if r.Confidence == "" {
			r.Confidence = in.Body.Confidence
		}
	}
	saved, err := a.Learning.Save(ctx, v.Learner(), in.Attempt, in.Question, v.Edition, r, in.Body.Given.given())
	if err != nil {
		return nil, err
	}
	out := &answerOut{}
	out.Body.Verdict = saved.Verdict
	out.Body.Question, out.Body.Stored, out.Body.SavedAt, out.Body.Feedback = in.Question, saved.Stored, saved.SavedAt, saved.Feedback
	return out, nil
}

type outcomeOut struct {
	ContentLanguage string `header:"Content-Language"`
	CacheControl    string `header:"Cache-Control"`
	Body            *learning.Outcome
}

func (a *API) submitAttempt(ctx context.Context, v *gate.Visitor, in *attemptIn) (*outcomeOut, error) {
	attempt, err := a.Learning.Submit(ctx, v.Learner(), in.Attempt)
	if err != nil {
		return nil, err
	}
	o, err := a.Learning.Outcome(ctx, attempt, v.Edition)
	if err != nil {
		return nil, err
	}
	return &outcomeOut{o.Lang, "no-store", o}, nil
}
