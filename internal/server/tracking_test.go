package server_test

import (
	"bytes"
	"fmt"
	"net/url"
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

type dueItem struct {
	Course, Status string
	DueOn          string     `json:"due_on"`
	DueAt          store.Time `json:"due_at"`
	Overdue        bool
	Exempt         bool
	Priority       string
	AssignedBy     []string `json:"assigned_by"`
}

// due is one's own standing in the sample course; the zero item where there is none.
func (c *client) due() dueItem {
	c.h.t.Helper()
	var list struct{ Items []dueItem }
	c.want(200, "GET", path("/enrolments"), nil).decode(c.h.t, &list)
	for _, e := range list.Items {
		if e.Course == "first-contact" {
			return e
		}
	}
	return dueItem{}
}

// newcomer has an account in an organisation and has begun nothing.
func (h *havn) newcomer(name, code string) *client {
	h.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	h.anonymous().want(201, "POST", path("/accounts"), m{"email": email, "password": password, "name": name, "invitation": code})
	return h.signIn(email)
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

// A learner sees what they have to take, by when, and who said so; of several
// days the earliest counts. Exemption, an end of the assignment and moving away
// take effect, and nothing that was learned is lost.
func TestALearnerSeesWhatIsDueAndWhoSaidSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		unit, other := site.organisation("Harbour Unit", top.ID), site.organisation("Other Authority", "")
		mari, jonas := h.newcomer("Mari Tamm", site.invite(unit, 1)), h.newcomer("Jonas Petraitis", site.invite(other, 1))
		first, second := uuid.NewString(), uuid.NewString()
		site.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, first), m{"course": "first-contact", "to": m{"kind": "unit", "id": top.ID}, "due_on": "2026-12-12"})
		site.settled(top)
		if d := mari.due(); d.Status != "assigned" || d.DueOn != "2026-12-12" || d.Overdue || !slices.Equal(d.AssignedBy, []string{"Authority"}) {
			t.Errorf("assigned: %+v", d)
		}
		if d := jonas.due(); d.Status != "" {
			t.Errorf("somebody of another authority: %+v", d)
		}
		late := h.newcomer("Late Kask", site.invite(unit, 1))
		if d := late.due(); d.DueOn != "2026-12-12" {
			t.Errorf("who comes later: %+v", d)
		}
		b := h.browserOf(mari)
		for _, page := range []string{"/", "/learning", "/courses/first-contact"} {
			if _, _, text := b.get(page); !bytes.Contains(text, []byte("Due 12 December 2026")) || !bytes.Contains(text, []byte("Assigned by Authority")) {
				t.Errorf("%s does not say what is due", page)
			}
		}
		mari.refuse("not-enrolled", "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)
		mari.want(201, "PUT", path("/enrolments/first-contact"), nil)
		mari.want(200, "PUT", path("/enrolments/first-contact"), nil)
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)

		site.want(200, "PUT", path("/organisations/%s/assignments/%s", unit.ID, second), m{"course": "first-contact", "to": m{"kind": "person", "id": mari.id()}, "due_on": "2026-12-01", "priority": "high"})
		site.settled(unit)
		if d := mari.due(); d.Status != "enrolled" || d.DueOn != "2026-12-01" || d.Priority != "high" || !slices.Equal(d.AssignedBy, []string{"Authority", "Harbour Unit"}) {
			t.Errorf("of two: %+v", d)
		}
		h.clock.advance(9 * 24 * time.Hour) // 2 December
		mari, site, late = h.signIn("mari.tamm@example.org"), h.admin(), h.signIn("late.kask@example.org")
		if d := mari.due(); !d.Overdue {
			t.Errorf("the day after: %+v", d)
		}
		if _, _, text := h.browserOf(mari).get("/"); !bytes.Contains(text, []byte("Overdue since 1 December 2026")) {
			t.Error("the start page does not say in words what is overdue")
		}
		var overdue struct{ Items []struct{ Name string } }
		site.want(200, "GET", path("/completions?organisation=%s&overdue=true", top.ID), nil).decode(t, &overdue)
		if len(overdue.Items) != 1 || overdue.Items[0].Name != "Mari Tamm" {
			t.Errorf("overdue are %+v", overdue)
		}
		exemption := path("/organisations/%s/assignments/%s/exemptions/%s", unit.ID, second, mari.id())
		site.want(204, "PUT", exemption, m{"reason": "away"})
		site.want(204, "PUT", exemption, m{"reason": "away"})
		if d := mari.due(); d.DueOn != "2026-12-12" || d.Overdue {
			t.Errorf("exempt from one of two: %+v", d)
		}
		site.want(204, "PUT", path("/organisations/%s/assignments/%s/exemptions/%s", top.ID, first, late.id()), m{"reason": "trained-elsewhere"})
		if d := late.due(); d.Status != "exempt" || d.DueOn != "" || !d.Exempt {
			t.Errorf("exempt: %+v", d)
		}
		if err := h.Tracking.Repair(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := late.due(); d.Status != "exempt" {
			t.Errorf("exempt, and derived anew: %+v", d)
		}
		site.want(204, "DELETE", exemption, nil)
		site.want(204, "DELETE", path("/organisations/%s/assignments/%s", top.ID, first), nil)
		h.until("it has ended and was never begun", func() bool { return late.due().Status == "" })
		h.until("one has ended", func() bool { return mari.due().DueOn == "2026-12-01" })
		site.want(200, "PUT", path("/organisations/%s/members/%s", other.ID, mari.id()), m{"roles": []string{"learner"}})
		if d := mari.due(); d.Status != "enrolled" || d.DueOn != "" {
			t.Errorf("moved away: %+v", d)
		}
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-status"), nil)
		mari.handIn()
		if d := mari.due(); d.Status != "completed" {
			t.Errorf("%+v", d)
		}
	})
}

