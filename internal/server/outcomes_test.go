package server_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// graduates puts people into the store who completed the sample, each by an
// enrolment that the test changes.
func (h *havn) graduates(e store.Engine, o organisation, n int, began, completed time.Time, change func(*learning.Enrolment)) {
	h.t.Helper()
	enrolments, err := store.Open[learning.Enrolment](h.t.Context(), e, learning.EnrolmentSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	at, err := h.People.Organisation(h.t.Context(), o.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	for range n {
		past := learning.Past{Version: 1, Since: began, Began: began, Completed: completed, ValidMonths: 24}
		x := past.Enrolment(learning.Learner{ID: uuid.NewString(), Unit: at.Path, Language: "en"}, "first-contact")
		change(x)
		if err := enrolments.Insert(h.t.Context(), x); err != nil {
			h.t.Fatal(err)
		}
	}
}

func (c *client) outcomes(query string) (o api.Outcomes) {
	c.h.t.Helper()
	c.want(200, "GET", path("/reports/outcomes?%s", query), nil).decode(c.h.t, &o)
	return o
}

// An administrator knows how many have begun, whose certificates end soon, how long
// it took and what was gained: as numbers of at least five people.
func TestAnAdministratorKnowsWhatCoursesCameTo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		north, south := site.organisation("North", top.ID), site.organisation("South", top.ID)
		now := h.clock.now()
		days := func(n int) time.Time { return now.AddDate(0, 0, n) }
		gained := func(gain, rated string) func(*learning.Enrolment) {
			return func(x *learning.Enrolment) { x.Gain, x.Rated = gain, rated }
		}
		h.graduates(e, north, 8, days(-100), days(-97), gained("c", "c"))                                      // three days
		h.graduates(e, north, 6, days(-100), days(-80), gained("e", "b"))                                      // twenty
		h.graduates(e, south, 7, days(-300), days(-200), gained("", ""))                                       // a hundred
		h.graduates(e, south, 9, now.AddDate(-2, 0, 12), now.AddDate(-2, 0, 17), gained("", ""))               // end in 17 days
		h.graduates(e, south, 5, now.AddDate(-2, 0, 70), now.AddDate(-2, 0, 75), func(*learning.Enrolment) {}) // and in 75
		h.crowd(e, north, "en", "police", 10, 0, 0)
		site.assignDue(north, "2026-12-12") // whoever is there has begun
		o := site.outcomes("course=first-contact&unit=" + top.ID)
		if show(o.Begun) != "45" || show(o.All.In30) != "9" || show(o.All.In60) != "9" || show(o.All.In90) != "14" {
			t.Errorf("begun %s, ending in 30, 60, 90 days: %s, %s, %s", show(o.Begun), show(o.All.In30), show(o.All.In60), show(o.All.In90))
		}
		soon := map[string]string{}
		for _, x := range o.Expiring {
			soon[x.Key] = show(x.In30) + " " + show(x.In90)
		}
		if soon[north.ID] != "0 0" || soon[south.ID] != "9 14" {
			t.Errorf("by unit: %v", soon)
		}
		var took []string
		for _, b := range o.Took.Bands {
			took = append(took, fmt.Sprintf("%d:%s", b.From, show(b.People)))
		}
		if fmt.Sprint(took) != "[0:0 2:22 8:0 15:6 31:0 61:0 91:7]" || o.Took.Quartiles[0].From != 2 || o.Took.Quartiles[1].From != 2 || o.Took.Quartiles[2].From != 15 {
			t.Errorf("it took %v, quartiles %+v", took, o.Took.Quartiles)
		}
		if show(o.Gain.Unknown) != "21" || show(o.Rated.Higher) != "8" || show(o.Rated.Same) != "6" || show(o.Rated.Lower) != "0" || show(o.Rated.Unknown) != "21" {
			t.Errorf("gained %+v, rated %+v", o.Gain, o.Rated)
		}
		status, _, page := h.browser(adminEmail).get("/admin/figures?course=first-contact&unit=" + top.ID)
		for _, s := range []string{"Begun", "Half of them needed: 2 to 7 days.", "Certificates that end soon", "&#43;5\u2069 to \u2066&#43;19\u2069 points", "One attempt only"} {
			if status != 200 || !bytes.Contains(page, []byte(s)) {
				t.Errorf("%d, the page does not say %q", status, s)
			}
		}
		if _, _, page := h.browser(adminEmail).get("/admin/figures?by=took&from=2026-01-01&unit=" + top.ID); !bytes.Contains(page, []byte("This is not told for a period.")) {
			t.Error("time to complete is told for a period")
		}
	})
}

// Four people with something that others do not have are not told of.
func TestOutcomesOfFewAreNotTold(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	site := h.admin()
	top := site.organisation("Authority", "")
	now := h.clock.now()
	h.graduates(e, top, 20, now.AddDate(0, -3, 0), now.AddDate(0, -3, 3), func(x *learning.Enrolment) { x.Gain = "c" })
	h.graduates(e, top, 4, now.AddDate(0, -3, 0), now.AddDate(0, -1, 0), func(x *learning.Enrolment) { x.Gain = "a" })
	h.crowd(e, top, "en", "police", 6, 0, 0)
	o := site.outcomes("course=first-contact&unit=" + top.ID)
	for _, b := range append(o.Took.Bands, o.Gain.Bands...) {
		if n := b.People; n != nil && *n != 0 && *n < 5 || n != nil && *n == 20 {
			t.Errorf("%+v tells of four", b)
		}
	}
}

// What was gained is found out when an attempt is handed in.
func TestWhatWasGainedIsFoundOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		gain := func() string {
			r, err := h.Learning.RecordOf(t.Context(), mari.id())
			if err != nil {
				t.Fatal(err)
			}
			return r.Enrolments[0].Gain
		}
		first := mari.start("m1-quiz")
		first.submit()
		if g := gain(); g != "" {
			t.Errorf("after one attempt: %q", g)
		}
		second := mari.start("m1-quiz")
		second.answerAll()
		second.submit()
		if g := gain(); g != "e" {
			t.Errorf("from nothing to all: %q", g)
		}
	})
}

// The figures leave as a PDF with the same filters, for who may see them.
func TestFiguresLeaveAsPDF(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	site := h.admin()
	top, other := site.organisation("Authority", ""), site.organisation("Other", "")
	h.crowd(e, top, "en", "police", 23, 17, 9)
	h.invited("Chief Kask", site.invite(top, 1, "administrator"))
	chief := h.browser("chief.kask@example.org")
	for _, query := range []string{"", "?unit=" + top.ID + "&course=first-contact", "?from=2026-09-01&to=2026-11-23&compare=1", "?by=took", "?lang=ar"} {
		status, header, file := chief.get("/admin/figures.pdf" + query)
		if status != 200 || header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(file, []byte("%PDF-1.7")) || header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", query, status, header)
		}
		if _, _, page := chief.get("/admin/figures" + query); !bytes.Contains(page, []byte("/admin/figures.pdf")) {
			t.Errorf("%s: the page does not lead to the file", query)
		}
	}
	for query, want := range map[string]int{"?unit=" + other.ID: 404, "?from=yesterday": 422, "?course=sailing": 422, "?by=name": 422} {
		if status, _, _ := chief.get("/admin/figures.pdf" + query); status != want {
			t.Errorf("%s: %d instead of %d", query, status, want)
		}
	}
	h.learner("Mari Tamm")
	if status, _, _ := h.browser("mari.tamm@example.org").get("/admin/figures.pdf"); status != 403 {
		t.Errorf("a learner gets the figures: %d", status)
	}
}
