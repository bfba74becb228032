package api

import (
	"context"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
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

type draftIn struct {
	Course string `path:"course" maxLength:"100"`
}

type draftOut struct{ Body DraftItem }

type beginDraftIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		Title     string   `json:"title,omitempty" maxLength:"200" doc:"Of a course that is new"`
		Languages []string `json:"languages,omitempty" maxItems:"30" doc:"Of a course that is new: the language that it is written in, then others"`
	}
}

func (a *API) beginDraft(ctx context.Context, v *gate.Visitor, in *beginDraftIn) (*draftOut, error) {
	d, err := a.BeginDraft(ctx, v, in.Course, in.Body.Title, in.Body.Languages)
	if err != nil {
		return nil, err
	}
	return &draftOut{draftItem(v, d)}, nil
}

// BeginDraft opens a draft of a course that the visitor may publish, or of a new one.
func (a *API) BeginDraft(ctx context.Context, v *gate.Visitor, slug, title string, languages []string) (*authoring.Draft, error) {
	if _, ok := a.Library.Current(slug); ok {
		if err := a.mayPublish(v, slug); err != nil {
			return nil, err
		}
		return a.Drafts.Begin(ctx, slug, "", v.Account.ID, nil)
	}
	if d, err := a.Drafts.Get(ctx, slug); err == nil {
		return d, v.MayAt(people.Publish, d.Owner)
	}
	first, err := authoring.NewCourse(slug, title, languages)
	if err != nil {
		return nil, err
	}
	return a.Drafts.Begin(ctx, slug, v.Scope(people.Publish)[0], v.Account.ID, first)
}

// DraftFileItem is a file of a draft, without what is in it.
type DraftFileItem struct {
	Path string     `json:"path"`
	Rev  int64      `json:"rev" doc:"To be told when it is saved"`
	Size int        `json:"size" doc:"In bytes"`
	At   store.Time `json:"at"`
}

// CommentItem is what a reviewer said.
type CommentItem struct {
	ID   string     `json:"id"`
	Path string     `json:"path"`
	Line int        `json:"line" doc:"From 1; 0: the whole file"`
	Text string     `json:"text"`
	At   store.Time `json:"at"`
	Done bool       `json:"done"`
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

func (a *API) getDraft(ctx context.Context, v *gate.Visitor, in *draftIn) (*getDraftOut, error) {
	d, err := a.Draft(ctx, v, in.Course)
	if err != nil {
		return nil, err
	}
	files, err := a.Drafts.Files(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	checked, err := a.Drafts.Check(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	_, changes, err := a.Drafts.Changes(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	comments, err := a.Drafts.Comments(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	out := &getDraftOut{}
	out.Body.DraftItem = draftItem(v, d)
	out.Body.Files, out.Body.Comments = []DraftFileItem{}, []CommentItem{}
	for _, f := range authoring.InOrder(files) {
		out.Body.Files = append(out.Body.Files, DraftFileItem{f.Path, f.Rev, len(f.Body), f.At})
	}
	out.Body.Problems = append(course.Problems{}, checked.Problems.Say(a.Locale.In(v.Lang))...)
	out.Body.Changes = append([]library.Mark{}, changes...)
	for _, c := range comments {
		out.Body.Comments = append(out.Body.Comments, CommentItem{c.ID, c.Path, c.Line, c.Text, c.At, c.Done})
	}
	return out, nil
}

func (a *API) dropDraft(ctx context.Context, v *gate.Visitor, in *draftIn) (*struct{}, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	return nil, a.Drafts.Drop(ctx, in.Course)
}

type draftFileIn struct {
	Course string `path:"course" maxLength:"100"`
	Path   string `query:"path" required:"true" maxLength:"200"`
}

// EarlierItem is a file as it was.
type EarlierItem struct {
	At   store.Time `json:"at"`
	Text string     `json:"text"`
}

type draftFileOut struct {
	Body struct {
		DraftFileItem
		Text    string        `json:"text" doc:"Empty for what is no text"`
		Earlier []EarlierItem `json:"earlier" nullable:"false" doc:"The oldest first"`
	}
}

func (a *API) getDraftFile(ctx context.Context, v *gate.Visitor, in *draftFileIn) (*draftFileOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	f, err := a.Drafts.File(ctx, in.Course, in.Path)
	if err != nil {
		return nil, err
	}
	out := &draftFileOut{}
	out.Body.DraftFileItem, out.Body.Earlier = DraftFileItem{f.Path, f.Rev, len(f.Body), f.At}, []EarlierItem{}
	if utf8.Valid(f.Body) {
		out.Body.Text = string(f.Body)
		for _, e := range f.Earlier {
			out.Body.Earlier = append(out.Body.Earlier, EarlierItem{e.At, string(e.Body)})
		}
	}
	return out, nil
}

type saveDraftFileIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		Path string `json:"path" maxLength:"200"`
		Rev  int64  `json:"rev" minimum:"0" doc:"As one saw it; 0: it is new"`
		Text string `json:"text,omitempty" maxLength:"1000000"`
		Data []byte `json:"data,omitempty" doc:"In place of the text, for pictures"`
	}
}

type saveDraftFileOut struct {
	Body struct {
		Rev      int64           `json:"rev"`
		Problems course.Problems `json:"problems" nullable:"false" doc:"Of this file"`
	}
}

func (a *API) saveDraftFile(ctx context.Context, v *gate.Visitor, in *saveDraftFileIn) (*saveDraftFileOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	body := in.Body.Data
	if body == nil {
		body = []byte(in.Body.Text)
	}
	f, err := a.Drafts.Save(ctx, in.Course, in.Body.Path, in.Body.Rev, body, v.Account.ID)
	if err != nil {
		return nil, err
	}
	checked, err := a.Drafts.Check(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	out := &saveDraftFileOut{}
	out.Body.Rev, out.Body.Problems = f.Rev, append(course.Problems{}, checked.In(f.Path).Say(a.Locale.In(v.Lang))...)
	return out, nil
}

type removeDraftFileIn struct {
	Course string `path:"course" maxLength:"100"`
	Path   string `query:"path" required:"true" maxLength:"200"`
	Rev    int64  `query:"rev" required:"true" minimum:"1"`
}

func (a *API) removeDraftFile(ctx context.Context, v *gate.Visitor, in *removeDraftFileIn) (*struct{}, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	return nil, a.Drafts.Remove(ctx, in.Course, in.Path, in.Rev, v.Account.ID)
}

type reviewDraftIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		State authoring.DraftState `json:"state" enum:"open,review,approved"`
	}
}

func (a *API) reviewDraft(ctx context.Context, v *gate.Visitor, in *reviewDraftIn) (*draftOut, error) {
	d, err := a.ReviewDraft(ctx, v, in.Course, in.Body.State)
	if err != nil {
		return nil, err
	}
	return &draftOut{draftItem(v, d)}, nil
}

// ReviewDraft brings a draft to a state.
func (a *API) ReviewDraft(ctx context.Context, v *gate.Visitor, slug string, state authoring.DraftState) (*authoring.Draft, error) {
	if _, err := a.Draft(ctx, v, slug); err != nil {
		return nil, err
	}
	switch state {
	case authoring.Review:
		return a.Drafts.Ask(ctx, slug)
	case authoring.Approved:
		return a.Drafts.Approve(ctx, slug, v.Account.ID)
	}
	return a.Drafts.Reopen(ctx, slug)
}

type scheduleDraftIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		PublishAt store.Time `json:"publish_at" doc:"Empty: by hand"`
		Note      string     `json:"note,omitempty" maxLength:"4000"`
		Major     []string   `json:"major,omitempty" maxItems:"500"`
	}
}