// A course that is completed is due again before its certificate ends, where the
// assignment asks for that.
func TestACertificateIsToBeRenewedBeforeItEnds(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari, _ := h.certified("Mari Tamm", site.invite(top, 1)) // on 23 November 2026, for 24 months
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "unit", "id": top.ID}, "due_on": "2026-12-12", "renew_days": 30})
	site.settled(top)
	if d := mari.due(); d.Status != "completed" || d.DueOn != "2028-10-24" || d.Overdue {
		t.Errorf("%+v", d)
	}
	if _, _, text := h.browserOf(mari).get("/learning"); !bytes.Contains(text, []byte("Renew the certificate by 24 October 2028")) {
		t.Error("“My learning” does not say so")
	}
}

// A day ends where the organisation works, also on the days on which clocks
// change, and also where there is no midnight.
func TestADueDayEndsByTheOrganisationsClock(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	for zone, days := range map[string]map[string]string{
		"Europe/Tallinn":     {"2027-03-28": "2027-03-28T21:00:00Z", "2027-10-31": "2027-10-31T22:00:00Z"},
		"Atlantic/Reykjavik": {"2027-03-28": "2027-03-29T00:00:00Z"},
		"Europe/Warsaw":      {"2027-10-30": "2027-10-30T22:00:00Z", "2027-10-31": "2027-10-31T23:00:00Z"},
		"America/New_York":   {"2027-03-14": "2027-03-15T04:00:00Z"},
		"Asia/Beirut":        {"2027-03-27": "2027-03-27T22:00:00Z", "2027-03-28": "2027-03-28T21:00:00Z"},
		"Pacific/Auckland":   {"2027-04-04": "2027-04-04T12:00:00Z"},
	} {
		o := site.organisation(zone, "")
		site.want(200, "PUT", path("/organisations/%s/settings", o.ID), m{"time_zone": zone})
		person := h.newcomer("Person in "+strings.ReplaceAll(zone, "/", " "), site.invite(o, 1))
		for day, end := range days {
			id := uuid.NewString()
			site.want(200, "PUT", path("/organisations/%s/assignments/%s", o.ID, id), m{"course": "first-contact", "to": m{"kind": "unit", "id": o.ID}, "due_on": day})
			site.settled(o)
			if d := person.due(); d.DueOn != day || d.DueAt.Format(time.RFC3339) != end {
				t.Errorf("%s in %s ends at %s (%+v)", day, zone, d.DueAt.Format(time.RFC3339), d)
			}
			site.want(204, "DELETE", path("/organisations/%s/assignments/%s", o.ID, id), nil)
			site.settled(o)
		}
	}
	o := site.organisation("Nowhere", "")
	site.refuse("invalid-field", "PUT", path("/organisations/%s/settings", o.ID), m{"time_zone": "Baltic/Atlantis"})
	site.refuse("invalid-field", "PUT", path("/organisations/%s/settings", o.ID), m{"time_zone": "Local"})
}

