package api

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/audit"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/people"
	"havn/internal/privacy"
)

func exportOp(h huma.API) huma.Operation {
	o := op("export-me", http.MethodGet, "/me/export", "Everything about oneself, as a zip file", 200)
	o.Responses = map[string]*huma.Response{"200": {
		Description: "A page to read and the same as JSON",
		Content:     map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: "string", Format: "binary"}}},
	}}
	return o
}

func (a *API) exportMe(ctx context.Context, v *gate.Visitor, _ *struct{}) (*huma.StreamResponse, error) {
	file, err := a.Export(ctx, v)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "application/zip")
		h.SetHeader("Content-Disposition", `attachment; filename="havn-me.zip"`)
		h.SetHeader("Cache-Control", "no-store")
		_, _ = h.BodyWriter().Write(file)
	}}, nil
}

// Export is the zip file of everything about the visitor, in their language.
func (a *API) Export(ctx context.Context, v *gate.Visitor) ([]byte, error) {
	person, err := a.Privacy.Export(ctx, v.Account)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	err = person.Zip(&file, privacy.Reader{
		Lang: v.Lang, Dir: language.Direction(v.Lang), T: a.Locale.In(v.Lang),
		Time: func(t time.Time) string { return a.Locale.Date(v.Lang, t) + ", " + a.Locale.Time(t.UTC()) + " UTC" },
	})
	return file.Bytes(), err
}

type eraseIn struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"1000" doc:"Not needed within 15 minutes of a sign-in by link, passkey, provider or code"`
	}
}

func (a *API) eraseMe(ctx context.Context, v *gate.Visitor, in *eraseIn) (*struct{}, error) {
	return nil, a.Erase(ctx, v, in.Body.Password)
}

// Erase forgets the visitor, who shows that it is them.
func (a *API) Erase(ctx context.Context, v *gate.Visitor, password string) error {
	if err := a.People.ConfirmErasure(ctx, v.Account, v.Token(), password); err != nil {
		return err
	}
	return a.Privacy.Erase(ctx, v.Account.ID)
}

type auditIn struct {
	Organisation string `query:"organisation" maxLength:"100" doc:"And all below it; absent: the first that one administers, or everything for the site's administrators"`
	Cursor       string `query:"cursor" maxLength:"500"`
	Limit        int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type auditOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []audit.Entry `json:"items" nullable:"false"`
		Next  string        `json:"next" doc:"Cursor of the next page; empty at the end"`
	}
}

func (a *API) listAudit(ctx context.Context, v *gate.Visitor, in *auditIn) (*auditOut, error) {
	within, err := a.Within(ctx, v, people.ReadAudit, in.Organisation)
	if err != nil {
		return nil, err
	}
	page, err := a.Audit.List(ctx, within, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &auditOut{CacheControl: "no-store"}
	out.Body.Items, out.Body.Next = append([]audit.Entry{}, page.Items...), page.Next
	return out, nil
}

type mapOut struct {
	Body struct {
		Collections []privacy.Collection `json:"collections" nullable:"false"`
	}
}

func (a *API) dataMap(context.Context, *gate.Visitor, *struct{}) (*mapOut, error) {
	out := &mapOut{}
	out.Body.Collections = privacy.Map
	return out, nil
}
