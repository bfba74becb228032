package server_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// joins asks for a link to the other account's address and merges by it.
func (c *client) joins(address string, letter int) {
	c.h.t.Helper()
	c.want(202, "POST", "/api/v1/me/merge-links", m{"email": address})
	_, secret := c.h.letter(address, letter)
	c.want(204, "POST", "/api/v1/me/merge", m{"secret": secret})
}

// Somebody who took half the course under an old address and half under a new one
// has taken the course.
func TestTwoAccountsOfOnePersonBecomeOne(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		broken := &cutOff{Engine: e}
		h := withRules(t, broken, "")
		site := h.admin()
		o := site.organisation("Border Guard", "")
		old, mari := h.invited("Mari Old", site.invite(o, 1)), h.invited("Mari Tamm", site.invite(o, 1))
		pages := h.publication().Course.Modules[0].Pages
		old.want(204, "PUT", "/api/v1/enrolments/first-contact/pages/"+pages[0], nil)
		for _, page := range pages[1:] {
			mari.want(204, "PUT", "/api/v1/enrolments/first-contact/pages/"+page, nil)
		}
		passed := old.start("m1-quiz")
		passed.answerAll()
		passed.submit()
		failed := mari.start("m1-quiz")
		failed.submit()
		old.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": "The law has changed."})

		// The server falls in the middle: what was begun is finished by itself.
		broken.set(true)
		mari.want(202, "POST", "/api/v1/me/merge-links", m{"email": "mari.old@example.org"})
		_, secret := h.letter("mari.old@example.org", 2)
		if got := mari.do("POST", "/api/v1/me/merge", m{"secret": secret}); got.status != 500 {
			t.Fatalf("nothing was cut off: %d %s", got.status, got.body)
		}
		broken.set(false)
		if got := old.do("GET", "/api/v1/me", nil); got.status != 401 {
			t.Errorf("the old account is still open: %d", got.status)
		}
		h.clock.advance(2 * time.Minute)
		if err := h.Privacy.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}

		s := mari.standing()
		if s.Status != "completed" || s.Certificate == "" || h.status(s.Certificate) != "valid" || s.Quizzes["m1-quiz"].Attempts != 2 || s.Quizzes["m1-quiz"].Attempt != passed.ID {
			t.Errorf("%+v", s)
		}
		for _, a := range []*attempt{passed, failed} {
			mari.want(200, "GET", path("/attempts/%s", a.ID), nil)
		}
		if page, err := h.People.Members(t.Context(), "", "", 100); err != nil || slices.ContainsFunc(page.Items, func(a people.Account) bool { return a.Name == "Mari Old" }) {
			t.Errorf("the old account is there: %v", err)
		}
		var reports struct{ Items []struct{ Text string } }
		site.want(200, "GET", "/api/v1/reports", nil).decode(t, &reports)
		if len(reports.Items) != 1 {
			t.Errorf("%+v", reports)
		}
		h.anonymous().refuse("wrong-credentials", "POST", "/api/v1/sessions", m{"email": "mari.old@example.org", "password": password})
	})
}

// What was completed stays completed, and both certificates hold.
func TestMergingTakesNoCertificateAway(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		_, first := h.completed("Mari Old")
		h.clock.advance(40 * 24 * time.Hour)
		_, second := h.completed("Mari Tamm")
		old, mari := h.signIn("mari.old@example.org"), h.signIn("mari.tamm@example.org")
		old.joins("mari.tamm@example.org", 2)
		s := old.standing()
		if s.Certificate != second {
			t.Errorf("the certificate that holds longer does not count: %+v", s)
		}
		for _, code := range []string{first, second} {
			if is := h.status(code); is != "valid" {
				t.Errorf("a certificate is %s", is)
			}
		}
		if n := len(old.certificates().Items); n != 2 {
			t.Errorf("%d certificates", n)
		}
		if got := mari.do("GET", "/api/v1/me", nil); got.status != 401 {
			t.Errorf("%d", got.status)
		}
	})
}

