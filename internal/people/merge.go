package people

import (
	"context"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/mail"
	"havn/internal/store"
)

// Two accounts of one person become one by that person alone: they are signed in to
// the one that stays, and show that the other is theirs, too, by the letter to its
// address or by its code. Nobody else can, not even an administrator, who would so
// come to see what somebody answered.

// AskToMerge mails a link to the address of another account of the same person. For
// an address that nobody has, the same is done, but no letter leaves. Faults:
// "email-invalid", "merge-itself", "too-many-tries".
func (p *People) AskToMerge(ctx context.Context, a *Account, email, language string) error {
	email, err := cleanEmail(email)
	if err != nil {
		return err
	}
	if email == a.Email {
		return fault.At("merge-itself", "email")
	}
	if err := p.guess(ctx, "link:"+email); err != nil {
		return err
	}
	secret, err := p.give(ctx, Challenge{Kind: mergeAccounts, Account: a.ID, Email: email}, LinkLife)
	if err != nil {
		return err
	}
	return p.Letters.Put(ctx, mail.Letter{Kind: mail.MergeAccounts, To: email, Language: language, Path: "/merge/" + secret})
}

// Other is the account that a secret shows to be the same person's: that of a link,
// or the code of an account without an address. It uses nothing up. Faults:
// "link-invalid"; "merge-itself"; "merge-roles" for an account that may do more than
// learn, "merge-second-factor" for one that asks for more than a link.
func (p *People) Other(ctx context.Context, a *Account, secret string) (*Account, error) {
	other, err := p.byCode(ctx, secret)
	if err != nil {
		return nil, err
	}
	if other == nil {
		c, err := p.look(ctx, mergeAccounts, secret, "")
		if err == nil && c.Account != a.ID {
			err = fault.New("link-invalid")
		}
		if err != nil {
			return nil, err
		}
		if other, err = p.ByEmail(ctx, c.Email); fault.Is(err, "not-found") {
			return nil, fault.New("link-invalid")
		} else if err != nil {
			return nil, err
		}
	}
	switch {
	case other.Disabled:
		return nil, fault.New("link-invalid")
	case other.ID == a.ID:
		return nil, fault.New("merge-itself")
	case len(other.Grants) > 0, len(other.Roles) != 1 || !other.Has(Learner):
		return nil, fault.New("merge-roles")
	case other.TOTP != "":
		return nil, fault.New("merge-second-factor")
	}
	return other, nil
}

// GiveUp closes the other account for good in favour of a. What it held has then to
// be brought over, and the account erased. Faults: as Other.
func (p *People) GiveUp(ctx context.Context, a *Account, secret string) (*Account, error) {
	other, err := p.Other(ctx, a, secret)
	if err != nil {
		return nil, err
	}
	if other.Email != "" {
		if _, err := p.take(ctx, mergeAccounts, secret, ""); err != nil {
			return nil, err
		}
	}
	event := audit.Event{Key: "merged:" + other.ID, Act: audit.AccountsMerged, Actor: a.ID, Subject: a.ID, Organisation: a.Unit}
	if err := p.Log.Add(ctx, event); err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	if err := p.change(ctx, other.ID, func(x *Account) error {
		if x.Disabled {
			return fault.New("link-invalid")
		}
		x.Disabled, x.MergedInto, x.SessionsFrom, x.Unit = true, a.ID, now, "" // nobody counts them twice
		return nil
	}); err != nil {
		return nil, err
	}
	if err := p.dropWays(ctx, other.ID); err != nil {
		return nil, err
	}
	return p.Account(ctx, other.ID)
}

// GivenUp are the accounts that were closed in favour of others and are still there.
func (p *People) GivenUp(ctx context.Context) ([]Account, error) {
	page, err := p.accounts.Find(ctx, store.Query{Where: []store.Cond{{Field: "merged_into", Op: store.Gt, Value: ""}}})
	return page.Items, err
}
