package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/bench"
)

// process is a server in a process of its own, that can be killed and started
// again on the same address and data folder.
type process struct {
	t       *testing.T
	address string
	data    string // folder
	args    []string
	heard   atomic.Int64 // requests that it answered
	mu      sync.Mutex
	cmd     *exec.Cmd
}

func newProcess(t *testing.T, args ...string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	dir := t.TempDir()
	courses := filepath.Join(dir, "courses")
	if err := os.CopyFS(courses, bench.Courses()); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	p := &process{t: t, address: address, data: data, args: append([]string{
		"serve", "--listen", address, "--data", data, "--courses", courses, "--sign-up", "open",
	}, args...)}
	p.start()
	t.Cleanup(p.kill)
	return p
}

func (p *process) start() {
	p.t.Helper()
	cmd := exec.Command(os.Args[0], p.args...)
	cmd.Env = append(os.Environ(), "HAVN_TEST_RUN=1")
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	p.cmd = cmd
	p.mu.Unlock()
	for range 6000 {
		if r, err := http.Get("http://" + p.address + "/readyz"); err == nil {
			_ = r.Body.Close()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("the server is not ready:\n%s", log.String())
}

// kill is kill -9.
func (p *process) kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// until sends a request until it is answered with a status under 500.
func (p *process) until(token, method, path string, body any) (int, []byte) {
	text, _ := json.Marshal(body)
	for range 3000 {
		req, _ := http.NewRequest(method, "http://"+p.address+"/api/v1"+path, bytes.NewReader(text))
		req.Header.Set("Content-Type", "application/json")
		if token != "" {
			req.Header.Set("Authorization", "Bearer "+token)
		}
		if r, err := http.DefaultClient.Do(req); err == nil {
			b, err := io.ReadAll(r.Body)
			_ = r.Body.Close()
			if err == nil && r.StatusCode < 500 {
				p.heard.Add(1)
				return r.StatusCode, b
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return 0, []byte("no answer")
}

// ledger is what one learner was told.
type ledger struct {
	token     string
	answers   map[string]string // "attempt/question" → choice, the last acknowledged
	results   map[string][]byte // attempt → the bytes of the result
	submitted int
}

// Eight learners answer and hand in while the server is killed again and again;
// whatever was acknowledged is there afterwards, once.
func TestNothingAcknowledgedIsLostWhenTheServerIsKilled(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	learners := make([]*ledger, 8)
	for i := range learners {
		l := &ledger{answers: map[string]string{}, results: map[string][]byte{}}
		email := fmt.Sprintf("l%d@example.org", i)
		p.until("", "POST", "/accounts", map[string]string{"email": email, "password": benchPassword, "name": "Mari Tamm"})
		_, b := p.until("", "POST", "/sessions", map[string]string{"email": email, "password": benchPassword})
		var s struct{ Token string }
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(string(b))
		}
		l.token = s.Token
		p.until(l.token, "PUT", "/enrolments/bench", nil)
		learners[i] = l
	}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for _, l := range learners {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					l.takeQuiz(t, p)
				}
			}
		})
	}
	const kills = 6
	for range kills {
		time.Sleep(time.Duration(150+rand.IntN(250)) * time.Millisecond)
		p.kill()
		p.start()
	}
	close(stop)
	all.Wait()
	p.kill()
	p.start()
	var acknowledged, handedIn int
	for _, l := range learners {
		acknowledged += len(l.answers)
		handedIn += l.submitted
		l.check(t, p)
	}
	if acknowledged < 200 || handedIn < 8 {
		t.Errorf("only %d answers and %d submissions: the test says little", acknowledged, handedIn)
	}
	t.Logf("%d kills, %d answers and %d submissions acknowledged", kills, acknowledged, handedIn)
}

// takeQuiz is one attempt; each request is repeated until it is answered.
func (l *ledger) takeQuiz(t *testing.T, p *process) {
	id := uuid.NewString()
	status, b := p.until(l.token, "PUT", "/attempts/"+id, map[string]string{"course": "bench", "quiz": "quiz"})
	if status != 200 && status != 201 {
		t.Errorf("start: %d %s", status, b)
		return
	}
	for i := range bench.Asked {
		question, choice := fmt.Sprintf("q-%d", i+1), string("abc"[rand.IntN(3)])
		status, b := p.until(l.token, "PUT", "/attempts/"+id+"/answers/"+question, map[string]any{"response": map[string]string{"choice": choice}})
		if status != 200 {
			t.Errorf("save: %d %s", status, b)
			return
		}
		l.answers[id+"/"+question] = choice
	}
	status, b = p.until(l.token, "PUT", "/attempts/"+id+"/submission", nil)
	if status != 200 {
		t.Errorf("submit: %d %s", status, b)
		return
	}
	l.results[id] = b
	l.submitted++
}

// check compares what the learner was told with what the server has.
func (l *ledger) check(t *testing.T, p *process) {
	for id, told := range l.results {
		if _, now := p.until(l.token, "PUT", "/attempts/"+id+"/submission", nil); !bytes.Equal(told, now) {
			t.Errorf("the result of %s changed:\n%s\n%s", id, told, now)
		}
		var a struct {
			Questions []struct {
				ID       string
				Response struct{ Choice string }
			}
		}
		_, b := p.until(l.token, "GET", "/attempts/"+id, nil)
		if err := json.Unmarshal(b, &a); err != nil {
			t.Fatalf("%v: %s", err, b)
		}
		for _, q := range a.Questions {
			if want := l.answers[id+"/"+q.ID]; q.Response.Choice != want {
				t.Errorf("%s of %s: told %q, kept %q", q.ID, id, want, q.Response.Choice)
			}
		}
	}
	var e struct {
		Quizzes map[string]struct{ Attempts int }
	}
	_, b := p.until(l.token, "GET", "/enrolments/bench", nil)
	if err := json.Unmarshal(b, &e); err != nil || e.Quizzes["quiz"].Attempts != l.submitted {
		t.Errorf("%d submissions, counted %d times", l.submitted, e.Quizzes["quiz"].Attempts)
	}
}

// The health check of a container sees the server come and go.
func TestHealthIsThatOfTheServer(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	health := healthCmd{Listen: p.address}
	if err := health.Run(); err != nil {
		t.Error("it runs:", err)
	}
	p.kill()
	if health.Run() == nil {
		t.Error("it was killed")
	}
}
