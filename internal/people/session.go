package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// SessionLife is how long a sign-in lasts.
const SessionLife = 30 * 24 * time.Hour

// cacheLife is for how long a server may believe in a session that another
// server has ended.
const cacheLife = time.Second

// SharedLife is how long one lasts on a device that others use too.
const SharedLife = 4 * time.Hour

// IdleLife is how long one lasts that nobody uses: people come back to a course
// after weeks, and a lost telephone should not stay open for a month.
const IdleLife = 14 * 24 * time.Hour

// pendingLife is how long a sign-in waits for its second factor.
const pendingLife = 10 * time.Minute

// Proof is what a person showed to come in.
type Proof string

// The proofs.
const (
	ByPassword Proof = "password"
	ByLink     Proof = "link"     // of a mail
	ByPasskey  Proof = "passkey"  // counts as both factors
	ByProvider Proof = "provider" // of identities, which asks for its own second factor
	ByCode     Proof = "code"     // of a pseudonymous account
	ByMaking   Proof = "making"   // the account, just now, or having been given other rights
)

// Session is one sign-in. Its id is the hash of the token, which only the
// browser or the client has.
type Session struct {
	store.Meta `bson:",inline"`
	Account    string     `json:"account"`
	Device     string     `json:"device"` // phone, computer or program
	By         Proof      `json:"by"`
	Pending    bool       `json:"pending"` // for the second factor; opens nothing else
	Shared     bool       `json:"shared"`  // on a device that others use too
	CreatedAt  store.Time `json:"created_at"`
	UsedOn     store.Time `json:"used_on"` // day of the last request
	ExpiresAt  store.Time `json:"expires_at"`
}

// Entry is how somebody comes in.
type Entry struct {
	// Device is a coarse word of the program ("phone", "computer", "program"),
	// by which people tell their sessions apart.
	Device string
	Shared bool // others use the device too
	By     Proof
}

// Opened is a new session with its token, told once.
type Opened struct {
	Token   string
	Session *Session
	Account *Account
}

// OpenSession signs an account in that was just made, or anew where other rights
// have ended its sessions.
func (p *People) OpenSession(ctx context.Context, a *Account, device string) (string, *Session, error) {
	o, err := p.open(ctx, a, Entry{Device: device, By: ByMaking})
	if err != nil {
		return "", nil, err
	}
	return o.Token, o.Session, nil
}

// enter opens a session, which waits for the second factor where the account
// has one that the proof does not stand for.
func (p *People) enter(ctx context.Context, a *Account, e Entry) (*Opened, error) {
	if a.TOTP == "" || e.By == ByPasskey || e.By == ByProvider {
		return p.open(ctx, a, e)
	}
	return p.keep(ctx, a, &Session{Device: e.Device, By: e.By, Shared: e.Shared, Pending: true}, pendingLife)
}

func (p *People) open(ctx context.Context, a *Account, e Entry) (*Opened, error) {
	life := SessionLife
	if e.Shared {
		life = SharedLife
	}
	return p.keep(ctx, a, &Session{Device: e.Device, By: e.By, Shared: e.Shared}, life)
}

func (p *People) keep(ctx context.Context, a *Account, s *Session, life time.Duration) (*Opened, error) {
	token, err := newToken()
	if err != nil {
		return nil, err
	}
	now := p.Now()
	s.Meta, s.Account, s.CreatedAt, s.ExpiresAt = store.Meta{ID: hashToken(token)}, a.ID, store.At(now), store.At(now.Add(life))
	s.UsedOn = day(now)
	if !s.Pending {
		if err := p.Log.Add(ctx, audit.Event{Key: "session:" + s.ID, Act: audit.SignedIn, Actor: a.ID, Subject: a.ID, Detail: string(s.By)}); err != nil {
			return nil, err
		}
		if err := p.seen(ctx, a); err != nil {
			return nil, err
		}
	}
	return &Opened{token, s, a}, p.sessions.Insert(ctx, s)
}

