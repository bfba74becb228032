package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"havn/internal/fault"
	"havn/internal/outbound"
)

// Client speaks with all providers. It is safe for concurrent use.
type Client struct {
	providers       []Provider
	now             func() time.Time
	public, private *http.Client

	mu    sync.Mutex
	known map[string]*discovered
}

// discovered is what a provider says of itself (OpenID Connect Discovery 1.0 §3).
type discovered struct {
	*oidc.Provider
	Keys    string   `json:"jwks_uri"`
	Methods []string `json:"token_endpoint_auth_methods_supported"`
	until   time.Time
}

// keepFor is how long what a provider says of itself is believed.
const keepFor = time.Hour

// New makes no request: a provider that is down holds nobody up but its own
// people. timeout bounds each request; five seconds where 0.
func New(providers []Provider, now func() time.Time, timeout time.Duration) *Client {
	return &Client{
		providers: providers, now: now, known: map[string]*discovered{},
		public:  outbound.Client(outbound.Options{Timeout: timeout}),
		private: outbound.Client(outbound.Options{Timeout: timeout, Private: true}),
	}
}

// Providers are those that people can choose.
func (c *Client) Providers() []Provider { return c.providers }

// Provider finds one by its id; the fault is "provider-unknown".
func (c *Client) Provider(id string) (*Provider, error) {
	at := slices.IndexFunc(c.providers, func(p Provider) bool { return p.ID == id })
	if at < 0 {
		return nil, fault.New("provider-unknown")
	}
	return &c.providers[at], nil
}

// Flow is one visit to a provider. It stays on the server, bound to the browser.
type Flow struct {
	Provider string `json:"provider"`
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
	Redirect string `json:"redirect"`
}

// Begin gives the address to send the browser to. Faults: "provider-unknown",
// "provider-unreachable".
func (c *Client) Begin(ctx context.Context, provider, redirect string) (address string, f *Flow, err error) {
	p, err := c.Provider(provider)
	if err != nil {
		return "", nil, err
	}
	at, err := c.discover(ctx, p)
	if err != nil {
		return "", nil, err
	}
	f = &Flow{Provider: p.ID, State: secret(), Nonce: secret(), Verifier: oauth2.GenerateVerifier(), Redirect: redirect}
	return config(p, at, redirect).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), f, nil
}

// Identity is who a provider says that somebody is.
type Identity struct {
	Provider, Subject string
	Email             string
	EmailVerified     bool
	Name              string
	Roles             []string // by Provider.Roles, sorted
}

// Finish takes what the provider sent back by the browser. Faults:
// "provider-unreachable"; "provider-refused" for everything that does not verify.
func (c *Client) Finish(ctx context.Context, f *Flow, query url.Values) (*Identity, error) {
	p, err := c.Provider(f.Provider)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(f.State)) != 1 {
		return nil, refused(errors.New("the state is another"))
	}
	if iss := query.Get("iss"); iss != "" && iss != p.Issuer {
		return nil, refused(errors.New("the answer names another issuer"))
	}
	if query.Get("error") != "" || query.Get("code") == "" {
		return nil, refused(errors.New("the answer has no code"))
	}
	at, err := c.discover(ctx, p)
	if err != nil {
		return nil, err
	}
	ctx = oidc.ClientContext(ctx, c.http(p)) // for the code and for the keys
	token, err := config(p, at, f.Redirect).Exchange(ctx, query.Get("code"), oauth2.VerifierOption(f.Verifier))
	var answered *oauth2.RetrieveError
	if errors.As(err, &answered) && answered.Response != nil && answered.Response.StatusCode < 500 {
		return nil, refused(err)
	} else if err != nil {
		return nil, unreachable(err)
	}
	raw, _ := token.Extra("id_token").(string)
	keys := &keySet{RemoteKeySet: oidc.NewRemoteKeySet(ctx, at.Keys)}
	verifier := oidc.NewVerifier(p.Issuer, keys, &oidc.Config{
		ClientID: p.ClientID, Now: c.now, SupportedSigningAlgs: []string{oidc.RS256, oidc.ES256, oidc.PS256, oidc.EdDSA},
	})
	id, err := verifier.Verify(ctx, raw)
	if keys.missing != nil {
		return nil, unreachable(keys.missing)
	} else if err != nil {
		return nil, refused(err)
	}
	return identity(p, f, id, c.now())
}

