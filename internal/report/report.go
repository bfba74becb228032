// Package report keeps what readers say is wrong with a text, for the trainers
// whose course it is.
package report

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/store"
)

// Kind is what is wrong.
type Kind string

// The kinds.
const (
	WrongFact   Kind = "fact"
	Unclear     Kind = "unclear"
	Translation Kind = "translation"
	Other       Kind = "other"
)

// Kinds are all there are.
var Kinds = []Kind{WrongFact, Unclear, Translation, Other}

// Report is one reader's word on one text.
type Report struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Course     string           `json:"course"`
	Version    int              `json:"version"`
	Owner      string           `json:"owner"` // path of the organisation whose course it is; "" the site
	Place      string           `json:"place"` // "page:m1-rights" or "question:q-means"
	Lang       string           `json:"lang"`  // that the text was read in
	Kind       Kind             `json:"kind"`
	Text       string           `json:"text"`
	// Account wrote it; trainers see who only where Named.
	Account   string     `json:"account"`
	Named     bool       `json:"named"`
	WrittenAt store.Time `json:"written_at"`
	Done      bool       `json:"done"`
}

// Limits of what a reader sends.
const (
	MaxText = 1000 // characters
	MaxADay = 20   // reports of one account
)

// How long reports are kept.
const (
	keepDone = 90 * 24 * time.Hour
	keepAll  = 365 * 24 * time.Hour
)

// Desk is the room's door. It is safe for concurrent use.
type Desk struct {
	reports *store.Collection[Report, *Report]
	now     func() time.Time
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, now func() time.Time) (*Desk, error) {
	reports, err := store.Open[Report](ctx, e, store.Schema{Name: "reports", Version: 1, Indexes: []store.Index{
		{Fields: []string{"account"}}, {Fields: []string{"done", "written_at"}}, {Fields: []string{"written_at"}},
	}})
	return &Desk{reports, now}, err
}

// Write keeps a report. A repeat under the same id is harmless. Faults:
// "id-invalid", "report-kind", "report-text" (empty or over MaxText),
// "too-many-reports".
func (d *Desk) Write(ctx context.Context, r *Report) error {
	if u, err := uuid.Parse(r.ID); err != nil || u.String() != r.ID {
		return fault.At("id-invalid", "report")
	}
	known := false
	for _, k := range Kinds {
		known = known || r.Kind == k
	}
	if !known {
		return fault.At("report-kind", "kind")
	}
	r.Text = strings.TrimSpace(r.Text)
	if n := utf8.RuneCountInString(r.Text); n == 0 || n > MaxText {
		return fault.At("report-text", "text").With("limit", MaxText)
	}
	if _, err := d.reports.Get(ctx, r.ID); err == nil {
		return nil
	}
	mine, err := d.Of(ctx, r.Account)
	if err != nil {
		return err
	}
	now, today := d.now(), 0
	for _, x := range mine {
		if now.Sub(x.WrittenAt.Time) < 24*time.Hour {
			today++
		}
	}
	if today >= MaxADay {
		return fault.New("too-many-reports").With("limit", MaxADay)
	}
	r.WrittenAt, r.Done = store.At(now), false
	if err := d.reports.Insert(ctx, r); !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// Queue lists reports of the courses whose owners may accepts, the oldest first:
// those that wait, or those that are done.
func (d *Desk) Queue(ctx context.Context, done bool, may func(owner string) bool) (list []Report, err error) {
	err = d.reports.Each(ctx, store.Query{Where: []store.Cond{store.Is("done", done)}, Sort: "written_at"}, func(r *Report) error {
		if may(r.Owner) {
			list = append(list, *r)
		}
		return nil
	})
	return list, err
}

// SetDone takes a report off the queue, or puts it back. The fault is "not-found",
// also for one of a course that may does not accept.
func (d *Desk) SetDone(ctx context.Context, id string, done bool, may func(owner string) bool) error {
	_, err := d.reports.Update(ctx, id, func(r *Report) error {
		if !may(r.Owner) {
			return fault.New("not-found")
		}
		if r.Done == done {
			return store.ErrUnchanged
		}
		r.Done = done
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return fault.New("not-found")
	}
	return err
}

// Of lists what an account has written.
func (d *Desk) Of(ctx context.Context, account string) ([]Report, error) {
	page, err := d.reports.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	return page.Items, err
}

// Merge makes what one account has written another's. A repeat is harmless.
func (d *Desk) Merge(ctx context.Context, from, into string) error {
	list, err := d.Of(ctx, from)
	for _, r := range list {
		if _, failed := d.reports.Update(ctx, r.ID, func(r *Report) error {
			r.Account = into
			return nil
		}); !errors.Is(failed, store.ErrNotFound) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// Erase forgets what an account has written.
func (d *Desk) Erase(ctx context.Context, account string) error {
	list, err := d.Of(ctx, account)
	return errors.Join(err, d.delete(ctx, list))
}

// Forget deletes what is done for three months, and everything after a year.
func (d *Desk) Forget(ctx context.Context) error {
	var old []Report
	err := d.reports.Each(ctx, store.Query{Where: []store.Cond{{Field: "written_at", Op: store.Lt, Value: store.At(d.now().Add(-keepDone))}}, Sort: "written_at"}, func(r *Report) error {
		if r.Done || d.now().Sub(r.WrittenAt.Time) > keepAll {
			old = append(old, *r)
		}
		return nil
	})
	return errors.Join(err, d.delete(ctx, old))
}

func (d *Desk) delete(ctx context.Context, list []Report) error {
	for _, r := range list {
		if err := d.reports.Delete(ctx, r.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
