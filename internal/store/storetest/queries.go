package storetest

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"havn/internal/store"
)

// find returns the ids of the matches.
func find(t testing.TB, c *attempts, q store.Query) []string {
	t.Helper()
	page, err := c.Find(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return ids(page.Items)
}

func ids(docs []attempt) []string {
	out := []string{}
	for _, a := range docs {
		out = append(out, a.ID)
	}
	return out
}

// day is a day of 2026.
func day(n int) store.Time { return store.At(time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC)) }

func conditions(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c,
		attempt{Meta: id("a"), Course: "x", Learner: "Ana", Started: day(1), Answered: 1, Score: 0.5, Result: &result{Passed: true}},
		attempt{Meta: id("b"), Course: "x", Learner: "Bo", Started: day(2), Answered: 2, Score: 1, Open: true, Result: &result{}},
		attempt{Meta: id("c"), Course: "y", Learner: "ana", Answered: -3, Score: -1},
	)
	type course string
	is := store.Is
	for name, q := range map[string]struct {
		where []store.Cond
		want  string
	}{
		"all":                 {nil, "a b c"},
		"text":                {[]store.Cond{is("course", "x")}, "a b"},
		"a type of text":      {[]store.Cond{is("course", course("y"))}, "c"},
		"case matters":        {[]store.Cond{is("learner", "ana")}, "c"},
		"two conditions":      {[]store.Cond{is("course", "x"), is("learner", "Bo")}, "b"},
		"contradiction":       {[]store.Cond{is("course", "x"), is("course", "y")}, ""},
		"true":                {[]store.Cond{is("open", true)}, "b"},
		"false":               {[]store.Cond{is("open", false)}, "a c"},
		"below an object":     {[]store.Cond{is("result.passed", true)}, "a"},
		"false is not absent": {[]store.Cond{is("result.passed", false)}, "b"},
		"int":                 {[]store.Cond{is("answered", 2)}, "b"},
		"int above":           {[]store.Cond{{Field: "answered", Op: store.Gt, Value: int64(-3)}}, "a b"},
		"float from":          {[]store.Cond{{Field: "score", Op: store.Gte, Value: 0.5}}, "a b"},
		"float by int":        {[]store.Cond{is("score", 1)}, "b"},
		"time":                {[]store.Cond{is("started", day(2))}, "b"},
		"time before":         {[]store.Cond{{Field: "started", Op: store.Lt, Value: day(2)}}, "a"},
		"time within": {[]store.Cond{{Field: "started", Op: store.Gte, Value: day(1)},
			{Field: "started", Op: store.Lte, Value: day(2)}}, "a b"},
		"text outside":          {[]store.Cond{{Field: "learner", Op: store.Outside, Value: "a"}}, "a b"},
		"outside of two":        {[]store.Cond{{Field: "learner", Op: store.Outside, Value: "A"}, {Field: "learner", Op: store.Outside, Value: "B"}}, "c"},
		"outside of what it is": {[]store.Cond{{Field: "learner", Op: store.Outside, Value: "Ana"}}, "b c"},

		"id":       {[]store.Cond{is("_id", "b")}, "b"},
		"id range": {[]store.Cond{{Field: "_id", Op: store.Gt, Value: "a"}}, "b c"},
	} {
		if got := find(t, c, store.Query{Where: q.where}); !slices.Equal(got, strings.Fields(q.want)) {
			t.Errorf("%s: found %v, want %s", name, got, q.want)
		}
	}
}

func injection(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c, attempt{Meta: id("a"), Learner: "Ana", Course: "x"})
	for _, evil := range []string{`{"$ne":""}`, `{"$gt":""}`, "' OR '1'='1", "$course", "x\" OR 1=1 --"} {
		if got := find(t, c, store.Query{Where: []store.Cond{store.Is("learner", evil)}}); len(got) > 0 {
			t.Errorf("%q found %v", evil, got)
		}
		if _, err := c.Get(context.Background(), evil); err == nil {
			t.Errorf("id %q was found", evil)
		}
	}
}

func declaredOnly(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	for _, field := range []string{"notes", "$where", "learner'", "", "result", "rev", "Learner"} {
		_, err := c.Find(ctx, store.Query{Where: []store.Cond{store.Is(field, "x")}})
		wantError(t, "condition", err, store.ErrInvalid)
		if err != nil && !strings.Contains(err.Error(), fmt.Sprintf("%q", field)) {
			t.Errorf("the error does not name %q: %v", field, err)
		}
		_, err = c.Count(ctx, store.Query{}, field)
		wantError(t, "group", err, store.ErrInvalid)
		if field != "" {
			_, err = c.Find(ctx, store.Query{Sort: field})
			wantError(t, "sort", err, store.ErrInvalid)
		}
	}
	for _, cond := range []store.Cond{
		{Field: "learner", Op: "$ne", Value: "x"},
		{Field: "learner", Op: "", Value: "x"},
		{Field: "learner", Op: store.Eq, Value: 1},
		{Field: "learner", Op: store.Eq, Value: nil},
		{Field: "learner", Op: store.Eq, Value: map[string]any{"$ne": ""}},
		{Field: "learner", Op: store.Eq, Value: "\xff"},
		{Field: "answered", Op: store.Eq, Value: "1"},
		{Field: "answered", Op: store.Eq, Value: 1.5},
		{Field: "open", Op: store.Eq, Value: "true"},
		{Field: "started", Op: store.Eq, Value: "2026-01-01T00:00:00.000Z"},
		{Field: "started", Op: store.Eq, Value: store.Time{}},
	} {
		_, err := c.Find(ctx, store.Query{Where: []store.Cond{cond}})
		wantError(t, fmt.Sprintf("%s %s %v", cond.Field, cond.Op, cond.Value), err, store.ErrInvalid)
	}
	_, err := c.Find(ctx, store.Query{Limit: -1})
	wantError(t, "negative limit", err, store.ErrInvalid)
}

