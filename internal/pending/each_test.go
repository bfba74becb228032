package pending_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"havn/internal/pending"
)

// Each thing is done once and no more at a time than the limit.
func TestEachIsDoneOnceAndFewAtATime(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var done []int
	var going, most atomic.Int64
	list := make([]int, 200)
	for i := range list {
		list[i] = i
	}
	err := pending.Each(t.Context(), 4, list, func(i int) error {
		n := going.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		mu.Lock()
		done = append(done, i)
		mu.Unlock()
		going.Add(-1)
		return nil
	})
	slices.Sort(done)
	if err != nil || !slices.Equal(done, list) || most.Load() > 4 {
		t.Errorf("%v: %d done, %d at a time", err, len(done), most.Load())
	}
}

// What fails is told, and so is that there was no time: nobody takes half for whole.
func TestHalfIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	begun := 0
	err := pending.Each(t.Context(), 1, make([]int, 50), func(int) error {
		if begun++; begun == 3 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || begun > 4 {
		t.Errorf("%v after %d", err, begun)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := pending.Each(ctx, 4, make([]int, 50), func(int) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Rung often before anybody looks, a bell is heard once.
func TestABellIsHeardOnce(t *testing.T) {
	t.Parallel()
	b := pending.NewBell()
	for range 3 {
		b.Ring()
	}
	<-b
	select {
	case <-b:
		t.Error("it is heard again")
	default:
	}
}
