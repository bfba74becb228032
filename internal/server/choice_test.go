package server_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"havn/internal/credential"
	"havn/internal/issuer"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// What strangers see of the holder is the holder's choice, and initials until
// they choose; what the holder takes along themselves has the name.
func TestTheHolderDecidesWhatStrangersSee(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		mari, code := h.certified("Mari Tamm", site.invite(site.organisation("Authority", ""), 1))
		address := path("/certificates/%s", code)
		sees := func(want string) {
			t.Helper()
			var check struct{ Holder, Title string }
			h.anonymous().want(200, "GET", address, nil).decode(t, &check)
			_, _, page := h.stranger().get("/certificates/" + code)
			f, err := credential.Verify(string(h.anonymous().accepting("application/json", address+"/credential").body), "", h.clock.now())
			if check.Holder != want || check.Title != "First contact" || err != nil || f.Holder != want {
				t.Errorf("a stranger sees %q, and in the credential %+v (%v), not %q", check.Holder, f, err, want)
			}
			if bytes.Contains(page, []byte("Mari Tamm")) != (want == "Mari Tamm") || bytes.Contains(page, []byte("M. T.")) != (want == "M. T.") || !bytes.Contains(page, []byte("First contact")) {
				t.Errorf("the page for strangers, who should see %q:\n%s", want, page)
			}
			own, err := credential.Verify(string(mari.accepting("application/json", address+"/credential").body), "", h.clock.now())
			if err != nil || own.Holder != "Mari Tamm" {
				t.Errorf("the holder's own: %+v %v", own, err)
			}
		}
		sees("M. T.")
		b := h.browserOf(mari)
		form := url.Values{"csrf": {b.csrf()}, "shows": {"nothing"}, "language": {"et"}}
		if status, to, _ := b.post("/certificates/"+code, form); status != 303 || to != "/certificates/"+code+"?kept=1" {
			t.Errorf("the form: %d %s", status, to)
		}
		sees("")
		if _, _, page := b.get("/certificates/" + code); !bytes.Contains(page, []byte("Mari Tamm")) || !bytes.Contains(page, []byte(`value="nothing" checked`)) || !bytes.Contains(page, []byte(`value="et" lang="et" selected`)) {
			t.Errorf("the holder's page:\n%s", page)
		}
		mari.want(200, "PATCH", address, m{"shows": "name"})
		sees("Mari Tamm")
		var mine struct{ Shows, Language string }
		mari.want(200, "PATCH", address, m{}).decode(t, &mine)
		if mine.Shows != "name" || mine.Language != "et" {
			t.Errorf("what is not named changes: %+v", mine)
		}
		mari.want(422, "PATCH", address, m{"shows": "everything"})
		mari.refuse("language-unknown", "PATCH", address, m{"language": "xx"})
		h.learner("Jonas Petraitis").refuse("not-found", "PATCH", address, m{"shows": "nothing"})
		h.anonymous().refuse("sign-in-needed", "PATCH", address, m{"shows": "nothing"})
		sees("Mari Tamm")
		mari.want(204, "POST", "/api/v1/me/erasure", m{"password": password})
		var check struct{ Holder string }
		h.anonymous().want(200, "GET", address, nil).decode(t, &check)
		if check.Holder != "" {
			t.Errorf("after erasure: %q", check.Holder)
		}
	})
}

// A certificate speaks the language that its holder chose, and any other that is
// asked for.
func TestACertificateSpeaksTheHoldersLanguage(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	site := h.admin()
	mari, code := h.certified("Mari Tamm", site.invite(site.organisation("Authority", ""), 1))
	b := h.browserOf(mari)
	says := func(query string) (pdf, badge string) {
		t.Helper()
		_, _, file := b.get("/certificates/" + code + ".pdf" + query)
		at := bytes.Index(file, []byte("<dc:language><rdf:Bag><rdf:li>"))
		if at < 0 {
			t.Fatalf("no language in the PDF (%.20q)", file)
		}
		pdf, _, _ = strings.Cut(string(file[at+len("<dc:language><rdf:Bag><rdf:li>"):]), "<")
		var c struct {
			CredentialSubject struct {
				Achievement struct{ InLanguage, Name string }
			}
		}
		mari.want(200, "GET", path("/certificates/%s/credential%s", code, query), nil).decode(t, &c)
		return pdf, c.CredentialSubject.Achievement.InLanguage
	}
	if pdf, badge := says(""); pdf != "en" || badge != "en" {
		t.Errorf("at first: %s, %s", pdf, badge)
	}
	if pdf, badge := says("?lang=et"); pdf != "et" || badge != "et" {
		t.Errorf("asked for in Estonian: %s, %s", pdf, badge)
	}
	if pdf, _ := says("?lang=uk"); pdf != "uk" { // the course has no Ukrainian
		t.Errorf("asked for in Ukrainian: %s", pdf)
	}
	mari.want(200, "PATCH", path("/certificates/%s", code), m{"language": "et"})
	if pdf, badge := says(""); pdf != "et" || badge != "et" {
		t.Errorf("after the choice: %s, %s", pdf, badge)
	}
}

type statusOf struct {
	CredentialStatus struct{ ID, Type, StatusPurpose, StatusListIndex, StatusListCredential string }
}

