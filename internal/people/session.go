package people

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"sync"
	"time"

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
	CreatedAt  store.Time `json:"created_at"`
	ExpiresAt  store.Time `json:"expires_at"`
}

// SignIn checks a password and opens a session. The fault "wrong-credentials"
// is the same, and takes as long, for an address that nobody has.
func (p *People) SignIn(ctx context.Context, email, password string) (token string, s *Session, a *Account, err error) {
	a, err = p.ByEmail(ctx, email)
	phc := nobody
	switch {
	case err == nil:
		phc = a.Password
	case !fault.Is(err, "not-found"):
		return "", nil, nil, err
	}
	ok, err := verify(ctx, phc, password)
	if err != nil {
		return "", nil, nil, err
	}
	if !ok || a == nil || a.Disabled {
		return "", nil, nil, fault.New("wrong-credentials")
	}
	token, s, err = p.OpenSession(ctx, a)
	return token, s, a, err
}

// OpenSession signs an account in without asking for a password.
func (p *People) OpenSession(ctx context.Context, a *Account) (string, *Session, error) {
	token, err := newToken()
	if err != nil {
		return "", nil, err
	}
	now := p.now()
	s := &Session{
		Meta: store.Meta{ID: hashToken(token)}, Account: a.ID,
		CreatedAt: store.At(now), ExpiresAt: store.At(now.Add(SessionLife)),
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
	if fault.Is(err, "not-found") || err == nil && a.Disabled {
		return nil, fault.New("sign-in-needed")
	} else if err != nil {
		return nil, err
	}
	p.cache.put(token, a, now.Add(cacheLife))
	return a, nil
}

// SignOut ends the session of a token. A repeat is harmless.
func (p *People) SignOut(ctx context.Context, token string) error {
	p.cache.drop(token)
	err := p.sessions.Delete(ctx, hashToken(token))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// SweepSessions deletes sessions that are over.
func (p *People) SweepSessions(ctx context.Context) error {
	var over []string
	err := p.sessions.Each(ctx, store.Query{Where: []store.Cond{{Field: "expires_at", Op: store.Lt, Value: store.At(p.now())}}}, func(s *Session) error {
		over = append(over, s.ID)
		return nil
	})
	for _, id := range over {
		if err := p.sessions.Delete(ctx, id); err != nil && !errors.Is(err, store.ErrNotFound) {
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
