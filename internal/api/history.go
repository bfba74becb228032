package api

import (
	"context"
	"strings"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/history"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/roster"
	"havn/internal/store"
)

// HistoryImport is a list of completions elsewhere that was taken in.
type HistoryImport struct {
	ID           string        `json:"id"`
	Organisation string        `json:"organisation"`
	State        pending.State `json:"state" enum:"pending,done,undoing,undone"`
	Rows         int           `json:"rows" doc:"Completions that it brings"`
	Recorded     int           `json:"recorded" doc:"Of those, so far"`
	CreatedAt    store.Time    `json:"created_at"`
}

func importOf(i *history.Import) HistoryImport {
	return HistoryImport{i.ID, people.IDOf(i.Organisation), i.State(), i.Rows, i.Recorded, i.CreatedAt}
}

// HistoryPlan is what taking in a list does, or would do.
type HistoryPlan struct {
	Import    *HistoryImport `json:"import,omitempty" doc:"Absent for a dry run: nothing has happened yet"`
	Records   int            `json:"records" doc:"Lines that are recorded"`
	Same      int            `json:"same" doc:"Lines that are recorded already"`
	Certified int            `json:"certified" doc:"Lines of people who have completed the course here; nothing is recorded"`
	Refused   int            `json:"refused"`
	Steps     []history.Step `json:"steps" nullable:"false"`
}

type importHistoryIn struct {
	OrganisationIn
	ID      string `query:"import" format:"uuid" doc:"Id of the import; needed to do it"`
	DryRun  bool   `query:"dry_run" default:"true" doc:"Only tell what would happen; false does it, in the background where the list is long"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type importHistoryOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         HistoryPlan
}

func (a *API) importHistory(ctx context.Context, v *gate.Visitor, in *importHistoryIn) (*importHistoryOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	out, err := a.ImportHistory(ctx, v, o, in.ID, in.RawBody, !in.DryRun)
	if err != nil {
		return nil, err
	}
	return &importHistoryOut{"no-store", *out}, nil
}

// ImportHistory tells what taking in a list of completions under an id does, and
// does it if asked to.
func (a *API) ImportHistory(ctx context.Context, v *gate.Visitor, o *people.Organisation, id string, file []byte, do bool) (*HistoryPlan, error) {
	rows, err := roster.ReadPast(file)
	if err != nil {
		return nil, err
	}
	steps, err := a.History.Plan(ctx, o, strings.ToLower(id), rows)
	if err != nil {
		return nil, err
	}
	out := &HistoryPlan{Steps: steps}
	for _, s := range steps {
		switch s.Does {
		case history.Records:
			out.Records++
		case history.Same:
			out.Same++
		case history.Certified:
			out.Certified++
		case history.Refuse:
			out.Refused++
		}
	}
	if !do {
		return out, nil
	}
	i, err := a.History.Begin(ctx, v.Account, strings.ToLower(id), o, steps)
	if err != nil {
		return nil, err
	}
	begun := importOf(i)
	out.Import = &begun
	return out, nil
}

type importsOut struct {
	Body struct {
		Items []HistoryImport `json:"items" nullable:"false"`
	}
}

func (a *API) listImports(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*importsOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	out := &importsOut{}
	out.Body.Items, err = a.Imports(ctx, o)
	return out, err
}

// Imports are those of an organisation and of those below, the newest first.
func (a *API) Imports(ctx context.Context, o *people.Organisation) ([]HistoryImport, error) {
	list, err := a.History.Imports(ctx, o.Path)
	out := []HistoryImport{}
	for i := range list {
		out = append(out, importOf(&list[i]))
	}
	return out, err
}

type undoImportIn struct {
	OrganisationIn
	ID string `path:"import" format:"uuid"`
}

type undoImportOut struct{ Body HistoryImport }

func (a *API) undoImport(ctx context.Context, v *gate.Visitor, in *undoImportIn) (*undoImportOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageCohorts, in.Organisation)
	if err != nil {
		return nil, err
	}
	i, err := a.UndoImport(ctx, v, o, in.ID)
	if err != nil {
		return nil, err
	}
	return &undoImportOut{*i}, nil
}

// UndoImport takes one back that an organisation, or one below it, took in.
func (a *API) UndoImport(ctx context.Context, v *gate.Visitor, o *people.Organisation, id string) (*HistoryImport, error) {
	i, err := a.History.Import(ctx, strings.ToLower(id))
	if err == nil && !people.Within(i.Organisation, o.Path) {
		err = fault.New("not-found")
	}
	if err == nil {
		i, err = a.History.Undo(ctx, v.Account, i)
	}
	if err != nil {
		return nil, err
	}
	out := importOf(i)
	return &out, nil
}
