package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// These tests go through every operation of the OpenAPI document, so that a new
// one is held to the same. Their numbers are rows of a checklist drawn from
// OWASP ASVS 5.0 and the API Security Top 10; SECURITY.md says which is which.

// spoken is an operation with the fields of its body.
type spoken struct {
	id, method, path string
	fields           []string
}

var inPath = regexp.MustCompile(`\{[a-z]+\}`)

// address fills every parameter of the path with a word.
func (s spoken) address(word string) string { return inPath.ReplaceAllLiteralString(s.path, word) }

func (h *havn) spoken() []spoken {
	h.t.Helper()
	type schema struct {
		Ref        string `json:"$ref"`
		Properties map[string]json.RawMessage
	}
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			RequestBody struct {
				Content map[string]struct{ Schema schema }
			}
		}
		Components struct{ Schemas map[string]schema }
	}
	h.anonymous().want(200, "GET", "/api/v1/openapi.json", nil).decode(h.t, &doc)
	var out []spoken
	for path, item := range doc.Paths {
		for method, o := range item {
			s := spoken{id: o.OperationID, method: strings.ToUpper(method), path: path}
			body := o.RequestBody.Content["application/json"].Schema
			if body.Ref != "" {
				body = doc.Components.Schemas[body.Ref[strings.LastIndexByte(body.Ref, '/')+1:]]
			}
			for name := range body.Properties {
				s.fields = append(s.fields, name)
			}
			out = append(out, s)
		}
	}
	if len(out) < 40 {
		h.t.Fatalf("only %d operations", len(out))
	}
	return out
}

// send is a request with headers of its own.
func (h *havn) send(method, address, body string, headers ...string) answer {
	h.t.Helper()
	req, err := http.NewRequest(method, h.URL+address, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, b}
}

// Row 2: what is sent beside the fields of a body changes nothing.
func TestFieldsThatNobodyAskedForAreRefused(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	admin := h.admin()
	for _, o := range h.spoken() {
		if len(o.fields) == 0 {
			continue
		}
		for _, field := range []string{"role", "is_admin", "score", "passed", "completed_at", "_id", "$set", "verified", "sessions_from"} {
			if a := admin.do(o.method, o.address("none"), map[string]any{field: true}); a.status != 422 && a.status != 404 {
				t.Errorf("%s with %s: %d %s", o.id, field, a.status, a.body)
			}
		}
	}
}

// Row 6: whoever signs out or is shut out is out on every server of the store.
func TestASessionEndsOnEveryServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		one := withRules(t, e, "")
		two := startWith(t, e, sample(t, nil), func(*server.Config) {})
		mari, jonas, kaja := one.learner("Mari Tamm"), one.learner("Jonas Petraitis"), one.learner("Kaja Kask")
		there := func(c *client) int { return (&client{h: two, token: c.token}).do("GET", "/api/v1/me", nil).status }
		for _, c := range []*client{mari, jonas, kaja} {
			if got := there(c); got != 200 {
				t.Fatalf("before: %d", got)
			}
		}
		id := jonas.id()
		mari.want(204, "DELETE", "/api/v1/sessions/current", nil)
		one.admin().want(204, "PUT", path("/accounts/%s/access", id), map[string]bool{"open": false})
		kaja.want(204, "POST", "/api/v1/me/erasure", map[string]string{"password": password})
		two.clock.advance(time.Second)
		for name, c := range map[string]*client{"signed out": mari, "shut out": jonas, "erased": kaja} {
			if got := there(c); got != 401 {
				t.Errorf("%s, on the other server after a second: %d", name, got)
			}
		}
	})
}

