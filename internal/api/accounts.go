package api

import (
	"context"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/store"
)

// Account is a person as they see themselves.
type Account struct {
	ID        string        `json:"id"`
	Email     string        `json:"email"`
	Name      string        `json:"name"`
	Language  string        `json:"language"`
	Roles     []people.Role `json:"roles" nullable:"false"`
	CreatedAt store.Time    `json:"created_at"`
}

func accountOf(a *people.Account) Account {
	return Account{a.ID, a.Email, a.Name, a.Language, a.Roles, a.CreatedAt}
}

type accountOut struct{ Body Account }

type signUpIn struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1000"`
		Name     string `json:"name" maxLength:"1000"`
		Language string `json:"language,omitempty" maxLength:"35" doc:"BCP 47 tag of an interface language"`
	}
}

func (a *API) signUp(ctx context.Context, v *gate.Visitor, in *signUpIn) (*accountOut, error) {
	if !a.SignUp {
		return nil, fault.New("sign-up-closed")
	}
	b := in.Body
	if b.Language == "" {
		b.Language = v.Lang
	}
	account, err := a.People.Create(ctx, people.NewAccount{Email: b.Email, Password: b.Password, Name: b.Name, Language: b.Language})
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(account)}, nil
}

type addAccountIn struct {
	Body struct {
		Email    string        `json:"email" maxLength:"254"`
		Password string        `json:"password" maxLength:"1000"`
		Name     string        `json:"name" maxLength:"1000"`
		Language string        `json:"language,omitempty" maxLength:"35"`
		Roles    []people.Role `json:"roles" minItems:"1" maxItems:"3" nullable:"false" enum:"learner,trainer,administrator"`
	}
}

func (a *API) addAccount(ctx context.Context, _ *gate.Visitor, in *addAccountIn) (*accountOut, error) {
	b := in.Body
	account, err := a.People.Create(ctx, people.NewAccount{Email: b.Email, Password: b.Password, Name: b.Name, Language: b.Language, Roles: b.Roles})
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(account)}, nil
}

type extraTimeIn struct {
	Account string `path:"account"`
	Body    struct {
		Percent int `json:"percent" minimum:"0" maximum:"400" doc:"50 turns 20 minutes into 30"`
	}
}

func (a *API) setExtraTime(ctx context.Context, _ *gate.Visitor, in *extraTimeIn) (*struct{}, error) {
	return nil, a.People.SetExtraTime(ctx, in.Account, in.Body.Percent)
}

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

func (a *API) signIn(ctx context.Context, _ *gate.Visitor, in *signInIn) (*signInOut, error) {
	token, session, account, err := a.People.SignIn(ctx, in.Body.Email, in.Body.Password)
	if err != nil {
		return nil, err
	}
	out := &signInOut{CacheControl: "no-store"}
	out.Body.Token, out.Body.ExpiresAt, out.Body.Account = token, session.ExpiresAt, accountOf(account)
	return out, nil
}

func (a *API) signOut(ctx context.Context, v *gate.Visitor, _ *struct{}) (*struct{}, error) {
	return nil, a.People.SignOut(ctx, v.Token())
}

func (a *API) me(_ context.Context, v *gate.Visitor, _ *struct{}) (*accountOut, error) {
	return &accountOut{accountOf(v.Account)}, nil
}

type languageIn struct {
	Body struct {
		Language string `json:"language" maxLength:"35"`
	}
}

func (a *API) setLanguage(ctx context.Context, v *gate.Visitor, in *languageIn) (*accountOut, error) {
	if err := a.People.SetLanguage(ctx, v.Account.ID, in.Body.Language); err != nil {
		return nil, err
	}
	account, err := a.People.Account(ctx, v.Account.ID)
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(account)}, nil
}
