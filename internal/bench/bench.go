// Package bench is a class of learners who all take a course at once, through
// the API, and a watch: what `havn bench` runs and what the project's figures
// are measured with.
package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/valyala/fasthttp"
)

// Class is who takes which course where.
type Class struct {
	URL      string
	Course   string
	Learners int
	Parallel int // how many of them at once
	// Tokens of learners who have signed in; as many as Learners.
	Tokens []string

	client *fasthttp.Client
	mu     sync.Mutex
	times  map[string][]time.Duration
	failed map[string]int
}

// Kind is what was measured of one kind of request.
type Kind struct {
	Kind          string        `json:"kind"`
	Requests      int           `json:"requests"`
	Failed        int           `json:"failed"`
	P50, P95, P99 time.Duration `json:"-"`
	P50ms         float64       `json:"p50_ms"`
	P95ms         float64       `json:"p95_ms"`
	P99ms         float64       `json:"p99_ms"`
}

// Report is what a class came to.
type Report struct {
	Learners        int           `json:"learners"`
	Parallel        int           `json:"parallel"`
	Took            time.Duration `json:"-"`
	Seconds         float64       `json:"seconds"`
	RequestsPerSec  float64       `json:"requests_per_second"`
	AnswersPerSec   float64       `json:"answers_saved_per_second"` // over the whole run
	Kinds           []Kind        `json:"kinds"`
	CPUPerLearnerMS float64       `json:"server_cpu_ms_per_learner,omitempty"`
	MemoryMB        float64       `json:"server_memory_mb,omitempty"`
	StoreMB         float64       `json:"store_mb,omitempty"`
}

// Run sends the class through: open the course, read six pages, start an
// attempt, save each answer, hand in, fetch the proof.
func (c *Class) Run() (*Report, error) {
	c.client = &fasthttp.Client{MaxConnsPerHost: c.Parallel + 8, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	c.times, c.failed = map[string][]time.Duration{}, map[string]int{}
	queue := make(chan string)
	var class sync.WaitGroup
	errs := make(chan error, c.Learners)
	began := time.Now()
	for range c.Parallel {
		class.Go(func() {
			for token := range queue {
				if err := c.learn(token); err != nil {
					errs <- err
				}
			}
		})
	}
	for i := range c.Learners {
		queue <- c.Tokens[i%len(c.Tokens)]
	}
	close(queue)
	class.Wait()
	r := &Report{Learners: c.Learners, Parallel: c.Parallel, Took: time.Since(began)}
	r.Seconds = r.Took.Seconds()
	var requests, answers int
	for kind, list := range c.times {
		slices.Sort(list)
		k := Kind{Kind: kind, Requests: len(list), Failed: c.failed[kind], P50: at(list, 50), P95: at(list, 95), P99: at(list, 99)}
		k.P50ms, k.P95ms, k.P99ms = ms(k.P50), ms(k.P95), ms(k.P99)
		r.Kinds = append(r.Kinds, k)
		requests += len(list)
		if kind == "save answer" {
			answers = len(list) - k.Failed
		}
	}
	slices.SortFunc(r.Kinds, func(a, b Kind) int { return b.Requests - a.Requests })
	r.RequestsPerSec, r.AnswersPerSec = float64(requests)/r.Seconds, float64(answers)/r.Seconds
	close(errs)
	var all []error
	for err := range errs {
		if len(all) < 3 {
			all = append(all, err)
		}
	}
	return r, errors.Join(all...)
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// learn is one learner's way.
func (c *Class) learn(token string) error {
	var course struct {
		Modules []struct {
			Pages []struct{ ID string }
			Quiz  *struct{ ID string }
		}
	}
	if err := c.do("open course", token, "GET", "/courses/"+c.Course, nil, &course); err != nil {
		return err
	}
	if err := c.do("enrol", token, "PUT", "/enrolments/"+c.Course, nil, nil); err != nil {
		return err
	}
	read, quiz := 0, ""
	for _, m := range course.Modules {
		for _, p := range m.Pages {
			if read++; read > Pages {
				break
			}
			if err := c.do("read page", token, "GET", "/courses/"+c.Course+"/pages/"+p.ID, nil, nil); err != nil {
				return err
			}
			if err := c.do("note page", token, "PUT", "/enrolments/"+c.Course+"/pages/"+p.ID, nil, nil); err != nil {
				return err
			}
		}
		if m.Quiz != nil && quiz == "" {
			quiz = m.Quiz.ID
		}
	}
	if quiz == "" {
		return fmt.Errorf("the course %s has no quiz", c.Course)
	}
	return c.takeQuiz(token, quiz)
}

func (c *Class) takeQuiz(token, quiz string) error {
	attempt := "/attempts/" + uuid.NewString()
	var a struct {
		Questions []struct {
			ID, Type string
			Options  []struct{ ID string }
		}
	}
	body, _ := json.Marshal(map[string]string{"course": c.Course, "quiz": quiz})
	if err := c.do("start attempt", token, "PUT", attempt, body, &a); err != nil {
		return err
	}
	for _, q := range a.Questions {
		if r := anyResponse(q.Type, q.Options); r != "" {
			if err := c.do("save answer", token, "PUT", attempt+"/answers/"+q.ID, []byte(r), nil); err != nil {
				return err
			}
		}
	}
	if err := c.do("submit", token, "PUT", attempt+"/submission", nil, nil); err != nil {
		return err
	}
	var e struct{ Certificate string }
	if err := c.do("enrolment", token, "GET", "/enrolments/"+c.Course, nil, &e); err != nil || e.Certificate == "" {
		return err
	}
	return c.do("certificate", token, "GET", "/certificates/"+e.Certificate, nil, nil)
}

// anyResponse is a response that can be saved, right or not; "" where this
// benchmark has none for the type.
func anyResponse(kind string, options []struct{ ID string }) string {
	switch kind {
	case "single", "true-false":
		return `{"response":{"choice":"` + options[0].ID + `"}}`
	case "multiple", "hotspot":
		return `{"response":{"choices":["` + options[0].ID + `"]}}`
	case "numeric":
		return `{"response":{"number":15}}`
	case "date":
		return `{"response":{"date":"2026-09-22"}}`
	case "text":
		return `{"response":{"text":"guardian"}}`
	case "rating":
		return `{"response":{"rating":2}}`
	}
	return ""
}

// do sends one request and keeps how long it took.
func (c *Class) do(kind, token, method, path string, body []byte, into any) error {
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.SetRequestURI(c.URL + "/api/v1" + path)
	req.Header.SetMethod(method)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		req.Header.SetContentType("application/json")
		req.SetBody(body)
	}
	began := time.Now()
	err := c.client.Do(req, res)
	took := time.Since(began)
	if err == nil && res.StatusCode() >= 300 {
		err = fmt.Errorf("%s: %d %s", kind, res.StatusCode(), res.Body())
	}
	c.mu.Lock()
	c.times[kind] = append(c.times[kind], took)
	if err != nil {
		c.failed[kind]++
	}
	c.mu.Unlock()
	if err == nil && into != nil {
		err = json.Unmarshal(res.Body(), into)
	}
	return err
}
