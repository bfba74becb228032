package api

import (
	"context"
	"net/url"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/store"
)

// Organisation is an authority, a region or a unit.
type Organisation struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Country string `json:"country,omitempty" doc:"ISO 3166; absent: that of the organisation above"`
	Parent  string `json:"parent,omitempty" doc:"Id of the organisation above, where it may be seen"`
	Depth   int    `json:"depth" doc:"1 at the top"`
	// Settings are its own; what is empty is as above it.
	Settings people.Settings `json:"settings"`
}

// OrganisationOf shows an organisation to whoever may act at the scopes.
func OrganisationOf(o *people.Organisation, scopes []string) Organisation {
	out := Organisation{ID: o.ID, Name: o.Name, Country: o.Country, Depth: o.Depth(), Settings: o.Settings}
	for _, s := range scopes {
		if above := o.Parent(); above != "" && o.Path != s && people.Within(above, s) {
			out.Parent = people.IDOf(above)
		}
	}
	return out
}

type organisationOut struct{ Body Organisation }

type organisationsOut struct {
	Body struct {
		Items []Organisation `json:"items" nullable:"false"`
	}
}

func (a *API) listOrganisations(ctx context.Context, v *gate.Visitor, _ *struct{}) (*organisationsOut, error) {
	scopes := v.Scope(people.ManageOrganisations)
	list, err := a.People.Organisations(ctx, scopes...)
	if err != nil {
		return nil, err
	}
	out := &organisationsOut{}
	out.Body.Items = []Organisation{}
	for i := range list {
		out.Body.Items = append(out.Body.Items, OrganisationOf(&list[i], scopes))
	}
	return out, nil
}

type addOrganisationIn struct {
	Body struct {
		Name    string `json:"name" maxLength:"1000"`
		Parent  string `json:"parent,omitempty" maxLength:"100" doc:"Id of the organisation above; absent: at the top, for the site's administrators only"`
		Country string `json:"country,omitempty" maxLength:"10"`
	}
}

func (a *API) addOrganisation(ctx context.Context, v *gate.Visitor, in *addOrganisationIn) (*organisationOut, error) {
	if in.Body.Parent == "" {
		if err := v.May(people.RunSite); err != nil {
			return nil, err
		}
	} else if _, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Body.Parent); err != nil {
		return nil, err
	}
	o, err := a.People.AddOrganisation(ctx, v.Account, in.Body.Parent, in.Body.Name, in.Body.Country)
	if err != nil {
		return nil, err
	}
	return &organisationOut{OrganisationOf(o, v.Scope(people.ManageOrganisations))}, nil
}

// OrganisationFor finds an organisation that the visitor may do the act to; what
// they may not see is "not-found", as what is not there.
func (a *API) OrganisationFor(ctx context.Context, v *gate.Visitor, act people.Act, id string) (*people.Organisation, error) {
	if err := v.May(act); err != nil {
		return nil, err
	}
	o, err := a.People.Organisation(ctx, id)
	if err != nil {
		return nil, err
	}
	return o, v.MayAt(act, o.Path)
}

// OrganisationIn names an organisation in a path.
type OrganisationIn struct {
	Organisation string `path:"organisation" maxLength:"100"`
}

func (a *API) getOrganisation(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*organisationOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Organisation)
	if err != nil {
		return nil, err
	}
	return &organisationOut{OrganisationOf(o, v.Scope(people.ManageOrganisations))}, nil
}

type changeOrganisationIn struct {
	OrganisationIn
	Body struct {
		Name    string `json:"name" maxLength:"1000"`
		Country string `json:"country,omitempty" maxLength:"10"`
	}
}

func (a *API) changeOrganisation(ctx context.Context, v *gate.Visitor, in *changeOrganisationIn) (*organisationOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Organisation)
	if err != nil {
		return nil, err
	}
	if o, err = a.People.ChangeOrganisation(ctx, v.Account, o.ID, in.Body.Name, in.Body.Country); err != nil {
		return nil, err
	}
	return &organisationOut{OrganisationOf(o, v.Scope(people.ManageOrganisations))}, nil
}

