package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"strings"

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
	Status      learning.Status `json:"status" enum:"enrolled,completed"`
	EnrolledAt  store.Time      `json:"enrolled_at"`
	CompletedAt store.Time      `json:"completed_at"`
	Certificate string          `json:"certificate,omitempty"`
}

// Completions is a page of the list.
type Completions struct {
	Items []Completion `json:"items" nullable:"false"`
	Next  string       `json:"next" doc:"Cursor of the next page; empty at the end"`
}

type completionsIn struct {
	Organisation string          `query:"organisation" maxLength:"100" doc:"And all below it; absent: the first that one administers, or everything for the site's administrators"`
	Course       string          `query:"course" maxLength:"100"`
	Status       learning.Status `query:"status" enum:"enrolled,completed"`
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
	f := learning.Filter{Within: within, Course: in.Course, Status: in.Status, After: in.Cursor, Limit: in.Limit}
	if in.Format == "csv" {
		if err := a.Audit.Add(ctx, audit.Event{Act: audit.CompletionsRead, Actor: v.Account.ID, Subject: in.Course}); err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(h huma.Context) {
			h.SetHeader("Content-Type", "text/csv; charset=utf-8")
			h.SetHeader("Content-Disposition", `attachment; filename="completions.csv"`)
			h.SetHeader("Cache-Control", "no-store")
			a.writeCSV(ctx, h.BodyWriter(), f)
		}}, nil
	}
	page, err := a.Learning.Completions(ctx, f)
	if err != nil {
		return nil, err
	}
	out := Completions{Items: []Completion{}, Next: page.Next}
	for i := range page.Items {
		c, err := a.Completion(ctx, &page.Items[i])
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, c)
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "application/json")
		h.SetHeader("Cache-Control", "no-store")
		_ = json.NewEncoder(h.BodyWriter()).Encode(out)
	}}, nil
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

func (a *API) writeCSV(ctx context.Context, w io.Writer, f learning.Filter) {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"account", "name", "email", "course", "version", "status", "enrolled_at", "completed_at", "certificate"})
	err := a.Learning.EachCompletion(ctx, f, func(e *learning.Enrolment) error {
		c, err := a.Completion(ctx, e)
		if err != nil {
			return err
		}
		return out.Write([]string{
			c.Account, inert(c.Name), inert(c.Email), c.Course, itoa(c.Version), string(c.Status), text(c.EnrolledAt), text(c.CompletedAt), c.Certificate,
		})
	})
	if err != nil {
		// The headers are gone: a last line says that the list is not whole.
		a.Problem("en", err)
		_ = out.Write([]string{"incomplete", "the list broke off here; ask again"})
	}
	out.Flush()
}

// inert keeps a spreadsheet from taking a text for a formula (OWASP, CSV
// Injection): an apostrophe goes before what could begin one.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
