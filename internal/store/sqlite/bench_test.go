package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"havn/internal/store"
	"havn/internal/store/sqlite"
)

// attempt is a document of the kind that the answer path writes: about 1.5 kB
// of JSON with two indexes.
type attempt struct {
	store.Meta `bson:",inline"`

	Learner string     `json:"learner"`
	Course  string     `json:"course"`
	Started store.Time `json:"started"`
	Answers []answer   `json:"answers"`
	Note    string     `json:"note,omitempty"`
}

type answer struct {
	Question string     `json:"question"`
	Options  []string   `json:"options"`
	At       store.Time `json:"at"`
	Score    float64    `json:"score"`
}

var attempts = store.Schema{Name: "attempts", Version: 1, Indexes: []store.Index{
	{Fields: []string{"learner", "course"}},
	{Fields: []string{"started"}},
}}

func newAttempt(id string, answers int) *attempt {
	a := &attempt{Meta: store.Meta{ID: id}, Learner: "learner-" + id, Course: "first-contact", Started: store.Now()}
	for i := range answers {
		a.Answers = append(a.Answers, answer{fmt.Sprintf("question-%02d", i), []string{"a", "c"}, store.Now(), 0.5})
	}
	return a
}

func openAttempts(b *testing.B) (*sqlite.DB, *store.Collection[attempt, *attempt]) {
	db, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	c, err := store.Open[attempt](b.Context(), db, attempts)
	if err != nil {
		b.Fatal(err)
	}
	return db, c
}

// spread runs f b.N times in n goroutines.
func spread(b *testing.B, n int, f func(i int64) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range n {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
				if err := f(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "op/s")
}

const stock = 2000 // documents to read and update

func fill(b *testing.B, c *store.Collection[attempt, *attempt]) {
	b.Helper()
	var wg sync.WaitGroup
	for g := range 50 {
		wg.Go(func() {
			for i := g; i < stock; i += 50 {
				if err := c.Insert(context.Background(), newAttempt(fmt.Sprint("a", i), 14)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// BenchmarkUpdate64 is the answer path: durable read-modify-writes of 1.5 kB
// documents by 64 callers.
func BenchmarkUpdate64(b *testing.B) {
	_, c := openAttempts(b)
	fill(b, c)
	spread(b, 64, func(i int64) error {
		_, err := c.Update(context.Background(), fmt.Sprint("a", i*7919%stock), func(a *attempt) error {
			a.Answers[i%14].Score++
			return nil
		})
		return err
	})
}

// BenchmarkUpdateOne has 64 callers change the same document.
func BenchmarkUpdateOne(b *testing.B) {
	_, c := openAttempts(b)
	fill(b, c)
	spread(b, 64, func(i int64) error {
		_, err := c.Update(context.Background(), "a1", func(a *attempt) error {
			a.Answers[0].Score++
			return nil
		})
		return err
	})
}

// BenchmarkInsert64 inserts documents of 400 bytes.
func BenchmarkInsert64(b *testing.B) {
	_, c := openAttempts(b)
	spread(b, 64, func(i int64) error {
		return c.Insert(context.Background(), newAttempt(fmt.Sprint("new", i), 3))
	})
}

// BenchmarkEngineInsert64 is the same without Collection and its checks.
func BenchmarkEngineInsert64(b *testing.B) {
	db, _ := openAttempts(b)
	spread(b, 64, func(i int64) error {
		a := newAttempt(fmt.Sprint("new", i), 3)
		a.Rev, a.V = 1, 1
		return db.Insert(context.Background(), attempts, a)
	})
}

// BenchmarkGet reads documents of 1.5 kB by id.
func BenchmarkGet(b *testing.B) {
	_, c := openAttempts(b)
	fill(b, c)
	spread(b, 64, func(i int64) error {
		_, err := c.Get(context.Background(), fmt.Sprint("a", i*7919%stock))
		return err
	})
}

// BenchmarkCount groups 100,000 documents.
func BenchmarkCount(b *testing.B) {
	_, c := openAttempts(b)
	spreadFill(b, c, 100_000)
	spread(b, 1, func(int64) error {
		_, err := c.Count(context.Background(), store.Query{}, "course")
		return err
	})
}

func spreadFill(b *testing.B, c *store.Collection[attempt, *attempt], n int) {
	b.Helper()
	var wg sync.WaitGroup
	for g := range 100 {
		wg.Go(func() {
			for i := g; i < n; i += 100 {
				a := newAttempt(fmt.Sprint("a", i), 1)
				a.Course = strings.Repeat("x", i%20)
				if err := c.Insert(context.Background(), a); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
