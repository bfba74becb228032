// Package hook tells a personnel system what changes in the list of completions: it
// sends each change to an address that an administrator has registered, signed as
// Standard Webhooks says (https://www.standardwebhooks.com, version 1.0).
//
// Nothing is queued. A hook keeps a place in the order of changes, that of the delta
// of the list (learning.Changes), and what lies behind it is to be sent: in order,
// one after another, by the server that has the lease. An event's id follows from
// the hook, the enrolment and the time of the change, so whoever gets one twice
// knows it by its id: after a server that fell between sending and noting it, or
// where the answer was lost. What changes again while it waits is sent once, as it
// is by then.
//
// It shows what the list shows to the administrator who registered it, at the time
// of sending: people of organisations that show counts only are left out, and a hook
// whose administrator may not see the list any more is switched off.
//
// Where an address does not take what it is sent, pauses grow from seconds to a day;
// after GiveUp the hook is switched off, and its administrator gets a letter.
package hook

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/outbound"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
)

// Hook is an address that is told.
type Hook struct {
	store.Meta   `bson:",inline"` // id: a UUID that the client made
	Organisation string           `json:"organisation"` // path, with all below
	URL          string           `json:"url"`
	Account      string           `json:"account"` // of the administrator who registered it; "" is gone
	CreatedAt    store.Time       `json:"created_at"`
	// Secret signs; so does Former, the one before it, until FormerUntil.
	Secret      string     `json:"secret"`
	Former      string     `json:"former"`
	FormerUntil store.Time `json:"former_until"`
	// What changed behind After, and of the same time behind the enrolment Behind, is
	// to be sent.
	After  store.Time `json:"after"`
	Behind string     `json:"behind"`
	// LeasedTo is until when the server LeasedBy sends; nobody does before NextAt,
	// which is never zero.
	LeasedTo store.Time `json:"leased_to"`
	LeasedBy string     `json:"leased_by"`
	NextAt   store.Time `json:"next_at"`
	// Tried is how often what is next was sent in vain, since FailingSince.
	Tried        int        `json:"tried"`
	FailingSince store.Time `json:"failing_since"`
	Off          Why        `json:"off"` // "" it is on
	OffAt        store.Time `json:"off_at"`
	Sent         int        `json:"sent"`
	Recent       []Delivery `json:"recent"` // the newest first
}

// Delivery is one try.
type Delivery struct {
	At     store.Time `json:"at"`
	Event  string     `json:"event"`  // id
	Status int        `json:"status"` // of the answer; 0 none
	Why    Why        `json:"why"`    // "" it was taken
}

// Why is why something was not taken, or a hook is off.
type Why string

// The reasons.
const (
	Refused     Why = "refused"     // a status that is not 2xx
	Redirected  Why = "redirected"  // which is not followed
	Unreachable Why = "unreachable" // no answer, or too late
	Inside      Why = "inside"      // the address is inside the network
	Gone        Why = "gone"        // status 410: it wishes no more
	Failing     Why = "failing"     // for longer than GiveUp
	Forbidden   Why = "forbidden"   // who registered it may not see the list any more
)

// Limits of hooks.
const (
	Most      = 5 // of an organisation
	MaxURL    = 500
	keep      = 20                 // deliveries that are shown
	GiveUp    = 5 * 24 * time.Hour // of failing
	FormerFor = 24 * time.Hour     // that a former secret signs too
	Timeout   = 15 * time.Second   // of a request
)

// Options are what the room is given from outside.
type Options struct {
	People   *people.People
	Learning *learning.Learning
	Letters  *mail.Outbox
	Log      *audit.Log
	Now      func() time.Time
	// Show is an enrolment as the list of completions shows it; nil where it does not.
	Show func(context.Context, *learning.Enrolment) (any, error)
	// Private lets hooks lead to addresses inside the network, and without TLS.
	Private bool
	Timeout time.Duration // of a request; Timeout where 0
}

// Desk is the room's door. It is safe for concurrent use, and by several servers
// on one store.
type Desk struct {
	Options
	hooks   *store.Collection[Hook, *Hook]
	client  *http.Client
	self    string
	bell    pending.Bell
	working sync.Mutex
}

// Schema is how hooks are kept.
var Schema = store.Schema{Name: "hooks", Version: 1, Indexes: []store.Index{
	{Fields: []string{"organisation"}}, {Fields: []string{"account"}}, {Fields: []string{"off", "next_at"}},
}}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, o Options) (*Desk, error) {
	d := &Desk{Options: o, bell: pending.NewBell(), self: uuid.NewString()}
	d.client = outbound.Client(outbound.Options{Private: o.Private, Timeout: cmp.Or(o.Timeout, Timeout)})
	d.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	var err error
	d.hooks, err = store.Open[Hook](ctx, e, Schema)
	return d, err
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return b
}

