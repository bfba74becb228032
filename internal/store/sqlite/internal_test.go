package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"havn/internal/store"
)

type page struct {
	store.Meta `bson:",inline"`
	Title      string     `json:"title"`
	Read       store.Time `json:"read"`
	Slug       string     `json:"slug"`
	Body       string     `json:"body"`
}

var pages = store.Schema{Name: "pages", Version: 1, Indexes: []store.Index{
	{Fields: []string{"title", "read"}},
	{Fields: []string{"slug"}, Unique: true},
}}

func openPages(t *testing.T) (*DB, *store.Collection[page, *page]) {
	t.Helper()
	db, err := Open(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := store.Open[page](context.Background(), db, pages)
	if err != nil {
		t.Fatal(err)
	}
	return db, c
}

// TestPlans looks whether queries are answered from an index, and in its order.
func TestPlans(t *testing.T) {
	t.Parallel()
	db, _ := openPages(t)
	at := &store.Position{Key: store.Now(), ID: "p"}
	for name, q := range map[string]store.Scan{
		"by id":               {Where: []store.Cond{store.Is("_id", "p")}},
		"all by id":           {},
		"by the unique field": {Where: []store.Cond{store.Is("slug", "x")}},
		"a list":              {Where: []store.Cond{store.Is("title", "x")}, Sort: "read"},
		"a page of it":        {Where: []store.Cond{store.Is("title", "x")}, Sort: "read", After: at, Limit: 10},
		"descending":          {Where: []store.Cond{store.Is("title", "x")}, Sort: "read", Desc: true, After: at, Limit: 10},
	} {
		for _, part := range parts(q) {
			sql, args := selection(pages, q, part, q.Limit)
			var plan []string
			err := db.readers.use(context.Background(), func(c *conn) error {
				return c.query(context.Background(), "EXPLAIN QUERY PLAN "+sql, func(row []driver.Value) error {
					plan = append(plan, row[3].(string))
					return nil
				}, args...)
			})
			if err != nil {
				t.Fatal(err)
			}
			if steps := strings.Join(plan, "; "); !strings.Contains(steps, "USING INDEX") || strings.Contains(steps, "TEMP B-TREE") {
				t.Errorf("%s: %s", name, steps)
			}
		}
	}
}

// TestDiskFull lets the database reach a size that it may not exceed.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	db, c := openPages(t)
	ctx := context.Background()
	limit := func(sql string) {
		t.Helper()
		if err := db.submit(ctx, func(c *conn) error { _, err := c.exec(sql); return err }); err != nil {
			t.Fatal(err)
		}
	}
	limit("PRAGMA max_page_count = 60")
	var mu sync.Mutex
	outcome := map[string]error{}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 10 {
				p := page{Meta: store.Meta{ID: fmt.Sprintf("%d-%d", g, i)}, Body: strings.Repeat("x", 5000)}
				err := c.Insert(ctx, &p)
				mu.Lock()
				outcome[p.ID] = err
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	full := 0
	for id, err := range outcome {
		_, readErr := c.Get(ctx, id) // reads go on
		switch {
		case err == nil && readErr != nil:
			t.Errorf("%s was acknowledged and is lost: %v", id, readErr)
		case err != nil && !errors.Is(err, store.ErrFull):
			t.Errorf("%s: got error %v, want %v", id, err, store.ErrFull)
		case err != nil && !errors.Is(readErr, store.ErrNotFound):
			t.Errorf("%s was refused and is there (error %v)", id, readErr)
		case err != nil:
			full++
		}
	}
	if full == 0 || full == len(outcome) {
		t.Fatalf("%d of %d writes were refused", full, len(outcome))
	}
	limit("PRAGMA max_page_count = 100000")
	if err := c.Insert(ctx, &page{Meta: store.Meta{ID: "after"}, Body: strings.Repeat("x", 5000)}); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

// TestBatchIsolation puts a refused insert between good ones of one batch.
func TestBatchIsolation(t *testing.T) {
	t.Parallel()
	db, c := openPages(t)
	ctx := context.Background()
	if err := c.Insert(ctx, &page{Meta: store.Meta{ID: "taken"}, Slug: "taken"}); err != nil {
		t.Fatal(err)
	}
	release := hold(t, db)
	errs := make([]error, 20)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			p := page{Meta: store.Meta{ID: fmt.Sprint(i)}, Slug: fmt.Sprint(i)}
			switch i {
			case 7:
				p.ID = "taken"
			case 13:
				p.Slug = "taken"
			}
			errs[i] = c.Insert(ctx, &p)
		})
	}
	release()
	wg.Wait()
	for i, err := range errs {
		want := map[int]error{7: store.ErrExists, 13: store.ErrTaken}[i]
		if !errors.Is(err, want) {
			t.Errorf("%d: got error %v, want %v", i, err, want)
		}
		if _, err := c.Get(ctx, fmt.Sprint(i)); (err == nil) != (want == nil) {
			t.Errorf("%d: reading it: %v", i, err)
		}
	}
}

