// Package oidctest is an identity provider for tests, which can lie in every way
// that a client must notice.
package oidctest

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"havn/internal/oidc"
)

// Lie is a way not to tell the truth.
type Lie string

// The lies.
const (
	WrongIssuer       Lie = "wrong issuer"
	WrongAudience     Lie = "wrong audience"
	SeveralAudiences  Lie = "several audiences and no party"
	OtherParty        Lie = "several audiences and another party"
	Expired           Lie = "expired"
	Future            Lie = "issued in the future"
	NoNonce           Lie = "no nonce"
	OtherNonce        Lie = "another nonce"
	AlgNone           Lie = "not signed"
	PublicKeyAsSecret Lie = "the public key as a secret"
	OtherKey          Lie = "signed by another key"
	SwappedKeys       Lie = "other keys published"
	Unverified        Lie = "address not verified"
	Silent            Lie = "never answers"
	Endless           Lie = "answers for ever"
	Broken            Lie = "answers 500"
	NotJSON           Lie = "answers no JSON"
	OtherDiscovery    Lie = "discovery names another issuer"
	TokenElsewhere    Lie = "the token endpoint leads to another host"
	NoToken           Lie = "no id token"
	UnknownKey        Lie = "names a key that is not published"
	KeyOfAnother      Lie = "names another key than it is signed by"
	NoSubject         Lie = "names nobody"
	LongSubject       Lie = "a name for the person that is too long"
)

// Person is whom the provider has signed in.
type Person struct {
	Subject, Email, Name string
	Groups               []string
}

// Server is the provider.
type Server struct {
	*httptest.Server
	Now    func() time.Time
	Person Person
	Lie    Lie
	// At is the path at which Silent, Endless, Broken and NotJSON hold;
	// Discovery where "".
	At string
	// PostOnly takes the client's secret in the form only, and says so.
	PostOnly bool

	elsewhere  *httptest.Server // where TokenElsewhere leads
	mu         sync.Mutex
	key, other *ecdsa.PrivateKey
	codes      map[string]url.Values // what was asked
	asked      map[string]int
}

// Paths of the server.
const (
	Discovery = "/.well-known/openid-configuration"
	Token     = "/token"
	Keys      = "/keys"
	Elsewhere = "another host" // for Asked
)

const clientID, clientSecret = "havn", "between-us"

// Start starts a provider; it stops with the test.
func Start(t testing.TB, now func() time.Time) *Server {
	t.Helper()
	s := &Server{Now: now, codes: map[string]url.Values{}, asked: map[string]int{}}
	var err1, err2 error
	s.key, err1 = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.other, err2 = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	mux := http.NewServeMux()
	mux.HandleFunc(Discovery, s.discovery)
	mux.HandleFunc("/authorise", s.authorise)
	mux.HandleFunc(Token, s.token)
	mux.HandleFunc(Keys, s.keys)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(r.URL.Path)
		if !s.lies(w, r) {
			mux.ServeHTTP(w, r)
		}
	}))
	s.elsewhere = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.count(Elsewhere)
		s.answerToken(w, r)
	}))
	t.Cleanup(func() {
		s.elsewhere.Close()
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

func (s *Server) count(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[path]++
}

// Asked is how many requests came to a path.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// Provider is how an operator would describe the server.
func (s *Server) Provider(id string) oidc.Provider {
	return oidc.Provider{ID: id, Name: "Authority " + id, Issuer: s.URL, ClientID: clientID, ClientSecret: clientSecret, GroupsClaim: "groups", Private: true}
}

// Visit does what a browser does at the provider: it is sent back at once.
func Visit(t testing.TB, address string) url.Values {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatal(res.Status, err)
	}
	return back.Query()
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// lies does what does not depend on what was asked, and tells whether it did.
func (s *Server) lies(w http.ResponseWriter, r *http.Request) bool {
	if at := cmp.Or(s.At, Discovery); r.URL.Path != at {
		return false
	}
	_ = r.ParseForm() // a server notices that a client left only once it has read all
	switch s.Lie {
	case Silent:
		<-r.Context().Done()
	case Endless:
		for r.Context().Err() == nil {
			if _, err := fmt.Fprintf(w, "%065536d", 0); err != nil {
				break
			}
		}
	case Broken:
		http.Error(w, "broken", http.StatusInternalServerError)
	case NotJSON:
		_, _ = fmt.Fprint(w, "<html>")
	default:
		return false
	}
	return true
}

func (s *Server) discovery(w http.ResponseWriter, _ *http.Request) {
	issuer := s.URL
	if s.Lie == OtherDiscovery {
		issuer = "https://other.example"
	}
	said := map[string]any{
		"issuer": issuer, "authorization_endpoint": s.URL + "/authorise", "token_endpoint": s.URL + Token, "jwks_uri": s.URL + Keys,
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	}
	if s.PostOnly {
		said["token_endpoint_auth_methods_supported"] = []string{"client_secret_post"}
	}
	answer(w, said)
}

func (s *Server) authorise(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	code := fmt.Sprintf("code-%d", time.Now().UnixNano())
	s.mu.Lock()
	s.codes[code] = q
	s.mu.Unlock()
	back := q.Get("redirect_uri") + "?" + url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {s.URL}}.Encode()
	http.Redirect(w, r, back, http.StatusFound)
}
