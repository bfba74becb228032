package audit_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"havn/internal/audit"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

func open(t *testing.T, e store.Engine, now func() time.Time) *audit.Log {
	t.Helper()
	l, err := audit.Open(t.Context(), e, now)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Two servers log at once; each event stands once, and the chain holds.
func TestEachEventStandsOnceInOneChain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		logs := []*audit.Log{open(t, e, time.Now), open(t, e, time.Now)}
		var all sync.WaitGroup
		for n := range 40 {
			for _, l := range logs { // both are told of the same event
				all.Go(func() {
					if err := l.Add(t.Context(), audit.Event{Key: fmt.Sprint("k", n), Act: audit.SignedIn, Actor: "a"}); err != nil {
						t.Error(err)
					}
				})
			}
		}
		all.Wait()
		if n, err := logs[0].Verify(t.Context()); n != 40 || err != nil {
			t.Errorf("%d entries, %v", n, err)
		}
	})
}

func TestAChangedOrMissingEntryShows(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		l := open(t, e, time.Now)
		for range 5 {
			if err := l.Add(t.Context(), audit.Event{Act: audit.SignedOut, Actor: "mari", Organisation: "o1"}); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := store.Open[audit.Entry](t.Context(), e, store.Schema{Name: "audit", Version: 1, Indexes: []store.Index{{Fields: []string{"key"}, Unique: true}, {Fields: []string{"organisation"}}, {Fields: []string{"subject"}}, {Fields: []string{"at"}}}})
		if err != nil {
			t.Fatal(err)
		}
		var broken *audit.Broken
		was, err := raw.Get(t.Context(), "000000000003")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := raw.Update(t.Context(), was.ID, func(e *audit.Entry) error { e.Actor = "somebody else"; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Verify(t.Context()); !errors.As(err, &broken) || broken.Number != was.ID {
			t.Errorf("changed: %v", err)
		}
		if _, err := raw.Update(t.Context(), was.ID, func(e *audit.Entry) error { e.Actor = was.Actor; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Verify(t.Context()); err != nil {
			t.Errorf("changed back: %v", err)
		}
		if err := raw.Delete(t.Context(), was.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Verify(t.Context()); !errors.As(err, &broken) || broken.Number != "000000000004" {
			t.Errorf("missing: %v", err)
		}
	})
}

func TestAddressesAreForgottenAndTheChainHolds(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		l := open(t, e, func() time.Time { return now })
		add := func() {
			t.Helper()
			if err := l.Add(audit.WithSource(t.Context(), "192.0.2.7"), audit.Event{Act: audit.SignedIn}); err != nil {
				t.Fatal(err)
			}
		}
		add()
		now = now.Add(audit.KeepFrom + time.Hour)
		add()
		if err := l.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		page, err := l.List(t.Context(), "", "", 10)
		if err != nil || len(page.Items) != 2 || page.Items[0].From == "" || page.Items[1].From != "" {
			t.Errorf("%+v %v", page.Items, err)
		}
		if n, err := l.Verify(t.Context()); n != 2 || err != nil {
			t.Errorf("%d entries, %v", n, err)
		}
	})
}
