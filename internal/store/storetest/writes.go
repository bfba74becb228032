package storetest

import (
	"context"
	"errors"
	"testing"

	"havn/internal/store"
)

func oneReplaceWins(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	for range 5 {
		doc := attempt{Meta: id("a%d", int(store.Now().UnixNano()))}
		insert(t, c, doc)
		seen := get(t, c, doc.ID)
		won := oneWinner(t, race(20, func(i int) error {
			mine := *seen
			mine.Answered = int64(i)
			return c.Replace(ctx, &mine)
		}), store.ErrConflict)
		if a := get(t, c, doc.ID); a.Answered != int64(won) || a.Rev != 2 {
			t.Fatalf("writer %d won, but stored are %d at revision %d", won, a.Answered, a.Rev)
		}
	}
}

func noUpdateLost(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c, attempt{Meta: id("counter")})
	for _, err := range race(50, func(int) error {
		_, err := c.Update(context.Background(), "counter", func(a *attempt) error { a.Answered++; return nil })
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	if a := get(t, c, "counter"); a.Answered != 50 || a.Rev != 51 {
		t.Errorf("50 updates made %d at revision %d", a.Answered, a.Rev)
	}
}

func oneInsertWins(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	won := oneWinner(t, race(20, func(i int) error {
		return c.Insert(context.Background(), &attempt{Meta: id("same"), Answered: int64(i)})
	}), store.ErrExists)
	if a := get(t, c, "same"); a.Answered != int64(won) {
		t.Errorf("%d won, but stored is %d", won, a.Answered)
	}
}

func oneOwnerWins(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	errs := race(20, func(i int) error {
		return c.Insert(context.Background(), &attempt{Meta: id("a%d", i), Certificate: "HV-2026-0001"})
	})
	oneWinner(t, errs, store.ErrTaken)
	for _, err := range errs {
		var taken *store.TakenError
		if err != nil && (!errors.As(err, &taken) || *taken != store.TakenError{Collection: "attempts", Index: "certificate"}) {
			t.Errorf("the error does not tell which index: %v", err)
		}
	}
	found, err := c.Find(context.Background(), store.Query{Where: []store.Cond{store.Is("certificate", "HV-2026-0001")}})
	if err != nil || len(found.Items) != 1 {
		t.Errorf("%d owners, error %v", len(found.Items), err)
	}
}

func blankIsNotUnique(t *testing.T, d *Database) {
	// Certificate has omitempty: blank and absent are the same in this type.
	// People writes the field always, so that "" is stored.
	type person struct {
		store.Meta `bson:",inline"`
		Email      string `json:"email"`
	}
	e, ctx := d.Open(t), context.Background()
	c := declare(t, e, schema)
	insert(t, c, attempt{Meta: id("a1")}, attempt{Meta: id("a2")})
	people, err := store.Open[person](ctx, e, store.Schema{Name: "people", Version: 1, Indexes: []store.Index{{Fields: []string{"email"}, Unique: true}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []person{{Meta: id("p1")}, {Meta: id("p2")}, {Meta: id("p3"), Email: "a@example.org"}} {
		if err := people.Insert(ctx, &p); err != nil {
			t.Errorf("%s: %v", p.ID, err)
		}
	}
	wantError(t, "a second owner of an address", people.Insert(ctx, &person{Meta: id("p4"), Email: "a@example.org"}), store.ErrTaken)
	_, err = people.Update(ctx, "p1", func(p *person) error { p.Email = "a@example.org"; return nil })
	wantError(t, "an update to an address that is taken", err, store.ErrTaken)
	blank, err := people.Find(ctx, store.Query{Where: []store.Cond{store.Is("email", "")}})
	if err != nil || len(blank.Items) != 2 {
		t.Errorf("%d people with a blank address, want 2 (error %v)", len(blank.Items), err)
	}
}

func uniqueMoves(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	insert(t, c, attempt{Meta: id("a1"), Certificate: "one"})
	if _, err := c.Update(ctx, "a1", func(a *attempt) error { a.Certificate = "two"; return nil }); err != nil {
		t.Fatal(err)
	}
	insert(t, c, attempt{Meta: id("a2"), Certificate: "one"})
	if err := c.Delete(ctx, "a1"); err != nil {
		t.Fatal(err)
	}
	insert(t, c, attempt{Meta: id("a3"), Certificate: "two"})
}

func revisions(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	a := attempt{Meta: store.Meta{ID: "a", Rev: 7, V: 9}}
	insert(t, c, a)
	if stored := get(t, c, "a"); stored.Rev != 1 || stored.V != 1 {
		t.Errorf("inserted as %+v", stored.Meta)
	}
	updated, err := c.Update(ctx, "a", func(a *attempt) error {
		a.Meta = store.Meta{ID: "other", Rev: 99, V: 99}
		a.Learner = "Ana"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (store.Meta{ID: "a", Rev: 2, V: 1}); updated.Meta != want || get(t, c, "a").Meta != want {
		t.Errorf("updated to %+v, stored %+v, want %+v", updated.Meta, get(t, c, "a").Meta, want)
	}
	updated.Learner = "Bo"
	if err := c.Replace(ctx, updated); err != nil || updated.Rev != 3 {
		t.Errorf("replaced at revision %d, error %v", updated.Rev, err)
	}
	if stored := get(t, c, "a"); stored.Learner != "Bo" || stored.Rev != 3 {
		t.Errorf("stored are %q at revision %d", stored.Learner, stored.Rev)
	}
}

func unchanged(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c, attempt{Meta: id("a"), Learner: "Ana"})
	a, err := c.Update(context.Background(), "a", func(a *attempt) error {
		a.Learner = "not to be kept"
		return store.ErrUnchanged
	})
	if err != nil || a.Learner != "Ana" || a.Rev != 1 {
		t.Errorf("got %+v, error %v", a, err)
	}
	if a := get(t, c, "a"); a.Learner != "Ana" || a.Rev != 1 {
		t.Errorf("stored is %+v", a)
	}
}

func refusedUpdate(t *testing.T, d *Database) {
	c, refusal := openAttempts(t, d), errors.New("the attempt is closed")
	insert(t, c, attempt{Meta: id("a"), Learner: "Ana"})
	_, err := c.Update(context.Background(), "a", func(a *attempt) error {
		a.Learner = "not to be kept"
		return refusal
	})
	if err != refusal {
		t.Errorf("got error %v, want the one of the change itself", err)
	}
	if a := get(t, c, "a"); a.Learner != "Ana" || a.Rev != 1 {
		t.Errorf("stored is %+v", a)
	}
}

func notFound(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	_, err := c.Get(ctx, "nobody")
	wantError(t, "get", err, store.ErrNotFound)
	_, err = c.Update(ctx, "nobody", func(*attempt) error {
		t.Error("change was called without a document")
		return nil
	})
	wantError(t, "update", err, store.ErrNotFound)
	wantError(t, "replace", c.Replace(ctx, &attempt{Meta: id("nobody")}), store.ErrNotFound)
	wantError(t, "delete", c.Delete(ctx, "nobody"), store.ErrNotFound)
	insert(t, c, attempt{Meta: id("a")})
	if err := c.Delete(ctx, "a"); err != nil {
		t.Error(err)
	}
	wantError(t, "second delete", c.Delete(ctx, "a"), store.ErrNotFound)
}
