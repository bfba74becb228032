package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/roster"
)

// Import is what taking in a list of people does, or would do.
type Import struct {
	Done    bool          `json:"done" doc:"false: nothing has happened yet"`
	Invited int           `json:"invited"`
	Moved   int           `json:"moved"`
	Same    int           `json:"same" doc:"Were there already"`
	Refused int           `json:"refused"`
	Steps   []people.Step `json:"steps" nullable:"false"`
}

type importIn struct {
	OrganisationIn
	DryRun  bool   `query:"dry_run" default:"true" doc:"Only tell what would happen; false does it"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type importOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         Import
}

func (a *API) importMembers(ctx context.Context, v *gate.Visitor, in *importIn) (*importOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	rows, err := roster.Read(in.RawBody)
	if err != nil {
		return nil, err
	}
	out, err := a.Import(ctx, v, o, rows, !in.DryRun)
	if err != nil {
		return nil, err
	}
	return &importOut{"no-store", *out}, nil
}

// Import tells what taking in a list does, and does it if asked to.
func (a *API) Import(ctx context.Context, v *gate.Visitor, o *people.Organisation, rows []roster.Row, do bool) (*Import, error) {
	steps, err := a.People.Plan(ctx, v.Account, o, rows)
	if err != nil {
		return nil, err
	}
	out := &Import{Done: do, Steps: steps}
	for _, s := range steps {
		switch s.Does {
		case people.DoesInvite:
			out.Invited++
		case people.DoesMove:
			out.Moved++
		case people.DoesNothing:
			out.Same++
		case people.DoesRefuse:
			out.Refused++
		}
	}
	if !do {
		return out, nil
	}
	return out, a.People.Import(ctx, v.Account, o, steps)
}
