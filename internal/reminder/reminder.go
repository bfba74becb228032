// Package reminder writes to people about what is due: some days before, on the
// day and a few times after it, and before a certificate ends. One letter a day
// lists all that stands open for a person, in their language, on working days
// between 8 and 18 o'clock where they work.
//
// On each working day one server of those on a store goes through what is due in
// a time zone (round.go) and writes down for each person who is to be reminded
// one [Reminder] under the key account and day, and then puts a letter with the
// same key into the outbox. Nothing else is needed so that nobody gets two: who is
// reminded a second time on a day finds the key taken, the outbox holds one letter
// of a key, and a letter leaves only while its reminder waits (letter.go). Where a
// server stops in between, another goes through the day again.
//
// What a letter says is found out when it leaves. What was done meanwhile is not
// in it, and where nothing is left it does not leave at all. What it said is kept
// for [Keep]: administrators see it, and nothing is said twice.
//
// A person may switch off what nobody asks of them: certificates that end and need
// not be earned anew. What their organisation has assigned belongs to their work.
package reminder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/locale"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/store"
)

// Reminder is one letter to one person.
type Reminder struct {
	store.Meta `bson:",inline"` // id: account and day
	Account    string           `json:"account"`
	Unit       string           `json:"unit"` // path of the organisation that they worked in
	Day        string           `json:"day"`  // "2026-12-12" where they worked
	State      State            `json:"outcome"`
	PutAt      store.Time       `json:"put_at"`
	SentAt     store.Time       `json:"sent_at"`
	Items      []Item           `json:"items"` // what it said, once it was sent
}

// State is what has become of a reminder.
type State string

// The states.
const (
	Waiting State = "waiting"
	Sent    State = "sent"
	Dropped State = "dropped" // nothing was left to say when its turn came
)

// Keep is how long it is known who was reminded of what, in days.
const Keep = 90

// Options are what the room is given from outside.
type Options struct {
	People   *people.People
	Learning *learning.Learning
	Library  *library.Library
	Letters  *mail.Outbox
	Words    *locale.Catalog
	Now      func() time.Time
}

// Desk is the room's door. It is safe for concurrent use, and by several servers on
// one store.
type Desk struct {
	Options
	reminders *store.Collection[Reminder, *Reminder]
	rounds    *store.Collection[round, *round]
	settings  settings
}

// settings are those of all organisations, read anew when they are older than
// fresh: each letter asks for them.
type settings struct {
	mu  sync.Mutex
	at  time.Time
	all map[string]people.Settings
}

const fresh = 2 * time.Second

func (s *settings) read(ctx context.Context, d *Desk) (map[string]people.Settings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := d.Now()
	if age := now.Sub(s.at); s.all != nil && age >= 0 && age < fresh {
		return s.all, nil
	}
	all, err := d.People.EverySettings(ctx)
	if err == nil {
		s.all, s.at = all, now
	}
	return all, err
}

// Schema is how reminders are kept.
var Schema = store.Schema{Name: "reminders", Version: 1, Indexes: []store.Index{
	{Fields: []string{"account"}}, {Fields: []string{"day"}}, {Fields: []string{"unit", "day", "outcome"}},
}}

// Open declares the collections.
func Open(ctx context.Context, e store.Engine, o Options) (*Desk, error) {
	d := &Desk{Options: o}
	var errs [2]error
	d.reminders, errs[0] = store.Open[Reminder](ctx, e, Schema)
	d.rounds, errs[1] = store.Open[round](ctx, e, store.Schema{Name: "reminder_rounds", Version: 1, Indexes: []store.Index{{Fields: []string{"until"}}}})
	return d, errors.Join(errs[:]...)
}

func key(account, day string) string { return account + "." + day }

// Of are the reminders to a person that are known, the newest first.
func (d *Desk) Of(ctx context.Context, account string) ([]Reminder, error) {
	page, err := d.reminders.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	slices.SortFunc(page.Items, func(a, b Reminder) int { return b.PutAt.Compare(a.PutAt.Time) })
	return page.Items, err
}

// About counts the letters to a person about an assignment, and tells when the last
// of them was sent.
func (d *Desk) About(ctx context.Context, account, assignment string) (n int, last store.Time, err error) {
	list, err := d.Of(ctx, account)
	for _, r := range list {
		if slices.ContainsFunc(r.Items, func(i Item) bool { return slices.Contains(i.Assignments, assignment) }) {
			n++
			if r.SentAt.After(last.Time) {
				last = r.SentAt
			}
		}
	}
	return n, last, err
}

// Within lists the reminders to the people of an organisation and of those below,
// the newest day first.
func (d *Desk) Within(ctx context.Context, path, after string, limit int) (store.Page[Reminder], error) {
	return d.reminders.Find(ctx, store.Query{Where: store.Begins("unit", path), Sort: "day", Desc: true, After: after, Limit: limit})
}

// Day is how many letters a day had.
type Day struct {
	Day                    string
	Waiting, Sent, Dropped int
}

// Days counts the letters to an organisation and those below by day, the newest
// first, without those whose paths are left out.
func (d *Desk) Days(ctx context.Context, path string, without []string) (list []Day, err error) {
	days := map[string]*Day{}
	count := func(path string, sign int) error {
		groups, err := d.reminders.Count(ctx, store.Query{Where: store.Begins("unit", path)}, "day", "outcome")
		for _, g := range groups {
			day := days[g.Key[0]]
			if day == nil {
				day = &Day{Day: g.Key[0]}
				days[day.Day] = day
			}
			n := sign * int(g.N)
			switch State(g.Key[1]) {
			case Waiting:
				day.Waiting += n
			case Sent:
				day.Sent += n
			case Dropped:
				day.Dropped += n
			}
		}
		return err
	}
	if slices.ContainsFunc(without, func(x string) bool { return people.Within(path, x) }) {
		return nil, nil
	}
	if err := count(path, 1); err != nil {
		return nil, err
	}
	for _, x := range without {
		above := func(y string) bool { return y != x && people.Within(x, y) }
		if people.Within(x, path) && !slices.ContainsFunc(without, above) {
			if err := count(x, -1); err != nil {
				return nil, err
			}
		}
	}
	for _, day := range days {
		if day.Waiting+day.Sent+day.Dropped > 0 {
			list = append(list, *day)
		}
	}
	slices.SortFunc(list, func(a, b Day) int { return cmp.Compare(b.Day, a.Day) })
	return list, nil
}

// Forget drops what is older than Keep.
func (d *Desk) Forget(ctx context.Context) error {
	before := d.Now().AddDate(0, 0, -Keep)
	old := store.Query{Where: []store.Cond{{Field: "day", Op: store.Lt, Value: before.UTC().Format(time.DateOnly)}}}
	if err := d.reminders.Each(ctx, old, func(r *Reminder) error { return store.IgnoreMissing(d.reminders.Delete(ctx, r.ID)) }); err != nil {
		return fmt.Errorf("old reminders: %w", err)
	}
	past := store.Query{Where: []store.Cond{{Field: "until", Op: store.Lt, Value: store.At(before)}}}
	return d.rounds.Each(ctx, past, func(r *round) error { return store.IgnoreMissing(d.rounds.Delete(ctx, r.ID)) })
}

// Erase forgets a person. A repeat is harmless.
func (d *Desk) Erase(ctx context.Context, account string) error {
	list, err := d.Of(ctx, account)
	for _, r := range list {
		err = errors.Join(err, store.IgnoreMissing(d.reminders.Delete(ctx, r.ID)))
	}
	return err
}
