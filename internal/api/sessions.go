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
	}
}

type signInOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Token     string     `json:"token" doc:"Send it as Authorization: Bearer"`
		ExpiresAt store.Time `json:"expires_at"`
		Account   Account    `json:"account"`
	}
}

func (a *API) signIn(ctx context.Context, v *gate.Visitor, in *signInIn) (*signInOut, error) {
	token, session, account, err := a.People.SignIn(ctx, in.Body.Email, in.Body.Password, v.Device)
	if err != nil {
		return nil, err
	}
	return signedIn(token, session, account), nil
}

func signedIn(token string, session *people.Session, account *people.Account) *signInOut {
	out := &signInOut{CacheControl: "no-store"}
	out.Body.Token, out.Body.ExpiresAt, out.Body.Account = token, session.ExpiresAt, accountOf(account)
	return out
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
		Current  string `json:"current" maxLength:"1000"`
		Password string `json:"password" maxLength:"1000"`
	}
}

func (a *API) changePassword(ctx context.Context, v *gate.Visitor, in *passwordIn) (*signInOut, error) {
	token, session, err := a.People.ChangePassword(ctx, v.Account, in.Body.Current, in.Body.Password, v.Device)
	if err != nil {
		return nil, err
	}
	return signedIn(token, session, v.Account), nil
}
