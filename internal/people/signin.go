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
func (p *People) SignIn(ctx context.Context, email, password string, e Entry) (*Opened, error) {
	a, err := p.known(ctx, email, password)
	if err != nil {
		return nil, err
	}
	e.By = ByPassword
	return p.enter(ctx, a, e)
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
	case err == nil && a.Password != "":
		phc = a.Password
	case err == nil: // an account without a password is opened by none
	case !fault.Is(err, "not-found"):
		return nil, err
	}
	ok, err := verify(ctx, phc, password)
	if err != nil {
		return nil, err
	}
	if !ok || a == nil || a.Disabled || phc == nobody {
		refused := audit.Event{Act: audit.SignInRefused}
		if a != nil {
			refused.Subject = a.ID
		}
		if err := p.Log.Add(ctx, refused); err != nil { // of nobody too, so that it takes as long
			return nil, err
		}
		return nil, fault.New("wrong-credentials")
	}
	if err := p.rehash(ctx, a, password); err != nil {
		return nil, err
	}
	return a, p.knew(ctx, email)
}

// rehash keeps a password at today's cost, where it was kept at another.
func (p *People) rehash(ctx context.Context, a *Account, password string) error {
	if strings.HasPrefix(a.Password, argonHead) {
		return nil
	}
	hash, err := hashNow(ctx, password)
	if err != nil {
		return err
	}
	before := a.Password
	return p.change(ctx, a.ID, func(a *Account) error {
		if a.Password != before {
			return store.ErrUnchanged
		}
		a.Password = hash
		return nil
	})
}

// ChangePassword sets a new password after Reauthenticate, ends every session
// of the account, so that whoever is in by the old password is out, and opens a
// new one. Faults: those of Reauthenticate at "current", those of a bad password.
func (p *People) ChangePassword(ctx context.Context, a *Account, token, old, password string, e Entry) (*Opened, error) {
	if err := p.Reauthenticate(ctx, a, token, old, "current"); err != nil {
		return nil, err
	}
	if a.Email == "" {
		return nil, fault.New("no-address")
	}
	hash, err := hashPassword(ctx, password, a.Email, a.Name)
	if err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	if err := p.change(ctx, a.ID, func(a *Account) error { a.Password, a.SessionsFrom = hash, now; return nil }); err != nil {
		return nil, err
	}
	e.By = ByPassword
	return p.changed(ctx, a, audit.PasswordChanged, e)
}
