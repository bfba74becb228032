package people

import (
	"context"
	"crypto/subtle"
	"strings"

	"havn/internal/fault"
)

// MakeCalendar makes the secret by which a calendar program, which does not sign
// in, reads when something is due for a person. One made before ends. It is told
// once.
func (p *People) MakeCalendar(ctx context.Context, a *Account) (secret string, err error) {
	if secret, err = newToken(); err != nil {
		return "", err
	}
	return a.ID + "." + secret, p.change(ctx, a.ID, func(a *Account) error {
		a.Calendar = hashToken(secret)
		return nil
	})
}

// EndCalendar ends the secret. A repeat is harmless.
func (p *People) EndCalendar(ctx context.Context, a *Account) error {
	return p.change(ctx, a.ID, func(a *Account) error {
		a.Calendar = ""
		return nil
	})
}

// ByCalendar is whose calendar a secret opens; the fault is "not-found".
func (p *People) ByCalendar(ctx context.Context, secret string) (*Account, error) {
	id, secret, ok := strings.Cut(secret, ".")
	if !ok {
		return nil, fault.New("not-found")
	}
	a, err := p.Account(ctx, id)
	if err != nil {
		return nil, err
	}
	if a.Disabled || a.Calendar == "" || subtle.ConstantTimeCompare([]byte(a.Calendar), []byte(hashToken(secret))) == 0 {
		return nil, fault.New("not-found")
	}
	return a, nil
}
