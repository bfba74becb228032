package server_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axeScript is axe-core, or "" where HAVN_TEST_AXE names no copy of it; in CI it
// must be there.
func axeScript(t testing.TB) string {
	t.Helper()
	file := os.Getenv("HAVN_TEST_AXE")
	if file == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("HAVN_TEST_AXE names no axe-core, and CI needs it")
		}
		return ""
	}
	script, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// axeRules are those of axe-core for WCAG 2.0 to 2.2, levels A and AA, and for
// what is good practice.
const axeRules = `{runOnly: {type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}, rules: {"target-size": {enabled: true}}, resultTypes: ["violations"], preload: false, iframes: false, selectors: false}`

// axe asks axe-core about the page that is open, where there is one.
func (c *chrome) axe(name string) {
	c.t.Helper()
	if script := axeScript(c.t); script != "" {
		c.js(script+";0", nil)
		c.rules(name)
	}
}

// rules lets axe-core look at a page that has it already.
func (c *chrome) rules(name string) {
	c.t.Helper()
	for _, v := range c.broken() {
		c.t.Errorf("%s: axe: %s", name, v)
	}
}

// broken are the rules that the page breaks, each with the first place.
func (c *chrome) broken() (list []string) {
	c.t.Helper()
	c.do(chromedp.Evaluate(`axe.run(document, `+axeRules+`).then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes[0].html.slice(0, 300)))`, &list, awaitPromise))
	return list
}

// TestNoPageBreaksARuleOfAxe asks axe-core about every page in every state and
// language; of lessons and questions, which are many, about each kind. Each page
// is seen by day in some languages and by night in the others.
func TestNoPageBreaksARuleOfAxe(t *testing.T) {
	t.Parallel()
	script := axeScript(t)
	if script == "" {
		t.Skip("HAVN_TEST_AXE names no axe-core, so the pages are not asked about")
	}
	views := slices.DeleteFunc(everyPage(t), func(v view) bool { return v.more })
	for n, lang := range strings.Fields("en et sv uk ar") {
		for night, part := range [2][]view{} {
			for i, v := range views {
				if (i+n)%2 == night {
					part = append(part, v)
				}
			}
			t.Run(lang+[]string{"-day", "-night"}[night], func(t *testing.T) {
				t.Parallel()
				c := openChromeFor(t, 10*time.Minute, views[0].h, 390, 844, night == 1)
				c.do(chromedp.ActionFunc(func(ctx context.Context) error {
					_, err := page.AddScriptToEvaluateOnNewDocument(script).Do(ctx)
					return err
				}))
				c.open("/help")
				c.js(`document.querySelector("main").insertAdjacentHTML("beforeend", "<input><p class=probe>Hard to read</p>"); document.querySelector(".probe").style.color = "#777"`, nil)
				if found := fmt.Sprint(c.broken()); !strings.Contains(found, "color-contrast") || !strings.Contains(found, "label") {
					t.Fatalf("axe-core finds nothing on a page that is broken: %s", found)
				}
				for _, v := range part {
					c.see(v, lang)
					c.rules(v.name)
				}
			})
		}
	}
}
