package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"havn/internal/bench"
	"havn/internal/store"
	"havn/internal/store/sqlite"
)

// The figures of these benchmarks are ratios to the bare limit, taken in turns
// in one run, so that they mean the same on any machine:
//
//	go test ./internal/server -run '^$' -bench Bare -benchtime 3s

// bare serves one handler on a Fiber app with nothing around it.
func bare(b *testing.B, handler fiber.Handler) string {
	b.Helper()
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.All("/*", handler)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	b.Cleanup(func() { _ = app.Shutdown() })
	return "http://" + l.Addr().String()
}

// load sends requests from 64 callers for as long and tells how many were
// answered a second.
func load(b *testing.B, long time.Duration, request func(caller, n int, req *fasthttp.Request)) float64 {
	b.Helper()
	client := &fasthttp.Client{MaxConnsPerHost: 80}
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	counts := make([]int, 64)
	began := time.Now()
	for caller := range counts {
		all.Go(func() {
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			defer fasthttp.ReleaseRequest(req)
			defer fasthttp.ReleaseResponse(res)
			for n := 0; time.Since(began) < long; n++ {
				req.Reset()
				request(caller, n, req)
				if err := client.Do(req, res); err != nil || res.StatusCode() >= 300 {
					b.Errorf("%d %v: %s", res.StatusCode(), err, res.Body())
					return
				}
				counts[caller]++
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range counts {
		sum += n
	}
	return float64(sum) / time.Since(began).Seconds()
}

// inTurns measures two things alternately, so that a busy moment hits both, and
// reports both rates and their ratio.
func inTurns(b *testing.B, ours, limit func(time.Duration) float64) {
	b.Helper()
	const turn = 400 * time.Millisecond
	var a, c []float64
	for b.Loop() {
		a, c = append(a, ours(turn)), append(c, limit(turn))
	}
	slices.Sort(a)
	slices.Sort(c)
	x, y := a[len(a)/2], c[len(c)/2]
	b.ReportMetric(x, "havn/s")
	b.ReportMetric(y, "bare/s")
	b.ReportMetric(x/y, "ratio")
}

// BenchmarkLessonAgainstBareHandler compares with a handler that sends the same
// bytes, those of the headers too.
func BenchmarkLessonAgainstBareHandler(b *testing.B) {
	h, tokens := startBench(b, 1)
	page := h.URL + "/api/v1/courses/bench/pages/page-1"
	r, err := http.Get(page)
	if err != nil {
		b.Fatal(err)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	_ = r.Body.Close()
	r.Header.Del("Date") // the server's own, as is the length
	r.Header.Del("Content-Length")
	limit := bare(b, func(c *fiber.Ctx) error {
		for name, values := range r.Header {
			c.Set(name, values[0])
		}
		return c.Send(body)
	})
	inTurns(b, func(d time.Duration) float64 {
		return load(b, d, func(_, _ int, req *fasthttp.Request) {
			req.SetRequestURI(page)
			req.Header.Set("Authorization", "Bearer "+tokens[0])
		})
	}, func(d time.Duration) float64 {
		return load(b, d, func(_, _ int, req *fasthttp.Request) {
			req.SetRequestURI(limit)
			req.Header.Set("Authorization", "Bearer "+tokens[0])
		})
	})
}

// leaf is a document of 400 bytes.
type leaf struct {
	store.Meta `bson:",inline"`
	Text       string `json:"text"`
}

func BenchmarkAnswersAgainstBareInsert(b *testing.B) {
	h, tokens := startBench(b, 64)
	attempts := make([]string, 64)
	for i, token := range tokens {
		c := &client{h: h, token: token}
		c.want(201, "PUT", "/api/v1/enrolments/bench", nil)
		attempts[i] = uuid.NewString()
		c.want(201, "PUT", "/api/v1/attempts/"+attempts[i], map[string]string{"course": "bench", "quiz": "quiz"})
	}
	e, err := sqlite.Open(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = e.Close() })
	papers, err := store.Open[leaf](b.Context(), e, store.Schema{Name: "papers", Version: 1})
	if err != nil {
		b.Fatal(err)
	}
	text := string(make400())
	limit := bare(b, func(c *fiber.Ctx) error {
		return papers.Insert(c.Context(), &leaf{Meta: store.Meta{ID: uuid.NewString()}, Text: text})
	})
	choices := [][]byte{[]byte(`{"response":{"choice":"a"}}`), []byte(`{"response":{"choice":"b"}}`), []byte(`{"response":{"choice":"c"}}`)}
	inTurns(b, func(d time.Duration) float64 {
		return load(b, d, func(caller, n int, req *fasthttp.Request) {
			req.SetRequestURI(fmt.Sprintf("%s/api/v1/attempts/%s/answers/q-%d", h.URL, attempts[caller], 1+n%bench.Asked))
			req.Header.SetMethod("PUT")
			req.Header.SetContentType("application/json")
			req.Header.Set("Authorization", "Bearer "+tokens[caller])
			req.SetBody(choices[(n/bench.Asked+n)%3]) // never the one that is there
		})
	}, func(d time.Duration) float64 {
		return load(b, d, func(_, _ int, req *fasthttp.Request) {
			req.SetRequestURI(limit)
			req.Header.SetMethod("PUT")
			req.SetBody(choices[0])
		})
	})
}

func make400() []byte {
	b := make([]byte, 320) // with id and revision, 400 bytes of JSON
	for i := range b {
		b[i] = 'x'
	}
	return b
}

// BenchmarkStartsAtOnce starts 300 attempts as fast as 300 callers can. With each
// round the learners have one attempt more behind them, so few rounds
// (-benchtime 5x) are like life.
func BenchmarkStartsAtOnce(b *testing.B) {
	h, tokens := startBench(b, 300)
	for _, token := range tokens {
		(&client{h: h, token: token}).want(201, "PUT", "/api/v1/enrolments/bench", nil)
	}
	body, _ := json.Marshal(map[string]string{"course": "bench", "quiz": "quiz"})
	client := &fasthttp.Client{MaxConnsPerHost: 400}
	var mu sync.Mutex
	var times []time.Duration
	for b.Loop() {
		var all sync.WaitGroup
		ids := make([]string, len(tokens))
		for i, token := range tokens {
			ids[i] = uuid.NewString()
			all.Go(func() {
				req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
				req.SetRequestURI(h.URL + "/api/v1/attempts/" + ids[i])
				req.Header.SetMethod("PUT")
				req.Header.SetContentType("application/json")
				req.Header.Set("Authorization", "Bearer "+token)
				req.SetBody(body)
				began := time.Now()
				err := client.Do(req, res)
				took := time.Since(began)
				if err != nil || res.StatusCode() != 201 {
					b.Errorf("%d %v %s", res.StatusCode(), err, res.Body())
				}
				mu.Lock()
				times = append(times, took)
				mu.Unlock()
			})
		}
		all.Wait()
		b.StopTimer()
		for i, token := range tokens { // so that the next round can start again
			req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
			req.SetRequestURI(h.URL + "/api/v1/attempts/" + ids[i] + "/submission")
			req.Header.SetMethod("PUT")
			req.Header.Set("Authorization", "Bearer "+token)
			if err := client.Do(req, res); err != nil || res.StatusCode() != 200 {
				b.Fatalf("%d %v", res.StatusCode(), err)
			}
		}
		b.StartTimer()
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
}
