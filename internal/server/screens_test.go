package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"havn/courses"
	"havn/internal/learning"
	"havn/internal/store/sqlite"
)

const realCourse = "children-on-the-move"

// take is a whole attempt at a quiz of the real course through the API, right
// or not; handed in unless it is left open.
func (c *client) take(quiz string, right, open bool) string {
	c.h.t.Helper()
	p, _ := c.h.Library.Current(realCourse)
	var v learning.View
	c.want(201, "PUT", "/api/v1/attempts/"+uuid.NewString(), map[string]string{"course": realCourse, "quiz": quiz}).decode(c.h.t, &v)
	for n, q := range v.Questions {
		r := key(p.Questions[q.ID])
		if r == nil || r.Path != nil || !right && n%3 > 0 {
			continue
		}
		c.want(200, "PUT", path("/attempts/%s/answers/%s", v.ID, q.ID), map[string]any{"response": r})
	}
	if !open {
		c.want(200, "PUT", path("/attempts/%s/submission", v.ID), nil)
	}
	return v.ID
}

// checks is run in each page and lists what is wrong with it. Contrast is that
// of WCAG 2.2, success criterion 1.4.3; the size of targets is 2.5.8's 24 px,
// with its exception for links in a sentence.
const checks = `(() => {
	const wrong = [];
	const visible = e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e); return r.width > 1 && r.height > 1 && s.visibility !== "hidden" && s.display !== "none" && !e.closest("details:not([open]) > :not(summary)"); };
	const name = e => e.tagName.toLowerCase() + "." + e.className + " " + (e.textContent || e.name || "").trim().slice(0, 30);
	if (document.documentElement.scrollWidth > innerWidth) {
		wrong.push("wider than the screen: " + document.documentElement.scrollWidth);
		for (const e of document.querySelectorAll("main *")) if (e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll")) { wrong.push("  " + name(e)); break; }
	}
	if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
	let level = 0;
	for (const h of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) { const n = +h.tagName[1]; if (n > level + 1) wrong.push("a heading is left out before " + name(h)); level = n; }
	const ids = {};
	for (const e of document.querySelectorAll("[id]")) { if (ids[e.id]) wrong.push("twice the id " + e.id); ids[e.id] = true; }
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (!e.labels.length && !e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")) wrong.push("no label: " + name(e));
	for (const e of document.querySelectorAll("a, button:not([aria-hidden])")) if (!(e.textContent.trim() || e.getAttribute("aria-label"))) wrong.push("no name: " + e.outerHTML.slice(0, 80));
	for (const e of document.querySelectorAll("img")) if (!e.hasAttribute("alt")) wrong.push("no alternative: " + e.src);
	for (const e of document.querySelectorAll("button, select, summary, input:not([type=hidden]), a.button, a.pill, nav a")) {
		if (!visible(e)) continue;
		const r = (e.closest("label") || e).getBoundingClientRect();
		if (r.width < 24 || r.height < 24) wrong.push("too small to touch: " + name(e) + " " + Math.round(r.width) + "x" + Math.round(r.height));
	}
	const rgb = s => { const m = s.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
	const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
	const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; if (c[3] > 0) return null; } return [255, 255, 255, 1]; };
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), told = new Set();
	while (walk.nextNode()) {
		const e = walk.currentNode.parentElement;
		if (!walk.currentNode.textContent.trim() || !visible(e) || e.closest("script, .hidden, .skip, progress, :disabled")) continue;
		const s = getComputedStyle(e), back = behind(e), size = parseFloat(s.fontSize);
		if (size < 14.9) wrong.push("under 15 px: " + name(e) + " " + size);
		if (!back) continue;
		const [a, b] = [light(rgb(s.color).slice(0, 3)), light(back.slice(0, 3))].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
		const enough = size >= 24 || size >= 18.66 && +s.fontWeight >= 700 ? 3 : 4.5;
		if (ratio < enough && !told.has(s.color)) { told.add(s.color); wrong.push("contrast " + ratio.toFixed(1) + ": " + name(e)); }
	}
	return wrong;
})()`

