package server_test

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/bench"
	"havn/internal/learning"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/regrade"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// BenchmarkRegrading grades 10,000 attempts of as many learners again, of whom a
// third passes now, a third passes no more and a third stays, and takes that back;
// both engines. It counts from the decision until everybody has it, with
// certificates and letters. The processor's time (of the server only, where the
// store is embedded) is what counts on a machine that others use.
func BenchmarkRegrading(b *testing.B) {
	const class = 10_000
	for _, kind := range storetest.Engines() {
		b.Run(kind.Name, func(b *testing.B) {
			e := kind.New(b).Open(b)
			h := start(b, e, sample(b, map[string]string{"course.yaml": courseYAML("")}))
			h.seed(e, class)
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
				used, err := bench.CPU(os.Getpid())
				if err != nil {
					b.Fatal(err)
				}
				if _, err := h.Regrades.Begin(b.Context(), chief, id, order); err != nil {
					b.Fatal(err)
				}
				for state().State() != pending.Done {
					time.Sleep(10 * time.Millisecond)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/regrade")
				then, err := bench.CPU(os.Getpid())
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric((then - used).Seconds(), "cpu-s/regrade")
				if done := state(); done.Tally != t {
					b.Fatalf("%+v, not %+v", done.Tally, t)
				}
				began = time.Now()
				if _, err := h.Regrades.Undo(b.Context(), chief, "first-contact", id); err != nil {
					b.Fatal(err)
				}
				for state().State() != pending.Undone {
					time.Sleep(10 * time.Millisecond)
				}
				b.ReportMetric(time.Since(began).Seconds(), "s/undo")
				h.clock.advance(time.Second)
			}
		})
	}
}

// seed makes learners who have taken the course, each like one of three: q-days as
// the mended key says, as the wrong one said, or neither, and two mistakes.
func (h *havn) seed(e store.Engine, class int) {
	h.t.Helper()
	ctx := h.t.Context()
	accounts, err := store.Open[people.Account](ctx, e, people.AccountSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	attempts, err := store.Open[learning.Attempt](ctx, e, learning.AttemptSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	enrolments, err := store.Open[learning.Enrolment](ctx, e, learning.EnrolmentSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	certificates, err := store.Open[learning.Certificate](ctx, e, learning.CertificateSchema)
	if err != nil {
		h.t.Fatal(err)
	}
	var models []learning.Record
	for i, days := range []float64{3, 15, 7} {
		c, _ := h.sits([]string{"Mari Tamm", "Jonas Petraitis", "Kaja Kask"}[i], days, "q-true", "q-last")
		r, err := h.Learning.RecordOf(ctx, c.id())
		if err != nil {
			h.t.Fatal(err)
		}
		models = append(models, r)
	}
	var all sync.WaitGroup
	for w := range 64 {
		all.Go(func() {
			for i := w; i < class-len(models); i += 64 {
				account, model := uuid.NewString(), models[i%len(models)]
				a, en := model.Attempts[0], model.Enrolments[0]
				a.Meta, a.Account = store.Meta{ID: uuid.NewString()}, account
				en.Meta, en.Account = store.Meta{ID: account + ":" + en.Course}, account
				var err error
				if en.Certificate != "" {
					en.Certificate = fmt.Sprintf("%s-%d", en.Certificate, i)
					c := model.Certificates[0]
					c.Meta, c.Account, c.StatusIndex = store.Meta{ID: en.Certificate}, account, -i-1
					err = certificates.Insert(ctx, &c)
				}
				s := en.Quizzes[a.Quiz]
				s.Attempt = a.ID
				en.Quizzes = map[string]learning.Standing{a.Quiz: s}
				if err == nil {
					err = accounts.Insert(ctx, &people.Account{Meta: store.Meta{ID: account}, Email: fmt.Sprintf("p%d@example.org", i), Name: "Mari Tamm", Language: "en"})
				}
				if err == nil {
					err = attempts.Insert(ctx, &a)
				}
				if err == nil {
					err = enrolments.Insert(ctx, &en)
				}
				if err != nil {
					h.t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}
