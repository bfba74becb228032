package outbound

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestOnlyTheOpenInternetIsPublic(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::",
		"fc00::1", "fe80::1", "ff02::1", "224.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:169.254.169.254", "240.0.0.1", "255.255.255.255", "::127.0.0.1", "2001:0:7f00:1::",
		"::ffff:0:7f00:1", "64:ff9b::7f00:1%lo", "2002:7f00:1::%lo", "::127.0.0.1%lo", "fe80::1%lo", "fc00::1%lo"} {
		if Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is taken for public", a)
		}
	}
	for _, a := range []string{"8.8.8.8", "193.40.0.1", "2001:67c:2e8::1", "2a00:1450::1"} {
		if !Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not taken for public", a)
		}
	}
}

// However the loopback is written, nothing arrives there.
func TestNoRequestLeadsInwards(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int32
	inner := httptest.NewUnstartedServer(http.NotFoundHandler())
	inner.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			arrived.Add(1)
		}
	}
	inner.Start()
	t.Cleanup(inner.Close)
	port := inner.URL[strings.LastIndexByte(inner.URL, ':'):]
	client := Client(Options{Timeout: 2 * time.Second})
	for host, guarded := range map[string]bool{
		"127.0.0.1": true, "127.9.9.9": true, "localhost": true, "[::ffff:127.0.0.1]": true, "[::1]": true, "0.0.0.0": true, "[64:ff9b::7f00:1%25lo]": true,
		"169.254.169.254": true, "2130706433": false, "0177.0.0.1": false, "0x7f000001": false, "127.1": false, // names, which may not resolve at all
	} {
		res, err := client.Get("http://" + host + port + "/")
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s answered", host)
		} else if guarded && !errors.Is(err, ErrInside) {
			t.Errorf("%s was not stopped by the guard: %v", host, err)
		}
	}
	if n := arrived.Load(); n > 0 {
		t.Errorf("%d connections arrived", n)
	}
}

func TestAnAnswerIsBounded(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/endless":
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		case "/full":
			_, _ = w.Write(make([]byte, MaxBody))
		case "/drops":
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("x"))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(20 * time.Millisecond)
			}
		case "/silent":
			<-r.Context().Done()
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)
	client := Client(Options{Private: true, Timeout: 500 * time.Millisecond})
	read := func(path string) (int64, error) {
		res, err := client.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		return io.Copy(io.Discard, res.Body)
	}
	if n, err := read("/endless"); !errors.Is(err, ErrTooLarge) || n > MaxBody {
		t.Errorf("%d bytes of an endless answer: %v", n, err)
	}
	if n, err := read("/full"); err != nil || n != MaxBody {
		t.Errorf("%d bytes of an answer as large as may be: %v", n, err)
	}
	began := time.Now()
	if n, err := read("/drops"); err == nil {
		t.Errorf("%d bytes of an answer that drips", n)
	}
	for path, want := range map[string]error{"/silent": nil, "/away": ErrRedirect, "/round": ErrRedirect} {
		res, err := client.Get(s.URL + path)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s answered", path)
		}
		if want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if elsewhere.Load() > 0 {
		t.Error("a redirect was followed to another host")
	}
	if time.Since(began) > 10*time.Second {
		t.Error("silence was waited for")
	}
}

func TestNothingSaidMeansFiveSecondsAndNoProxy(t *testing.T) {
	t.Parallel()
	c := Client(Options{})
	if c.Timeout != 5*time.Second {
		t.Errorf("%s", c.Timeout)
	}
	if c.Transport.(bounded).RoundTripper.(*http.Transport).Proxy != nil {
		t.Error("a proxy may stand between")
	}
}
