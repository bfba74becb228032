package server_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"havn/internal/course"
	"havn/internal/store/storetest"
)

// BenchmarkAnsweringOnASlowPhone measures how long the page takes to show what a
// key did, on a processor that is six times slower: the longest of all
// interactions while questions of each type are answered (web.dev/inp: good is
// under 200 ms; Havn wants 100). Where a key changes nothing that is seen, the
// browser would count up to whatever it paints next, so each event also gives a dot
// another colour (two events of one frame must not give back the colour that was);
// the way there by Tab is left out. A story has no figure: each of its steps is a
// page of its own.
func BenchmarkAnsweringOnASlowPhone(b *testing.B) {
	h := start(b, storetest.SQLite().New(b).Open(b), everyType(b, ""))
	mari := h.enrolled("Mari Tamm")
	for b.Loop() {
		a := mari.start("m1-quiz")
		c := openChrome(b, h, 390, 844, false)
		c.do(network.SetCookie("havn", mari.token).WithURL(h.URL), emulation.SetCPUThrottlingRate(6))
		c.rest = 150 * time.Millisecond
		n := 0
		for _, q := range a.Questions {
			if q.Type == course.Vignette {
				continue
			}
			n++
			if q.Type == course.Scenario {
				continue
			}
			c.open(fmt.Sprintf("/attempts/%s?q=%d", a.ID, n))
			c.js(`window.longest = 0; let turn = 0; const tabs = new Set(), dot = document.body.appendChild(document.createElement("i")); dot.style = "position:fixed;inset:0 auto auto 0;width:2px;height:2px";
				for (const kind of ["keydown", "keypress", "keyup", "click"]) addEventListener(kind, () => dot.style.background = "hsl(" + (turn += 47) + " 90% 50%)", true);
				for (const kind of ["keydown", "keyup"]) addEventListener(kind, e => { if (e.key === "Tab") tabs.add(Math.round(e.timeStamp)); }, true);
				new PerformanceObserver(list => { for (const e of list.getEntries()) if (e.interactionId && !tabs.has(Math.round(e.startTime))) longest = Math.max(longest, e.duration); }).observe({type: "event", durationThreshold: 16})`, nil)
			c.byKeys(q, key(h.publication().Questions[q.ID]))
			c.do(chromedp.Sleep(500 * time.Millisecond)) // until the browser has told of the last one
			var longest float64
			c.js(`longest`, &longest)
			b.ReportMetric(longest, string(q.Type)+"-ms")
		}
		a.submit()
	}
}

// BenchmarkLighthouse lets Lighthouse (npm, Apache-2.0), which
// HAVN_TEST_LIGHTHOUSE names, judge a lesson and a question as somebody sees them
// who has signed in, on its slow phone: 100 is the best.
func BenchmarkLighthouse(b *testing.B) {
	program := os.Getenv("HAVN_TEST_LIGHTHOUSE")
	if program == "" {
		b.Skip("HAVN_TEST_LIGHTHOUSE names no lighthouse")
	}
	h := start(b, storetest.SQLite().New(b).Open(b), everyType(b, ""))
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	file := filepath.Join(b.TempDir(), "report.json")
	for b.Loop() {
		for name, page := range map[string]string{"lesson": "/courses/first-contact/m1-rights", "question": "/attempts/" + a.ID + "?q=2"} {
			run := exec.Command(program, h.URL+page, "--quiet", "--output=json", "--output-path="+file, "--only-categories=performance,accessibility,best-practices",
				`--extra-headers={"Cookie":"havn=`+mari.token+`"}`, "--chrome-flags=--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync")
			run.Env = append(os.Environ(), "CHROME_PATH="+chromium(b))
			if said, err := run.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, said)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				b.Fatal(err)
			}
			var report struct {
				Categories map[string]struct {
					Score     float64
					AuditRefs []struct{ ID string }
				}
				Audits map[string]struct {
					Score        *float64
					Title        string
					DisplayValue string
				}
			}
			if err := json.Unmarshal(text, &report); err != nil {
				b.Fatal(err)
			}
			for kind, c := range report.Categories {
				b.ReportMetric(100*c.Score, name+"-"+kind)
				for _, ref := range c.AuditRefs {
					if a := report.Audits[ref.ID]; c.Score < 1 && a.Score != nil && *a.Score < 1 {
						b.Logf("%s, %s: %s %s", name, kind, a.Title, a.DisplayValue)
					}
				}
			}
		}
	}
}
