package server_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/bench"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// BenchmarkAssigning assigns a course to 10,000 people, from asking until
// everybody has it, then asks who is due in their authority; both engines.
func BenchmarkAssigning(b *testing.B) {
	const staff = 10_000
	for _, kind := range storetest.Engines() {
		b.Run(kind.Name, func(b *testing.B) {
			e := kind.New(b).Open(b)
			h := start(b, e, bench.Courses())
			slug := h.Library.Courses()[0].Course.Slug
			site := h.admin()
			top := site.organisation("Authority", "")
			o := h.staffed(b, e, top, staff)
			chief, err := h.People.ByEmail(b.Context(), adminEmail)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				id := uuid.NewString()
				address := path("/organisations/%s/assignments/%s", top.ID, id)
				began := time.Now()
				site.want(200, "PUT", address, m{"course": slug, "to": m{"kind": "unit", "id": top.ID}, "due_on": "2026-12-12"})
				b.ReportMetric(time.Since(began).Seconds(), "s/answer")
				site.settledAt(top.ID)
				b.ReportMetric(time.Since(began).Seconds(), "s/assigned")
				h.clock.advance(20 * 24 * time.Hour)
				began = time.Now()
				tally, err := h.Learning.Tally(b.Context(), learning.Filter{Within: o.Path, Course: slug, Overdue: true})
				b.ReportMetric(float64(time.Since(began).Milliseconds()), "ms/overdue")
				if err != nil || tally[learning.Assigned] != staff {
					b.Fatalf("%v %v", tally, err)
				}
				h.clock.advance(-20 * 24 * time.Hour)
				a, err := h.Tracking.Assignment(b.Context(), id)
				if err == nil {
					err = h.Tracking.Withdraw(b.Context(), chief, a)
				}
				if err != nil {
					b.Fatal(err)
				}
				h.until("it has ended", func() bool {
					left, err := h.Learning.Tally(b.Context(), learning.Filter{Within: o.Path, Course: slug, Status: learning.Assigned})
					return err == nil && len(left) == 0
				})
			}
		})
	}
}

// staffed puts so many people into an organisation, without a password.
func (h *havn) staffed(b *testing.B, e store.Engine, at organisation, n int) *people.Organisation {
	b.Helper()
	o, err := h.People.Organisation(b.Context(), at.ID)
	if err != nil {
		b.Fatal(err)
	}
	accounts, err := store.Open[people.Account](b.Context(), e, people.AccountSchema)
	if err != nil {
		b.Fatal(err)
	}
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for i := w; i < n; i += 64 {
				a := &people.Account{Meta: store.Meta{ID: uuid.NewString()}, Email: fmt.Sprintf("p%d@example.org", i), Name: "Mari Tamm", Language: "en", Unit: o.Path}
				if err := accounts.Insert(b.Context(), a); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return o
}
