package server_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// settled waits until what was decided in an organisation has reached its people.
func (c *client) settled(o organisation) { c.h.t.Helper(); c.settledAt(o.ID) }

func (c *client) settledAt(id string) {
	c.h.t.Helper()
	for range 1000 {
		pending := false
		for _, what := range []string{"cohorts", "assignments"} {
			pending = pending || bytes.Contains(c.want(200, "GET", path("/organisations/%s/%s", id, what), nil).body, []byte(`"pending":true`))
		}
		if !pending {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	c.h.t.Fatal("what was decided does not reach anybody")
}

// tutor is somebody of an organisation who goes along with a cohort.
func (h *havn) tutor(name string, by *client, o organisation, cohort string) *client {
	h.t.Helper()
	c := h.invited(name, by.invite(o, 1))
	by.want(204, "PUT", path("/cohorts/%s/tutors/%s", cohort, c.id()), nil)
	return h.signIn(strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org")
}

// cohort is one by hand that shows answers, with members and the sample course.
func (c *client) cohort(o organisation, from, to string, members ...*client) string {
	c.h.t.Helper()
	id := uuid.NewString()
	c.want(200, "PUT", path("/organisations/%s/cohorts/%s", o.ID, id), m{"name": "Autumn", "kind": "hand", "starts_on": from, "ends_on": to, "answers": true})
	for _, member := range members {
		c.want(204, "PUT", path("/cohorts/%s/members/%s", id, member.id()), nil)
	}
	c.want(200, "PUT", path("/organisations/%s/assignments/%s", o.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "cohort", "id": id}})
	c.settled(o)
	return id
}

// until waits for what happens in the background.
func (h *havn) until(what string, holds func() bool) {
	h.t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Errorf("it does not come about: %s", what)
}

// handIn takes the quiz with right answers.
func (c *client) handIn() string {
	c.h.t.Helper()
	a := c.start("m1-quiz")
	a.answerAll()
	a.submit()
	return a.ID
}

// A tutor sees what a member answered only in their own cohort, only what was
// begun after the member had been told and handed in while the cohort ran, and
// only until 90 days after its end. Each look is in the log and the member sees it.
func TestATutorSeesAnswersOnlyOfTheirCohortAndOnlyAsWasSaidBefore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		mari, jonas := h.invited("Mari Tamm", site.invite(top, 1)), h.invited("Jonas Petraitis", site.invite(top, 1))
		before := mari.handIn()
		h.clock.advance(time.Hour)
		cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
		other := site.cohort(top, "2026-11-01", "2026-12-31", jonas)
		tutor, another := h.tutor("Tutor Kask", site, top, cohort), h.tutor("Another Kask", site, top, other)
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		attempts := path("/cohorts/%s/members/%s/attempts", cohort, mari.id())
		var own struct {
			Items []struct {
				Seen      bool
				Tutors    []string
				SeenUntil store.Time `json:"seen_until"`
			}
		}
		mari.want(200, "GET", path("/me/cohorts"), nil).decode(t, &own)
		if len(own.Items) != 1 || !own.Items[0].Seen || !slices.Equal(own.Items[0].Tutors, []string{"Tutor Kask"}) || own.Items[0].SeenUntil.Format(time.DateOnly) != "2027-04-01" {
			t.Errorf("the member is told %+v", own)
		}
		if _, _, page := h.browserOf(mari).get("/courses/first-contact/quiz/m1-quiz"); !bytes.Contains(page, []byte("see what you hand in here until 1 April 2027")) || !bytes.Contains(page, []byte("Tutor Kask")) {
			t.Errorf("the page before the quiz does not say who will see: %s", page)
		}
		seen, unseen := mari.handIn(), jonas.handIn()

		list := tutor.want(200, "GET", attempts, nil)
		if !bytes.Contains(list.body, []byte(seen)) || bytes.Contains(list.body, []byte(before)) {
			t.Errorf("what was handed in before the member was told: %s", list.body)
		}
		if got := tutor.want(200, "GET", attempts+"/"+seen, nil); !bytes.Contains(got.body, []byte(`"response"`)) || !bytes.Contains(got.body, []byte("q-days")) {
			t.Errorf("the answers are %s", got.body)
		}
		tutor.refuse("not-found", "GET", attempts+"/"+before, nil)
		tutor.refuse("not-found", "GET", attempts+"/"+unseen, nil)
		tutor.refuse("not-found", "GET", path("/cohorts/%s/members/%s/attempts", cohort, jonas.id()), nil)
		tutor.refuse("not-found", "GET", path("/cohorts/%s/members/%s/attempts/%s", other, jonas.id(), unseen), nil)
		another.refuse("not-found", "GET", attempts+"/"+seen, nil)
		for _, c := range []*client{chief, site, jonas} {
			c.refuse("forbidden", "GET", attempts+"/"+seen, nil)
		}
		tutor.refuse("forbidden", "GET", path("/completions"), nil)
		tutor.refuse("forbidden", "POST", path("/organisations/%s/invitations", top.ID), m{})
		another.refuse("not-found", "GET", path("/cohorts/%s/members", cohort), nil)
		if got := tutor.want(200, "GET", path("/cohorts/%s/members", cohort), nil); !bytes.Contains(got.body, []byte("Mari Tamm")) || bytes.Contains(got.body, []byte("Jonas")) || bytes.Contains(got.body, []byte("@example.org")) {
			t.Errorf("the standing of the cohort is %s", got.body)
		}
		tutor.tokenFor(false, "reports", "people", "learning", "courses").refuse("forbidden", "GET", attempts+"/"+seen, nil)

		if got := mari.want(200, "GET", path("/me/looks"), nil); bytes.Count(got.body, []byte("Tutor Kask")) != 1 {
			t.Errorf("who looked: %s", got.body)
		}
		if _, _, page := h.browserOf(mari).get("/privacy"); !bytes.Contains(page, []byte("Tutor Kask")) || !bytes.Contains(page, []byte("Who looked at your answers")) {
			t.Error("“Who can see what about me” does not say who looked")
		}
		if got := chief.want(200, "GET", path("/audit?organisation=%s", top.ID), nil); !bytes.Contains(got.body, []byte(`"answers-read"`)) {
			t.Error("the log does not know that somebody looked")
		}

		h.clock.advance(40 * 24 * time.Hour) // 2 January 2027: the cohort has ended
		mari, tutor = h.signIn("mari.tamm@example.org"), h.signIn("tutor.kask@example.org")
		late := mari.handIn()
		if got := tutor.want(200, "GET", attempts, nil); !bytes.Contains(got.body, []byte(seen)) || bytes.Contains(got.body, []byte(late)) {
			t.Errorf("after the end: %s", got.body)
		}
		h.clock.advance(88 * 24 * time.Hour)
		tutor = h.signIn("tutor.kask@example.org")
		tutor.want(200, "GET", attempts+"/"+seen, nil)
		h.clock.advance(2 * 24 * time.Hour)
		tutor = h.signIn("tutor.kask@example.org")
		tutor.refuse("not-found", "GET", attempts+"/"+seen, nil)
	})
}

