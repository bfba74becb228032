package api

import (
	"cmp"
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
	Status      learning.Status `json:"status" enum:"assigned,exempt,enrolled,recorded,completed" doc:"recorded: completed elsewhere, as a list says, and not here"`
	EnrolledAt  store.Time      `json:"enrolled_at"`
	CompletedAt store.Time      `json:"completed_at"`
	Certificate string          `json:"certificate,omitempty"`
	DueOn       string          `json:"due_on,omitempty"`
	Overdue     bool            `json:"overdue,omitempty"`
	Elsewhere   *Elsewhere      `json:"elsewhere,omitempty" doc:"The newest completion elsewhere; Havn made no certificate of it"`
}

// Elsewhere is a completion that another system knows of.
type Elsewhere struct {
	On        string `json:"completed_on"`
	EndsOn    string `json:"expires_on,omitempty" doc:"As the list says; the course's rule may end it before"`
	Reference string `json:"reference,omitempty"`
	Origin    string `json:"origin,omitempty"`
}

func elsewhereOf(e *learning.Enrolment) *Elsewhere {
	x := e.Recorded()
	if x == nil {
		return nil
	}
	return &Elsewhere{x.On, x.EndsOn, x.Reference, x.Origin}
}

// Completions is a page of the list.
type Completions struct {
	Items []Completion `json:"items" nullable:"false"`
	Next  string       `json:"next" doc:"Cursor of the next page; empty at the end"`
	// Counted are those of organisations whose administrators see counts only.
	Counted *Counted `json:"counted,omitempty" doc:"Of organisations that show no names, by course and organisation alone, as the report of completion tells it"`
}

// Counted is how many there are where names are not shown: protected figures.
type Counted struct {
	Assigned  *int `json:"assigned" doc:"Have the course, or have to take it; null: not told"`
	Certified *int `json:"certified" doc:"Have completed it and are behind with nothing; null: not told"`
	Overdue   *int `json:"overdue" doc:"Have let a day pass on which something was due; null: not told"`
}

