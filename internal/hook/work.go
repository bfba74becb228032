package hook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/outbound"
	"havn/internal/people"
	"havn/internal/store"
)

// Type is what the events are called.
const Type = "completion.changed"

// event is the body of a message (Standard Webhooks, "Payload structure").
type event struct {
	Type      string     `json:"type"`
	Timestamp store.Time `json:"timestamp"` // of the change
	Data      any        `json:"data"`
}

// lease is how long a server has for one message before another goes on in its
// place: longer than a request may take.
const lease = 2 * time.Minute

// batch is how many changes are read at a time, and atOnce how many hooks a server
// serves at the same time: one that is slow keeps no other.
const (
	batch  = 100
	atOnce = 16
)

// rest is how far the place in the order moves before it is noted where nothing has
// changed.
const rest = time.Minute

// pauses are how long a message that was not taken waits, the last one again and
// again.
var pauses = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// Work sends what has changed to each hook whose time has come.
func (d *Desk) Work(ctx context.Context) error {
	d.working.Lock()
	defer d.working.Unlock()
	page, err := d.hooks.Find(ctx, store.Query{Where: []store.Cond{store.Is("off", ""), {Field: "next_at", Op: store.Lte, Value: store.At(d.Now())}}})
	if err != nil {
		return err
	}
	var group errgroup.Group // one that fails does not keep the others
	group.SetLimit(atOnce)
	for _, h := range page.Items {
		group.Go(func() error { return d.serve(ctx, h.ID) })
	}
	return group.Wait()
}

var errElsewhere = errors.New("another server has the hook, or it is off")

// serve takes a hook on and sends until nothing is left or something is not taken.
func (d *Desk) serve(ctx context.Context, id string) error {
	h, err := d.hooks.Update(ctx, id, func(h *Hook) error {
		now := d.Now()
		if h.Off != "" || now.Before(h.NextAt.Time) || now.Before(h.LeasedTo.Time) {
			return errElsewhere
		}
		h.LeasedTo, h.LeasedBy = store.At(now.Add(lease)), d.self
		return nil
	})
	if err != nil {
		return ignore(err)
	}
	for {
		var more bool
		if h, more, err = d.step(ctx, h); err != nil || !more {
			break
		}
	}
	if !errors.Is(err, errElsewhere) {
		_, failed := d.hold(context.WithoutCancel(ctx), id, func(h *Hook) { h.LeasedTo = store.Time{} })
		err = errors.Join(err, ignore(failed))
	}
	return ignore(err)
}

// hold changes a hook as long as it is this server's.
func (d *Desk) hold(ctx context.Context, id string, change func(*Hook)) (*Hook, error) {
	now := d.Now()
	return d.hooks.Update(ctx, id, func(h *Hook) error {
		if h.LeasedBy != d.self || !now.Before(h.LeasedTo.Time) {
			return errElsewhere
		}
		h.LeasedTo = store.At(now.Add(lease))
		change(h)
		return nil
	})
}

// step sends the next changes; more tells that there may be others behind them.
func (d *Desk) step(ctx context.Context, h *Hook) (_ *Hook, more bool, err error) {
	if ok, err := d.may(ctx, h); err != nil || !ok {
		if err == nil {
			err = d.switchOff(ctx, h, Forbidden)
		}
		return h, false, err
	}
	counted, err := d.People.Counted(ctx)
	if err != nil {
		return h, false, err
	}
	list, until, err := d.Learning.Changes(ctx, learning.Filter{Within: h.Organisation, Without: counted}, h.After, h.Behind, batch)
	if err != nil {
		return h, false, err
	}
	if len(list) == 0 {
		if until.Sub(h.After.Time) > rest {
			h, err = d.hold(ctx, h.ID, func(h *Hook) { h.After, h.Behind = until, "" })
		}
		return h, false, err
	}
	for i := range list {
		e := &list[i]
		shown, err := d.Show(ctx, e)
		if err != nil {
			return h, false, err
		}
		var did *Delivery
		if shown != nil {
			if did, err = d.send(ctx, h, e, shown); err != nil {
				return h, false, err
			}
		}
		taken := did == nil || did.Why == ""
		// What was sent is noted even by a server that stops.
		h, err = d.hold(context.WithoutCancel(ctx), h.ID, func(h *Hook) { h.note(did, e, d.Now()) })
		switch {
		case err != nil:
			return h, false, err
		case taken && h.Off == "":
		case did != nil && did.Why == Gone:
			return h, false, d.switchOff(ctx, h, Gone)
		case !taken && d.Now().Sub(h.FailingSince.Time) >= GiveUp:
			return h, false, d.switchOff(ctx, h, Failing)
		default:
			return h, false, nil
		}
	}
	return h, true, nil
}

