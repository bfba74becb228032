package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/store"
)

type signInIn struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1000"`
		Shared   bool   `json:"shared,omitempty" doc:"Others use the device too: the session ends after four hours"`
	}
}

type signInOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Token     string     `json:"token" doc:"Send it as Authorization: Bearer"`
		ExpiresAt store.Time `json:"expires_at"`
		// SecondFactor asks for PUT /sessions/current/second-factor before the
		// token opens anything else.
		SecondFactor bool     `json:"second_factor,omitempty" doc:"The token opens nothing but PUT /sessions/current/second-factor"`
		Account      *Account `json:"account,omitempty" doc:"Absent while the second factor is missing"`
	}
}

func (a *API) signIn(ctx context.Context, v *gate.Visitor, in *signInIn) (*signInOut, error) {
	return signedIn(a.People.SignIn(ctx, in.Body.Email, in.Body.Password, v.Entry(in.Body.Shared)))
}

func signedIn(o *people.Opened, err error) (*signInOut, error) {
	if err != nil {
		return nil, err
	}
	out := &signInOut{CacheControl: "no-store"}
	out.Body.Token, out.Body.ExpiresAt, out.Body.SecondFactor = o.Token, o.Session.ExpiresAt, o.Session.Pending
	if !o.Session.Pending {
		account := accountOf(o.Account)
		out.Body.Account = &account
	}
	return out, nil
}

func (a *API) signOut(ctx context.Context, v *gate.Visitor, _ *struct{}) (*struct{}, error) {
	return nil, a.People.SignOut(ctx, v.Token())
}

// Session is one sign-in, as its owner sees it.
type Session struct {
	ID        string     `json:"id" doc:"No secret: the token cannot be made from it"`
	Current   bool       `json:"current" doc:"The one that asks"`
	Device    string     `json:"device" enum:"phone,computer,program"`
	CreatedAt store.Time `json:"created_at"`
	ExpiresAt store.Time `json:"expires_at"`
}

type sessionsOut struct {
	Body struct {
		Items []Session `json:"items" nullable:"false"`
	}
}

func (a *API) listSessions(ctx context.Context, v *gate.Visitor, _ *struct{}) (*sessionsOut, error) {
	list, err := a.People.Sessions(ctx, v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := &sessionsOut{}
	out.Body.Items = []Session{}
	for i := range list {
		s := &list[i]
		out.Body.Items = append(out.Body.Items, Session{s.ID, s.OpenedBy(v.Token()), s.Device, s.CreatedAt, s.ExpiresAt})
	}
	return out, nil
}

type endSessionIn struct {
	Session string `path:"session" maxLength:"100"`
}

func (a *API) endSession(ctx context.Context, v *gate.Visitor, in *endSessionIn) (*struct{}, error) {
	return nil, a.People.EndSession(ctx, v.Account.ID, in.Session)
}

func (a *API) endOtherSessions(ctx context.Context, v *gate.Visitor, _ *struct{}) (*struct{}, error) {
	return nil, a.People.EndSessions(ctx, v.Account.ID, v.Account.ID, v.Token())
}

type passwordIn struct {
	Body struct {
		Current  string `json:"current,omitempty" maxLength:"1000" doc:"Not needed within 15 minutes of a sign-in by link, passkey or provider"`
		Password string `json:"password" maxLength:"1000"`
	}
}

func (a *API) changePassword(ctx context.Context, v *gate.Visitor, in *passwordIn) (*signInOut, error) {
	return signedIn(a.People.ChangePassword(ctx, v.Account, v.Token(), in.Body.Current, in.Body.Password, v.Entry(false)))
}
