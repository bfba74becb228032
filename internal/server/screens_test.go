package server_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"havn/internal/learning"
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

// TestEachPageFitsItsScreen opens every page on a small phone, a tablet and a desk, in
// three scripts each, and at night, and looks for what would keep somebody out. Pictures
// are not compared by the pixel: fonts differ between machines. Every day it takes two
// phones only; HAVN_TEST_SCREENS=all takes all, and HAVN_TEST_PICTURES keeps what is
// seen for whoever looks.
func TestEachPageFitsItsScreen(t *testing.T) {
	t.Parallel()
	views := everyPage(t)
	type screen struct {
		name          string
		width, height int64
		dark          bool
		lang          string
	}
	screens := []screen{{"uk-320", 320, 640, false, "uk"}, {"ar-night", 390, 844, true, "ar"}}
	if os.Getenv("HAVN_TEST_SCREENS") == "all" { // every day the two phones; .ci/run asks for all
		screens = append(screens, screen{"et-night", 1280, 800, true, "et"})
		for _, width := range []int64{320, 768, 1280} {
			for _, lang := range []string{"en", "ar", "uk"} {
				if name := fmt.Sprintf("%s-%d", lang, width); name != screens[0].name {
					screens = append(screens, screen{name, width, 800, false, lang})
				}
			}
		}
	}
	for _, s := range screens {
		t.Run(s.name, func(t *testing.T) {
			c := openChromeFor(t, 10*time.Minute, views[0].h, s.width, s.height, s.dark)
			for _, v := range views {
				if state := v.post != nil || v.act != nil; state && s.name != "uk-320" && s.name != "en-1280" {
					continue // what a form or a click adds to a page is looked at on the two ends
				}
				c.see(v, s.lang)
				var wrong []string
				c.js(checks, &wrong)
				if len(wrong) > 0 {
					t.Errorf("%s: %s", v.name, strings.Join(wrong, "\n\t"))
				}
				c.whole(s.name + "-" + v.name)
			}
		})
	}
}

// whole keeps a screenshot of the whole page.
func (c *chrome) whole(name string) {
	c.t.Helper()
	if dir := os.Getenv("HAVN_TEST_PICTURES"); dir != "" {
		var png []byte
		var fits bool
		c.js(`document.documentElement.scrollHeight <= innerHeight`, &fits)
		shoot := chromedp.FullScreenshot(&png, 100)
		if fits { // Chromium shifts what it captures beyond the screen where there is nothing, from right to left
			shoot = chromedp.CaptureScreenshot(&png)
		}
		c.do(shoot)
		if err := os.WriteFile(dir+"/"+name+".png", png, 0o644); err != nil {
			c.t.Fatal(err)
		}
	}
}
