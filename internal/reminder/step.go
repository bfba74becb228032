package reminder

import (
	"slices"
	"time"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Item is one thing that a person is reminded of.
type Item struct {
	Course string `json:"course"`
	Kind   Kind   `json:"kind"`
	On     string `json:"on"` // the day that it is about, "2026-12-12"
	// Step is which of the reminders of that day it is: how many days after it, so
	// that -14 is two weeks before.
	Step int `json:"step"`
	// Assignments are those that ask for it.
	Assignments []string `json:"assignments"`
}

// Kind is what happens on the day.
type Kind string

// The kinds.
const (
	Due  Kind = "due"
	Ends Kind = "ends" // a certificate
)

// After what was due is not done, people are reminded every Pause days, Times
// times.
const (
	Pause = 7
	Times = 3
)

// stale is how many days after it was due nobody speaks of it any more.
const stale = Pause * (Times + 1)

// working is the working day on which a reminder that belongs to a day is sent:
// that day, or the Friday before a weekend, so that none comes too late.
func working(day time.Time) time.Time {
	switch day.Weekday() {
	case time.Saturday:
		return day.AddDate(0, 0, -1)
	case time.Sunday:
		return day.AddDate(0, 0, -2)
	}
	return day
}

// reached is the last step before or on today of those of a day; not ok where the
// first is still to come.
func reached(on, today string, steps []int) (step int, ok bool) {
	day, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return 0, false
	}
	for _, s := range steps {
		if working(day.AddDate(0, 0, s)).Format(time.DateOnly) <= today {
			step, ok = s, true
		}
	}
	return step, ok
}

// before are the steps of days before something, the earliest first.
func before(days []int) (steps []int) {
	for _, n := range days {
		steps = append(steps, -n)
	}
	slices.Sort(steps)
	return steps
}

// itemOf is what somebody is to be told of an enrolment today; ok is false for
// nothing. It is pure.
func itemOf(e *learning.Enrolment, rules people.Reminders, today string, zone *time.Location) (i Item, ok bool) {
	if e.DueOn != "" {
		steps := append(before(rules.Before), 0)
		for n := range Times {
			steps = append(steps, Pause*(n+1))
		}
		if step, ok := reached(e.DueOn, today, steps); ok && daysAfter(e.DueOn, today) < stale {
			return Item{e.Course, Due, e.DueOn, step, asking(e)}, true
		}
	}
	if e.Status == learning.Completed && !e.EndsAt.IsZero() {
		on := e.EndsAt.In(zone).Format(time.DateOnly)
		if step, ok := reached(on, today, before(rules.Ends)); ok && today <= on {
			return Item{e.Course, Ends, on, step, asking(e)}, true
		}
	}
	return Item{}, false
}

// asking are the assignments behind an enrolment.
func asking(e *learning.Enrolment) []string {
	list := []string{}
	for id, d := range e.Duties {
		if d.Exempt == "" {
			list = append(list, id)
		}
	}
	slices.Sort(list)
	return list
}

// said tells whether an item, or a later one of its day, was sent already.
func said(list []Reminder, i Item) bool {
	for _, r := range list {
		for _, x := range r.Items {
			if r.State == Sent && x.Course == i.Course && x.Kind == i.Kind && x.On == i.On && x.Step >= i.Step {
				return true
			}
		}
	}
	return false
}

// daysAfter is how many days lie between two days of the calendar, by none of which
// a clock is put back or forward.
func daysAfter(on, today string) int {
	a, _ := time.Parse(time.DateOnly, on)
	b, _ := time.Parse(time.DateOnly, today)
	return int(b.Sub(a) / (24 * time.Hour))
}

// Hours in which letters leave.
const (
	Opens  = 8
	Closes = 18
)

// open tells whether it is a working hour in a time zone; else until when it is not.
func open(now time.Time, zone *time.Location) (ok bool, until time.Time) {
	t := now.In(zone)
	free := t.Weekday() == time.Saturday || t.Weekday() == time.Sunday
	if !free && t.Hour() >= Opens && t.Hour() < Closes {
		return true, time.Time{}
	}
	day := t
	if t.Hour() >= Opens {
		day = t.AddDate(0, 0, 1)
	}
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return false, time.Date(day.Year(), day.Month(), day.Day(), Opens, 0, 0, 0, zone)
}

func dayOf(t store.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}
