package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"havn/internal/store"
)

// model compares random writes and queries with the same on a slice.
func model(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	run := 0
	rapid.Check(t, func(rt *rapid.T) {
		run++
		course := fmt.Sprint("run", run) // keeps the runs apart
		docs := writeModel(rt, c, course)
		q := store.Query{
			Where: append([]store.Cond{store.Is("course", course)}, condition().Draw(rt, "condition")...),
			Sort:  rapid.SampledFrom([]string{"", "learner", "started", "answered", "score", "open"}).Draw(rt, "sort"),
			Desc:  rapid.Bool().Draw(rt, "desc"),
			Limit: rapid.IntRange(0, 4).Draw(rt, "limit"),
		}
		want := []string{}
		matching := slices.DeleteFunc(slices.Clone(docs), func(a attempt) bool { return !matches(a, q.Where[1:]) })
		slices.SortFunc(matching, func(a, b attempt) int { return compare(a, b, q) })
		want = append(want, ids(matching)...)
		got := []string{}
		for pages := 0; ; pages++ {
			page, err := c.Find(ctx, q)
			if err != nil || pages > len(docs)+1 {
				rt.Fatalf("page %d: %v", pages, err)
			}
			got = append(got, ids(page.Items)...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("%+v (- model, + store)\n%s", q, diff)
		}
		count, err := c.Count(ctx, store.Query{Where: q.Where})
		if err != nil || count[0].N != int64(len(want)) {
			rt.Fatalf("counted %v, want %d, error %v", count, len(want), err)
		}
	})
}

// writeModel makes, changes and removes documents and returns what must be left.
func writeModel(rt *rapid.T, c *attempts, course string) []attempt {
	ctx := context.Background()
	doc := rapid.Custom(func(rt *rapid.T) attempt {
		a := attempt{
			Course:   course,
			Learner:  rapid.SampledFrom([]string{"", "a", "A", "ab", "é", "👩"}).Draw(rt, "learner"),
			Answered: rapid.Int64Range(-2, 2).Draw(rt, "answered"),
			Score:    rapid.SampledFrom([]float64{-1, 0, 0.5, 1, 1e300}).Draw(rt, "score"),
			Open:     rapid.Bool().Draw(rt, "open"),
		}
		if rapid.Bool().Draw(rt, "has started") {
			a.Started = day(rapid.IntRange(1, 4).Draw(rt, "started"))
		}
		return a
	})
	docs := rapid.SliceOfN(doc, 0, 12).Draw(rt, "documents")
	for i := range docs {
		docs[i].ID = fmt.Sprintf("%s-%02d", course, i)
		if err := c.Insert(ctx, &docs[i]); err != nil {
			rt.Fatal(err)
		}
	}
	for n := rapid.IntRange(0, 3).Draw(rt, "changes"); n > 0 && len(docs) > 0; n-- {
		i := rapid.IntRange(0, len(docs)-1).Draw(rt, "which")
		if rapid.Bool().Draw(rt, "remove") {
			if err := c.Delete(ctx, docs[i].ID); err != nil {
				rt.Fatal(err)
			}
			docs = slices.Delete(docs, i, i+1)
			continue
		}
		next := doc.Draw(rt, "change")
		next.Meta = docs[i].Meta
		if err := c.Replace(ctx, &next); err != nil {
			rt.Fatal(err)
		}
		docs[i] = next
	}
	return docs
}

// condition draws none or one.
func condition() *rapid.Generator[[]store.Cond] {
	return rapid.Custom(func(rt *rapid.T) []store.Cond {
		op := rapid.SampledFrom([]store.Op{store.Eq, store.Gt, store.Gte, store.Lt, store.Lte}).Draw(rt, "op")
		return rapid.SampledFrom([][]store.Cond{
			nil,
			{{Field: "learner", Op: op, Value: "a"}},
			{{Field: "learner", Op: store.Outside, Value: "a"}},
			{{Field: "answered", Op: op, Value: 0}},
			{{Field: "score", Op: op, Value: 0.5}},
			{{Field: "started", Op: op, Value: day(2)}},
			{{Field: "open", Op: store.Eq, Value: true}},
		}).Draw(rt, "field")
	})
}
