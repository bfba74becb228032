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
	Trainer       Role = "trainer"
	Administrator Role = "administrator"
)

// Grant is a role in an organisation and in all that is below it.
type Grant struct {
	Role Role   `json:"role"`
	Path string `json:"path"` // of the organisation
}

// Act is something that not everybody may do.
type Act string

// The acts. What is not listed (reading courses, checking a certificate) is
// open to all; one's own learning is open to each who has signed in.
const (
	Learn               Act = "learn"                // enrol, read, take quizzes, for oneself
	SeeCompletions      Act = "see completions"      // of an organisation's people: enrolled, completed, date, certificate
	ManageAccounts      Act = "manage accounts"      // create accounts, bring people in, give extra time
	ManageOrganisations Act = "manage organisations" // change an organisation, make others below it
	ReadAudit           Act = "read audit"           // the log of an organisation
	Publish             Act = "publish"              // see a course's problems and publish a changed folder
	RunSite             Act = "run site"             // what concerns all organisations
)

// rules say which role each act needs, and whether an organisation's own
// suffices: what it touches must then be at or below the organisation.
var rules = map[Act]struct {
	role   Role
	within bool
}{
	SeeCompletions:      {Administrator, true},
	ManageAccounts:      {Administrator, true},
	ManageOrganisations: {Administrator, true},
	ReadAudit:           {Administrator, true},
	Publish:             {Trainer, false},
	RunSite:             {Administrator, false},
}

// Scope is where an account may do an act: the paths of organisations, with ""
// for everywhere; none is nowhere.
func Scope(a *Account, act Act) []string {
	rule, ok := rules[act]
	switch {
	case a == nil:
		return nil
	case !ok, slices.Contains(a.Roles, rule.role):
		return []string{""}
	}
	var paths []string
	for _, g := range a.Grants {
		if rule.within && g.Role == rule.role {
			paths = append(paths, g.Path)
		}
	}
	return paths
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
