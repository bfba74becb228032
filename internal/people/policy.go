package people

import (
	"slices"

	"havn/internal/fault"
)

// Role is what an account may act as, for the site or in an organisation.
type Role string

// The roles.
const (
	Learner       Role = "learner"
	Tutor         Role = "tutor" // goes along with a cohort; only a cohort gives it
	Trainer       Role = "trainer"
	CountryEditor Role = "country-editor" // keeps true what the site's courses say of a country
	Administrator Role = "administrator"
)

// Grant is a role in an organisation and in all that is below it, in a cohort or
// in a country.
type Grant struct {
	Role Role   `json:"role"`
	Path string `json:"path"` // of the organisation; see CohortPath and CountryPath
}

// Act is something that not everybody may do.
type Act string

// The acts. What is not listed (reading courses, checking a certificate) is
// open to all; one's own learning is open to each who has signed in.
const (
	Learn               Act = "learn"                // enrol, read, take quizzes, for oneself
	OwnAccount          Act = "own account"          // one's own ways in, tokens, export, erasure
	SeeCompletions      Act = "see completions"      // of an organisation's people: enrolled, completed, date, certificate
	SeeFigures          Act = "see figures"          // protected numbers of an organisation's people
	Invite              Act = "invite"               // bring learners in
	ManageCohorts       Act = "manage cohorts"       // make cohorts, assign courses, exempt
	SeeCohort           Act = "see cohort"           // the standing of a cohort's members in its courses
	SeeAnswers          Act = "see answers"          // of a cohort's members, as far as tracking's sight goes
	ManageAccounts      Act = "manage accounts"      // create accounts, give roles, give extra time
	ManageOrganisations Act = "manage organisations" // change an organisation, make others below it
	ReadAudit           Act = "read audit"           // the log of an organisation
	Publish             Act = "publish"              // publish a course of an organisation, or of the site
	LeadRoom            Act = "lead a room"          // ask the people of a workshop
	EditCountry         Act = "edit country"         // publish what the site's courses say of a country
	RunSite             Act = "run site"             // what concerns all organisations
)

// rules say which roles an act needs (any of them; none: all who have signed
// in), whether an organisation's own suffices, what it touches then being at or
// below the organisation, and which scope of a personal token covers it.
var rules = map[Act]struct {
	roles  []Role
	within bool
	scope  TokenScope
}{
	Learn:               {nil, false, LearningScope},
	OwnAccount:          {nil, false, ""}, // never by a token
	SeeCompletions:      {[]Role{Administrator}, true, ReportsScope},
	SeeFigures:          {[]Role{Administrator}, true, ReportsScope},
	Invite:              {[]Role{Administrator}, true, PeopleScope},
	ManageCohorts:       {[]Role{Administrator}, true, PeopleScope},
	SeeCohort:           {[]Role{Administrator, Tutor}, true, ReportsScope},
	SeeAnswers:          {[]Role{Tutor}, true, ""}, // never by a token
	ManageAccounts:      {[]Role{Administrator}, true, PeopleScope},
	ManageOrganisations: {[]Role{Administrator}, true, PeopleScope},
	ReadAudit:           {[]Role{Administrator}, true, ReportsScope},
	Publish:             {[]Role{Trainer}, true, CoursesScope},
	LeadRoom:            {[]Role{Trainer, Tutor}, true, ""}, // in a browser, not by a token
	EditCountry:         {[]Role{Trainer, CountryEditor}, true, CoursesScope},
	RunSite:             {[]Role{Administrator}, false, PeopleScope},
}

// ToInvite is the act that bringing people in with roles takes.
func ToInvite(roles []Role) Act {
	if slices.ContainsFunc(roles, func(r Role) bool { return r != Learner }) {
		return ManageAccounts
	}
	return Invite
}

// TokenScope is a part of what an account may do, which a personal token may do too.
type TokenScope string

// The scopes of personal tokens.
const (
	LearningScope TokenScope = "learning"
	ReportsScope  TokenScope = "reports" // completions and the security log
	PeopleScope   TokenScope = "people"  // accounts, organisations, invitations
	CoursesScope  TokenScope = "courses" // publishing
)

// TokenScopes are all there are.
var TokenScopes = []TokenScope{LearningScope, ReportsScope, PeopleScope, CoursesScope}

// bounds are what a personal token leaves of its account.
type bounds struct {
	scopes   []TokenScope
	readOnly bool
}

// ReadOnly tells whether the account came by a token that may change nothing.
func (a *Account) ReadOnly() bool { return a.bounds != nil && a.bounds.readOnly }

// Scope is where an account may do an act: the paths of organisations, with ""
// for everywhere; none is nowhere.
func Scope(a *Account, act Act) []string {
	rule, ok := rules[act]
	switch {
	case a == nil, !ok, a.bounds != nil && !slices.Contains(a.bounds.scopes, rule.scope):
		return nil
	case len(rule.roles) == 0, slices.ContainsFunc(a.Roles, func(r Role) bool { return r != Tutor && slices.Contains(rule.roles, r) }):
		return []string{""}
	}
	var paths []string
	for _, g := range a.Grants {
		if rule.within && slices.Contains(rule.roles, g.Role) && (g.Role != Tutor || IsCohort(g.Path)) {
			paths = append(paths, g.Path)
		}
	}
	return paths
}

// MayEverywhere answers nil if the account may do the act to everything.
func MayEverywhere(a *Account, act Act) error {
	if err := May(a, act); err != nil {
		return err
	}
	if !slices.Contains(Scope(a, act), "") {
		return fault.New("forbidden")
	}
	return nil
}

// May answers nil if the account may do the act somewhere. Without an account
// the fault is "sign-in-needed", otherwise "forbidden".
func May(a *Account, act Act) error {
	switch {
	case a == nil:
		return fault.New("sign-in-needed")
	case len(Scope(a, act)) == 0:
		return fault.New("forbidden")
	}
	return nil
}

// MayAt answers nil if the account may do the act to what is at a path, "" being
// what belongs to no organisation. The fault is then "not-found", as for what
// is not there: nobody learns what another organisation has.
func MayAt(a *Account, act Act, path string) error {
	if a == nil {
		return fault.New("sign-in-needed")
	}
	for _, scope := range Scope(a, act) {
		if Within(path, scope) {
			return nil
		}
	}
	return fault.New("not-found")
}
