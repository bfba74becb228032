package server_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

func (c *client) set(o organisation, settings m) {
	c.h.t.Helper()
	c.want(200, "PUT", path("/organisations/%s/settings", o.ID), settings)
}

// Where an organisation shows counts only, no list holds a name of it, and no
// sum lets one be told.
func TestAnOrganisationShowsCountsOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		shown, hidden := site.organisation("Shown", top.ID), site.organisation("Hidden", top.ID)
		site.set(hidden, m{"sees": "counts"})
		h.invited("Mari Tamm", site.invite(shown, 1))
		code := site.invite(hidden, 9)
		for i := range 4 {
			h.invited(fmt.Sprintf("Kanarilind %c", 'A'+i), code)
		}
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		var list struct {
			Items   []struct{ Name string }
			Counted *struct{ Assigned, Certified *int }
		}
		all := chief.want(200, "GET", "/api/v1/completions", nil)
		all.decode(t, &list)
		if bytes.Contains(bytes.ToLower(all.body), []byte("kanarilind")) || len(list.Items) != 2 || list.Counted == nil || list.Counted.Assigned != nil {
			t.Errorf("four hidden people: %s", all.body)
		}
		b := h.browserOf(chief)
		if _, _, page := b.get("/admin/completions"); bytes.Contains(bytes.ToLower(page), []byte("kanarilind")) || !bytes.Contains(page, []byte("under 5 or protected")) || !bytes.Contains(page, []byte("<strong>2</strong>")) {
			t.Errorf("the page: %s", page)
		}
		h.invited("Kanarilind E", code)
		for i := range 4 { // beside whom the hidden are not given away
			h.invited(fmt.Sprintf("Jaan %c", 'A'+i), site.invite(shown, 1))
			h.invited(fmt.Sprintf("Tiina %c", 'A'+i), site.invite(top, 1))
		}
		for range 200 { // figures that were long in counting are kept for a while
			chief.want(200, "GET", "/api/v1/completions", nil).decode(t, &list)
			if list.Counted != nil && list.Counted.Assigned != nil && *list.Counted.Assigned > 0 {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if list.Counted == nil || list.Counted.Assigned == nil || *list.Counted.Assigned != 5 {
			t.Errorf("five hidden people: %s", show(list.Counted.Assigned))
		}
		if csv := chief.want(200, "GET", "/api/v1/completions?format=csv", nil); bytes.Contains(bytes.ToLower(csv.body), []byte("kanarilind")) || !bytes.Contains(csv.body, []byte("Mari Tamm")) {
			t.Errorf("the file: %s", csv.body)
		}
	})
}

// Whoever owns an address of an organisation's domain comes into it by
// confirming the address, and not before.
func TestADomainTakesInWhoOwnsAnAddressOfIt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := startWith(t, e, sample(t, nil), func(c *server.Config) { c.SignUp = false })
		site := h.admin()
		o := site.organisation("Border Guard", "")
		sign := func(email string) answer {
			return h.anonymous().do("POST", "/api/v1/accounts", m{"email": email, "password": password, "name": "Mari Tamm"})
		}
		if a := sign("mari@guard.example"); a.code() != "sign-up-closed" {
			t.Errorf("before there is a domain: %d", a.status)
		}
		site.set(o, m{"sign_up": "domain", "domains": []string{"guard.example"}})
		if a := sign("mari@other.example"); a.code() != "sign-up-closed" {
			t.Errorf("an address of another domain: %d", a.status)
		}
		if a := sign("mari@guard.example"); a.status != 201 {
			t.Fatalf("%s", a.body)
		}
		c := h.signIn("mari@guard.example")
		var me struct{ Organisation string }
		c.want(200, "GET", "/api/v1/me", nil).decode(t, &me)
		if me.Organisation != "" {
			t.Error("in before the address is confirmed")
		}
		letter, secret := h.letter("mari@guard.example", 1)
		if letter.Subject != "Confirm your address" {
			t.Errorf("the letter is %q", letter.Subject)
		}
		h.anonymous().refuse("link-invalid", "POST", "/api/v1/confirmed-addresses", m{"secret": "x" + secret})
		h.anonymous().want(204, "POST", "/api/v1/confirmed-addresses", m{"secret": secret})
		h.anonymous().refuse("link-invalid", "POST", "/api/v1/confirmed-addresses", m{"secret": secret})
		h.clock.advance(2 * time.Second)
		c.want(200, "GET", "/api/v1/me", nil).decode(t, &me)
		if me.Organisation != o.ID {
			t.Errorf("after confirming: %q", me.Organisation)
		}
	})
}

func TestOnlyTheSiteGivesDomains(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	o := site.organisation("Authority", "")
	chief := h.invited("Chief Kask", site.invite(o, 1, "administrator"))
	chief.refuse("forbidden", "PUT", path("/organisations/%s/settings", o.ID), m{"sign_up": "domain", "domains": []string{"example.com"}})
	for field, settings := range map[string]m{
		"languages": {"languages": []string{"tlh"}}, "domains": {"domains": []string{"no domain"}}, "keep_months": {"keep_months": 3},
	} {
		if a := site.do("PUT", path("/organisations/%s/settings", o.ID), settings); a.status != 422 || !bytes.Contains(a.body, []byte(field)) {
			t.Errorf("%s: %d %s", field, a.status, a.body)
		}
	}
}

