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
	"havn/internal/store"
)

// DraftFileItem is a file of a draft, without what is in it.
type DraftFileItem struct {
	Path string     `json:"path"`
	Rev  int64      `json:"rev" doc:"To be told when it is saved"`
	Size int        `json:"size" doc:"In bytes"`
	At   store.Time `json:"at"`
}

type draftFileIn struct {
	DraftIn
	Path string `query:"path" required:"true" maxLength:"200"`
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

func (a *API) getDraftFile(ctx context.Context, _ *gate.Visitor, d *authoring.Draft, in *draftFileIn) (*draftFileOut, error) {
	f, err := a.Drafts.File(ctx, d, in.Path)
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
	DraftIn
	Body struct {
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

func (a *API) saveDraftFile(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *saveDraftFileIn) (*saveDraftFileOut, error) {
	body := in.Body.Data
	if body == nil {
		body = []byte(in.Body.Text)
	}
	f, err := a.Drafts.Save(ctx, d, in.Body.Path, in.Body.Rev, body, v.Account.ID)
	if err != nil {
		return nil, err
	}
	checked, err := a.Drafts.Check(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &saveDraftFileOut{}
	out.Body.Rev, out.Body.Problems = f.Rev, a.said(v, checked.In(f.Path))
	return out, nil
}

type removeDraftFileIn struct {
	DraftIn
	Path string `query:"path" required:"true" maxLength:"200"`
	Rev  int64  `query:"rev" required:"true" minimum:"1"`
}

func (a *API) removeDraftFile(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *removeDraftFileIn) (*struct{}, error) {
	return nil, a.Drafts.Remove(ctx, d, in.Path, in.Rev, v.Account.ID)
}

type addQuestionIn struct {
	DraftIn
	Body struct {
		Sheet    *bank.Sheet `json:"sheet,omitempty" doc:"A question of any type, in place of type, stem, answers and feedback"`
		Type     course.Type `json:"type,omitempty" enum:"single,multiple,true-false,text,numeric,ordering,matching,reflection"`
		Stem     string      `json:"stem,omitempty" maxLength:"20000" doc:"Markdown"`
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

func (a *API) addQuestion(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *addQuestionIn) (*addQuestionOut, error) {
	b, id, err := in.Body, "", error(nil)
	if b.Sheet != nil {
		b.Sheet.ID = ""
		id, err = a.Drafts.SaveSheet(ctx, d, *b.Sheet, "", b.Quiz, v.Account.ID)
	} else {
		id, err = a.Drafts.AddQuestion(ctx, d, bank.Form{Type: b.Type, Stem: b.Stem, Answers: b.Answers, Feedback: b.Feedback, Tags: b.Tags}, b.Quiz, v.Account.ID)
	}
	if err != nil {
		return nil, err
	}
	out := &addQuestionOut{}
	out.Body.ID = id
	return out, nil
}

type importBankIn struct {
	DraftIn
	Format  string   `query:"format" required:"true" enum:"gift,moodle-xml,qti,aiken,xlsx"`
	Tags    []string `query:"tag,explode" maxItems:"20" doc:"For each question"`
	RawBody []byte   `contentType:"application/octet-stream"`
}

type importBankOut struct{ Body bank.Report }

func (a *API) importBank(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *importBankIn) (*importBankOut, error) {
	report, err := a.Drafts.Import(ctx, d, in.Format, in.RawBody, in.Tags, v.Account.ID)
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

func (a *API) pullDraft(ctx context.Context, _ *gate.Visitor, d *authoring.Draft, _ *DraftIn) (*huma.StreamResponse, error) {
	folder, err := a.Drafts.Folder(ctx, d)
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
	DraftIn
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
	d, err := a.Draft(ctx, v, in.Course)
	if _, published := a.Library.Current(in.Course); fault.Is(err, "not-found") && !published && in.Base == "" {
		d, err = a.BeginDraft(ctx, v, in.Course, func() (course.Files, error) {
			if !course.IsID(in.Course) {
				return nil, fault.At("draft-slug", "course")
			}
			return library.Unpack(in.RawBody)
		})
	}
	if err != nil {
		return nil, err
	}
	files, err := library.Unpack(in.RawBody)
	if err != nil {
		return nil, err
	}
	saved, err := a.Drafts.Push(ctx, d, in.Base, files, v.Account.ID)
	if err != nil {
		return nil, err
	}
	checked, err := a.Drafts.Check(ctx, d)
	if err != nil {
		return nil, err
	}
	out := &pushDraftOut{}
	out.Body.Hash, out.Body.Saved, out.Body.Problems = checked.Hash, saved, a.said(v, checked.Problems)
	return out, nil
}