type settingsIn struct {
	OrganisationIn
	Body struct {
		Languages  []string         `json:"languages,omitempty" maxItems:"30" doc:"That its people read, the first for new ones"`
		Sees       people.Sees      `json:"sees,omitempty" enum:"standing,counts" doc:"What administrators see of learning: who stands where, or counts without names"`
		SignUp     people.SignUp    `json:"sign_up,omitempty" enum:"closed,invitation,domain,open"`
		Domains    []string         `json:"domains,omitempty" maxItems:"20" doc:"Of e-mail addresses whose confirmed owners join; set by the site's administrators"`
		KeepMonths int              `json:"keep_months,omitempty" minimum:"0" maximum:"120" doc:"After the last sign-in an account is erased; 0: as above, at least 6 otherwise"`
		TimeZone   string           `json:"time_zone,omitempty" maxLength:"60" doc:"IANA name, in which days end; absent: as above, UTC at the top"`
		Reminders  people.Reminders `json:"reminders,omitempty" required:"false"`
	}
}

func (a *API) setSettings(ctx context.Context, v *gate.Visitor, in *settingsIn) (*organisationOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageOrganisations, in.Organisation)
	if err != nil {
		return nil, err
	}
	if o, err = a.People.Set(ctx, v.Account, o.ID, people.Settings(in.Body)); err != nil {
		return nil, err
	}
	return &organisationOut{OrganisationOf(o, v.Scope(people.ManageOrganisations))}, nil
}

// Member is a person who works in an organisation or below it.
type Member struct {
	Account      string        `json:"account"`
	Name         string        `json:"name"`
	Email        string        `json:"email"`
	Organisation string        `json:"organisation"`
	Roles        []people.Role `json:"roles" nullable:"false" doc:"In that organisation itself"`
}

// MemberOf shows an account as a member of its unit.
func MemberOf(a *people.Account) Member {
	return Member{a.ID, a.Name, a.Email, people.IDOf(a.Unit), a.RolesIn(a.Unit)}
}

type membersIn struct {
	OrganisationIn
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

type membersOut struct {
	Body struct {
		Items []Member `json:"items" nullable:"false"`
		Next  string   `json:"next" doc:"Cursor of the next page; empty at the end"`
	}
}

func (a *API) listMembers(ctx context.Context, v *gate.Visitor, in *membersIn) (*membersOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	page, err := a.People.Members(ctx, o.Path, in.Cursor, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &membersOut{}
	out.Body.Items, out.Body.Next = []Member{}, page.Next
	for i := range page.Items {
		out.Body.Items = append(out.Body.Items, MemberOf(&page.Items[i]))
	}
	return out, nil
}

// MemberIn names a person in an organisation in a path.
type MemberIn struct {
	OrganisationIn
	Account string `path:"account" maxLength:"100"`
}

type setMemberIn struct {
	MemberIn
	Body struct {
		Roles []people.Role `json:"roles" minItems:"1" maxItems:"3" nullable:"false" enum:"learner,trainer,administrator"`
	}
}

type memberOut struct{ Body Member }

func (a *API) setMember(ctx context.Context, v *gate.Visitor, in *setMemberIn) (*memberOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	person, err := a.People.SetMember(ctx, v.Account, in.Account, o, in.Body.Roles)
	if err != nil {
		return nil, err
	}
	return &memberOut{MemberOf(person)}, nil
}

func (a *API) removeMember(ctx context.Context, v *gate.Visitor, in *MemberIn) (*struct{}, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	_, err = a.People.RemoveMember(ctx, v.Account, in.Account, o)
	return nil, err
}

// Invitation lets people into an organisation.
type Invitation struct {
	ID        string        `json:"id"`
	Roles     []people.Role `json:"roles" nullable:"false"`
	Uses      int           `json:"uses"`
	Used      int           `json:"used"`
	ExpiresAt store.Time    `json:"expires_at"`
	Code      string        `json:"code,omitempty" doc:"Given once, when it is made"`
	URL       string        `json:"url,omitempty" doc:"Given once, when it is made"`
}

func invitationOf(i *people.Invitation) Invitation {
	return Invitation{ID: i.ID, Roles: i.Roles, Uses: i.Uses, Used: len(i.UsedBy), ExpiresAt: i.ExpiresAt}
}

type inviteIn struct {
	OrganisationIn
	Body struct {
		Roles []people.Role `json:"roles,omitempty" maxItems:"3" enum:"learner,trainer,administrator"`
		Uses  int           `json:"uses,omitempty" minimum:"1" maximum:"500" default:"1" doc:"How many people it lets in"`
		Days  int           `json:"days,omitempty" minimum:"1" maximum:"90" default:"14"`
	}
}

type invitationOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         Invitation
}

func (a *API) invite(ctx context.Context, v *gate.Visitor, in *inviteIn) (*invitationOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ToInvite(in.Body.Roles), in.Organisation)
	if err != nil {
		return nil, err
	}
	code, i, err := a.People.Invite(ctx, v.Account, o, in.Body.Roles, in.Body.Uses, in.Body.Days)
	if err != nil {
		return nil, err
	}
	out := &invitationOut{"no-store", invitationOf(i)}
	out.Body.Code, out.Body.URL = code, a.InvitationURL(code)
	return out, nil
}

