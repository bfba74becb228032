package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"havn/internal/people"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

type m = map[string]any

// pseudonym is somebody who gave no address.
func (h *havn) pseudonym() *client {
	h.t.Helper()
	var made struct{ Code string }
	h.anonymous().want(201, "POST", "/api/v1/accounts/pseudonymous", m{}).decode(h.t, &made)
	return h.comeBack(made.Code)
}

func (h *havn) comeBack(code string) *client {
	h.t.Helper()
	var s struct{ Token string }
	h.anonymous().want(201, "POST", "/api/v1/sessions/code", m{"code": code}).decode(h.t, &s)
	return &client{h: h, token: s.Token}
}

// tokenFor is a program that acts for the client by a personal token.
func (c *client) tokenFor(readOnly bool, scopes ...string) *client {
	c.h.t.Helper()
	var made struct{ Secret string }
	c.want(201, "POST", "/api/v1/me/tokens", m{"name": "Script", "scopes": scopes, "read_only": readOnly, "password": password}).decode(c.h.t, &made)
	return &client{h: c.h, token: made.Secret}
}

// atOnce does the same fifty times in parallel and counts by status.
func atOnce(f func() int) map[int]int {
	var wg sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]int{}
	for range 50 {
		wg.Go(func() {
			status := f()
			mu.Lock()
			defer mu.Unlock()
			seen[status]++
		})
	}
	wg.Wait()
	return seen
}

// Row 22: a link of a mail signs in once, soon, and in the browser that asked.
func TestALinkOpensOnceInTheBrowserThatAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		const address = "mari.tamm@example.org"
		h.learner("Mari Tamm")
		h.letter(address, 1) // asks to confirm the address
		ask := func(n int) (secret, asked string) {
			var out struct{ Asked string }
			h.anonymous().want(202, "POST", "/api/v1/sign-in-links", m{"email": address}).decode(t, &out)
			_, secret = h.letter(address, n)
			return secret, out.Asked
		}
		secret, asked := ask(2)
		if len(secret) < 22 { // 128 bits in base 64
			t.Errorf("the secret is %q", secret)
		}
		h.anonymous().refuse("link-elsewhere", "POST", "/api/v1/sessions/link", m{"secret": secret, "asked": "another browser"})
		h.anonymous().refuse("link-invalid", "POST", "/api/v1/sessions/link", m{"secret": asked, "asked": asked})
		for range 3 { // what programs that look at mail do
			if r, err := http.Get(h.URL + "/link/" + secret); err == nil {
				_ = r.Body.Close()
			}
		}
		seen := atOnce(func() int {
			return h.anonymous().do("POST", "/api/v1/sessions/link", m{"secret": secret, "asked": asked}).status
		})
		if seen[201] != 1 || seen[201]+seen[422] != 50 {
			t.Errorf("of 50 at once: %v", seen)
		}
		secret, asked = ask(3)
		h.clock.advance(people.LinkLife)
		h.anonymous().refuse("link-invalid", "POST", "/api/v1/sessions/link", m{"secret": secret, "asked": asked})

		for _, docs := range dumpOf(t, h) {
			if strings.Contains(docs, secret) || strings.Contains(docs, asked) {
				t.Error("the store holds what opens the link")
			}
		}
	})
}

// dumpOf is every document that the server's own doors show of challenges.
func dumpOf(t *testing.T, h *havn) []string {
	t.Helper()
	a, err := h.People.ByEmail(t.Context(), "mari.tamm@example.org")
	if err != nil {
		t.Fatal(err)
	}
	list, err := h.People.Challenges(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprintf("%+v", c))
	}
	return out
}

// Nobody learns from a link that is asked for whether an address is known, and
// no letter goes to a stranger.
func TestAskingForALinkTellsNothing(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	known := h.anonymous().do("POST", "/api/v1/sign-in-links", m{"email": "mari.tamm@example.org"})
	unknown := h.anonymous().do("POST", "/api/v1/sign-in-links", m{"email": "nobody.here@example.org"})
	if known.status != 202 || unknown.status != 202 || len(known.body) != len(unknown.body) {
		t.Errorf("known %d %s, unknown %d %s", known.status, known.body, unknown.status, unknown.body)
	}
	for name := range known.header {
		if name != "Date" && known.header.Get(name) != unknown.header.Get(name) {
			t.Errorf("%s differs", name)
		}
	}
	h.letter("mari.tamm@example.org", 2)
	if err := h.Letters.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.post.to("nobody.here@example.org"); len(got) != 0 {
		t.Error("a stranger got a letter")
	}
	for range people.MaxGuesses - 1 {
		h.anonymous().want(202, "POST", "/api/v1/sign-in-links", m{"email": "nobody.here@example.org"})
	}
	h.anonymous().refuse("too-many-tries", "POST", "/api/v1/sign-in-links", m{"email": "nobody.here@example.org"})
}

