package reminder

import (
	"testing"
	"time"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// zones put their clocks back or forward in spring and autumn, by an hour or half
// of one, at night or at midnight, on either side of the equator; one never does.
var zones = []string{"Europe/Tallinn", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Kathmandu"}

// Through a whole year a letter leaves only between 8 and 18 o'clock on a working
// day, and one that has to wait leaves at 8 sharp on the next, however the clocks go.
func TestLettersLeaveInWorkingHoursWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		opened := map[string]bool{}
		first := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
		for now := first; now.Before(first.AddDate(1, 0, 0)); now = now.Add(15 * time.Minute) {
			local := now.In(zone)
			weekend := local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
			want := !weekend && local.Hour() >= 8 && local.Hour() < 18
			ok, until := open(now, zone)
			if ok != want {
				t.Fatalf("%s: open is %v at %s", name, ok, local)
			}
			if ok {
				opened[local.Format(time.DateOnly)] = true
				continue
			}
			if at := until.In(zone); at.Format("15:04:05") != "08:00:00" || !until.After(now) || until.Sub(now) > 63*time.Hour+time.Hour {
				t.Fatalf("%s: at %s it waits until %s", name, local, at)
			}
			if again, _ := open(until, zone); !again {
				t.Fatalf("%s: what waited until %s waits again", name, until)
			}
		}
		if len(opened) != 261 { // working days of 2026
			t.Errorf("%s: letters leave on %d days", name, len(opened))
		}
	}
}

// Days are those of the calendar: two weeks before a day on which the clocks change
// between is two weeks before, in each zone.
func TestStepsAreDaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	rules := people.Reminders{}.Filled()
	for _, name := range zones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, due := range []string{"2026-03-11", "2026-04-01", "2026-04-08", "2026-04-29", "2026-09-09", "2026-10-07", "2026-11-04"} { // Wednesdays after a change
			e := &learning.Enrolment{Course: "c", Status: learning.Assigned, DueOn: due}
			day, _ := time.Parse(time.DateOnly, due)
			var told []int
			last := 999
			for n := -30; n <= 60; n++ {
				at := time.Date(day.Year(), day.Month(), day.Day()+n, 9, 0, 0, 0, zone)
				if ok, _ := open(at, zone); !ok {
					continue
				}
				if i, ok := itemOf(e, rules, dayOf(store.At(at), zone), zone); ok && i.Step != last {
					told, last = append(told, n), i.Step
				}
			}
			if want := []int{-14, -5, 0, 7, 14, 21}; len(told) != 6 || told[0] != want[0] || told[1] != want[1] || told[2] != 0 || told[5] != 21 { // three days before is a Sunday: the Friday
				t.Errorf("%s, due %s: reminded on %v, not %v", name, due, told, want)
			}
		}
	}
}

func TestWhatIsRemindedOf(t *testing.T) {
	t.Parallel()
	rules := people.Reminders{Send: people.On, Before: []int{10, 1}, Ends: []int{30}}
	duty := map[string]learning.Duty{"a": {On: "2026-12-16"}, "b": {Exempt: learning.Away}}
	certified := learning.Enrolment{Status: learning.Completed, EndsAt: store.At(time.Date(2026, 12, 16, 22, 30, 0, 0, time.UTC))}
	tallinn, _ := time.LoadLocation("Europe/Tallinn")
	for _, c := range []struct {
		name  string
		e     learning.Enrolment
		today string
		kind  Kind
		on    string
		step  int
	}{
		{"nothing is due", learning.Enrolment{Status: learning.Enrolled}, "2026-12-16", "", "", 0},
		{"long before", learning.Enrolment{DueOn: "2026-12-16"}, "2026-12-03", "", "", 0},
		{"ten days before is a Sunday: the Friday", learning.Enrolment{DueOn: "2026-12-16", Duties: duty}, "2026-12-04", Due, "2026-12-16", -10},
		{"assigned in between", learning.Enrolment{DueOn: "2026-12-16"}, "2026-12-09", Due, "2026-12-16", -10},
		{"the day before", learning.Enrolment{DueOn: "2026-12-16"}, "2026-12-15", Due, "2026-12-16", -1},
		{"on the day", learning.Enrolment{DueOn: "2026-12-16"}, "2026-12-16", Due, "2026-12-16", 0},
		{"a Sunday is told on the Friday", learning.Enrolment{DueOn: "2026-12-20"}, "2026-12-18", Due, "2026-12-20", 0},
		{"the third time", learning.Enrolment{DueOn: "2026-12-16"}, "2027-01-12", Due, "2026-12-16", 21},
		{"no more", learning.Enrolment{DueOn: "2026-12-16"}, "2027-01-13", "", "", 0},
		{"no certificate ends yet", certified, "2026-11-16", "", "", 0},
		{"a certificate ends, on the day where they work", certified, "2026-11-17", Ends, "2026-12-17", -30},
		{"it has ended", certified, "2026-12-18", "", "", 0},
		{"to renew comes before", learning.Enrolment{Status: learning.Completed, EndsAt: certified.EndsAt, DueOn: "2026-12-16"}, "2026-12-16", Due, "2026-12-16", 0},
	} {
		i, ok := itemOf(&c.e, rules, c.today, tallinn)
		if ok != (c.kind != "") || i.Kind != c.kind || i.On != c.on || i.Step != c.step {
			t.Errorf("%s: %+v %v", c.name, i, ok)
		}
		if ok && len(c.e.Duties) > 0 && (len(i.Assignments) != 1 || i.Assignments[0] != "a") {
			t.Errorf("%s: asked for by %v", c.name, i.Assignments)
		}
	}
}

// What was sent for a day is not sent again, nor what came before it; another day
// is told anew.
func TestNothingIsSaidTwice(t *testing.T) {
	t.Parallel()
	past := []Reminder{{State: Sent, Items: []Item{{Course: "c", Kind: Due, On: "2026-12-16", Step: -3}}}, {State: Dropped, Items: []Item{{Course: "c", Kind: Due, On: "2026-12-16", Step: 7}}}}
	for _, c := range []struct {
		i    Item
		said bool
	}{
		{Item{Course: "c", Kind: Due, On: "2026-12-16", Step: -3}, true}, {Item{Course: "c", Kind: Due, On: "2026-12-16", Step: -14}, true},
		{Item{Course: "c", Kind: Due, On: "2026-12-16", Step: 0}, false}, {Item{Course: "c", Kind: Due, On: "2026-12-17", Step: -3}, false},
		{Item{Course: "d", Kind: Due, On: "2026-12-16", Step: -3}, false}, {Item{Course: "c", Kind: Ends, On: "2026-12-16", Step: -3}, false},
	} {
		if said(past, c.i) != c.said {
			t.Errorf("%+v: %v", c.i, !c.said)
		}
	}
}
