package api

import (
	"context"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/library"
	"havn/internal/people"
	"havn/internal/store"
)

// DraftItem is how far a draft is.
type DraftItem struct {
	Course    string               `json:"course"`
	From      int                  `json:"from" doc:"The version that it was begun from; 0: the course is new"`
	State     authoring.DraftState `json:"state" enum:"open,review,approved"`
	Own       bool                 `json:"own" doc:"One has changed something of it, and so cannot approve it"`
	ChangedAt store.Time           `json:"changed_at"`
	PublishAt *store.Time          `json:"publish_at,omitempty" doc:"When it is published by itself"`
}

func draftItem(v *gate.Visitor, d *authoring.Draft) DraftItem {
	out := DraftItem{Course: d.ID, From: d.From, State: d.State, ChangedAt: d.ChangedAt}
	for _, id := range d.Authors {
		out.Own = out.Own || id == v.Account.ID
	}
	if !d.PublishAt.IsZero() {
		out.PublishAt = &d.PublishAt
	}
	return out
}

// Draft is the draft of a course that the visitor may publish. Who may not learns
// of a course that was never published nothing.
func (a *API) Draft(ctx context.Context, v *gate.Visitor, slug string) (*authoring.Draft, error) {
	if _, ok := a.Library.Current(slug); ok {
		if err := a.mayPublish(v, slug); err != nil {
			return nil, err
		}
	}
	d, err := a.Drafts.Get(ctx, slug)
	if err != nil {
		return nil, err
	}
	return d, v.MayAt(people.Publish, d.Owner)
}

// DraftIn names the draft that an operation is about. Exported, as huma passes
// over embedded types that are not.
type DraftIn struct {
	Course string `path:"course" maxLength:"100"`
}

func (in *DraftIn) draft() string { return in.Course }

// onDraft gives an operation the draft that it names, which the visitor may work on.
func onDraft[I any, P interface {
	*I
	draft() string
}, O any](a *API, do func(context.Context, *gate.Visitor, *authoring.Draft, *I) (*O, error)) func(context.Context, *gate.Visitor, *I) (*O, error) {
	return func(ctx context.Context, v *gate.Visitor, in *I) (*O, error) {
		d, err := a.Draft(ctx, v, P(in).draft())
		if err != nil {
			return nil, err
		}
		return do(ctx, v, d, in)
	}
}

type draftOut struct{ Body DraftItem }

func draftAnswer(v *gate.Visitor, d *authoring.Draft, err error) (*draftOut, error) {
	if err != nil {
		return nil, err
	}
	return &draftOut{draftItem(v, d)}, nil
}

type beginDraftIn struct {
	DraftIn
	Body struct {
		Title     string   `json:"title,omitempty" maxLength:"200" doc:"Of a course that is new"`
		Languages []string `json:"languages,omitempty" maxItems:"30" doc:"Of a course that is new: the language that it is written in, then others"`
	}
}

func (a *API) beginDraft(ctx context.Context, v *gate.Visitor, in *beginDraftIn) (*draftOut, error) {
	d, err := a.BeginDraft(ctx, v, in.Course, func() (course.Files, error) {
		return authoring.NewCourse(in.Course, in.Body.Title, in.Body.Languages)
	})
	return draftAnswer(v, d, err)
}

// BeginDraft opens a draft of a course that the visitor may publish, or gives the
// one that is there. A course that is new begins with first.
func (a *API) BeginDraft(ctx context.Context, v *gate.Visitor, slug string, first func() (course.Files, error)) (*authoring.Draft, error) {
	var files course.Files
	if _, published := a.Library.Current(slug); published {
		if err := a.mayPublish(v, slug); err != nil {
			return nil, err
		}
	} else if d, err := a.Drafts.Get(ctx, slug); err == nil {
		return d, v.MayAt(people.Publish, d.Owner)
	} else if files, err = first(); err != nil {
		return nil, err
	}
	return a.Drafts.Begin(ctx, slug, v.Scope(people.Publish)[0], v.Account.ID, files)
}

type getDraftOut struct {
	Body struct {
		DraftItem
		Files    []DraftFileItem `json:"files" nullable:"false"`
		Problems course.Problems `json:"problems" nullable:"false"`
		Changes  []library.Mark  `json:"changes" nullable:"false" doc:"Since what is published"`
		Comments []CommentItem   `json:"comments" nullable:"false"`
	}
}

func (a *API) getDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, _ *DraftIn) (*getDraftOut, error) {
	checked, err := a.Drafts.Check(ctx, d)
	if err != nil {
		return nil, err
	}
	_, changes, err := a.Drafts.Changes(ctx, d, checked)
	if err != nil {
		return nil, err
	}
	comments, err := a.Drafts.Comments(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &getDraftOut{}
	out.Body.DraftItem = draftItem(v, d)
	out.Body.Files, out.Body.Comments = []DraftFileItem{}, []CommentItem{}
	for _, f := range authoring.InOrder(checked.Files) {
		out.Body.Files = append(out.Body.Files, DraftFileItem{f.Path, f.Rev, len(f.Body), f.At})
	}
	out.Body.Problems = a.said(v, checked.Problems)
	out.Body.Changes = append([]library.Mark{}, changes...)
	for _, c := range comments {
		out.Body.Comments = append(out.Body.Comments, CommentItem{c.ID, c.Path, c.Line, c.Text, c.Suggests, c.Was, c.At, c.Done})
	}
	return out, nil
}

// said are problems in the visitor's words, never null.
func (a *API) said(v *gate.Visitor, problems course.Problems) course.Problems {
	return append(course.Problems{}, problems.Say(a.Locale.In(v.Lang))...)
}

func (a *API) dropDraft(ctx context.Context, _ *gate.Visitor, d *authoring.Draft, _ *DraftIn) (*struct{}, error) {
	return nil, a.Drafts.Drop(ctx, d.ID)
}