func (a *API) scheduleDraft(ctx context.Context, v *gate.Visitor, in *scheduleDraftIn) (*draftOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	d, err := a.Drafts.Schedule(ctx, in.Course, in.Body.PublishAt, course.Notes{Note: in.Body.Note, Major: in.Body.Major})
	if err != nil {
		return nil, err
	}
	return &draftOut{draftItem(v, d)}, nil
}

type publishDraftIn struct {
	Course string `path:"course" maxLength:"100"`
	SaysIn
}

func (a *API) publishDraft(ctx context.Context, v *gate.Visitor, in *publishDraftIn) (*publishOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	by := author(v)
	by.Says = in.notes()
	p, problems, err := a.Drafts.Publish(ctx, in.Course, by)
	return a.published(v, p, problems, err)
}

type commentIn struct {
	Course  string `path:"course" maxLength:"100"`
	Comment string `path:"comment" maxLength:"40" doc:"A UUID that the client makes"`
	Body    struct {
		Path string `json:"path" maxLength:"200"`
		Line int    `json:"line,omitempty" minimum:"0" maximum:"100000"`
		Text string `json:"text" maxLength:"10000" doc:"At most 2,000 characters"`
	}
}

func (a *API) commentDraft(ctx context.Context, v *gate.Visitor, in *commentIn) (*struct{}, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	return nil, a.Drafts.Comment(ctx, &authoring.Comment{
		Meta: store.Meta{ID: in.Comment}, Course: in.Course, Path: in.Body.Path, Line: in.Body.Line, Text: in.Body.Text, By: v.Account.ID,
	})
}

type settleIn struct {
	Course  string `path:"course" maxLength:"100"`
	Comment string `path:"comment" maxLength:"40"`
	Body    struct {
		Done bool `json:"done"`
	}
}

func (a *API) settleComment(ctx context.Context, v *gate.Visitor, in *settleIn) (*struct{}, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	return nil, a.Drafts.Settle(ctx, in.Course, in.Comment, in.Body.Done)
}

type addQuestionIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		Type     course.Type `json:"type" enum:"single,multiple,true-false,text,numeric,ordering,matching,reflection"`
		Stem     string      `json:"stem" maxLength:"20000" doc:"Markdown"`
		Answers  string      `json:"answers,omitempty" maxLength:"50000" doc:"One a line: * before what is right; true or false; what is accepted; a number or 14..16; steps in order; left = right"`
		Feedback string      `json:"feedback,omitempty" maxLength:"20000" doc:"Markdown"`
		Tags     []string    `json:"tags,omitempty" maxItems:"20"`
		Quiz     string      `json:"quiz,omitempty" maxLength:"100" doc:"That asks it; empty: none yet"`
	}
}

type addQuestionOut struct {
	Body struct {
		ID string `json:"id"`
	}
}

func (a *API) addQuestion(ctx context.Context, v *gate.Visitor, in *addQuestionIn) (*addQuestionOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	b := in.Body
	id, err := a.Drafts.AddQuestion(ctx, in.Course, bank.Form{Type: b.Type, Stem: b.Stem, Answers: b.Answers, Feedback: b.Feedback, Tags: b.Tags}, b.Quiz, v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := &addQuestionOut{}
	out.Body.ID = id
	return out, nil
}

type importBankIn struct {
	Course  string   `path:"course" maxLength:"100"`
	Format  string   `query:"format" required:"true" enum:"gift,moodle-xml,qti,aiken,xlsx"`
	Tags    []string `query:"tag,explode" maxItems:"20" doc:"For each question"`
	RawBody []byte   `contentType:"application/octet-stream"`
}

type importBankOut struct{ Body bank.Report }

func (a *API) importBank(ctx context.Context, v *gate.Visitor, in *importBankIn) (*importBankOut, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	report, err := a.Drafts.Import(ctx, in.Course, in.Format, in.RawBody, in.Tags, v.Account.ID)
	if err != nil {
		return nil, err
	}
	return &importBankOut{report}, nil
}

func archiveOp(h huma.API) huma.Operation {
	o := op("pull-draft", "GET", "/courses/{course}/draft/archive", "A draft as a zipped course folder; its ETag is told when it is pushed", 200, 403, 404)
	o.Responses = map[string]*huma.Response{"200": {
		Description: "The folder", Content: map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}}
	return o
}

func (a *API) pullDraft(ctx context.Context, v *gate.Visitor, in *draftIn) (*huma.StreamResponse, error) {
	if _, err := a.Draft(ctx, v, in.Course); err != nil {
		return nil, err
	}
	folder, err := a.Drafts.Folder(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	file, err := library.Pack(folder)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "application/zip")
		h.SetHeader("ETag", `"`+folder.Hash()+`"`)
		h.SetHeader("Cache-Control", "no-store")
		_, _ = h.BodyWriter().Write(file)
	}}, nil
}

type pushDraftIn struct {
	Course  string `path:"course" maxLength:"100"`
	Base    string `query:"base" maxLength:"100" doc:"The ETag of what one pulled; without it the draft must not be there yet, and is made"`
	RawBody []byte `contentType:"application/zip"`
}

type pushDraftOut struct {
	Body struct {
		Hash     string          `json:"hash" doc:"To be told when one pushes again"`
		Saved    int             `json:"saved" doc:"Files that were changed, made or removed"`
		Problems course.Problems `json:"problems" nullable:"false"`
	}
}

func (a *API) pushDraft(ctx context.Context, v *gate.Visitor, in *pushDraftIn) (*pushDraftOut, error) {
	_, missing := a.Drafts.Get(ctx, in.Course)
	_, published := a.Library.Current(in.Course)
	isNew := fault.Is(missing, "not-found") && !published && in.Base == ""
	if !isNew {
		if _, err := a.Draft(ctx, v, in.Course); err != nil {
			return nil, err
		}
	}
	files, err := library.Unpack(in.RawBody)
	if err != nil {
		return nil, err
	}
	if isNew {
		if !course.IsID(in.Course) {
			return nil, fault.At("draft-slug", "course")
		}
		_, err = a.Drafts.Begin(ctx, in.Course, v.Scope(people.Publish)[0], v.Account.ID, files)
	}
	if err != nil {
		return nil, err
	}
	saved, err := a.Drafts.Push(ctx, in.Course, in.Base, files, v.Account.ID)
	if err != nil {
		return nil, err
	}
	checked, err := a.Drafts.Check(ctx, in.Course)
	if err != nil {
		return nil, err
	}
	out := &pushDraftOut{}
	out.Body.Hash, out.Body.Saved, out.Body.Problems = checked.Hash, saved, append(course.Problems{}, checked.Problems.Say(a.Locale.In(v.Lang))...)
	return out, nil
}
