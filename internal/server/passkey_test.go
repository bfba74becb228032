package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/descope/virtualwebauthn"

	"havn/internal/oidc"
	"havn/internal/oidc/oidctest"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// named starts a server whose address is a name, for which browsers make
// passkeys, and whose people can come by a provider.
func named(t *testing.T, e store.Engine) *havn {
	t.Helper()
	var h *havn
	provider := oidctest.Start(t, func() time.Time { return h.clock.now() })
	h = startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) {
		c.Providers = []oidc.Provider{provider.Provider("guard")}
		c.BaseURL = strings.Replace(c.BaseURL, "127.0.0.1", "localhost", 1)
	})
	h.URL = strings.Replace(h.URL, "127.0.0.1", "localhost", 1)
	h.provider = provider
	return h
}

type question struct {
	Asked   string
	Options json.RawMessage
}

func (c *client) ask(path string, body any) (q question, options string) {
	c.h.t.Helper()
	c.want(200, "POST", path, body).decode(c.h.t, &q)
	return q, `{"publicKey":` + string(q.Options) + `}`
}

// device is an authenticator with one passkey of the client's.
type device struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func (c *client) addPasskey() *device {
	c.h.t.Helper()
	d := &device{
		rp:   virtualwebauthn.RelyingParty{Name: "Havn", ID: "localhost", Origin: c.h.URL},
		auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(c.id())}),
		key:  virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
	q, options := c.ask("/api/v1/me/passkeys/options", m{"password": password})
	parsed, err := virtualwebauthn.ParseAttestationOptions(options)
	if err != nil {
		c.h.t.Fatal(err)
	}
	answer := virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *parsed)
	c.want(204, "POST", "/api/v1/me/passkeys", m{"asked": q.Asked, "name": "Phone", "answer": json.RawMessage(answer)})
	d.auth.AddCredential(d.key)
	return d
}

// answer is what the device says to a question of the server.
func (d *device) answer(h *havn) m {
	h.t.Helper()
	q, options := h.anonymous().ask("/api/v1/sessions/passkey/options", m{})
	parsed, err := virtualwebauthn.ParseAssertionOptions(options)
	if err != nil {
		h.t.Fatal(err)
	}
	return m{"asked": q.Asked, "answer": json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *parsed))}
}

// Row 23: a passkey opens its own account, once for each question, and nothing
// that another site, another server or a copied key could say does.
func TestAPasskeyOpensOnlyWhatItShould(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := named(t, e)
		c := h.learner("Mari Tamm")
		c.refuse("wrong-password", "POST", "/api/v1/me/passkeys/options", m{"password": "not this"})
		d := c.addPasskey()
		try := func(body m) answer { return h.anonymous().do("POST", "/api/v1/sessions/passkey", body) }

		good := d.answer(h)
		seen := atOnce(func() int { return try(good).status })
		if seen[201] != 1 || seen[201]+seen[422] != 50 {
			t.Errorf("of 50 at once: %v", seen)
		}
		for name, change := range map[string]func(*device){
			"another origin":     func(d *device) { d.rp.Origin = "https://evil.example" },
			"another server":     func(d *device) { d.rp.ID = "evil.example" },
			"without unlocking":  func(d *device) { d.auth.Options.UserNotVerified = true },
			"nobody there":       func(d *device) { d.auth.Options.UserNotPresent = true },
			"another key":        func(d *device) { d.key.Key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2).Key },
			"an unknown account": func(d *device) { d.auth.Options.UserHandle = []byte("nobody") },
		} {
			other := *d
			change(&other)
			if a := try(other.answer(h)); a.code() != "passkey-refused" {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		d.key.Counter = 7
		if a := try(d.answer(h)); a.status != 201 {
			t.Errorf("a counter that goes on: %s", a.body)
		}
		d.key.Counter = 3
		if a := try(d.answer(h)); a.code() != "passkey-refused" {
			t.Errorf("a counter that went back, as of a copy: %d", a.status)
		}
		// A question that was asked for another purpose answers nothing.
		q, _ := c.ask("/api/v1/me/passkeys/options", m{"password": password})
		d.key.Counter = 9
		mixed := d.answer(h)
		mixed["asked"] = q.Asked
		if a := try(mixed); a.code() != "link-invalid" {
			t.Errorf("a question of another kind: %d", a.status)
		}
		late := d.answer(h)
		h.clock.advance(6 * 60 * 1e9)
		if a := try(late); a.code() != "link-invalid" {
			t.Errorf("after six minutes: %d", a.status)
		}
		// It stands for both factors.
		c.factor()
		d.key.Counter = 10
		var s struct {
			Token        string
			SecondFactor bool `json:"second_factor"`
		}
		h.anonymous().want(201, "POST", "/api/v1/sessions/passkey", d.answer(h)).decode(t, &s)
		if s.SecondFactor {
			t.Error("a passkey asks for another factor")
		}
		in := &client{h: h, token: s.Token}
		var list struct{ Items []struct{ ID string } }
		in.want(200, "GET", "/api/v1/me/passkeys", nil).decode(t, &list)
		in.want(204, "DELETE", "/api/v1/me/passkeys/"+list.Items[0].ID, nil)
		d.key.Counter = 11
		if a := try(d.answer(h)); a.code() != "passkey-refused" {
			t.Errorf("a passkey that was removed: %d", a.status)
		}
	})
}

// The same as people do it.
func TestAPasskeyInABrowser(t *testing.T) {
	t.Parallel()
	h := named(t, storetest.SQLite().New(t).Open(t))
	h.learner("Mari Tamm")
	c := openChrome(t, h, 390, 844, false)
	c.do(webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		return err
	}))
	c.open("/sign-in?next=/account/security")
	c.do(chromedp.SendKeys("[name=email]", "mari.tamm@example.org"), chromedp.SendKeys("[name=password]", password))
	c.click("form[action='/sign-in'] .button")
	c.do(chromedp.SendKeys("#add-passkey [name=name]", "My phone"), chromedp.SendKeys("#add-passkey [name=password]", password))
	c.click("#add-passkey .button")
	if !strings.Contains(c.text("main"), "My phone") {
		t.Fatal("the passkey is not listed")
	}
	c.picture("passkey")
	c.open("/account")
	c.click("form[action='/sign-out'] button")
	c.open("/sign-in?next=/account")
	c.click("#passkey .button")
	if !strings.HasSuffix(c.where(), "/account") || !strings.Contains(c.text("header"), "Mari Tamm") {
		t.Errorf("at %s", c.where())
	}
	if letter, _ := h.letter("mari.tamm@example.org", 2); !strings.Contains(letter.Text, "passkey") {
		t.Errorf("nobody was told: %s", letter.Text)
	}
}

func TestWhereAnAddressIsANumberPasskeysAreNotOffered(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.anonymous().refuse("passkey-refused", "POST", "/api/v1/sessions/passkey/options", m{})
	if _, _, page := h.stranger().get("/sign-in"); bytes.Contains(page, []byte("passkey.js")) {
		t.Error("the page offers them")
	}
}
