// Package mail brings letters to people. Whoever has something to say puts a
// [Letter] into the outbox, in the same store as everything else, and goes on;
// the outbox sends it, and tries again for [GiveUp] while the mail server is away.
//
// A letter that several servers find at once is sent by the one that leases it.
// Its Message-ID follows from its id, so that a mailbox can tell a repeat.
// It is deleted when it has been sent. Whoever gives a letter an id of their own
// can put it in again: the outbox holds one.
//
// Letters that nobody waits for ([Reminder]) leave behind all others, so that a
// link to sign in does not stand in their queue.
package mail

import (
	"context"
	"encoding/binary"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"havn/internal/locale"
	"havn/internal/pending"
	"havn/internal/store"
)

// Kind is what a letter is about. locales/ has its sentences as "mail.<kind>-…".
type Kind string

// The kinds.
const (
	SignInLink        Kind = "sign-in-link"
	ConfirmAddress    Kind = "confirm-address"
	Invitation        Kind = "invitation"
	SecurityChange    Kind = "security-change"
	MergeAccounts     Kind = "merge-accounts"
	AccountWillExpire Kind = "account-will-expire"
	Regraded          Kind = "regraded"
	RegradeUndone     Kind = "regrade-undone"
	Reminder          Kind = "reminder"
	HookOff           Kind = "hook-off"
	StandingReport    Kind = "standing-report"
)

// prompt are the kinds that leave at once, many those that may come by the thousand
// and leave behind them.
var (
	prompt = []Kind{SignInLink, ConfirmAddress, SecurityChange, MergeAccounts, Invitation, AccountWillExpire, HookOff}
	many   = []Kind{Regraded, RegradeUndone, Reminder, StandingReport}
)

// Letter waits to be sent.
type Letter struct {
	store.Meta `bson:",inline"`
	Kind       Kind   `json:"kind"`
	To         string `json:"to"`
	Language   string `json:"language"`
	Account    string `json:"account"` // of the reader, "" where not known
	// Path on this server that the letter's button leads to, "" no button.
	Path string `json:"path"`
	// About fills the sentences: the name of an organisation, a day.
	About string     `json:"about"`
	PutAt store.Time `json:"put_at"`
	DueAt store.Time `json:"due_at"` // not before; also the end of a lease
	Tried int        `json:"tried"`
}

// GiveUp is how long a letter is tried; no link in one is good for longer.
const GiveUp = 3 * 24 * time.Hour

// lease is how long a server has for sending a letter before another may.
const lease = time.Minute

// Sender hands one composed letter to the world. An error means that it is to
// be tried again.
type Sender func(ctx context.Context, m *Message) error

// Outbox is the room's door. It is safe for concurrent use.
type Outbox struct {
	letters *store.Collection[Letter, *Letter]
	o       Options
	bell    pending.Bell
	first   int // where among many letters this server begins
}

// Options are what an outbox needs.
type Options struct {
	Send  Sender
	Words *locale.Catalog
	Base  string // URL of this server, without a slash at the end
	Now   func() time.Time
	// Look decides about a letter when its turn has come; nil sends all.
	Look func(context.Context, *Letter) (Verdict, error)
}

// Verdict is what becomes of a letter when its turn has come. The zero Verdict
// sends it as it is.
type Verdict struct {
	Drop  bool
	Until time.Time // it waits until then; zero: not
	// To and Language are the reader's by now; "" as they were.
	To, Language string
	Lines        []string // what the letter lists
	// Sent is called when it has left, before it is deleted; nil: nothing to do.
	Sent func(context.Context) error
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, o Options) (*Outbox, error) {
	letters, err := store.Open[Letter](ctx, e, store.Schema{Name: "letters", Version: 1, Indexes: []store.Index{
		{Fields: []string{"kind", "due_at"}}, {Fields: []string{"account"}}, {Fields: []string{"to"}},
	}})
	if err != nil {
		return nil, err
	}
	self, err := uuid.NewRandom()
	return &Outbox{letters: letters, o: o, bell: pending.NewBell(), first: int(binary.BigEndian.Uint16(self[:]))}, err
}

// Put leaves a letter to be sent. It returns when the letter is durable, without
// waiting for any mail server. Where a letter with its id waits, it changes nothing.
func (b *Outbox) Put(ctx context.Context, l Letter) error {
	if l.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		l.ID = id.String()
	}
	return b.put(ctx, l)
}

// PutOnce is Put for what follows from an act that may be repeated: letters with
// the same key are one while it waits, and have one Message-ID after that.
func (b *Outbox) PutOnce(ctx context.Context, key string, l Letter) error {
	l.ID = uuid.NewSHA1(uuid.NameSpaceURL, []byte("havn:letter:"+key)).String()
	return b.put(ctx, l)
}

