package server_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// events reads a calendar as a program does: summary → day.
func (a answer) events(t *testing.T) map[string]string {
	t.Helper()
	if a.header.Get("Content-Type") != "text/calendar; charset=utf-8" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%v", a.header)
	}
	for _, line := range strings.SplitAfter(string(a.body), "\n") {
		if len(line) > 77 || line != "" && !strings.HasSuffix(line, "\r\n") { // RFC 5545 §3.1
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	c, err := ics.ParseCalendar(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, e := range c.Events() {
		out[e.GetProperty(ics.ComponentPropertySummary).Value] = e.GetProperty(ics.ComponentPropertyDtStart).Value
	}
	return out
}

// A calendar program that does not sign in reads by a secret address when something
// is due and when certificates end, in the person's language; another address ends
// the one before, and so does the person, and nothing of others is in it.
func TestACalendarShowsWhatIsDueToWhoHasItsAddress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		site.want(200, "PUT", path("/organisations/%s/settings", top.ID), m{"time_zone": "Pacific/Auckland"})
		mari, jonas := h.newcomer("Mari Tamm", site.invite(top, 1)), h.newcomer("Jonas Petraitis", site.invite(top, 1))
		if got := mari.want(200, "GET", path("/me/calendar.ics"), nil).events(t); len(got) != 0 {
			t.Errorf("nothing is due, and there is %v", got)
		}
		site.assignDue(top, "2026-12-12")
		mari.want(200, "PATCH", path("/me"), m{"language": "et"})
		address := func() string {
			var made struct{ URL string }
			mari.want(201, "POST", path("/me/calendar"), nil).decode(t, &made)
			return strings.TrimPrefix(made.URL, h.URL)
		}
		first := address()
		if got := h.anonymous().want(200, "GET", first, nil).events(t); len(got) != 1 || got["Esmakohtumine: tähtaeg"] != "20261212" {
			t.Errorf("%v", got)
		}
		second := address()
		h.anonymous().refuse("not-found", "GET", first, nil)
		mari.want(201, "PUT", path("/enrolments/first-contact"), nil)
		for _, page := range []string{"m1-rights", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		mari.handIn()
		got := h.anonymous().want(200, "GET", second, nil).events(t)
		if len(got) != 1 {
			t.Errorf("%v", got)
		}
		for summary, day := range got {
			if !strings.HasSuffix(summary, "tunnistus lõpeb") || day != "20281123" { // 22:00 there, 09:00 in UTC
				t.Errorf("%s on %s", summary, day)
			}
		}
		for _, wrong := range []string{"x", "x.y", mari.id() + ".", mari.id(), jonas.id() + "." + strings.SplitN(second, ".", 2)[1], strings.TrimSuffix(second[strings.LastIndex(second, "/")+1:], ".ics") + "x"} {
			h.anonymous().refuse("not-found", "GET", path("/calendars/%s", url.PathEscape(wrong)), nil)
		}
		mari.want(204, "DELETE", path("/me/calendar"), nil)
		h.anonymous().refuse("not-found", "GET", second, nil)
		third := address()
		site.want(204, "PUT", path("/accounts/%s/access", mari.id()), m{"open": false})
		h.anonymous().refuse("not-found", "GET", third, nil)
	})
}

// In the browser a person makes the address, sees it once, and ends it; and says
// whether they want fewer reminders.
func TestAPersonLooksAfterTheirCalendarAndRemindersInTheBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	b := h.browser("mari.tamm@example.org")
	form := url.Values{"csrf": {b.csrf()}}
	if status, _, page := b.post("/account/calendar", form); status != 200 || !bytes.Contains(page, []byte(h.URL+"/api/v1/calendars/")) {
		t.Errorf("%d %s", status, page)
	}
	if _, _, page := b.get("/account"); bytes.Contains(page, []byte("/calendars/")) || !bytes.Contains(page, []byte("An address is in use.")) {
		t.Errorf("the address shows again, or nothing of it: %s", page)
	}
	if status, _, _ := b.post("/account/calendar/end", form); status != 303 {
		t.Errorf("ending it: %d", status)
	}
	form.Set("quiet", "1")
	if status, _, _ := b.post("/account/reminders", form); status != 303 {
		t.Errorf("%d", status)
	}
	if _, _, page := b.get("/account"); bytes.Contains(page, []byte("An address is in use.")) || !bytes.Contains(page, []byte("You are not reminded.")) {
		t.Errorf("%s", page)
	}
}