// Days after joining count from when the person came to the unit.
func TestDaysAfterJoiningCountForEachPerson(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	early := h.newcomer("Early Tamm", site.invite(top, 1))
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "unit", "id": top.ID}, "due_days": 30})
	site.settled(top)
	h.clock.advance(10 * 24 * time.Hour)
	site = h.admin()
	late := h.newcomer("Late Tamm", site.invite(top, 1))
	if d := early.due(); d.DueOn != "2026-12-23" {
		t.Errorf("who was there: %+v", d)
	}
	if d := late.due(); d.DueOn != "2027-01-02" {
		t.Errorf("who came ten days later: %+v", d)
	}
}

// A cohort by rule says beforehand whom it reaches, warns of nobody and of
// everybody, and follows people.
func TestACohortByRuleFollowsPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		unit := site.organisation("Harbour Unit", top.ID)
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		mari, jonas := h.newcomer("Mari Tamm", chief.invite(unit, 1)), h.newcomer("Jonas Petraitis", chief.invite(top, 1))
		mari.want(200, "PATCH", path("/me"), m{"language": "et"})
		id := uuid.NewString()
		cohort := path("/organisations/%s/cohorts/%s", top.ID, id)
		type reach struct {
			People  int
			Warning string
			Pending bool
		}
		for _, c := range []struct {
			rule m
			want reach
		}{
			{m{"languages": []string{"et"}}, reach{1, "", false}},
			{m{"languages": []string{"uk"}}, reach{0, "nobody", false}},
			{m{}, reach{3, "everybody", false}},
			{m{"countries": []string{"EE"}}, reach{3, "everybody", false}},
			{m{"countries": []string{"SE"}}, reach{0, "nobody", false}},
			{m{"units": []string{unit.ID}}, reach{1, "", false}},
			{m{"roles": []string{"administrator"}}, reach{1, "", false}},
			{m{"units": []string{unit.ID}, "languages": []string{"en"}}, reach{0, "nobody", false}},
		} {
			var got reach
			chief.want(200, "PUT", cohort+"?dry_run=true", m{"name": "By rule", "kind": "rule", "rule": c.rule}).decode(t, &got)
			if got != c.want {
				t.Errorf("%v reaches %+v instead of %+v", c.rule, got, c.want)
			}
		}
		chief.refuse("not-found", "GET", path("/cohorts/%s", id), nil)
		chief.want(200, "PUT", cohort, m{"name": "By rule", "kind": "rule", "rule": m{"languages": []string{"et"}}})
		chief.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "cohort", "id": id}, "due_on": "2026-12-12"})
		chief.settled(top)
		if a, b := mari.due(), jonas.due(); a.DueOn != "2026-12-12" || b.Status != "" {
			t.Errorf("Mari reads Estonian: %+v, Jonas does not: %+v", a, b)
		}
		mari.want(200, "PATCH", path("/me"), m{"language": "en"})
		jonas.want(200, "PATCH", path("/me"), m{"language": "et"})
		if a, b := mari.due(), jonas.due(); a.Status != "" || b.DueOn != "2026-12-12" {
			t.Errorf("they have changed places: %+v %+v", a, b)
		}
		chief.refuse("cohort-by-rule", "PUT", path("/cohorts/%s/members/%s", id, mari.id()), nil)
		chief.want(200, "PUT", cohort, m{"name": "By rule", "kind": "rule", "rule": m{"units": []string{unit.ID}}})
		chief.settled(top)
		if a, b := mari.due(), jonas.due(); a.DueOn != "2026-12-12" || b.Status != "" {
			t.Errorf("the rule has changed: %+v %+v", a, b)
		}
		chief.want(204, "DELETE", path("/cohorts/%s", id), nil)
		chief.settled(top)
		h.until("the cohort is gone", func() bool { return mari.due().Status == "" })
		chief.refuse("not-found", "GET", path("/cohorts/%s", id), nil)
	})
}