// TestEachPageFitsItsScreen opens every page on a small phone, a phone at night,
// a tablet and a desk, in three scripts, and looks for what would keep somebody out.
// HAVN_TEST_AXE may name a copy of axe-core, which is then asked too.
func TestEachPageFitsItsScreen(t *testing.T) {
	t.Parallel()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, e, courses.FS)
	p, _ := h.Library.Current(realCourse)
	first, second := p.Course.Modules[0], p.Course.Modules[1]
	enrolment := "/api/v1/enrolments/" + realCourse

	mari := h.learner("Mari Tamm") // has not passed, and is in the middle of the next attempt
	mari.want(201, "PUT", enrolment, nil)
	failed := mari.take(first.Quiz.ID, false, false)
	open := mari.take(second.Quiz.ID, false, true)
	oksana := h.learner("Oksana Koval") // has completed
	oksana.want(201, "PUT", enrolment, nil)
	for _, m := range p.Course.Modules {
		for _, page := range m.Pages {
			oksana.want(204, "PUT", enrolment+"/pages/"+page, nil)
		}
		for range 8 {
			oksana.take(m.Quiz.ID, true, false)
		}
	}
	var done struct{ Certificate string }
	oksana.want(200, "GET", enrolment, nil).decode(t, &done)
	if done.Certificate == "" {
		t.Fatal("Oksana has no certificate")
	}

	site := h.admin()
	authority := site.organisation("Piirivalve ja väga pika nimega amet", "")
	unit := site.organisation("Harbour unit", authority.ID)
	h.anonymous().want(201, "POST", "/api/v1/accounts", map[string]string{"email": "jonas.petraitis.with.a.long.address@example.org", "password": password, "name": "Jonas Petraitis", "invitation": site.invite(unit, 1, "trainer", "learner")})
	code := site.invite(unit, 20)

	type view struct{ name, path, token string }
	here := "/courses/" + realCourse
	views := []view{
		{"start-stranger", "/", ""}, {"start", "/", mari.token}, {"course-stranger", here, ""}, {"course", here, mari.token},
		{"quiz", here + "/quiz/" + first.Quiz.ID, mari.token}, {"check", "/attempts/" + open + "/check", mari.token},
		{"result", "/attempts/" + failed + "/result", mari.token}, {"account", "/account", mari.token},
		{"certificate", "/certificates/" + done.Certificate, ""}, {"certificate-form", "/certificates", ""},
		{"sign-in", "/sign-in", ""}, {"sign-up", "/sign-up", ""}, {"help", "/help", ""}, {"nowhere", "/nowhere", ""},
		{"forbidden", "/admin/completions", mari.token}, {"completions", "/admin/completions?course=" + realCourse, site.token}, {"trainer", "/trainer", site.token},
		{"organisations", "/organisations", site.token}, {"organisation", "/organisations/" + authority.ID, site.token},
		{"join", "/join?code=" + code, mari.token}, {"join-stranger", "/join?code=" + code, ""}, {"join-form", "/join", ""}, {"privacy", "/privacy", ""}, {"verify", "/verify", ""}, {"record", "/privacy/record", ""}, {"audit", "/admin/audit", site.token}, {"retention", "/admin/retention", site.token},
		{"roster", "/organisations/" + authority.ID + "/list", site.token}, {"security", "/account/security", mari.token}, {"come-back", "/sign-in/code", ""},
		{"country", "/country", mari.token}, {"report", "/report?course=" + realCourse + "&place=page:m1-rights", mari.token}, {"reports", "/trainer/reports", site.token}, {"answers-file", "/answers/file", mari.token},
		{"sign-up-invited", "/sign-up?code=" + code, ""},
	}
	h.clock.advance(24 * time.Hour)
	views = append(views, view{"learning", "/learning", mari.token}, view{"learning-done", "/learning", oksana.token}, view{"practice", "/practice", mari.token}, view{"certificate-own", "/certificates/" + done.Certificate, oksana.token})
	var cards struct{ Items []struct{ Question string } }
	mari.want(200, "GET", "/api/v1/practice", nil).decode(t, &cards)
	for _, card := range cards.Items {
		views = append(views, view{"exercise-" + card.Question, "/practice/" + realCourse + "/" + card.Question, mari.token})
	}
	about := here + "/m1-words"
	views = append(views, view{"beside", about + "?source=beside", mari.token}, view{"hard-page", here + "/m2-forms?read=1", mari.token},
		view{"break", "/break?back=" + about, mari.token})
	for _, m := range p.Course.Modules {
		for _, id := range m.Pages {
			views = append(views, view{"lesson-" + id, here + "/" + id, mari.token})
		}
	}
	var running learning.View
	mari.want(200, "GET", path("/attempts/%s", open), nil).decode(t, &running)
	for n := range running.Questions {
		views = append(views, view{fmt.Sprintf("question-%02d", n+1), fmt.Sprintf("/attempts/%s?q=%d", open, n+1), mari.token})
	}
	mari.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": realCourse, "place": "page:m1-rights", "kind": "fact", "text": "Article 3 says otherwise."})
	type screen struct {
		name          string
		width, height int64
		dark          bool
		lang          string
	}
	screens := []screen{{"small", 320, 640, false, "uk"}, {"night", 390, 844, true, "ar"}, {"tablet", 768, 1024, false, "ar"}, {"desk", 1280, 800, false, "en"}, {"desk-night", 1280, 800, true, "et"}}
	if os.Getenv("HAVN_TEST_PICTURES") != "" { // for who looks: each width in each script
		for _, lang := range []string{"en", "ar", "uk"} {
			for _, width := range []int64{320, 768, 1280} {
				screens = append(screens, screen{fmt.Sprintf("%s-%d", lang, width), width, 800, false, lang})
			}
		}
	}
	for _, s := range screens {
		t.Run(s.name, func(t *testing.T) {
			c := openChrome(t, h, s.width, s.height, s.dark)
			for _, v := range views {
				c.do(network.ClearBrowserCookies(), network.SetCookie("havn_lang", s.lang).WithURL(h.URL))
				if v.token != "" {
					c.do(network.SetCookie("havn", v.token).WithURL(h.URL))
				}
				c.open(v.path)
				var wrong []string
				c.js(checks, &wrong)
				if len(wrong) > 0 {
					t.Errorf("%s: %s", v.name, strings.Join(wrong, "\n\t"))
				}
				c.axe(v.name)
				c.whole(s.name + "-" + v.name)
			}
			c.tellAtOnce(cards.Items[len(cards.Items)-1].Question, mari.token)
			var wrong []string
			c.js(checks, &wrong)
			if len(wrong) > 0 {
				t.Errorf("practised: %s", strings.Join(wrong, "\n\t"))
			}
			c.axe("practised")
			c.whole(s.name + "-practised")
		})
	}
}