func order(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	insert(t, c,
		attempt{Meta: id("d"), Started: day(2), Answered: 10, Learner: "b"},
		attempt{Meta: id("b"), Started: day(1), Answered: 9, Learner: "é"},
		attempt{Meta: id("c"), Started: day(1), Answered: -1, Learner: "Z"},
		attempt{Meta: id("a"), Answered: 10, Learner: "a"},
	)
	for sort, want := range map[string]string{
		"":         "a b c d",
		"_id":      "a b c d",
		"started":  "a b c d", // the one not started first
		"answered": "c b a d",
		"learner":  "c a d b", // by bytes
	} {
		up := find(t, c, store.Query{Sort: sort})
		if !slices.Equal(up, strings.Fields(want)) {
			t.Errorf("by %q: %v, want %s", sort, up, want)
		}
		down := find(t, c, store.Query{Sort: sort, Desc: true})
		slices.Reverse(down)
		if !slices.Equal(up, down) {
			t.Errorf("by %q descending is not the reverse: %v", sort, down)
		}
	}
}

func counts(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	none, err := c.Count(ctx, store.Query{})
	if diff := cmp.Diff([]store.Group{{Key: []string{}, N: 0}}, none); diff != "" || err != nil {
		t.Errorf("nothing: error %v\n%s", err, diff)
	}
	for i := range 12 {
		a := attempt{Meta: id("a%d", i), Course: string(rune('x' + i%3)), Open: i%2 == 0, Answered: int64(i % 2), Score: float64(i%2) / 2}
		if i < 4 {
			a.Result = &result{Passed: i%2 == 0}
			a.Started = day(1 + i%2)
		}
		if i == 11 {
			a.Course = ""
		}
		insert(t, c, a)
	}
	group := func(n int64, key ...string) store.Group { return store.Group{Key: key, N: n} }
	for _, q := range []struct {
		where []store.Cond
		by    []string
		want  []store.Group
	}{
		{nil, nil, []store.Group{{Key: []string{}, N: 12}}},
		{[]store.Cond{store.Is("open", true)}, nil, []store.Group{{Key: []string{}, N: 6}}},
		{nil, []string{"course"}, []store.Group{group(1, ""), group(4, "x"), group(4, "y"), group(3, "z")}},
		{nil, []string{"result.passed"}, []store.Group{group(8, ""), group(2, "false"), group(2, "true")}},
		{nil, []string{"answered"}, []store.Group{group(6, "0"), group(6, "1")}},
		{nil, []string{"score"}, []store.Group{group(6, "0"), group(6, "0.5")}},
		{nil, []string{"started"}, []store.Group{group(8, ""), group(2, "2026-01-01T12:00:00.000Z"), group(2, "2026-01-02T12:00:00.000Z")}},
		{[]store.Cond{store.Is("course", "x")}, []string{"course", "open"}, []store.Group{group(2, "x", "false"), group(2, "x", "true")}},
		{[]store.Cond{store.Is("course", "nowhere")}, []string{"course"}, []store.Group{}},
	} {
		got, err := c.Count(ctx, store.Query{Where: q.where}, q.by...)
		if diff := cmp.Diff(q.want, got); diff != "" || err != nil {
			t.Errorf("by %v: error %v (- want, + got)\n%s", q.by, err, diff)
		}
	}
}

func cursors(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	insert(t, c, attempt{Meta: id("a"), Started: day(1)}, attempt{Meta: id("b"), Started: day(2)})
	page, err := c.Find(ctx, store.Query{Sort: "started", Limit: 1})
	if err != nil || page.Next == "" {
		t.Fatalf("cursor %q, error %v", page.Next, err)
	}
	code := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for name, q := range map[string]store.Query{
		"not base64":       {Sort: "started", After: "%%%"},
		"not JSON":         {Sort: "started", After: code("{")},
		"of another order": {Sort: "answered", After: page.Next},
		"of another way":   {Sort: "started", Desc: true, After: page.Next},
		"cut":              {Sort: "started", After: page.Next[:len(page.Next)-4]},
		"without an id":    {Sort: "started", After: code(`{"s":"started","k":null,"i":""}`)},
		"with an object":   {Sort: "started", After: code(`{"s":"started","k":{"$gt":""},"i":"a"}`)},
		"with a bad time":  {Sort: "started", After: code(`{"s":"started","k":"x","i":"a"}`)},
		"without a value":  {Sort: "started", After: code(`{"s":"started","i":"a"}`)},
	} {
		_, err := c.Find(ctx, q)
		wantError(t, "a cursor "+name, err, store.ErrInvalid)
	}
}