// seen notes the day on which somebody was last there, for retention.
func (p *People) seen(ctx context.Context, a *Account) error {
	now := day(p.Now())
	if a.SeenOn.Equal(now.Time) && a.WarnedAt.IsZero() {
		return nil
	}
	return p.change(ctx, a.ID, func(a *Account) error { a.SeenOn, a.WarnedAt = now, store.Time{}; return nil })
}

func day(t time.Time) store.Time { return store.At(t.UTC().Truncate(24 * time.Hour)) }

// Who tells whose session or personal token a secret opens. Faults:
// "sign-in-needed", "second-factor-needed".
func (p *People) Who(ctx context.Context, token string) (*Account, error) {
	if len(token) < 20 || len(token) > 100 {
		return nil, fault.New("sign-in-needed")
	}
	if p.isOperator(token) {
		return operator, nil
	}
	now := p.Now()
	if a, ok := p.cache.get(token, now); ok {
		return a, nil
	}
	a, err := p.whose(ctx, token)
	if err != nil {
		return nil, err
	}
	if err := p.locate(ctx, a); err != nil {
		return nil, err
	}
	p.cache.put(token, a, now.Add(cacheLife))
	return a, nil
}

func (p *People) whose(ctx context.Context, token string) (*Account, error) {
	if isToken(token) {
		return p.whoseToken(ctx, token)
	}
	s, err := p.session(ctx, token)
	if err != nil {
		return nil, err
	}
	a, err := p.holder(ctx, s)
	if err == nil && s.Pending {
		return nil, fault.New("second-factor-needed")
	}
	if today := day(p.Now()); err == nil && !s.UsedOn.Equal(today.Time) {
		_, err = p.sessions.Update(ctx, s.ID, func(s *Session) error { s.UsedOn = today; return nil })
		if errors.Is(err, store.ErrNotFound) {
			err = fault.New("sign-in-needed") // ended meanwhile
		}
	}
	if a != nil {
		a.shared = s.Shared
	}
	return a, err
}

// session reads the one that a token opens, if it is not over.
func (p *People) session(ctx context.Context, token string) (*Session, error) {
	s, err := p.sessions.Get(ctx, hashToken(token))
	now := p.Now()
	if errors.Is(err, store.ErrNotFound) || err == nil && (!now.Before(s.ExpiresAt.Time) || now.Sub(s.UsedOn.Time) > IdleLife) {
		return nil, fault.New("sign-in-needed")
	}
	return s, err
}

func (p *People) holder(ctx context.Context, s *Session) (*Account, error) {
	return p.openAccount(ctx, s.Account, s.CreatedAt)
}

// openAccount is an account that is not shut, for who came in at a time.
func (p *People) openAccount(ctx context.Context, id string, since store.Time) (*Account, error) {
	a, err := p.Account(ctx, id)
	if fault.Is(err, "not-found") || err == nil && (a.Disabled || since.Before(a.SessionsFrom.Time)) {
		return nil, fault.New("sign-in-needed")
	}
	return a, err
}

// freshFor is how long a sign-in without a password may do what otherwise asks
// for the password again.
const freshFor = 15 * time.Minute

// Reauthenticate makes sure that it is still the person before something that
// could lock them out: by the password, or by a sign-in of just now that a link,
// passkey, provider or code opened. Faults: "wrong-password" at the field,
// "fresh-sign-in-needed" where the account has no password, "too-many-tries".
func (p *People) Reauthenticate(ctx context.Context, a *Account, token, password, field string) error {
	if password != "" && a.Password != "" {
		_, err := p.known(ctx, a.Email, password)
		if fault.Is(err, "wrong-credentials") {
			return fault.At("wrong-password", field)
		}
		return err
	}
	s, err := p.session(ctx, token)
	if err != nil {
		return err
	}
	byMore := s.By != ByPassword && (s.By != ByMaking || a.Password == "")
	if byMore && p.Now().Sub(s.CreatedAt.Time) < freshFor {
		return nil
	}
	if a.Password == "" {
		return fault.New("fresh-sign-in-needed")
	}
	return fault.At("wrong-password", field)
}

// OpenedBy tells whether the token opens the session.
func (s *Session) OpenedBy(token string) bool { return s.ID == hashToken(token) }

