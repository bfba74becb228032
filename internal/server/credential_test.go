package server_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"havn/internal/credential"
	"havn/internal/issuer"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// certified is somebody who has completed the course, and the certificate's code.
func (h *havn) certified(name, invitation string) (*client, string) {
	h.t.Helper()
	c := h.invited(name, invitation)
	for _, page := range h.publication().Course.Modules[0].Pages {
		c.want(204, "PUT", "/api/v1/enrolments/first-contact/pages/"+page, nil)
	}
	a := c.start("m1-quiz")
	a.answerAll()
	a.submit()
	var e struct{ Certificate string }
	c.want(200, "GET", "/api/v1/enrolments/first-contact", nil).decode(h.t, &e)
	if e.Certificate == "" {
		h.t.Fatal("no certificate")
	}
	return c, e.Certificate
}

func (c *client) accepting(kind, path string) answer {
	c.h.t.Helper()
	req, _ := http.NewRequest("GET", c.h.URL+path, nil)
	req.Header.Set("Accept", kind)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var b bytes.Buffer
	_, _ = b.ReadFrom(res.Body)
	return answer{res.StatusCode, res.Header, b.Bytes()}
}

// A certificate leaves the server as a credential that holds without it, on
// every server of a store, until it is withdrawn.
func TestACertificateHoldsWithoutTheServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		o := site.organisation("Authority", "")
		mari, code := h.certified("Mari Tamm", site.invite(o, 1))
		address := path("/certificates/%s/credential", code)
		did := ""
		for who, c := range map[string]*client{"M. T.": h.anonymous(), "Mari Tamm": mari} {
			for _, kind := range []string{"application/json", "application/vc+jwt"} {
				a := c.accepting(kind, address)
				f, err := credential.Verify(string(a.body), "", h.clock.now())
				if err != nil || a.status != 200 || a.header.Get("Content-Type") != kind || f.Holder != who || f.ID != h.URL+"/certificates/"+code || f.Title != "First contact" {
					t.Errorf("%s as %s: %d %s %+v %v", who, kind, a.status, a.header.Get("Content-Type"), f, err)
					continue
				}
				did = f.Issuer
			}
		}
		other := withRules(t, e, "")
		if f, err := credential.Verify(string(other.anonymous().accepting("application/json", address).body), did, h.clock.now()); err != nil {
			t.Errorf("another server of the same store: %+v %v", f, err)
		}
		h.anonymous().refuse("not-found", "GET", path("/certificates/%s/credential", "AAAAA"), nil)

		list := func() *issuer.Revocations {
			r, err := issuer.ReadRevocations(h.anonymous().want(200, "GET", "/api/v1/certificates/revocations", nil).body)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		kept := string(h.anonymous().accepting("application/json", address).body)
		f, err := credential.Verify(kept, did, h.clock.now())
		if err != nil || list().Has(f, nil) {
			t.Fatalf("before: %v", err)
		}
		chiefOfOther := h.invited("Chief Kask", site.invite(site.organisation("Other", ""), 1, "administrator"))
		chiefOfOther.refuse("not-found", "PUT", path("/certificates/%s/revocation", code), nil)
		mari.refuse("forbidden", "PUT", path("/certificates/%s/revocation", code), nil)
		chief := h.invited("Chief Tamm", site.invite(o, 1, "administrator"))
		chief.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
		chief.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
		if !list().Has(f, nil) {
			t.Error("the list does not have it")
		}
		h.anonymous().refuse("certificate-revoked", "GET", address, nil)
		var check struct{ Status string }
		h.anonymous().want(200, "GET", path("/certificates/%s", code), nil).decode(t, &check)
		if check.Status != "revoked" {
			t.Errorf("the check page says %s", check.Status)
		}
		text := string(h.anonymous().want(200, "GET", "/api/v1/certificates/revocations", nil).body)
		if strings.Contains(text, code) {
			t.Error("the list gives codes away")
		}
		if _, err := issuer.ReadRevocations([]byte(strings.Replace(text, `"revoked":["`, `"revoked":["0`, 1))); err == nil {
			t.Error("a changed list is believed")
		}
	})
}

// The QR code of a certificate is checked by the browser alone, and by the
// server where a form is sent.
func TestAQRCodeIsCheckedInTheBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	o := site.organisation("Authority", "")
	_, code := h.certified("Mari Tamm", site.invite(o, 1))
	cert, err := h.Learning.Certificate(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	p := h.publication()
	text := h.Issuer.Key().Statement(h.Issuer.Achievement(cert, p, p.Edition("en"), cert.Holder))
	foreign, err := credential.NewKey(bytes.Repeat([]byte{9}, 32))
	if err != nil {
		t.Fatal(err)
	}
	shown := func(c *chrome) string {
		var s string
		c.js(`[...document.querySelectorAll("#finding [data-state]")].filter(e => e.checkVisibility()).map(e => e.dataset.state).join()`, &s)
		return s
	}
	c := openChrome(t, h, 390, 844, false)
	c.open("/verify")
	for name, want := range map[string]string{
		text: "valid", text[:20] + "A" + text[21:]: "invalid", "HAVN1.x.y": "invalid",
		foreign.Statement(h.Issuer.Achievement(cert, p, p.Edition("en"), "Somebody Else")): "valid",
	} {
		c.open("/verify")
		c.js(`document.getElementById("finding").hidden = true; location.hash = "`+name+`"`, nil)
		got := ""
		for range 100 {
			if got = shown(c); got != "" && c.text("[data-here]") != "" {
				var hidden bool
				if c.js(`document.getElementById("finding").hidden`, &hidden); !hidden {
					break
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		if got != want {
			t.Errorf("%s: %q instead of %q", name[:10], got, want)
		}
		var foreignShown bool
		c.js(`document.querySelector("[data-foreign]").checkVisibility()`, &foreignShown)
		if isForeign := want == "valid" && name != text; foreignShown != isForeign {
			t.Errorf("%s: said to be of another server: %v", name[:10], foreignShown)
		}
	}
	c.open("/")
	c.open("/verify#" + text)
	c.picture("verify")
	b := h.stranger()
	if status, _, page := b.post("/verify", url.Values{"text": {text}}); status != 200 || !bytes.Contains(page, []byte("Mari Tamm")) || !bytes.Contains(page, []byte(`data-state="valid">`)) {
		t.Errorf("%d %s", status, page)
	}
	site.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
	if _, _, page := b.post("/verify", url.Values{"text": {text}}); !bytes.Contains(page, []byte(`data-state="revoked">`)) {
		t.Errorf("a withdrawn one: %s", page)
	}
	if _, _, page := b.post("/verify", url.Values{"text": {"<script>pwned(1)</script>"}}); !bytes.Contains(page, []byte(`data-state="invalid">`)) {
		t.Errorf("nonsense: %s", page)
	}
}