// Whatever is wrong is said, and nothing happens.
func TestWhatIsWrongWithACohortOrAnAssignmentIsSaid(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top, other := site.organisation("Authority", ""), site.organisation("Other", "")
	cohort := path("/organisations/%s/cohorts/%s", top.ID, uuid.NewString())
	for code, body := range map[string]m{
		"name-invalid":      {"name": " ", "kind": "hand"},
		"date-invalid":      {"name": "A", "kind": "hand", "starts_on": "2026-02-30"},
		"unit-unknown":      {"name": "A", "kind": "rule", "rule": m{"units": []string{other.ID}}},
		"country-invalid":   {"name": "A", "kind": "rule", "rule": m{"countries": []string{"XX"}}},
		"language-unknown":  {"name": "A", "kind": "rule", "rule": m{"languages": []string{"tlh"}}},
		"cohort-needs-days": {"name": "A", "kind": "hand", "answers": true},
	} {
		site.refuse(code, "PUT", cohort, body)
	}
	site.refuse("date-invalid", "PUT", cohort, m{"name": "A", "kind": "hand", "starts_on": "2026-12-12", "ends_on": "2026-12-11"})
	site.refuse("cohort-needs-days", "PUT", cohort, m{"name": "A", "kind": "hand", "starts_on": "2026-12-12", "ends_on": "2099-12-11", "answers": true})
	site.refuse("unit-unknown", "PUT", cohort, m{"name": "A", "kind": "rule", "rule": m{"units": []string{"nowhere"}}})
	site.refuse("id-invalid", "PUT", path("/organisations/%s/cohorts/autumn", top.ID), m{"name": "A", "kind": "hand"})
	site.want(200, "PUT", cohort, m{"name": "A", "kind": "hand"})
	site.want(200, "PUT", cohort, m{"name": "A", "kind": "hand"})
	site.refuse("cohort-exists", "PUT", cohort, m{"name": "A", "kind": "rule"})
	site.refuse("cohort-exists", "PUT", strings.Replace(cohort, top.ID, other.ID, 1), m{"name": "A", "kind": "hand"})

	assignment := path("/organisations/%s/assignments/%s", top.ID, uuid.NewString())
	to := m{"kind": "unit", "id": top.ID}
	for code, body := range map[string]m{
		"course-unknown": {"course": "withdrawn-course", "to": to},
		"date-invalid":   {"course": "first-contact", "to": to, "due_on": "12.12.2026"},
		"due-past":       {"course": "first-contact", "to": to, "due_on": "2026-11-22"},
		"not-found":      {"course": "first-contact", "to": m{"kind": "unit", "id": other.ID}},
		"invalid-field":  {"course": "first-contact", "to": to, "due_on": "2026-12-12", "due_days": 3},
	} {
		site.refuse(code, "PUT", assignment, body)
	}
	site.want(200, "PUT", assignment, m{"course": "first-contact", "to": to, "due_on": "2026-11-23"}) // today is in time
	site.refuse("assignment-exists", "PUT", assignment, m{"course": "first-contact", "to": m{"kind": "person", "id": site.id()}})
	h.clock.advance(2 * 24 * time.Hour)
	site = h.admin()
	site.want(200, "PUT", assignment, m{"course": "first-contact", "to": to, "due_on": "2026-11-23", "priority": "low"}) // it is past, and was not then
	site.refuse("due-past", "PUT", assignment, m{"course": "first-contact", "to": to, "due_on": "2026-11-24"})
	site.want(204, "DELETE", assignment, nil)
	site.want(204, "DELETE", assignment, nil)
	site.refuse("assignment-exists", "PUT", assignment, m{"course": "first-contact", "to": to})
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

// A cohort takes a list of people who are there already: line by line it is said
// what would happen, and who is not of the organisation is nobody.
func TestACohortTakesAList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top, other := site.organisation("Authority", ""), site.organisation("Other", "")
		mari, jonas := h.invited("Mari Tamm", site.invite(top, 1)), h.invited("Jonas Petraitis", site.invite(top, 1))
		h.invited("Oksana Koval", site.invite(other, 1))
		id := uuid.NewString()
		site.want(200, "PUT", path("/organisations/%s/cohorts/%s", top.ID, id), m{"name": "Autumn", "kind": "hand"})
		site.want(204, "PUT", path("/cohorts/%s/members/%s", id, jonas.id()), nil)
		list := "e-mail,name\nmari.tamm@example.org,Mari\njonas.petraitis@example.org,Jonas\noksana.koval@example.org,Oksana\nnobody@example.org,Nobody\nmari.tamm@example.org,Mari again\n=1+1,Evil\n"
		var plan struct {
			Done                 bool
			Added, Same, Refused int
			Steps                []struct {
				Line          int
				Does, Problem string
			}
		}
		address := path("/cohorts/%s/members/list", id)
		site.want(200, "POST", address, list).decode(t, &plan)
		does := ""
		for _, s := range plan.Steps {
			does += fmt.Sprint(s.Line, " ", s.Does, " ", s.Problem, "; ")
		}
		if want := "2 add ; 3 nothing ; 4 refuse person-unknown; 5 refuse person-unknown; 6 refuse repeated; 7 refuse formula; "; does != want || plan.Done {
			t.Errorf("the plan is %s", does)
		}
		if got := mari.want(200, "GET", path("/me/cohorts"), nil); bytes.Contains(got.body, []byte("Autumn")) {
			t.Error("it happened before it was asked for")
		}
		site.want(200, "POST", address+"?dry_run=false", list)
		site.want(200, "POST", address+"?dry_run=false", list)
		if got := mari.want(200, "GET", path("/me/cohorts"), nil); !bytes.Contains(got.body, []byte("Autumn")) {
			t.Error("it did not happen")
		}
		var long strings.Builder
		long.WriteString("e-mail,name\n")
		for i := range 50_000 {
			fmt.Fprintf(&long, "p%d@example.org,P\n", i)
		}
		site.refuse("roster-too-long", "POST", address, long.String())
	})
}

