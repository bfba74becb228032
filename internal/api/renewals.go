package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/store"
)

// Renewal is what renews one's certificate of a course.
type Renewal struct {
	Reason      learning.Reason `json:"reason,omitempty" enum:"changed,expiring" doc:"Absent: there is nothing to renew now"`
	Certificate string          `json:"certificate,omitempty" doc:"The one to renew; it holds until its own end"`
	Since       int             `json:"since,omitempty" doc:"The version that was certified"`
	Version     int             `json:"version" doc:"The version that a new certificate would be of"`
	EndsAt      store.Time      `json:"ends_at" doc:"When the certificate ends"`
	Pages       []RenewalPage   `json:"pages" nullable:"false" doc:"To be read again"`
	Quizzes     []RenewalQuiz   `json:"quizzes" nullable:"false" doc:"To be taken again by attempts with renewal: true"`
}

// RenewalPage is a page to read again.
type RenewalPage struct {
	PageItem
	Lang string `json:"lang"`
	Dir  string `json:"dir" enum:"ltr,rtl"`
	Read bool   `json:"read" doc:"Since it changed"`
}

// RenewalQuiz is a quiz to take again, or a part of one.
type RenewalQuiz struct {
	ID        string `json:"id"`
	Module    string `json:"module" doc:"Title of its module"`
	Questions int    `json:"questions" doc:"How many an attempt asks"`
	Whole     bool   `json:"whole" doc:"false: only the questions that belong to what changed"`
	Passed    bool   `json:"passed"`
}

// Renewal is what renews the visitor's certificate of a course now.
func (a *API) Renewal(ctx context.Context, v *gate.Visitor, slug string) (*Renewal, error) {
	r, e, err := a.Learning.Renewal(ctx, v.Learner(), slug)
	if err != nil {
		return nil, err
	}
	p, err := a.Course(v, slug)
	if err != nil {
		return nil, err
	}
	out := &Renewal{Version: p.Version, Certificate: e.Certificate, EndsAt: e.EndsAt, Pages: []RenewalPage{}, Quizzes: []RenewalQuiz{}}
	if r == nil {
		return out, nil
	}
	out.Reason, out.Since = r.Reason, r.Since
	edition := v.Edition(p)
	for _, page := range r.Pages {
		t := edition.Pages[page.ID]
		out.Pages = append(out.Pages, RenewalPage{PageItem{page.ID, t.Title, t.State}, t.Lang, t.Dir, page.Read})
	}
	for _, q := range r.Quizzes {
		m, _ := p.Module(q.Quiz.ID)
		out.Quizzes = append(out.Quizzes, RenewalQuiz{q.Quiz.ID, edition.Modules[m.ID].Plain, q.Asks(p), q.Questions == nil, q.Passed})
	}
	return out, nil
}

type renewalOut struct {
	ContentLanguage string `header:"Content-Language"`
	Body            *Renewal
}

type renewalIn struct {
	Course string `path:"course" maxLength:"100"`
	LangIn
}

func (a *API) getRenewal(ctx context.Context, v *gate.Visitor, in *renewalIn) (*renewalOut, error) {
	r, err := a.Renewal(ctx, v, in.Course)
	return &renewalOut{v.Lang, r}, err
}