func TestWhoHasAnAccountJoinsAnOpenOrganisation(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	open, closed := site.organisation("Open House", ""), site.organisation("Closed House", "")
	site.set(open, m{"sign_up": "open"})
	site.set(closed, m{"sign_up": "closed"})
	site.refuse("sign-up-closed", "POST", path("/organisations/%s/invitations", closed.ID), m{})
	c := h.learner("Mari Tamm")
	if a := c.want(200, "GET", "/api/v1/open-organisations", nil); bytes.Contains(a.body, []byte("Closed")) || !bytes.Contains(a.body, []byte("Open House")) {
		t.Errorf("%s", a.body)
	}
	unknown := c.refuse("not-found", "PUT", path("/open-organisations/%s/membership", "nowhere"), nil)
	if refused := c.refuse("not-found", "PUT", path("/open-organisations/%s/membership", closed.ID), nil); !bytes.Equal(unknown.body, refused.body) {
		t.Errorf("a closed one is told apart: %s", refused.body)
	}
	b := h.browserOf(c)
	if status, to, _ := b.post("/organisations/"+open.ID+"/membership", url.Values{"csrf": {b.csrf()}}); status != 303 || to != "/account" {
		t.Errorf("%d %s", status, to)
	}
	if _, _, page := b.get("/account"); !bytes.Contains(page, []byte("Open House")) {
		t.Error("the account does not say where")
	}
}

// Nobody is erased without having been told a month before; who signs in stays.
func TestDormantAccountsAreToldAndThenErased(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		o := site.organisation("Authority", "")
		site.set(o, m{"keep_months": 12})
		code := site.invite(o, 2)
		h.invited("Mari Tamm", code)
		h.invited("Jonas Petraitis", code)
		h.clock.advance(340 * 24 * time.Hour)
		day := func(lang string, at time.Time) string { return at.Format(time.DateOnly) }
		var due struct {
			Items []struct {
				Email   string
				EraseOn time.Time `json:"erase_on"`
			}
		}
		site = h.admin()
		site.want(200, "GET", "/api/v1/dormant-accounts", nil).decode(t, &due)
		if len(due.Items) != 2 {
			t.Fatalf("%+v", due)
		}
		if n := len(h.post.to("mari.tamm@example.org")); n != 1 {
			t.Errorf("asking told somebody: %d letters", n)
		}
		for range 3 {
			if err := h.Privacy.Retain(t.Context(), day); err != nil {
				t.Fatal(err)
			}
		}
		letter, _ := h.letter("mari.tamm@example.org", 2)
		if !strings.Contains(letter.Text, due.Items[0].EraseOn.Format(time.DateOnly)) {
			t.Errorf("the letter does not say when: %s", letter.Text)
		}
		h.clock.advance(29 * 24 * time.Hour)
		h.signIn("jonas.petraitis@example.org")
		if err := h.Privacy.Retain(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		h.signIn("mari.tamm@example.org") // still there … and so stays
		h.clock.advance(300 * 24 * time.Hour)
		if err := h.Privacy.Retain(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		h.signIn("mari.tamm@example.org")
		h.clock.advance(340 * 24 * time.Hour)
		if err := h.Privacy.Retain(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		h.clock.advance(31 * 24 * time.Hour)
		if err := h.Privacy.Retain(t.Context(), day); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"mari.tamm@example.org", "jonas.petraitis@example.org"} {
			if a := h.anonymous().tryPassword(email, password); a.code() != "wrong-credentials" {
				t.Errorf("%s is still there: %d", email, a.status)
			}
		}
		h.admin()
	})
}

