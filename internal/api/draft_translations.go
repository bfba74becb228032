package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/gate"
)

// TranslationIn names the translation of a draft that an operation is about.
type TranslationIn struct {
	DraftIn
	Language string `path:"language" maxLength:"20" doc:"BCP 47; it need not be one of the course's yet"`
}

// UnitItem is a unit of the source with its translation.
type UnitItem struct {
	ID       string           `json:"id" doc:"As in translations.lock: page:m1-rights#2"`
	Source   string           `json:"source"`
	Target   string           `json:"target" doc:"Empty: it is missing"`
	State    course.State     `json:"state" enum:"missing,stale,machine-draft,language-reviewed,expert-reviewed"`
	Markdown bool             `json:"markdown"`
	Hash     string           `json:"hash" doc:"Of the source, to be told when it is saved"`
	Seen     string           `json:"seen" doc:"Of the translation, likewise"`
	Own      bool             `json:"own" doc:"One has written it in this draft, and so cannot review it"`
	Before   string           `json:"before,omitempty" doc:"The source that the translation was made from, where it is another and known"`
	Found    []SuggestionItem `json:"found" nullable:"false" doc:"Translations of the same text or one much like it"`
	Terms    []UnitTermItem   `json:"terms" nullable:"false" doc:"Of the glossary that occur in the source"`
}

// SuggestionItem is a translation from memory.
type SuggestionItem struct {
	Source string  `json:"source"`
	Target string  `json:"target"`
	From   string  `json:"from" doc:"A unit of this course, or a course and its unit"`
	State  string  `json:"state"`
	Alike  float64 `json:"alike" doc:"1: the same text; otherwise one less the edit distance over words as a share of the longer text"`
}

// UnitTermItem is a term of the glossary in both languages.
type UnitTermItem struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Target string `json:"target"`
}

func unitItem(u authoring.TranslationUnit) UnitItem {
	out := UnitItem{ID: u.ID, Source: u.Source, Target: u.Target, State: u.State, Markdown: u.Markdown, Hash: u.Hash, Seen: u.Seen, Own: u.Own, Before: u.Before, Found: []SuggestionItem{}, Terms: []UnitTermItem{}}
	for _, m := range u.Found {
		out.Found = append(out.Found, SuggestionItem{m.Source, m.Target, m.From, m.State, m.Alike})
	}
	for _, t := range u.Terms {
		out.Terms = append(out.Terms, UnitTermItem{t.ID, t.Source, t.Target})
	}
	return out
}

type listUnitsIn struct {
	TranslationIn
	State course.State `query:"state" enum:"missing,stale,machine-draft,language-reviewed,expert-reviewed"`
	Part  string       `query:"part" maxLength:"120" doc:"module:<id>, page:<id>, questions, facts, glossary or course"`
	After string       `query:"after" maxLength:"200" doc:"The next of the page before"`
	Limit int          `query:"limit" minimum:"0" maximum:"50" doc:"20 where it is not said"`
}

type listUnitsOut struct {
	Body struct {
		Items []UnitItem           `json:"items" nullable:"false"`
		Next  string               `json:"next,omitempty"`
		Count map[course.State]int `json:"count" doc:"Of the part, by state"`
	}
}

