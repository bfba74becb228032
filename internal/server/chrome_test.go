package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"havn/courses"
	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/store/sqlite"
)

// chrome is a real browser on a page of the server under test.
type chrome struct {
	t   testing.TB
	h   *havn
	ctx context.Context
	// rest is what the hand waits after each key; a benchmark's, so that its own
	// questions to the page are not measured.
	rest time.Duration
}

// chromium is where the browser is. The test is skipped where there is none; in
// CI it must be there.
func chromium(t testing.TB) string {
	t.Helper()
	binary, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("Chromium is not installed, and CI needs it")
		}
		t.Skip("Chromium is not installed, so the pages are not tried in a browser")
	}
	return binary
}

// openChrome starts Chromium.
func openChrome(t testing.TB, h *havn, width, height int64, dark bool) *chrome {
	t.Helper()
	return openChromeFor(t, 3*time.Minute, h, width, height, dark)
}

// openChromeFor starts one that is stopped after some time at the latest.
func openChromeFor(t testing.TB, limit time.Duration, h *havn, width, height int64, dark bool) *chrome {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	browser, _ := chromedp.NewContext(allocator)
	ctx, cancel := context.WithTimeout(browser, limit)
	t.Cleanup(func() {
		_ = chromedp.Cancel(browser) // waits until the browser has left its folder
		cancel()
	})
	c := &chrome{t: t, h: h, ctx: ctx}
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	c.do(chromedp.EmulateViewport(width, height), emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}))
	return c
}

func (c *chrome) do(actions ...chromedp.Action) {
	c.t.Helper()
	if err := chromedp.Run(c.ctx, actions...); err != nil {
		c.t.Fatalf("%v at %s", err, c.where())
	}
}

func (c *chrome) where() string {
	var url string
	_ = chromedp.Run(c.ctx, chromedp.Location(&url))
	return url
}

func (c *chrome) open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.h.URL + path))
}

// js evaluates an expression in the page.
func (c *chrome) js(expression string, into any) {
	c.t.Helper()
	c.do(chromedp.Evaluate(expression, into))
}

