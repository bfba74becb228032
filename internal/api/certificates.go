package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/issuer"
	"havn/internal/learning"
	"havn/internal/people"
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
	c, p, err := a.certificate(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	title := v.Edition(p).Title
	return &certificateOut{ContentLanguage: title.Lang, Robots: "noindex", Body: Certificate{
		Code: c.ID, Status: c.Status(a.Now()), Holder: c.Initials(), Course: c.Course, Title: title.Plain,
		Version: c.Version, Language: c.Language, IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt,
	}}, nil
}

// vcJWT is the media type of a VC-JWT (W3C, Securing Verifiable Credentials
// using JOSE and COSE, §6.1).
const vcJWT = "application/vc+jwt"

type credentialIn struct {
	Code   string `path:"code" maxLength:"100"`
	Accept string `header:"Accept" maxLength:"500" doc:"application/vc+jwt gives a VC-JWT instead of JSON with a proof"`
	LangIn
}

func credentialOp() huma.Operation {
	o := op("get-credential", http.MethodGet, "/certificates/{code}/credential", "A certificate as an Open Badges 3.0 credential", 200, 404)
	o.Responses = map[string]*huma.Response{"200": {
		Description: "With a Data Integrity proof (eddsa-rdfc-2022), or as a VC-JWT. The holder, signed in, gets their name in it; all others initials.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: "object"}}, vcJWT: {Schema: &huma.Schema{Type: "string"}},
		},
	}}
	return o
}

func (a *API) getCredential(ctx context.Context, v *gate.Visitor, in *credentialIn) (*huma.StreamResponse, error) {
	c, p, err := a.certificate(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	if !c.RevokedAt.IsZero() {
		return nil, fault.New("certificate-revoked")
	}
	what := a.Issuer.Achievement(c, p, v.Edition(p), HolderFor(v, c))
	kind, body := "application/json", []byte(nil)
	if strings.Contains(in.Accept, vcJWT) {
		var token string
		token, err = a.Issuer.JWT(what)
		kind, body = vcJWT, []byte(token)
	} else {
		body, err = a.Issuer.Badge(what)
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", kind)
		h.SetHeader("Vary", "Accept")
		h.SetHeader("Cache-Control", "no-store")
		h.SetHeader("X-Robots-Tag", "noindex")
		_, _ = h.BodyWriter().Write(body)
	}}, nil
}

// HolderFor is the holder's name for themselves and initials for all others.
func HolderFor(v *gate.Visitor, c *learning.Certificate) string {
	if v.Account != nil && v.Account.ID == c.Account {
		return c.Holder
	}
	return c.Initials()
}

// certificate finds a certificate and the version of the course that it is of.
func (a *API) certificate(ctx context.Context, code string) (*learning.Certificate, *course.Publication, error) {
	c, err := a.Learning.Certificate(ctx, code)
	if err != nil {
		return nil, nil, err
	}
	p, err := a.Library.At(ctx, c.Course, c.Version)
	return c, p, err
}

type revocationsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         issuer.Revocations
}

func (a *API) listRevocations(ctx context.Context, _ *gate.Visitor, _ *struct{}) (*revocationsOut, error) {
	codes, err := a.Learning.Revoked(ctx)
	if err != nil {
		return nil, err
	}
	return &revocationsOut{"public, max-age=300", a.Issuer.Revocations(codes, a.Now())}, nil
}

type revokeIn struct {
	Code string `path:"code" maxLength:"100"`
}

// revokeCertificate is for the administrators of the holder's organisation; what
// belongs to nobody any more is the site's.
func (a *API) revokeCertificate(ctx context.Context, v *gate.Visitor, in *revokeIn) (*struct{}, error) {
	c, err := a.Learning.Certificate(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	unit := ""
	person, err := a.People.Account(ctx, c.Account)
	if err == nil {
		unit = person.Unit
	} else if !fault.Is(err, "not-found") {
		return nil, err
	}
	if err := v.MayAt(people.ManageAccounts, unit); err != nil {
		return nil, err
	}
	if err := a.Audit.Add(ctx, audit.Event{Key: "revoked:" + c.ID, Act: audit.CertificateRevoked, Actor: v.Account.ID, Subject: c.Account, Organisation: unit}); err != nil {
		return nil, err
	}
	return nil, a.Learning.Revoke(ctx, c.ID)
}
