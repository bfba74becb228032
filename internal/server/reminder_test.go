package server_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/reminder"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// several are servers on one store with one clock and one mail server.
func several(t testing.TB, engines ...store.Engine) []*havn {
	t.Helper()
	var list []*havn
	for _, e := range engines {
		h := startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) {
			if len(list) > 0 {
				c.Now, c.Mail = list[0].clock.now, list[0].post.send
			}
			if _, dies := e.(*dying); dies {
				c.Mail = func(context.Context, *mail.Message) error { return errKilled }
			}
		})
		if len(list) > 0 {
			h.clock, h.post = list[0].clock, list[0].post
		}
		list = append(list, h)
	}
	return list
}

// staff are people of an organisation who have begun nothing.
func (h *havn) staff(o organisation, n int, languages ...string) (addresses []string) {
	h.t.Helper()
	place, err := h.People.Organisation(h.t.Context(), o.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	for i := range n {
		address := fmt.Sprintf("staff-%d@example.org", i)
		lang := "en"
		if len(languages) > 0 {
			lang = languages[i%len(languages)]
		}
		if _, err := h.People.Create(h.t.Context(), people.NewAccount{Email: address, Name: fmt.Sprintf("Staff %d", i), Password: password, Language: lang, Unit: place.Path}); err != nil {
			h.t.Fatal(err)
		}
		addresses = append(addresses, address)
	}
	return addresses
}

// assignDue assigns the sample course to an organisation.
func (c *client) assignDue(o organisation, on string) string {
	c.h.t.Helper()
	id := uuid.NewString()
	c.want(200, "PUT", path("/organisations/%s/assignments/%s", o.ID, id), m{"course": "first-contact", "to": m{"kind": "unit", "id": o.ID}, "due_on": on})
	c.settled(o)
	return id
}

// remind does what each server does every few minutes, on all of them at once.
func remind(t testing.TB, servers ...*havn) {
	t.Helper()
	for range 2 { // the second time sends what the first put in on another server
		var all sync.WaitGroup
		for _, h := range servers {
			all.Go(func() {
				if err := errors.Join(h.Reminders.Work(t.Context()), h.Letters.Work(t.Context())); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
}

// at sets the clock to a time of the wall clock in a zone.
func (h *havn) at(when, zone string) {
	h.t.Helper()
	l, err := time.LoadLocation(zone)
	if err != nil {
		h.t.Fatal(err)
	}
	to, err := time.ParseInLocation("2006-01-02 15:04", when, l)
	if err != nil {
		h.t.Fatal(err)
	}
	h.clock.advance(to.Sub(h.clock.now()))
}

// reminders are the letters to an address that remind.
func (p *post) reminders(address string) (list []*mail.Message) {
	for _, l := range p.to(address) {
		if strings.Contains(l.Text, "first-contact") || strings.Contains(l.Text, "\u2068") {
			list = append(list, l)
		}
	}
	return list
}

// posted waits until no reminder is under way: a clock that jumps would let the
// lease of a letter end while it leaves.
func (h *havn) posted() {
	h.t.Helper()
	h.until("all letters have left", func() bool {
		days, err := h.Reminders.Days(h.t.Context(), "", nil)
		return err == nil && !slices.ContainsFunc(days, func(d reminder.Day) bool { return d.Waiting > 0 })
	})
}

// everybodyOnce waits until each has n reminders, and looks whether there are more.
func (h *havn) everybodyOnce(n int, addresses []string, servers ...*havn) {
	h.t.Helper()
	h.until(fmt.Sprintf("everybody has %d reminders", n), func() bool {
		return !slices.ContainsFunc(addresses, func(a string) bool { return len(h.post.reminders(a)) < n })
	})
	remind(h.t, servers...)
	h.posted()
	for _, a := range addresses {
		if got := h.post.reminders(a); len(got) != n {
			h.t.Fatalf("%s has %d reminders, not %d", a, len(got), n)
		}
	}
}

// Three servers on one store remind everybody once, however often each looks.
func TestThreeServersRemindEverybodyOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		servers := several(t, e, e, e)
		h := servers[0]
		site := h.admin()
		top := site.organisation("Authority", "")
		staff := h.staff(top, 40, "en", "uk", "ar")
		site.assignDue(top, "2026-12-16")
		remind(t, servers...)
		h.everybodyOnce(0, staff, servers...)
		h.at("2026-12-02 08:00", "UTC")
		remind(t, servers...)
		h.everybodyOnce(1, staff, servers...)
		h.clock.advance(time.Hour)
		h.everybodyOnce(1, staff, servers...)
		h.clock.advance(24 * time.Hour)
		h.everybodyOnce(1, staff, servers...)

		letter := h.post.reminders(staff[0])[0]
		if letter.Language != "en" || letter.Subject != "1 reminder of your courses" || !strings.Contains(letter.Text, "due on 16 December 2026, in 14 days") || !strings.Contains(letter.Text, "/learning\n") || !strings.Contains(letter.HTML, "<li>") {
			t.Errorf("%s\n%s", letter.Subject, letter.Text)
		}
		if letter = h.post.reminders(staff[1])[0]; letter.Language != "uk" || !strings.Contains(letter.Text, "14 днів") {
			t.Errorf("%s\n%s", letter.Subject, letter.Text)
		}
		if letter = h.post.reminders(staff[2])[0]; letter.Language != "ar" || !strings.Contains(letter.HTML, `dir="rtl"`) || !strings.Contains(letter.Text, "14 يومًا") {
			t.Errorf("%s\n%s", letter.Subject, letter.Text)
		}
	})
}

// dying is the store of a server that is killed after some letters were put in.
type dying struct {
	store.Engine
	left atomic.Int64
}

var errKilled = errors.New("the server is gone")

func (d *dying) Insert(ctx context.Context, s store.Schema, doc store.Document) error {
	if s.Name == "letters" && d.left.Add(-1) < 0 {
		return errKilled
	}
	return d.Engine.Insert(ctx, s, doc)
}

func (d *dying) Update(ctx context.Context, s store.Schema, id string, fresh func() store.Document, change func(store.Document) error) (store.Document, error) {
	if d.left.Load() < 0 {
		return nil, errKilled
	}
	return d.Engine.Update(ctx, s, id, fresh, change)
}

// A server that is killed in the middle of a round has reminded some and written
// down others. Another goes on, and nobody is forgotten or reminded twice.
func TestAKilledServerForgetsNobodyAndRemindsNobodyTwice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		killed := &dying{Engine: e}
		killed.left.Store(1000)
		servers := several(t, e, killed, e)
		h := servers[0]
		site := h.admin()
		top := site.organisation("Authority", "")
		staff := h.staff(top, 40)
		site.assignDue(top, "2026-12-16")
		h.at("2026-12-02 08:00", "UTC")
		killed.left.Store(15)
		if err := servers[1].Reminders.Work(t.Context()); !errors.Is(err, errKilled) {
			t.Fatalf("it was not killed: %v", err)
		}
		remind(t, servers[0], servers[2]) // the round is still the other's
		if n := len(h.post.all()); n > 15 {
			t.Errorf("%d letters", n)
		}
		h.clock.advance(3 * time.Minute)
		remind(t, servers[0], servers[2])
		h.everybodyOnce(1, staff, servers[0], servers[2])
	})
}

