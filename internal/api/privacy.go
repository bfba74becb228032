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
	"havn/internal/store"
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

type askToMergeIn struct {
	Body struct {
		Email string `json:"email" maxLength:"254" doc:"Of the other account"`
	}
}

// askToMerge answers the same whether anybody has the address or not.
func (a *API) askToMerge(ctx context.Context, v *gate.Visitor, in *askToMergeIn) (*struct{}, error) {
	return nil, a.People.AskToMerge(ctx, v.Account, in.Body.Email, v.Lang)
}

type mergeIn struct {
	Body struct {
		Secret string `json:"secret" maxLength:"100" doc:"The last part of the link, or the code of an account without an address"`
	}
}

func (a *API) mergeAccounts(ctx context.Context, v *gate.Visitor, in *mergeIn) (*struct{}, error) {
	return nil, a.Privacy.Merge(ctx, v.Account, in.Body.Secret)
}

type auditIn struct {
	Organisation string `query:"organisation" maxLength:"100" doc:"And all below it; absent: the first that one administers, or everything for the site's administrators"`
	Cursor       string `query:"cursor" maxLength:"500"`
	Limit        int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Format       string `query:"format" enum:"json,csv" default:"json" doc:"csv is the whole log, the oldest first; json a page"`
}

// AuditPage is a page of the log.
type AuditPage struct {
	Items []audit.Entry `json:"items" nullable:"false"`
	Next  string        `json:"next" doc:"Cursor of the next page; empty at the end"`
}

func auditOp(h huma.API) huma.Operation {
	o := answers[AuditPage](h, op("list-audit", http.MethodGet, "/audit", "The security log, the newest first", 200, 403, 404), "A page as JSON, or the whole log as CSV")
	o.Responses["200"].Content["text/csv"] = &huma.MediaType{Schema: &huma.Schema{Type: "string"}}
	return o
}

func (a *API) listAudit(ctx context.Context, v *gate.Visitor, in *auditIn) (*huma.StreamResponse, error) {
	within, err := a.Within(ctx, v, people.ReadAudit, in.Organisation)
	if err != nil {
		return nil, err
	}
	if in.Format == "csv" {
		if err := a.Audit.Add(ctx, audit.Event{Act: audit.LogExported, Actor: v.Account.ID, Organisation: within}); err != nil {
			return nil, err
		}
		return file("csv", table{"audit", []string{"number", "at", "act", "actor", "subject", "organisation", "detail", "from", "before", "hash"}, func(row func(...string) error) error {
			return a.Audit.Each(context.WithoutCancel(ctx), within, func(e *audit.Entry) error {
				return row(e.ID, text(e.At), string(e.Act), e.Actor, e.Subject, e.Organisation, e.Detail, e.From, e.Before, e.Hash)
			})
		}}), nil
	}
	page, err := a.Audit.List(ctx, within, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	return jsonBody(AuditPage{append([]audit.Entry{}, page.Items...), page.Next}), nil
}

// DormantAccount is one that retention will erase.
type DormantAccount struct {
	Account string     `json:"account"`
	Name    string     `json:"name"`
	Email   string     `json:"email"`
	SeenOn  store.Time `json:"seen_on"`
	EraseOn store.Time `json:"erase_on"`
	Warned  bool       `json:"warned"`
}

type dormantOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []DormantAccount `json:"items" nullable:"false"`
	}
}

func (a *API) listDormant(ctx context.Context, _ *gate.Visitor, _ *struct{}) (*dormantOut, error) {
	list, err := a.People.Dormant(ctx)
	out := &dormantOut{CacheControl: "no-store"}
	out.Body.Items = []DormantAccount{}
	for _, d := range list {
		out.Body.Items = append(out.Body.Items, DormantAccount{d.Account.ID, d.Account.Name, d.Account.Email, d.Account.SeenOn, store.At(d.EraseOn), d.Warned})
	}
	return out, err
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
