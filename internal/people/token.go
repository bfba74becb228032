package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// tokenPrefix tells a personal token from a session's, also to programs that
// look for secrets in files.
const tokenPrefix = "havn_"

// Limits of personal tokens.
const (
	MaxTokens    = 20
	MaxTokenDays = 366
)

// Token lets a program act for a person. Its id is the hash of the secret.
type Token struct {
	store.Meta `bson:",inline"`
	Account    string       `json:"account"`
	Name       string       `json:"name"` // by which its owner knows it
	Scopes     []TokenScope `json:"scopes"`
	ReadOnly   bool         `json:"read_only"`
	CreatedAt  store.Time   `json:"created_at"`
	ExpiresAt  store.Time   `json:"expires_at"`
}

// MakeToken makes a personal token for some days; its secret is told once.
// Faults name the field.
func (p *People) MakeToken(ctx context.Context, a *Account, name string, scopes []TokenScope, readOnly bool, days int) (string, *Token, error) {
	name, err := cleanName(name)
	if err != nil {
		return "", nil, err
	}
	if days < 1 || days > MaxTokenDays {
		return "", nil, fault.At("invalid-field", "days")
	}
	slices.Sort(scopes)
	scopes = slices.Compact(scopes)
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(s TokenScope) bool { return !slices.Contains(TokenScopes, s) }) {
		return "", nil, fault.At("invalid-field", "scopes")
	}
	list, err := p.Tokens(ctx, a.ID)
	if err != nil {
		return "", nil, err
	}
	if len(list) >= MaxTokens {
		return "", nil, fault.New("too-many-tokens").With("max", MaxTokens)
	}
	secret, err := newToken()
	if err != nil {
		return "", nil, err
	}
	secret = tokenPrefix + secret
	now := p.Now()
	t := &Token{
		Meta: store.Meta{ID: hashToken(secret)}, Account: a.ID, Name: name, Scopes: scopes, ReadOnly: readOnly,
		CreatedAt: store.At(now), ExpiresAt: store.At(now.Add(time.Duration(days) * 24 * time.Hour)),
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "token:" + t.ID, Act: audit.TokenMade, Actor: a.ID, Subject: a.ID}); err != nil {
		return "", nil, err
	}
	return secret, t, p.tokens.Insert(ctx, t)
}

// Tokens are an account's own, the newest first.
func (p *People) Tokens(ctx context.Context, account string) ([]Token, error) {
	page, err := p.tokens.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	slices.SortFunc(page.Items, func(a, b Token) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return page.Items, err
}

// EndToken ends one of an account's own; the fault for what is none is "not-found".
func (p *People) EndToken(ctx context.Context, account, id string) error {
	t, err := p.tokens.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && t.Account != account {
		return fault.New("not-found")
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "token-end:" + id, Act: audit.TokenEnded, Actor: account, Subject: account}); err != nil {
		return err
	}
	p.cache.forget(account)
	return store.IgnoreMissing(p.tokens.Delete(ctx, id))
}

func isToken(secret string) bool { return strings.HasPrefix(secret, tokenPrefix) }

// whoseToken is the account behind a personal token, bounded by its scopes.
func (p *People) whoseToken(ctx context.Context, secret string) (*Account, error) {
	t, err := p.tokens.Get(ctx, hashToken(secret))
	if errors.Is(err, store.ErrNotFound) || err == nil && !p.Now().Before(t.ExpiresAt.Time) {
		return nil, fault.New("sign-in-needed")
	} else if err != nil {
		return nil, err
	}
	a, err := p.openAccount(ctx, t.Account, t.CreatedAt)
	if err != nil {
		return nil, err
	}
	a.bounds = &bounds{t.Scopes, t.ReadOnly}
	return a, nil
}
