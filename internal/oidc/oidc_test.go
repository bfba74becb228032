package oidc_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"havn/internal/fault"
	"havn/internal/oidc"
	"havn/internal/oidc/oidctest"
)

const back = "https://havn.example/provider/answer"

func now() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }

// visit goes through a whole sign-in; change may alter what comes back.
func visit(t *testing.T, s *oidctest.Server, c *oidc.Client, change func(*oidc.Flow, url.Values)) (*oidc.Identity, error) {
	t.Helper()
	address, f, err := c.Begin(t.Context(), "a", back)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(address, s.URL+"/authorise?") {
		t.Fatalf("the browser is sent to %s", address)
	}
	query := oidctest.Visit(t, address)
	if change != nil {
		change(f, query)
	}
	return c.Finish(t.Context(), f, query)
}

func start(t *testing.T) (*oidctest.Server, *oidc.Client) {
	t.Helper()
	s := oidctest.Start(t, now)
	s.Person = oidctest.Person{Subject: "4711", Email: "mari.tamm@guard.example", Name: "Mari Tamm", Groups: []string{"guards", "chiefs", "other"}}
	p := s.Provider("a")
	p.Organisation, p.Roles = "x", map[string]string{"guards": "learner", "chiefs": "administrator"}
	return s, oidc.New([]oidc.Provider{p}, now, time.Second)
}

func TestSomebodyComesByTheirProvider(t *testing.T) {
	t.Parallel()
	s, c := start(t)
	id, err := visit(t, s, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if id.Subject != "4711" || id.Email != "mari.tamm@guard.example" || !id.EmailVerified || id.Name != "Mari Tamm" || strings.Join(id.Roles, " ") != "administrator learner" {
		t.Errorf("%+v", id)
	}
	s.Lie = oidctest.Unverified
	if id, err = visit(t, s, c, nil); err != nil || id.EmailVerified {
		t.Errorf("an address that is not verified: %+v %v", id, err)
	}
	if _, _, err := c.Begin(t.Context(), "b", back); !fault.Is(err, "provider-unknown") {
		t.Errorf("another provider: %v", err)
	}
}

func TestEachLieIsNoticed(t *testing.T) {
	t.Parallel()
	for lie, want := range map[oidctest.Lie]string{
		oidctest.WrongIssuer: "provider-refused", oidctest.WrongAudience: "provider-refused", oidctest.SeveralAudiences: "provider-refused", oidctest.OtherParty: "provider-refused",
		oidctest.Expired: "provider-refused", oidctest.Future: "provider-refused", oidctest.NoNonce: "provider-refused", oidctest.OtherNonce: "provider-refused",
		oidctest.AlgNone: "provider-refused", oidctest.PublicKeyAsSecret: "provider-refused", oidctest.OtherKey: "provider-refused", oidctest.SwappedKeys: "provider-refused",
		oidctest.NoToken: "provider-refused", oidctest.UnknownKey: "provider-refused", oidctest.KeyOfAnother: "provider-refused",
		oidctest.NoSubject: "provider-refused", oidctest.LongSubject: "provider-refused",
		oidctest.Silent: "provider-unreachable", oidctest.Endless: "provider-unreachable", oidctest.Broken: "provider-unreachable",
		oidctest.NotJSON: "provider-unreachable", oidctest.OtherDiscovery: "provider-unreachable", oidctest.TokenElsewhere: "provider-unreachable",
	} {
		t.Run(string(lie), func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			s.Lie = lie
			id, err := visit(t, s, c, nil)
			if id != nil || !fault.Is(err, want) {
				t.Errorf("%+v %v", id, err)
			}
			if s.Asked(oidctest.Elsewhere) > 0 {
				t.Error("the code and the secret went to another host")
			}
		})
	}
}

// Whichever of its answers is missing, the fault is the provider's, not the
// person's, and nobody waits for it twice.
func TestAProviderThatIsDownRefusesNobody(t *testing.T) {
	t.Parallel()
	for _, path := range []string{oidctest.Discovery, oidctest.Token, oidctest.Keys} {
		for _, lie := range []oidctest.Lie{oidctest.Silent, oidctest.Endless, oidctest.Broken, oidctest.NotJSON} {
			t.Run(path+" "+string(lie), func(t *testing.T) {
				t.Parallel()
				s, c := start(t)
				s.Lie, s.At = lie, path
				id, err := visit(t, s, c, nil)
				if id != nil || !fault.Is(err, "provider-unreachable") {
					t.Errorf("%+v %v", id, err)
				}
				if n := s.Asked(path); n != 1 {
					t.Errorf("asked %d times", n)
				}
			})
		}
	}
}

func TestDiscoveryIsKeptForAnHourAndFailureNotAtAll(t *testing.T) {
	t.Parallel()
	at := now()
	s := oidctest.Start(t, now)
	c := oidc.New([]oidc.Provider{s.Provider("a")}, func() time.Time { return at }, time.Second)
	for step, want := range []struct {
		lie   oidctest.Lie
		after time.Duration
		asked int
		fault string
	}{
		{oidctest.Broken, 0, 1, "provider-unreachable"}, {"", 0, 2, ""}, {oidctest.Broken, 59 * time.Minute, 2, ""},
		{oidctest.Broken, time.Minute, 3, "provider-unreachable"}, {"", 0, 4, ""},
	} {
		s.Lie, at = want.lie, at.Add(want.after)
		_, _, err := c.Begin(t.Context(), "a", back)
		if (err != nil) != (want.fault != "") || err != nil && !fault.Is(err, want.fault) || s.Asked(oidctest.Discovery) != want.asked {
			t.Errorf("step %d: asked %d times, %v", step, s.Asked(oidctest.Discovery), err)
		}
	}
}