// An administrator sees how many letters went and to whom, for 90 days, and the
// letter in each language before it goes; of organisations that show counts only
// there are no names, and the numbers leave their people out. Others see nothing.
func TestAnAdministratorSeesWhatWasSentAndTheLetterBefore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		unit, other := site.organisation("Harbour Unit", top.ID), site.organisation("Other Authority", "")
		h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		h.invited("Other Kask", site.invite(other, 1, "administrator"))
		h.newcomer("Mari Tamm", site.invite(top, 1))
		h.newcomer("Jonas Petraitis", site.invite(unit, 1))
		id := site.assignDue(top, "2026-12-16")
		h.at("2026-12-02 09:00", "UTC")
		remind(t, h)
		h.posted()
		chief, stranger, mari := h.signIn("chief.kask@example.org"), h.signIn("other.kask@example.org"), h.signIn("mari.tamm@example.org")
		list := path("/organisations/%s/reminders", top.ID)
		type reminders struct {
			Days []struct {
				Day  string
				Sent int
			}
			Items []struct {
				Name, Outcome string
				Of            []struct {
					Course, On  string
					Assignments []string
				}
			}
		}
		var got reminders
		chief.want(200, "GET", list, nil).decode(t, &got)
		if len(got.Days) != 1 || got.Days[0].Day != "2026-12-02" || got.Days[0].Sent != 3 || len(got.Items) != 3 || got.Items[0].Outcome != "sent" || got.Items[0].Of[0].Assignments[0] != id {
			t.Errorf("%+v", got)
		}
		var people struct {
			Items []struct {
				Name       string
				Reminders  int
				RemindedAt store.Time `json:"reminded_at"`
			}
		}
		chief.want(200, "GET", path("/organisations/%s/assignments/%s/people", top.ID, id), nil).decode(t, &people)
		if len(people.Items) != 3 || people.Items[0].Reminders != 1 || people.Items[0].RemindedAt.Format(time.DateOnly) != "2026-12-02" {
			t.Errorf("%+v", people)
		}
		for lang, word := range map[string]string{"en": "in 14 days", "et": "14 päeva pärast", "sv": "om 14 dagar", "uk": "через 14 днів", "ar": "بعد 14 يومًا"} {
			var letter struct{ Subject, Text, HTML string }
			chief.want(200, "GET", list+"/preview?language="+lang, nil).decode(t, &letter)
			if !strings.Contains(letter.Text, word) || !strings.Contains(letter.HTML, word) || !strings.Contains(letter.HTML, `lang="`+lang+`"`) || letter.Subject == "" || strings.Contains(letter.Text, "no value") {
				t.Errorf("%s: %s", lang, letter.Text)
			}
		}
		chief.refuse("language-unknown", "GET", list+"/preview?language=xx", nil)
		chief.refuse("course-unknown", "GET", list+"/preview?course=nothing", nil)
		mari.refuse("forbidden", "GET", list, nil)
		stranger.refuse("not-found", "GET", list, nil)
		stranger.refuse("not-found", "GET", list+"/preview", nil)
		if _, _, page := h.browserOf(chief).get("/organisations/" + top.ID + "/reminders?language=ar"); !bytes.Contains(page, []byte("Jonas Petraitis")) || !bytes.Contains(page, []byte(`lang="ar" dir="rtl"`)) {
			t.Errorf("%s", page)
		}

		site = h.admin()
		site.want(200, "PUT", path("/organisations/%s/settings", unit.ID), m{"sees": "counts"})
		got = reminders{}
		chief.want(200, "GET", list, nil).decode(t, &got)
		if len(got.Items) != 2 || got.Days[0].Sent != 2 || got.Items[0].Name == "Jonas Petraitis" || got.Items[1].Name == "Jonas Petraitis" {
			t.Errorf("where only counts show: %+v", got)
		}
		got = reminders{}
		chief.want(200, "GET", path("/organisations/%s/reminders", unit.ID), nil).decode(t, &got)
		if len(got.Items) != 0 || len(got.Days) != 0 {
			t.Errorf("where only counts show: %+v", got)
		}
		h.clock.advance(91 * 24 * time.Hour)
		if err := h.Reminders.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		got = reminders{}
		h.admin().want(200, "GET", list, nil).decode(t, &got)
		if len(got.Items) != 0 || len(got.Days) != 0 {
			t.Errorf("after 90 days: %+v", got)
		}
	})
}

// An administrator sets the days on the organisation's page; what is wrong there is
// said, and stays as it was.
func TestTheDaysOfRemindersAreSetOnTheOrganisationsPage(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	b := h.browserOf(site)
	address := "/organisations/" + top.ID + "/settings"
	form := url.Values{"csrf": {b.csrf()}, "reminders": {"on"}, "remind_before": {"5, 20"}, "remind_ends": {""}}
	if status, _, page := b.post(address, form); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	form.Set("remind_before", "5 many")
	if status, _, page := b.post(address, form); status != 422 || !bytes.Contains(page, []byte("Give at most 5 days, each from 1 to 90.")) {
		t.Errorf("%d %s", status, page)
	}
	_, _, page := b.get("/organisations/" + top.ID)
	for _, want := range []string{`name="remind_before" autocomplete="off" inputmode="numeric" dir="ltr" placeholder="14 3" value="20 5"`, `placeholder="60 14" value=""`, `<option value="on" selected>`} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page lacks %s", want)
		}
	}
}
