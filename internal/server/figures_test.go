package server_test

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/seed"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

type figures struct {
	Key                          string
	Assigned, Certified, Overdue *int
	Suppressed                   bool
}

// report asks for one; its lines by key.
func (c *client) report(query string) map[string]figures {
	c.h.t.Helper()
	var out struct{ Items []figures }
	c.want(200, "GET", path("/reports/completion?%s", query), nil).decode(c.h.t, &out)
	lines := map[string]figures{}
	for _, l := range out.Items {
		if _, twice := lines[l.Key]; twice {
			c.h.t.Errorf("%s: %q comes twice", query, l.Key)
		}
		lines[l.Key] = l
	}
	return lines
}

func (f figures) says(t *testing.T, what string, assigned, certified, overdue int) {
	t.Helper()
	for name, x := range map[string]struct {
		got  *int
		want int
	}{"assigned": {f.Assigned, assigned}, "certified": {f.Certified, certified}, "overdue": {f.Overdue, overdue}} {
		if x.want < 0 && x.got != nil || x.want >= 0 && (x.got == nil || *x.got != x.want) {
			t.Errorf("%s: %s is %s instead of %d", what, name, show(x.got), x.want)
		}
	}
	if f.Suppressed != (assigned < 0 || certified < 0 || overdue < 0) {
		t.Errorf("%s: suppressed is %v", what, f.Suppressed)
	}
}

func show(n *int) string {
	if n == nil {
		return "null"
	}
	return fmt.Sprint(*n)
}

// crowd puts people into an organisation who have begun the sample, completed it,
// or are late with it: their enrolments, which is what is counted, without accounts.
func (h *havn) crowd(e store.Engine, o organisation, language string, profession people.Profession, open, done, late int) {
	h.t.Helper()
	enrolments, err := store.Open[learning.Enrolment](h.t.Context(), e, learning.EnrolmentSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	at, err := h.People.Organisation(h.t.Context(), o.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	now := h.clock.now()
	for i := range open + done + late {
		past := learning.Past{Version: 1, Since: now.AddDate(0, -2, 0), Began: now.AddDate(0, -2, 0)}
		switch {
		case i < done:
			past.Completed = now.AddDate(0, 0, -7)
		case i < done+late:
			past.Duties = map[string]learning.Duty{"a": {On: now.AddDate(0, 0, -14).Format(time.DateOnly), At: store.At(now.AddDate(0, 0, -13)), Since: store.At(past.Since)}}
		}
		who := learning.Learner{ID: uuid.NewString(), Unit: at.Path, Language: language, Profession: string(profession)}
		if err := enrolments.Insert(h.t.Context(), past.Enrolment(who, "first-contact")); err != nil {
			h.t.Fatal(err)
		}
	}
}

// An administrator asks how many are trained: by unit, course, language,
// profession and week, in the whole, a part or a period.
func TestReportsCountPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		north, south, small := site.organisation("North", top.ID), site.organisation("South", top.ID), site.organisation("Small", top.ID)
		h.crowd(e, north, "en", "police", 5, 6, 7)
		h.crowd(e, south, "et", "guardian", 8, 9, 10)
		h.crowd(e, small, "en", "police", 0, 2, 0)
		h.crowd(e, small, "et", "police", 0, 1, 0)

		lines := site.report("by=course")
		lines["first-contact"].says(t, "the course", 48, 18, 17)
		for _, query := range []string{"by=unit", "by=unit&unit=" + top.ID, "by=unit&course=first-contact"} {
			lines = site.report(query)
			if len(lines) != 3 {
				t.Errorf("%s: %v", query, lines)
			}
			lines[small.ID].says(t, "three people", -1, -1, -1)
			if lines[north.ID].Suppressed == lines[south.ID].Suppressed {
				t.Errorf("%s: not one of both hides who is few", query)
			}
		}
		lines = site.report("by=language")
		lines["en"].says(t, "English", 20, 8, 7)
		lines["et"].says(t, "Estonian", 28, 10, 10)
		lines["ar"].says(t, "Arabic", 0, 0, 0)
		lines = site.report("by=profession")
		lines["police"].says(t, "police", 21, 9, 7)
		lines["guardian"].says(t, "guardians", 27, 9, 10)
		lines = site.report("by=week")
		if len(lines) != 52 {
			t.Errorf("%d weeks", len(lines))
		}
		day := func(d int) string { return h.clock.now().AddDate(0, 0, d).Format(time.DateOnly) }
		lines[learning.Week(h.clock.now().AddDate(0, 0, -7))].says(t, "a week", 18, 18, 0)
		lines = site.report("by=course&from=" + day(-7) + "&to=" + day(0))
		lines["first-contact"].says(t, "two weeks", 18, 18, 0)
		moved := site.report("by=course&from=" + day(-4) + "&to=" + day(0))
		moved["first-contact"].says(t, "from a day later, in the same week", 18, 18, 0)
		for _, l := range site.report("by=language&from=" + day(-8)) {
			l.says(t, "a language by period", -1, -1, -1)
		}

		site.refuse("course-unknown", "GET", path("/reports/completion?by=unit&course=nowhere"), nil)
		site.refuse("date-invalid", "GET", path("/reports/completion?by=unit&from=yesterday"), nil)
		site.refuse("date-invalid", "GET", path("/reports/completion?by=unit&from=2026-11-01&to=2026-10-01"), nil)
		site.want(422, "GET", path("/reports/completion?by=person"), nil)
		h.learner("Liis Kask").refuse("forbidden", "GET", path("/reports/completion?by=unit"), nil)
		chief := h.invited("Chief of North", site.invite(north, 1, "administrator"))
		chief.refuse("not-found", "GET", path("/reports/completion?by=unit&unit=%s", south.ID), nil)
		chief.want(200, "GET", path("/reports/completion?by=unit"), nil)
	})
}

