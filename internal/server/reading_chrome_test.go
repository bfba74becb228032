package server_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"havn/courses"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/server"
	"havn/internal/store/sqlite"
)

// reader is somebody on a page of the real course, in a browser.
func reader(t *testing.T, set func(*server.Config)) (*chrome, *client) {
	t.Helper()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := startWith(t, e, courses.FS, set)
	mari := h.learner("Mari Tamm")
	mari.want(201, "PUT", "/api/v1/enrolments/"+realCourse, nil)
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", mari.token).WithURL(h.URL))
	return c, mari
}

const about = "/courses/" + realCourse + "/m1-where"

func TestThePlaceIsKeptWhileTheLanguageChanges(t *testing.T) {
	t.Parallel()
	c, _ := reader(t, unchanged)
	c.open(about + "?lang=en")
	c.js(`document.getElementById("b6").scrollIntoView()`, nil)
	c.js(`document.documentElement.dataset.old = "yes"; document.querySelector(".languages a[hreflang=ar]").click()`, nil) // where it is: a pointer of the test would scroll
	c.turn()
	if !strings.HasSuffix(c.where(), "#b6") {
		t.Errorf("the page is %s", c.where())
	}
	var top float64
	c.until("scrolled", `scrollY > 100`)
	c.js(`document.getElementById("b6").getBoundingClientRect().top - document.querySelector(".top").getBoundingClientRect().bottom`, &top)
	if top < -30 || top > 120 {
		t.Errorf("the block is %v px below the header", top)
	}
}

func TestTheReadingPanelWorksAtOnceAndIsRemembered(t *testing.T) {
	t.Parallel()
	c, mari := reader(t, unchanged)
	c.open(about)
	size := func() (px string) {
		c.js(`getComputedStyle(document.querySelector(".text p")).fontSize + " " + getComputedStyle(document.querySelector(".text p")).letterSpacing`, &px)
		return px
	}
	if got := size(); got != "18px normal" {
		t.Fatal(got)
	}
	c.js(`document.querySelector(".panel").open = true; window.here = true`, nil)
	c.do(chromedp.Click(`[value=text-3]`, chromedp.ByQuery), chromedp.Click(`[value=wide-1]`, chromedp.ByQuery))
	var here bool
	if c.js(`window.here === true && document.querySelector("[value=text-3]").getAttribute("aria-pressed") === "true"`, &here); !here {
		t.Error("the page was loaded again")
	}
	if got := size(); got != "36px 4.32px" {
		t.Errorf("at once: %s", got)
	}
	a := mari.take("m1-quiz", false, true)
	c.open("/attempts/" + a + "?q=2")
	var page string
	c.js(`document.documentElement.dataset.text + getComputedStyle(document.documentElement).fontSize`, &page)
	if page != "336px" {
		t.Errorf("on a question: %s", page)
	}
	// What is typed stays.
	c.js(`document.querySelector("#answer [type=radio], #answer [type=checkbox]").click(); document.querySelector(".panel").open = true`, nil)
	c.do(chromedp.Click(`[value=text-0]`, chromedp.ByQuery))
	var kept bool
	if c.js(`document.querySelector("#answer :checked") !== null && document.documentElement.dataset.text === undefined`, &kept); !kept {
		t.Error("what was chosen is gone, or the size is")
	}
}

func TestAWordIsExplainedWhereItStands(t *testing.T) {
	t.Parallel()
	c, _ := reader(t, unchanged)
	c.open(about + "?lang=uk")
	c.do(chromedp.Click(`a.term[href="#term-guardian"]`, chromedp.ByQuery))
	c.until("shown", `document.querySelector("#word:popover-open") !== null`)
	var langs []string
	c.js(`[...document.querySelectorAll("#word dt")].map(e => e.lang + " " + e.dir)`, &langs)
	if strings.Join(langs, ",") != "uk ltr,en ltr" || !strings.Contains(c.text("#word"), "guardian") {
		t.Errorf("%v %s", langs, c.text("#word"))
	}
	c.axe("word")
	c.picture("word-uk")
	c.do(chromedp.KeyEvent(kb.Escape))
	c.until("gone", `document.querySelector("#word:popover-open") === null && document.activeElement.classList.contains("term")`)
}

func TestSomebodyLeavesQuickly(t *testing.T) {
	t.Parallel()
	c, _ := reader(t, func(s *server.Config) { s.ExitURL = "/offline" })
	c.open("/help")
	c.open(about)
	c.js(`document.documentElement.dataset.old = "yes"`, nil)
	c.do(chromedp.KeyEvent(kb.Escape), chromedp.KeyEvent(kb.Escape))
	if s := c.text("#exit-note"); !strings.Contains(s, "once more") {
		t.Errorf("it says %q", s)
	}
	c.do(chromedp.KeyEvent(kb.Escape))
	c.turn()
	if !strings.HasSuffix(c.where(), "/offline") {
		t.Fatalf("it leads to %s", c.where())
	}
	var last string
	c.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, entries, err := page.GetNavigationHistory().Do(ctx)
		for _, e := range entries {
			last += e.URL + " "
		}
		return err
	}))
	if strings.Contains(last, about) {
		t.Errorf("the history still has the page: %s", last)
	}
	c.open(about)
	c.click(".exit")
	if !strings.HasSuffix(c.where(), "/offline") {
		t.Errorf("the button leads to %s", c.where())
	}
}

// There is no sound and no voice in a test, so the browser's are played by a few
// lines that note what they are given.
const choir = `(() => {
	window.spoken = [];
	window.SpeechSynthesisUtterance = function (text) { this.text = text; };
	const voices = { addEventListener() {}, speak(u) { spoken.push(u); }, cancel() {},
		getVoices: () => [{ lang: "en-GB", name: "Here", localService: true }, { lang: "uk-UA", name: "Elsewhere", localService: false }] };
	Object.defineProperty(window, "speechSynthesis", { value: voices });
})()`

