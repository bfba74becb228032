package people

import (
	"context"
	"crypto/subtle"
	"sync"

	"havn/internal/fault"
)

// setUpLink is the one-time door for the first administrator. It lives in the
// memory of the server that printed it and opens only while nobody
// administers the site, so that it cannot be used twice or after a restart.
type setUpLink struct {
	mu    sync.Mutex
	token string
}

// FirstAdministrator are the roles of the account that sets a server up: that
// person can do everything until others are there.
var FirstAdministrator = []Role{Learner, Trainer, Administrator}

// NewSetUpToken makes the token of the set-up link, valid until it is used.
func (p *People) NewSetUpToken() (string, error) {
	token, err := newToken()
	p.setUp.mu.Lock()
	defer p.setUp.mu.Unlock()
	p.setUp.token = token
	return token, err
}

// CanSetUp tells whether a token opens the set-up page.
func (p *People) CanSetUp(token string) bool {
	p.setUp.mu.Lock()
	defer p.setUp.mu.Unlock()
	return p.setUp.token != "" && subtle.ConstantTimeCompare([]byte(p.setUp.token), []byte(token)) == 1
}

// SetUp makes the first administrator. Of several who hold the link at once,
// one succeeds; the fault for the others is "set-up-link-invalid".
func (p *People) SetUp(ctx context.Context, token string, n NewAccount) (*Account, error) {
	if !p.CanSetUp(token) {
		return nil, fault.New("set-up-link-invalid")
	}
	p.setUp.mu.Lock()
	defer p.setUp.mu.Unlock()
	if p.setUp.token == "" {
		return nil, fault.New("set-up-link-invalid")
	}
	if administered, err := p.Administered(ctx); err != nil {
		return nil, err
	} else if administered {
		return nil, fault.New("set-up-link-invalid")
	}
	n.Roles = FirstAdministrator
	a, err := p.Create(ctx, n)
	if err == nil {
		p.setUp.token = ""
	}
	return a, err
}
