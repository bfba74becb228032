package people

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/oidc"
	"havn/internal/store"
)

// Identity ties an account to somebody whom an identity provider knows. Its id
// is a hash of the provider and of its name for the person.
type Identity struct {
	store.Meta `bson:",inline"`
	Account    string     `json:"account"`
	Provider   string     `json:"provider"`
	CreatedAt  store.Time `json:"created_at"`
	UsedAt     store.Time `json:"used_at"`
}

func identityID(provider, subject string) string {
	return hashToken("identity:" + url.QueryEscape(provider) + ":" + url.QueryEscape(subject))
}

// visitLife is how long a visit to a provider may take.
const visitLife = 15 * time.Minute

// Visit begins a sign-in at a provider: the address to send the browser to, and
// a secret that it keeps. Faults: those of oidc.Client.Begin.
func (p *People) Visit(ctx context.Context, providerID, redirect string) (address, browser string, err error) {
	address, f, err := p.Providers.Begin(ctx, providerID, redirect)
	if err != nil {
		return "", "", err
	}
	text, err := json.Marshal(f)
	if err != nil {
		return "", "", err
	}
	if browser, err = newToken(); err != nil {
		return "", "", err
	}
	return address, browser, p.giveAs(ctx, f.State, Challenge{Kind: provider, Browser: hashToken(browser), Data: string(text)}, visitLife)
}

// Return takes what the provider sent back. Somebody who is known is let in;
// somebody new gets an account, if the provider vouches for the address; where
// an account has the address already, nothing is opened, and link is the secret
// with which LinkProvider ties both together once that account has signed in.
// Faults: "link-invalid", "link-elsewhere", those of oidc.Client.Finish.
func (p *People) Return(ctx context.Context, query url.Values, browser string, e Entry) (o *Opened, link string, err error) {
	c, err := p.take(ctx, provider, query.Get("state"), browser)
	if err != nil {
		return nil, "", err
	}
	var f oidc.Flow
	if err := json.Unmarshal([]byte(c.Data), &f); err != nil {
		return nil, "", err
	}
	who, err := p.Providers.Finish(ctx, &f, query)
	if err != nil {
		return nil, "", errors.Join(err, p.Log.Add(ctx, audit.Event{Act: audit.SignInRefused, Detail: "provider"}))
	}
	e.By = ByProvider
	a, err := p.holderOf(ctx, who)
	if err == nil {
		o, err = p.enter(ctx, a, e)
		return o, "", err
	} else if !fault.Is(err, "not-found") {
		return nil, "", err
	}
	if !who.EmailVerified {
		return nil, "", fault.New("provider-refused")
	}
	a, err = p.ByEmail(ctx, who.Email)
	if err == nil {
		text, err := json.Marshal(who)
		if err != nil {
			return nil, "", err
		}
		link, err = p.give(ctx, Challenge{Kind: providerLink, Account: a.ID, Browser: hashToken(browser), Data: string(text)}, visitLife)
		return nil, link, err
	} else if !fault.Is(err, "not-found") {
		return nil, "", err
	}
	if a, err = p.newcomer(ctx, who); err != nil {
		return nil, "", err
	}
	o, err = p.enter(ctx, a, e)
	return o, "", err
}

// holderOf is the account of an identity, with the roles that the provider's
// groups give it today.
func (p *People) holderOf(ctx context.Context, who *oidc.Identity) (*Account, error) {
	now := store.At(p.Now())
	i, err := p.identities.Update(ctx, identityID(who.Provider, who.Subject), func(i *Identity) error { i.UsedAt = now; return nil })
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New("not-found")
	} else if err != nil {
		return nil, err
	}
	a, err := p.Account(ctx, i.Account)
	if err != nil {
		return nil, err
	}
	if a.Disabled {
		return nil, fault.New("provider-refused")
	}
	return p.mapGroups(ctx, a, who)
}

func (p *People) newcomer(ctx context.Context, who *oidc.Identity) (*Account, error) {
	name := who.Name
	if _, err := cleanName(name); err != nil {
		name, _, _ = strings.Cut(who.Email, "@")
	}
	a, err := p.Create(ctx, NewAccount{Email: who.Email, Name: name, external: true})
	if err != nil {
		return nil, err
	}
	if err := p.tie(ctx, a, who); err != nil {
		return nil, err
	}
	if a, err = p.mapGroups(ctx, a, who); err != nil {
		return nil, err
	}
	return a, p.welcome(ctx, a)
}

// mapGroups gives the roles of the provider's groups in its organisation, and
// takes those away that they do not give any more.
func (p *People) mapGroups(ctx context.Context, a *Account, who *oidc.Identity) (*Account, error) {
	from, err := p.Providers.Provider(who.Provider)
	if err != nil || from.Organisation == "" {
		return a, err
	}
	o, err := p.Organisation(ctx, from.Organisation)
	if err != nil {
		return nil, err
	}
	if a.Unit != "" && a.Unit != o.Path && !Within(a.Unit, o.Path) {
		return a, nil // works elsewhere by now
	}
	var roles []Role
	for _, r := range who.Roles {
		roles = append(roles, Role(r))
	}
	want := GrantsAt(o.Path, roles)
	var has []Grant
	for _, g := range a.Grants {
		if g.Path == o.Path {
			has = append(has, g)
		}
	}
	same := len(has) == len(want) && !slices.ContainsFunc(want, func(g Grant) bool { return !slices.Contains(has, g) })
	if a.Unit != "" && same {
		return a, nil
	}
	at := a.Unit
	if a, err = p.join(ctx, a.ID, a, o, roles); err == nil && at != "" && at != o.Path {
		err = p.changeAndFollow(ctx, a.ID, func(a *Account) error { a.Unit = at; return nil }) // a unit below stays
		a.Unit = at
	}
	return a, err
}

// LinkProvider ties an account that has signed in to the identity of a visit in
// the same browser. Faults: "link-invalid", "link-elsewhere".
func (p *People) LinkProvider(ctx context.Context, a *Account, secret, browser string) error {
	c, err := p.look(ctx, providerLink, secret, browser)
	if err != nil {
		return err
	}
	if c.Account != a.ID {
		return fault.New("link-invalid")
	}
	if _, err := p.take(ctx, providerLink, secret, browser); err != nil {
		return err
	}
	var who oidc.Identity
	if err := json.Unmarshal([]byte(c.Data), &who); err != nil {
		return err
	}
	if err := p.tie(ctx, a, &who); err != nil {
		return err
	}
	if err := p.confirm(ctx, a); err != nil { // the provider vouches for the address
		return err
	}
	if _, err := p.mapGroups(ctx, a, &who); err != nil {
		return err
	}
	return p.tell(ctx, a)
}

func (p *People) tie(ctx context.Context, a *Account, who *oidc.Identity) error {
	now := store.At(p.Now())
	i := &Identity{Meta: store.Meta{ID: identityID(who.Provider, who.Subject)}, Account: a.ID, Provider: who.Provider, CreatedAt: now, UsedAt: now}
	if err := p.Log.Add(ctx, audit.Event{Key: "identity:" + i.ID + a.ID, Act: audit.ProviderLinked, Actor: a.ID, Subject: a.ID, Detail: who.Provider}); err != nil {
		return err
	}
	err := p.identities.Insert(ctx, i)
	if errors.Is(err, store.ErrExists) {
		return fault.New("link-invalid")
	}
	return err
}

// Identities are those of an account.
func (p *People) Identities(ctx context.Context, account string) ([]Identity, error) {
	page, err := p.identities.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	return page.Items, err
}
