package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"havn/internal/store"
	"havn/internal/store/storetest/mongod"
)

const (
	writers = 16
	// recovery is how soon after the primary's death writing must go on.
	recovery = 15 * time.Second
)

// TestPrimaryKilled kills the primary, as a loss of power would, while sixteen
// writers insert and count: what was acknowledged is there, once, and writing
// goes on in time.
func TestPrimaryKilled(t *testing.T) {
	set := mongod.Own(t, 3)
	c := open(t, set.NewDatabase(t))
	l := newLedger(t, c)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() { l.write(w, stop) })
	}
	time.Sleep(500 * time.Millisecond)
	before := l.count.Load()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	restart, err := set.KillPrimary(ctx)
	if err != nil {
		t.Fatal(err)
	}
	killed := time.Now()
	time.Sleep(100 * time.Millisecond) // what was acknowledged just before the end
	at := l.count.Load()
	for l.count.Load() < at+writers && time.Since(killed) < recovery {
		time.Sleep(10 * time.Millisecond)
	}
	pause := time.Since(killed)
	if pause >= recovery {
		t.Errorf("writing did not go on within %v", recovery)
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	wg.Wait()
	if err := restart(ctx); err != nil {
		t.Fatal(err)
	}
	if before == 0 || l.count.Load() == at {
		t.Fatalf("%d writes before the kill, %d after", before, l.count.Load()-at)
	}
	l.verify(t)
	t.Logf("%d writes acknowledged, %d unknown, a pause of %v", l.count.Load(), l.unknown.Load(), pause)
}

// ledger writes, and remembers what was promised.
type ledger struct {
	c              *store.Collection[counter, *counter]
	count, unknown atomic.Int64
	mu             sync.Mutex
	inserted       map[string]error
	added          map[string]int64 // by counter
	open           map[string]int64 // additions whose outcome is not known
}

func newLedger(t *testing.T, c *store.Collection[counter, *counter]) *ledger {
	l := &ledger{c: c, inserted: map[string]error{}, added: map[string]int64{}, open: map[string]int64{}}
	for i := range 4 {
		if err := c.Insert(context.Background(), &counter{Meta: store.Meta{ID: fmt.Sprint("counter", i)}}); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func (l *ledger) write(w int, stop chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		key := fmt.Sprintf("%d-%d", w, i)
		err := l.c.Insert(ctx, &counter{Meta: store.Meta{ID: key}, N: 1})
		l.settle(err, func() { l.inserted[key] = err })
		name := fmt.Sprint("counter", (w+i)%4)
		_, err = l.c.Update(ctx, name, func(a *counter) error { a.N++; return nil })
		l.settle(err, func() {
			switch {
			case err == nil:
				l.added[name]++
			case errors.Is(err, store.ErrUnknown):
				l.open[name]++
			}
		})
		cancel()
	}
}

func (l *ledger) settle(err error, note func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.count.Add(1)
	case errors.Is(err, store.ErrUnknown):
		l.unknown.Add(1)
	}
	note()
}

func (l *ledger) verify(t *testing.T) {
	ctx, stored := context.Background(), map[string]counter{}
	if err := l.c.Each(ctx, store.Query{}, func(a *counter) error {
		if _, twice := stored[a.ID]; twice {
			t.Errorf("%s is there twice", a.ID)
		}
		stored[a.ID] = *a
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for key, err := range l.inserted {
		_, found := stored[key]
		switch {
		case err == nil && !found:
			t.Errorf("%s was acknowledged and is lost", key)
		case err != nil && !errors.Is(err, store.ErrUnknown) && found:
			t.Errorf("%s was refused (%v) and is there", key, err)
		}
	}
	for i := range 4 {
		name := fmt.Sprint("counter", i)
		least := l.added[name]
		if n := stored[name].N; n < least || n > least+l.open[name] {
			t.Errorf("%s is %d, acknowledged are %d and unknown %d", name, n, least, l.open[name])
		}
	}
}
