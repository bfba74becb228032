package server_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

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
