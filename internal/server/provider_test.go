package server_test

import (
	"bytes"
	"html"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"havn/internal/oidc"
	"havn/internal/oidc/oidctest"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// withProvider is a server whose people can come by an authority's own sign-in.
// What the description holds can be changed before the first visit.
func withProvider(t *testing.T, e store.Engine) (*havn, *oidctest.Server, *oidc.Provider) {
	t.Helper()
	var h *havn
	s := oidctest.Start(t, func() time.Time { return h.clock.now() })
	list := []oidc.Provider{s.Provider("guard")}
	h = startWith(t, e, sample(t, nil), func(c *server.Config) { c.Providers = list })
	return h, s, &list[0]
}

var refresh = regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]+)"`)

// visit goes to the provider and comes back: where the browser is then led.
func (b *browser) visit(t testing.TB, id string) (status int, to string, page []byte) {
	t.Helper()
	form := url.Values{}
	if _, _, body := b.get("/account"); csrfField.Match(body) {
		form.Set("csrf", b.csrf())
	}
	status, _, body := b.post("/provider/"+id, form)
	m := refresh.FindSubmatch(body)
	if status != 200 || m == nil {
		return status, "", body
	}
	query := oidctest.Visit(t, html.UnescapeString(string(m[1])))
	res, err := b.http.Get(b.h.URL + "/provider/answer?" + query.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var text bytes.Buffer
	_, _ = text.ReadFrom(res.Body)
	return res.StatusCode, res.Header.Get("Location"), text.Bytes()
}

// Row 24.
func TestPeopleComeByTheirAuthority(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h, provider, description := withProvider(t, e)
		site := h.admin()
		o := site.organisation("Border Guard", "")
		description.Organisation, description.Roles = o.ID, map[string]string{"chiefs": "administrator"}
		provider.Person = oidctest.Person{Subject: "1", Email: "mari.tamm@example.org", Name: "Mari Tamm", Groups: []string{"chiefs"}}
		b := h.stranger()
		if status, to, page := b.visit(t, "guard"); status != 303 || to != "/" {
			t.Fatalf("%d %s %s", status, to, page)
		}
		if _, _, page := b.get("/account"); !bytes.Contains(page, []byte("Mari Tamm")) || !bytes.Contains(page, []byte("Border Guard")) {
			t.Errorf("the account: %s", page)
		}
		if status, _, _ := b.get("/organisations/" + o.ID); status != 200 {
			t.Errorf("the group gives no role: %d", status)
		}
		// The role goes with the group, at the next sign-in.
		provider.Person.Groups = nil
		b = h.stranger()
		b.visit(t, "guard")
		if status, _, _ := b.get("/organisations/" + o.ID); status != 403 {
			t.Errorf("the role stays without the group: %d", status)
		}
		// Who is shut out stays out, whatever the provider says.
		a, err := h.People.ByEmail(t.Context(), "mari.tamm@example.org")
		if err != nil {
			t.Fatal(err)
		}
		site.want(204, "PUT", path("/accounts/%s/access", a.ID), m{"open": false})
		if status, to, page := h.stranger().visit(t, "guard"); status != 422 || !bytes.Contains(page, []byte("did not let you in")) {
			t.Errorf("somebody shut out: %d %s", status, to)
		}
	})
}

// An account that has the address already opens only once its owner has signed
// in to it; and one that a stranger made with somebody's address is of no use
// to the stranger when the owner comes.
func TestAnAccountIsLinkedOnlyByItsOwner(t *testing.T) {
	t.Parallel()
	h, provider, _ := withProvider(t, storetest.SQLite().New(t).Open(t))
	h.learner("Mari Tamm") // by a stranger, say
	provider.Person = oidctest.Person{Subject: "1", Email: "mari.tamm@example.org", Name: "Mari Tamm"}
	owner := h.stranger()
	status, to, _ := owner.visit(t, "guard")
	if status != 303 || !strings.HasPrefix(to, "/provider/link?secret=") {
		t.Fatalf("%d %s", status, to)
	}
	if status, header, _ := owner.get("/account"); status != 303 || !strings.HasPrefix(header.Get("Location"), "/sign-in") {
		t.Error("signed in to an account of another")
	}
	// The stranger has the password, but not the owner's browser.
	stranger := h.browser("mari.tamm@example.org")
	if status, _, _ := stranger.post(to, url.Values{"csrf": {stranger.csrf()}}); status != 409 {
		t.Errorf("another browser links: %d", status)
	}
	// The owner has the mailbox: by its link the account becomes theirs alone.
	if status, _, _ := owner.post("/sign-in/link", url.Values{"email": {"mari.tamm@example.org"}}); status != 200 {
		t.Fatal(status)
	}
	_, secret := h.letter("mari.tamm@example.org", 2)
	if status, _, page := owner.post("/link/"+secret, url.Values{}); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	h.clock.advance(2 * 1e9)
	if status, _, _ := stranger.get("/account"); status != 303 {
		t.Error("the stranger is still in")
	}
	if a := h.anonymous().tryPassword("mari.tamm@example.org", password); a.code() != "wrong-credentials" {
		t.Errorf("the stranger's password still opens: %d", a.status)
	}
	// Now the visit can be repeated, and links.
	_, to, _ = owner.visit(t, "guard")
	if status, _, page := owner.get(to); status != 200 || !bytes.Contains(page, []byte("Is this account yours?")) {
		t.Errorf("%d %s", status, page)
	}
	if status, at, page := owner.post(to, url.Values{"csrf": {owner.csrf()}}); status != 303 || at != "/account/security" {
		t.Fatalf("%d %s %s", status, at, page)
	}
	if status, to, _ := h.stranger().visit(t, "guard"); status != 303 || to != "/" {
		t.Errorf("after linking: %d %s", status, to)
	}
}

func TestAnAnswerOfAProviderCountsOnceInItsBrowser(t *testing.T) {
	t.Parallel()
	h, provider, _ := withProvider(t, storetest.SQLite().New(t).Open(t))
	provider.Person = oidctest.Person{Subject: "1", Email: "mari.tamm@example.org", Name: "Mari Tamm"}
	b := h.stranger()
	_, _, body := b.post("/provider/guard", url.Values{})
	query := oidctest.Visit(t, html.UnescapeString(string(refresh.FindSubmatch(body)[1])))
	if status, _, _ := h.stranger().get("/provider/answer?" + query.Encode()); status != 409 {
		t.Errorf("in another browser: %d", status)
	}
	seen := atOnce(func() int { status, _, _ := b.get("/provider/answer?" + query.Encode()); return status })
	if seen[303] != 1 || seen[303]+seen[422] != 50 {
		t.Errorf("of 50 at once: %v", seen)
	}
	if status, _, _ := h.stranger().get("/provider/answer"); status != 422 {
		t.Errorf("without anything: %d", status)
	}
	provider.Lie = oidctest.Unverified
	provider.Person = oidctest.Person{Subject: "2", Email: "other@example.org"}
	if status, _, _ := h.stranger().visit(t, "guard"); status != 422 {
		t.Errorf("an address that nobody vouches for: %d", status)
	}
	for _, lie := range []oidctest.Lie{oidctest.OtherKey, oidctest.NoNonce, oidctest.WrongAudience, oidctest.WrongIssuer} {
		provider.Lie = lie
		if status, to, _ := h.stranger().visit(t, "guard"); status != 422 {
			t.Errorf("%s: %d %s", lie, status, to)
		}
	}
	if _, err := h.People.ByEmail(t.Context(), "other@example.org"); err == nil {
		t.Error("an account came of a lie")
	}
}
