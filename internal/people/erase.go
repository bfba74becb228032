package people

import (
	"context"
	"errors"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// ConfirmErasure tells whether an account may be erased by whoever shows its
// password. Faults: those of Reauthenticate; "last-administrator" for
// the only administrator of the site, who must name another first.
func (p *People) ConfirmErasure(ctx context.Context, a *Account, token, password string) error {
	if err := p.Reauthenticate(ctx, a, token, password, "password"); err != nil {
		return err
	}
	if !a.Has(Administrator) {
		return nil
	}
	others := 0
	err := p.accounts.Each(ctx, store.Query{}, func(x *Account) error {
		if x.ID != a.ID && x.Has(Administrator) && !x.Disabled {
			others++
		}
		return nil
	})
	if err == nil && others == 0 {
		return fault.New("last-administrator")
	}
	return err
}

// Erase forgets an account: its ways in, letters to it, the tries at its
// address, and itself.
// A repeat is harmless.
func (p *People) Erase(ctx context.Context, id string) error {
	a, err := p.Account(ctx, id)
	if fault.Is(err, "not-found") {
		return nil
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "erased:" + id, Act: audit.AccountErased, Actor: id, Subject: id, Organisation: a.Unit}); err != nil {
		return err
	}
	// The account is closed first, so that nothing comes in behind the erasure.
	if err := p.change(ctx, id, func(a *Account) error { a.Disabled = true; return nil }); err != nil {
		return err
	}
	if err := p.dropWays(ctx, id); err != nil {
		return err
	}
	challenges, err := p.Challenges(ctx, a)
	if err != nil {
		return err
	}
	for _, c := range challenges {
		err = errors.Join(err, store.IgnoreMissing(p.challenges.Delete(ctx, c.ID)))
	}
	for _, tried := range []string{a.Email, "link:" + a.Email, "factor:" + id} {
		err = errors.Join(err, p.knew(ctx, tried))
	}
	if err = errors.Join(err, p.Letters.Forget(ctx, id, a.Email)); err != nil {
		return err
	}
	return store.IgnoreMissing(p.accounts.Delete(ctx, id))
}

// dropWays takes away every way into an account but its password and code:
// sessions, personal tokens, passkeys, identities.
func (p *People) dropWays(ctx context.Context, id string) error {
	where := store.Query{Where: []store.Cond{store.Is("account", id)}}
	p.cache.forget(id)
	return errors.Join(
		drop(ctx, p.sessions, where), drop(ctx, p.tokens, where), drop(ctx, p.passkeys, where), drop(ctx, p.identities, where),
	)
}
