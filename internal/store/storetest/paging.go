package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"havn/internal/store"
)

// pagesUnderChange reads pages while rows come and go around those that stay,
// many of which have the same time.
func pagesUnderChange(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	const stay = 60
	for i := range stay {
		a := attempt{Meta: id("stay%02d", i), Course: "x", Answered: int64(i % 4), Learner: fmt.Sprint(i % 5)}
		if i%6 > 0 {
			a.Started = day(1 + i%3)
		}
		insert(t, c, a)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			a := attempt{Meta: id("come%02d", i%40), Course: "x", Started: day(1 + i%4), Answered: int64(i % 5)}
			if err := c.Insert(ctx, &a); errors.Is(err, store.ErrExists) {
				err = c.Delete(ctx, a.ID)
				if err != nil {
					t.Error(err)
				}
			} else if err != nil {
				t.Error(err)
			}
		}
	})
	for _, sort := range []string{"", "started", "answered", "learner"} {
		for _, desc := range []bool{false, true} {
			for _, where := range [][]store.Cond{nil, {store.Is("course", "x")}} {
				q := store.Query{Where: where, Sort: sort, Desc: desc, Limit: 7}
				seen := map[string]int{}
				for pages := 0; ; pages++ {
					page, err := c.Find(ctx, q)
					if err != nil {
						t.Fatal(err)
					}
					if len(page.Items) > 7 || pages > 100 {
						t.Fatalf("page %d has %d rows", pages, len(page.Items))
					}
					for _, a := range page.Items {
						seen[a.ID]++
					}
					if page.Next == "" {
						break
					}
					q.After = page.Next
				}
				for i := range stay {
					if n := seen[fmt.Sprintf("stay%02d", i)]; n != 1 {
						t.Errorf("by %q, descending %v: row %d was met %d times", sort, desc, i, n)
					}
				}
			}
		}
	}
	close(stop)
	wg.Wait()
}

func streaming(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	const n = 10_000
	for _, err := range race(50, func(g int) error {
		for i := g; i < n; i += 50 {
			a := attempt{Meta: id("a%05d", i), Course: fmt.Sprint(i % 2), Started: day(1 + i%9)}
			if err := c.Insert(ctx, &a); err != nil {
				return err
			}
		}
		return nil
	}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(q store.Query) (out []string) {
		if err := c.Each(ctx, q, func(a *attempt) error {
			out = append(out, a.ID)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return out
	}
	all := read(store.Query{})
	if len(all) != n || !slices.IsSorted(all) {
		t.Errorf("%d documents met, in order: %v", len(all), slices.IsSorted(all))
	}
	half := read(store.Query{Where: []store.Cond{store.Is("course", "1")}, Sort: "started", Desc: true})
	if distinct := len(maps.Collect(seq(half))); len(half) != n/2 || distinct != n/2 {
		t.Errorf("%d documents met, %d of them distinct, want %d", len(half), distinct, n/2)
	}
	for _, limit := range []int{1, 499, 500, 501, 1000} {
		if got := read(store.Query{Limit: limit}); !slices.Equal(got, all[:limit]) {
			t.Errorf("limit %d: %d documents, or others than the first", limit, len(got))
		}
	}
	// f may write, and its error ends the stream as it is.
	enough, met := errors.New("enough"), 0
	err := c.Each(ctx, store.Query{}, func(a *attempt) error {
		if met++; met == 700 {
			return enough
		}
		if met%100 > 0 {
			return nil
		}
		_, err := c.Update(ctx, a.ID, func(a *attempt) error { a.Answered++; return nil })
		return err
	})
	if err != enough || met != 700 {
		t.Errorf("met %d documents, error %v", met, err)
	}
	stop, cancel := context.WithCancel(ctx)
	met = 0
	err = c.Each(stop, store.Query{}, func(*attempt) error {
		if met++; met == 10 {
			cancel()
		}
		return nil
	})
	wantError(t, "a stream whose context has ended", err, context.Canceled)
}

func seq(ids []string) func(func(string, bool) bool) {
	return func(yield func(string, bool) bool) {
		for _, id := range ids {
			if !yield(id, true) {
				return
			}
		}
	}
}
