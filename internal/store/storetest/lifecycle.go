package storetest

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"havn/internal/store"
)

func cancelled(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c, attempt{Meta: id("a")})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantError(t, "insert", c.Insert(ctx, &attempt{Meta: id("b")}), context.Canceled)
	_, err := c.Update(ctx, "a", func(a *attempt) error { a.Answered++; return nil })
	wantError(t, "update", err, context.Canceled)
	wantError(t, "delete", c.Delete(ctx, "a"), context.Canceled)
	_, err = c.Get(ctx, "a")
	wantError(t, "get", err, context.Canceled)
	_, err = c.Find(ctx, store.Query{})
	wantError(t, "find", err, context.Canceled)
	_, err = c.Count(ctx, store.Query{})
	wantError(t, "count", err, context.Canceled)

	// One that ends between reading and writing.
	ctx, cancel = context.WithCancel(context.Background())
	_, err = c.Update(ctx, "a", func(a *attempt) error { a.Answered++; cancel(); return nil })
	wantError(t, "update", err, context.Canceled)
	if errors.Is(err, store.ErrUnknown) {
		t.Errorf("a write that had not begun is called unknown: %v", err)
	}
	if a := get(t, c, "a"); a.Rev != 1 {
		t.Errorf("written at revision %d", a.Rev)
	}
	if got := find(t, c, store.Query{}); len(got) != 1 {
		t.Errorf("stored are %v", got)
	}
}

// plan and planNext are a document of this program and of a newer one.
type plan struct {
	store.Meta `bson:",inline"`
	Title      string            `json:"title"`
	Goal       goal              `json:"goal"`
	Steps      []step            `json:"steps"`
	Labels     map[string]string `json:"labels"`
	Gone       string            `json:"gone,omitempty"`
}

type goal struct {
	Text string `json:"text"`
}

type step struct {
	Name string `json:"name"`
}

type planNext struct {
	store.Meta `bson:",inline"`
	Title      string            `json:"title"`
	Goal       goalNext          `json:"goal"`
	Steps      []stepNext        `json:"steps"`
	Labels     map[string]string `json:"labels"`
	Gone       string            `json:"gone,omitempty"`
	Due        store.Time        `json:"due"`
	Size       int64             `json:"size"`
	Weight     float64           `json:"weight"`
}

type goalNext struct {
	Text  string     `json:"text"`
	Until store.Time `json:"until"`
}

type stepNext struct {
	Name string `json:"name"`
	Done bool   `json:"done"`
}

