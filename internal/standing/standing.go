// Package standing writes to administrators who asked for a report again and again:
// each week on Monday, or each month on its first day, a letter with a link to the
// page of figures, which stands behind the sign-in. No figure is in the letter.
//
// A letter leaves once, however many servers there are: a server claims the day in
// the order itself, which then waits for its letter; the letter leaves only while it
// waits, and whoever sent it says so. A server that falls between is followed by
// another, which puts the same letter in again. Only one that falls between sending
// and saying so sends it again, with the same Message-ID.
package standing

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/store"
)

// Order is a report that somebody asked for again and again.
type Order struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Account    string           `json:"account"`
	Unit       string           `json:"unit"`   // path of the organisation that it is about, "" everybody
	Course     string           `json:"course"` // "" all
	Every      Every            `json:"every"`
	CreatedAt  store.Time       `json:"created_at"`
	// NextOn is the day of the next letter, "2026-12-01"; Waiting that of one that has
	// not left yet, "" none.
	NextOn  string `json:"next_on"`
	Waiting string `json:"waiting"`
}

// Every is how often.
type Every string

// The ways.
const (
	Weekly  Every = "week"
	Monthly Every = "month"
)

// Most is how many somebody can have.
const Most = 10

// opens is the hour from which letters leave, where the organisation is.
const opens = 8

// Options are what the room is given from outside.
type Options struct {
	People  *people.People
	Library *library.Library
	Letters *mail.Outbox
	Now     func() time.Time
}

// Desk is the room's door. It is safe for concurrent use, and by several servers
// on one store.
type Desk struct {
	Options
	orders *store.Collection[Order, *Order]
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, o Options) (*Desk, error) {
	orders, err := store.Open[Order](ctx, e, store.Schema{Name: "standing_reports", Version: 1, Indexes: []store.Index{
		{Fields: []string{"account"}}, {Fields: []string{"next_on"}}, {Fields: []string{"waiting"}},
	}})
	return &Desk{Options: o, orders: orders}, err
}

// Ask orders a report under an id that the client made, or changes how often it
// comes. unit is where the account may see figures. A repeat is harmless. Faults:
// "id-invalid", "invalid-field", "course-unknown", "order-exists" where the id is of
// another report, "too-many-orders".
func (d *Desk) Ask(ctx context.Context, by *people.Account, id, unit, course string, every Every) (*Order, error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, fault.At("id-invalid", "report")
	}
	if every != Weekly && every != Monthly {
		return nil, fault.At("invalid-field", "every")
	}
	if _, known := d.Library.Current(course); course != "" && !known {
		return nil, fault.At("course-unknown", "course")
	}
	zone, err := d.People.ZoneAt(ctx, unit)
	if err != nil {
		return nil, err
	}
	next := every.next(d.Now().In(zone))
	o, err := d.orders.Update(ctx, id, func(o *Order) error {
		switch {
		case o.Account != by.ID || o.Unit != unit || o.Course != course:
			return fault.At("order-exists", "report")
		case o.Every == every:
			return store.ErrUnchanged
		}
		o.Every, o.NextOn = every, next
		return nil
	})
	if !errors.Is(err, store.ErrNotFound) {
		return o, err
	}
	list, err := d.Of(ctx, by.ID)
	if err != nil {
		return nil, err
	}
	if len(list) >= Most {
		return nil, fault.New("too-many-orders").With("max", Most)
	}
	o = &Order{Meta: store.Meta{ID: id}, Account: by.ID, Unit: unit, Course: course, Every: every, CreatedAt: store.At(d.Now()), NextOn: next}
	if err := d.orders.Insert(ctx, o); err != nil && !errors.Is(err, store.ErrExists) {
		return nil, err
	}
	return o, nil
}

// Stop ends an order of somebody. A repeat is harmless.
func (d *Desk) Stop(ctx context.Context, account, id string) error {
	o, err := d.orders.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && o.Account != account {
		return nil
	}
	if err == nil {
		err = d.orders.Delete(ctx, id)
	}
	return store.IgnoreMissing(err)
}

