package server_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"havn/internal/server"
	"havn/internal/store/storetest"
)

// raw sends bytes as they are and reads what comes until the server closes or
// falls silent.
func (h *havn) raw(t *testing.T, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(time.Second))
	if _, err := c.Write([]byte(text)); err != nil {
		return ""
	}
	var b strings.Builder
	r := bufio.NewReader(c)
	for {
		part, err := r.ReadString('\n')
		b.WriteString(part)
		if err != nil {
			return b.String()
		}
	}
}

// Row 34: however a request is framed, it is one request or none; no second one
// hides in it.
func TestARequestIsOneRequest(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	hidden := "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
	post := "POST /api/v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"length and chunks":          post + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", len(hidden)+5) + hidden,
		"two lengths":                post + "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + hidden,
		"a length with a sign":       post + "Content-Length: +2\r\n\r\n{}" + hidden,
		"chunks twice":               post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
		"chunks in disguise":         post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
		"a bare line end in a chunk": post + "Transfer-Encoding: chunked\r\n\r\n2;x\n{}\r\n0\r\n\r\n" + hidden,
		"a space before the colon":   post + "Content-Length : 2\r\n\r\n{}" + hidden,
	} {
		got := h.raw(t, text)
		if n := strings.Count(got, "HTTP/1.1 "); n > 1 && strings.Contains(got, "\nok\n") {
			t.Errorf("%s: %d answers: %s", name, n, got)
		}
		if strings.Contains(got, "HTTP/1.1 2") && !strings.HasPrefix(got, "HTTP/1.1 2") {
			t.Errorf("%s: a second request was answered: %s", name, got)
		}
	}
	for name, text := range map[string]string{
		"a folded header": "GET /livez HTTP/1.1\r\nHost: x\r\nX-A: 1\r\n Host: evil\r\n\r\n",
		"no host":         "GET / HTTP/1.1\r\n\r\n",
		"nonsense":        "\x00\x01\x02\r\n\r\n",
	} {
		if got := h.raw(t, text); strings.Count(got, "HTTP/1.1 ") > 1 || strings.Contains(got, "evil") || strings.Contains(got, "HTTP/1.1 5") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// Behind proxies that the operator named, the log has the address of the client
// and not what the client made up.
func TestTheLogHasTheClientBehindAProxy(t *testing.T) {
	t.Parallel()
	h := startWith(t, storetest.SQLite().New(t).Open(t), sample(t, nil), func(c *server.Config) {
		c.Proxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	for sent, want := range map[string]string{
		"": "127.0.0.1", "203.0.113.7": "203.0.113.7", "1.2.3.4, 203.0.113.7": "203.0.113.7", "1.2.3.4, 203.0.113.7, 10.1.1.1": "203.0.113.7",
		"nonsense": "127.0.0.1", "<script>, 10.1.1.1": "10.1.1.1", "::ffff:203.0.113.7": "203.0.113.7",
	} {
		req, _ := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/v1/sessions", strings.NewReader(`{"email":"nobody@example.org","password":"x"}`))
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Forwarded-For", sent)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		page, err := h.Audit.List(t.Context(), "", "", 1)
		if err != nil || page.Items[0].From != want {
			t.Errorf("%q: %v %+v", sent, err, page.Items)
		}
		h.clock.advance(time.Hour)
	}
}

// What a stranger says of the way that a request came is not believed.
func TestForwardedHeadersAreNotBelieved(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	req, _ := http.NewRequestWithContext(t.Context(), "POST", h.URL+"/api/v1/sessions", strings.NewReader(`{"email":"nobody@example.org","password":"x"}`))
	for name, value := range map[string]string{
		"Content-Type": "application/json", "X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Forwarded": "for=203.0.113.7",
	} {
		req.Header.Set(name, value)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.Header.Get("Strict-Transport-Security") != "" {
		t.Error("the server believes to be reached by https")
	}
	page, err := h.Audit.List(t.Context(), "", "", 5)
	if err != nil || len(page.Items) == 0 {
		t.Fatal(err)
	}
	for _, e := range page.Items {
		if e.From != "" && e.From != "127.0.0.1" {
			t.Errorf("the log has %s", e.From)
		}
	}
}
