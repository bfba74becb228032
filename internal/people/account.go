// Package people knows who is there: accounts with their roles, organisations,
// the ways in, and sessions. What each role may do stands in policy.go and
// nowhere else.
//
// Whatever somebody can show to come in is kept as a hash: a password as
// argon2id, everything that the program itself made (tokens, links, codes) as
// SHA-256. The secret of an authenticator app is the exception, since its codes
// follow from it. No act here tells whether an e-mail address has an account,
// except sign-up, which must refuse a taken one.
package people

import (
	"context"
	"errors"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/mail"
	"havn/internal/oidc"
	"havn/internal/store"
)

// Account is a person who can sign in.
type Account struct {
	store.Meta `bson:",inline"`
	Email      string  `json:"email"` // lower case
	Name       string  `json:"name"`
	Language   string  `json:"language"` // BCP 47; of the interface and of certificates
	Roles      []Role  `json:"roles"`    // for the whole site
	Grants     []Grant `json:"grants"`   // in organisations
	// Unit is the path of the organisation that the person works in, "" none.
	Unit string `json:"unit"`
	// JoinedAt is since when they work there.
	JoinedAt store.Time `json:"joined_at"`
	// Country is where the person says that they work (ISO 3166); "" is the
	// country of their organisation.
	Country    string     `json:"country"`
	Profession Profession `json:"profession"`
	Password   string     `json:"password"`  // argon2id, PHC string; "" none
	Confirmed  bool       `json:"confirmed"` // the address is the person's own
	CreatedAt  store.Time `json:"created_at"`
	SeenOn     store.Time `json:"seen_on"`   // day of the last sign-in
	WarnedAt   store.Time `json:"warned_at"` // that the account will be erased
	// ComeBack is the hash of the code of a pseudonymous account, which has no
	// address and no password; "" for others.
	ComeBack string `json:"come_back"`
	// TOTP is the secret of the authenticator app (RFC 6238), "" none; TOTPNext
	// one that waits to be confirmed; TOTPStep the last code used; Recovery the
	// hashes of codes on paper.
	TOTP     string   `json:"totp"`
	TOTPNext string   `json:"totp_next"`
	TOTPStep int64    `json:"totp_step"`
	Recovery []string `json:"recovery"`
	// ExtraTime lengthens every time limit, in per cent: 50 turns 20 minutes
	// into 30. Why is not recorded.
	ExtraTime int  `json:"extra_time"`
	Disabled  bool `json:"disabled"`
	// MergedInto is the account of the same person that this one was closed in favour
	// of, "" none. It is soon erased.
	MergedInto string `json:"merged_into"`
	// Quiet is that the person wants no reminders but of what an organisation
	// asks of them.
	Quiet bool `json:"quiet"`
	// Calendar is the hash of the secret of their calendar's address, "" none.
	Calendar string `json:"calendar"`
	// SessionsFrom ends every session that was opened before, in the one write
	// that also changes the password.
	SessionsFrom store.Time `json:"sessions_from"`

	bounds *bounds // of the personal token that was shown
	shared bool    // it was signed in to on a device that others use too
	// worksIn is the country, found out when the account came in.
	worksIn string
}

// WorksIn is the country that the person works in, by their own word or their
// organisation's; "" where nobody has said.
func (a *Account) WorksIn() string { return a.worksIn }

// OnSharedDevice tells whether others use the device that this account was
// signed in on, where nothing of it may stay.
func (a *Account) OnSharedDevice() bool { return a.shared }

// WithoutSecrets is the account without what proves that one is the person.
func (a *Account) WithoutSecrets() Account {
	b := *a
	b.Password, b.ComeBack, b.TOTP, b.TOTPNext, b.Recovery, b.Calendar = "", "", "", "", nil, ""
	return b
}

// Has tells whether the account has the role for the whole site.
func (a *Account) Has(r Role) bool { return a != nil && slices.Contains(a.Roles, r) }