// SignOut ends the session of a token. A repeat is harmless.
func (p *People) SignOut(ctx context.Context, token string) error {
	p.cache.drop(token)
	s, err := p.sessions.Get(ctx, hashToken(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "session-end:" + s.ID, Act: audit.SignedOut, Actor: s.Account, Subject: s.Account}); err != nil {
		return err
	}
	return p.end(ctx, s.ID)
}

// Sessions are an account's own, the newest first.
func (p *People) Sessions(ctx context.Context, account string) ([]Session, error) {
	page, err := p.sessions.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	slices.SortFunc(page.Items, func(a, b Session) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return page.Items, err
}

// EndSession ends one of an account's own sessions by its id; the fault for
// what is none is "not-found".
func (p *People) EndSession(ctx context.Context, account, id string) error {
	s, err := p.sessions.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && s.Account != account {
		return fault.New("not-found")
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "session-end:" + s.ID, Act: audit.SessionEnded, Actor: account, Subject: account}); err != nil {
		return err
	}
	p.cache.forget(account)
	return p.end(ctx, id)
}

// EndSessions ends all sessions of an account but the one of a token, which may
// be "".
func (p *People) EndSessions(ctx context.Context, by, account, but string) error {
	if err := p.Log.Add(ctx, audit.Event{Act: audit.SessionsEnded, Actor: by, Subject: account}); err != nil {
		return err
	}
	list, err := p.Sessions(ctx, account)
	if err != nil {
		return err
	}
	p.cache.forget(account)
	for _, s := range list {
		if but != "" && s.OpenedBy(but) {
			continue
		}
		if err := p.end(ctx, s.ID); err != nil {
			return err
		}
	}
	return nil
}

func (p *People) end(ctx context.Context, id string) error {
	return store.IgnoreMissing(p.sessions.Delete(ctx, id))
}

// Sweep deletes what is over: sessions, personal tokens, challenges and counted
// guesses.
func (p *People) Sweep(ctx context.Context) error {
	now := store.At(p.Now())
	return errors.Join(
		sweep(ctx, p.guesses, "since", store.At(p.Now().Add(-GuessWindow))),
		sweep(ctx, p.sessions, "expires_at", now),
		sweep(ctx, p.challenges, "expires_at", now),
		sweep(ctx, p.tokens, "expires_at", now),
	)
}

func sweep[T any, P interface {
	*T
	store.Document
}](ctx context.Context, c *store.Collection[T, P], field string, before store.Time) error {
	return drop(ctx, c, store.Query{Where: []store.Cond{{Field: field, Op: store.Lt, Value: before}}})
}

// drop deletes what a query finds.
func drop[T any, P interface {
	*T
	store.Document
}](ctx context.Context, c *store.Collection[T, P], q store.Query) error {
	var ids []string
	err := c.Each(ctx, q, func(d *T) error {
		ids = append(ids, P(d).Base().ID)
		return nil
	})
	for _, id := range ids {
		if err := store.IgnoreMissing(c.Delete(ctx, id)); err != nil {
			return err
		}
	}
	return err
}

func newToken() (string, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(b), nil
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// sessionCache spares the store a read, and a hash, for each request; it is by
// token and in memory only. It becomes fresh by forgetting: an entry lives for
// cacheLife.
type sessionCache struct {
	mu sync.RWMutex
	m  map[string]cached
}

type cached struct {
	account *Account
	until   time.Time
}

// cacheSize bounds the cache; when it is full, it starts anew.
const cacheSize = 20000

func (c *sessionCache) get(token string, now time.Time) (*Account, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	e, ok := c.m[token]
	return e.account, ok && now.Before(e.until)
}

func (c *sessionCache) put(token string, a *Account, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= cacheSize {
		c.m = map[string]cached{}
	}
	c.m[token] = cached{a, until}
}

func (c *sessionCache) drop(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, token)
}

func (c *sessionCache) forget(account string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for token, e := range c.m {
		if e.account.ID == account {
			delete(c.m, token)
		}
	}
}