// The link leads where the server says that it is, whatever the request claims.
func TestALinkLeadsHome(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	h.letter("mari.tamm@example.org", 1)
	req, _ := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/v1/sign-in-links", strings.NewReader(`{"email":"mari.tamm@example.org"}`))
	req.Host = "evil.example"
	for name, value := range map[string]string{"Content-Type": "application/json", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	letter, secret := h.letter("mari.tamm@example.org", 2)
	if strings.Contains(letter.Text+letter.HTML, "evil.example") || secret == "" || !strings.Contains(letter.HTML, h.URL+"/link/"+secret) {
		t.Errorf("the letter: %s", letter.Text)
	}
}

// A program may do what its token says and nothing of its owner's account.
func TestATokenDoesWhatItSays(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	reports, learning, reading := site.tokenFor(false, "reports"), site.tokenFor(false, "learning"), site.tokenFor(true, "learning", "people")
	reports.want(200, "GET", "/api/v1/completions", nil)
	reports.refuse("forbidden", "GET", "/api/v1/me", nil)
	reports.refuse("forbidden", "POST", "/api/v1/organisations", m{"name": "X"})
	learning.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	learning.refuse("forbidden", "GET", "/api/v1/completions", nil)
	reading.want(200, "GET", "/api/v1/organisations", nil)
	reading.refuse("token-read-only", "POST", "/api/v1/organisations", m{"name": "X"})
	for _, c := range []*client{reports, learning, reading} {
		c.refuse("forbidden", "GET", "/api/v1/me/export", nil)
		c.refuse("forbidden", "GET", "/api/v1/me/tokens", nil)
	}
	site.refuse("wrong-password", "POST", "/api/v1/me/tokens", m{"name": "X", "scopes": []string{"learning"}})
	h.clock.advance(91 * 24 * time.Hour)
	reports.refuse("sign-in-needed", "GET", "/api/v1/completions", nil)
}

// Row 6: whatever somebody held dies within a second, on the other of two
// servers too: a token that is ended, and all of them with a second factor.
func TestATokenEndsOnEveryServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		one := withRules(t, e, "")
		two := startWith(t, e, sample(t, nil), func(*server.Config) {})
		c := one.learner("Mari Tamm")
		ended, kept := c.tokenFor(false, "learning"), c.tokenFor(false, "learning")
		there := func(c *client) int { return (&client{h: two, token: c.token}).do("GET", "/api/v1/me", nil).status }
		if there(ended) != 200 || there(kept) != 200 {
			t.Fatal("the tokens do not open the other server")
		}
		var list struct{ Items []struct{ ID string } }
		c.want(200, "GET", "/api/v1/me/tokens", nil).decode(t, &list)
		for _, item := range list.Items {
			c.want(204, "DELETE", "/api/v1/me/tokens/"+item.ID, nil)
			two.clock.advance(time.Second)
			if there(ended) == 401 || there(kept) == 401 {
				break
			}
			t.Error("a token that was ended opens the other server")
		}
		one.clock.advance(time.Second)
		c.factor()
		two.clock.advance(time.Second)
		if there(ended) != 401 || there(kept) != 401 {
			t.Error("a token of before the second factor opens the other server")
		}
	})
}