// What was answered while a cohort did not say so stays unseen, whatever is
// decided later: showing answers, an earlier first day, a later last day.
func TestNoLaterDecisionOpensWhatWasAnsweredBefore(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari := h.invited("Mari Tamm", site.invite(top, 1))
	id := uuid.NewString()
	set := func(from, to string, answers bool) {
		h.clock.advance(time.Minute)
		site.want(200, "PUT", path("/organisations/%s/cohorts/%s", top.ID, id), m{"name": "Autumn", "kind": "hand", "starts_on": from, "ends_on": to, "answers": answers})
		h.clock.advance(time.Minute)
	}
	set("2026-11-01", "2026-11-24", false)
	site.want(204, "PUT", path("/cohorts/%s/members/%s", id, mari.id()), nil)
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "cohort", "id": id}})
	site.settled(top)
	tutor := h.tutor("Tutor Kask", site, top, id)
	attempts := path("/cohorts/%s/members/%s/attempts", id, mari.id())
	sees := func(attempt string) bool {
		return bytes.Contains(tutor.want(200, "GET", attempts, nil).body, []byte(attempt))
	}
	early := mari.handIn()
	set("2026-11-01", "2026-11-24", true)
	told := mari.handIn()
	if sees(early) || !sees(told) {
		t.Error("switching sight on shows what was answered before, or nothing")
	}
	set("2026-11-01", "2026-11-25", true)
	if !sees(told) {
		t.Error("a longer cohort hides what was told")
	}
	set("2026-11-26", "2026-12-25", true)
	unwatched := mari.handIn()
	set("2026-11-01", "2026-12-25", true)
	if sees(unwatched) {
		t.Error("an earlier first day shows what was answered before it was said")
	}
	h.clock.advance(34 * 24 * time.Hour) // 27 December
	mari, tutor, site = h.signIn("mari.tamm@example.org"), h.signIn("tutor.kask@example.org"), h.admin()
	after := mari.handIn()
	set("2026-11-01", "2027-01-31", true)
	if sees(after) {
		t.Error("a later last day shows what was answered when it had ended")
	}
}