type completionsIn struct {
	Organisation string          `query:"organisation" maxLength:"100" doc:"And all below it; absent: the first that one administers, or everything for the site's administrators"`
	Course       string          `query:"course" maxLength:"100"`
	Status       learning.Status `query:"status" enum:"assigned,exempt,enrolled,recorded,completed"`
	Overdue      bool            `query:"overdue" doc:"Only those whose day has passed, the longest ago first"`
	Delta        bool            `query:"delta" doc:"In the order of the last change, and next is never empty: asked with it later, the list is what has changed since. A change shows after some seconds"`
	Format       string          `query:"format" enum:"json,csv,xlsx" default:"json" doc:"csv and xlsx are the whole list behind the cursor, json a page"`
	Cursor       string          `query:"cursor" maxLength:"500"`
	Limit        int             `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

// columns of the list as a file, with what each is.
var columns = []struct{ name, says string }{
	{"account", "id of the person, which stays the same"},
	{"name", "as the person writes it"},
	{"email", "address; empty for who came without one"},
	{"course", "slug of the course"},
	{"version", "publication that the person is on"},
	{"status", "assigned (has not begun), exempt, enrolled, recorded (completed elsewhere, and not here) or completed"},
	{"enrolled_at", "when they began, UTC"},
	{"completed_at", "when they completed, UTC"},
	{"certificate", "code by which anybody can check the certificate"},
	{"due_on", "last day on which what is next is in time"},
	{"elsewhere_on", "day of the newest completion elsewhere that a list told of; Havn made no certificate of it"},
	{"elsewhere_reference", "of its certificate in the other system"},
	{"elsewhere_origin", "name of that system or place"},
}

func completionsOp(h huma.API) huma.Operation {
	o := answers[Completions](h, op("list-completions", http.MethodGet, "/completions",
		"Who is enrolled, who completed, when, with which certificate", 200, 403), "A page as JSON, or the whole list as CSV or XLSX")
	o.Responses["200"].Content["text/csv"] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	o.Responses["200"].Content[kinds["xlsx"].media] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	o.Description = "Answers and scores are not in it, and must not be used for appraisal. As a file it has these columns:\n"
	for _, c := range columns {
		o.Description += "\n- `" + c.name + "`: " + c.says
	}
	o.Description += "\n\nA text that a spreadsheet would take for a formula begins with an apostrophe in CSV, and is a text in XLSX. Where a file breaks off, its last line begins with `incomplete`."
	return o
}

func (a *API) listCompletions(ctx context.Context, v *gate.Visitor, in *completionsIn) (*huma.StreamResponse, error) {
	within, err := a.Within(ctx, v, people.SeeCompletions, in.Organisation)
	if err != nil {
		return nil, err
	}
	f := learning.Filter{Within: within, Course: in.Course, Status: in.Status, Overdue: in.Overdue, Changed: in.Delta, After: in.Cursor, Limit: in.Limit}
	if in.Format != "json" {
		if err := a.Audit.Add(ctx, audit.Event{Act: audit.CompletionsRead, Actor: v.Account.ID, Subject: in.Course}); err != nil {
			return nil, err
		}
		return a.completionsFile(ctx, in.Format, f)
	}
	out, err := a.Completions(ctx, f)
	if err != nil {
		return nil, err
	}
	return jsonBody(out), nil
}

// Completions is a page of the list, without the people of organisations that
// show counts only; how many these are it tells as far as protect lets it.
func (a *API) Completions(ctx context.Context, f learning.Filter) (*Completions, error) {
	var err error
	if f.Without, err = a.People.Counted(ctx); err != nil {
		return nil, err
	}
	page, err := a.Learning.Completions(ctx, f)
	if err != nil {
		return nil, err
	}
	out := &Completions{Items: []Completion{}, Next: page.Next}
	if f.Changed {
		out.Next = cmp.Or(page.End, f.After)
	}
	if out.Items, err = a.named(ctx, page.Items, map[string]people.Named{}); err != nil {
		return nil, err
	}
	var places []string
	for _, path := range f.Without {
		if people.Within(path, f.Within) {
			places = append(places, path)
		} else if people.Within(f.Within, path) {
			places = append(places, f.Within)
		}
	}
	if len(places) > 0 {
		l, err := a.Tracking.Told(ctx, f.Course, places)
		if err != nil {
			return nil, err
		}
		out.Counted = &Counted{number(l.All), number(l.Done), number(l.Late)}
	}
	return out, nil
}

func within(path string, above []string) bool {
	return slices.ContainsFunc(above, func(p string) bool { return people.Within(path, p) })
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

// named puts the people's names to enrolments. Names that are known are not looked
// up again.
func (a *API) named(ctx context.Context, list []learning.Enrolment, known map[string]people.Named) ([]Completion, error) {
	out := []Completion{}
	var ids []string
	for i := range list {
		e := &list[i]
		if e.Status == learning.Released {
			continue
		}
		out = append(out, Completion{
			Account: e.Account, Course: e.Course, Version: e.Version, Status: e.Status,
			EnrolledAt: e.EnrolledAt, CompletedAt: e.CompletedAt, Certificate: e.Certificate,
			DueOn: e.DueOn, Overdue: e.Overdue(a.Now()), Elsewhere: elsewhereOf(e),
		})
		if _, ok := known[e.Account]; !ok {
			ids = append(ids, e.Account)
		}
	}
	if err := a.People.Names(ctx, ids, known); err != nil {
		return nil, err
	}
	for i := range out {
		person := known[out[i].Account]
		out[i].Name, out[i].Email = person.Name, person.Email
	}
	return out, nil
}

// Completion puts the person's name to an enrolment.
func (a *API) Completion(ctx context.Context, e *learning.Enrolment) (Completion, error) {
	list, err := a.named(ctx, []learning.Enrolment{*e}, map[string]people.Named{})
	if err != nil || len(list) == 0 {
		return Completion{}, err
	}
	return list[0], nil
}

// keepNames is how many people an export remembers, whose names it met.
const keepNames = 50_000

func (a *API) completionsFile(ctx context.Context, kind string, f learning.Filter) (*huma.StreamResponse, error) {
	var err error
	if f.Without, err = a.People.Counted(ctx); err != nil {
		return nil, err
	}
	t := table{name: "completions"}
	for _, c := range columns {
		t.columns = append(t.columns, c.name)
	}
	ctx = context.WithoutCancel(ctx) // the rows leave when the handler has ended
	t.each = func(row func(...string) error) error {
		known := map[string]people.Named{}
		return a.Learning.CompletionsBy(ctx, f, func(batch []learning.Enrolment) error {
			if len(known) > keepNames {
				clear(known)
			}
			list, err := a.named(ctx, batch, known)
			if err != nil {
				return err
			}
			for _, c := range list {
				there := Elsewhere{}
				if c.Elsewhere != nil {
					there = *c.Elsewhere
				}
				if err := row(c.Account, c.Name, c.Email, c.Course, itoa(c.Version), string(c.Status), text(c.EnrolledAt), text(c.CompletedAt), c.Certificate, c.DueOn, there.On, there.Reference, there.Origin); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return file(kind, t), nil
}