func TestAPageIsReadAloud(t *testing.T) {
	t.Parallel()
	c, _ := reader(t, unchanged)
	c.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(choir).Do(ctx)
		return err
	}))
	c.open(about + "?lang=uk")
	c.js(`document.querySelector(".panel").open = true`, nil)
	var offered bool
	if c.js(`document.querySelector("[data-say=start]").checkVisibility() || !document.querySelector("[data-no-voice]").checkVisibility()`, &offered); offered {
		t.Error("a voice is offered that sends the text to somebody")
	}
	c.open(about + "?lang=en")
	c.js(`document.querySelector(".panel").open = true`, nil)
	c.do(chromedp.Click("[data-say=start]", chromedp.ByQuery))
	spoken := func() (list []string) { c.js(`spoken.map(u => u.lang + ":" + u.text)`, &list); return list }
	if got := spoken(); len(got) != 1 || got[0] != "en:Who speaks for the child where you work" || c.text(".now-read") != "Who speaks for the child where you work" {
		t.Fatalf("%v, marked %q", got, c.text(".now-read"))
	}
	c.js(`spoken[0].onend()`, nil)
	if got := spoken(); len(got) != 2 || !strings.HasSuffix(got[1], "situations, 10 more working days are possible.") {
		t.Errorf("block by block, without the numbers of footnotes: %v", got)
	}
	c.picture("aloud")
	c.do(chromedp.Click("[data-say=pause]", chromedp.ByQuery))
	c.js(`spoken[1].onend()`, nil) // as browsers do when it is broken off
	if got := spoken(); len(got) != 2 || c.text("[data-say=pause]") != "Go on" {
		t.Errorf("it does not pause: %v", got)
	}
	c.do(chromedp.Click("[data-say=pause]", chromedp.ByQuery))
	if got := spoken(); len(got) != 3 || got[2] != got[1] {
		t.Errorf("the block that was broken off does not begin again: %v", got)
	}
	c.do(chromedp.Click("[data-say=stop]", chromedp.ByQuery))
	c.js(`spoken[2].onend()`, nil)
	if got := spoken(); len(got) != 3 || c.text(".now-read") != "" {
		t.Errorf("after stopping: %v", got)
	}
}

// TestPagesKeepTheirBudgets counts what a browser really fetches, as it travels:
// the largest lesson and a question, at the first visit and when opened again.
func TestPagesKeepTheirBudgets(t *testing.T) {
	t.Parallel()
	c, mari := reader(t, unchanged)
	attempt := mari.take("m1-quiz", false, true)
	var shared struct{ Token string }
	c.h.anonymous().want(201, "POST", "/api/v1/sessions", m{"email": "mari.tamm@example.org", "password": password, "shared": true}).decode(t, &shared)
	type budget struct {
		name, path, token string
		cold              float64
		requests          int
		warm              float64
	}
	type fetched struct {
		bytes, scripts float64
		requests       int
	}
	var mu sync.Mutex // the browser's events come on a goroutine of their own
	var now fetched
	kinds := map[network.RequestID]network.ResourceType{}
	chromedp.ListenTarget(c.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch ev := ev.(type) {
		case *network.EventResponseReceived:
			kinds[ev.RequestID] = ev.Type
		case *network.EventLoadingFinished:
			if ev.EncodedDataLength > 0 { // otherwise it was here already
				now.requests++
			}
			now.bytes += ev.EncodedDataLength
			if kinds[ev.RequestID] == network.ResourceTypeScript {
				now.scripts += ev.EncodedDataLength
			}
		}
	})
	visit := func(path string) fetched {
		mu.Lock()
		now = fetched{}
		mu.Unlock()
		c.open(path)
		time.Sleep(700 * time.Millisecond) // what scripts fetch by themselves
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	page := func(n int) string { return fmt.Sprintf("/attempts/%s?q=%d", attempt, n) }
	budgets := []budget{
		{"lesson", about, mari.token, 60 << 10, 6, 5 << 10},
		// The same for somebody on a shared device, where nothing is kept: it comes whole each time.
		{"lesson on a shared device", about, shared.Token, 60 << 10, 6, 9 << 10},
		{"lesson for a stranger", about, "", 60 << 10, 6, 5 << 10},
	}
	for n, q := range slices.DeleteFunc(mari.questions(attempt), func(q learning.QuestionView) bool { return q.Type == course.Vignette }) { // a question is never kept
		budgets = append(budgets, budget{"question " + string(q.Type), page(n + 1), mari.token, 70 << 10, 6, 5 << 10})
	}
	for _, v := range budgets {
		c.do(network.Enable(), network.ClearBrowserCache(), network.ClearBrowserCookies(), network.SetCookie("havn_lang", "uk").WithURL(c.h.URL))
		if v.token != "" {
			c.do(network.SetCookie("havn", v.token).WithURL(c.h.URL))
		}
		cold, warm := visit(v.path), visit(v.path)
		t.Logf("%s: cold %.0f bytes, %.0f of scripts, %d requests; again %.0f bytes, %d requests", v.name, cold.bytes, cold.scripts, cold.requests, warm.bytes, warm.requests)
		if cold.requests < 4 || cold.scripts == 0 || warm.bytes == 0 {
			t.Errorf("%s: nothing is measured", v.name)
		}
		if cold.bytes > v.cold || cold.requests > v.requests || cold.scripts > 25<<10 || warm.bytes > v.warm {
			t.Errorf("%s is over its budget", v.name)
		}
	}
}
