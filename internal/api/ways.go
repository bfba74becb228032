package api

import (
	"context"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/store"
)

type linkIn struct {
	Body struct {
		Email string `json:"email" maxLength:"254"`
	}
}

type linkOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Asked string `json:"asked" doc:"Keep it: the link in the mail opens only together with it"`
	}
}

// sendLink answers the same whether anybody has the address or not.
func (a *API) sendLink(ctx context.Context, v *gate.Visitor, in *linkIn) (*linkOut, error) {
	asked, err := a.People.SendLink(ctx, in.Body.Email, v.Lang)
	if err != nil {
		return nil, err
	}
	out := &linkOut{CacheControl: "no-store"}
	out.Body.Asked = asked
	return out, nil
}

type openLinkIn struct {
	Body struct {
		Secret string `json:"secret" maxLength:"100" doc:"The last part of the link"`
		Asked  string `json:"asked" maxLength:"100"`
	}
}

func (a *API) openLink(ctx context.Context, v *gate.Visitor, in *openLinkIn) (*signInOut, error) {
	return signedIn(a.People.OpenLink(ctx, in.Body.Secret, in.Body.Asked, v.Entry(false)))
}

type confirmIn struct {
	Body struct {
		Secret string `json:"secret" maxLength:"100" doc:"The last part of the link"`
	}
}

func (a *API) confirmAddress(ctx context.Context, _ *gate.Visitor, in *confirmIn) (*struct{}, error) {
	return nil, a.Confirm(ctx, in.Body.Secret)
}

// Confirm notes that an address is its owner's, and takes what they learned
// along where they come into an organisation by it.
func (a *API) Confirm(ctx context.Context, secret string) error {
	_, err := a.People.Confirm(ctx, secret)
	return err
}

type codeIn struct {
	Body struct {
		Code string `json:"code" maxLength:"60"`
	}
}

func (a *API) passSecondFactor(ctx context.Context, v *gate.Visitor, in *codeIn) (*signInOut, error) {
	if !v.Pending {
		return nil, fault.New("sign-in-needed")
	}
	return signedIn(a.People.PassSecondFactor(ctx, v.Token(), in.Body.Code, v.Entry(false)))
}

type reauthIn struct {
	Body struct {
		Password string `json:"password,omitempty" maxLength:"1000" doc:"Not needed within 15 minutes of a sign-in by link, passkey, provider or code"`
	}
}

type proposalOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Secret  string `json:"secret" doc:"Base 32, to type into an authenticator app"`
		Address string `json:"address" doc:"otpauth:// address, to show as a QR code"`
	}
}

func (a *API) proposeSecondFactor(ctx context.Context, v *gate.Visitor, in *reauthIn) (*proposalOut, error) {
	if err := a.People.Reauthenticate(ctx, v.Account, v.Token(), in.Body.Password, "password"); err != nil {
		return nil, err
	}
	secret, address, err := a.People.ProposeSecondFactor(ctx, v.Account)
	if err != nil {
		return nil, err
	}
	out := &proposalOut{CacheControl: "no-store"}
	out.Body.Secret, out.Body.Address = secret, address
	return out, nil
}

type factorOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Recovery []string `json:"recovery" nullable:"false" doc:"Codes for paper, each good once, told once"`
		Token    string   `json:"token" doc:"Of the new session; every other has ended"`
	}
}

func (a *API) confirmSecondFactor(ctx context.Context, v *gate.Visitor, in *codeIn) (*factorOut, error) {
	codes, o, err := a.People.ConfirmSecondFactor(ctx, v.Account, in.Body.Code, v.Entry(false))
	if err != nil {
		return nil, err
	}
	out := &factorOut{CacheControl: "no-store"}
	out.Body.Recovery, out.Body.Token = codes, o.Token
	return out, nil
}

func (a *API) dropSecondFactor(ctx context.Context, v *gate.Visitor, in *codeIn) (*signInOut, error) {
	return signedIn(a.People.DropSecondFactor(ctx, v.Account, in.Body.Code, v.Entry(false)))
}

type pseudonymIn struct {
	Body struct {
		Name       string `json:"name,omitempty" maxLength:"1000" doc:"Any name; it is shown on certificates"`
		Language   string `json:"language,omitempty" maxLength:"35"`
		Invitation string `json:"invitation,omitempty" maxLength:"60"`
		Under18    bool   `json:"under_18,omitempty" doc:"Havn is for adults: true is refused, with where to find help"`
	}
}

type pseudonymOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Account Account `json:"account"`
		Code    string  `json:"code" doc:"To come back with; told once, and nobody can find it again"`
	}
}

func (a *API) signUpPseudonymous(ctx context.Context, v *gate.Visitor, in *pseudonymIn) (*pseudonymOut, error) {
	b := in.Body
	if b.Under18 {
		return nil, fault.New("under-18")
	}
	if b.Language == "" {
		b.Language = v.Lang
	}
	account, code, err := a.NewPseudonym(ctx, b.Name, b.Language, b.Invitation)
	if err != nil {
		return nil, err
	}
	out := &pseudonymOut{CacheControl: "no-store"}
	out.Body.Account, out.Body.Code = accountOf(account), code
	return out, nil
}

// NewPseudonym makes an account without an address, by invitation or where
// sign-up is open; else the fault is "sign-up-closed".
func (a *API) NewPseudonym(ctx context.Context, name, language, invitation string) (*people.Account, string, error) {
	if invitation == "" && !a.SignUp {
		return nil, "", fault.New("sign-up-closed")
	}
	if name == "" {
		name = a.Locale.T(language, "pseudonym.name")
	}
	return a.People.CreatePseudonymous(ctx, name, language, invitation)
}

func (a *API) comeBack(ctx context.Context, v *gate.Visitor, in *codeIn) (*signInOut, error) {
	return signedIn(a.People.ComeBack(ctx, in.Body.Code, v.Entry(false)))
}

// Token is a personal token, as its owner sees it.
type Token struct {
	ID        string              `json:"id" doc:"No secret: the token cannot be made from it"`
	Name      string              `json:"name"`
	Scopes    []people.TokenScope `json:"scopes" nullable:"false"`
	ReadOnly  bool                `json:"read_only"`
	CreatedAt store.Time          `json:"created_at"`
	ExpiresAt store.Time          `json:"expires_at"`
	Secret    string              `json:"secret,omitempty" doc:"Told once; send it as Authorization: Bearer"`
}

func tokenOf(t *people.Token) Token {
	return Token{t.ID, t.Name, t.Scopes, t.ReadOnly, t.CreatedAt, t.ExpiresAt, ""}
}

type tokensOut struct {
	Body struct {
		Items []Token `json:"items" nullable:"false"`
	}
}

func (a *API) listTokens(ctx context.Context, v *gate.Visitor, _ *struct{}) (*tokensOut, error) {
	list, err := a.People.Tokens(ctx, v.Account.ID)
	out := &tokensOut{}
	out.Body.Items = []Token{}
	for i := range list {
		out.Body.Items = append(out.Body.Items, tokenOf(&list[i]))
	}
	return out, err
}

type makeTokenIn struct {
	Body struct {
		Name     string              `json:"name" maxLength:"1000"`
		Scopes   []people.TokenScope `json:"scopes" minItems:"1" maxItems:"4" nullable:"false" enum:"learning,reports,people,courses" doc:"What of one's own rights it has"`
		ReadOnly bool                `json:"read_only,omitempty" doc:"It may change nothing"`
		Days     int                 `json:"days,omitempty" minimum:"1" maximum:"366" default:"90"`
		Password string              `json:"password,omitempty" maxLength:"1000" doc:"Not needed within 15 minutes of a sign-in by link, passkey, provider or code"`
	}
}

type tokenOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         Token
}

func (a *API) makeToken(ctx context.Context, v *gate.Visitor, in *makeTokenIn) (*tokenOut, error) {
	b := in.Body
	if err := a.People.Reauthenticate(ctx, v.Account, v.Token(), b.Password, "password"); err != nil {
		return nil, err
	}
	secret, t, err := a.People.MakeToken(ctx, v.Account, b.Name, b.Scopes, b.ReadOnly, b.Days)
	if err != nil {
		return nil, err
	}
	out := &tokenOut{"no-store", tokenOf(t)}
	out.Body.Secret = secret
	return out, nil
}

type endTokenIn struct {
	Token string `path:"token" maxLength:"100"`
}

func (a *API) endToken(ctx context.Context, v *gate.Visitor, in *endTokenIn) (*struct{}, error) {
	return nil, a.People.EndToken(ctx, v.Account.ID, in.Token)
}
