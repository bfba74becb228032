package server_test

import (
	"testing"

	"havn/internal/bench"
	"havn/internal/store/sqlite"
)

// BenchmarkClass is a class of 64 at once on the embedded store, server and
// learners in one process; `havn bench` measures them apart.
func BenchmarkClass(b *testing.B) {
	h, tokens := startBench(b, 300)
	for b.Loop() {
		class := &bench.Class{URL: h.URL, Course: bench.Slug, Learners: len(tokens), Parallel: 64, Tokens: tokens}
		r, err := class.Run()
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(r.RequestsPerSec, "requests/s")
		b.ReportMetric(r.AnswersPerSec, "answers/s")
	}
}

// startBench serves the bench course and signs learners in.
func startBench(b *testing.B, learners int) (*havn, []string) {
	b.Helper()
	e, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := start(b, e, bench.Courses())
	var tokens []string
	for range learners {
		tokens = append(tokens, h.session(b))
	}
	return h, tokens
}