func TestSomebodyLearnsWithoutAName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		var made struct {
			Code    string
			Account struct{ ID, Name, Email string }
		}
		h.anonymous().want(201, "POST", "/api/v1/accounts/pseudonymous", m{"language": "et"}).decode(t, &made)
		if made.Account.Email != "" || made.Account.Name != "Õppija" {
			t.Errorf("%+v", made.Account)
		}
		h.pseudonym() // a second one has no address either
		c := h.comeBack(strings.ToLower(strings.ReplaceAll(made.Code, "-", " ")))
		c.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
		h.comeBack(made.Code).want(200, "GET", "/api/v1/enrolments/first-contact", nil)
		h.anonymous().refuse("come-back-wrong", "POST", "/api/v1/sessions/code", m{"code": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"})
		h.anonymous().refuse("wrong-credentials", "POST", "/api/v1/sessions", m{"email": "", "password": ""})
		c.want(204, "POST", "/api/v1/me/erasure", m{})
		h.anonymous().refuse("come-back-wrong", "POST", "/api/v1/sessions/code", m{"code": made.Code})
	})
}

// Row 21.
func TestPasswordsThatGuessersTryFirstAreRefused(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	try := func(p string) answer {
		return h.anonymous().do("POST", "/api/v1/accounts", m{"email": "mari.tamm@example.org", "name": "Mari Tamm", "password": p})
	}
	for _, p := range []string{"password123", "qwertyuiop", "1234567890", "iloveyou12", "Password1!", "aaaaaaaaaaaa", "mari.tamm@example.org", "tamm-mari-tamm", "football2026", "0987654321", "sunshine123", "P@ssw0rd12", "havnhavnhavn"} {
		if a := try(p); a.code() != "password-short" {
			t.Errorf("%s: %d", p, a.status)
		}
	}
	for _, p := range []string{"kolm valget laeva sadamas", strings.Repeat("мова", 30), "  two spaces in front  "} {
		a := h.anonymous().do("POST", "/api/v1/accounts", m{"email": fmt.Sprintf("a%d@example.org", len(p)), "name": "A", "password": p})
		if a.status != 201 {
			t.Errorf("%s: %s", p, a.body)
		}
		cut := h.anonymous().do("POST", "/api/v1/sessions", m{"email": fmt.Sprintf("a%d@example.org", len(p)), "password": strings.TrimSpace(p[:len(p)-2])})
		if cut.status != 401 {
			t.Errorf("%s: a part of it opens the account", p)
		}
	}
}

// A password that was kept at another cost is kept at today's after sign-in.
func TestAPasswordIsHashedAnewAtSignIn(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	h.learner("Mari Tamm")
	accounts, err := store.Open[people.Account](t.Context(), e, people.AccountSchema)
	if err != nil {
		t.Fatal(err)
	}
	a, err := h.People.ByEmail(t.Context(), "mari.tamm@example.org")
	if err != nil {
		t.Fatal(err)
	}
	b64, salt := base64.RawStdEncoding.EncodeToString, []byte("sixteen bytes ..")
	old := "$argon2id$v=19$m=8,t=1,p=1$" + b64(salt) + "$" + b64(argon2.IDKey([]byte(password), salt, 1, 8, 1, 32))
	if _, err := accounts.Update(t.Context(), a.ID, func(a *people.Account) error { a.Password = old; return nil }); err != nil {
		t.Fatal(err)
	}
	h.signIn("mari.tamm@example.org")
	a, err = h.People.ByEmail(t.Context(), "mari.tamm@example.org")
	if err != nil || !strings.HasPrefix(a.Password, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%v %s", err, a.Password)
	}
	h.signIn("mari.tamm@example.org")
}

func TestAChildIsToldWhereHelpIs(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	for _, lang := range []string{"en", "et", "sv", "uk", "ar"} {
		c := &client{h: h, lang: lang}
		a := c.refuse("under-18", "POST", "/api/v1/accounts", m{"email": "c@example.org", "name": "C", "password": password, "under_18": true})
		if !bytes.Contains(a.body, []byte("116 111")) || !bytes.Contains(a.body, []byte("112")) {
			t.Errorf("%s: %s", lang, a.body)
		}
	}
	b := h.stranger()
	if status, _, page := b.post("/sign-up", url.Values{"age": {"child"}, "email": {"c@example.org"}, "name": {"C"}, "password": {password}}); status != 403 || !bytes.Contains(page, []byte("116 111")) {
		t.Errorf("%d", status)
	}
	if status, _, _ := b.post("/sign-up", url.Values{"email": {"c@example.org"}, "name": {"C"}, "password": {password}}); status != 422 {
		t.Errorf("without an age: %d", status)
	}
}

