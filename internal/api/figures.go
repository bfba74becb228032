package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/store"
	"havn/internal/tracking"
)

// Figures is one line of a report: how many people. What is not told is null.
type Figures struct {
	Key        string `json:"key" doc:"Id of a unit (that of the unit asked for: who works at it and not below), slug of a course, tag of a language, profession (empty: unsaid), ISO week, or country (empty: none) of the organisation at the top"`
	Assigned   *int   `json:"assigned" doc:"Have the course, or have to take it; null: not told"`
	Certified  *int   `json:"certified" doc:"Have completed it and are behind with nothing; null: not told"`
	Overdue    *int   `json:"overdue" doc:"Have let a day pass on which something was due; null: not told"`
	Suppressed bool   `json:"suppressed" doc:"Something is null: the figure is about fewer than five people, or would give such a one away"`
}

func reportOp() huma.Operation {
	o := op("report-completion", http.MethodGet, "/reports/completion",
		"How many have a course, are certified, are overdue: by unit, course, language, profession, week or country; none of fewer than five people", 200, 403, 404)
	o.Description = "No figure about fewer than five people is told, nor one from which it would follow: not by adding, subtracting, other filters or periods, and not for who sees the names of all people but those of organisations that show none. Where fewer than five of these have a course, they are in none of its figures."
	return o
}

type figuresIn struct {
	By     tracking.By `query:"by" enum:"unit,course,language,profession,week,country" required:"true"`
	Course string      `query:"course" maxLength:"100" doc:"Absent: all courses that at least five people have, added up"`
	Unit   string      `query:"unit" maxLength:"100" doc:"An organisation with all below it; absent: the first that one administers, or everything for the site's administrators"`
	From   string      `query:"from" maxLength:"10" doc:"Day such as 2026-01-31; its whole week counts. People count in the week in which they came to stand as they do: were certified, were late, or else came to have the course. With it, figures by language and profession are not told"`
	To     string      `query:"to" maxLength:"10" doc:"Day; its whole week counts"`
}

type figuresOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []Figures  `json:"items" nullable:"false"`
		At    store.Time `json:"at" doc:"When people stood so; minutes ago where there are many"`
		From  string     `json:"from,omitempty" doc:"First week that counts"`
		To    string     `json:"to,omitempty" doc:"Last week that counts"`
	}
}

func (a *API) reportCompletion(ctx context.Context, v *gate.Visitor, in *figuresIn) (*figuresOut, error) {
	within, err := a.Within(ctx, v, people.SeeFigures, in.Unit)
	if err != nil {
		return nil, err
	}
	r, err := a.Tracking.Report(ctx, tracking.Asked{By: in.By, Course: in.Course, Within: within, Named: in.Unit != "", From: in.From, To: in.To})
	if err != nil {
		return nil, err
	}
	out := &figuresOut{CacheControl: "no-store"}
	out.Body.Items, out.Body.At, out.Body.From, out.Body.To = []Figures{}, r.At, r.From, r.To
	for _, l := range r.Lines {
		out.Body.Items = append(out.Body.Items, Figures{l.Key, number(l.All), number(l.Done), number(l.Late), l.Hidden()})
	}
	return out, nil
}

func number(f protect.Figure) *int {
	if !f.Told {
		return nil
	}
	return &f.N
}