// While the mail server is down for a day, and over a night in which nothing is
// sent, reminders wait. Then each leaves once, with what holds by then: who has
// done it meanwhile, is exempt, shut out or gone, gets none.
func TestAMailServerThatIsDownForADayLosesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		servers := several(t, e, e, e)
		h := servers[0]
		site := h.admin()
		top := site.organisation("Authority", "")
		staff := h.staff(top, 12)
		done, exempt, closed, erased, joined := h.signIn(staff[0]), h.signIn(staff[1]), h.signIn(staff[2]), h.signIn(staff[3]), h.signIn(staff[4])
		id := site.assignDue(top, "2026-12-16")
		h.at("2026-12-02 09:00", "UTC")
		h.post.turn(true)
		remind(t, servers...)
		for range 30 {
			h.clock.advance(time.Hour)
			remind(t, servers...)
		}
		for _, c := range []*client{done, exempt, closed, erased, joined} {
			c.want(201, "PUT", path("/enrolments/first-contact"), nil)
		}
		site = h.admin()
		for _, page := range []string{"m1-rights", "m1-status"} {
			done.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		done.handIn()
		site.want(204, "PUT", path("/organisations/%s/assignments/%s/exemptions/%s", top.ID, id, exempt.id()), m{"reason": "away"})
		site.want(204, "PUT", path("/accounts/%s/access", closed.id()), m{"open": false})
		erased.want(204, "POST", path("/me/erasure"), m{"password": password})
		h.post.turn(false) // Thursday, 15:00
		for range 40 {
			h.clock.advance(time.Hour)
			remind(t, servers...)
		}
		h.everybodyOnce(1, staff[4:], servers...)
		h.everybodyOnce(0, staff[:4], servers...)
		if text := h.post.reminders(staff[5])[0].Text; !strings.Contains(text, "in 13 days") {
			t.Errorf("a letter that waited says %s", text)
		}
	})
}