// On a device of several people the session ends with the browser, and by itself.
func TestASharedDeviceForgetsSoon(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	var s struct{ Token string }
	h.anonymous().want(201, "POST", "/api/v1/sessions", m{"email": "mari.tamm@example.org", "password": password, "shared": true}).decode(t, &s)
	c := &client{h: h, token: s.Token}
	c.want(200, "GET", "/api/v1/me", nil)
	h.clock.advance(people.SharedLife)
	c.refuse("sign-in-needed", "GET", "/api/v1/me", nil)

	res, err := h.stranger().http.PostForm(h.URL+"/sign-in", url.Values{"email": {"mari.tamm@example.org"}, "password": {password}, "shared": {"1"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if cookie := res.Header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "havn=") || strings.Contains(strings.ToLower(cookie), "max-age") || strings.Contains(strings.ToLower(cookie), "expires") {
		t.Errorf("the cookie is %s", cookie)
	}
}

// A session that nobody uses ends by itself; one that is used goes on, for a
// month in all.
func TestASessionThatNobodyUsesEnds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		used, left := h.learner("Mari Tamm"), h.signIn("mari.tamm@example.org")
		for range 2 {
			h.clock.advance(13 * 24 * time.Hour)
			used.want(200, "GET", "/api/v1/me", nil)
		}
		left.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
		h.clock.advance(5 * 24 * time.Hour)
		used.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
	})
}

// Row 5: other rights are another session, whoever gave them.
func TestRolesOpenAnotherSession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		o := site.organisation("Authority", "")
		mari := h.learner("Mari Tamm")
		id := mari.id()
		h.clock.advance(2 * time.Second)
		mari.want(200, "PUT", path("/invitations/%s/acceptance", site.invite(o, 1)), nil)
		mari.want(200, "GET", "/api/v1/me", nil) // a learner has no other rights than before
		h.clock.advance(2 * time.Second)
		var accepted struct{ Token string }
		mari.want(200, "PUT", path("/invitations/%s/acceptance", site.invite(o, 1, "administrator")), nil).decode(t, &accepted)
		mari.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
		mari.token = accepted.Token
		mari.want(200, "GET", path("/organisations/%s", o.ID), nil)
		h.clock.advance(2 * time.Second)
		site.want(200, "PUT", path("/organisations/%s/members/%s", o.ID, id), m{"roles": []string{"trainer"}})
		mari.refuse("sign-in-needed", "GET", "/api/v1/me", nil)

		b := h.browser("mari.tamm@example.org")
		h.clock.advance(2 * time.Second)
		if status, to, _ := b.post("/join", url.Values{"csrf": {b.csrf()}, "code": {site.invite(o, 1, "trainer")}}); status != 303 || to != "/account" {
			t.Errorf("%d %s", status, to)
		}
		if status, _, _ := b.get("/account"); status != 200 {
			t.Errorf("after joining in the browser: %d", status)
		}
	})
}

// Row 17: what somebody types makes one letter of one recipient.
func TestNothingTypedAddsToALetter(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	for _, address := range []string{"a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "A <a@example.org>", "a@example.org\x00", "\"a\r\nX: y\"@example.org"} {
		h.anonymous().refuse("email-invalid", "POST", "/api/v1/sign-in-links", m{"email": address})
	}
}

// A letter is sent once though the mail server was away and two servers work.
func TestALetterComesOnceAfterTheMailServerIsBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.post.turn(true)
		h.learner("Mari Tamm")
		var tried atomic.Int32
		for range 20 {
			if err := h.Letters.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			tried.Add(1)
			h.clock.advance(10 * time.Second)
		}
		if got := h.post.to("mari.tamm@example.org"); len(got) != 0 {
			t.Fatal("a letter came while the mail server was down")
		}
		h.post.turn(false)
		h.clock.advance(2 * time.Hour)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { _ = h.Letters.Work(context.Background()) })
		}
		wg.Wait()
		if got := h.post.to("mari.tamm@example.org"); len(got) != 1 {
			t.Errorf("%d letters came", len(got))
		}
		h.learner("Jonas Petraitis")
		h.letter("jonas.petraitis@example.org", 1)
		h.clock.advance(5 * time.Hour)
		if err := h.Letters.Work(t.Context()); err != nil || len(h.post.to("jonas.petraitis@example.org")) != 1 {
			t.Errorf("%v: a letter came again", err)
		}
	})
}