// note keeps what became of a message.
func (h *Hook) note(did *Delivery, e *learning.Enrolment, now time.Time) {
	if did != nil {
		h.Recent = append([]Delivery{*did}, h.Recent[:min(len(h.Recent), keep-1)]...)
	}
	if did == nil || did.Why == "" {
		h.After, h.Behind = e.ChangedAt, e.ID
		h.Tried, h.FailingSince = 0, store.Time{}
		if did != nil {
			h.Sent++
		}
		return
	}
	if h.FailingSince.IsZero() {
		h.FailingSince = store.At(now)
	}
	h.NextAt = store.At(now.Add(pauses[min(h.Tried, len(pauses)-1)]))
	h.Tried++
}

// may tells whether who registered the hook may still see the list.
func (d *Desk) may(ctx context.Context, h *Hook) (bool, error) {
	a, err := d.People.Account(ctx, h.Account)
	if fault.Is(err, "not-found") {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return !a.Disabled && people.MayAt(a, people.SeeCompletions, h.Organisation) == nil, nil
}

// eventID follows from the hook and the change.
func eventID(h *Hook, e *learning.Enrolment) string {
	sum := sha256.Sum256([]byte(h.ID + " " + e.ID + " " + e.ChangedAt.UTC().Format(time.RFC3339Nano)))
	return "msg_" + hex.EncodeToString(sum[:16])
}

// send sends one message. An error is that of a server that stops.
func (d *Desk) send(ctx context.Context, h *Hook, e *learning.Enrolment, shown any) (*Delivery, error) {
	body, err := json.Marshal(event{Type, e.ChangedAt, shown})
	if err != nil {
		return nil, err
	}
	now := d.Now()
	secrets := []string{h.Secret}
	if h.Former != "" && now.Before(h.FormerUntil.Time) {
		secrets = append(secrets, h.Former)
	}
	id := eventID(h, e)
	signature, err := Sign(id, now, body, secrets...)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Havn")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	r.Header.Set("webhook-signature", signature)
	did := &Delivery{At: store.At(now), Event: id}
	res, err := d.client.Do(r)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, outbound.ErrInside):
		did.Why = Inside
	case err != nil:
		did.Why = Unreachable
	default:
		_, _ = io.Copy(io.Discard, res.Body) // so that the connection can be used again
		_ = res.Body.Close()
		did.Status = res.StatusCode
		switch {
		case res.StatusCode == http.StatusGone:
			did.Why = Gone
		case res.StatusCode >= 300 && res.StatusCode < 400:
			did.Why = Redirected
		case res.StatusCode < 200 || res.StatusCode >= 300:
			did.Why = Refused
		}
	}
	return did, nil
}

// switchOff ends sending until an administrator switches the hook on again, and
// writes to the one who registered it.
func (d *Desk) switchOff(ctx context.Context, h *Hook, why Why) error {
	now := store.At(d.Now())
	if err := d.Log.Add(ctx, audit.Event{Act: audit.HookOff, Subject: h.ID, Organisation: h.Organisation, Detail: string(why)}); err != nil {
		return err
	}
	if why != Forbidden {
		a, err := d.People.Recipient(ctx, h.Account)
		if err != nil {
			return err
		}
		o, err := d.People.Organisation(ctx, people.IDOf(h.Organisation))
		if err != nil {
			return err
		}
		if a != nil {
			// The letter goes first, under a key: a server that falls here writes no second.
			if err := d.Letters.PutOnce(ctx, "hook-off:"+h.ID+":"+h.FailingSince.UTC().Format(time.RFC3339Nano), mail.Letter{
				Kind: mail.HookOff, To: a.Email, Account: a.ID, Language: a.Language, About: o.Name, Path: "/organisations/" + o.ID + "/hooks",
			}); err != nil {
				return err
			}
		}
	}
	_, err := d.hold(ctx, h.ID, func(h *Hook) { h.Off, h.OffAt = why, now })
	return err
}

func ignore(err error) error {
	if errors.Is(err, errElsewhere) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
