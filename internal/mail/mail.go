// Package mail brings letters to people. Whoever has something to say puts a
// [Letter] into the outbox, in the same store as everything else, and goes on;
// the outbox sends it, and tries again for [GiveUp] while the mail server is away.
//
// A letter that several servers find at once is sent by the one that leases it.
// Its Message-ID follows from its id, so that a mailbox can tell a repeat.
// It is deleted when it has been sent.
package mail

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"havn/internal/locale"
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
	AccountWillExpire Kind = "account-will-expire"
	Regraded          Kind = "regraded"
	RegradeUndone     Kind = "regrade-undone"
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
	kick    chan struct{}
}

// Options are what an outbox needs.
type Options struct {
	Send  Sender
	Words *locale.Catalog
	Base  string // URL of this server, without a slash at the end
	Now   func() time.Time
	// Wanted tells whether a letter is still to be sent; nil sends all.
	Wanted func(context.Context, *Letter) (bool, error)
}

// Open declares the collection.
func Open(ctx context.Context, e store.Engine, o Options) (*Outbox, error) {
	letters, err := store.Open[Letter](ctx, e, store.Schema{Name: "letters", Version: 1, Indexes: []store.Index{
		{Fields: []string{"due_at"}}, {Fields: []string{"account"}}, {Fields: []string{"to"}},
	}})
	return &Outbox{letters: letters, o: o, kick: make(chan struct{}, 1)}, err
}

// Put leaves a letter to be sent. It returns when the letter is durable, without
// waiting for any mail server.
func (b *Outbox) Put(ctx context.Context, l Letter) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return b.put(ctx, id, l)
}

// PutOnce is Put for what follows from an act that may be repeated: letters with
// the same key are one while it waits, and have one Message-ID after that.
func (b *Outbox) PutOnce(ctx context.Context, key string, l Letter) error {
	err := b.put(ctx, uuid.NewSHA1(uuid.NameSpaceURL, []byte("havn:letter:"+key)), l)
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

func (b *Outbox) put(ctx context.Context, id uuid.UUID, l Letter) error {
	now := store.At(b.o.Now())
	l.Meta, l.PutAt, l.DueAt = store.Meta{ID: id.String()}, now, now
	if err := b.letters.Insert(ctx, &l); err != nil {
		return err
	}
	select {
	case b.kick <- struct{}{}:
	default:
	}
	return nil
}

// Waiting tells when a letter was put in on this server.
func (b *Outbox) Waiting() <-chan struct{} { return b.kick }

// Work sends what is due. A letter that fails is due again after a pause that
// doubles, from one minute to two hours.
func (b *Outbox) Work(ctx context.Context) error {
	page, err := b.letters.Find(ctx, store.Query{
		Where: []store.Cond{{Field: "due_at", Op: store.Lte, Value: store.At(b.o.Now())}}, Sort: "due_at", Limit: 100,
	})
	if err != nil {
		return err
	}
	for i := range page.Items {
		if err := b.deliver(ctx, &page.Items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *Outbox) deliver(ctx context.Context, l *Letter) error {
	now := b.o.Now()
	l.Tried++
	l.DueAt = store.At(now.Add(lease))
	if err := b.letters.Replace(ctx, l); errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) {
		return nil // another server has it
	} else if err != nil {
		return err
	}
	wanted := true
	if b.o.Wanted != nil {
		var err error
		if wanted, err = b.o.Wanted(ctx, l); err != nil {
			return err
		}
	}
	if wanted && now.Sub(l.PutAt.Time) < GiveUp {
		if err := b.o.Send(ctx, b.compose(l)); err != nil {
			slog.Warn("a letter could not be sent and will be tried again", "kind", l.Kind, "tried", l.Tried, "error", err)
			l.DueAt = store.At(now.Add(min(2*time.Hour, time.Minute<<min(l.Tried-1, 10))))
			return ignoreGone(b.letters.Replace(ctx, l))
		}
	} else if wanted {
		slog.Error("a letter was given up", "kind", l.Kind, "tried", l.Tried)
	}
	return ignoreGone(b.letters.Delete(ctx, l.ID))
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
