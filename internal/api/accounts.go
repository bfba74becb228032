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
	ID         string            `json:"id"`
	Email      string            `json:"email"`
	Name       string            `json:"name"`
	Language   string            `json:"language"`
	Country    string            `json:"country,omitempty" doc:"Where the person works, by their own word or their organisation's"`
	Profession people.Profession `json:"profession,omitempty" doc:"By the person's own word; told to nobody but as numbers of people"`
	Roles      []people.Role     `json:"roles" nullable:"false" doc:"For the whole site"`
	// Organisation is where the person works, Grants their roles there and elsewhere.
	Organisation string     `json:"organisation,omitempty"`
	Grants       []Grant    `json:"grants,omitempty"`
	CreatedAt    store.Time `json:"created_at"`
	Quiet        bool       `json:"quiet,omitempty" doc:"Reminded of nothing but what an organisation asks for"`
}

// Grant is a role in an organisation and all that is below it, or in a country.
type Grant struct {
	Role         people.Role `json:"role"`
	Organisation string      `json:"organisation,omitempty"`
	Country      string      `json:"country,omitempty"`
}

func accountOf(a *people.Account) Account {
	out := Account{ID: a.ID, Email: a.Email, Name: a.Name, Language: a.Language, Country: a.WorksIn(), Profession: a.Profession, Roles: a.Roles, Organisation: people.IDOf(a.Unit), CreatedAt: a.CreatedAt, Quiet: a.Quiet}
	for _, g := range a.Grants {
		in := Grant{Role: g.Role, Country: people.CountryOf(g.Path)}
		if in.Country == "" {
			in.Organisation = people.IDOf(g.Path)
		}
		out.Grants = append(out.Grants, in)
	}
	return out
}

type accountOut struct{ Body Account }

type signUpIn struct {
	Body struct {
		Email      string            `json:"email" maxLength:"254"`
		Password   string            `json:"password" maxLength:"1000"`
		Name       string            `json:"name" maxLength:"1000"`
		Language   string            `json:"language,omitempty" maxLength:"35" doc:"BCP 47 tag of an interface language"`
		Profession people.Profession `json:"profession,omitempty" maxLength:"30" doc:"What one does: see PATCH /me; may be left out"`
		// Invitation opens the door where sign-up is closed.
		Invitation string `json:"invitation,omitempty" maxLength:"60" doc:"Code of an invitation; needed where sign-up is closed"`
		Under18    bool   `json:"under_18,omitempty" doc:"Havn is for adults: true is refused, with where to find help"`
	}
}

func (a *API) signUp(ctx context.Context, v *gate.Visitor, in *signUpIn) (*accountOut, error) {
	b := in.Body
	if b.Under18 {
		return nil, fault.New("under-18")
	}
	if b.Language == "" {
		b.Language = v.Lang
	}
	account, err := a.NewAccount(ctx, people.NewAccount{Email: b.Email, Password: b.Password, Name: b.Name, Language: b.Language, Profession: b.Profession}, b.Invitation)
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(account)}, nil
}

// NewAccount makes an account for whoever asks: by invitation, where sign-up is
// open, or with an address that an organisation takes in. Else the fault is
// "sign-up-closed".
func (a *API) NewAccount(ctx context.Context, n people.NewAccount, invitation string) (*people.Account, error) {
	if invitation == "" && !a.SignUp {
		if takes, err := a.People.TakesIn(ctx, n.Email); err != nil {
			return nil, err
		} else if !takes {
			return nil, fault.New("sign-up-closed")
		}
	}
	return a.People.SignUp(ctx, n, invitation)
}

type addAccountIn struct {
	Body struct {
		Email    string        `json:"email" maxLength:"254"`
		Password string        `json:"password" maxLength:"1000"`
		Name     string        `json:"name" maxLength:"1000"`
		Language string        `json:"language,omitempty" maxLength:"35"`
		Roles    []people.Role `json:"roles" minItems:"1" maxItems:"3" nullable:"false" enum:"learner,trainer,administrator" doc:"In the organisation; for the whole site where none is named"`
		// Organisation that the person works in; without it only the site's
		// administrators may make the account.
		Organisation string `json:"organisation,omitempty" maxLength:"100"`
	}
}