// walk reads the list of completions person by person, as somebody would who looks
// at the length of each page, and says what it counted.
func (c *client) walk(query string) (seen [3]int, counted *figures) {
	c.h.t.Helper()
	for cursor := ""; ; {
		var page struct {
			Items []struct {
				Status  string
				Overdue bool
			}
			Next    string
			Counted *figures
		}
		c.want(200, "GET", path("/completions?limit=1&%s&cursor=%s", query, cursor), nil).decode(c.h.t, &page)
		counted = page.Counted
		if len(page.Items) == 0 && cursor != "" {
			c.h.t.Errorf("%s: an empty page tells that somebody is behind it", query)
		}
		for _, p := range page.Items {
			seen[0]++
			if p.Overdue {
				seen[2]++
			} else if p.Status == "completed" {
				seen[1]++
			}
		}
		if cursor = page.Next; cursor == "" {
			return seen, counted
		}
	}
}

// Somebody who sees the names of some organisations and only counts of others asks
// for everything, by all filters and reports, takes those off whom they know, and
// subtracts: no number of one to four people comes out.
func TestCountsWithoutNamesGiveNobodyAwayWithAllThatCanBeAsked(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		north, south := site.organisation("North", top.ID), site.organisation("South", top.ID)
		quiet, still, few := site.organisation("Quiet", top.ID), site.organisation("Still", north.ID), site.organisation("Few", south.ID)
		h.crowd(e, north, "en", "police", 6, 7, 5)
		h.crowd(e, south, "et", "guardian", 5, 9, 0)
		h.crowd(e, quiet, "en", "police", 7, 12, 6)
		h.crowd(e, still, "uk", "police", 8, 9, 5)
		h.crowd(e, few, "et", "police", 1, 2, 0)
		for _, o := range []organisation{quiet, still, few} {
			site.set(o, m{"sees": "counts"})
		}
		units := map[string][]organisation{"": {north, south, quiet, still, few}, top.ID: {north, south, quiet, still, few}, north.ID: {north, still}, south.ID: {south, few}, quiet.ID: {quiet}, still.ID: {still}, few.ID: {few}}
		group := func(list []organisation, hidden bool) (key string) {
			for i, o := range []organisation{north, south, quiet, still, few} {
				if slices.Contains(list, o) && (!hidden || i >= 2) {
					key += string(rune('0' + i))
				}
			}
			return key
		}
		told := map[string][3]*int{} // of the hidden in a group of units
		take := func(list []organisation, f figures, known [3]int) {
			key := group(list, true)
			for i, n := range []*int{f.Assigned, f.Certified, f.Overdue} {
				if n != nil {
					x := told[key]
					rest := *n - known[i]
					x[i] = &rest
					told[key] = x
				}
			}
		}
		for id, list := range units {
			known, counted := site.walk("organisation=" + id)
			take(list, site.report("by=course&unit=" + id)["first-contact"], known)
			var hidden []organisation
			for _, o := range list {
				if o == quiet || o == still || o == few {
					hidden = append(hidden, o)
				}
			}
			take(hidden, *counted, [3]int{})
			for _, filter := range []string{"status=assigned", "status=enrolled", "status=completed", "overdue=true", "delta=true", "course=first-contact"} {
				if strings.HasPrefix(filter, "delta") { // never ends
					h.clock.advance(time.Minute)
					var page struct{ Items []struct{ Name string } }
					site.want(200, "GET", path("/completions?limit=500&%s&organisation=%s", filter, id), nil).decode(t, &page)
					if len(page.Items) != known[0] {
						t.Errorf("%s: %d instead of %d", filter, len(page.Items), known[0])
					}
					continue
				}
				_, again := site.walk(filter + "&organisation=" + id)
				if !reflect.DeepEqual(again, counted) {
					t.Errorf("%s: the filter changes what is counted", filter)
				}
				_, _, html := h.browserOf(site).get("/admin/completions?" + filter + "&organisation=" + id)
				if want := fmt.Sprintf("<strong>%d</strong>", known[1]); !bytes.Contains(html, []byte(want)) && known[0] > 0 {
					t.Errorf("%s of %q: the page does not say %s, or says more", filter, id, want)
				}
			}
		}
		some := 0
		for a, x := range told {
			for i, n := range x {
				if n == nil {
					continue
				}
				some++
				if *n != 0 && *n < 5 {
					t.Errorf("figure %d of %s is %d", i, a, *n)
				}
				for b, y := range told {
					if y[i] != nil && a != b && strings.Trim(b, a) == "" && strings.ContainsAny(a, b) {
						if d := *n - *y[i]; d != 0 && d < 5 {
							t.Errorf("figure %d of %s less %s is %d", i, a, b, d)
						}
					}
				}
			}
		}
		if some == 0 {
			t.Error("nothing is told")
		}
	})
}

// What is derived for fictional people is what the server derives.
func TestNothingIsToPutRightAfterSeeding(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	if _, err := seed.Fill(t.Context(), e, seed.Plan{Learners: 150, Courses: 3, Seed: 3, Until: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}, nil); err != nil {
		t.Fatal(err)
	}
	h := withRules(t, e, "")
	if err := h.Tracking.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, changed := 0, 0
	err := h.Learning.EachCompletion(t.Context(), learning.Filter{}, func(e *learning.Enrolment) error {
		n++
		if e.Rev > 1 {
			changed++
		}
		return nil
	})
	if err != nil || n == 0 || changed > 0 {
		t.Errorf("of %d enrolments %d changed (%v)", n, changed, err)
	}
	if got := h.admin().report("by=course"); len(got) != 4 {
		t.Errorf("%v", got)
	}
}

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