// Row 7 and 8: the headers of every page, where the server is reached by HTTPS.
func TestHeadersTieTheBrowsersHands(t *testing.T) {
	t.Parallel()
	h := startWith(t, storetest.SQLite().New(t).Open(t), sample(t, nil), func(c *server.Config) { c.BaseURL = "https://havn.example.org" })
	for _, page := range []string{"/", "/sign-in", "/sign-up", "/help", "/privacy", "/courses/first-contact", "/nowhere", "/certificates"} {
		a := h.send("GET", page, "")
		csp := a.header.Get("Content-Security-Policy")
		for _, bad := range []string{"unsafe-inline", "unsafe-eval", "*", "data:", "http:"} {
			if strings.Contains(csp, bad) {
				t.Errorf("%s allows %s", page, bad)
			}
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Strict-Transport-Security": "max-age=31536000", "Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
		} {
			if !strings.HasPrefix(a.header.Get(name), want) {
				t.Errorf("%s: %s is %q", page, name, a.header.Get(name))
			}
		}
		if !strings.Contains(csp, "frame-ancestors 'none'") || a.header.Get("Server") != "" {
			t.Errorf("%s: %q, Server %q", page, csp, a.header.Get("Server"))
		}
	}
	h.learner("Mari Tamm")
	a := h.send("POST", "/sign-in", "email=mari.tamm@example.org&password="+strings.ReplaceAll(password, " ", "+"), "Content-Type", "application/x-www-form-urlencoded")
	found := false
	for _, c := range a.header.Values("Set-Cookie") {
		if strings.HasPrefix(c, "__Host-havn=") {
			found = true
			for _, want := range []string{"; path=/", "; secure", "; httponly", "; samesite=lax"} {
				if !strings.Contains(strings.ToLower(c), want) {
					t.Errorf("the session cookie lacks %s: %s", want, c)
				}
			}
		}
	}
	if a.status != 303 || !found {
		t.Errorf("sign-in: %d %v", a.status, a.header)
	}
	if a := h.send("POST", "/sign-out", ""); !strings.Contains(a.header.Get("Clear-Site-Data"), "storage") {
		t.Errorf("after signing out the browser keeps what it has: %v", a.header)
	}
	mari := h.signIn("mari.tamm@example.org")
	for _, page := range []string{"/", "/account", "/account/security", "/api/v1/me/export"} {
		if a := mari.want(200, "GET", page, nil); a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %q", page, a.header.Get("Cache-Control"))
		}
	}
	// The text of a course is asked for anew each time, and not kept at all where
	// others use the device; a question and what became of it never are.
	var shared struct{ Token string }
	h.anonymous().want(201, "POST", "/api/v1/sessions", m{"email": "mari.tamm@example.org", "password": password, "shared": true}).decode(t, &shared)
	mari.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	open := mari.start("m1-quiz")
	lesson, question := "/courses/first-contact/m1-rights", "/attempts/"+open.ID
	for _, who := range []struct {
		client *client
		page   string
		want   string
	}{
		{mari, lesson, "private, no-cache"}, {&client{h: h, token: shared.Token}, lesson, "no-store"}, {mari, question, "no-store"}, {mari, question + "/check", "no-store"}, {mari, "/courses/first-contact", "no-store"}, {mari, "/learning", "no-store"},
	} {
		a := who.client.want(200, "GET", who.page, nil)
		if got := a.header.Get("Cache-Control"); got != who.want {
			t.Errorf("%s: %q instead of %q", who.page, got, who.want)
		}
		if who.want != "no-store" && (a.header.Get("Vary") == "" || !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Cookie") || strings.Contains(string(a.body), "Mari") || strings.Contains(string(a.body), "mari.tamm")) {
			t.Errorf("%s may be kept, and is not tied to the session or names the reader: %v", who.page, a.header)
		}
	}
}

// Row 9: with a session in a cookie, nothing changes without the page's own token.
func TestNoOperationFollowsAForeignPage(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite().New(t)
	h := withRules(t, db.Open(t), "")
	mari, jonas := h.learner("Mari Tamm"), h.learner("Jonas Petraitis")
	own := h.browserOf(mari).csrf()
	foreign := h.browserOf(jonas).csrf()
	before := fmt.Sprint(db.Dump(t))
	for _, o := range h.spoken() {
		if o.method == "GET" {
			continue
		}
		cookie := []string{"Cookie", "havn=" + mari.token, "Content-Type", "application/json"}
		for name, headers := range map[string][]string{
			"no token":               nil,
			"another person's token": {"X-CSRF-Token", foreign},
			"a foreign origin":       {"X-CSRF-Token", own, "Origin", "https://evil.example"},
			"the origin null":        {"X-CSRF-Token", own, "Origin", "null"},
			"a form":                 {"Content-Type", "application/x-www-form-urlencoded"},
			"plain text":             {"Content-Type", "text/plain"},
		} {
			a := h.send(o.method, o.address("first-contact"), `{}`, append(cookie, headers...)...)
			if a.status != 403 || a.code() != "cross-site" {
				t.Errorf("%s with %s: %d %s", o.id, name, a.status, a.body)
			}
		}
		a := h.send("GET", o.address("first-contact"), "", append(cookie, "X-HTTP-Method-Override", o.method)...)
		if a.status >= 500 {
			t.Errorf("%s by an overridden method: %d", o.id, a.status)
		}
	}
	if after := fmt.Sprint(db.Dump(t)); after != before {
		t.Error("something was changed")
	}
}