// A code is sent once, in the way that the provider takes the secret.
func TestACodeIsSentOnce(t *testing.T) {
	t.Parallel()
	for name, post := range map[string]bool{"secret in the header": false, "secret in the form": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			s.PostOnly = post
			if _, err := visit(t, s, c, nil); err != nil {
				t.Fatal(err)
			}
			another := func(_ *oidc.Flow, q url.Values) { q.Set("code", "x") }
			if _, err := visit(t, s, c, another); !fault.Is(err, "provider-refused") {
				t.Errorf("a code of nobody: %v", err)
			}
			if n := s.Asked(oidctest.Token); n != 2 {
				t.Errorf("%d requests for two codes", n)
			}
		})
	}
}

// Two visits of one browser at one provider: what belongs to one does not open
// the other.
func TestTwoVisitsAreNotMixedUp(t *testing.T) {
	t.Parallel()
	for name, mix := range map[string]func(f, other *oidc.Flow, q, otherQ url.Values){
		"state":    func(_, _ *oidc.Flow, q, otherQ url.Values) { q.Set("state", otherQ.Get("state")) },
		"code":     func(_, _ *oidc.Flow, q, otherQ url.Values) { q.Set("code", otherQ.Get("code")) },
		"verifier": func(f, other *oidc.Flow, _, _ url.Values) { f.Verifier = other.Verifier },
		"nonce":    func(f, other *oidc.Flow, _, _ url.Values) { f.Nonce = other.Nonce },
		"code with its verifier": func(f, other *oidc.Flow, q, otherQ url.Values) {
			q.Set("code", otherQ.Get("code"))
			f.Verifier = other.Verifier
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, c := start(t)
			one, f, err1 := c.Begin(t.Context(), "a", back)
			two, other, err2 := c.Begin(t.Context(), "a", back)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			q := oidctest.Visit(t, one)
			mix(f, other, q, oidctest.Visit(t, two))
			if id, err := c.Finish(t.Context(), f, q); id != nil || !fault.Is(err, "provider-refused") {
				t.Errorf("%+v %v", id, err)
			}
		})
	}
}

func TestAnAnswerBelongsToItsQuestion(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*oidc.Flow, url.Values){
		"another state":    func(_ *oidc.Flow, q url.Values) { q.Set("state", "x") },
		"no state":         func(_ *oidc.Flow, q url.Values) { q.Del("state") },
		"another verifier": func(f *oidc.Flow, _ url.Values) { f.Verifier = strings.Repeat("x", 43) },
		"another issuer":   func(_ *oidc.Flow, q url.Values) { q.Set("iss", "https://other.example") },
		"another code":     func(_ *oidc.Flow, q url.Values) { q.Set("code", "x") },
		"declined":         func(_ *oidc.Flow, q url.Values) { q.Set("error", "access_denied"); q.Del("code") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := start(t)
			if id, err := visit(t, s, c, change); id != nil || !fault.Is(err, "provider-refused") {
				t.Errorf("%+v %v", id, err)
			}
		})
	}
}

// Two providers: what one answers is not taken for the other's, and a code is
// good once.
func TestProvidersAreNotMixedUp(t *testing.T) {
	t.Parallel()
	good, evil := oidctest.Start(t, now), oidctest.Start(t, now)
	c := oidc.New([]oidc.Provider{good.Provider("good"), evil.Provider("evil")}, now, time.Second)
	address, f, err := c.Begin(t.Context(), "good", back)
	if err != nil {
		t.Fatal(err)
	}
	query := oidctest.Visit(t, strings.Replace(address, good.URL, evil.URL, 1))
	if _, err := c.Finish(t.Context(), f, query); !fault.Is(err, "provider-refused") {
		t.Errorf("an answer of the other: %v", err)
	}
	query.Del("iss")
	if _, err := c.Finish(t.Context(), f, query); !fault.Is(err, "provider-refused") {
		t.Errorf("an answer of the other that does not say so: %v", err)
	}
	good.Person = oidctest.Person{Subject: "1"}
	query = oidctest.Visit(t, address)
	if _, err := c.Finish(t.Context(), f, query); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Finish(t.Context(), f, query); !fault.Is(err, "provider-refused") {
		t.Errorf("a code for the second time: %v", err)
	}
}

// A provider inside the network is reached only where the operator says so.
func TestAProviderInsideIsNotReached(t *testing.T) {
	t.Parallel()
	s := oidctest.Start(t, now)
	p := s.Provider("a")
	p.Private = false
	c := oidc.New([]oidc.Provider{p}, now, time.Second)
	if _, _, err := c.Begin(t.Context(), "a", back); !fault.Is(err, "provider-unreachable") || !strings.Contains(err.Error(), "inside the network") {
		t.Errorf("%v", err)
	}
}
