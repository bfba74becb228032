package reminder

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/store"
)

// round is that a server goes through what is due on a day in a time zone.
type round struct {
	store.Meta `bson:",inline"` // id: time zone and day
	Until      store.Time       `json:"until"` // then another server may
	Done       bool             `json:"done"`
}

// lease is how long a server has for a batch of a round before another may take it.
const lease = 2 * time.Minute

// batch is how many people are reminded between two notes that the server is at it,
// and atOnce how many at the same time: the store commits their writes together.
const (
	batch  = 500
	atOnce = 64
)

// Work goes through each time zone in which it is a working hour and in which
// nobody has today.
func (d *Desk) Work(ctx context.Context) error {
	settings, err := d.settings.read(ctx, d)
	if err != nil {
		return err
	}
	zones := map[string]bool{}
	var failed error // one that fails does not keep the others
	for _, s := range settings {
		zone := s.Zone()
		if zones[zone.String()] {
			continue
		}
		zones[zone.String()] = true
		if ok, _ := open(d.Now(), zone); ok {
			failed = errors.Join(failed, d.pass(ctx, zone, settings))
		}
	}
	return failed
}

// pass does the round of a time zone, if nobody has or is at it.
func (d *Desk) pass(ctx context.Context, zone *time.Location, settings map[string]people.Settings) error {
	today := dayOf(store.At(d.Now()), zone)
	id := zone.String() + " " + today
	if mine, err := d.take(ctx, id); err != nil || !mine {
		return err
	}
	todo, err := d.candidates(ctx, zone, today, settings)
	if err != nil {
		return err
	}
	for list := range slices.Chunk(todo, batch) {
		if err := d.hold(ctx, id, false); err != nil {
			return err
		}
		past, err := d.between(ctx, list[0].account, list[len(list)-1].account)
		if err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(atOnce)
		for _, c := range list {
			group.Go(func() error {
				return d.remind(ctx, c, past[c.account], settings[c.unit].Reminders.Filled(), today, zone)
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
	return d.hold(ctx, id, true)
}

// take tells whether the round is this server's to do now.
func (d *Desk) take(ctx context.Context, id string) (mine bool, err error) {
	now := store.At(d.Now())
	until := store.At(now.Add(lease))
	err = d.rounds.Insert(ctx, &round{Meta: store.Meta{ID: id}, Until: until})
	if !errors.Is(err, store.ErrExists) {
		return err == nil, err
	}
	_, err = d.rounds.Update(ctx, id, func(r *round) error {
		if mine = !r.Done && !now.Before(r.Until.Time); !mine {
			return store.ErrUnchanged
		}
		r.Until = until
		return nil
	})
	return mine, err
}

func (d *Desk) hold(ctx context.Context, id string, done bool) error {
	until := store.At(d.Now().Add(lease))
	_, err := d.rounds.Update(ctx, id, func(r *round) error {
		r.Until, r.Done = until, r.Done || done
		return nil
	})
	return err
}

// candidate is somebody of whom something is to be told.
type candidate struct {
	account, unit string
	items         []Item
}

// candidates goes through what is due in a time zone around today.
func (d *Desk) candidates(ctx context.Context, zone *time.Location, today string, settings map[string]people.Settings) ([]candidate, error) {
	rules := map[string]people.Reminders{}
	soon, ends := 0, 0
	for path, s := range settings {
		if r := s.Reminders.Filled(); s.Zone().String() == zone.String() && r.Send == people.On {
			rules[path] = r
			soon, ends = max(soon, r.Before[0]), max(ends, r.Ends[0])
		}
	}
	if len(rules) == 0 {
		return nil, nil
	}
	found := map[string]int{}
	var list []candidate
	each := func(e *learning.Enrolment) error {
		r, ok := rules[e.Unit]
		if !ok || d.Library.Withdrawn(e.Course) {
			return nil
		}
		i, ok := itemOf(e, r, today, zone)
		if !ok {
			return nil
		}
		at, ok := found[e.Account]
		if !ok {
			at = len(list)
			found[e.Account], list = at, append(list, candidate{account: e.Account, unit: e.Unit})
		}
		list[at].items = append(list[at].items, i)
		return nil
	}
	// Two days to spare: a weekend is gone round, and zones differ.
	now := d.Now()
	if err := d.Learning.EachDue(ctx, now.AddDate(0, 0, -stale-2), now.AddDate(0, 0, soon+4), each); err != nil {
		return nil, err
	}
	err := d.Learning.EachEnding(ctx, now.AddDate(0, 0, -1), now.AddDate(0, 0, ends+4), each)
	slices.SortFunc(list, func(a, b candidate) int { return strings.Compare(a.account, b.account) })
	return list, err
}

// between are the reminders that are known of the people from one to another.
func (d *Desk) between(ctx context.Context, first, last string) (map[string][]Reminder, error) {
	of := map[string][]Reminder{}
	where := []store.Cond{{Field: "account", Op: store.Gte, Value: first}, {Field: "account", Op: store.Lte, Value: last}}
	err := d.reminders.Each(ctx, store.Query{Where: where, Sort: "account"}, func(r *Reminder) error {
		of[r.Account] = append(of[r.Account], *r)
		return nil
	})
	return of, err
}

// remind writes down that somebody is to be reminded today, and puts the letter in.
func (d *Desk) remind(ctx context.Context, c candidate, past []Reminder, rules people.Reminders, today string, zone *time.Location) error {
	for i, r := range past {
		if r.State == Waiting { // its letter will say all
			return d.put(ctx, &past[i])
		}
		if dayOf(r.SentAt, zone) == today || r.Day == today {
			return nil
		}
	}
	if !slices.ContainsFunc(c.items, func(i Item) bool { return !said(past, i) }) {
		return nil
	}
	a, err := d.People.Recipient(ctx, c.account)
	if err != nil || a == nil {
		return err
	}
	if slices.ContainsFunc(c.items, func(i Item) bool { return i.Kind == Ends }) { // which not everybody is told of
		items, err := d.items(ctx, a, rules, today, zone)
		if err != nil || !slices.ContainsFunc(items, func(i Item) bool { return !said(past, i) }) {
			return err
		}
	}
	r := &Reminder{
		Meta: store.Meta{ID: key(a.ID, today)}, Account: a.ID, Unit: a.Unit, Day: today, State: Waiting, PutAt: store.At(d.Now()), Items: []Item{},
	}
	if err := d.reminders.Insert(ctx, r); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return d.post(ctx, a, r)
}

// put puts the letter of a reminder that waits in again, in case that the server
// that wrote it down came no further.
func (d *Desk) put(ctx context.Context, r *Reminder) error {
	a, err := d.People.Recipient(ctx, r.Account)
	if err != nil || a == nil {
		return err
	}
	return d.post(ctx, a, r)
}

func (d *Desk) post(ctx context.Context, a *people.Account, r *Reminder) error {
	return d.Letters.Put(ctx, mail.Letter{
		Meta: store.Meta{ID: r.ID}, Kind: mail.Reminder, To: a.Email, Account: a.ID, Language: a.Language, Path: "/learning",
	})
}