// What was asked of somebody comes along, too: their cohort by hand, what is assigned
// to them alone, that they are let off, what they completed elsewhere, and what they
// have to go over.
func TestWhatIsAskedOfSomebodyComesAlong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		o := site.organisation("Border Guard", "")
		old, mari := h.newcomer("Mari Old", site.invite(o, 1)), h.newcomer("Mari Tamm", site.invite(o, 1))
		cohort := site.cohort(o, "2026-11-01", "2027-03-01", old)
		alone, all := uuid.NewString(), uuid.NewString()
		site.want(200, "PUT", path("/organisations/%s/assignments/%s", o.ID, alone), m{"course": "first-contact", "to": m{"kind": "person", "id": old.id()}, "due_on": "2026-12-01"})
		site.want(200, "PUT", path("/organisations/%s/assignments/%s", o.ID, all), m{"course": "first-contact", "to": m{"kind": "unit", "id": o.ID}, "due_on": "2026-12-12"})
		site.settled(o)
		site.want(204, "PUT", path("/organisations/%s/assignments/%s/exemptions/%s", o.ID, all, old.id()), m{"reason": "away"})
		site.bring(o, uuid.NewString(), true, "mari.old@example.org,first-contact,2026-03-01,,A-1,Academy")
		old.want(201, "PUT", path("/enrolments/first-contact"), nil)
		old.mistaken("q-true")

		mari.joins("mari.old@example.org", 2)
		if d := mari.due(); d.DueOn == "2026-12-12" {
			t.Errorf("the exemption is gone: %+v", d)
		}
		account, err := h.People.Account(t.Context(), mari.id())
		if err != nil {
			t.Fatal(err)
		}
		r, err := h.Tracking.RecordOf(t.Context(), account.ID)
		if err != nil || len(r.Assignments) != 1 || len(r.Memberships) != 1 || r.Memberships[0].Cohort != cohort {
			t.Errorf("%v %+v", err, r)
		}
		en, err := h.Learning.Standing(t.Context(), account.ID, "first-contact") // the cohort has a duty, too
		if err != nil || len(en.Duties) != 3 || en.Duties[all].Exempt != "away" || len(en.Elsewhere) != 1 || !en.Begun() {
			t.Errorf("%v %+v %+v begun %v", err, en.Duties, en.Elsewhere, en.Begun())
		}
		if records, err := h.History.Of(t.Context(), account.ID); err != nil || len(records) != 1 {
			t.Errorf("%v %+v", err, records)
		}
		h.clock.advance(24 * time.Hour)
		if p := h.signIn("mari.tamm@example.org").practice(); len(p.Items) == 0 {
			t.Errorf("there is nothing to go over: %+v", p)
		}
	})
}

// Only the person can: with the letter in the one mailbox and signed in to the
// other account. Nobody gains a role, or gets round a second factor.
func TestNobodyElseMergesAccounts(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Old")
	mari, jonas := h.enrolled("Mari Tamm"), h.learner("Jonas Petraitis")
	ask := func(c *client, address string, letter int) string {
		c.want(202, "POST", "/api/v1/me/merge-links", m{"email": address})
		_, secret := h.letter(address, letter)
		return secret
	}
	mari.refuse("merge-itself", "POST", "/api/v1/me/merge-links", m{"email": "mari.tamm@example.org"})
	secret := ask(mari, "mari.old@example.org", 2)
	jonas.refuse("link-invalid", "POST", "/api/v1/me/merge", m{"secret": secret})
	h.clock.advance(people.LinkLife)
	mari.refuse("link-invalid", "POST", "/api/v1/me/merge", m{"secret": secret})
	secret = ask(mari, adminEmail, 1)
	mari.refuse("merge-roles", "POST", "/api/v1/me/merge", m{"secret": secret})
	careful := h.learner("Nour Haddad")
	careful.factor()
	secret = ask(mari, "nour.haddad@example.org", 3)
	mari.refuse("merge-second-factor", "POST", "/api/v1/me/merge", m{"secret": secret})

	old := h.signIn("mari.old@example.org")
	old.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	old.start("m1-quiz").submit()
	open := mari.start("m1-quiz")
	secret = ask(mari, "mari.old@example.org", 3)
	mari.refuse("merge-attempt-open", "POST", "/api/v1/me/merge", m{"secret": secret})
	open.submit()
	mari.want(204, "POST", "/api/v1/me/merge", m{"secret": secret})
	mari.refuse("link-invalid", "POST", "/api/v1/me/merge", m{"secret": secret})
}

// An account without an address shows its code, in the browser.
func TestAnAccountWithoutAnAddressIsMergedByItsCode(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	var made struct{ Code string }
	h.anonymous().want(201, "POST", "/api/v1/accounts/pseudonymous", m{}).decode(t, &made)
	kala := h.comeBack(made.Code)
	kala.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	a := kala.start("m1-quiz")
	a.submit()
	mari := h.learner("Mari Tamm")
	b := h.browserOf(mari)
	b.get("/account/merge")
	status, _, page := b.post("/account/merge/other", url.Values{"csrf": {b.csrf()}, "secret": {made.Code}})
	if status != 200 {
		t.Fatalf("%d %s", status, page)
	}
	status, to, page := b.post("/account/merge/confirmation", url.Values{"csrf": {b.csrf()}, "secret": {made.Code}})
	if status != 303 || to != "/learning?merged=1" {
		t.Fatalf("%d %s %s", status, to, page)
	}
	mari.want(200, "GET", path("/attempts/%s", a.ID), nil)
}

// A page whose policy is to send no referrer sends its forms with an Origin of "null"
// (Fetch, "append a request Origin header"), which looks like another site's. So the
// pages that letters lead to are tried in a real browser.
func TestLinksOfLettersWorkInARealBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	h.learner("Mari Old")
	c := openChrome(t, h, 390, 844, false)
	c.open("/sign-in")
	c.post(map[string]string{"": "/sign-in/link", "email": "mari.tamm@example.org"})
	_, secret := h.letter("mari.tamm@example.org", 2)
	c.open("/link/" + secret)
	c.click("main form button")
	c.open("/account/merge")
	c.post(map[string]string{"": "/account/merge", "email": "mari.old@example.org"})
	_, secret = h.letter("mari.old@example.org", 2)
	c.open("/merge/" + secret)
	if text := c.text("main"); !strings.Contains(text, "Mari Old") {
		t.Fatal(text)
	}
	c.click("main form button")
	if at := c.where(); at != h.URL+"/learning?merged=1" {
		t.Errorf("%s: %s", at, c.text("main"))
	}
}