// Somebody who does nothing is reminded six times and no more: two weeks and three
// days before, on the day, and three times after it, on working days in working
// hours of their time zone, through a change of the clocks. Two courses make one
// letter.
func TestRemindersComeOnTheirDaysInWorkingHoursAndEnd(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	zones := []string{"Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu"}
	h.at("2027-02-22 09:00", "UTC")
	site := h.admin()
	sent := map[string][]string{}
	expected := []string{"2027-03-17", "2027-03-26", "2027-03-31", "2027-04-07", "2027-04-14", "2027-04-21"}
	for i, zone := range zones {
		o := site.organisation(fmt.Sprintf("Authority %d", i), "")
		site.want(200, "PUT", path("/organisations/%s/settings", o.ID), m{"time_zone": zone})
		place, _ := h.People.Organisation(t.Context(), o.ID)
		if _, err := h.People.Create(t.Context(), people.NewAccount{Email: fmt.Sprintf("zone-%d@example.org", i), Name: "Mari Tamm", Password: password, Unit: place.Path}); err != nil {
			t.Fatal(err)
		}
		site.assignDue(o, "2027-03-31") // a Wednesday
	}
	for h.clock.now().Before(time.Date(2027, 5, 20, 0, 0, 0, 0, time.UTC)) {
		step := 6 * time.Hour
		for _, near := range []int{-1, 0, 1} {
			if slices.Contains(expected, h.clock.now().AddDate(0, 0, near).Format(time.DateOnly)) {
				step = time.Hour
			}
		}
		h.clock.advance(step)
		remind(t, h)
		h.posted()
		for i, zone := range zones {
			l, _ := time.LoadLocation(zone)
			for range len(h.post.reminders(fmt.Sprintf("zone-%d@example.org", i))) - len(sent[zone]) {
				sent[zone] = append(sent[zone], h.clock.now().In(l).Format("2006-01-02 15"))
			}
		}
	}
	for _, zone := range zones {
		var days []string
		for _, x := range sent[zone] {
			day, hour, _ := strings.Cut(x, " ")
			days = append(days, day)
			if hour != "08" {
				t.Errorf("%s: a letter left at %s", zone, x)
			}
		}
		if !slices.Equal(days, expected) {
			t.Errorf("%s: reminded on %v, not %v", zone, days, expected)
		}
	}
}