// NewAccount is what sign-up and the administrator give.
type NewAccount struct {
	Email, Password, Name, Language string
	Profession                      Profession
	Roles                           []Role // for the site; learner where empty
	Unit                            string // path of an organisation, "" none
	Grants                          []Grant
	By                              string // the account that makes it, "" the person themselves

	id       string // taken before the account is made
	comeBack string // makes it pseudonymous
	external bool   // an identity provider vouches, so there is no password
}

// Limits of what a person types, in characters.
const (
	MinPassword = 10 // NIST SP 800-63B-4 asks for 8 beside a second factor, 15 alone; a list of common ones is refused too
	MaxPassword = 200
	MaxName     = 120
)

// People is the room's door. It is safe for concurrent use.
type People struct {
	accounts      *store.Collection[Account, *Account]
	sessions      *store.Collection[Session, *Session]
	tokens        *store.Collection[Token, *Token]
	passkeys      *store.Collection[Passkey, *Passkey]
	identities    *store.Collection[Identity, *Identity]
	challenges    *store.Collection[Challenge, *Challenge]
	guesses       *store.Collection[guesses, *guesses]
	organisations *store.Collection[Organisation, *Organisation]
	invitations   *store.Collection[Invitation, *Invitation]
	Options
	cache sessionCache
	setUp setUpLink

	passkeyParty *webauthn.WebAuthn // nil where no browser makes passkeys
	operatorKey  atomic.Pointer[string]
}

// Options are what the room needs.
type Options struct {
	Log       *audit.Log
	Letters   *mail.Outbox
	Languages []string // of the interface
	Base      *url.URL // of this server, which passkeys belong to
	Providers *oidc.Client
	Now       func() time.Time
	// KeepMonths is how long accounts are kept after the last sign-in, where
	// their organisation does not say.
	KeepMonths int
	// Follow derives what follows from where a person works, their language and
	// country, after one of these has changed. A repeat is harmless. Nil: nothing.
	Follow func(context.Context, *Account) error
}

// moved derives what follows from a change of where somebody works.
func (p *People) moved(ctx context.Context, a *Account) error {
	if p.Follow == nil {
		return nil
	}
	return p.Follow(ctx, a)
}

// AccountSchema is how accounts are kept.
var AccountSchema = store.Schema{Name: "accounts", Version: 5, Indexes: []store.Index{
	{Fields: []string{"email"}, Unique: true}, {Fields: []string{"come_back"}, Unique: true}, {Fields: []string{"unit"}}, {Fields: []string{"seen_on"}}, {Fields: []string{"merged_into"}},
}}

// OrganisationSchema is how organisations are kept.
var OrganisationSchema = store.Schema{Name: "organisations", Version: 2, Indexes: []store.Index{{Fields: []string{"path"}, Unique: true}}}

// Open declares the collections.
func Open(ctx context.Context, e store.Engine, o Options) (*People, error) {
	p := &People{Options: o}
	by := func(fields ...string) (list []store.Index) {
		for _, f := range fields {
			list = append(list, store.Index{Fields: []string{f}})
		}
		return list
	}
	var errs [10]error
	p.accounts, errs[0] = store.Open[Account](ctx, e, AccountSchema)
	p.sessions, errs[1] = store.Open[Session](ctx, e, store.Schema{Name: "sessions", Version: 3, Indexes: by("account", "expires_at")})
	p.tokens, errs[2] = store.Open[Token](ctx, e, store.Schema{Name: "tokens", Version: 1, Indexes: by("account", "expires_at")})
	p.challenges, errs[3] = store.Open[Challenge](ctx, e, store.Schema{Name: "challenges", Version: 1, Indexes: by("account", "email", "expires_at")})
	p.guesses, errs[4] = store.Open[guesses](ctx, e, store.Schema{Name: "guesses", Version: 1, Indexes: by("since")})
	p.organisations, errs[5] = store.Open[Organisation](ctx, e, OrganisationSchema)
	p.invitations, errs[6] = store.Open[Invitation](ctx, e, store.Schema{Name: "invitations", Version: 1, Indexes: by("path", "expires_at")})
	p.passkeys, errs[7] = store.Open[Passkey](ctx, e, store.Schema{Name: "passkeys", Version: 1, Indexes: by("account")})
	p.passkeyParty, errs[8] = relyingParty(o.Base)
	p.identities, errs[9] = store.Open[Identity](ctx, e, store.Schema{Name: "identities", Version: 1, Indexes: by("account")})
	return p, errors.Join(errs[:]...)
}

