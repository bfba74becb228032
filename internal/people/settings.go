package people

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // so that which time zones there are does not depend on the machine

	"havn/internal/audit"
	"havn/internal/fault"
)

// Settings are an organisation's own rules. What is left empty is as in the
// organisation above it.
type Settings struct {
	// Languages that its people read, the first of which new ones begin with.
	Languages []string `json:"languages"`
	Sees      Sees     `json:"sees"`
	SignUp    SignUp   `json:"sign_up"`
	// Domains of e-mail addresses whose confirmed owners may join. Only the
	// site's administrators set them: a domain decides where people go.
	Domains []string `json:"domains"`
	// KeepMonths after somebody's last sign-in their account is erased; 0 as above.
	KeepMonths int `json:"keep_months"`
	// TimeZone in which its days begin and end, by its IANA name
	// ("Europe/Tallinn"); "" as above, UTC at the top.
	TimeZone string `json:"time_zone"`
	// Reminders are the letters about what is due.
	Reminders Reminders `json:"reminders"`
}

// Reminders are on which days people are reminded. What is left empty is as above.
type Reminders struct {
	Send Switch `json:"send,omitempty" enum:"on,off" doc:"Absent: as above, on at the top"`
	// Before is how many days before something is due, Ends how many before a
	// certificate ends: the earliest first.
	Before []int `json:"before,omitempty" maxItems:"5" doc:"Days before something is due; absent: as above, 14 and 3 at the top"`
	Ends   []int `json:"ends,omitempty" maxItems:"5" doc:"Days before a certificate ends; absent: as above, 60 and 14 at the top"`
}

// Switch is on, off or as above.
type Switch string

// The switches.
const (
	On  Switch = "on"
	Off Switch = "off"
)

// What holds of reminders where no organisation says anything, and how far before
// a day they may come.
var (
	RemindBefore = []int{14, 3}
	RemindEnds   = []int{60, 14}
)

// Limits of reminders, in days and in how many there are.
const (
	MostBefore    = 90
	MostEnds      = 180
	MostReminders = 5
)

// Filled are the reminders with what holds where nobody says anything.
func (r Reminders) Filled() Reminders {
	if r.Send == "" {
		r.Send = On
	}
	if len(r.Before) == 0 {
		r.Before = RemindBefore
	}
	if len(r.Ends) == 0 {
		r.Ends = RemindEnds
	}
	return r
}

// cleanDays brings days into order; not ok where one is out of range or there are
// too many.
func cleanDays(days []int, most int) (clean []int, ok bool) {
	clean = slices.Clone(days)
	slices.SortFunc(clean, func(a, b int) int { return b - a })
	clean = slices.Compact(clean)
	return clean, len(clean) <= MostReminders && !slices.ContainsFunc(clean, func(n int) bool { return n < 1 || n > most })
}

// Zone is the time zone as a location.
func (s Settings) Zone() *time.Location {
	if l, err := zone(s.TimeZone); err == nil {
		return l
	}
	return time.UTC
}

// ZoneAt is the time zone that holds at a path.
func (p *People) ZoneAt(ctx context.Context, path string) (*time.Location, error) {
	s, err := p.SettingsAt(ctx, path)
	return s.Zone(), err
}

func zone(name string) (*time.Location, error) {
	if name == "Local" { // of the machine, which may not decide
		return nil, fault.At("invalid-field", "time_zone")
	}
	return time.LoadLocation(name)
}

// Sees is what administrators and tutors see of their people's learning.
type Sees string

// What they may see.
const (
	SeesStanding Sees = "standing" // who is enrolled, who completed, when, with which certificate; the default
	SeesCounts   Sees = "counts"   // how many, without names; counts for all that is below
)

// SignUp is how people come into an organisation.
type SignUp string

// The ways; "" is ByInvitation.
const (
	SignUpClosed SignUp = "closed" // only administrators bring people in
	ByInvitation SignUp = "invitation"
	ByDomain     SignUp = "domain" // by invitation, or with a confirmed address of one of the domains
	SignUpOpen   SignUp = "open"   // whoever has an account
)

// KeepMonths' range.
const (
	LeastKeep = 6
	MostKeep  = 120
)

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)