// keySet remembers that the keys could not be had, which is not the same as a
// signature by none of them; oidc.IDTokenVerifier gives both as text.
type keySet struct {
	*oidc.RemoteKeySet
	missing error
}

func (k *keySet) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := k.RemoteKeySet.VerifySignature(ctx, jwt)
	k.missing = errors.Unwrap(err) // only a failed request has a cause
	return payload, err
}

// maxSubject is the longest name for a person, in bytes (OpenID Connect Core 1.0 §2).
const maxSubject = 255

// skew is how far a provider's clock may be ahead.
const skew = time.Minute

func identity(p *Provider, f *Flow, id *oidc.IDToken, now time.Time) (*Identity, error) {
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return nil, refused(errors.New("the nonce is another"))
	}
	if id.IssuedAt.After(now.Add(skew)) {
		return nil, refused(errors.New("the token is of the future"))
	}
	if id.Subject == "" || len(id.Subject) > maxSubject {
		return nil, refused(errors.New("the token names nobody"))
	}
	var said struct {
		Email         string `json:"email"`
		EmailVerified bool   `json:"email_verified"`
		Name          string `json:"name"`
		AZP           string `json:"azp"`
	}
	claims := map[string]any{}
	if err := errors.Join(id.Claims(&said), id.Claims(&claims)); err != nil {
		return nil, refused(err)
	}
	if said.AZP != "" && said.AZP != p.ClientID || said.AZP == "" && len(id.Audience) > 1 {
		return nil, refused(errors.New("the token is for another party"))
	}
	out := &Identity{Provider: p.ID, Subject: id.Subject, Email: said.Email, EmailVerified: said.EmailVerified, Name: said.Name}
	groups, _ := claims[p.GroupsClaim].([]any)
	for _, g := range groups {
		name, _ := g.(string)
		if role, ok := p.Roles[name]; ok {
			out.Roles = append(out.Roles, role)
		}
	}
	slices.Sort(out.Roles)
	out.Roles = slices.Compact(out.Roles)
	return out, nil
}

func (c *Client) http(p *Provider) *http.Client {
	if p.Private {
		return c.private
	}
	return c.public
}

// discover asks a provider about itself, which also makes sure that it is the
// issuer that was named. A failure is not kept.
func (c *Client) discover(ctx context.Context, p *Provider) (*discovered, error) {
	c.mu.Lock()
	at, ok := c.known[p.ID]
	c.mu.Unlock()
	if ok && c.now().Before(at.until) {
		return at, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), c.http(p)), p.Issuer)
	if err != nil {
		return nil, unreachable(err)
	}
	at = &discovered{Provider: found, until: c.now().Add(keepFor)}
	if err := found.Claims(at); err != nil {
		return nil, unreachable(err)
	}
	if !encrypted(p.Issuer, at.Endpoint().AuthURL, at.Endpoint().TokenURL, at.Keys) {
		return nil, unreachable(errors.New("the provider names an address without https"))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known[p.ID] = at
	return at, nil
}

// encrypted tells whether everything that an issuer with https names has it too:
// else the secret, the code and the keys would travel in clear.
func encrypted(issuer string, addresses ...string) bool {
	return !strings.HasPrefix(issuer, "https://") || !slices.ContainsFunc(addresses, func(a string) bool { return !strings.HasPrefix(a, "https://") })
}

// config says how the client shows its secret: x/oauth2 would try one way after
// the other, and so send a code twice that is good once (RFC 6749 §4.1.2).
func config(p *Provider, at *discovered, redirect string) *oauth2.Config {
	end := at.Endpoint()
	end.AuthStyle = oauth2.AuthStyleInHeader // where nothing is said
	if p.ClientSecret == "" || slices.Contains(at.Methods, "client_secret_post") && !slices.Contains(at.Methods, "client_secret_basic") {
		end.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: end, RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

func secret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}

func refused(cause error) error { return &fault.Error{Code: "provider-refused", Err: cause} }

func unreachable(cause error) error { return &fault.Error{Code: "provider-unreachable", Err: cause} }
