package server_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/regrade"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// BenchmarkRegrading grades 10,000 attempts of as many learners again, of whom a
// third passes now, a third passes no more and a third stays, and takes that back;
// both engines. It counts from the decision until everybody has it, with
// certificates and letters.
func BenchmarkRegrading(b *testing.B) {
	const class = 10_000
	for _, kind := range storetest.Engines() {
		b.Run(kind.Name, func(b *testing.B) {
			e := kind.New(b).Open(b)
			h := start(b, e, sample(b, map[string]string{"course.yaml": courseYAML("")}))
			accounts, err := store.Open[people.Account](b.Context(), e, people.AccountSchema)
			if err != nil {
				b.Fatal(err)
			}
			reads := func(p *course.Publication) *course.Edition { return p.Edition("en") }
			var all sync.WaitGroup
			for w := range 64 {
				all.Go(func() {
					for i := w; i < class; i += 64 {
						if err := h.benched(&people.Account{Meta: store.Meta{ID: uuid.NewString()}, Email: fmt.Sprintf("p%d@example.org", i), Name: "Mari Tamm", Language: "en"}, accounts, []float64{3, 15, 7}[i%3], reads); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			all.Wait()
			h.Desk.FS = sample(b, edited(b, "", mended))
			if _, _, err := h.Desk.Publish(b.Context(), "first-contact", ""); err != nil {
				b.Fatal(err)
			}
			chief, err := h.People.ByEmail(b.Context(), adminEmail)
			if err != nil {
				b.Fatal(err)
			}
			order := regrade.Order{Course: "first-contact", From: 1, To: 2}
			state := func() *regrade.Regrade {
				list, err := h.Regrades.Regrades(b.Context(), "first-contact")
				if err != nil {
					b.Fatal(err)
				}
				return &list[0]
			}
			for b.Loop() {
				began := time.Now()
				t, _, err := h.Regrades.Try(b.Context(), order)
				if err != nil || t.FailToPass == 0 || t.Attempts() != class {
					b.Fatalf("%v %+v", err, t)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/dry-run")
				id := uuid.NewString()
				began = time.Now()
				if _, err := h.Regrades.Begin(b.Context(), chief, id, order); err != nil {
					b.Fatal(err)
				}
				h.until("it is done", func() bool { return state().State() == regrade.Done })
				b.ReportMetric(time.Since(began).Seconds(), "s/regrade")
				if done := state(); done.Tally != t {
					b.Fatalf("%+v, not %+v", done.Tally, t)
				}
				began = time.Now()
				if _, err := h.Regrades.Undo(b.Context(), chief, "first-contact", id); err != nil {
					b.Fatal(err)
				}
				h.until("it is undone", func() bool { return state().State() == regrade.Undone })
				b.ReportMetric(time.Since(began).Seconds(), "s/undo")
				h.clock.advance(time.Second)
			}
		})
	}
}

// benched makes a learner who takes the course with two mistakes, and q-days as said.
func (h *havn) benched(a *people.Account, accounts *store.Collection[people.Account, *people.Account], days float64, reads learning.Reader) error {
	ctx, who := h.t.Context(), learning.Learner{ID: a.ID, Name: a.Name, Language: a.Language}
	if err := accounts.Insert(ctx, a); err != nil {
		return err
	}
	if _, _, err := h.Learning.Enrol(ctx, who, "first-contact"); err != nil {
		return err
	}
	for _, page := range []string{"m1-rights", "m1-status"} {
		if err := h.Learning.ReadPage(ctx, who, "first-contact", page); err != nil {
			return err
		}
	}
	at, _, err := h.Learning.Start(ctx, who, uuid.NewString(), "first-contact", "m1-quiz")
	if err != nil {
		return err
	}
	p, _ := h.Library.Current("first-contact")
	for _, q := range at.Asked {
		r := key(p.Questions[q.ID])
		if r == nil || q.ID == "q-true" || q.ID == "q-last" {
			continue
		}
		if q.ID == "q-days" {
			r = &assessment.Response{Number: &days}
		}
		if _, err := h.Learning.Save(ctx, who, at.ID, q.ID, reads, *r, learning.Given{}); err != nil {
			return err
		}
	}
	_, err = h.Learning.Submit(ctx, who, at.ID)
	return err
}
