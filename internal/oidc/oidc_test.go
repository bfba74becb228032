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
		oidctest.WrongIssuer: "provider-refused", oidctest.WrongAudience: "provider-refused", oidctest.SeveralAudiences: "provider-refused",
		oidctest.Expired: "provider-refused", oidctest.Future: "provider-refused", oidctest.NoNonce: "provider-refused", oidctest.OtherNonce: "provider-refused",
		oidctest.AlgNone: "provider-refused", oidctest.PublicKeyAsSecret: "provider-refused", oidctest.OtherKey: "provider-refused", oidctest.SwappedKeys: "provider-refused",
		oidctest.NoToken: "provider-refused", oidctest.Silent: "provider-unreachable", oidctest.Endless: "provider-unreachable", oidctest.Broken: "provider-unreachable",
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

func TestProvidersAreReadStrictly(t *testing.T) {
	t.Parallel()
	good := "- id: guard\n  name: Border Guard\n  issuer: https://login.guard.example\n  client_id: havn\n  client_secret: secret-word\n"
	list, err := oidc.Parse([]byte(good + "  organisation: abc\n  roles: {chiefs: administrator}\n"))
	if err != nil || len(list) != 1 || list[0].GroupsClaim != "groups" || list[0].Roles["chiefs"] != "administrator" {
		t.Fatalf("%+v %v", list, err)
	}
	for change, want := range map[string]string{
		good + "  colour: red\n":                        "colour",
		strings.Replace(good, "guard\n", "Guard!\n", 1): "id must",
		strings.Replace(good, "https", "http", 1):       "https://",
		good + good:                            "twice",
		good + "  roles: {x: chief}\n":         "must be one of",
		good + "  roles: {x: learner}\n":       "organisation",
		strings.Replace(good, "havn", "''", 1): "client_id",
		"a: b":                                 "cannot be read",
	} {
		_, err := oidc.Parse([]byte(change))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret-word") {
			t.Errorf("%q: %v", change, err)
		}
	}
}
