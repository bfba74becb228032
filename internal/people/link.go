package people

import (
	"context"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/mail"
	"havn/internal/store"
)

// SendLink mails a link that signs the account with this address in, once, in
// the browser that holds the secret that comes back. For an address that nobody
// has the same is done, but no letter leaves. Faults: "email-invalid",
// "too-many-tries".
func (p *People) SendLink(ctx context.Context, email, language string) (browser string, err error) {
	email, err = cleanEmail(email)
	if err != nil {
		return "", err
	}
	if err := p.guess(ctx, "link:"+email); err != nil {
		return "", err
	}
	if browser, err = newToken(); err != nil {
		return "", err
	}
	secret, err := p.give(ctx, Challenge{Kind: signInLink, Email: email, Browser: hashToken(browser)}, LinkLife)
	if err != nil {
		return "", err
	}
	return browser, p.Letters.Put(ctx, mail.Letter{Kind: mail.SignInLink, To: email, Language: language, Path: "/link/" + secret})
}

// CanUseLink tells whether a link would sign this browser in, and uses nothing
// up: programs that look at mail open every link. Faults: as OpenLink.
func (p *People) CanUseLink(ctx context.Context, secret, browser string) error {
	_, err := p.look(ctx, signInLink, secret, browser)
	return err
}

// OpenLink signs in by the link of a mail. Faults: "link-invalid",
// "link-elsewhere".
func (p *People) OpenLink(ctx context.Context, secret, browser string, e Entry) (*Opened, error) {
	c, err := p.take(ctx, signInLink, secret, browser)
	if err != nil {
		return nil, err
	}
	a, err := p.ByEmail(ctx, c.Email)
	if fault.Is(err, "not-found") || err == nil && a.Disabled {
		return nil, fault.New("link-invalid")
	} else if err != nil {
		return nil, err
	}
	if a, err = p.reclaim(ctx, a); err != nil {
		return nil, err
	}
	if err := p.confirm(ctx, a); err != nil {
		return nil, err
	}
	e.By = ByLink
	return p.enter(ctx, a, e)
}

// reclaim makes an account its address's owner's alone: whoever made it before
// the address was confirmed may have been somebody else, whose password, tokens
// and passkeys must not stay (account pre-hijacking: Sudhodanan and Paverd,
// USENIX Security 2022).
func (p *People) reclaim(ctx context.Context, a *Account) (*Account, error) {
	if a.Confirmed || a.TOTP != "" { // a second factor is asked for in any case
		return a, nil
	}
	now := store.At(p.Now())
	if err := p.change(ctx, a.ID, func(a *Account) error { a.Password, a.TOTPNext, a.SessionsFrom = "", "", now; return nil }); err != nil {
		return nil, err
	}
	if err := p.dropWays(ctx, a.ID); err != nil {
		return nil, err
	}
	return p.Account(ctx, a.ID)
}

// AskToConfirm mails a link by which the owner of an address says that it is theirs.
func (p *People) AskToConfirm(ctx context.Context, a *Account) error {
	if a.Confirmed || a.Email == "" {
		return nil
	}
	secret, err := p.give(ctx, Challenge{Kind: confirmAddress, Account: a.ID, Email: a.Email}, mail.GiveUp)
	if err != nil {
		return err
	}
	return p.Letters.Put(ctx, mail.Letter{Kind: mail.ConfirmAddress, To: a.Email, Account: a.ID, Language: a.Language, Path: "/confirm/" + secret})
}

// Confirm notes that an address is its owner's, by the secret of the mail, and
// lets the person into the organisation that takes everybody with such an
// address. The fault is "link-invalid".
func (p *People) Confirm(ctx context.Context, secret string) (*Account, error) {
	c, err := p.take(ctx, confirmAddress, secret, "")
	if err != nil {
		return nil, err
	}
	a, err := p.Account(ctx, c.Account)
	if fault.Is(err, "not-found") || err == nil && a.Email != c.Email {
		return nil, fault.New("link-invalid")
	} else if err != nil {
		return nil, err
	}
	if err := p.confirm(ctx, a); err != nil {
		return nil, err
	}
	return p.Account(ctx, a.ID)
}

func (p *People) confirm(ctx context.Context, a *Account) error {
	if a.Confirmed {
		return nil
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "confirmed:" + a.ID + ":" + hashToken(a.Email), Act: audit.AddressConfirmed, Actor: a.ID, Subject: a.ID}); err != nil {
		return err
	}
	if err := p.change(ctx, a.ID, func(a *Account) error { a.Confirmed = true; return nil }); err != nil {
		return err
	}
	a.Confirmed = true
	return p.welcome(ctx, a)
}

// tell mails an account that something of its sign-in has changed.
func (p *People) tell(ctx context.Context, a *Account) error {
	if a.Email == "" {
		return nil
	}
	return p.Letters.Put(ctx, mail.Letter{Kind: mail.SecurityChange, To: a.Email, Account: a.ID, Language: a.Language, Path: "/account"})
}
