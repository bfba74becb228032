package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/store"
)

// Certificate is what anybody who has the code may see: enough to check a paper
// against, and no name.
type Certificate struct {
	Code      string                     `json:"code"`
	Status    learning.CertificateStatus `json:"status" enum:"valid,expired,revoked"`
	Holder    string                     `json:"holder" doc:"Initials"`
	Course    string                     `json:"course"`
	Title     string                     `json:"title"`
	Version   int                        `json:"version"`
	Language  string                     `json:"language"`
	IssuedAt  store.Time                 `json:"issued_at"`
	ExpiresAt store.Time                 `json:"expires_at"`
}

type certificateIn struct {
	Code string `path:"code" maxLength:"100"`
	LangIn
}

type certificateOut struct {
	ContentLanguage string `header:"Content-Language"`
	Robots          string `header:"X-Robots-Tag"`
	Body            Certificate
}

func (a *API) checkCertificate(ctx context.Context, v *gate.Visitor, in *certificateIn) (*certificateOut, error) {
	c, err := a.Learning.Certificate(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	p, err := a.Library.At(ctx, c.Course, c.Version)
	if err != nil {
		return nil, err
	}
	title := v.Edition(p).Title
	return &certificateOut{ContentLanguage: title.Lang, Robots: "noindex", Body: Certificate{
		Code: c.ID, Status: c.Status(a.Now()), Holder: c.Initials(), Course: c.Course, Title: title.Plain,
		Version: c.Version, Language: c.Language, IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	}}, nil
}
