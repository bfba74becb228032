// Package privacy keeps the promises about personal data: what is held and why,
// who sees it and for how long ([Map]), everything about oneself in one file,
// and to be forgotten.
//
// A test puts a person into every collection and fails if the export misses a
// field of [Map], if erasure leaves a trace, or if the store has a collection
// that Map does not name.
package privacy

import (
	"context"
	"errors"
	"time"

	"havn/internal/audit"
	"havn/internal/history"
	"havn/internal/hook"
	"havn/internal/learning"
	"havn/internal/live"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/reminder"
	"havn/internal/report"
	"havn/internal/standing"
	"havn/internal/store"
	"havn/internal/tracking"
)

// Tombstone remembers that an account was erased, so that a backup that is
// brought back forgets it again. It holds nothing but the id.
type Tombstone struct {
	store.Meta `bson:",inline"` // id: the account's
	ErasedAt   store.Time       `json:"erased_at"`
	Done       bool             `json:"done"`
}

// Keeper is the room's door.
type Keeper struct {
	People    *people.People
	Learning  *learning.Learning
	Reports   *report.Desk
	Tracking  *tracking.Tracking
	Reminders *reminder.Desk
	History   *history.Desk
	Hooks     *hook.Desk
	Standing  *standing.Desk
	Audit     *audit.Log
	Letters   *mail.Outbox
	Live      *live.Rooms

	tombstones *store.Collection[Tombstone, *Tombstone]
	now        func() time.Time
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, k Keeper, now func() time.Time) (*Keeper, error) {
	var err error
	k.now = now
	k.tombstones, err = store.Open[Tombstone](ctx, e, store.Schema{Name: "tombstones", Version: 1, Indexes: []store.Index{{Fields: []string{"erased_at"}}}})
	return &k, err
}

// Person is everything that is held of one person: the documents by collection,
// as they are stored, but for what proves a password.
type Person struct {
	Made    store.Time       `json:"made_at"`
	Records map[string][]any `json:"records"`
}

// Export collects everything about an account.
func (k *Keeper) Export(ctx context.Context, a *people.Account) (*Person, error) {
	p := &Person{Made: store.At(k.now()), Records: map[string][]any{"accounts": {a.WithoutSecrets()}}}
	sessions, err := k.People.Sessions(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	tokens, err := k.People.Tokens(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	passkeys, err := k.People.Passkeys(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	identities, err := k.People.Identities(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	challenges, err := k.People.Challenges(ctx, a)
	if err != nil {
		return nil, err
	}
	letters, err := k.Letters.About(ctx, a.ID, a.Email)
	if err != nil {
		return nil, err
	}
	for i := range letters {
		letters[i].Path = "" // whoever has it can come in
	}
	invitations, err := k.People.CameBy(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	record, err := k.Learning.RecordOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	reports, err := k.Reports.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	tracked, err := k.Tracking.RecordOf(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	reminders, err := k.Reminders.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	rooms, err := k.Live.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	records, err := k.History.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	hooks, err := k.Hooks.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	orders, err := k.Standing.Of(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	log, err := k.Audit.About(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	p.add("sessions", sessions)
	p.add("tokens", tokens)
	p.add("passkeys", passkeys)
	p.add("identities", identities)
	p.add("challenges", challenges)
	p.add("letters", letters)
	p.add("invitations", invitations)
	p.add("enrolments", record.Enrolments)
	p.add("attempts", record.Attempts)
	p.add("certificates", record.Certificates)
	p.add("reports", reports)
	p.add("practice", record.Practice)
	p.add("memberships", tracked.Memberships)
	p.add("assignments", tracked.Assignments)
	p.add("reminders", reminders)
	p.add("live_rooms", rooms)
	p.add("records", records)
	p.add("hooks", hooks)
	p.add("standing_reports", orders)
	p.add("audit", log)
	return p, nil
}

// Erase forgets an account everywhere. The tombstone comes first: whatever
// breaks off after it is finished by Sweep.
func (k *Keeper) Erase(ctx context.Context, id string) error {
	t := &Tombstone{Meta: store.Meta{ID: id}, ErasedAt: store.At(k.now())}
	if err := k.tombstones.Insert(ctx, t); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return k.forget(ctx, id)
}

func (k *Keeper) forget(ctx context.Context, id string) error {
	// The account goes first, so that nobody can act as the person meanwhile.
	if err := k.People.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Learning.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.History.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Hooks.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Standing.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Tracking.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Reminders.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Reports.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Live.Erase(ctx, id); err != nil {
		return err
	}
	if err := k.Audit.ForgetPerson(ctx, id); err != nil {
		return err
	}
	_, err := k.tombstones.Update(ctx, id, func(t *Tombstone) error {
		if t.Done {
			return store.ErrUnchanged
		}
		t.Done = true
		return nil
	})
	return err
}

// Sweep finishes erasures that broke off, repeats those that a backup undid, and
// finishes the merging of accounts.
func (k *Keeper) Sweep(ctx context.Context) error {
	return errors.Join(k.sweepMerged(ctx), k.sweepErased(ctx))
}

func (k *Keeper) sweepErased(ctx context.Context) error {
	var ids []string
	if err := k.tombstones.Each(ctx, store.Query{}, func(t *Tombstone) error {
		ids = append(ids, t.ID)
		return nil
	}); err != nil {
		return err
	}
	for _, id := range ids {
		if err := k.forget(ctx, id); err != nil {
			return err
		}
	}
	return nil
}
