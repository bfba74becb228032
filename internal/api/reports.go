package api

import (
	"context"
	"strings"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/report"
	"havn/internal/store"
)

// ReportItem is a report in the trainers' queue.
type ReportItem struct {
	ID        string      `json:"id"`
	Course    string      `json:"course"`
	Version   int         `json:"version"`
	Place     string      `json:"place"`
	Lang      string      `json:"lang"`
	Kind      report.Kind `json:"kind" enum:"fact,unclear,translation,other"`
	Text      string      `json:"text"`
	Name      string      `json:"name,omitempty" doc:"Of the reader, where they wish for an answer"`
	Email     string      `json:"email,omitempty"`
	WrittenAt store.Time  `json:"written_at"`
}

type reportIn struct {
	Report string `path:"report" maxLength:"40"`
	LangIn
	Body struct {
		Course string `json:"course" maxLength:"100"`
		Place  string `json:"place" maxLength:"120" doc:"page:ID or question:ID"`
		Kind   string `json:"kind" enum:"fact,unclear,translation,other"`
		Text   string `json:"text" maxLength:"10000" doc:"At most 1,000 characters; nothing about real children or cases"`
		Named  bool   `json:"named,omitempty" doc:"The trainers may know who wrote it, to answer"`
	}
}

func (a *API) writeReport(ctx context.Context, v *gate.Visitor, in *reportIn) (*struct{}, error) {
	b := in.Body
	return nil, a.Report(ctx, v, &report.Report{
		Meta: store.Meta{ID: in.Report}, Course: b.Course, Place: b.Place, Kind: report.Kind(b.Kind), Text: b.Text, Named: b.Named,
	})
}

// Report keeps what a visitor says is wrong with a text of a course. Faults are
// those of report.Desk.Write, and "not-found" where there is no such text.
func (a *API) Report(ctx context.Context, v *gate.Visitor, r *report.Report) error {
	p, err := a.Course(v, r.Course)
	if err != nil {
		return err
	}
	e := v.Edition(p)
	switch kind, id, _ := strings.Cut(r.Place, ":"); {
	case kind == "page" && e.Pages[id] != nil:
		r.Lang = e.Pages[id].Lang
	case kind == "question" && e.Questions[id] != nil:
		r.Lang = e.Questions[id].Lang
	default:
		return fault.New("not-found")
	}
	r.Version, r.Owner, r.Account = p.Version, a.Library.Owner(r.Course), v.Account.ID
	return a.Reports.Write(ctx, r)
}

// Queue is what readers have reported of the courses that the visitor may publish.
func (a *API) Queue(ctx context.Context, v *gate.Visitor) ([]ReportItem, error) {
	list, err := a.Reports.Queue(ctx, false, publishes(v))
	if err != nil {
		return nil, err
	}
	items := []ReportItem{}
	for _, r := range list {
		item := ReportItem{ID: r.ID, Course: r.Course, Version: r.Version, Place: r.Place, Lang: r.Lang, Kind: r.Kind, Text: r.Text, WrittenAt: r.WrittenAt}
		if r.Named {
			person, err := a.People.Account(ctx, r.Account)
			if err == nil {
				item.Name, item.Email = person.Name, person.Email
			} else if !fault.Is(err, "not-found") {
				return nil, err
			}
		}
		items = append(items, item)
	}
	return items, nil
}

func publishes(v *gate.Visitor) func(owner string) bool {
	return func(owner string) bool { return v.MayAt(people.Publish, owner) == nil }
}

type reportsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []ReportItem `json:"items" nullable:"false"`
	}
}

func (a *API) listReports(ctx context.Context, v *gate.Visitor, _ *struct{}) (*reportsOut, error) {
	items, err := a.Queue(ctx, v)
	out := &reportsOut{CacheControl: "no-store"}
	out.Body.Items = items
	return out, err
}

type reportDoneIn struct {
	Report string `path:"report" maxLength:"40"`
	Body   struct {
		Done bool `json:"done"`
	}
}

func (a *API) setReport(ctx context.Context, v *gate.Visitor, in *reportDoneIn) (*struct{}, error) {
	return nil, a.SetReport(ctx, v, in.Report, in.Body.Done)
}

// SetReport takes a report off the queue of the visitor's courses, or puts it back.
func (a *API) SetReport(ctx context.Context, v *gate.Visitor, id string, done bool) error {
	return a.Reports.SetDone(ctx, id, done, publishes(v))
}
