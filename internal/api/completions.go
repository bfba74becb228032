package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Completion is one line of the administrator's list. Answers and scores are
// not in it, and must not be used for appraisal.
type Completion struct {
	Account     string          `json:"account"`
	Name        string          `json:"name"`
	Email       string          `json:"email"`
	Course      string          `json:"course"`
	Version     int             `json:"version"`
	Status      learning.Status `json:"status" enum:"assigned,exempt,enrolled,completed"`
	EnrolledAt  store.Time      `json:"enrolled_at"`
	CompletedAt store.Time      `json:"completed_at"`
	Certificate string          `json:"certificate,omitempty"`
	DueOn       string          `json:"due_on,omitempty"`
	Overdue     bool            `json:"overdue,omitempty"`
}

// Completions is a page of the list.
type Completions struct {
	Items []Completion `json:"items" nullable:"false"`
	Next  string       `json:"next" doc:"Cursor of the next page; empty at the end"`
	// Counted are those of organisations whose administrators see counts only.
	Counted *Counted `json:"counted,omitempty" doc:"Of organisations that show no names"`
	// Hidden is the same as it is, to be taken off a sum and never shown: what a
	// sum has more than the list would tell it.
	Hidden map[learning.Status]int64 `json:"-"`
}

// Counted is how many there are where names are not shown. Under FewPeople a
// number would point at somebody, and is absent.
type Counted struct {
	Enrolled  *int64 `json:"enrolled,omitempty" doc:"Absent: fewer than five"`
	Completed *int64 `json:"completed,omitempty" doc:"Absent: fewer than five"`
}

// FewPeople is the least number of people that a count is shown of: k-anonymity
// with k = 5, as in the small cells of official statistics.
const FewPeople = 5

type completionsIn struct {
	Organisation string          `query:"organisation" maxLength:"100" doc:"And all below it; absent: the first that one administers, or everything for the site's administrators"`
	Course       string          `query:"course" maxLength:"100"`
	Status       learning.Status `query:"status" enum:"assigned,exempt,enrolled,completed"`
	Overdue      bool            `query:"overdue" doc:"Only those whose day has passed, the longest ago first"`
	Format       string          `query:"format" enum:"json,csv" default:"json" doc:"csv is the whole list, json a page"`
	Cursor       string          `query:"cursor" maxLength:"500"`
	Limit        int             `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func completionsOp(h huma.API) huma.Operation {
	o := answers[Completions](h, op("list-completions", http.MethodGet, "/completions",
		"Who is enrolled, who completed, when, with which certificate", 200, 403), "A page as JSON, or the whole list as CSV")
	o.Responses["200"].Content["text/csv"] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	return o
}

func (a *API) listCompletions(ctx context.Context, v *gate.Visitor, in *completionsIn) (*huma.StreamResponse, error) {
	within, err := a.Within(ctx, v, people.SeeCompletions, in.Organisation)
	if err != nil {
		return nil, err
	}
	f := learning.Filter{Within: within, Course: in.Course, Status: in.Status, Overdue: in.Overdue, After: in.Cursor, Limit: in.Limit}
	if in.Format == "csv" {
		if err := a.Audit.Add(ctx, audit.Event{Act: audit.CompletionsRead, Actor: v.Account.ID, Subject: in.Course}); err != nil {
			return nil, err
		}
		return a.completionsCSV(ctx, f)
	}
	out, err := a.Completions(ctx, f)
	if err != nil {
		return nil, err
	}
	return jsonBody(out), nil
}

// Completions is a page of the list, without the people of organisations that
// show counts only.
func (a *API) Completions(ctx context.Context, f learning.Filter) (*Completions, error) {
	counted, err := a.People.Counted(ctx)
	if err != nil {
		return nil, err
	}
	page, err := a.Learning.Completions(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &Completions{Items: []Completion{}, Next: page.Next}
	for i := range page.Items {
		e := &page.Items[i]
		if within(e.Unit, counted) || e.Status == learning.Released {
			continue
		}
		c, err := a.Completion(ctx, e)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, c)
	}
	out.Counted, out.Hidden, err = a.counted(ctx, f, counted)
	return out, err
}

func within(path string, above []string) bool {
	return slices.ContainsFunc(above, func(p string) bool { return people.Within(path, p) })
}

// counted adds up the organisations within the filter that show counts only.
func (a *API) counted(ctx context.Context, f learning.Filter, paths []string) (out *Counted, sum map[learning.Status]int64, err error) {
	sum = map[learning.Status]int64{}
	for _, path := range paths {
		if slices.ContainsFunc(paths, func(p string) bool { return p != path && people.Within(path, p) }) {
			continue // counted with the one above it
		}
		at := f
		switch {
		case people.Within(path, f.Within):
			at.Within = path
		case !people.Within(f.Within, path):
			continue
		}
		tally, err := a.Learning.Tally(ctx, at)
		if err != nil {
			return nil, nil, err
		}
		out = &Counted{}
		for status, n := range tally {
			sum[status] += n
		}
	}
	show := func(n int64) *int64 {
		if n < FewPeople {
			return nil
		}
		return &n
	}
	if out != nil {
		out.Completed = show(sum[learning.Completed])
		out.Enrolled = show(sum[learning.Enrolled])
	}
	return out, sum, nil
}

// Within is the path of the organisation that a list is asked of: the one named,
// or the first that the visitor may do the act to, "" being everything. One that
// they may not is "not-found".
func (a *API) Within(ctx context.Context, v *gate.Visitor, act people.Act, organisation string) (string, error) {
	if organisation == "" {
		if scopes := v.Scope(act); len(scopes) > 0 {
			return scopes[0], nil
		}
		return "", fault.New("forbidden")
	}
	o, err := a.OrganisationFor(ctx, v, act, organisation)
	if err != nil {
		return "", err
	}
	return o.Path, nil
}

// Completion puts the person's name to an enrolment.
func (a *API) Completion(ctx context.Context, e *learning.Enrolment) (Completion, error) {
	c := Completion{
		Account: e.Account, Course: e.Course, Version: e.Version, Status: e.Status,
		EnrolledAt: e.EnrolledAt, CompletedAt: e.CompletedAt, Certificate: e.Certificate,
		DueOn: e.DueOn, Overdue: e.Overdue(a.Now()),
	}
	person, err := a.People.Account(ctx, e.Account)
	switch {
	case err == nil:
		c.Name, c.Email = person.Name, person.Email
	case !fault.Is(err, "not-found"):
		return c, err
	}
	return c, nil
}

func (a *API) completionsCSV(ctx context.Context, f learning.Filter) (*huma.StreamResponse, error) {
	counted, err := a.People.Counted(ctx)
	if err != nil {
		return nil, err
	}
	columns := []string{"account", "name", "email", "course", "version", "status", "enrolled_at", "completed_at", "certificate", "due_on"}
	return csvFile("completions.csv", columns, func(row func(...string) error) error {
		return a.Learning.EachCompletion(ctx, f, func(e *learning.Enrolment) error {
			if within(e.Unit, counted) || e.Status == learning.Released {
				return nil
			}
			c, err := a.Completion(ctx, e)
			if err != nil {
				return err
			}
			return row(c.Account, c.Name, c.Email, c.Course, itoa(c.Version), string(c.Status), text(c.EnrolledAt), text(c.CompletedAt), c.Certificate, c.DueOn)
		})
	}), nil
}
