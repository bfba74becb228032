package server_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

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
		for _, place := range []organisation{other, unit} { // away, and back
			site.want(200, "PUT", path("/organisations/%s/members/%s", place.ID, late.id()), m{"roles": []string{"learner"}})
		}
		if d := late.due(); d.Status != "exempt" {
			t.Errorf("exempt, and come back: %+v", d)
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
