package people

import (
	"context"
	"errors"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// ConfirmErasure tells whether an account may be erased by whoever shows its
// password. Faults: "wrong-password", "too-many-tries"; "last-administrator" for
// the only administrator of the site, who must name another first.
func (p *People) ConfirmErasure(ctx context.Context, a *Account, password string) error {
	if _, err := p.known(ctx, a.Email, password); fault.Is(err, "wrong-credentials") {
		return fault.At("wrong-password", "password")
	} else if err != nil {
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

// Erase forgets an account: its sessions, the tries at its address, and itself.
// A repeat is harmless.
func (p *People) Erase(ctx context.Context, id string) error {
	a, err := p.Account(ctx, id)
	if fault.Is(err, "not-found") {
		return nil
	} else if err != nil {
		return err
	}
	if err := p.log.Add(ctx, audit.Event{Key: "erased:" + id, Act: audit.AccountErased, Actor: id, Subject: id, Organisation: a.Unit}); err != nil {
		return err
	}
	// The account is closed first, so that nothing comes in behind the erasure.
	if err := p.change(ctx, id, func(a *Account) error { a.Disabled = true; return nil }); err != nil {
		return err
	}
	list, err := p.Sessions(ctx, id)
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := p.end(ctx, s.ID); err != nil {
			return err
		}
	}
	if err := p.knew(ctx, a.Email); err != nil {
		return err
	}
	err = p.accounts.Delete(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
