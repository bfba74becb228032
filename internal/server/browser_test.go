package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// browser is a browser without JavaScript: it keeps cookies and posts forms.
type browser struct {
	h    *havn
	http *http.Client
}

// browser signs in through the form.
func (h *havn) browser(email string) *browser {
	h.t.Helper()
	b := h.stranger()
	status, to, _ := b.post("/sign-in", url.Values{"email": {email}, "password": {password}, "next": {"/account"}})
	if status != 303 || to != "/account" {
		h.t.Fatalf("sign-in: %d to %q", status, to)
	}
	return b
}

func (b *browser) get(path string) (int, http.Header, []byte) {
	b.h.t.Helper()
	res, err := b.http.Get(b.h.URL + path)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return res.StatusCode, res.Header, body
}

// post sends a form and tells where the answer leads.
func (b *browser) post(path string, form url.Values) (status int, to string, body []byte) {
	b.h.t.Helper()
	res, err := b.http.Post(b.h.URL+path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err = io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), body
}

var csrfField = regexp.MustCompile(`name="csrf" content="([0-9a-f]+)"`)

func (b *browser) csrf() string {
	b.h.t.Helper()
	_, _, body := b.get("/account")
	m := csrfField.FindSubmatch(body)
	if m == nil {
		b.h.t.Fatalf("no token in the page:\n%s", body)
	}
	return string(m[1])
}

// browserOf is a browser that holds the session of a client.
func (h *havn) browserOf(c *client) *browser {
	h.t.Helper()
	u, err := url.Parse(h.URL)
	if err != nil {
		h.t.Fatal(err)
	}
	b := h.stranger()
	b.http.Jar.SetCookies(u, []*http.Cookie{{Name: "havn", Value: c.token}})
	return b
}

// stranger is a browser in which nobody has signed in.
func (h *havn) stranger() *browser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	return &browser{h: h, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}