func (b *Outbox) put(ctx context.Context, l Letter) error {
	now := store.At(b.o.Now())
	l.PutAt, l.DueAt = now, now
	if err := b.letters.Insert(ctx, &l); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	b.bell.Ring()
	return nil
}

// Waiting tells when a letter was put in on this server.
func (b *Outbox) Waiting() <-chan struct{} { return b.bell }

// Work sends what is due. A letter that fails is due again after a pause that
// doubles, from one minute to two hours.
func (b *Outbox) Work(ctx context.Context) error {
	for {
		found, err := b.round(ctx)
		if err != nil || found == 0 {
			return err
		}
	}
}

// atOnce is how many of the many letters a server has under way.
const atOnce = 16

// round sends what is prompt, and then some of the many.
func (b *Outbox) round(ctx context.Context) (found int, err error) {
	var list []Letter
	for _, kind := range prompt {
		due, err := b.due(ctx, kind)
		if err != nil {
			return 0, err
		}
		list = append(list, due...)
	}
	slices.SortFunc(list, func(x, y Letter) int { return x.DueAt.Compare(y.DueAt.Time) })
	for i := range list {
		if _, err := b.deliver(ctx, &list[i]); err != nil {
			return 0, err
		}
	}
	var others []Letter
	for _, kind := range many {
		due, err := b.due(ctx, kind)
		if err != nil {
			return 0, err
		}
		others = append(others, due...)
	}
	var group errgroup.Group // one that fails does not keep the others
	group.SetLimit(atOnce)
	var taken atomic.Bool // are at these too: look again what is left
	for i := range others {
		if taken.Load() {
			break
		}
		l := &others[(i+b.first)%len(others)]
		group.Go(func() error {
			mine, err := b.deliver(ctx, l)
			if !mine {
				taken.Store(true)
			}
			return err
		})
	}
	return len(list) + len(others), group.Wait()
}

func (b *Outbox) due(ctx context.Context, kind Kind) ([]Letter, error) {
	page, err := b.letters.Find(ctx, store.Query{
		Where: []store.Cond{store.Is("kind", string(kind)), {Field: "due_at", Op: store.Lte, Value: store.At(b.o.Now())}}, Sort: "due_at", Limit: 200,
	})
	return page.Items, err
}

// deliver does what is to be done with a letter; it is not mine where another
// server has it.
func (b *Outbox) deliver(ctx context.Context, l *Letter) (mine bool, err error) {
	now := b.o.Now()
	l.Tried++
	l.DueAt = store.At(now.Add(lease))
	if err := b.letters.Replace(ctx, l); errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return true, err
	}
	var v Verdict
	if b.o.Look != nil {
		if v, err = b.o.Look(ctx, l); err != nil {
			return true, err
		}
	}
	switch {
	case v.Drop:
	case v.Until.After(now):
		l.Tried--
		l.DueAt = store.At(v.Until)
		return true, ignoreGone(b.letters.Replace(ctx, l))
	case now.Sub(l.PutAt.Time) >= GiveUp:
		slog.Error("a letter was given up", "kind", l.Kind, "tried", l.Tried)
	default:
		if err := b.o.Send(ctx, b.Compose(l, v)); err != nil {
			slog.Warn("a letter could not be sent and will be tried again", "kind", l.Kind, "tried", l.Tried, "error", err)
			l.DueAt = store.At(now.Add(min(2*time.Hour, time.Minute<<min(l.Tried-1, 10))))
			return true, ignoreGone(b.letters.Replace(ctx, l))
		}
		ctx = context.WithoutCancel(ctx) // it has left: a server that stops still says so
		if v.Sent != nil {
			if err := v.Sent(ctx); err != nil {
				return true, err
			}
		}
	}
	return true, ignoreGone(b.letters.Delete(ctx, l.ID))
}

// About are the letters to an account that wait, or to its address.
func (b *Outbox) About(ctx context.Context, account, address string) ([]Letter, error) {
	page, err := b.letters.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	if err != nil || address == "" {
		return page.Items, err
	}
	to, err := b.letters.Find(ctx, store.Query{Where: []store.Cond{store.Is("to", address)}})
	for _, l := range to.Items {
		if l.Account != account {
			page.Items = append(page.Items, l)
		}
	}
	return page.Items, err
}

// Forget drops the letters to an account or its address.
func (b *Outbox) Forget(ctx context.Context, account, address string) error {
	list, err := b.About(ctx, account, address)
	if err != nil {
		return err
	}
	for _, l := range list {
		if err := ignoreGone(b.letters.Delete(ctx, l.ID)); err != nil {
			return err
		}
	}
	return nil
}

func ignoreGone(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}