// A credential names its place in a status list; withdrawing it sets that bit
// and no other. Two never share a place, even by a bad die.
func TestTheStatusListSaysWhatWasWithdrawn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) { c.Seed = func() uint64 { return 4711 } })
		site := h.admin()
		o := site.organisation("Authority", "")
		findings := map[string]*credential.Finding{}
		codes := []string{}
		for _, name := range []string{"Mari Tamm", "Jonas Petraitis"} {
			_, code := h.certified(name, site.invite(o, 1))
			body := h.anonymous().accepting("application/json", path("/certificates/%s/credential", code)).body
			var s statusOf
			if err := json.Unmarshal(body, &s); err != nil {
				t.Fatal(err)
			}
			got := s.CredentialStatus
			if got.Type != "BitstringStatusListEntry" || got.StatusPurpose != "revocation" || got.ID != got.StatusListCredential+"#"+got.StatusListIndex || !strings.HasPrefix(got.StatusListCredential, h.URL) {
				t.Fatalf("%+v", got)
			}
			f, err := credential.Verify(string(body), "", h.clock.now())
			if err != nil {
				t.Fatal(err)
			}
			jwt, err := credential.Verify(string(h.anonymous().accepting("application/vc+jwt", path("/certificates/%s/credential", code)).body), "", h.clock.now())
			if err != nil || jwt.StatusList != f.StatusList || jwt.StatusIndex != f.StatusIndex {
				t.Errorf("the token names %+v, %v", jwt, err)
			}
			findings[code] = f
			codes = append(codes, code)
		}
		one, two := findings[codes[0]], findings[codes[1]]
		if one.StatusList == two.StatusList && one.StatusIndex == two.StatusIndex {
			t.Fatal("two certificates share a place")
		}
		list := func(f *credential.Finding) *credential.Status {
			t.Helper()
			a := h.anonymous().want(200, "GET", strings.TrimPrefix(f.StatusList, h.URL), nil)
			s, err := credential.ReadStatus(a.body)
			if err != nil || !s.Covers(f) || a.header.Get("Content-Type") != "application/vc" {
				t.Fatalf("%v %s", err, a.body)
			}
			return s
		}
		if list(one).Withdrawn(one) || list(two).Withdrawn(two) {
			t.Error("withdrawn before anybody did")
		}
		site.want(204, "PUT", path("/certificates/%s/revocation", codes[0]), nil)
		if !list(one).Withdrawn(one) || list(two).Withdrawn(two) || list(one).Count() != 1 {
			t.Errorf("withdrawn: %v and %v, %d in all", list(one).Withdrawn(one), list(two).Withdrawn(two), list(one).Count())
		}
		for _, nowhere := range []string{"/certificates/status/z6Mkfalse/1", "/certificates/status/" + h.Issuer.Key().Name() + "/x"} {
			if a := h.anonymous().do("GET", path("%s", nowhere), nil); a.status != 404 && a.status != 422 {
				t.Errorf("%s: %d", nowhere, a.status)
			}
		}
	})
}

// A new key signs from now on; what the old one signed still holds, is still
// withdrawn, and the issuer's document says when the old one ended.
func TestAKeyIsReplacedAndWhatItSignedHolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		other := startWith(t, e, sample(t, nil), func(c *server.Config) { c.BaseURL = h.URL })
		site := h.admin()
		mari, code := h.certified("Mari Tamm", site.invite(site.organisation("Authority", ""), 2))
		address := path("/certificates/%s/credential", code)
		before := string(mari.accepting("application/json", address).body)
		old, err := credential.Verify(before, "", h.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		p, _ := h.Library.Current("first-contact")
		cert, err := h.Learning.Certificate(t.Context(), code)
		if err != nil {
			t.Fatal(err)
		}
		paper := h.Issuer.Key().Statement(h.Issuer.Achievement(cert, p, p.Edition("en"), "Mari Tamm"))

		h.clock.advance(time.Hour)
		if err := h.Issuer.Rotate(t.Context(), h.Audit, h.clock.now()); err != nil {
			t.Fatal(err)
		}
		if err := other.Issuer.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		document := func(s *havn) *issuer.Document {
			d, err := issuer.ReadDocument(s.anonymous().want(200, "GET", "/api/v1/issuer", nil).body)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
		for _, s := range []*havn{h, other} {
			d := document(s)
			if len(d.Keys) != 2 || d.Keys[0].Expires != "" || d.Keys[1].Expires != "2026-11-23T10:00:00Z" || !strings.HasPrefix(d.Keys[1].ID, old.Issuer) {
				t.Fatalf("%+v", d)
			}
			f, err := credential.Verify(string(s.anonymous().accepting("application/json", address).body), "", h.clock.now())
			if err != nil || f.Issuer == old.Issuer || d.Accept(f) != nil {
				t.Errorf("a credential fetched now: %+v %v", f, err)
			}
			if err := d.Accept(old); err != nil {
				t.Errorf("the old one: %v", err)
			}
		}
		for name, text := range map[string]string{"credential": before, "QR code": paper} {
			if _, err := credential.Verify(text, "", h.clock.now()); err != nil {
				t.Errorf("the old %s: %v", name, err)
			}
			if _, _, page := h.stranger().post("/verify", url.Values{"text": {text}}); !bytes.Contains(page, []byte(`data-state="valid">`)) || !bytes.Contains(page, []byte("data-foreign hidden")) {
				t.Errorf("the page on the old %s:\n%s", name, page)
			}
		}
		site.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
		status, err := credential.ReadStatus(h.anonymous().want(200, "GET", strings.TrimPrefix(old.StatusList, h.URL), nil).body)
		if err != nil || !status.Withdrawn(old) {
			t.Errorf("the old key's status list: %v", err)
		}
		for _, query := range []string{"", "?key=" + strings.TrimPrefix(old.Issuer, "did:key:")} {
			r, err := issuer.ReadRevocations(h.anonymous().want(200, "GET", "/api/v1/certificates/revocations"+query, nil).body)
			if err != nil || !r.Has(old, document(h)) || r.Has(old, nil) != (query != "") {
				t.Errorf("the list%s: %+v %v", query, r, err)
			}
		}
		h.anonymous().refuse("not-found", "GET", "/api/v1/certificates/revocations?key=z6Mkfalse", nil)
	})
}