func (a *API) addAccount(ctx context.Context, v *gate.Visitor, in *addAccountIn) (*accountOut, error) {
	b := in.Body
	n := people.NewAccount{Email: b.Email, Password: b.Password, Name: b.Name, Language: b.Language, By: v.Account.ID}
	if b.Organisation == "" {
		if err := v.May(people.RunSite); err != nil {
			return nil, err
		}
		n.Roles = b.Roles
	} else {
		o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, b.Organisation)
		if err != nil {
			return nil, err
		}
		n.Unit, n.Grants = o.Path, people.GrantsAt(o.Path, b.Roles)
	}
	account, err := a.People.Create(ctx, n)
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

func (a *API) setExtraTime(ctx context.Context, v *gate.Visitor, in *extraTimeIn) (*struct{}, error) {
	person, err := a.person(ctx, v, in.Account)
	if err != nil {
		return nil, err
	}
	return nil, a.People.SetExtraTime(ctx, v.Account.ID, person.ID, in.Body.Percent)
}

// person finds an account that the visitor may manage; another is "not-found", as
// one that is not there.
func (a *API) person(ctx context.Context, v *gate.Visitor, id string) (*people.Account, error) {
	person, err := a.People.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	return person, v.MayAt(people.ManageAccounts, person.Unit)
}

type accessIn struct {
	Account string `path:"account"`
	Body    struct {
		Open bool `json:"open" doc:"false shuts the account out at once"`
	}
}

func (a *API) setAccess(ctx context.Context, v *gate.Visitor, in *accessIn) (*struct{}, error) {
	person, err := a.person(ctx, v, in.Account)
	if err != nil {
		return nil, err
	}
	return nil, a.People.SetAccess(ctx, v.Account.ID, person.ID, in.Body.Open)
}

type editorIn struct {
	Account string `path:"account"`
	Body    struct {
		Countries []string `json:"countries" maxItems:"50" nullable:"false" doc:"ISO 3166 codes; none takes the role away"`
	}
}

func (a *API) setEditor(ctx context.Context, v *gate.Visitor, in *editorIn) (*accountOut, error) {
	person, err := a.People.SetEditor(ctx, v.Account, in.Account, in.Body.Countries)
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(person)}, nil
}

func (a *API) me(_ context.Context, v *gate.Visitor, _ *struct{}) (*accountOut, error) {
	return &accountOut{accountOf(v.Account)}, nil
}

type ownWordsIn struct {
	Body struct {
		Language   string             `json:"language,omitempty" maxLength:"35" doc:"BCP 47 tag of an interface language"`
		Country    *string            `json:"country,omitempty" maxLength:"10" doc:"ISO 3166 code of where you work; empty: that of your organisation"`
		Profession *people.Profession `json:"profession,omitempty" maxLength:"30" doc:"border-guard, police, reception, social-work, guardian, interpreter, health, teacher, lawyer, volunteer or other; empty: unsaid"`
		Quiet      *bool              `json:"quiet,omitempty" doc:"True: no reminders but of what an organisation asks for"`
	}
}

func (a *API) changeMe(ctx context.Context, v *gate.Visitor, in *ownWordsIn) (*accountOut, error) {
	if in.Body.Language != "" {
		if err := a.People.SetLanguage(ctx, v.Account.ID, in.Body.Language); err != nil {
			return nil, err
		}
	}
	if in.Body.Country != nil {
		if err := a.People.SetCountry(ctx, v.Account.ID, *in.Body.Country); err != nil {
			return nil, err
		}
	}
	if in.Body.Profession != nil {
		if err := a.People.SetProfession(ctx, v.Account.ID, *in.Body.Profession); err != nil {
			return nil, err
		}
	}
	if in.Body.Quiet != nil {
		if err := a.People.SetQuiet(ctx, v.Account.ID, *in.Body.Quiet); err != nil {
			return nil, err
		}
	}
	account, err := a.People.Account(ctx, v.Account.ID)
	if err != nil {
		return nil, err
	}
	return &accountOut{accountOf(account)}, nil
}
