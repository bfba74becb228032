package server_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"havn/internal/bench"
	"havn/internal/people"
	"havn/internal/store/sqlite"
)

// BenchmarkClassAtTheDoor signs a class of 300 in at once from one network
// address, while somebody guesses at one account: the class is in within two
// minutes, the guesser is stopped after ten tries.
func BenchmarkClassAtTheDoor(b *testing.B) {
	e, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := start(b, e, bench.Courses())
	const class = 300
	for i := range class {
		if _, err := h.People.Create(b.Context(), people.NewAccount{Email: fmt.Sprintf("l%d@example.org", i), Name: "Mari Tamm", Password: password}); err != nil {
			b.Fatal(err)
		}
	}
	var longest time.Duration
	guesses := 0
	for b.Loop() {
		h.clock.advance(people.GuessWindow)
		began := time.Now()
		var all sync.WaitGroup
		for i := range class {
			all.Go(func() {
				for {
					a := h.anonymous().tryPassword(fmt.Sprintf("l%d@example.org", i), password)
					if a.status == 201 {
						return
					}
					if a.status != 429 || a.code() != "busy" {
						b.Errorf("%d %s", a.status, a.body)
						return
					}
				}
			})
		}
		guesses = 0
		for range 30 {
			if a := h.anonymous().tryPassword("victim@example.org", "not the password"); a.status == 401 {
				guesses++
			}
		}
		all.Wait()
		longest = max(longest, time.Since(began))
	}
	b.ReportMetric(longest.Seconds(), "s/class")
	b.ReportMetric(float64(guesses), "guesses")
}

// BenchmarkPolicyAgainstPageRead compares what the policy costs an account with
// many grants with what a page read costs in all, in the same run.
func BenchmarkPolicyAgainstPageRead(b *testing.B) {
	e, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := start(b, e, bench.Courses())
	token := h.session(b)
	account, err := h.People.Who(b.Context(), token)
	if err != nil {
		b.Fatal(err)
	}
	many := *account
	for i := range 20 {
		many.Grants = append(many.Grants, people.Grant{Role: people.Trainer, Path: fmt.Sprintf("/a/%d/", i)})
	}
	many.Grants = append(many.Grants, people.Grant{Role: people.Administrator, Path: "/a/b/"})
	c := &client{h: h, token: token}
	address := "/api/v1/courses/" + h.Library.Courses()[0].Course.Slug + "/pages/" + h.Library.Courses()[0].Course.Modules[0].Pages[0]
	const reads = 2000
	began := time.Now()
	for range reads {
		c.want(200, "GET", address, nil)
	}
	page := float64(time.Since(began).Nanoseconds()) / reads
	const checks = 1000
	var spent time.Duration
	for b.Loop() {
		began := time.Now()
		for range checks {
			if people.May(&many, people.Learn) != nil || people.MayAt(&many, people.SeeCompletions, "/a/b/c/") != nil {
				b.Fatal("the policy refuses")
			}
		}
		spent = time.Since(began)
	}
	check := float64(spent.Nanoseconds()) / checks
	b.ReportMetric(check, "ns/check")
	b.ReportMetric(page, "ns/page")
	b.ReportMetric(100*check/page, "%-of-page")
}
