// Package oidctest is an identity provider for tests, which can lie in every way
// that a client must notice.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"havn/internal/oidc"
)

// Lie is a way not to tell the truth.
type Lie string

// The lies.
const (
	WrongIssuer       Lie = "wrong issuer"
	WrongAudience     Lie = "wrong audience"
	SeveralAudiences  Lie = "several audiences and no party"
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

	mu         sync.Mutex
	key, other *ecdsa.PrivateKey
	codes      map[string]url.Values // what was asked
}

const clientID, clientSecret = "havn", "between-us"

// Start starts a provider; it stops with the test.
func Start(t testing.TB, now func() time.Time) *Server {
	t.Helper()
	s := &Server{Now: now, codes: map[string]url.Values{}}
	var err1, err2 error
	s.key, err1 = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	s.other, err2 = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", s.discovery)
	mux.HandleFunc("/authorise", s.authorise)
	mux.HandleFunc("/token", s.token)
	mux.HandleFunc("/keys", s.keys)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
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

func (s *Server) discovery(w http.ResponseWriter, r *http.Request) {
	if s.lies(w, r) {
		return
	}
	issuer := s.URL
	if s.Lie == OtherDiscovery {
		issuer = "https://other.example"
	}
	answer(w, map[string]any{
		"issuer": issuer, "authorization_endpoint": s.URL + "/authorise", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"},
	})
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

func (s *Server) keys(w http.ResponseWriter, _ *http.Request) {
	key := s.key
	if s.Lie == SwappedKeys {
		key = s.other
	}
	answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}})
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if s.Lie == TokenElsewhere {
		http.Redirect(w, r, "http://localhost:1/token", http.StatusTemporaryRedirect)
		return
	}
	_ = r.ParseForm()
	s.mu.Lock()
	asked, ok := s.codes[r.Form.Get("code")]
	delete(s.codes, r.Form.Get("code"))
	s.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if id == "" {
		id, secret = r.Form.Get("client_id"), r.Form.Get("client_secret")
	}
	sum := sha256.Sum256([]byte(r.Form.Get("code_verifier")))
	pkce := asked.Get("code_challenge_method") == "S256" && asked.Get("code_challenge") == base64.RawURLEncoding.EncodeToString(sum[:])
	if !ok || id != clientID || secret != clientSecret || !pkce {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	out := map[string]any{"access_token": "x", "token_type": "Bearer", "expires_in": 60}
	if s.Lie != NoToken {
		out["id_token"] = s.sign(s.claims(asked.Get("nonce")))
	}
	answer(w, out)
}

func (s *Server) claims(nonce string) map[string]any {
	now := s.Now()
	c := map[string]any{
		"iss": s.URL, "aud": clientID, "sub": s.Person.Subject, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": nonce,
		"email": s.Person.Email, "email_verified": true, "name": s.Person.Name, "groups": s.Person.Groups,
	}
	maps.Copy(c, map[Lie]map[string]any{
		WrongIssuer: {"iss": "https://other.example"}, WrongAudience: {"aud": "another"}, SeveralAudiences: {"aud": []string{clientID, "another"}},
		Expired: {"exp": now.Add(-time.Hour).Unix()}, Future: {"iat": now.Add(time.Hour).Unix(), "exp": now.Add(2 * time.Hour).Unix()},
		OtherNonce: {"nonce": "another"}, NoNonce: {"nonce": nil}, Unverified: {"email_verified": false},
	}[s.Lie])
	return c
}

func (s *Server) sign(claims map[string]any) string {
	text, _ := json.Marshal(claims)
	key := jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: s.key, KeyID: "1"}}
	switch s.Lie {
	case AlgNone:
		b64 := base64.RawURLEncoding.EncodeToString
		return b64([]byte(`{"alg":"none","kid":"1"}`)) + "." + b64(text) + "."
	case OtherKey:
		key.Key = jose.JSONWebKey{Key: s.other, KeyID: "1"}
	case PublicKeyAsSecret:
		public, _ := s.key.PublicKey.ECDH()
		key = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public.Bytes(), KeyID: "1"}}
	}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		panic(err)
	}
	compact, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return compact
}
