package api

import (
	"context"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/report"
	"havn/internal/store"
)

// Report is a problem that a reader saw in a text.
type Report struct {
	ID string `json:"id"`
	report.Place
	Kind      report.Kind  `json:"kind" enum:"wrong-fact,hard,translation,other"`
	Text      string       `json:"text"`
	State     report.State `json:"state" enum:"open,done"`
	CreatedAt store.Time   `json:"created_at"`
	DoneAt    store.Time   `json:"done_at"`
	// From is absent unless the reader asks for an answer.
	From *ReportFrom `json:"from,omitempty" doc:"Who may be answered; absent where the reader did not ask for it"`
}

// ReportFrom is a reader who may be answered.
type ReportFrom struct {
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}

type reportIn struct {
	Report string `path:"report" maxLength:"100" doc:"A UUID that the client makes, so that a repeat reports nothing new"`
	Body   struct {
		Course   string      `json:"course" maxLength:"100"`
		Version  int         `json:"version" minimum:"1"`
		Page     string      `json:"page,omitempty" maxLength:"100"`
		Question string      `json:"question,omitempty" maxLength:"100"`
		Block    int         `json:"block,omitempty" minimum:"0" doc:"Of the page, from 1; 0 the whole"`
		Language string      `json:"language" maxLength:"35"`
		Kind     report.Kind `json:"kind" enum:"wrong-fact,hard,translation,other"`
		Text     string      `json:"text" maxLength:"4000" doc:"At most 1,000 characters; never about a real child or case"`
		Answer   bool        `json:"answer,omitempty" doc:"Keep who I am, so that I can be answered"`
	}
}

type reportOut struct {
	Body Report
}

func (a *API) reportText(ctx context.Context, v *gate.Visitor, in *reportIn) (*reportOut, error) {
	b := in.Body
	x, err := a.Reports.Make(ctx, in.Report, v.Account.ID, b.Answer, report.Report{
		Place: report.Place{Course: b.Course, Version: b.Version, Page: b.Page, Question: b.Question, Block: b.Block, Language: b.Language}, Kind: b.Kind, Text: b.Text,
	})
	if err != nil {
		return nil, err
	}
	out, err := a.reportOf(ctx, x)
	return &reportOut{out}, err
}

func (a *API) reportOf(ctx context.Context, x *report.Report) (Report, error) {
	out := Report{ID: x.ID, Place: x.Place, Kind: x.Kind, Text: x.Text, State: x.State(), CreatedAt: x.CreatedAt, DoneAt: x.DoneAt}
	if x.Account == "" {
		return out, nil
	}
	who, err := a.People.Account(ctx, x.Account)
	if fault.Is(err, "not-found") {
		return out, nil
	}
	if err == nil {
		out.From = &ReportFrom{who.Name, who.Email}
	}
	return out, err
}

// CourseReports are those on the courses whose trainer the visitor is.
func (a *API) CourseReports(ctx context.Context, v *gate.Visitor, state report.State) ([]Report, error) {
	list, err := a.Reports.List(ctx, state, a.trains(v))
	if err != nil {
		return nil, err
	}
	out := []Report{}
	for i := range list {
		x, err := a.reportOf(ctx, &list[i])
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

// SettleReport marks a report on a course of the visitor's.
func (a *API) SettleReport(ctx context.Context, v *gate.Visitor, id string, state report.State) (*report.Report, error) {
	return a.Reports.Settle(ctx, id, state, a.trains(v))
}

func (a *API) trains(v *gate.Visitor) func(slug string) bool {
	return func(slug string) bool { return v.MayAt(people.Publish, a.Library.Owner(slug)) == nil }
}

type reportsIn struct {
	State report.State `query:"state" enum:"open,done" doc:"Absent: both"`
}

type reportsOut struct {
	Body struct {
		Items []Report `json:"items" nullable:"false"`
	}
}

func (a *API) listReports(ctx context.Context, v *gate.Visitor, in *reportsIn) (*reportsOut, error) {
	list, err := a.CourseReports(ctx, v, in.State)
	out := &reportsOut{}
	out.Body.Items = list
	return out, err
}

type settleIn struct {
	Report string `path:"report" maxLength:"100"`
	Body   struct {
		State report.State `json:"state" enum:"open,done"`
	}
}

func (a *API) settleReport(ctx context.Context, v *gate.Visitor, in *settleIn) (*reportOut, error) {
	x, err := a.SettleReport(ctx, v, in.Report, in.Body.State)
	if err != nil {
		return nil, err
	}
	out, err := a.reportOf(ctx, x)
	return &reportOut{out}, err
}
