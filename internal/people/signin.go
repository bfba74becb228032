package people

import (
	"context"
	"strings"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// SignIn checks a password and opens a session. The fault "wrong-credentials"
// is the same, and takes as long, for an address that nobody has; so does
// "too-many-tries" after MaxGuesses of them.
func (p *People) SignIn(ctx context.Context, email, password, device string) (token string, s *Session, a *Account, err error) {
	a, err = p.known(ctx, email, password)
	if err != nil {
		return "", nil, nil, err
	}
	token, s, err = p.OpenSession(ctx, a, device)
	return token, s, a, err
}

// known is the account with this address and password.
func (p *People) known(ctx context.Context, email, password string) (*Account, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if err := p.guess(ctx, email); err != nil {
		return nil, err
	}
	a, err := p.ByEmail(ctx, email)
	phc := nobody
	switch {
	case err == nil:
		phc = a.Password
	case !fault.Is(err, "not-found"):
		return nil, err
	}
	ok, err := verify(ctx, phc, password)
	if err != nil {
		return nil, err
	}
	if !ok || a == nil || a.Disabled {
		refused := audit.Event{Act: audit.SignInRefused}
		if a != nil {
			refused.Subject = a.ID
		}
		if err := p.log.Add(ctx, refused); err != nil { // of nobody too, so that it takes as long
			return nil, err
		}
		return nil, fault.New("wrong-credentials")
	}
	return a, p.knew(ctx, email)
}

// ChangePassword sets a new password after the old one was shown to be known,
// ends every session of the account, so that whoever is in by the old password
// is out, and opens a new one. Faults: "wrong-password" at "current", those of a
// bad password, "too-many-tries".
func (p *People) ChangePassword(ctx context.Context, a *Account, old, password, device string) (string, *Session, error) {
	if _, err := p.known(ctx, a.Email, old); fault.Is(err, "wrong-credentials") {
		return "", nil, fault.At("wrong-password", "current")
	} else if err != nil {
		return "", nil, err
	}
	hash, err := hashPassword(ctx, password, a.Email)
	if err != nil {
		return "", nil, err
	}
	if err := p.log.Add(ctx, audit.Event{Act: audit.PasswordChanged, Actor: a.ID, Subject: a.ID}); err != nil {
		return "", nil, err
	}
	now := store.At(p.now())
	if err := p.change(ctx, a.ID, func(a *Account) error { a.Password, a.SessionsFrom = hash, now; return nil }); err != nil {
		return "", nil, err
	}
	if err := p.EndSessions(ctx, a.ID, a.ID, ""); err != nil {
		return "", nil, err
	}
	return p.OpenSession(ctx, a, device)
}