// Set registers an address under an id that the client made, or changes it, and
// switches it on. It is told what changes from then on. secret is told once, when
// the hook is new. Faults: "id-invalid", "hook-url", "hook-exists" where the id is of
// another organisation, "too-many-hooks".
func (d *Desk) Set(ctx context.Context, by *people.Account, id string, o *people.Organisation, address string) (h *Hook, secret string, err error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, "", fault.At("id-invalid", "hook")
	}
	if err := d.check(address); err != nil {
		return nil, "", err
	}
	had, err := d.hooks.Get(ctx, id)
	switch {
	case err == nil && had.Organisation != o.Path:
		return nil, "", fault.At("hook-exists", "hook")
	case err == nil && had.URL == address && had.Off == "":
		return had, "", nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return nil, "", err
	}
	known := err == nil
	if !known {
		list, err := d.hooks.Find(ctx, store.Query{Where: []store.Cond{store.Is("organisation", o.Path)}})
		if err != nil {
			return nil, "", err
		}
		if len(list.Items) >= Most {
			return nil, "", fault.New("too-many-hooks").With("max", Most)
		}
	}
	if err := d.Log.Add(ctx, audit.Event{Act: audit.HookSet, Actor: by.ID, Subject: id, Organisation: o.Path}); err != nil {
		return nil, "", err
	}
	now := store.At(d.Now())
	defer d.bell.Ring()
	if !known {
		h = &Hook{Meta: store.Meta{ID: id}, Organisation: o.Path, URL: address, Account: by.ID, CreatedAt: now, After: now, NextAt: now, Secret: newSecret(random), Recent: []Delivery{}}
		err := d.hooks.Insert(ctx, h)
		if !errors.Is(err, store.ErrExists) {
			return h, h.Secret, err
		}
	}
	h, err = d.hooks.Update(ctx, id, func(h *Hook) error {
		if h.Organisation != o.Path {
			return fault.At("hook-exists", "hook")
		}
		h.URL, h.Account, h.Off, h.OffAt = address, by.ID, "", store.Time{}
		h.Tried, h.FailingSince, h.NextAt = 0, store.Time{}, now
		return nil
	})
	return h, "", err
}

// check lets addresses through that may be told; where they lead is looked at when
// they are dialled.
func (d *Desk) check(address string) error {
	u, err := url.Parse(address)
	ok := err == nil && len(address) <= MaxURL && u.Host != "" && u.User == nil && u.Fragment == "" && u.Opaque == "" &&
		(u.Scheme == "https" || d.Private && u.Scheme == "http")
	if ok && !d.Private {
		if at, err := netip.ParseAddr(u.Hostname()); err == nil {
			ok = outbound.Public(at)
		}
	}
	if !ok {
		return fault.At("hook-url", "url")
	}
	return nil
}

// Rotate makes a new secret, which is told once. For a day the one before signs too.
func (d *Desk) Rotate(ctx context.Context, by *people.Account, h *Hook) (*Hook, string, error) {
	if err := d.Log.Add(ctx, audit.Event{Act: audit.HookRotated, Actor: by.ID, Subject: h.ID, Organisation: h.Organisation}); err != nil {
		return nil, "", err
	}
	secret, until := newSecret(random), store.At(d.Now().Add(FormerFor))
	h, err := d.hooks.Update(ctx, h.ID, func(h *Hook) error {
		h.Secret, h.Former, h.FormerUntil = secret, h.Secret, until
		return nil
	})
	return h, secret, missing(err)
}

// End forgets a hook. A repeat is harmless.
func (d *Desk) End(ctx context.Context, by *people.Account, h *Hook) error {
	if err := d.Log.Add(ctx, audit.Event{Act: audit.HookEnded, Actor: by.ID, Subject: h.ID, Organisation: h.Organisation}); err != nil {
		return err
	}
	err := d.hooks.Delete(ctx, h.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// Hook finds one. The fault is "not-found".
func (d *Desk) Hook(ctx context.Context, id string) (*Hook, error) {
	h, err := d.hooks.Get(ctx, id)
	return h, missing(err)
}

// Hooks are those of an organisation and of those below it, the oldest first.
func (d *Desk) Hooks(ctx context.Context, within string) ([]Hook, error) {
	page, err := d.hooks.Find(ctx, store.Query{Where: store.Begins("organisation", within)})
	slices.SortFunc(page.Items, func(a, b Hook) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return page.Items, err
}

// Of are the hooks that a person registered, without their secrets.
func (d *Desk) Of(ctx context.Context, account string) ([]Hook, error) {
	page, err := d.hooks.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	for i := range page.Items {
		page.Items[i].Secret, page.Items[i].Former = "", ""
	}
	return page.Items, err
}

// Erase forgets who registered hooks, which are switched off. A repeat is harmless.
func (d *Desk) Erase(ctx context.Context, account string) error {
	list, err := d.Of(ctx, account)
	for _, h := range list {
		now := store.At(d.Now())
		_, failed := d.hooks.Update(ctx, h.ID, func(h *Hook) error {
			if h.Account == account {
				h.Account, h.Off, h.OffAt = "", cmp.Or(h.Off, Forbidden), now
			}
			return nil
		})
		if !errors.Is(failed, store.ErrNotFound) {
			err = errors.Join(err, failed)
		}
	}
	return err
}

// Waiting tells when there is Work on this server.
func (d *Desk) Waiting() <-chan struct{} { return d.bell }

func missing(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return fault.New("not-found")
	}
	return err
}
