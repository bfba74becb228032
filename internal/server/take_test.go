package server_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"havn/internal/server"
	"havn/internal/store/storetest"
)

// wire stands between browsers and the server, and can be cut: for the worker
// of a page too, which a browser's own switch does not reach.
type wire struct {
	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

// stretch makes a wire to an address, and gives its own.
func stretch(t *testing.T, to func() string) (*wire, string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	w := &wire{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go w.join(c, to())
		}
	}()
	return w, l.Addr().String()
}

func (w *wire) join(c net.Conn, to string) {
	var dialer net.Dialer
	far, err := dialer.DialContext(context.Background(), "tcp", to)
	w.mu.Lock()
	if err != nil || w.down {
		w.mu.Unlock()
		_ = c.Close()
		return
	}
	w.conns = append(w.conns, c, far)
	w.mu.Unlock()
	go func() { _, _ = io.Copy(far, c); _ = far.Close() }()
	_, _ = io.Copy(c, far)
	_ = c.Close()
}

func (w *wire) cut(down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down = down
	if down {
		for _, c := range w.conns {
			_ = c.Close()
		}
		w.conns = nil
	}
}

// A course that was taken along is read to its end without the network; what was
// read is noted when the network is back; signing out leaves nothing.
func TestACourseIsTakenAlong(t *testing.T) {
	t.Parallel()
	var h *havn
	far := ""
	w, address := stretch(t, func() string { return far })
	h = startWith(t, storetest.SQLite().New(t).Open(t), sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) {
		far = strings.TrimPrefix(c.BaseURL, "http://")
		c.BaseURL = "http://" + address
	})
	direct := h.enrolled("Mari Tamm")
	h.URL = "http://" + address
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", direct.token).WithURL(h.URL))
	c.open("/courses/first-contact")
	c.until("offered", `!document.getElementById("take").hidden`)
	if !strings.Contains(c.text("#take"), "kB") {
		t.Errorf("the size is not told: %s", c.text("#take"))
	}
	c.do(chromedp.Click("#take [data-go]"))
	c.until("taken", `document.querySelector("[data-done]").checkVisibility() && document.querySelector("[data-away]").checkVisibility()`)
	var offered bool
	if c.js(`document.querySelector("[data-go]").checkVisibility()`, &offered); offered {
		t.Error("what is taken already is offered")
	}
	c.picture("taken")
	c.open("/courses/first-contact") // from now on the worker answers
	c.until("worker", `navigator.serviceWorker.controller !== null`)

	w.cut(true)
	for _, page := range h.publication().Course.Modules[0].Pages {
		c.open("/courses/first-contact/" + page)
		if want := h.publication().Editions["en"].Pages[page].Title; c.text("h1") != want {
			t.Fatalf("without network %s shows %q instead of %q", page, c.text("h1"), want)
		}
		var styled bool
		c.js(`getComputedStyle(document.querySelector(".button")).borderRadius !== "0px"`, &styled)
		if !styled {
			t.Errorf("%s has lost its style", page)
		}
		c.click("form.actions button")
	}
	if !strings.Contains(c.text("h1"), "No network") { // the quiz was not taken along
		t.Errorf("in place of the quiz: %q", c.text("h1"))
	}
	c.picture("offline")
	w.cut(false)
	c.open("/account")
	c.until("sent", `document.getElementById("waiting").hidden`)
	var e struct {
		Progress struct {
			PagesRead int `json:"pages_read"`
		}
	}
	for range 100 {
		if direct.do("GET", "/api/v1/enrolments/first-contact", nil).decode(t, &e); e.Progress.PagesRead == 2 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if e.Progress.PagesRead != 2 {
		t.Errorf("%d pages are noted", e.Progress.PagesRead)
	}
	c.click("form[action='/sign-out'] button")
	var left int
	c.do(chromedp.Evaluate(`caches.keys().then(k => k.length)`, &left, promised))
	if left != 0 {
		t.Errorf("%d shelves are left after signing out", left)
	}
}

// An attempt that was begun before the network went away is answered on, question
// after question, and everything is there when it is back.
func TestAQuizIsAnsweredWithoutNetwork(t *testing.T) {
	t.Parallel()
	var h *havn
	far := ""
	w, address := stretch(t, func() string { return far })
	h = startWith(t, storetest.SQLite().New(t).Open(t), sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) {
		far = strings.TrimPrefix(c.BaseURL, "http://")
		c.BaseURL = "http://" + address
	})
	direct := h.enrolled("Mari Tamm")
	a := direct.start("m1-quiz")
	h.URL = "http://" + address
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", direct.token).WithURL(h.URL))
	c.open("/courses/first-contact")
	c.until("offered", `!document.getElementById("take").hidden`)
	c.do(chromedp.Click("#take [data-go]"))
	c.until("taken", `!document.querySelector("[data-done]").hidden`)
	c.open("/attempts/" + a.ID + "?q=1")
	c.until("shelved", `navigator.serviceWorker.controller !== null`)
	c.do(chromedp.Evaluate(`(async () => { for (let n = 0; n < 200; n++) {
		const keys = await (await caches.open("havn-shelf")).keys();
		if (keys.filter(k => k.url.includes("/attempts/")).length === Number(document.getElementById("answer").dataset.of) + 1) return;
		await new Promise(done => setTimeout(done, 20));
	} })()`, nil, promised))

	w.cut(true)
	chosen := map[string]string{}
	for n := range 2 { // a true-false and a single choice
		c.until("question", `document.getElementById("answer") !== null && document.getElementById("answer").dataset.of > 0`)
		var api, value string
		c.js(`document.getElementById("answer").dataset.api`, &api)
		c.js(`(() => { const field = document.querySelectorAll("#answer [name=value]")[1]; field.click(); return field.value })()`, &value)
		c.until("kept", `document.querySelector(".saved").textContent === "Saved on this device"`)
		chosen[api[strings.LastIndexByte(api, '/')+1:]] = value
		if n == 0 {
			c.click("#answer .actions .button:last-child")
		}
	}
	c.open("/attempts/" + a.ID + "?q=1")
	c.until("shown again", `document.querySelectorAll("#answer [name=value]")[1].checked && document.querySelector(".saved").textContent === "Saved on this device"`)
	if n := c.kept(); n != 2 {
		t.Errorf("%d answers wait", n)
	}
	w.cut(false)
	c.open("/")
	c.until("sent", `document.getElementById("waiting").hidden`)
	if len(chosen) != 2 {
		t.Errorf("two questions were not answered: %v", chosen)
	}
	for question, want := range chosen {
		for range 100 {
			if a.saved(question) == want {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		if got := a.saved(question); got != want {
			t.Errorf("%s: the server has %q instead of %q", question, got, want)
		}
	}
}

// Where others use the device nothing is taken along.
func TestNothingIsTakenAlongOnASharedDevice(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.enrolled("Mari Tamm")
	var s struct{ Token string }
	h.anonymous().want(201, "POST", "/api/v1/sessions", m{"email": "mari.tamm@example.org", "password": password, "shared": true}).decode(t, &s)
	shared, own := h.browserOf(&client{h: h, token: s.Token}), h.browser("mari.tamm@example.org")
	if _, _, page := shared.get("/courses/first-contact"); strings.Contains(string(page), `id="take"`) {
		t.Error("a shared device is offered it")
	}
	if _, _, page := own.get("/courses/first-contact"); !strings.Contains(string(page), `id="take"`) {
		t.Error("one's own device is not offered it")
	}
}
