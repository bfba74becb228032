package server_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"havn/internal/assessment"
	"havn/internal/store/storetest"
)

// cut takes the network away from the browser, or gives it back.
func (c *chrome) cut(off bool) {
	c.t.Helper()
	c.do(network.Enable(), network.EmulateNetworkConditions(off, 0, -1, -1))
}

// until waits for an expression to be true in the page.
func (c *chrome) until(what, expression string) {
	c.t.Helper()
	for range 1500 { // half a minute: a busy machine is slow, and a promise that is kept does not wait
		var is bool
		if err := chromedp.Run(c.ctx, chromedp.Evaluate(expression, &is)); err == nil && is {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("%s does not come true at %s", what, c.where())
}

// saved is what the server has of an answer, "" nothing.
func (a *attempt) saved(question string) string {
	a.c.h.t.Helper()
	var v struct {
		Questions []struct {
			ID       string
			Response *assessment.Response
		}
	}
	a.c.want(200, "GET", path("/attempts/%s", a.ID), nil).decode(a.c.h.t, &v)
	for _, q := range v.Questions {
		if q.ID == question && q.Response != nil && q.Response.Choice != nil {
			return *q.Response.Choice
		}
	}
	return ""
}

// The network goes away in the middle of a quiz. Each answer is on the device
// before the page says so, outlives the page and the network, and goes up by
// itself from whatever page is opened next, the newest only.
func TestAnswersOutliveTheNetwork(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	at := 0
	for n, q := range a.Questions {
		if q.ID == "q-first" {
			at = n + 1
		}
	}
	c := openChrome(t, h, 390, 844, false)
	c.open("/sign-in?next=/account")
	c.do(chromedp.SendKeys("form[action='/sign-in'] [name=email]", "mari.tamm@example.org"), chromedp.SendKeys("[name=password]", password))
	c.click("form[action='/sign-in'] .button")
	page := "/attempts/" + a.ID + "?q=" + strconv.Itoa(at)
	c.open(page)
	var api string
	c.js(`document.getElementById("answer").dataset.api`, &api)
	question := api[strings.LastIndexByte(api, '/')+1:]
	first, second := "#answer label:nth-of-type(1) input, #answer li:nth-of-type(1) input", "#answer label:nth-of-type(2) input, #answer li:nth-of-type(2) input"
	choose := func(selector string) {
		c.js(`document.querySelector("`+selector+`").click()`, nil)
	}
	value := func(selector string) (s string) {
		c.js(`document.querySelector("`+selector+`").value`, &s)
		return s
	}
	choose(first)
	c.until("saved", `document.querySelector(".saved").textContent === "Saved"`)
	if got := a.saved(question); got != value(first) {
		t.Fatalf("the server has %q", got)
	}

	c.cut(true)
	choose(second)
	c.until("saved on the device", `document.querySelector(".saved").textContent === "Saved on this device" && !document.getElementById("waiting").hidden`)
	if !strings.HasSuffix(strings.TrimSpace(c.text("#waiting")), "1") {
		t.Errorf("what waits: %s", c.text("#waiting"))
	}
	c.picture("outbox-waiting")
	if got := a.saved(question); got == value(second) {
		t.Fatal("the network was not cut")
	}
	want := value(second)
	c.do(chromedp.Navigate("about:blank")) // the page is gone before the network is back
	c.cut(false)
	c.open("/")
	c.until("sent", `document.getElementById("waiting").hidden`)
	for range 100 {
		if a.saved(question) == want {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if got := a.saved(question); got != want {
		t.Errorf("the server has %q instead of %q", got, want)
	}

	// Of two devices the answer that was given last counts, and the other is told.
	c.open(page)
	c.cut(true)
	choose(first)
	c.until("waiting", `!document.getElementById("waiting").hidden`)
	later := h.clock.now().Add(time.Hour).UnixMilli()
	mari.want(200, "PUT", api, m{"response": m{"choice": want}, "given": m{"at": later, "device": "other"}})
	c.cut(false)
	c.until("told", `document.querySelector(".saved").textContent.startsWith("A later answer to this question is there")`)
	if got := a.saved(question); got != want {
		t.Errorf("the server has %q instead of the later %q", got, want)
	}

	// An answer that comes too late is said to be, and does not wait for ever.
	c.open(page)
	c.cut(true)
	choose(first)
	c.until("waiting", `!document.getElementById("waiting").hidden`)
	a.submit()
	c.cut(false)
	c.until("told", `document.getElementById("waiting").hidden && document.querySelector("[role=alert]") !== null`)
	if told := c.text("main [role=alert]"); !strings.Contains(told, "An answer that waited here was not taken") {
		t.Errorf("it says %q", told)
	}
}

// Answers of one person never go up as another's.
func TestWhatWaitsIsItsOwners(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	h.learner("Jonas Petraitis")
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", h.signIn("mari.tamm@example.org").token).WithURL(h.URL))
	c.open("/account")
	c.cut(true)
	c.js(`window.outbox.keep("/api/v1/attempts/x/answers/y", "{}")`, nil)
	c.until("waiting", `!document.getElementById("waiting").hidden`)
	c.do(network.SetCookie("havn", h.signIn("jonas.petraitis@example.org").token).WithURL(h.URL))
	c.cut(false) // the page is still Mari's, the session is Jonas's already
	c.open("/account")
	c.until("loaded", `window.outbox !== undefined`)
	left := c.kept()
	var shown bool
	c.js(`!document.getElementById("waiting").hidden`, &shown)
	if left != 1 || shown {
		t.Errorf("%d wait, shown to another person: %v", left, shown)
	}
}

// kept is how many answers the device holds, whosever they are.
func (c *chrome) kept() (n int) {
	c.t.Helper()
	c.do(chromedp.Evaluate(`new Promise(done => {
		const request = indexedDB.open("havn", 1);
		request.onsuccess = () => {
			const count = request.result.transaction("answers").objectStore("answers").count();
			count.onsuccess = () => { request.result.close(); done(count.result); };
		};
	})`, &n, promised))
	return n
}

// promised lets an evaluation wait for its promise.
func promised(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