// A tutor whose account is closed or erased, or who is taken out of the
// authority, sees nothing, and administrators see that the cohort has none.
func TestATutorWhoLeavesLeavesTheCohortWithoutOne(t *testing.T) {
	t.Parallel()
	for how, leave := range map[string]func(h *havn, site, tutor *client, top, other organisation){
		"closed": func(_ *havn, site, tutor *client, _, _ organisation) {
			site.want(204, "PUT", path("/accounts/%s/access", tutor.id()), map[string]bool{"open": false})
		},
		"erased": func(_ *havn, _, tutor *client, _, _ organisation) {
			tutor.want(204, "POST", path("/me/erasure"), m{"password": password})
		},
		"removed": func(_ *havn, site, tutor *client, top, _ organisation) {
			site.want(204, "DELETE", path("/organisations/%s/members/%s", top.ID, tutor.id()), nil)
		},
		"moved": func(_ *havn, site, tutor *client, _, other organisation) {
			site.want(200, "PUT", path("/organisations/%s/members/%s", other.ID, tutor.id()), m{"roles": []string{"learner"}})
		},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			h := withRules(t, storetest.SQLite().New(t).Open(t), "")
			site := h.admin()
			top, other := site.organisation("Authority", ""), site.organisation("Other", "")
			mari := h.invited("Mari Tamm", site.invite(top, 1))
			cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
			tutor := h.tutor("Tutor Kask", site, top, cohort)
			tutorless := func() bool {
				return bytes.Contains(site.want(200, "GET", path("/cohorts/%s", cohort), nil).body, []byte(`"tutorless":true`))
			}
			tutor.want(200, "GET", path("/cohorts/%s/members", cohort), nil)
			if tutorless() {
				t.Error("it has a tutor")
			}
			leave(h, site, tutor, top, other)
			if got := tutor.do("GET", path("/cohorts/%s/members", cohort), nil); got.status < 400 {
				t.Errorf("who left still sees: %s", got.body)
			}
			if !tutorless() {
				t.Error("administrators do not see that there is no tutor")
			}
			if _, _, page := h.browserOf(site).get("/organisations/" + top.ID + "/cohorts"); !bytes.Contains(page, []byte("without tutor")) {
				t.Error("the page does not say so")
			}
		})
	}
}

// Where an organisation shows counts only, a tutor sees neither standing nor
// answers of its people.
func TestCountsOnlyHoldsForTutorsToo(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari := h.invited("Mari Tamm", site.invite(top, 1))
	cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
	tutor := h.tutor("Tutor Kask", site, top, cohort)
	seen := mari.handIn()
	site.want(200, "PUT", path("/organisations/%s/settings", top.ID), m{"sees": "counts"})
	if got := tutor.want(200, "GET", path("/cohorts/%s/members", cohort), nil); bytes.Contains(got.body, []byte(`"status"`)) {
		t.Errorf("standing: %s", got.body)
	}
	tutor.refuse("not-found", "GET", path("/cohorts/%s/members/%s/attempts/%s", cohort, mari.id(), seen), nil)
}

// What a member shared of a reflection is read by the tutor, and nothing else of it.
func TestATutorReadsTheReflectionThatWasShared(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari := h.invited("Mari Tamm", site.invite(top, 1))
	cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
	tutor := h.tutor("Tutor Kask", site, top, cohort)
	h.clock.advance(time.Minute)
	thought := "nobody has <time> to listen"
	for _, shared := range []bool{true, false} {
		a := mari.start("m1-quiz")
		a.answerAll()
		a.save("r-work", assessment.Response{Text: &thought, Shared: shared})
		a.submit()
		_, _, page := h.browserOf(tutor).get("/cohorts/" + cohort + "/members/" + mari.id() + "/attempts/" + a.ID)
		if got := bytes.Contains(page, []byte("nobody has &lt;time&gt; to listen")); got != shared {
			t.Errorf("shared %v, seen %v: %s", shared, got, page)
		}
	}
}
