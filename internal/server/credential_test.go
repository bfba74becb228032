package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

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
		if err != nil || list().Has(f) {
			t.Fatalf("before: %v", err)
		}
		chiefOfOther := h.invited("Chief Kask", site.invite(site.organisation("Other", ""), 1, "administrator"))
		chiefOfOther.refuse("not-found", "PUT", path("/certificates/%s/revocation", code), nil)
		mari.refuse("forbidden", "PUT", path("/certificates/%s/revocation", code), nil)
		chief := h.invited("Chief Tamm", site.invite(o, 1, "administrator"))
		chief.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
		chief.want(204, "PUT", path("/certificates/%s/revocation", code), nil)
		if !list().Has(f) {
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
