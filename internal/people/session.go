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

// Session is one sign-in. Its id is the hash of the token, which only the
// browser or the client has.
type Session struct {
	store.Meta `bson:",inline"`
	Account    string     `json:"account"`
	Device     string     `json:"device"` // phone, computer or program
	CreatedAt  store.Time `json:"created_at"`
	ExpiresAt  store.Time `json:"expires_at"`
}

// OpenSession signs an account in without asking for a password. device is a
// coarse word of the program ("phone", "computer", "program"), by which people
// tell their sessions apart.
func (p *People) OpenSession(ctx context.Context, a *Account, device string) (string, *Session, error) {
	token, err := newToken()
	if err != nil {
		return "", nil, err
	}
	now := p.now()
	s := &Session{
		Meta: store.Meta{ID: hashToken(token)}, Account: a.ID, Device: device,
		CreatedAt: store.At(now), ExpiresAt: store.At(now.Add(SessionLife)),
	}
	if err := p.log.Add(ctx, audit.Event{Key: "session:" + s.ID, Act: audit.SignedIn, Actor: a.ID, Subject: a.ID, Detail: device}); err != nil {
		return "", nil, err
	}
	if err := p.sessions.Insert(ctx, s); err != nil {
		return "", nil, err
	}
	return token, s, nil
}

// Who tells whose session a token opens. The fault is "sign-in-needed".
func (p *People) Who(ctx context.Context, token string) (*Account, error) {
	if len(token) < 20 || len(token) > 100 {
		return nil, fault.New("sign-in-needed")
	}
	if p.isOperator(token) {
		return operator, nil
	}
	now := p.now()
	if a, ok := p.cache.get(token, now); ok {
		return a, nil
	}
	id := hashToken(token)
	s, err := p.sessions.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !now.Before(s.ExpiresAt.Time) {
		return nil, fault.New("sign-in-needed")
	} else if err != nil {
		return nil, err
	}
	a, err := p.Account(ctx, s.Account)
	if fault.Is(err, "not-found") || err == nil && (a.Disabled || s.CreatedAt.Before(a.SessionsFrom.Time)) {
		return nil, fault.New("sign-in-needed")
	} else if err != nil {
		return nil, err
	}
	p.cache.put(token, a, now.Add(cacheLife))
	return a, nil
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
	if err := p.log.Add(ctx, audit.Event{Key: "session-end:" + s.ID, Act: audit.SignedOut, Actor: s.Account, Subject: s.Account}); err != nil {
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
	if err := p.log.Add(ctx, audit.Event{Key: "session-end:" + s.ID, Act: audit.SessionEnded, Actor: account, Subject: account}); err != nil {
		return err
	}
	p.cache.forget(account)
	return p.end(ctx, id)
}

// EndSessions ends all sessions of an account but the one of a token, which may
// be "".
func (p *People) EndSessions(ctx context.Context, by, account, but string) error {
	if err := p.log.Add(ctx, audit.Event{Act: audit.SessionsEnded, Actor: by, Subject: account}); err != nil {
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
	err := p.sessions.Delete(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Sweep deletes sessions and counted guesses that are over.
func (p *People) Sweep(ctx context.Context) error {
	var old []string
	err := p.guesses.Each(ctx, store.Query{Where: []store.Cond{{Field: "since", Op: store.Lt, Value: store.At(p.now().Add(-GuessWindow))}}}, func(g *guesses) error {
		old = append(old, g.ID)
		return nil
	})
	for _, id := range old {
		if err := p.guesses.Delete(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if err != nil {
		return err
	}
	return p.sweepSessions(ctx)
}

func (p *People) sweepSessions(ctx context.Context) error {
	var over []string
	err := p.sessions.Each(ctx, store.Query{Where: []store.Cond{{Field: "expires_at", Op: store.Lt, Value: store.At(p.now())}}}, func(s *Session) error {
		over = append(over, s.ID)
		return nil
	})
	for _, id := range over {
		if err := p.end(ctx, id); err != nil {
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