// Set gives an organisation its settings. Faults name the field.
func (p *People) Set(ctx context.Context, by *Account, id string, s Settings) (*Organisation, error) {
	for i, d := range s.Domains {
		s.Domains[i] = strings.ToLower(strings.TrimSpace(d))
	}
	switch {
	case slices.ContainsFunc(s.Languages, func(l string) bool { return !slices.Contains(p.Languages, l) }):
		return nil, fault.At("language-unknown", "languages")
	case s.Sees != "" && s.Sees != SeesStanding && s.Sees != SeesCounts:
		return nil, fault.At("invalid-field", "sees")
	case !slices.Contains([]SignUp{"", SignUpClosed, ByInvitation, ByDomain, SignUpOpen}, s.SignUp):
		return nil, fault.At("invalid-field", "sign_up")
	case len(s.Domains) > 20 || slices.ContainsFunc(s.Domains, func(d string) bool { return len(d) > 253 || !domainName.MatchString(d) }):
		return nil, fault.At("invalid-field", "domains")
	case s.KeepMonths != 0 && (s.KeepMonths < LeastKeep || s.KeepMonths > MostKeep):
		return nil, fault.At("invalid-field", "keep_months")
	}
	if _, err := zone(s.TimeZone); err != nil {
		return nil, fault.At("invalid-field", "time_zone")
	}
	var before, ends bool
	s.Reminders.Before, before = cleanDays(s.Reminders.Before, MostBefore)
	s.Reminders.Ends, ends = cleanDays(s.Reminders.Ends, MostEnds)
	switch {
	case !slices.Contains([]Switch{"", On, Off}, s.Reminders.Send):
		return nil, fault.At("invalid-field", "reminders")
	case !before:
		return nil, fault.At("reminder-days-invalid", "reminders.before").With("max", MostBefore).With("many", MostReminders)
	case !ends:
		return nil, fault.At("reminder-days-invalid", "reminders.ends").With("max", MostEnds).With("many", MostReminders)
	}
	o, err := p.Organisation(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(o.Settings.Domains, s.Domains) && May(by, RunSite) != nil {
		return nil, fault.At("forbidden", "domains")
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.OrganisationChanged, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, err
	}
	return p.organisations.Update(ctx, id, func(o *Organisation) error { o.Settings = s; return nil })
}

// SettingsAt are those that hold at a path, with what comes from above filled in.
func (p *People) SettingsAt(ctx context.Context, path string) (Settings, error) {
	s := Settings{}
	for at := path; at != ""; {
		o, err := p.Organisation(ctx, IDOf(at))
		if err != nil {
			return s, err
		}
		s.inherit(o.Settings)
		if at == path {
			s.SignUp, s.Domains = o.Settings.SignUp, o.Settings.Domains
		}
		at = o.Parent()
	}
	if s.Sees == "" {
		s.Sees = SeesStanding
	}
	return s, nil
}

// inherit fills in what an organisation above says.
func (s *Settings) inherit(above Settings) {
	if len(s.Languages) == 0 {
		s.Languages = above.Languages
	}
	if above.Sees == SeesCounts || s.Sees == "" {
		s.Sees = above.Sees
	}
	if s.KeepMonths == 0 {
		s.KeepMonths = above.KeepMonths
	}
	if s.TimeZone == "" {
		s.TimeZone = above.TimeZone
	}
	if s.Reminders.Send == "" {
		s.Reminders.Send = above.Reminders.Send
	}
	if len(s.Reminders.Before) == 0 {
		s.Reminders.Before = above.Reminders.Before
	}
	if len(s.Reminders.Ends) == 0 {
		s.Reminders.Ends = above.Reminders.Ends
	}
}

// EverySettings are those that hold at each path, and at "" for who works nowhere.
func (p *People) EverySettings(ctx context.Context) (map[string]Settings, error) {
	list, err := p.Organisations(ctx, "") // the one above comes before
	all := map[string]Settings{"": {}}
	for _, o := range list {
		s := o.Settings
		s.inherit(all[o.Parent()])
		all[o.Path] = s
	}
	return all, err
}

// welcome lets an account with a confirmed address into the organisation that
// has its domain. Whoever works somewhere already stays there.
func (p *People) welcome(ctx context.Context, a *Account) error {
	if a.Unit != "" || !a.Confirmed {
		return nil
	}
	o, err := p.byDomain(ctx, a.Email)
	if err != nil || o == nil {
		return err
	}
	_, err = p.join(ctx, a.ID, a, o, []Role{Learner})
	return err
}

// TakesIn tells whether some organisation takes in whoever owns the address.
func (p *People) TakesIn(ctx context.Context, email string) (bool, error) {
	o, err := p.byDomain(ctx, email)
	return o != nil, err
}

func (p *People) byDomain(ctx context.Context, email string) (*Organisation, error) {
	_, domain, _ := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	list, err := p.Organisations(ctx, "")
	for i, o := range list {
		if o.Settings.SignUp == ByDomain && slices.Contains(o.Settings.Domains, domain) {
			return &list[i], err
		}
	}
	return nil, err
}

// OpenOrganisations are those that whoever has an account may join.
func (p *People) OpenOrganisations(ctx context.Context) ([]Organisation, error) {
	list, err := p.Organisations(ctx, "")
	return slices.DeleteFunc(list, func(o Organisation) bool { return o.Settings.SignUp != SignUpOpen }), err
}

// Join lets an account into an open organisation; for another, known or not,
// the fault is "not-found".
func (p *People) Join(ctx context.Context, a *Account, id string) (*Account, error) {
	o, err := p.Organisation(ctx, id)
	if err == nil && o.Settings.SignUp != SignUpOpen {
		return nil, fault.New("not-found")
	} else if err != nil {
		return nil, err
	}
	return p.join(ctx, a.ID, a, o, []Role{Learner})
}

// Counted are the paths below which only counts may be seen, none within another.
func (p *People) Counted(ctx context.Context) (paths []string, err error) {
	list, err := p.Organisations(ctx, "")
	slices.SortFunc(list, func(a, b Organisation) int { return strings.Compare(a.Path, b.Path) })
	for _, o := range list {
		if o.Settings.Sees == SeesCounts && (len(paths) == 0 || !Within(o.Path, paths[len(paths)-1])) {
			paths = append(paths, o.Path)
		}
	}
	return paths, err
}
