// Package people knows who is there: accounts with their roles, organisations,
// sign-in by password, and sessions. What each role may do stands in policy.go and nowhere
// else.
//
// A password is kept as argon2id, a session as the SHA-256 of its token; neither
// can be read back from the store. No act here tells whether an e-mail address
// has an account, except sign-up, which must refuse a taken one.
package people

import (
	"context"
	"errors"
	"net/mail"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
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
	Unit      string     `json:"unit"`
	Password  string     `json:"password"` // argon2id, PHC string
	CreatedAt store.Time `json:"created_at"`
	// ExtraTime lengthens every time limit, in per cent: 50 turns 20 minutes
	// into 30. Why is not recorded.
	ExtraTime int  `json:"extra_time"`
	Disabled  bool `json:"disabled"`
	// SessionsFrom ends every session that was opened before, in the one write
	// that also changes the password.
	SessionsFrom store.Time `json:"sessions_from"`
}

// Has tells whether the account has the role for the whole site.
func (a *Account) Has(r Role) bool { return a != nil && slices.Contains(a.Roles, r) }

// NewAccount is what sign-up and the administrator give.
type NewAccount struct {
	Email, Password, Name, Language string
	Roles                           []Role // for the site; learner where empty
	Unit                            string // path of an organisation, "" none
	Grants                          []Grant
	By                              string // the account that makes it, "" the person themselves

	id string // taken before the account is made
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
	guesses       *store.Collection[guesses, *guesses]
	organisations *store.Collection[Organisation, *Organisation]
	invitations   *store.Collection[Invitation, *Invitation]
	log           *audit.Log
	languages     []string
	now           func() time.Time
	cache         sessionCache
	setUp         setUpLink

	operatorKey atomic.Pointer[string]
}

// Open declares the collections. languages are those of the interface.
func Open(ctx context.Context, e store.Engine, log *audit.Log, languages []string, now func() time.Time) (p *People, err error) {
	p = &People{log: log, languages: languages, now: now}
	index := func(fields ...string) store.Index { return store.Index{Fields: fields} }
	p.accounts, err = store.Open[Account](ctx, e, store.Schema{Name: "accounts", Version: 2, Indexes: []store.Index{
		{Fields: []string{"email"}, Unique: true}, index("unit"),
	}})
	if err != nil {
		return nil, err
	}
	p.sessions, err = store.Open[Session](ctx, e, store.Schema{Name: "sessions", Version: 2, Indexes: []store.Index{index("account"), index("expires_at")}})
	if err != nil {
		return nil, err
	}
	p.guesses, err = store.Open[guesses](ctx, e, store.Schema{Name: "guesses", Version: 1, Indexes: []store.Index{index("since")}})
	if err != nil {
		return nil, err
	}
	p.organisations, err = store.Open[Organisation](ctx, e, store.Schema{Name: "organisations", Version: 1, Indexes: []store.Index{{Fields: []string{"path"}, Unique: true}}})
	if err != nil {
		return nil, err
	}
	p.invitations, err = store.Open[Invitation](ctx, e, store.Schema{Name: "invitations", Version: 1, Indexes: []store.Index{index("path"), index("expires_at")}})
	return p, err
}

// Create makes an account. Faults name the field; "email-taken" is the only
// one that depends on who else is there.
func (p *People) Create(ctx context.Context, n NewAccount) (*Account, error) {
	email, err := cleanEmail(n.Email)
	if err != nil {
		return nil, err
	}
	name, err := cleanName(n.Name)
	if err != nil {
		return nil, err
	}
	if n.Language == "" {
		n.Language = p.languages[0]
	}
	if !slices.Contains(p.languages, n.Language) {
		return nil, fault.At("language-unknown", "language")
	}
	hash, err := hashPassword(ctx, n.Password, email)
	if err != nil {
		return nil, err
	}
	if len(n.Roles) == 0 {
		n.Roles = []Role{Learner}
	}
	if n.id == "" {
		if n.id, err = newID(); err != nil {
			return nil, err
		}
	}
	a := &Account{
		Meta: store.Meta{ID: n.id}, Email: email, Name: name, Language: n.Language,
		Roles: n.Roles, Unit: n.Unit, Grants: n.Grants, Password: hash, CreatedAt: store.At(p.now()),
	}
	if err := p.accounts.Insert(ctx, a); errors.Is(err, store.ErrTaken) {
		return nil, fault.At("email-taken", "email")
	} else if err != nil {
		return nil, err
	}
	return a, p.log.Add(ctx, audit.Event{Key: "account:" + a.ID, Act: audit.AccountMade, Actor: n.By, Subject: a.ID})
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
func (p *People) SetLanguage(ctx context.Context, id, language string) error {
	if !slices.Contains(p.languages, language) {
		return fault.At("language-unknown", "language")
	}
	return p.change(ctx, id, func(a *Account) error {
		if a.Language == language {
			return store.ErrUnchanged
		}
		a.Language = language
		return nil
	})
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
	if err := p.log.Add(ctx, audit.Event{Act: audit.ExtraTimeGiven, Actor: by, Subject: id}); err != nil {
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
	if err := p.log.Add(ctx, audit.Event{Act: act, Actor: by, Subject: id}); err != nil {
		return err
	}
	now := store.At(p.now())
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

// Empty tells whether nobody has an account yet.
func (p *People) Empty(ctx context.Context) (bool, error) {
	page, err := p.accounts.Find(ctx, store.Query{Limit: 1})
	return len(page.Items) == 0, err
}

func cleanEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
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