// Row 9 too: to look at something changes nothing.
func TestNoGetChangesAnything(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite().New(t)
	h := withRules(t, db.Open(t), "")
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	admin := h.admin()
	before := fmt.Sprint(db.Dump(t))
	for _, o := range h.spoken() {
		if o.method != "GET" || o.id == "list-completions" { // whose CSV is logged, on purpose
			continue
		}
		for _, c := range []*client{h.anonymous(), mari, admin} {
			for _, word := range []string{"first-contact", a.ID, "none"} {
				c.do("GET", o.address(word), nil)
			}
		}
	}
	for _, page := range []string{"/", "/account", "/privacy", "/courses/first-contact", "/courses/first-contact/m1-rights", "/courses/first-contact/quiz/m1-quiz",
		"/attempts/" + a.ID, "/attempts/" + a.ID + "/check", "/admin/completions", "/organisations", "/trainer", "/join?code=none", "/certificates/none", "/account/export"} {
		for _, c := range []*client{mari, admin} {
			h.send("GET", page, "", "Cookie", "havn="+c.token)
		}
	}
	if after := fmt.Sprint(db.Dump(t)); after != before {
		t.Error("something was changed")
	}
}

// Row 10: no other site may read an answer.
func TestNoOtherSiteReadsAnswers(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	mari := h.learner("Mari Tamm")
	host := strings.TrimPrefix(h.URL, "http://")
	for _, origin := range []string{"https://evil.example", "null", h.URL + ".evil.example", "http://evil" + host, "https://" + host} {
		for _, o := range h.spoken() {
			for _, method := range []string{o.method, "OPTIONS"} {
				a := h.send(method, o.address("none"), "", "Origin", origin, "Cookie", "havn="+mari.token, "Access-Control-Request-Method", o.method)
				for name := range a.header {
					if strings.HasPrefix(name, "Access-Control-") {
						t.Errorf("%s %s to %s: %s", method, o.id, origin, name)
					}
				}
			}
		}
	}
}

// Rows 18 and 29: operators of a database, wrong types and noise in every field
// of every operation are refused as problem documents; nothing breaks.
func TestNoiseIsRefusedInGoodOrder(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	admin := h.admin()
	r := rand.New(rand.NewPCG(7, 11))
	noise := []func() string{
		func() string { return `{"$ne":""}` }, func() string { return `{"$gt":""}` }, func() string { return `{"$where":"sleep(1000)"}` },
		func() string { return `"^(a+)+$"` }, func() string { return `[[[[[[[[]]]]]]]]` }, func() string { return `null` }, func() string { return `-1e309` },
		func() string { return `"` + strings.Repeat("a", 3000) + `"` }, func() string { return `"\u0000\u202e"` }, func() string { return `9007199254740993` },
		func() string { return fmt.Sprintf("%q", fmt.Sprint(r.Uint64())) },
	}
	words := []string{"none", "..%2f..%2fetc", "%00", "$ne", "a[$ne]", strings.Repeat("x", 500), "%F0%9F%9A%A2", "' OR 1=1 --", "{{.}}"}
	for _, o := range h.spoken() {
		if o.id == "sign-out" || o.id == "erase-me" {
			continue
		}
		check := func(body string) {
			word := words[r.IntN(len(words))]
			address := strings.ReplaceAll(strings.ReplaceAll(o.address(word), " ", "%20"), "'", "%27")
			a := h.send(o.method, address, body, "Authorization", "Bearer "+admin.token, "Content-Type", "application/json")
			if a.status >= 500 {
				t.Errorf("%s %s %.80s: %d %s", o.id, word, body, a.status, a.body)
			}
			if a.status >= 400 && a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s %.80s: %d as %q", o.id, word, body, a.status, a.header.Get("Content-Type"))
			}
			for _, leak := range []string{"goroutine", ".go:", "SELECT", "mongo", "sqlite", "/internal/"} {
				if bytes.Contains(a.body, []byte(leak)) && o.method != "GET" {
					t.Errorf("%s tells of its inside: %s", o.id, a.body)
				}
			}
		}
		for range 12 {
			check("")
			for _, field := range o.fields {
				check(`{"` + field + `":` + noise[r.IntN(len(noise))]() + `}`)
			}
		}
	}
}

// Row 30: nothing is served that is not meant to be.
func TestNothingElseIsServed(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	for _, p := range []string{"/.git/config", "/debug/pprof/", "/metrics", "/data/havn.db", "/havn.db", "/courses/first-contact/questions.yaml", "/courses/first-contact/course.yaml",
		"/courses/first-contact/media/..%2f..%2fquestions.yaml", "/static/..%2f..%2fgo.mod", "/api/v1", "/api/v2/me", "/swagger", "/running.json"} {
		if a := h.send("GET", p, ""); a.status != 404 {
			t.Errorf("%s: %d", p, a.status)
		}
	}
	for _, method := range []string{"TRACE", "CONNECT", "PROPFIND", "DELETE", "PATCH"} {
		if a := h.send(method, "/api/v1/courses", ""); a.status != 405 && a.status != 404 && a.status != 501 && a.status != 400 {
			t.Errorf("%s: %d", method, a.status)
		}
	}
}