func (a *API) listUnits(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *listUnitsIn) (*listUnitsOut, error) {
	page, err := a.Drafts.Units(ctx, d, in.Language, v.Account.ID, authoring.UnitFilter{State: in.State, Part: in.Part, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	out := &listUnitsOut{}
	out.Body.Items, out.Body.Next, out.Body.Count = []UnitItem{}, page.Next, page.Count
	for _, u := range page.Items {
		out.Body.Items = append(out.Body.Items, unitItem(u))
	}
	return out, nil
}

type saveUnitIn struct {
	TranslationIn
	Body struct {
		Unit string `json:"unit" maxLength:"200"`
		Hash string `json:"hash" maxLength:"64" doc:"Of the source as one saw it"`
		Seen string `json:"seen" maxLength:"64" doc:"Of the translation as one saw it"`
		Text string `json:"text" maxLength:"65536" doc:"The same as before: it is right"`
	}
}

type unitOut struct {
	Body struct {
		Saved   bool               `json:"saved"`
		State   course.State       `json:"state" doc:"As it is now"`
		Seen    string             `json:"seen" doc:"Of the translation as it is now"`
		Refused []exchange.Refused `json:"refused" nullable:"false" doc:"Why it is not saved"`
		Noted   []exchange.Noted   `json:"noted" nullable:"false"`
	}
}

func (a *API) saveUnit(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *saveUnitIn) (*unitOut, error) {
	b := in.Body
	report, err := a.Drafts.SaveUnit(ctx, d, in.Language, authoring.UnitEdit{Unit: b.Unit, Hash: b.Hash, Seen: b.Seen, Text: b.Text}, v.Account.ID)
	return a.unitAnswer(ctx, v, d, &in.TranslationIn, b.Unit, course.UnitHash(b.Text), report, err)
}

type reviewUnitIn struct {
	TranslationIn
	Body struct {
		Unit string `json:"unit" maxLength:"200"`
		Hash string `json:"hash" maxLength:"64" doc:"Of the source as one saw it"`
		Seen string `json:"seen" maxLength:"64" doc:"Of the translation as one saw it"`
	}
}

func (a *API) reviewUnit(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *reviewUnitIn) (*unitOut, error) {
	b := in.Body
	report, err := a.Drafts.ReviewUnit(ctx, d, in.Language, authoring.UnitEdit{Unit: b.Unit, Hash: b.Hash, Seen: b.Seen}, v.Account.ID)
	return a.unitAnswer(ctx, v, d, &in.TranslationIn, b.Unit, b.Seen, report, err)
}

// unitAnswer is what became of one unit; seen is the hash of its text if it was
// taken.
func (a *API) unitAnswer(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *TranslationIn, unit, seen string, report exchange.Report, err error) (*unitOut, error) {
	if err != nil {
		return nil, err
	}
	report = report.Say(a.Locale.In(v.Lang))
	out := &unitOut{}
	out.Body.Saved, out.Body.Refused, out.Body.Noted = len(report.Refused) == 0, append([]exchange.Refused{}, report.Refused...), append([]exchange.Noted{}, report.Noted...)
	if len(report.Taken) > 0 {
		out.Body.State, out.Body.Seen = report.Taken[0].Now, seen
		return out, nil
	}
	t, err := a.Drafts.Translation(ctx, d, in.Language)
	if err != nil {
		return nil, err
	}
	for _, p := range t.Pairs {
		if p.ID == unit {
			out.Body.State, out.Body.Seen = p.State, course.UnitHash(p.Target)
		}
	}
	return out, nil
}

type translationFileIn struct {
	TranslationIn
	Format string `query:"format" required:"true" enum:"po,xliff,tmx,xlsx"`
}

func translationFileOp(h huma.API) huma.Operation {
	o := op("export-translation", "GET", "/courses/{course}/draft/translations/{language}/file", "A translation of a draft as a file for translators' tools", 200, 403, 404, 409)
	content := map[string]*huma.MediaType{}
	for _, kind := range exchange.MediaTypes {
		content[kind] = &huma.MediaType{Schema: &huma.Schema{Type: "string", Format: "binary"}}
	}
	o.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: content}}
	return o
}

func (a *API) exportTranslation(ctx context.Context, _ *gate.Visitor, d *authoring.Draft, in *translationFileIn) (*huma.StreamResponse, error) {
	file, err := a.Drafts.Export(ctx, d, in.Language, in.Format)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", exchange.MediaTypes[in.Format])
		h.SetHeader("Content-Disposition", `attachment; filename="`+exchange.FileName(d.ID, in.Language, in.Format)+`"`)
		h.SetHeader("Cache-Control", "no-store")
		_, _ = h.BodyWriter().Write(file)
	}}, nil
}

type importTranslationIn struct {
	TranslationIn
	Format  string `query:"format" required:"true" enum:"po,xliff,tmx,xlsx"`
	Stands  bool   `query:"stands" doc:"One stands for what is in it; otherwise what is new is a machine draft"`
	RawBody []byte `contentType:"application/octet-stream"`
}

type importTranslationOut struct{ Body exchange.Report }

func (a *API) importTranslation(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *importTranslationIn) (*importTranslationOut, error) {
	report, err := a.Drafts.TakeFile(ctx, d, in.Language, in.Format, in.RawBody, in.Stands, v.Account.ID)
	if err != nil {
		return nil, err
	}
	return &importTranslationOut{report.Say(a.Locale.In(v.Lang))}, nil
}

type draftByMachineIn struct {
	TranslationIn
	Body struct {
		Unit  string `json:"unit,omitempty" maxLength:"200" doc:"Empty: those that are missing, as many as go at once"`
		After string `json:"after,omitempty" maxLength:"200" doc:"Of those that are missing: behind this one"`
	}
}

type draftByMachineOut struct {
	Body struct {
		Last   string          `json:"last" doc:"The last unit that was asked for, to be told as after; empty: there was none"`
		Report exchange.Report `json:"report"`
	}
}

func (a *API) draftByMachine(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *draftByMachineIn) (*draftByMachineOut, error) {
	report, last, err := a.Drafts.DraftByMachine(ctx, d, in.Language, in.Body.Unit, in.Body.After, v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := &draftByMachineOut{}
	out.Body.Last, out.Body.Report = last, report.Say(a.Locale.In(v.Lang))
	return out, nil
}