// click clicks what the selector finds and waits for the page that follows.
func (c *chrome) click(selector string) {
	c.t.Helper()
	c.js(`document.documentElement.dataset.old = "yes"`, nil)
	c.do(chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
	c.turn()
}

// turn waits until another page has come. While pages change, questions to
// them fail; they are asked again.
func (c *chrome) turn() {
	c.t.Helper()
	for range 500 {
		var there bool
		err := chromedp.Run(c.ctx, chromedp.Evaluate(`document.documentElement.dataset.old !== "yes" && document.readyState === "complete"`, &there))
		if err == nil && there {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatalf("no other page follows %s", c.where())
}

func (c *chrome) text(selector string) string {
	c.t.Helper()
	var s string
	c.js(fmt.Sprintf(`(document.querySelector(%q) || {textContent: ""}).textContent`, selector), &s)
	return strings.TrimSpace(s)
}

// picture keeps a screenshot where HAVN_TEST_PICTURES names a folder.
func (c *chrome) picture(name string) {
	c.t.Helper()
	dir := os.Getenv("HAVN_TEST_PICTURES")
	if dir == "" {
		return
	}
	var png []byte
	c.do(chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// respond answers the question on the screen by the key, or wrongly.
func (c *chrome) respond(p *course.Publication, right bool) {
	c.t.Helper()
	var id string
	c.js(`document.querySelector("#answer").action.split("/").pop()`, &id)
	q := p.Questions[id]
	if q.Type == course.Scenario {
		for range 8 {
			var step string
			c.js(`(document.querySelector("button[name=step]") || {value: ""}).value`, &step)
			if step == "" {
				return
			}
			node, _, _ := strings.Cut(step, ":")
			c.click(fmt.Sprintf(`button[name=step][value=%q]`, node+":"+bestChoice(q, node, right)))
		}
		return
	}
	r := key(q)
	if r == nil || !right {
		if q.Type == course.Single || q.Type == course.TrueFalse {
			for _, o := range q.Options {
				if o != q.Key.Choice {
					r = &assessment.Response{Choice: &o}
				}
			}
		} else {
			return
		}
	}
	text, _ := json.Marshal(r)
	c.js(`(r => {
		const form = document.querySelector("#answer");
		const set = (e, v) => { e.value = v; e.dispatchEvent(new Event("change", {bubbles: true})); };
		if (r.choice) form.querySelector('[name=value][value="' + r.choice + '"]').click();
		for (const id of r.choices || []) form.querySelector('[name=choices][value="' + id + '"]').click();
		(r.order || []).forEach((id, i) => set(form.querySelector('[name="place.' + id + '"]'), i + 1));
		for (const id in r.pairs || {}) set(form.querySelector('[name="pair.' + id + '"]'), r.pairs[id]);
		if ("number" in r) set(form.querySelector("[name=value]"), r.number);
		if (r.date || r.text) set(form.querySelector("[name=value]"), r.date || r.text);
	})(`+string(text)+`)`, nil)
	c.do(chromedp.Poll(`document.querySelector(".saved .good") !== null`, nil, chromedp.WithPollingTimeout(10*time.Second)))
}

// bestChoice is the choice at a node that leads to the most points, or to the least.
func bestChoice(q *course.Question, node string, right bool) string {
	var from func(id string) float64
	from = func(id string) float64 {
		most := 0.0
		for choice, next := range q.Nodes[id].Choices {
			most = max(most, q.Nodes[id].Points[choice]+from(next))
		}
		return most
	}
	best, value := "", -1.0
	for choice, next := range q.Nodes[node].Choices {
		v := q.Nodes[node].Points[choice] + from(next)
		if !right {
			v = 1000 - v
		}
		if v > value {
			best, value = choice, v
		}
	}
	return best
}

// TestAPersonTakesTheCourseInABrowser is the whole way, on a phone, with the
// real course: register, read in Estonian, switch to Arabic in the middle of
// the quiz, not pass, try again, pass, and hold a certificate.
func TestAPersonTakesTheCourseInABrowser(t *testing.T) {
	t.Parallel()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, e, courses.FS)
	p, ok := h.Library.Current("children-on-the-move")
	if !ok {
		t.Fatal("the course is not published")
	}
	c := openChrome(t, h, 390, 844, false)

	c.open("/sign-up?lang=et&next=/courses/children-on-the-move")
	c.do(chromedp.SendKeys("[name=name]", "Mari Tamm"), chromedp.SendKeys("[name=email]", "mari@example.org"), chromedp.SendKeys("[name=password]", password))
	c.do(chromedp.Click("form[action='/sign-up'] [name=age][value=adult]"))
	c.picture("sign-up-et")
	c.click("form .button")
	c.click("form[action$=enrolment] .button")
	for i, id := range p.Course.Modules[0].Pages {
		if !strings.HasSuffix(c.where(), "/"+id) {
			t.Fatalf("page %d is %s", i+1, c.where())
		}
		if lang := c.text("h1"); lang == "" {
			t.Fatalf("%s has no heading", id)
		}
		var wide bool
		c.js(`document.documentElement.scrollWidth > innerWidth`, &wide)
		if wide {
			t.Errorf("%s is wider than the screen", id)
		}
		c.picture("lesson-et-" + id)
		c.readOn()
	}

	// The quiz, badly: half of it in Estonian, the rest in Arabic.
	c.picture("quiz-intro-et")
	c.click("form .button")
	before := c.text(".attempt > .small")
	c.respond(p, false)
	c.click(".actions button[value*='q=2']")
	c.do(chromedp.Click(".languages summary", chromedp.ByQuery))
	c.click("button[name=switch][value=ar]")
	var dir string
	c.js(`document.documentElement.dir + document.documentElement.lang`, &dir)
	if dir != "rtlar" {
		t.Fatalf("after the switch: %q", dir)
	}
	if after := c.text(".attempt > .small"); after == before || !strings.Contains(after, "2") {
		t.Errorf("the question changed with the language: %q, %q", before, after)
	}
	c.finishQuiz(p, false, "ar")
	if s := c.text("h1"); !strings.Contains(s, "ليس بعد") {
		t.Fatalf("not passed, and told: %q", s)
	}
	c.picture("result-ar-not-yet")

	// Again, well.
	c.click("a.button[href*='/quiz/']")
	c.click("form .button")
	c.finishQuiz(p, true, "ar-again")
	if s := c.text("h1"); !strings.Contains(s, "اجتزت") {
		t.Fatalf("passed, and told: %q", s)
	}
	c.picture("result-ar-passed")

	// Module 2 and the certificate.
	c.click("a.button")
	for range p.Course.Modules[1].Pages {
		c.readOn()
	}
	c.click("form .button")
	c.finishQuiz(p, true, "m2")
	c.click(".notice.good a")
	c.picture("certificate-ar")
	if s := c.text(".holder"); s != "Mari Tamm" {
		t.Errorf("the certificate is %q's", s)
	}
	var pdf string
	c.do(chromedp.Evaluate(`fetch(document.querySelector("a[href*='.pdf']").href).then(r => r.text()).then(s => s.slice(0, 5))`, &pdf, chromedp.EvalAsValue, awaitPromise))
	if pdf != "%PDF-" {
		t.Errorf("the download begins with %q", pdf)
	}
	c.open("/?lang=et")
	c.picture("start-et-done")
	c.open("/account")
	c.picture("account-et")
}

// readOn reads the page and goes to the next; a content note first.
func (c *chrome) readOn() {
	c.t.Helper()
	var note bool
	if c.js(`document.querySelector(".actions [href='?read=1']") !== null`, &note); note {
		c.click(".actions [href='?read=1']")
	}
	c.click(".actions button")
}

// finishQuiz answers what is left from the screen it is on, and hands in.
func (c *chrome) finishQuiz(p *course.Publication, right bool, name string) {
	c.t.Helper()
	for n := range 30 {
		if strings.HasSuffix(c.where(), "/check") {
			c.picture("check-" + name)
			c.click(".actions button")
			return
		}
		c.respond(p, right)
		c.picture(fmt.Sprintf("question-%s-%02d", name, n))
		c.click(".actions .button:not(.quiet)")
	}
	c.t.Fatal("the quiz does not end")
}

func awaitPromise(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
