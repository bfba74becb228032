package people

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// Passkey is a key that the lock of a device holds (WebAuthn, W3C). Its id is
// the hash of the credential's id. Only its public half is here.
type Passkey struct {
	store.Meta `bson:",inline"`
	Account    string     `json:"account"`
	Name       string     `json:"name"`
	Credential string     `json:"credential"` // as the library keeps it, JSON
	CreatedAt  store.Time `json:"created_at"`
	UsedAt     store.Time `json:"used_at"`
}

// MaxPasskeys is how many an account can have.
const MaxPasskeys = 20

// ceremony is how long a browser may take to ask its user.
const ceremony = 5 * time.Minute

// relyingParty is this server as passkeys know it: nil where its address is a
// number, for which no browser makes them.
func relyingParty(base *url.URL) (*webauthn.WebAuthn, error) {
	if base == nil || net.ParseIP(base.Hostname()) != nil {
		return nil, nil
	}
	return webauthn.New(&webauthn.Config{
		RPID: base.Hostname(), RPDisplayName: "Havn", RPOrigins: []string{base.Scheme + "://" + base.Host},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
}

// TakesPasskeys tells whether browsers make passkeys for this server.
func (p *People) TakesPasskeys() bool { return p.passkeyParty != nil }

// passkeyHolder is an account as the library knows it; its handle is the account's id,
// which says nothing of the person.
type passkeyHolder struct {
	*Account
	keys []webauthn.Credential
}

func (h passkeyHolder) WebAuthnID() []byte                         { return []byte(h.ID) }
func (h passkeyHolder) WebAuthnName() string                       { return h.known() }
func (h passkeyHolder) WebAuthnDisplayName() string                { return h.Name }
func (h passkeyHolder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func (p *People) passkeyHolder(ctx context.Context, a *Account) (passkeyHolder, error) {
	list, err := p.Passkeys(ctx, a.ID)
	h := passkeyHolder{Account: a}
	for _, k := range list {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(k.Credential), &c); err != nil {
			return h, err
		}
		h.keys = append(h.keys, c)
	}
	return h, err
}

// ProposePasskey begins to add a passkey: what the browser is to be asked, and a
// secret that comes back with its answer. The fault where no browser would make
// one is "passkey-refused".
func (p *People) ProposePasskey(ctx context.Context, a *Account) (asked string, options *protocol.CredentialCreation, err error) {
	if p.passkeyParty == nil {
		return "", nil, fault.New("passkey-refused")
	}
	h, err := p.passkeyHolder(ctx, a)
	if err != nil {
		return "", nil, err
	}
	if len(h.keys) >= MaxPasskeys {
		return "", nil, fault.New("too-many-passkeys").With("max", MaxPasskeys)
	}
	var known []protocol.CredentialDescriptor
	for _, k := range h.keys {
		known = append(known, k.Descriptor())
	}
	options, session, err := p.passkeyParty.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return "", nil, err
	}
	asked, err = p.giveCeremony(ctx, newPasskey, a.ID, session)
	return asked, options, err
}

// AddPasskey keeps what the browser made. Every other session stays; a letter
// tells the owner. Faults: "link-invalid" for an answer to nothing that was
// asked, "passkey-refused".
func (p *People) AddPasskey(ctx context.Context, a *Account, asked, name string, answer []byte) error {
	name, err := cleanName(name)
	if err != nil {
		return err
	}
	session, err := p.takeCeremony(ctx, newPasskey, a.ID, asked)
	if err != nil {
		return err
	}
	h, err := p.passkeyHolder(ctx, a)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return refusedPasskey(err)
	}
	credential, err := p.passkeyParty.CreateCredential(h, *session, parsed)
	if err != nil {
		return refusedPasskey(err)
	}
	text, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	now := store.At(p.Now())
	k := &Passkey{Meta: store.Meta{ID: passkeyID(credential.ID)}, Account: a.ID, Name: name, Credential: string(text), CreatedAt: now, UsedAt: now}
	if err := p.Log.Add(ctx, audit.Event{Key: "passkey:" + k.ID, Act: audit.PasskeyAdded, Actor: a.ID, Subject: a.ID}); err != nil {
		return err
	}
	if err := p.passkeys.Insert(ctx, k); errors.Is(err, store.ErrExists) {
		return fault.New("passkey-refused")
	} else if err != nil {
		return err
	}
	return p.tell(ctx, a)
}

