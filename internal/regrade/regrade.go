// Package regrade repairs what a wrong key has done: the attempts of earlier
// versions of a course are graded again by the keys of a later one, what follows
// from them is derived anew, and the people whose result changed are told.
//
// What a trainer decides is one document under an id that the client made. It is
// pending until Work has brought it to every attempt that it concerns, from where
// it broke off; undoing it is pending in the same way. What is done to an attempt
// is learning's affair, and a repeat of it is harmless, so that nothing is lost
// and nothing counts twice however often Work begins.
//
// The newest regrade of a course is undone first, as a later one rests on it.
package regrade

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/mail"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
)

// Regrade is what a trainer decided.
type Regrade struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Course     string           `json:"course"`
	From       int              `json:"from"` // attempts of this version and later ones …
	To         int              `json:"to"`   // … before this one, whose keys count
	NeverLower bool             `json:"never_lower"`
	CreatedAt  store.Time       `json:"created_at"`
	// It is pending while it is being brought to attempts; Behind, of the version
	// Reached, is the last one that has it, from where it goes on.
	pending.Decision `bson:",inline"`
	Reached          int            `json:"reached"`
	Behind           string         `json:"behind"`
	Tally            learning.Tally `json:"tally"`
	Restored         int            `json:"restored"` // attempts that undoing it has reached
}

func (r *Regrade) correction() *learning.Correction {
	return &learning.Correction{ID: r.ID, Course: r.Course, From: r.From, To: r.To, NeverLower: r.NeverLower}
}

// Most is how many regrades of a course can stand at once: each attempt keeps what
// it was before every one of them.
const Most = 20

// Options are what the room is given from outside.
type Options struct {
	People   *people.People
	Learning *learning.Learning
	Library  *library.Library
	Letters  *mail.Outbox
	Log      *audit.Log
	Now      func() time.Time
	// Learner is an account as the learning room knows people.
	Learner func(*people.Account) learning.Learner
}

// Desk is the room's door. It is safe for concurrent use, and by several servers
// on one store.
type Desk struct {
	Options
	regrades *store.Collection[Regrade, *Regrade]
	bell     pending.Bell
	working  sync.Mutex
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, o Options) (*Desk, error) {
	regrades, err := store.Open[Regrade](ctx, e, store.Schema{Name: "regrades", Version: 1, Indexes: []store.Index{
		{Fields: []string{"course"}}, {Fields: []string{"pending"}},
	}})
	return &Desk{Options: o, regrades: regrades, bell: pending.NewBell()}, err
}

// Order is what a trainer asks for.
type Order struct {
	Course     string
	From, To   int // versions; To 0 is the one that is current
	NeverLower bool
}

// check completes an order. Faults: "not-found" with the field; "regrade-order"
// where the version of the keys is not the later one.
func (d *Desk) check(ctx context.Context, o *Order) error {
	p, ok := d.Library.Current(o.Course)
	if !ok {
		return fault.At("not-found", "course")
	}
	if o.To == 0 {
		o.To = p.Version
	}
	if o.From >= o.To {
		return fault.At("regrade-order", "from_version")
	}
	for field, version := range map[string]int{"from_version": o.From, "to_version": o.To} {
		if _, err := d.Library.At(ctx, o.Course, version); fault.Is(err, "not-found") {
			return fault.At("not-found", field)
		} else if err != nil {
			return err
		}
	}
	return nil
}

// Try counts what an order would come to, and changes nothing. Faults are those of
// Begin.
func (d *Desk) Try(ctx context.Context, o Order) (t learning.Tally, done Order, err error) {
	if err := d.check(ctx, &o); err != nil {
		return t, o, err
	}
	c := &learning.Correction{Course: o.Course, From: o.From, To: o.To, NeverLower: o.NeverLower}
	err = d.Learning.EachConcerned(ctx, c, 0, "", func(a *learning.Attempt) error {
		one, err := d.Learning.WouldCorrect(ctx, c, a)
		t.Add(one)
		return err
	})
	return t, o, err
}