// tellAtOnce sends the form of an exercise with its first answer.
func (c *chrome) tellAtOnce(question, token string) {
	c.t.Helper()
	c.do(network.SetCookie("havn", token).WithURL(c.h.URL))
	c.open("/practice/" + realCourse + "/" + question)
	c.js(`document.querySelectorAll("#answer [name=value], #answer [name=choices]").forEach((e, n) => n || (e.type === "text" ? e.value = "3" : e.click()))`, nil)
	c.click(".actions button")
}

// axe asks axe-core, where there is one.
func (c *chrome) axe(name string) {
	c.t.Helper()
	file := os.Getenv("HAVN_TEST_AXE")
	if file == "" {
		return
	}
	script, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	c.js(string(script)+";0", nil)
	var found []struct {
		ID, Help string
		Nodes    []struct{ HTML string }
	}
	c.do(chromedp.Evaluate(`axe.run().then(r => r.violations)`, &found, awaitPromise))
	for _, v := range found {
		nodes, _ := json.Marshal(v.Nodes[0].HTML)
		c.t.Errorf("%s: axe: %s: %s: %.300s", name, v.ID, v.Help, nodes)
	}
}

// whole keeps a screenshot of the whole page.
func (c *chrome) whole(name string) {
	c.t.Helper()
	if dir := os.Getenv("HAVN_TEST_PICTURES"); dir != "" {
		var png []byte
		c.do(chromedp.FullScreenshot(&png, 100))
		if err := os.WriteFile(dir+"/"+name+".png", png, 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
}
