package server_test

import (
	"fmt"
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

// Where counting takes long, figures are kept and counted anew while people ask:
// what changed shows after a while, without anybody waiting for it.
func TestFiguresThatAreKeptBecomeFresh(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) { c.CountWithin = time.Nanosecond })
	site := h.admin()
	north := site.organisation("North", "")
	assigned := func() (n int) {
		var r struct {
			Items []struct{ Assigned *int }
		}
		site.want(200, "GET", path("/reports/completion?by=course"), nil).decode(t, &r)
		for _, x := range r.Items {
			if x.Assigned != nil {
				n += *x.Assigned
			}
		}
		return n
	}
	if n := assigned(); n != 0 {
		t.Fatalf("%d of nobody", n)
	}
	h.crowd(e, north, "en", "police", 20, 41, 7)
	h.until("the figures are those of now", func() bool { return assigned() == 68 })
}