// Create makes an account. Faults name the field; "email-taken" is the only
// one that depends on who else is there.
func (p *People) Create(ctx context.Context, n NewAccount) (*Account, error) {
	name, err := cleanName(n.Name)
	if err != nil {
		return nil, err
	}
	if n.Language == "" {
		n.Language = p.Languages[0]
	}
	if !slices.Contains(p.Languages, n.Language) {
		return nil, fault.At("language-unknown", "language")
	}
	if !n.Profession.known() {
		return nil, fault.At("profession-unknown", "profession")
	}
	var email, hash string
	if n.comeBack == "" {
		if email, err = cleanEmail(n.Email); err != nil {
			return nil, err
		}
	}
	if n.comeBack == "" && !n.external {
		if hash, err = hashPassword(ctx, n.Password, email, name); err != nil {
			return nil, err
		}
	}
	if len(n.Roles) == 0 {
		n.Roles = []Role{Learner}
	}
	if n.id == "" {
		if n.id, err = newID(); err != nil {
			return nil, err
		}
	}
	now := store.At(p.Now())
	a := &Account{
		Meta: store.Meta{ID: n.id}, Email: email, Name: name, Language: n.Language, ComeBack: n.comeBack, Confirmed: n.external,
		Profession: n.Profession, Roles: n.Roles, Unit: n.Unit, Grants: n.Grants, Password: hash, CreatedAt: now, SeenOn: day(p.Now()),
	}
	if a.Unit != "" {
		a.JoinedAt = now
	}
	if err := p.accounts.Insert(ctx, a); errors.Is(err, store.ErrTaken) {
		return nil, fault.At("email-taken", "email")
	} else if err != nil {
		return nil, err
	}
	if a.Unit != "" {
		if err := p.locate(ctx, a); err != nil {
			return nil, err
		}
		if err := p.moved(ctx, a); err != nil {
			return nil, err
		}
	}
	return a, p.Log.Add(ctx, audit.Event{Key: "account:" + a.ID, Act: audit.AccountMade, Actor: n.By, Subject: a.ID, Organisation: a.Unit})
}

// SignUp makes an account for whoever asks, by an invitation where one is
// given, and mails a link to confirm the address.
func (p *People) SignUp(ctx context.Context, n NewAccount, invitation string) (*Account, error) {
	a, err := p.create(ctx, n, invitation)
	if err != nil {
		return nil, err
	}
	return a, p.AskToConfirm(ctx, a)
}

func (p *People) create(ctx context.Context, n NewAccount, invitation string) (*Account, error) {
	if invitation != "" {
		return p.createInvited(ctx, n, invitation)
	}
	return p.Create(ctx, n)
}

func newID() (string, error) {
	id, err := uuid.NewV7()
	return id.String(), err
}

// Account finds an account by id.
func (p *People) Account(ctx context.Context, id string) (*Account, error) {
	a, err := p.accounts.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	} else if err != nil {
		return nil, err
	}
	return a, p.locate(ctx, a)
}

// Recipient is an account that letters reach, nil where they do not: it is not
// there, shut out, or has no address.
func (p *People) Recipient(ctx context.Context, id string) (*Account, error) {
	a, err := p.accounts.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (a.Disabled || a.Email == "") {
		return nil, nil
	}
	return a, err
}

