package api

import (
	"context"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/store"
)

// CommentItem is what a reviewer said.
type CommentItem struct {
	ID   string `json:"id"`
	Path string `json:"path"`
	Line int    `json:"line" doc:"From 1; 0: the whole file"`
	Text string `json:"text"`
	// Suggests is what the line should say in place of Was.
	Suggests string     `json:"suggests,omitempty" doc:"What the line should say"`
	Was      string     `json:"was,omitempty" doc:"What it said"`
	At       store.Time `json:"at"`
	Done     bool       `json:"done"`
}

type reviewDraftIn struct {
	DraftIn
	Body struct {
		State authoring.DraftState `json:"state" enum:"open,review,approved"`
	}
}

func (a *API) reviewDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *reviewDraftIn) (*draftOut, error) {
	d, err := a.ReviewDraft(ctx, v, d, in.Body.State)
	return draftAnswer(v, d, err)
}

// ReviewDraft brings a draft to a state.
func (a *API) ReviewDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, state authoring.DraftState) (*authoring.Draft, error) {
	switch state {
	case authoring.Review:
		return a.Drafts.Ask(ctx, d)
	case authoring.Approved:
		return a.Drafts.Approve(ctx, d, v.Account.ID)
	}
	return a.Drafts.Reopen(ctx, d)
}

type scheduleDraftIn struct {
	DraftIn
	Body struct {
		PublishAt store.Time `json:"publish_at" doc:"Empty: by hand"`
		Note      string     `json:"note,omitempty" maxLength:"4000"`
		Major     []string   `json:"major,omitempty" maxItems:"500"`
		Minor     []string   `json:"minor,omitempty" maxItems:"500"`
	}
}

func (a *API) scheduleDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *scheduleDraftIn) (*draftOut, error) {
	b := in.Body
	d, err := a.Drafts.Schedule(ctx, d, b.PublishAt, course.Notes{Note: b.Note, Major: b.Major, Minor: b.Minor})
	return draftAnswer(v, d, err)
}

type publishDraftIn struct {
	DraftIn
	SaysIn
}

func (a *API) publishDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *publishDraftIn) (*publishOut, error) {
	by := author(v)
	by.Says = in.notes()
	p, problems, err := a.Drafts.Publish(ctx, d, by)
	return a.published(v, p, problems, err)
}

type commentIn struct {
	DraftIn
	Comment string `path:"comment" maxLength:"40" doc:"A UUID that the client makes"`
	Body    struct {
		Path     string `json:"path" maxLength:"200"`
		Line     int    `json:"line,omitempty" minimum:"0" maximum:"100000"`
		Text     string `json:"text,omitempty" maxLength:"10000" doc:"At most 2,000 characters"`
		Suggests string `json:"suggests,omitempty" maxLength:"10000" doc:"What the line should say; then text may be absent"`
	}
}

func (a *API) commentDraft(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *commentIn) (*struct{}, error) {
	return nil, a.Drafts.Comment(ctx, d, &authoring.Comment{
		Meta: store.Meta{ID: in.Comment}, Path: in.Body.Path, Line: in.Body.Line, Text: in.Body.Text, Suggests: in.Body.Suggests, By: v.Account.ID,
	})
}

type settleIn struct {
	DraftIn
	Comment string `path:"comment" maxLength:"40"`
	Body    struct {
		Done bool `json:"done"`
	}
}

func (a *API) settleComment(ctx context.Context, _ *gate.Visitor, d *authoring.Draft, in *settleIn) (*struct{}, error) {
	return nil, a.Drafts.Settle(ctx, d, in.Comment, in.Body.Done)
}

type acceptSuggestionIn struct {
	DraftIn
	Comment string `path:"comment" maxLength:"40"`
}

func (a *API) acceptSuggestion(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *acceptSuggestionIn) (*struct{}, error) {
	return nil, a.Drafts.Accept(ctx, d, in.Comment, v.Account.ID)
}
