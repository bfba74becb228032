package people

import (
	"context"
	"time"

	"havn/internal/fault"
	"havn/internal/mail"
	"havn/internal/store"
)

// WarnBefore is how long before an account is erased its owner is told.
const WarnBefore = 30 * 24 * time.Hour

// Dormant is an account in which nobody has signed in for as long as its
// organisation keeps accounts, or will not have in WarnBefore.
type Dormant struct {
	Account  *Account
	EraseOn  time.Time // not before the owner was told WarnBefore ago
	Warned   bool
	Expiring bool // EraseOn has come
}

// Dormant lists them, the longest away first, and changes nothing.
func (p *People) Dormant(ctx context.Context) (list []Dormant, err error) {
	now := p.Now()
	keep := map[string]int{}
	soonest := now.AddDate(0, -LeastKeep, 0).Add(WarnBefore)
	err = p.accounts.Each(ctx, store.Query{Where: []store.Cond{{Field: "seen_on", Op: store.Lt, Value: store.At(soonest)}}, Sort: "seen_on"}, func(a *Account) error {
		if a.Has(Administrator) {
			return nil // the site would be nobody's
		}
		months, ok := keep[a.Unit]
		if !ok {
			s, err := p.SettingsAt(ctx, a.Unit)
			if err != nil && !fault.Is(err, "not-found") {
				return err
			}
			if months = s.KeepMonths; months == 0 {
				months = p.KeepMonths
			}
			keep[a.Unit] = months
		}
		on := a.SeenOn.AddDate(0, months, 0)
		if now.Before(on.Add(-WarnBefore)) {
			return nil
		}
		warned := !a.WarnedAt.IsZero()
		earliest := now.Add(WarnBefore)
		if warned {
			earliest = a.WarnedAt.Add(WarnBefore)
		}
		if a.Email != "" && on.Before(earliest) {
			on = earliest
		}
		list = append(list, Dormant{a, on, warned, !now.Before(on)})
		return nil
	})
	return list, err
}

// Warn mails the owner of a dormant account on which day it will be erased, as
// the owner's language writes the day, once.
func (p *People) Warn(ctx context.Context, d Dormant, day string) error {
	a := d.Account
	if d.Warned || a.Email == "" {
		return nil
	}
	if err := p.Letters.Put(ctx, mail.Letter{Kind: mail.AccountWillExpire, To: a.Email, Account: a.ID, Language: a.Language, About: day, Path: "/sign-in"}); err != nil {
		return err
	}
	now := store.At(p.Now())
	return p.change(ctx, a.ID, func(a *Account) error { a.WarnedAt = now; return nil })
}
