package server_test

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"havn/internal/learning"
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
	if want := "Quiz: Rights"; c.text("h1") != want {
		t.Errorf("after the pages: %q instead of %q", c.text("h1"), want)
	}
	c.open("/learning")
	if !strings.Contains(c.text("h1"), "No network") {
		t.Errorf("in place of what was not taken along: %q", c.text("h1"))
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

// With a course its quizzes come along: begun before the network goes away, answered
// and handed in without it, and judged when it is back. What the device has sent
// stays on its older pages; a story waits for what the server alone knows.
func TestAQuizIsHandedInWithoutNetwork(t *testing.T) {
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
	c.do(chromedp.Click("#take [data-go]"))
	c.until("taken", `!document.querySelector("[data-done]").hidden`)
	c.open("/courses/first-contact")
	c.until("worker", `navigator.serviceWorker.controller !== null`)

	w.cut(true)
	c.open("/courses/first-contact/quiz/m1-quiz")
	c.click("main a.button")
	_, attempt, begun := strings.Cut(strings.Split(c.where(), "?")[0], "/attempts/")
	if !begun {
		t.Fatalf("the quiz is not begun: %s %s", c.where(), c.text("h1"))
	}
	answer := func(n int) (question, value string) {
		c.open("/attempts/" + attempt + "?q=" + strconv.Itoa(n))
		var api string
		c.js(`document.getElementById("answer").dataset.api`, &api)
		c.js(`(() => { const field = document.querySelectorAll("#answer [name=value]")[1]; field.click(); return field.value })()`, &value)
		return api[strings.LastIndexByte(api, '/')+1:], value
	}
	first, one := answer(1)
	c.until("kept", `document.querySelector(".saved").textContent === "Saved on this device"`)
	w.cut(false)
	c.until("sent", `document.getElementById("waiting").hidden && document.querySelector(".saved").textContent === "Saved"`)
	w.cut(true)
	c.open("/attempts/" + attempt + "?q=1") // from the shelf, where it is not answered
	c.until("what was sent is shown", `document.querySelectorAll("#answer [name=value]")[1].checked && document.querySelector(".saved").textContent === "Saved"`)
	second, two := answer(2)
	c.until("kept", `document.querySelector(".saved").textContent === "Saved on this device"`)
	for n := 3; ; n++ {
		c.open("/attempts/" + attempt + "?q=" + strconv.Itoa(n))
		var story bool
		if c.js(`document.getElementById("answer").dataset.type === "scenario"`, &story); story {
			break
		}
	}
	c.js(`document.querySelector("#answer [name=step]").click()`, nil)
	c.until("the story waits", `document.querySelector(".saved").textContent.startsWith("This story goes on when the network is back")`)

	c.open("/attempts/" + attempt + "/check")
	c.until("told", `[...document.querySelectorAll("[data-answer]")].map(e => e.textContent).join().startsWith("Saved,Saved on this device,no answer yet")`)
	c.do(chromedp.Click(".actions .button:last-child", chromedp.ByQuery))
	c.until("handing in waits", `document.querySelector("[role=alert]")?.textContent.startsWith("Your answers are handed in as soon as")`)
	if n := c.kept(); n != 3 {
		t.Errorf("%d are on the device instead of two answers and the hand-in", n)
	}
	c.picture("hand-in-waits")
	c.do(chromedp.Navigate("about:blank"))
	w.cut(false)
	c.open("/")
	c.until("handed in", `document.querySelector("[role=alert] a")?.pathname === "/attempts/`+attempt+`/result"`)
	c.picture("handed-in")
	var o learning.Outcome
	direct.want(200, "PUT", path("/attempts/%s/submission", attempt), nil).decode(t, &o)
	want := map[string]string{first: one, second: two}
	for _, q := range o.Questions {
		if q.Response != nil && q.Response.Choice != nil && want[q.ID] == *q.Response.Choice {
			delete(want, q.ID)
		}
	}
	if len(want) > 0 {
		t.Errorf("handed in without %v: %+v", want, o.Questions)
	}
	c.until("nothing is left", `document.getElementById("waiting").hidden`)
	if n := c.kept(); n != 0 {
		t.Errorf("%d are left on the device", n)
	}
}

// After an update pages name other scripts; those come onto the shelf with the
// pages, so that they work without network.
func TestAnUpdateReachesTheShelf(t *testing.T) {
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
	c.do(chromedp.Click("#take [data-go]"))
	c.until("taken", `!document.querySelector("[data-done]").hidden`)
	// The shelf of an older release has none of today's files.
	c.do(chromedp.Evaluate(`(async () => { const shelf = await caches.open("havn-shelf"); for (const k of await shelf.keys()) if (k.url.includes("/static/")) await shelf.delete(k); })()`, nil, promised), network.ClearBrowserCache())
	c.open("/courses/first-contact/m1-rights")
	c.until("worker", `navigator.serviceWorker.controller !== null`)
	c.open("/courses/first-contact/m1-rights")
	c.do(network.ClearBrowserCache())
	w.cut(true)
	c.open("/courses/first-contact/m1-rights")
	c.until("it works", `window.outbox !== undefined && getComputedStyle(document.querySelector(".button")).borderRadius !== "0px"`)
}

// Whose session has ended still sees that answers wait, and how many; nothing of
// what they are.
func TestWhatWaitsIsToldAfterTheSessionHasEnded(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", mari.token).WithURL(h.URL))
	c.open("/attempts/" + a.ID + "?q=1")
	mari.want(204, "DELETE", "/api/v1/sessions/current", nil)
	h.clock.advance(2 * time.Second)
	c.js(`document.querySelector("#answer [name=value]").click()`, nil)
	c.until("kept", `document.querySelector(".saved").textContent === "Saved on this device"`)
	c.open("/")
	c.until("told", `!document.getElementById("waiting").hidden`)
	if told := c.text("#waiting"); !strings.Contains(told, "wait until their owner signs in: 1") {
		t.Errorf("it says %q", told)
	}
	a.c = h.signIn("mari.tamm@example.org")
	c.do(network.SetCookie("havn", a.c.token).WithURL(h.URL))
	c.open("/")
	c.until("sent", `document.getElementById("waiting").hidden`)
	for range 100 {
		if a.saved(a.Questions[0].ID) != "" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("it did not go up after signing in")
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