// ByEmail finds an account by its address.
func (p *People) ByEmail(ctx context.Context, email string) (*Account, error) {
	clean, err := cleanEmail(email)
	if err != nil {
		return nil, fault.New("not-found")
	}
	page, err := p.accounts.Find(ctx, store.Query{Where: []store.Cond{store.Is("email", clean)}, Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(page.Items) == 0 {
		return nil, fault.New("not-found")
	}
	return &page.Items[0], nil
}

// SetLanguage remembers the language that an account reads in.
func (p *People) SetLanguage(ctx context.Context, id, tag string) error {
	if !slices.Contains(p.Languages, tag) {
		return fault.At("language-unknown", "language")
	}
	return p.changeAndFollow(ctx, id, func(a *Account) error {
		if a.Language == tag {
			return store.ErrUnchanged
		}
		a.Language = tag
		return nil
	})
}

// SetQuiet keeps whether a person wants no reminders but of what an organisation
// asks of them.
func (p *People) SetQuiet(ctx context.Context, id string, quiet bool) error {
	return p.change(ctx, id, func(a *Account) error {
		if a.Quiet == quiet {
			return store.ErrUnchanged
		}
		a.Quiet = quiet
		return nil
	})
}

// changeAndFollow is change, with what follows from it.
func (p *People) changeAndFollow(ctx context.Context, id string, f func(*Account) error) error {
	if err := p.change(ctx, id, f); err != nil {
		return err
	}
	a, err := p.Account(ctx, id)
	if err != nil {
		return err
	}
	return p.moved(ctx, a)
}

// SetExtraTime gives an account extra time in per cent, 0 to 400. Why it is
// given is not recorded, nor how much in the log.
func (p *People) SetExtraTime(ctx context.Context, by, id string, percent int) error {
	if percent < 0 || percent > 400 {
		return fault.At("invalid-field", "extra_time")
	}
	if _, err := p.Account(ctx, id); err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.ExtraTimeGiven, Actor: by, Subject: id}); err != nil {
		return err
	}
	return p.change(ctx, id, func(a *Account) error {
		a.ExtraTime = percent
		return nil
	})
}

// SetAccess shuts an account out, or lets it in again. Every session ends at once.
func (p *People) SetAccess(ctx context.Context, by, id string, open bool) error {
	act := audit.AccountClosed
	if open {
		act = audit.AccountOpened
	}
	if err := p.Log.Add(ctx, audit.Event{Act: act, Actor: by, Subject: id}); err != nil {
		return err
	}
	now := store.At(p.Now())
	return p.change(ctx, id, func(a *Account) error {
		a.Disabled, a.SessionsFrom = !open, now
		return nil
	})
}

func (p *People) change(ctx context.Context, id string, f func(*Account) error) error {
	_, err := p.accounts.Update(ctx, id, f)
	if errors.Is(err, store.ErrNotFound) {
		return fault.New("not-found")
	}
	p.cache.forget(id)
	return err
}

// Administered tells whether the site has an administrator. The first account
// that was made is one, so that this reads one document.
func (p *People) Administered(ctx context.Context) (bool, error) {
	err := p.accounts.Each(ctx, store.Query{}, func(a *Account) error {
		if a.Has(Administrator) {
			return errFound
		}
		return nil
	})
	if errors.Is(err, errFound) {
		return true, nil
	}
	return false, err
}

var errFound = errors.New("found")

func cleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := netmail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 || !strings.Contains(s, "@") || strings.ContainsFunc(s, unicode.IsControl) {
		return "", fault.At("email-invalid", "email")
	}
	return s, nil
}

// cleanName keeps a name as people write it and refuses what could turn text
// around it about: control characters and explicit bidi controls (UAX #9).
func cleanName(s string) (string, error) {
	s = strings.Join(strings.Fields(s), " ")
	bad := func(r rune) bool {
		return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == 0x200E || r == 0x200F
	}
	if n := utf8.RuneCountInString(s); n == 0 || n > MaxName || !utf8.ValidString(s) || strings.ContainsFunc(s, bad) {
		return "", fault.At("name-invalid", "name").With("max", MaxName)
	}
	return s, nil
}
