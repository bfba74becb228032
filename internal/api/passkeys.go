package api

import (
	"context"
	"encoding/json"

	"havn/internal/gate"
	"havn/internal/store"
)

// PasskeyQuestion is what a browser is to be asked, in the form of
// PublicKeyCredential.parseCreationOptionsFromJSON and parseRequestOptionsFromJSON
// (WebAuthn level 3, §5.1.8 and §5.1.9).
type PasskeyQuestion struct {
	Asked   string         `json:"asked" doc:"Send it back with the answer; it is good once, for five minutes"`
	Options map[string]any `json:"options"`
}

type questionOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         PasskeyQuestion
}

func questionOf(asked string, options any, err error) (*questionOut, error) {
	if err != nil {
		return nil, err
	}
	out := &questionOut{CacheControl: "no-store"}
	out.Body.Asked = asked
	text, err := json.Marshal(options)
	if err != nil {
		return nil, err
	}
	return out, json.Unmarshal(text, &out.Body.Options)
}

// PasskeyAnswer is what a browser answers (PublicKeyCredential.toJSON).
type PasskeyAnswer struct {
	ID         string `json:"id" maxLength:"2000"`
	RawID      string `json:"rawId" maxLength:"2000"`
	Type       string `json:"type" maxLength:"50"`
	Attachment string `json:"authenticatorAttachment,omitempty" maxLength:"50"`
	Response   struct {
		ClientDataJSON    string   `json:"clientDataJSON" maxLength:"10000"`
		AttestationObject string   `json:"attestationObject,omitempty" maxLength:"20000"`
		AuthenticatorData string   `json:"authenticatorData,omitempty" maxLength:"10000"`
		Signature         string   `json:"signature,omitempty" maxLength:"5000"`
		UserHandle        string   `json:"userHandle,omitempty" maxLength:"200"`
		Transports        []string `json:"transports,omitempty" maxItems:"10"`
	} `json:"response"`
}

// Bytes is the answer as the browser gave it, without what nobody asked for.
func (p *PasskeyAnswer) Bytes() []byte {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts can be encoded
	}
	return text
}

func (a *API) askForPasskey(ctx context.Context, _ *gate.Visitor, _ *struct{}) (*questionOut, error) {
	asked, options, err := a.People.AskForPasskey(ctx)
	if err != nil {
		return nil, err
	}
	return questionOf(asked, options.Response, nil)
}

type passkeySignInIn struct {
	Body struct {
		Asked  string        `json:"asked" maxLength:"100"`
		Answer PasskeyAnswer `json:"answer"`
		Shared bool          `json:"shared,omitempty"`
	}
}

func (a *API) signInByPasskey(ctx context.Context, v *gate.Visitor, in *passkeySignInIn) (*signInOut, error) {
	return signedIn(a.People.SignInByPasskey(ctx, in.Body.Asked, in.Body.Answer.Bytes(), v.Entry(in.Body.Shared)))
}

// Passkey is one as its owner sees it.
type Passkey struct {
	ID        string     `json:"id"`
	Name      string     `json:"name"`
	CreatedAt store.Time `json:"created_at"`
	UsedAt    store.Time `json:"used_at"`
}

type passkeysOut struct {
	Body struct {
		Items []Passkey `json:"items" nullable:"false"`
	}
}

func (a *API) listPasskeys(ctx context.Context, v *gate.Visitor, _ *struct{}) (*passkeysOut, error) {
	list, err := a.People.Passkeys(ctx, v.Account.ID)
	out := &passkeysOut{}
	out.Body.Items = []Passkey{}
	for _, k := range list {
		out.Body.Items = append(out.Body.Items, Passkey{k.ID, k.Name, k.CreatedAt, k.UsedAt})
	}
	return out, err
}

func (a *API) proposePasskey(ctx context.Context, v *gate.Visitor, in *reauthIn) (*questionOut, error) {
	if err := a.People.Reauthenticate(ctx, v.Account, v.Token(), in.Body.Password, "password"); err != nil {
		return nil, err
	}
	asked, options, err := a.People.ProposePasskey(ctx, v.Account)
	if err != nil {
		return nil, err
	}
	return questionOf(asked, options.Response, nil)
}

type addPasskeyIn struct {
	Body struct {
		Asked  string        `json:"asked" maxLength:"100"`
		Name   string        `json:"name" maxLength:"1000"`
		Answer PasskeyAnswer `json:"answer"`
	}
}

func (a *API) addPasskey(ctx context.Context, v *gate.Visitor, in *addPasskeyIn) (*struct{}, error) {
	return nil, a.People.AddPasskey(ctx, v.Account, in.Body.Asked, in.Body.Name, in.Body.Answer.Bytes())
}

type removePasskeyIn struct {
	Passkey string `path:"passkey" maxLength:"100"`
}

func (a *API) removePasskey(ctx context.Context, v *gate.Visitor, in *removePasskeyIn) (*struct{}, error) {
	return nil, a.People.RemovePasskey(ctx, v.Account, in.Passkey)
}
