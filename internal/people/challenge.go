package people

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"havn/internal/fault"
	"havn/internal/store"
)

// Challenge is a secret that was given out and opens one thing, once, for a
// while: the link in a mail, a passkey's question, a visit to an identity
// provider. Its id is the hash of the secret.
type Challenge struct {
	store.Meta `bson:",inline"`
	Kind       string     `json:"kind"`
	Account    string     `json:"account"`
	Email      string     `json:"email"`
	Browser    string     `json:"browser"` // hash of what only the browser that asked has; "" any
	Data       string     `json:"data"`    // what the next step needs
	ExpiresAt  store.Time `json:"expires_at"`
}

// The kinds of challenges.
const (
	signInLink     = "sign-in-link"
	confirmAddress = "confirm-address"
	newPasskey     = "new-passkey"
	askPasskey     = "ask-passkey"
	provider       = "provider"
	providerLink   = "provider-link"
	heldList       = "list"
	mergeAccounts  = "merge"
	heldFile       = "file"
)

// LinkLife is how long the link of a mail opens (OWASP ASVS 5.0, 6.5.5: at most
// ten minutes for what comes out of band).
const LinkLife = 10 * time.Minute

// give keeps a challenge and tells its secret.
func (p *People) give(ctx context.Context, c Challenge, life time.Duration) (secret string, err error) {
	if secret, err = newToken(); err != nil {
		return "", err
	}
	return secret, p.giveAs(ctx, secret, c, life)
}

// giveAs keeps a challenge whose secret somebody else made.
func (p *People) giveAs(ctx context.Context, secret string, c Challenge, life time.Duration) error {
	c.Meta, c.ExpiresAt = store.Meta{ID: challengeID(c.Kind, secret)}, store.At(p.Now().Add(life))
	return p.challenges.Insert(ctx, &c)
}

// look reads a challenge without using it up. The fault is "link-invalid" for
// one that is unknown, used or over, and "link-elsewhere" for one that another
// browser asked for.
func (p *People) look(ctx context.Context, kind, secret, browser string) (*Challenge, error) {
	c, err := p.challenges.Get(ctx, challengeID(kind, secret))
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && !p.Now().Before(c.ExpiresAt.Time):
		return nil, fault.New("link-invalid")
	case err != nil:
		return nil, err
	case c.Browser != "" && subtle.ConstantTimeCompare([]byte(c.Browser), []byte(hashToken(browser))) != 1:
		return nil, fault.New("link-elsewhere")
	}
	return c, nil
}

// take is look that uses the challenge up: of many at once, one succeeds.
func (p *People) take(ctx context.Context, kind, secret, browser string) (*Challenge, error) {
	c, err := p.look(ctx, kind, secret, browser)
	if err != nil {
		return nil, err
	}
	err = p.challenges.Delete(ctx, c.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New("link-invalid")
	}
	return c, err
}

func challengeID(kind, secret string) string { return hashToken(kind + ":" + secret) }

// Challenges are those of an account or its address.
func (p *People) Challenges(ctx context.Context, a *Account) ([]Challenge, error) {
	page, err := p.challenges.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", a.ID)}})
	if err != nil || a.Email == "" {
		return page.Items, err
	}
	more, err := p.challenges.Find(ctx, store.Query{Where: []store.Cond{store.Is("email", a.Email)}})
	for _, c := range more.Items {
		if c.Account != a.ID {
			page.Items = append(page.Items, c)
		}
	}
	return page.Items, err
}