// The same as an administrator, a learner and a tutor would do it, in browsers
// without JavaScript.
func TestACohortInTheBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari := h.invited("Mari Tamm", site.invite(top, 1))
	h.invited("Tutor Kask", site.invite(top, 1))
	chief := h.browserOf(h.invited("Chief Kask", site.invite(top, 1, "administrator")))
	base, id := "/organisations/"+top.ID, uuid.NewString()
	form := url.Values{"csrf": {chief.csrf()}, "id": {id}, "fresh": {"1"}, "name": {"Autumn at the harbour"}, "kind": {"rule"}, "language": {"uk"}, "do": {"look"}}
	if status, _, page := chief.post(base+"/cohorts", form); status != 200 || !bytes.Contains(page, []byte("Nobody would be in the cohort.")) || !bytes.Contains(page, []byte(`value="Autumn at the harbour"`)) {
		t.Errorf("%d %s", status, page)
	}
	form = url.Values{"csrf": form["csrf"], "id": form["id"], "fresh": {"1"}, "name": form["name"], "kind": {"hand"}, "answers": {"1"}, "do": {"save"}}
	if status, _, page := chief.post(base+"/cohorts", form); status != 422 || !bytes.Contains(page, []byte("a cohort needs a first and a last day")) {
		t.Errorf("%d %s", status, page)
	}
	form.Set("starts_on", "2026-11-01")
	form.Set("ends_on", "2026-12-31")
	form.Set("pace", "30")
	cohort := base + "/cohorts/" + id
	if status, to, page := chief.post(base+"/cohorts", form); status != 303 || to != cohort {
		t.Fatalf("%d %s %s", status, to, page)
	}
	csrf := form.Get("csrf")
	for where, email := range map[string]string{"/members": "mari.tamm@example.org", "/tutors": "tutor.kask@example.org"} {
		if status, to, page := chief.post(cohort+where, url.Values{"csrf": {csrf}, "email": {email}}); status != 303 || to != cohort {
			t.Errorf("%s: %d %s", where, status, page)
		}
	}
	if status, _, page := chief.post(cohort+"/members", url.Values{"csrf": {csrf}, "email": {"nobody@example.org"}}); status != 422 || !bytes.Contains(page, []byte("Nobody whom you may choose has this address.")) {
		t.Errorf("%d %s", status, page)
	}
	assignment := uuid.NewString()
	if status, to, page := chief.post(base+"/assignments", url.Values{"csrf": {csrf}, "id": {assignment}, "kind": {"cohort"}, "to": {id}, "course": {"first-contact"}, "due_on": {"2026-12-12"}, "priority": {"high"}}); status != 303 || to != base+"/assignments/"+assignment {
		t.Fatalf("%d %s", status, page)
	}
	site.settled(top)
	if _, _, page := chief.get(base + "/assignments/" + assignment); !bytes.Contains(page, []byte("Mari Tamm")) || !bytes.Contains(page, []byte("Due 12 December 2026")) {
		t.Errorf("the assignment: %s", page)
	}
	learner := h.browserOf(mari)
	if _, _, page := learner.get("/learning"); !bytes.Contains(page, []byte("Autumn at the harbour")) || !bytes.Contains(page, []byte("They also see answers that you begin from")) || !bytes.Contains(page, []byte("until 30 November 2026")) {
		t.Errorf("“My learning”: %s", page)
	}
	seen := mari.handIn()
	tutor := h.browserOf(h.signIn("tutor.kask@example.org"))
	if _, _, page := tutor.get("/"); !bytes.Contains(page, []byte(`href="/cohorts"`)) {
		t.Error("the tutor's menu does not lead to the cohorts")
	}
	for _, p := range []string{"/cohorts", "/cohorts/" + id, "/cohorts/" + id + "/members/" + mari.id(), "/cohorts/" + id + "/members/" + mari.id() + "/attempts/" + seen} {
		status, _, page := tutor.get(p)
		if status != 200 || p != "/cohorts" && !bytes.Contains(page, []byte("Mari Tamm")) {
			t.Errorf("%s: %d %s", p, status, page)
		}
	}
	if status, _, _ := tutor.get(cohort); status != 403 {
		t.Errorf("the administrator's page for a tutor: %d", status)
	}
	if status, _, _ := learner.get("/cohorts/" + id); status != 403 {
		t.Errorf("the tutor's page for a member: %d", status)
	}
	if _, _, page := learner.get("/privacy"); !bytes.Contains(page, []byte("Tutor Kask")) {
		t.Errorf("who looked: %s", page)
	}
	if status, _, _ := chief.post(base+"/assignments/"+assignment+"/exemptions", url.Values{"csrf": {csrf}, "account": {mari.id()}, "reason": {"away"}}); status != 303 {
		t.Errorf("exemption: %d", status)
	}
	if _, _, page := learner.get("/learning"); !bytes.Contains(page, []byte("You are exempt")) {
		t.Error("the learner does not see that they are exempt")
	}
	if status, to, _ := chief.post(cohort+"/end", url.Values{"csrf": {csrf}}); status != 303 || to != base+"/cohorts" {
		t.Errorf("removing: %d", status)
	}
	if status, _, _ := tutor.get("/cohorts/" + id); status < 300 || status == 500 {
		t.Errorf("a cohort that is gone: %d", status)
	}
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