// InvitationURL is the link that a code stands for.
func (a *API) InvitationURL(code string) string {
	return a.Gate.BaseURL.JoinPath("join").String() + "?code=" + url.QueryEscape(code)
}

type invitationsOut struct {
	Body struct {
		Items []Invitation `json:"items" nullable:"false"`
	}
}

func (a *API) listInvitations(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*invitationsOut, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	list, err := a.People.Invitations(ctx, o)
	if err != nil {
		return nil, err
	}
	out := &invitationsOut{}
	out.Body.Items = []Invitation{}
	for i := range list {
		out.Body.Items = append(out.Body.Items, invitationOf(&list[i]))
	}
	return out, nil
}

type withdrawIn struct {
	OrganisationIn
	Invitation string `path:"invitation" maxLength:"100"`
}

func (a *API) withdrawInvitation(ctx context.Context, v *gate.Visitor, in *withdrawIn) (*struct{}, error) {
	o, err := a.OrganisationFor(ctx, v, people.ManageAccounts, in.Organisation)
	if err != nil {
		return nil, err
	}
	return nil, a.People.Withdraw(ctx, v.Account, o, in.Invitation)
}

type acceptIn struct {
	Code string `path:"code" maxLength:"60"`
}

type acceptOut struct {
	Body struct {
		Organisation string        `json:"organisation" doc:"Its name"`
		Roles        []people.Role `json:"roles" nullable:"false"`
	}
}

func (a *API) readInvitation(ctx context.Context, _ *gate.Visitor, in *acceptIn) (*acceptOut, error) {
	i, o, err := a.People.Invitation(ctx, in.Code)
	if fault.Is(err, "not-found") {
		err = fault.At("invitation-invalid", "code")
	}
	if err != nil {
		return nil, err
	}
	out := &acceptOut{}
	out.Body.Organisation, out.Body.Roles = o.Name, i.Roles
	return out, nil
}

type acceptedOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Member
		Token string `json:"token,omitempty" doc:"Of a new session, where roles have ended every other"`
	}
}

func (a *API) acceptInvitation(ctx context.Context, v *gate.Visitor, in *acceptIn) (*acceptedOut, error) {
	person, opened, err := a.Accept(ctx, v, in.Code)
	if err != nil {
		return nil, err
	}
	out := &acceptedOut{CacheControl: "no-store"}
	out.Body.Member = MemberOf(person)
	if opened != nil {
		out.Body.Token = opened.Token
	}
	return out, nil
}

// Accept lets the visitor in by a code, with what they have learned. Roles end
// every session; opened is then a new one, and nil otherwise.
func (a *API) Accept(ctx context.Context, v *gate.Visitor, code string) (person *people.Account, opened *people.Opened, err error) {
	if person, err = a.People.Accept(ctx, v.Account, code); err != nil {
		return nil, nil, err
	}
	if person.SessionsFrom.Equal(v.Account.SessionsFrom.Time) {
		return person, nil, nil
	}
	token, s, err := a.People.OpenSession(ctx, person, v.Device)
	return person, &people.Opened{Token: token, Session: s, Account: person}, err
}

// OpenOrganisation is one that whoever has an account may join.
type OpenOrganisation struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type openOrganisationsOut struct {
	Body struct {
		Items []OpenOrganisation `json:"items" nullable:"false"`
	}
}

func (a *API) listOpenOrganisations(ctx context.Context, _ *gate.Visitor, _ *struct{}) (*openOrganisationsOut, error) {
	list, err := a.People.OpenOrganisations(ctx)
	out := &openOrganisationsOut{}
	out.Body.Items = []OpenOrganisation{}
	for _, o := range list {
		out.Body.Items = append(out.Body.Items, OpenOrganisation{o.ID, o.Name})
	}
	return out, err
}

func (a *API) joinOrganisation(ctx context.Context, v *gate.Visitor, in *OrganisationIn) (*struct{}, error) {
	_, err := a.People.Join(ctx, v.Account, in.Organisation)
	return nil, err
}
