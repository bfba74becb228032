package oidctest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func (s *Server) keys(w http.ResponseWriter, _ *http.Request) {
	one, two := s.key, s.other
	if s.Lie == SwappedKeys {
		one, two = two, one
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: one.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}}
	switch s.Lie {
	case KeyOfAnother:
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: two.Public(), KeyID: "2", Algorithm: "ES256", Use: "sig"})
	case PublicKeyAsSecret: // so that nothing but the list of algorithms stands against it
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: s.publicBytes(), KeyID: "1", Use: "sig"})
	}
	answer(w, set)
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	if s.Lie == TokenElsewhere {
		http.Redirect(w, r, s.elsewhere.URL+Token, http.StatusTemporaryRedirect)
		return
	}
	s.answerToken(w, r)
}

func (s *Server) answerToken(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	s.mu.Lock()
	asked, ok := s.codes[r.Form.Get("code")]
	delete(s.codes, r.Form.Get("code"))
	s.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	if id == "" || s.PostOnly {
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
		OtherParty: {"aud": []string{clientID, "another"}, "azp": "another"},
		Expired:    {"exp": now.Add(-time.Hour).Unix()}, Future: {"iat": now.Add(time.Hour).Unix(), "exp": now.Add(2 * time.Hour).Unix()},
		OtherNonce: {"nonce": "another"}, NoNonce: {"nonce": nil}, Unverified: {"email_verified": false},
		NoSubject: {"sub": ""}, LongSubject: {"sub": strings.Repeat("x", 256)},
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
	case UnknownKey:
		key.Key = jose.JSONWebKey{Key: s.other, KeyID: "3"}
	case KeyOfAnother:
		key.Key = jose.JSONWebKey{Key: s.key, KeyID: "2"}
	case PublicKeyAsSecret:
		key = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: s.publicBytes(), KeyID: "1"}}
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

func (s *Server) publicBytes() []byte {
	public, err := s.key.PublicKey.ECDH()
	if err != nil {
		panic(err)
	}
	return public.Bytes()
}
