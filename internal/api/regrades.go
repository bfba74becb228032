package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/pending"
	"havn/internal/regrade"
	"havn/internal/store"
)

// Regrade is that attempts of earlier versions are graded by the keys of a later one.
type Regrade struct {
	ID         string         `json:"id,omitempty" doc:"Absent for a dry run"`
	Course     string         `json:"course"`
	From       int            `json:"from_version"`
	To         int            `json:"to_version"`
	NeverLower bool           `json:"never_lower"`
	State      pending.State  `json:"state" enum:"dry-run,pending,done,undoing,undone"`
	Attempts   int            `json:"attempts" doc:"That it concerns, as far as it has come; the figures below add up to it"`
	Tally      learning.Tally `json:"tally"`
	Restored   int            `json:"restored" doc:"Attempts that undoing it has reached"`
	CreatedAt  *store.Time    `json:"created_at,omitempty"`
}

// dryRun is the state of what was not decided.
const dryRun pending.State = "dry-run"

func regradeOf(r *regrade.Regrade) Regrade {
	return Regrade{r.ID, r.Course, r.From, r.To, r.NeverLower, r.State(), r.Tally.Attempts(), r.Tally, r.Restored, &r.CreatedAt}
}

// TryRegrade tells the course's trainers what a regrade would come to.
func (a *API) TryRegrade(ctx context.Context, v *gate.Visitor, o regrade.Order) (*Regrade, error) {
	if err := a.mayPublish(v, o.Course); err != nil {
		return nil, err
	}
	t, o, err := a.Regrades.Try(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Regrade{Course: o.Course, From: o.From, To: o.To, NeverLower: o.NeverLower, State: dryRun, Attempts: t.Attempts(), Tally: t}, nil
}

// BeginRegrade decides on one, for the course's trainers.
func (a *API) BeginRegrade(ctx context.Context, v *gate.Visitor, id string, o regrade.Order) (*Regrade, error) {
	if err := a.mayPublish(v, o.Course); err != nil {
		return nil, err
	}
	r, err := a.Regrades.Begin(ctx, v.Account, id, o)
	if err != nil {
		return nil, err
	}
	out := regradeOf(r)
	return &out, nil
}

// UndoRegrade takes one back, for the course's trainers.
func (a *API) UndoRegrade(ctx context.Context, v *gate.Visitor, slug, id string) (*Regrade, error) {
	if err := a.mayPublish(v, slug); err != nil {
		return nil, err
	}
	r, err := a.Regrades.Undo(ctx, v.Account, slug, id)
	if err != nil {
		return nil, err
	}
	out := regradeOf(r)
	return &out, nil
}

// RegradesOf lists those of a course for its trainers, the newest first.
func (a *API) RegradesOf(ctx context.Context, v *gate.Visitor, slug string) ([]Regrade, error) {
	if err := a.mayPublish(v, slug); err != nil {
		return nil, err
	}
	list, err := a.Regrades.Regrades(ctx, slug)
	out := []Regrade{}
	for i := range list {
		out = append(out, regradeOf(&list[i]))
	}
	return out, err
}

type regradeIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		Regrade    string `json:"regrade,omitempty" maxLength:"36" doc:"A UUID that the client makes, so that a repeat is harmless; needed unless it is a dry run"`
		From       int    `json:"from_version" minimum:"1" doc:"Attempts of this version and later ones, before to_version"`
		To         int    `json:"to_version,omitempty" minimum:"1" doc:"Whose keys count; the current version where absent"`
		NeverLower *bool  `json:"never_lower,omitempty" doc:"Leave attempts as they are that would come to less; true where absent"`
		DryRun     bool   `json:"dry_run,omitempty" doc:"Only tell what would happen"`
	}
}

type regradeOut struct{ Body *Regrade }

func (a *API) regradeAttempts(ctx context.Context, v *gate.Visitor, in *regradeIn) (*regradeOut, error) {
	b := in.Body
	o := regrade.Order{Course: in.Course, From: b.From, To: b.To, NeverLower: b.NeverLower == nil || *b.NeverLower}
	if b.DryRun {
		r, err := a.TryRegrade(ctx, v, o)
		return &regradeOut{r}, err
	}
	r, err := a.BeginRegrade(ctx, v, b.Regrade, o)
	return &regradeOut{r}, err
}

type regradesIn struct {
	Course string `path:"course" maxLength:"100"`
}

type regradesOut struct {
	Body struct {
		Items []Regrade `json:"items" nullable:"false"`
	}
}

func (a *API) listRegrades(ctx context.Context, v *gate.Visitor, in *regradesIn) (*regradesOut, error) {
	out := &regradesOut{}
	var err error
	out.Body.Items, err = a.RegradesOf(ctx, v, in.Course)
	return out, err
}

type undoRegradeIn struct {
	Course  string `path:"course" maxLength:"100"`
	Regrade string `path:"regrade" maxLength:"36"`
}

func (a *API) undoRegrade(ctx context.Context, v *gate.Visitor, in *undoRegradeIn) (*regradeOut, error) {
	r, err := a.UndoRegrade(ctx, v, in.Course, in.Regrade)
	return &regradeOut{r}, err
}