// TestContextEnds ends contexts before and after their write has begun.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	db, c := openPages(t)
	release := hold(t, db)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err := c.Insert(ctx, &page{Meta: store.Meta{ID: "waiting"}})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, store.ErrUnknown) {
		t.Errorf("a write that waited: %v", err)
	}
	release()

	// A write that is quick enough is told of although its context has ended.
	ctx, cancel = context.WithCancel(context.Background())
	err = db.submit(ctx, func(*conn) error { cancel(); time.Sleep(10 * time.Millisecond); return nil })
	if err != nil {
		t.Errorf("a write that ended in time: %v", err)
	}

	// One that is not is unknown.
	ctx, cancel = context.WithCancel(context.Background())
	err = db.submit(ctx, func(*conn) error { cancel(); time.Sleep(patience + 100*time.Millisecond); return nil })
	if !errors.Is(err, store.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("a write that hangs: got error %v, want %v", err, store.ErrUnknown)
	}
	if _, err := c.Get(context.Background(), "waiting"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the write that waited: %v", err)
	}
}

// TestCloseDrains closes while writes are under way: each is either there, or
// was refused.
func TestCloseDrains(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	const writers, enough = 20, 50
	var written [writers]int // by each writer, until it was refused
	func() {
		db, err := Open(ctx, dir)
		if err != nil {
			t.Fatal(err)
		}
		c, err := store.Open[page](ctx, db, pages)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var all atomic.Int64
		underWay := make(chan struct{})
		for w := range writers {
			wg.Go(func() {
				for {
					err := c.Insert(ctx, &page{Meta: store.Meta{ID: fmt.Sprintf("%d-%d", w, written[w])}})
					if err != nil {
						if !errors.Is(err, store.ErrClosed) {
							t.Errorf("%d: got error %v, want %v", w, err, store.ErrClosed)
						}
						return
					}
					written[w]++
					if all.Add(1) == enough {
						close(underWay)
					}
				}
			})
		}
		<-underWay
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	}()
	db, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	c, err := store.Open[page](ctx, db, pages)
	if err != nil {
		t.Fatal(err)
	}
	for w, n := range written {
		for i := range n + 1 { // and the one that was refused
			_, err := c.Get(ctx, fmt.Sprintf("%d-%d", w, i))
			if is := err == nil; is != (i < n) {
				t.Errorf("%d-%d: written is %v, reading says %v", w, i, i < n, err)
			}
		}
	}
}

// TestLogIsBounded writes much more than the log may hold.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	db, c := openPages(t)
	ctx := context.Background()
	for i := range 4 {
		if err := c.Insert(ctx, &page{Meta: store.Meta{ID: fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 25 { // 25 times 1.5 MB
		body := strings.Repeat(string(rune('a'+i%26)), 3<<19)
		if _, err := c.Update(ctx, fmt.Sprint(i%4), func(p *page) error { p.Body = body; return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if size, err := db.Size(ctx); err != nil || size > 30<<20 {
		t.Errorf("four documents of 1.5 MB take %d MB, error %v", size>>20, err)
	}
}

// hold keeps the writer busy until release is called.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	begun, free := make(chan struct{}), make(chan struct{})
	go db.submit(context.Background(), func(*conn) error { close(begun); <-free; return nil })
	<-begun
	return sync.OnceFunc(func() { close(free) })
}