// Whose certificate ends is told 60 and 14 days before, and who does not wish so is
// not; what an organisation asks for is told all the same.
func TestWhoseCertificateEndsIsToldUnlessTheyDoNotWish(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		h.certified("Mari Tamm", site.invite(top, 1))
		quiet, _ := h.certified("Jonas Petraitis", site.invite(top, 1))
		_, revoked := h.certified("Kaja Kask", site.invite(top, 1))
		quiet.want(200, "PATCH", path("/me"), m{"quiet": true})
		site.want(204, "PUT", path("/certificates/%s/revocation", revoked), nil)
		count := func(name string) int { return len(h.post.reminders(name + "@example.org")) }
		for _, c := range []struct {
			day         string
			mari, jonas int
		}{{"2028-09-21", 0, 0}, {"2028-09-22", 1, 0}, {"2028-10-20", 1, 0}, {"2028-11-09", 2, 0}, {"2028-11-22", 2, 0}, {"2028-11-27", 2, 0}} {
			h.at(c.day+" 09:00", "UTC")
			remind(t, h)
			h.posted()
			if count("mari.tamm") != c.mari || count("jonas.petraitis") != c.jonas || count("kaja.kask") != 0 {
				t.Errorf("on %s: %d, %d and %d", c.day, count("mari.tamm"), count("jonas.petraitis"), count("kaja.kask"))
			}
		}
		if days, err := h.Reminders.Days(t.Context(), "", nil); err != nil || len(days) != 2 {
			t.Errorf("who is not to be told was thought of all the same: %+v %v", days, err)
		}
		site = h.admin()
		if l := h.post.reminders("mari.tamm@example.org")[0]; !strings.Contains(l.Text, "your certificate ends on 23 November 2028, in 62 days") {
			t.Errorf("%s", l.Text)
		}
		site.assignDue(top, "2029-12-20") // completed: nothing is due
		h.at("2029-12-06 09:00", "UTC")
		remind(t, h)
		h.posted()
		if count("mari.tamm") != 2 {
			t.Error("who has completed is reminded of what is due")
		}
	})
}

// An organisation sets its days, or switches reminders off; what it does not set is
// as above. Days that make no sense are refused.
func TestAnOrganisationDecidesOfItsReminders(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	unit := site.organisation("Harbour Unit", top.ID)
	settings := func(o organisation) string { return path("/organisations/%s/settings", o.ID) }
	for _, bad := range []m{{"before": []int{0}}, {"before": []int{91}}, {"ends": []int{181}}, {"before": []int{-3}}} {
		site.refuse("reminder-days-invalid", "PUT", settings(top), m{"reminders": bad})
	}
	site.want(422, "PUT", settings(top), m{"reminders": m{"send": "sometimes"}})
	site.want(422, "PUT", settings(top), m{"reminders": m{"before": []int{1, 2, 3, 4, 5, 6}}})
	site.want(200, "PUT", settings(top), m{"reminders": m{"send": "off", "before": []int{2, 20}}})
	site.want(200, "PUT", settings(unit), m{"reminders": m{"send": "on"}})
	h.newcomer("Mari Tamm", site.invite(unit, 1))
	h.newcomer("Jonas Petraitis", site.invite(top, 1))
	site.assignDue(top, "2026-12-18")
	for _, c := range []struct {
		day  string
		mari int
	}{{"2026-11-27", 1}, {"2026-12-04", 1}, {"2026-12-15", 1}, {"2026-12-16", 2}} {
		h.at(c.day+" 09:00", "UTC")
		remind(t, h)
		h.until(c.day, func() bool { return len(h.post.reminders("mari.tamm@example.org")) == c.mari })
		if n := len(h.post.reminders("jonas.petraitis@example.org")); n != 0 {
			t.Errorf("on %s: %d letters where they are switched off", c.day, n)
		}
	}
}

// BenchmarkReminding reminds 10,000 people through the outbox with three servers on
// one store: from the moment at which the day begins until the last letter has left.
func BenchmarkReminding(b *testing.B) {
	const staff = 10_000
	for _, kind := range storetest.Engines() {
		b.Run(kind.Name, func(b *testing.B) {
			e := kind.New(b).Open(b)
			servers := several(b, e, e, e)
			h := servers[0]
			site := h.admin()
			top := site.organisation("Authority", "")
			o := h.staffed(b, e, top, staff)
			site.assignDue(top, "2026-12-16")
			if tally, err := h.Learning.Tally(b.Context(), learning.Filter{Within: o.Path, Status: learning.Assigned}); err != nil || tally[learning.Assigned] != staff {
				b.Fatal(tally, err)
			}
			h.at("2026-12-02 08:00", "UTC")
			for b.Loop() {
				began := time.Now()
				for len(h.post.all()) < staff {
					remind(b, servers...)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/10000")
				once := map[string]int{}
				for _, l := range h.post.all() {
					once[l.To]++
				}
				if len(once) != staff || len(h.post.all()) != staff {
					b.Fatalf("%d letters to %d people", len(h.post.all()), len(once))
				}
			}
		})
	}
}

func (p *post) all() []*mail.Message {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.letters)
}
