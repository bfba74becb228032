package server_test

import (
	"slices"
	"testing"
	"time"

	"havn/internal/bench"
	"havn/internal/people"
	"havn/internal/store/sqlite"
)

// BenchmarkKnownAgainstUnknownAddress compares how long a refused sign-in takes
// at an address that somebody has with one that nobody has, in turns. The ratio
// of the medians should be within 0.95 and 1.05.
func BenchmarkKnownAgainstUnknownAddress(b *testing.B) {
	e, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := start(b, e, bench.Courses())
	if _, err := h.People.Create(b.Context(), people.NewAccount{Email: "mari@example.org", Name: "Mari Tamm", Password: password}); err != nil {
		b.Fatal(err)
	}
	times := map[string][]time.Duration{}
	turns := []string{"mari@example.org", "nobody@example.org"}
	for b.Loop() {
		turns[0], turns[1] = turns[1], turns[0]
		for _, email := range turns {
			began := time.Now()
			if a := h.anonymous().tryPassword(email, "not the password"); a.status != 401 {
				b.Fatalf("%d %s", a.status, a.body)
			}
			times[email] = append(times[email], time.Since(began))
			h.clock.advance(people.GuessWindow) // so that no try is refused unseen
		}
	}
	median := func(email string) float64 {
		slices.Sort(times[email])
		return float64(times[email][len(times[email])/2])
	}
	b.ReportMetric(median("mari@example.org")/median("nobody@example.org"), "known/unknown")
}