// Begin decides on a regrade under an id that the client made. A repeat is
// harmless. Faults: those of check; "id-invalid"; "regrade-exists" where the id is
// of another order; "too-many-regrades".
func (d *Desk) Begin(ctx context.Context, by *people.Account, id string, o Order) (*Regrade, error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, fault.At("id-invalid", "regrade")
	}
	same := func(r *Regrade) (*Regrade, error) {
		if r.Course != o.Course || r.From != o.From || o.To != 0 && r.To != o.To || r.NeverLower != o.NeverLower {
			return nil, fault.At("regrade-exists", "regrade")
		}
		return r, nil
	}
	if r, err := d.regrades.Get(ctx, id); err == nil {
		return same(r)
	} else if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := d.check(ctx, &o); err != nil {
		return nil, err
	}
	standing, err := d.standing(ctx, o.Course)
	if err != nil {
		return nil, err
	}
	if len(standing) >= Most {
		return nil, fault.New("too-many-regrades").With("max", Most)
	}
	event := audit.Event{Key: "regrade:" + id, Act: audit.AttemptsRegraded, Actor: by.ID, Subject: o.Course, Organisation: d.Library.Owner(o.Course), Detail: fmt.Sprintf("%d-%d", o.From, o.To)}
	if err := d.Log.Add(ctx, event); err != nil {
		return nil, err
	}
	r := &Regrade{Meta: store.Meta{ID: id}, Course: o.Course, From: o.From, To: o.To, NeverLower: o.NeverLower, CreatedAt: store.At(d.Now())}
	r.Decide()
	err = d.regrades.Insert(ctx, r)
	if errors.Is(err, store.ErrExists) {
		if r, err = d.regrades.Get(ctx, id); err == nil {
			return same(r)
		}
	}
	d.bell.Ring()
	return r, err
}

// Undo takes a regrade back. A repeat is harmless. Faults: "not-found", also for
// one of another course; "regrade-not-last" while a later one stands.
func (d *Desk) Undo(ctx context.Context, by *people.Account, slug, id string) (*Regrade, error) {
	r, err := d.regrades.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && r.Course != slug {
		return nil, fault.New("not-found")
	}
	if err != nil || r.Undone {
		return r, err
	}
	standing, err := d.standing(ctx, slug)
	if err != nil {
		return nil, err
	}
	if last := standing[len(standing)-1]; last.ID != id {
		return nil, fault.New("regrade-not-last")
	}
	event := audit.Event{Key: "regrade-undone:" + id, Act: audit.RegradeUndone, Actor: by.ID, Subject: slug, Organisation: d.Library.Owner(slug)}
	if err := d.Log.Add(ctx, event); err != nil {
		return nil, err
	}
	now := store.At(d.Now())
	r, err = d.regrades.Update(ctx, id, func(r *Regrade) error {
		if r.Undone {
			return store.ErrUnchanged
		}
		r.Undo(now)
		r.Reached, r.Behind, r.Restored = 0, "", 0
		return nil
	})
	d.bell.Ring()
	return r, err
}

// Regrades are those of a course, the newest first.
func (d *Desk) Regrades(ctx context.Context, slug string) ([]Regrade, error) {
	page, err := d.regrades.Find(ctx, store.Query{Where: []store.Cond{store.Is("course", slug)}})
	slices.SortFunc(page.Items, func(a, b Regrade) int { return b.CreatedAt.Compare(a.CreatedAt.Time) })
	return page.Items, err
}

// standing are those of a course that are not undone, the oldest first.
func (d *Desk) standing(ctx context.Context, slug string) ([]Regrade, error) {
	list, err := d.Regrades(ctx, slug)
	slices.Reverse(list)
	return slices.DeleteFunc(list, func(r Regrade) bool { return r.Undone }), err
}

// Corrections are those that hold for what is handed in on a version of a course,
// the oldest first.
func (d *Desk) Corrections(ctx context.Context, slug string, version int) (list []learning.Correction, err error) {
	standing, err := d.standing(ctx, slug)
	for _, r := range standing {
		if r.From <= version && version < r.To {
			list = append(list, *r.correction())
		}
	}
	return list, err
}

// Waiting tells when there is Work on this server.
func (d *Desk) Waiting() <-chan struct{} { return d.bell }