// An administrator brings a list: sees line by line what will happen, and then
// it does, and nothing else.
func TestPeopleComeByAList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		unit := site.organisation("Harbour Unit", top.ID)
		other := site.organisation("Other Authority", "")
		h.invited("Mari Tamm", site.invite(top, 1))
		h.invited("Jonas Petraitis", site.invite(other, 1))
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		list := "Email;Name;Language;Role;Organisation\r\n" +
			"new@example.org;New Person;et;;Harbour Unit\r\n" +
			"mari.tamm@example.org;Mari Tamm;;trainer;\r\n" +
			"jonas.petraitis@example.org;Jonas;;;\r\n" +
			"chief.kask@example.org;Chief;;administrator;\r\n" +
			"new@example.org;New Again;;;\r\n" +
			"tutor@example.org;Tutor;;tutor;\r\n" +
			"=cmd|'/c calc'!A1@example.org;Evil;;;\r\n" +
			"far@example.org;Far;;;Other Authority\r\n"
		type steps struct {
			Done                          bool
			Invited, Moved, Same, Refused int
			Steps                         []struct {
				Line    int
				Does    string
				Problem string
			}
		}
		address := path("/organisations/%s/members/list", top.ID)
		var plan steps
		chief.want(200, "POST", address, list).decode(t, &plan)
		does := ""
		for _, s := range plan.Steps {
			does += fmt.Sprint(s.Line, " ", s.Does, " ", s.Problem, "; ")
		}
		if want := "2 invite ; 3 move ; 4 invite ; 5 nothing ; 6 refuse repeated; 7 refuse tutor-by-cohort; 8 refuse formula; 9 refuse organisation-unknown; "; does != want {
			t.Errorf("the plan is %s", does)
		}
		if plan.Done || len(h.post.to("new@example.org")) != 0 {
			t.Error("it happened before it was asked for")
		}
		var done steps
		chief.want(200, "POST", address+"?dry_run=false", list).decode(t, &done)
		if !done.Done || done.Invited != 2 || done.Moved != 1 || done.Same != 1 || done.Refused != 4 {
			t.Errorf("%+v", done)
		}
		letter, _ := h.letter("new@example.org", 1)
		code := regexp.MustCompile(`/join\?code=(\S+)`).FindStringSubmatch(letter.Text)
		if letter.Language != "et" || code == nil {
			t.Fatalf("the letter in %s: %s", letter.Language, letter.Text)
		}
		word, _ := url.QueryUnescape(code[1])
		h.anonymous().want(201, "POST", "/api/v1/accounts", m{"email": "new@example.org", "password": password, "name": "New Person", "invitation": word})
		var members struct {
			Items []struct {
				Email, Organisation string
				Roles               []string
			}
		}
		chief.want(200, "GET", path("/organisations/%s/members", top.ID), nil).decode(t, &members)
		for _, p := range members.Items {
			switch p.Email {
			case "new@example.org":
				if p.Organisation != unit.ID {
					t.Errorf("the new person is in %s", p.Organisation)
				}
			case "mari.tamm@example.org":
				if !slices.Contains(p.Roles, "trainer") {
					t.Errorf("Mari has %v", p.Roles)
				}
			case "jonas.petraitis@example.org":
				t.Error("somebody of another authority was moved")
			}
		}
	})
}

// The same in a browser without JavaScript.
func TestAListIsShownBeforeItIsDone(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	o := site.organisation("Authority", "")
	b := h.browserOf(site)
	csrf := b.csrf()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("csrf", csrf)
	file, err := form.CreateFormFile("file", "people.csv")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write([]byte("e-mail,name\nnew@example.org,New Person\n"))
	_ = form.Close()
	req, _ := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/organisations/"+o.ID+"/list", &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	res, err := b.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	_, _ = page.ReadFrom(res.Body)
	_ = res.Body.Close()
	secret := regexp.MustCompile(`name="secret" value="([^"]+)"`).FindStringSubmatch(page.String())
	if res.StatusCode != 200 || secret == nil || !strings.Contains(page.String(), "gets an invitation by mail") {
		t.Fatalf("%d %s", res.StatusCode, page.String())
	}
	if status, _, page := b.post("/organisations/"+o.ID+"/list", url.Values{"csrf": {csrf}, "secret": {secret[1]}}); status != 200 || !bytes.Contains(page, []byte("Done. Invited: 1.")) {
		t.Errorf("%d %s", status, page)
	}
	if status, _, _ := b.post("/organisations/"+o.ID+"/list", url.Values{"csrf": {csrf}, "secret": {secret[1]}}); status != 422 {
		t.Errorf("a second time: %d", status)
	}
	h.letter("new@example.org", 1)
}

// The log can be read and taken along by the administrator of an organisation,
// and holds nothing of another.
func TestTheLogIsReadAndTakenAlong(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	a, b := site.organisation("Authority A", ""), site.organisation("Authority B", "")
	chief := h.invited("Chief Kask", site.invite(a, 1, "administrator"))
	stranger := h.invited("Jonas Petraitis", site.invite(b, 1))
	file := chief.want(200, "GET", "/api/v1/audit?format=csv", nil)
	if !bytes.HasPrefix(file.body, []byte("number,at,act,")) || !bytes.Contains(file.body, []byte("invitation-made")) || bytes.Contains(file.body, []byte(stranger.id())) || bytes.Contains(file.body, []byte("127.0.0.1")) || bytes.Contains(file.body, []byte("signed-in")) {
		t.Errorf("%s", file.body)
	}
	if status, _, page := h.browserOf(chief).get("/admin/audit"); status != 200 || !bytes.Contains(page, []byte("Chief Kask")) || bytes.Contains(page, []byte(stranger.id())) || !bytes.Contains(page, []byte("invitation made")) {
		t.Errorf("%d %s", status, page)
	}
	if status, _, _ := h.browserOf(stranger).get("/admin/audit"); status != 403 {
		t.Errorf("a learner sees the log: %d", status)
	}
	if n, err := h.Audit.Verify(t.Context()); err != nil || n == 0 {
		t.Error(n, err)
	}
}
