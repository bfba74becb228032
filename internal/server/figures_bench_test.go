package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"havn/internal/bench"
	"havn/internal/seed"
	"havn/internal/store/storetest"
)

// BenchmarkReports asks every report of a site with so many enrolments, and takes
// the list of completions as files; both engines. HAVN_BENCH_ENROLMENTS lists the
// sizes, 10000 where it is not set; filling a store takes about a minute for
// 100,000.
//
//	ms/count      counting everybody anew, in the background
//	ms/p95        a report, over all kinds, filters and periods
//	ms/outcomes-p95  what courses came to, over all units and courses
//	ms/page-p95   the administrator's page of all of them, over the same
//	ms/first      first byte of a file
//	s/100k-rows   the whole of it
//	MB/file       most that the heap grew meanwhile
func BenchmarkReports(b *testing.B) {
	sizes := os.Getenv("HAVN_BENCH_ENROLMENTS")
	if sizes == "" {
		sizes = "10000"
	}
	for size := range strings.SplitSeq(sizes, ",") {
		n, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		for _, kind := range storetest.Engines() {
			b.Run(kind.Name+"/"+size, func(b *testing.B) {
				e := kind.New(b).Open(b)
				until := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
				if _, err := seed.Fill(b.Context(), e, seed.Plan{Learners: n / 5, Courses: 8, Seed: 1, Until: until}, nil); err != nil {
					b.Fatal(err)
				}
				h := start(b, e, bench.Courses())
				site := h.admin()
				if err := h.Tracking.Repair(b.Context()); err != nil { // as a server does when it starts; not to be measured
					b.Fatal(err)
				}
				counted, err := h.Tracking.Figures(b.Context())
				if err != nil {
					b.Fatal(err)
				}
				asks := site.reports()
				pages := h.browserOf(site)
				var took, drawn, outcomes []time.Duration
				for b.Loop() {
					for _, q := range asks {
						began := time.Now()
						site.want(200, "GET", path("/reports/completion?%s", q), nil)
						took = append(took, time.Since(began))
						began = time.Now()
						if status, _, _ := pages.get("/admin/figures?" + strings.TrimPrefix(q, "by=unit&")); status != 200 {
							b.Fatalf("the page of %s: %d", q, status)
						}
						drawn = append(drawn, time.Since(began))
						about, err := url.ParseQuery(q)
						if err != nil {
							b.Fatal(err)
						}
						began = time.Now()
						site.want(200, "GET", path("/reports/outcomes?course=%s&unit=%s", about.Get("course"), about.Get("unit")), nil)
						outcomes = append(outcomes, time.Since(began))
					}
				}
				slices.Sort(took)
				slices.Sort(outcomes)
				b.ReportMetric(float64(outcomes[len(outcomes)*95/100].Microseconds())/1000, "ms/outcomes-p95")
				slices.Sort(drawn)
				b.ReportMetric(float64(drawn[len(drawn)*95/100].Microseconds())/1000, "ms/page-p95")
				b.ReportMetric(float64(counted.Took().Milliseconds()), "ms/count")
				b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "ms/p95")
				for _, format := range []string{"csv", "xlsx"} {
					first, all, rows, grew := site.download(b, format)
					b.ReportMetric(float64(first.Microseconds())/1000, "ms/first-"+format)
					b.ReportMetric(all.Seconds()*100_000/float64(rows), "s/100k-rows-"+format)
					b.ReportMetric(float64(grew)/(1<<20), "MB/"+format)
				}
			})
		}
	}
}

// reports are many that one may ask for.
func (c *client) reports() (asks []string) {
	var units struct{ Items []figures }
	c.want(200, "GET", path("/reports/completion?by=unit"), nil).decode(c.h.t, &units)
	for _, by := range []string{"unit", "course", "language", "profession", "week", "country"} {
		for _, course := range []string{"", seed.Slug(2)} {
			for _, unit := range []string{"", units.Items[0].Key} {
				for _, period := range []string{"", "&from=2026-01-01&to=2026-06-30"} {
					asks = append(asks, fmt.Sprintf("by=%s&course=%s&unit=%s%s", by, course, unit, period))
				}
			}
		}
	}
	return asks
}

// download takes the whole list as a file, and watches the heap.
func (c *client) download(b *testing.B, format string) (first, all time.Duration, rows int, grew uint64) {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), "GET", c.h.URL+path("/completions?format=%s", format), nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before := m.HeapInuse
	began := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	r := bufio.NewReader(res.Body)
	if _, err := r.Peek(1); err != nil {
		b.Fatal(err)
	}
	first = time.Since(began)
	buffer := make([]byte, 64<<10)
	for at := 0; ; at++ {
		n, err := r.Read(buffer)
		rows += strings.Count(string(buffer[:n]), "\n")
		if at%100 == 0 {
			runtime.ReadMemStats(&m)
			grew = max(grew, max(m.HeapInuse, before)-before)
		}
		if err == io.EOF {
			break
		} else if err != nil {
			b.Fatal(err)
		}
	}
	all = time.Since(began)
	if format == "xlsx" { // packed: as many rows as there are enrolments
		var tally struct{ Items []figures }
		c.want(200, "GET", path("/reports/completion?by=course"), nil).decode(b, &tally)
		rows = 0
		for _, f := range tally.Items {
			if f.Assigned != nil {
				rows += *f.Assigned
			}
		}
	}
	return first, all, rows, grew
}
