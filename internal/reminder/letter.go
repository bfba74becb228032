package reminder

import (
	"context"
	"slices"
	"strings"
	"time"

	"havn/internal/fault"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/store"
)

// MaxLines is how many things a letter lists, the most urgent first.
const MaxLines = 20

// Look decides what becomes of the letter of a reminder: it leaves in a working
// hour if its reminder waits and something is to be said that was not said before.
func (d *Desk) Look(ctx context.Context, l *mail.Letter) (mail.Verdict, error) {
	drop := mail.Verdict{Drop: true}
	past, err := d.Of(ctx, l.Account)
	if err != nil {
		return drop, err
	}
	at := slices.IndexFunc(past, func(r Reminder) bool { return r.ID == l.ID && r.State == Waiting })
	if at < 0 {
		return drop, nil
	}
	r := past[at]
	a, err := d.People.Recipient(ctx, r.Account)
	if err != nil {
		return drop, err
	}
	if a == nil {
		return drop, d.become(ctx, r.ID, Dropped, nil)
	}
	all, err := d.settings.read(ctx, d)
	if err != nil {
		return drop, err
	}
	settings := all[a.Unit]
	zone := settings.Zone()
	if ok, until := open(d.Now(), zone); !ok {
		return mail.Verdict{Until: until}, nil
	}
	today := dayOf(store.At(d.Now()), zone)
	items, err := d.items(ctx, a, settings.Reminders.Filled(), today, zone)
	if err != nil {
		return drop, err
	}
	if !slices.ContainsFunc(items, func(i Item) bool { return !said(past, i) }) {
		return drop, d.become(ctx, r.ID, Dropped, nil)
	}
	return mail.Verdict{
		To: a.Email, Language: a.Language, Lines: d.lines(a.Language, items, today),
		Sent: func(ctx context.Context) error { return d.become(ctx, r.ID, Sent, items) },
	}, nil
}

func (d *Desk) become(ctx context.Context, id string, state State, items []Item) error {
	_, err := d.reminders.Update(ctx, id, func(r *Reminder) error {
		if r.State != Waiting {
			return store.ErrUnchanged
		}
		if r.State = state; state == Sent {
			r.SentAt, r.Items = store.At(d.Now()), items
		}
		return nil
	})
	return store.IgnoreMissing(err)
}

// items are all that a person is to be told today, the most urgent first.
func (d *Desk) items(ctx context.Context, a *people.Account, rules people.Reminders, today string, zone *time.Location) (list []Item, err error) {
	if rules.Send == people.Off {
		return nil, nil
	}
	enrolments, err := d.Learning.Enrolments(ctx, learning.Learner{ID: a.ID})
	for i := range enrolments {
		e := &enrolments[i]
		item, ok := itemOf(e, rules, today, zone)
		if !ok || d.Library.Withdrawn(e.Course) || item.Kind == Ends && a.Quiet && !e.Demanded() {
			continue
		}
		if item.Kind == Ends {
			c, err := d.Learning.Certificate(ctx, e.Certificate)
			if err != nil || !c.RevokedAt.IsZero() {
				if fault.Is(err, "not-found") || err == nil {
					continue
				}
				return nil, err
			}
		}
		list = append(list, item)
	}
	slices.SortFunc(list, func(a, b Item) int { return strings.Compare(a.On+a.Course, b.On+b.Course) })
	return list[:min(len(list), MaxLines)], err
}

// lines says the items in a language. A title stands apart from the letters around
// it, which may run the other way (UAX #9: FSI and PDI).
func (d *Desk) lines(lang string, items []Item, today string) (lines []string) {
	for _, i := range items {
		title := i.Course
		if p, ok := d.Library.Current(i.Course); ok {
			title = p.Edition(language.Match(p.Offered(), lang)).Title.Plain
		}
		on, _ := time.Parse(time.DateOnly, i.On)
		n := daysAfter(i.On, today)
		id, when := "before", "in"
		switch {
		case i.Kind == Ends && n == 0:
			id = "ends-today"
		case i.Kind == Ends:
			id = "ends"
		case n == 0:
			id = "today"
		case n > 0:
			id, when = "after", "ago"
		}
		lines = append(lines, d.Words.T(lang, "reminder."+id, "course", "\u2068"+title+"\u2069", "date", d.Words.Date(lang, on), "when", d.Words.T(lang, "reminder."+when, "n", max(n, -n))))
	}
	return lines
}

// Preview is the letter that people of an organisation would get in a language,
// with a line of each sort about a course, as if today were the first day of each.
// Nothing is sent.
func (d *Desk) Preview(lang string, rules people.Reminders, course string) *mail.Message {
	today := d.Now().UTC()
	day := func(n int) string { return today.AddDate(0, 0, n).Format(time.DateOnly) }
	items := []Item{
		{Course: course, Kind: Due, On: day(-Pause)}, {Course: course, Kind: Due, On: day(0)},
		{Course: course, Kind: Due, On: day(rules.Before[0])}, {Course: course, Kind: Ends, On: day(rules.Ends[0])},
	}
	l := &mail.Letter{Kind: mail.Reminder, Language: lang, Path: "/learning", PutAt: store.At(today)}
	return d.Letters.Compose(l, mail.Verdict{Lines: d.lines(lang, items, day(0))})
}
