package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"

	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// An administrator opens the page of figures: each is drawn and in a table, what is
// not told is said so in words, and the address holds the filters.
func TestThePageOfFiguresDrawsAndTells(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		north, south, small := site.organisation("North", ""), site.organisation("South", ""), site.organisation("Small", "")
		h.crowd(e, north, "en", "police", 20, 41, 7)
		h.crowd(e, south, "et", "guardian", 10, 23, 5)
		page := func(c *client, query string) string {
			status, _, html := h.browserOf(c).get("/admin/figures" + query)
			if status != 200 {
				t.Fatalf("%s: %d", query, status)
			}
			if n := strings.Count(string(html), `<svg class="plot" role="img"`); n == 0 || n > strings.Count(string(html), "<caption>") {
				t.Errorf("%s: %d drawings have no table", query, n)
			}
			return string(html)
		}
		says := func(html, text string) {
			t.Helper()
			if !strings.Contains(html, text) {
				t.Errorf("the page does not say %q", text)
			}
		}
		all := page(site, "")
		for _, text := range []string{`<td class="num">106</td>`, `<td class="num">64</td>`, `<td class="num">12</td>`, ">By week<", ">By country<", `<a href="?unit=` + north.ID + `">`} {
			says(all, text)
		}
		if strings.Contains(all, "under 5") {
			t.Error("something is hidden where all are many")
		}
		part := page(site, "?by=profession&unit="+south.ID)
		says(part, `<option value="`+south.ID+`" selected>`)
		says(part, "Guardian or representative")
		if strings.Contains(part, "By week</h2>") || strings.Contains(part, ">Police<") {
			t.Error("a filter shows what was not asked for")
		}
		day := func(d int) string { return h.clock.now().AddDate(0, 0, d).Format(time.DateOnly) }
		two := page(site, "?compare=1&from="+day(-7)+"&to="+day(-7))
		says(two, "Two periods")
		says(two, "This is not told for a period.")
		chief := h.invited("Chief of North", site.invite(north, 1, "administrator"))
		if own := page(chief, ""); strings.Contains(own, "South") || strings.Contains(own, "By country") {
			t.Error("an administrator of one organisation sees another")
		}
		for _, query := range []string{"?course=nowhere", "?from=yesterday", "?from=2026-11-01&to=2026-10-01", "?by=person"} {
			if status, _, _ := h.browserOf(site).get("/admin/figures" + query); status != 422 && status != 404 {
				t.Errorf("%s: %d", query, status)
			}
		}
		if status, _, _ := h.browserOf(h.learner("Liis Kask")).get("/admin/figures"); status != 403 {
			t.Errorf("a learner: %d", status)
		}
		_, _, nobody := h.browserOf(site).get("/admin/figures?unit=" + small.ID)
		says(string(nobody), "Nobody has a course here yet.")
		h.crowd(e, small, "en", "police", 0, 2, 0)
		_, _, few := h.browserOf(site).get("/admin/figures?unit=" + small.ID)
		says(string(few), "There are too few people here")
		if strings.Contains(string(few), ">2<") {
			t.Error("two people are told")
		}
		says(page(site, "?by=unit"), `<td class="small" colspan="3">under 5 or protected</td>`)
	})
}

// Strangers see how many are certified where the operator says so, and an
// authority that takes its own people off finds nobody's few.
func TestThePublicPageOfFiguresIsSwitchedOnByHand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		closed := withRules(t, storetest.SQLite().New(t).Open(t), "")
		if status, _, _ := closed.browserOf(closed.anonymous()).get("/figures"); status != 404 {
			t.Errorf("before it is switched on: %d", status)
		}
		h := startWith(t, e, sample(t, nil), func(c *server.Config) { c.PublicFigures = true })
		site := h.admin()
		in := func(name, country string) organisation {
			o := site.organisation(name, "")
			site.want(200, "PUT", path("/organisations/%s", o.ID), m{"name": name, "country": country})
			return o
		}
		h.crowd(e, in("North", "EE"), "et", "police", 6, 40, 0)
		h.crowd(e, in("Small", "EE"), "et", "police", 0, 3, 0)
		h.crowd(e, in("East", "FI"), "en", "police", 8, 33, 5)
		h.crowd(e, in("West", "FI"), "et", "police", 7, 26, 0)
		_, _, html := h.browserOf(h.anonymous()).get("/figures")
		page := string(html)
		for _, text := range []string{"59 certificates", `<bdi>Finland</bdi></th><td class="num">59</td>`, `<bdi>Estonia</bdi></th><td class="small">under 5 or protected</td>`} {
			if !strings.Contains(page, text) {
				t.Errorf("the page does not say %q", text)
			}
		}
		for _, n := range []string{">3<", ">43<", ">40<", ">102<"} {
			if strings.Contains(page, n) {
				t.Errorf("the page says %s", n)
			}
		}
	})
}

// On paper nothing of the figures is cut off or left out, and their shapes are there.
func TestFiguresArePrintedWhole(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	site := h.admin()
	h.crowd(e, site.organisation("North", ""), "en", "police", 20, 41, 7)
	c := openChrome(t, h, 794, 1123, true)
	c.see(view{path: "/admin/figures", token: site.token, h: h}, "en")
	c.do(emulation.SetEmulatedMedia().WithMedia("print"))
	var cut, drawn int
	c.js(`[...document.querySelectorAll("main .scroll")].filter(e => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1).length`, &cut)
	c.js(`[...document.querySelectorAll("main svg.plot .done")].filter(e => e.getBoundingClientRect().height > 0).length`, &drawn)
	if cut > 0 || drawn < 6 {
		t.Errorf("%d tables are cut off, %d shapes are drawn", cut, drawn)
	}
	var dark bool
	c.js(`getComputedStyle(document.body).backgroundColor !== "rgb(255, 255, 255)"`, &dark)
	if dark {
		t.Error("the paper is dark")
	}
	c.whole("figures-print")
}