func newerSchema(t *testing.T, d *Database) {
	e, ctx := d.Open(t), context.Background()
	s := store.Schema{Name: "plans", Version: 1}
	plans, err := store.Open[plan](ctx, e, s)
	if err != nil {
		t.Fatal(err)
	}
	s.Version = 2
	next, err := store.Open[planNext](ctx, e, s)
	if err != nil {
		t.Fatal(err)
	}
	written := planNext{
		Meta: id("p"), Title: "old", Goal: goalNext{"old", day(3)}, Gone: "to be cleared",
		Steps:  []stepNext{{"one", true}, {"two", true}, {"three", true}},
		Labels: map[string]string{"stays": "1", "goes": "1"}, Due: day(4), Size: 1<<53 + 1, Weight: 0.1,
	}
	if err := next.Insert(ctx, &written); err != nil {
		t.Fatal(err)
	}
	_, err = plans.Update(ctx, "p", func(p *plan) error {
		p.Title, p.Goal.Text, p.Gone = "new", "new", ""
		p.Steps = append(p.Steps, step{"four"})
		delete(p.Labels, "goes")
		p.Labels["came"] = "1"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := planNext{
		Meta: store.Meta{ID: "p", Rev: 2, V: 2}, Title: "new", Goal: goalNext{"new", day(3)},
		Steps:  []stepNext{{"one", true}, {"two", true}, {"three", true}, {"four", false}},
		Labels: map[string]string{"stays": "1", "came": "1"}, Due: day(4), Size: 1<<53 + 1, Weight: 0.1,
	}
	got, err := next.Get(ctx, "p")
	if diff := cmp.Diff(&want, got); err != nil || diff != "" {
		t.Fatalf("after an update by the older program: error %v (- want, + got)\n%s", err, diff)
	}

	// A list that became shorter: what did not change keeps what is not known.
	_, err = plans.Update(ctx, "p", func(p *plan) error { p.Steps = p.Steps[1:3]; return nil })
	if err != nil {
		t.Fatal(err)
	}
	want.Rev, want.Steps = 3, []stepNext{{"two", true}, {"three", true}}
	got, err = next.Get(ctx, "p")
	if diff := cmp.Diff(&want, got); err != nil || diff != "" {
		t.Errorf("after a shorter list: error %v (- want, + got)\n%s", err, diff)
	}

	// The newer program lifts older documents to its version.
	old := plan{Meta: id("q"), Title: "old"}
	if err := plans.Insert(ctx, &old); err != nil {
		t.Fatal(err)
	}
	lifted, err := next.Update(ctx, "q", func(p *planNext) error { p.Size = 1; return nil })
	if err != nil || lifted.V != 2 || lifted.Title != "old" {
		t.Errorf("lifted to %+v, error %v", lifted, err)
	}
}

func redeclared(t *testing.T, d *Database) {
	e, ctx := d.Open(t), context.Background()
	s := store.Schema{Name: "attempts", Version: 1, Indexes: []store.Index{{Fields: []string{"learner"}}}}
	c := declare(t, e, s)
	insert(t, c, attempt{Meta: id("a"), Learner: "Ana"}, attempt{Meta: id("b"), Learner: "Bo"})
	s.Indexes = []store.Index{{Fields: []string{"learner"}, Unique: true}, {Fields: []string{"course"}}}
	declare(t, e, s)
	c = declare(t, e, s) // once more changes nothing
	wantError(t, "a second Ana", c.Insert(ctx, &attempt{Meta: id("c"), Learner: "Ana"}), store.ErrTaken)
	s.Indexes[0].Unique = false
	c = declare(t, e, s)
	insert(t, c, attempt{Meta: id("c"), Learner: "Ana"})
	s.Indexes[0].Unique = true
	_, err := store.Open[attempt](ctx, e, s)
	wantError(t, "a unique index over equal values", err, store.ErrTaken)
	if got := find(t, c, store.Query{Where: []store.Cond{store.Is("learner", "Ana")}}); len(got) != 2 {
		t.Errorf("found %v", got)
	}
}

func reopen(t *testing.T, d *Database) {
	first := d.Open(t)
	c := declare(t, first, schema)
	want := attempt{Meta: id("a"), Learner: "Ana", Certificate: "one", Started: day(1)}
	insert(t, c, want)
	if size, err := first.Size(context.Background()); err != nil || size <= 0 {
		t.Errorf("size %d, error %v", size, err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := d.Open(t)
	if err := second.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	c = declare(t, second, schema)
	want.Rev, want.V = 1, 1
	if diff := cmp.Diff(&want, get(t, c, "a")); diff != "" {
		t.Error(diff)
	}
	wantError(t, "a second owner", c.Insert(context.Background(), &attempt{Meta: id("b"), Certificate: "one"}), store.ErrTaken)
}

func closed(t *testing.T, d *Database) {
	e, ctx := d.Open(t), context.Background()
	c := declare(t, e, schema)
	insert(t, c, attempt{Meta: id("a")})
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	wantError(t, "insert", c.Insert(ctx, &attempt{Meta: id("b")}), store.ErrClosed)
	_, err := c.Get(ctx, "a")
	wantError(t, "get", err, store.ErrClosed)
	_, err = c.Find(ctx, store.Query{})
	wantError(t, "find", err, store.ErrClosed)
	wantError(t, "ping", e.Ping(ctx), store.ErrClosed)
}