// Of are those of somebody, the oldest first.
func (d *Desk) Of(ctx context.Context, account string) ([]Order, error) {
	page, err := d.orders.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	slices.SortFunc(page.Items, func(a, b Order) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return page.Items, err
}

// Erase forgets those of somebody. A repeat is harmless.
func (d *Desk) Erase(ctx context.Context, account string) error {
	list, err := d.Of(ctx, account)
	for _, o := range list {
		err = errors.Join(err, store.IgnoreMissing(d.orders.Delete(ctx, o.ID)))
	}
	return err
}

// Work claims the letters whose day has come, and puts in those that wait.
func (d *Desk) Work(ctx context.Context) error {
	// No day anywhere is further than the day after today's in UTC.
	last := d.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
	due, err := d.orders.Find(ctx, store.Query{Where: []store.Cond{{Field: "next_on", Op: store.Lte, Value: last}}})
	if err != nil {
		return err
	}
	var failed error // one that fails does not keep the others
	for _, o := range due.Items {
		failed = errors.Join(failed, store.IgnoreMissing(d.claim(ctx, o)))
	}
	waiting, err := d.orders.Find(ctx, store.Query{Where: []store.Cond{{Field: "waiting", Op: store.Gt, Value: ""}}})
	if err != nil {
		return errors.Join(failed, err)
	}
	for _, o := range waiting.Items {
		failed = errors.Join(failed, d.put(ctx, &o))
	}
	return failed
}

func (d *Desk) claim(ctx context.Context, o Order) error {
	zone, err := d.People.ZoneAt(ctx, o.Unit)
	if fault.Is(err, "not-found") { // the organisation is gone
		return d.orders.Delete(ctx, o.ID)
	} else if err != nil {
		return err
	}
	now := d.Now().In(zone)
	today := now.Format(time.DateOnly)
	if o.NextOn > today || now.Hour() < opens {
		return nil
	}
	_, err = d.orders.Update(ctx, o.ID, func(x *Order) error {
		if x.NextOn != o.NextOn {
			return store.ErrUnchanged // another server was first
		}
		x.Waiting, x.NextOn = x.NextOn, x.Every.next(now)
		return nil
	})
	return err
}

func (d *Desk) put(ctx context.Context, o *Order) error {
	a, err := d.People.Recipient(ctx, o.Account)
	if err != nil || a == nil {
		return err
	}
	return d.Letters.Put(ctx, mail.Letter{
		Meta: store.Meta{ID: o.ID + "." + o.Waiting}, Kind: mail.StandingReport, To: a.Email, Account: a.ID, Language: a.Language, Path: o.path(),
	})
}

// path is the page of figures with the period before the day of the letter.
func (o *Order) path() string {
	to, _ := time.Parse(time.DateOnly, o.Waiting)
	from := to.AddDate(0, 0, -7)
	if o.Every == Monthly {
		from = to.AddDate(0, -1, 0)
	}
	q := url.Values{"from": {from.Format(time.DateOnly)}, "to": {to.AddDate(0, 0, -1).Format(time.DateOnly)}, "compare": {"1"}}
	if o.Unit != "" {
		q.Set("unit", people.IDOf(o.Unit))
	}
	if o.Course != "" {
		q.Set("course", o.Course)
	}
	return "/admin/figures?" + q.Encode()
}

// Look decides what becomes of a letter when its turn has come: it leaves while its
// order waits for it, and whoever asked may see the figures still.
func (d *Desk) Look(ctx context.Context, l *mail.Letter) (mail.Verdict, error) {
	drop := mail.Verdict{Drop: true}
	id, day, _ := strings.Cut(l.ID, ".")
	o, err := d.orders.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && o.Waiting != day {
		return drop, nil
	} else if err != nil {
		return drop, err
	}
	a, err := d.People.Recipient(ctx, o.Account)
	if err != nil {
		return drop, err
	}
	left := func(ctx context.Context) error {
		_, err := d.orders.Update(ctx, id, func(o *Order) error {
			if o.Waiting != day {
				return store.ErrUnchanged
			}
			o.Waiting = ""
			return nil
		})
		return store.IgnoreMissing(err)
	}
	if a == nil || people.MayAt(a, people.SeeFigures, o.Unit) != nil {
		return drop, left(ctx)
	}
	return mail.Verdict{To: a.Email, Language: a.Language, Sent: left}, nil
}

// next is the first day of the next week or month.
func (e Every) next(now time.Time) string {
	day := time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, time.UTC) // no clock is put back or forward at noon
	if e == Monthly {
		return day.AddDate(0, 1, 1-day.Day()).Format(time.DateOnly)
	}
	return day.AddDate(0, 0, 7-(int(day.Weekday())+6)%7).Format(time.DateOnly)
}