// AskForPasskey begins a sign-in by whichever passkey the browser has.
func (p *People) AskForPasskey(ctx context.Context) (asked string, options *protocol.CredentialAssertion, err error) {
	if p.passkeyParty == nil {
		return "", nil, fault.New("passkey-refused")
	}
	options, session, err := p.passkeyParty.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, err
	}
	asked, err = p.giveCeremony(ctx, askPasskey, "", session)
	return asked, options, err
}

// SignInByPasskey checks the browser's answer. It stands for both factors: the
// device, and what unlocks it. A counter that went back, as a copied key's does,
// is refused. Faults: "link-invalid", "passkey-refused".
func (p *People) SignInByPasskey(ctx context.Context, asked string, answer []byte, e Entry) (*Opened, error) {
	session, err := p.takeCeremony(ctx, askPasskey, "", asked)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return nil, refusedPasskey(err)
	}
	var a *Account
	find := func(_, handle []byte) (webauthn.User, error) {
		if a, err = p.Account(ctx, string(handle)); err != nil {
			return nil, err
		}
		return p.passkeyHolder(ctx, a)
	}
	credential, err := p.passkeyParty.ValidateDiscoverableLogin(find, *session, parsed)
	if err != nil || a.Disabled || credential.Authenticator.CloneWarning {
		if e := p.Log.Add(ctx, audit.Event{Act: audit.SignInRefused, Detail: "passkey"}); e != nil {
			return nil, e
		}
		return nil, refusedPasskey(err)
	}
	text, err := json.Marshal(credential)
	if err != nil {
		return nil, err
	}
	now := store.At(p.Now())
	if _, err := p.passkeys.Update(ctx, passkeyID(credential.ID), func(k *Passkey) error {
		k.Credential, k.UsedAt = string(text), now
		return nil
	}); err != nil {
		return nil, err
	}
	e.By = ByPasskey
	return p.enter(ctx, a, e)
}

// Passkeys are an account's own, the newest first.
func (p *People) Passkeys(ctx context.Context, account string) ([]Passkey, error) {
	page, err := p.passkeys.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	slices.SortFunc(page.Items, func(a, b Passkey) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return page.Items, err
}

// RemovePasskey takes away one of an account's own; the fault for what is none
// is "not-found".
func (p *People) RemovePasskey(ctx context.Context, a *Account, id string) error {
	k, err := p.passkeys.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && k.Account != a.ID {
		return fault.New("not-found")
	} else if err != nil {
		return err
	}
	if err := p.Log.Add(ctx, audit.Event{Key: "passkey-end:" + id, Act: audit.PasskeyRemoved, Actor: a.ID, Subject: a.ID}); err != nil {
		return err
	}
	if err := store.IgnoreMissing(p.passkeys.Delete(ctx, id)); err != nil {
		return err
	}
	return p.tell(ctx, a)
}

func (p *People) giveCeremony(ctx context.Context, kind, account string, session *webauthn.SessionData) (string, error) {
	session.Expires = time.Time{} // the challenge has its own end, by this server's clock
	text, err := json.Marshal(session)
	if err != nil {
		return "", err
	}
	return p.give(ctx, Challenge{Kind: kind, Account: account, Data: string(text)}, ceremony)
}

func (p *People) takeCeremony(ctx context.Context, kind, account, asked string) (*webauthn.SessionData, error) {
	c, err := p.take(ctx, kind, asked, "")
	if err != nil {
		return nil, err
	}
	if c.Account != account || p.passkeyParty == nil {
		return nil, fault.New("link-invalid")
	}
	var session webauthn.SessionData
	return &session, json.Unmarshal([]byte(c.Data), &session)
}

func refusedPasskey(cause error) error {
	return &fault.Error{Code: "passkey-refused", Err: cause}
}

func passkeyID(credential []byte) string {
	return hashToken("passkey:" + string(credential))
}
