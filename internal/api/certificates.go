package api

import (
	"cmp"
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/issuer"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Certificate is what anybody who has the code may see: enough to check a paper
// against, and of the holder what they chose.
type Certificate struct {
	Code      string                     `json:"code"`
	Status    learning.CertificateStatus `json:"status" enum:"valid,expired,revoked"`
	Holder    string                     `json:"holder" doc:"As the holder chose: initials, the name, or empty"`
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
		Code: c.ID, Status: c.Status(a.Now()), Holder: c.Shown(), Course: c.Course, Title: title.Plain,
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
		Description: "With a Data Integrity proof (eddsa-rdfc-2022), or as a VC-JWT. The holder, signed in, gets their name in it; all others what the holder chose. Without lang in the language that the holder chose.",
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
	edition := p.Edition(language.Match(p.Offered(), cmp.Or(in.Lang, c.Language)))
	what, key := a.Issuer.Achievement(c, p, edition, HolderFor(v, c)), a.Issuer.Key()
	kind, body := "application/json", []byte(nil)
	if strings.Contains(in.Accept, vcJWT) {
		var token string
		token, err = key.JWT(what)
		kind, body = vcJWT, []byte(token)
	} else {
		body, err = key.Badge(what)
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

// HolderFor is the holder's name for themselves, and for all others what they chose.
func HolderFor(v *gate.Visitor, c *learning.Certificate) string {
	if v.Account != nil && v.Account.ID == c.Account {
		return c.Holder
	}
	return c.Shown()
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

type revocationsIn struct {
	Key string `query:"key" maxLength:"100" doc:"Name of one of the issuer's keys (z6Mk…); without it the one that signs now"`
}

type revocationsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         issuer.Revocations
}

func (a *API) listRevocations(ctx context.Context, _ *gate.Visitor, in *revocationsIn) (*revocationsOut, error) {
	withdrawn, err := a.Learning.Revoked(ctx)
	if err != nil {
		return nil, err
	}
	list, ok := a.Issuer.Revocations(in.Key, withdrawn, a.Now())
	if !ok {
		return nil, fault.New("not-found")
	}
	return &revocationsOut{"public, max-age=300", list}, nil
}

type statusIn struct {
	Key  string `path:"key" maxLength:"100" doc:"Name of the key that signed the credential (z6Mk…)"`
	List string `path:"list" maxLength:"10" pattern:"^[1-9][0-9]*$"`
}

func statusOp() huma.Operation {
	o := op("get-status-list", http.MethodGet, "/certificates/status/{key}/{list}", "Which credentials were withdrawn, as a W3C Bitstring Status List", 200, 404)
	o.Responses = map[string]*huma.Response{"200": {
		Description: "A BitstringStatusListCredential with a Data Integrity proof; credentials name it as their credentialStatus.",
		Content:     map[string]*huma.MediaType{vcJSON: {Schema: &huma.Schema{Type: "object"}}},
	}}
	return o
}

// vcJSON is the media type of a credential (W3C, VC Data Model 2.0, §C.1).
const vcJSON = "application/vc"

func (a *API) getStatusList(ctx context.Context, _ *gate.Visitor, in *statusIn) (*huma.StreamResponse, error) {
	withdrawn, err := a.Learning.Revoked(ctx)
	if err != nil {
		return nil, err
	}
	body, ok, err := a.Issuer.StatusList(in.Key, in.List, withdrawn, a.Now())
	if err == nil && !ok {
		err = fault.New("not-found")
	}
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", vcJSON)
		h.SetHeader("Cache-Control", "public, max-age=300")
		_, _ = h.BodyWriter().Write(body)
	}}, nil
}

type issuerOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         issuer.Document
}

func (a *API) getIssuer(context.Context, *gate.Visitor, *struct{}) (*issuerOut, error) {
	return &issuerOut{"public, max-age=300", a.Issuer.Document()}, nil
}

// OwnCertificate is a certificate as its holder sees it in a list.
type OwnCertificate struct {
	Code      string                     `json:"code"`
	Status    learning.CertificateStatus `json:"status" enum:"valid,expired,revoked"`
	Course    string                     `json:"course"`
	Title     string                     `json:"title"`
	TitleLang string                     `json:"title_lang"`
	Version   int                        `json:"version"`
	Language  string                     `json:"language" doc:"That the certificate is written in where none is asked for"`
	Shows     learning.Shows             `json:"shows" enum:"initials,name,nothing" doc:"What strangers who have the code see of the holder"`
	IssuedAt  store.Time                 `json:"issued_at"`
	ExpiresAt store.Time                 `json:"expires_at"`
	Renews    string                     `json:"renews,omitempty" doc:"The code of the one that it took the place of"`
	RenewedBy string                     `json:"renewed_by,omitempty" doc:"The code of the one that took its place"`
	Due       []learning.Due             `json:"due" nullable:"false"`
}

func (a *API) ownCertificate(ctx context.Context, v *gate.Visitor, c *learning.Certificate) (OwnCertificate, error) {
	p, err := a.Library.At(ctx, c.Course, c.Version)
	if err != nil {
		return OwnCertificate{}, err
	}
	title := v.Edition(p).Title
	return OwnCertificate{
		Code: c.ID, Status: c.Status(a.Now()), Course: c.Course, Title: title.Plain, TitleLang: title.Lang, Version: c.Version, Language: c.Language,
		Renews: c.Renews, Shows: c.Shows, IssuedAt: c.IssuedAt, ExpiresAt: c.ExpiresAt, Due: append([]learning.Due{}, c.Dues()...),
	}, nil
}

// OwnCertificates are the visitor's, the newest first.
func (a *API) OwnCertificates(ctx context.Context, v *gate.Visitor) ([]OwnCertificate, error) {
	list, err := a.Learning.Certificates(ctx, v.Learner())
	out := []OwnCertificate{}
	for i := range list {
		own, failed := a.ownCertificate(ctx, v, &list[i])
		if failed != nil {
			return nil, failed
		}
		out = append(out, own)
	}
	for i := range out {
		for _, later := range out {
			if later.Renews == out[i].Code {
				out[i].RenewedBy, out[i].Due = later.Code, []learning.Due{}
			}
		}
	}
	return out, err
}

type ownCertificatesOut struct {
	Body struct {
		Items []OwnCertificate `json:"items" nullable:"false"`
	}
}

func (a *API) listCertificates(ctx context.Context, v *gate.Visitor, _ *LangIn) (*ownCertificatesOut, error) {
	out := &ownCertificatesOut{}
	var err error
	out.Body.Items, err = a.OwnCertificates(ctx, v)
	return out, err
}

type chooseIn struct {
	Code string `path:"code" maxLength:"100"`
	LangIn
	Body struct {
		Shows    learning.Shows `json:"shows,omitempty" enum:"initials,name,nothing"`
		Language string         `json:"language,omitempty" maxLength:"35"`
	}
}

type chosenOut struct{ Body OwnCertificate }

func (a *API) chooseForCertificate(ctx context.Context, v *gate.Visitor, in *chooseIn) (*chosenOut, error) {
	c, err := a.Learning.Choose(ctx, v.Learner(), in.Code, learning.Choice{Shows: in.Body.Shows, Language: in.Body.Language})
	if err != nil {
		return nil, err
	}
	own, err := a.ownCertificate(ctx, v, c)
	return &chosenOut{own}, err
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
