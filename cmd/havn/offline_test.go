package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/bench"
)

const dayMS = 24 * 60 * 60 * 1000 // ms

// phone is a learner's device as web/static/outbox.js has it: a clock that may be
// wrong, and of each question the newest answer that waits.
type phone struct {
	id      string
	skew    int64 // of its clock, ms
	ahead   int64 // what it takes the server's clock to be ahead of its own
	last    int64
	seen    map[string]int64 // question → given_at of the answer that it was shown
	waiting map[string]given
}

type given struct {
	choice string
	at     int64
	device string
}

func (g given) after(h given) bool { return g.at > h.at || g.at == h.at && g.device > h.device }

// answer is what a learner does without network.
func (d *phone) answer(question, choice string) given {
	clock := time.Now().UnixMilli() + d.skew
	d.last = max(clock+d.ahead, d.seen[question]+1, d.last+1)
	g := given{choice, d.last, d.id}
	d.waiting[question] = g
	return g
}

// learner has one attempt, several devices, and an account of what they did.
type offlineLearner struct {
	token, attempt string
	phones         []*phone
	counts         map[string]given // what has to be the end: the latest given of each question
	verdicts       map[string]int
}

// look opens the attempt on a device: it learns what is saved, and the clock.
func (l *offlineLearner) look(p *process, d *phone) error {
	status, body := p.until(l.token, http.MethodGet, "/attempts/"+l.attempt, nil)
	var v struct {
		Questions []struct {
			ID      string
			GivenAt int64 `json:"given_at"`
		}
	}
	if err := json.Unmarshal(body, &v); err != nil || status != 200 {
		return fmt.Errorf("look: %d %s", status, body)
	}
	for _, q := range v.Questions {
		d.seen[q.ID] = q.GivenAt
	}
	d.ahead = -d.skew
	return nil
}

// bring sends some of what waits, in any order, and now and then twice or
// without hearing the answer.
func (l *offlineLearner) bring(p *process, d *phone, chance *rand.Rand) error {
	for question, g := range d.waiting { // a map's order is any order
		for again := true; again; again = chance.IntN(5) == 0 {
			status, body := p.until(l.token, http.MethodPut, "/attempts/"+l.attempt+"/answers/"+question, map[string]any{
				"response": map[string]string{"choice": g.choice}, "given": map[string]any{"at": g.at, "device": g.device},
			})
			var saved struct{ Verdict string }
			if err := json.Unmarshal(body, &saved); err != nil || status != 200 {
				return fmt.Errorf("bring: %d %s", status, body)
			}
			l.verdicts[saved.Verdict]++
		}
		if chance.IntN(6) > 0 { // else the answer got lost on the way back
			delete(d.waiting, question)
		}
	}
	return nil
}

// live is some days of a learner: two devices, cut off at random.
func (l *offlineLearner) live(p *process, chance *rand.Rand) error {
	l.attempt = uuid.NewString()
	if status, body := p.until(l.token, http.MethodPut, "/attempts/"+l.attempt, map[string]string{"course": "bench", "quiz": "quiz"}); status != 200 && status != 201 {
		return fmt.Errorf("start: %d %s", status, body)
	}
	for range 2 {
		d := &phone{id: uuid.NewString(), skew: chance.Int64N(2*dayMS) - dayMS, seen: map[string]int64{}, waiting: map[string]given{}}
		if err := l.look(p, d); err != nil {
			return err
		}
		if chance.IntN(10) == 0 {
			d.skew += chance.Int64N(2*dayMS) - dayMS // its clock is set anew, and it does not know
		}
		l.phones = append(l.phones, d)
	}
	for range 24 {
		d := l.phones[chance.IntN(2)]
		switch chance.IntN(8) {
		case 0:
			if err := l.look(p, d); err != nil {
				return err
			}
		case 1:
			if err := l.bring(p, d, chance); err != nil {
				return err
			}
		default:
			question := fmt.Sprintf("q-%d", 1+chance.IntN(bench.Asked))
			g := d.answer(question, string("abc"[chance.IntN(3)]))
			if g.after(l.counts[question]) {
				l.counts[question] = g
			}
		}
	}
	for _, n := range chance.Perm(2) {
		for len(l.phones[n].waiting) > 0 {
			if err := l.bring(p, l.phones[n], chance); err != nil {
				return err
			}
		}
	}
	return nil
}

// wrong lists what is not as it has to be at the end.
func (l *offlineLearner) wrong(p *process) (list []string) {
	_, body := p.until(l.token, http.MethodGet, "/attempts/"+l.attempt, nil)
	var v struct {
		Questions []struct {
			ID       string
			Response *struct{ Choice string }
			GivenAt  int64 `json:"given_at"`
		}
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{string(body)}
	}
	kept := map[string]bool{}
	for _, q := range v.Questions {
		want, answered := l.counts[q.ID]
		switch {
		case kept[q.ID]:
			list = append(list, q.ID+" is there twice")
		case answered != (q.Response != nil):
			list = append(list, q.ID+" is lost, or comes from nowhere")
		case answered && (q.Response.Choice != want.choice || q.GivenAt != want.at):
			list = append(list, fmt.Sprintf("%s: %s of %d instead of %s of %d", q.ID, q.Response.Choice, q.GivenAt, want.choice, want.at))
		}
		kept[q.ID] = true
	}
	_, first := p.until(l.token, http.MethodPut, "/attempts/"+l.attempt+"/submission", nil)
	if _, again := p.until(l.token, http.MethodPut, "/attempts/"+l.attempt+"/submission", nil); !bytes.Equal(first, again) {
		list = append(list, "the result changes when it is handed in again")
	}
	var e struct {
		Quizzes map[string]struct{ Attempts int }
	}
	_, body = p.until(l.token, http.MethodGet, "/enrolments/bench", nil)
	if err := json.Unmarshal(body, &e); err != nil || e.Quizzes["quiz"].Attempts != 1 {
		list = append(list, fmt.Sprintf("one submission counts %d times", e.Quizzes["quiz"].Attempts))
	}
	return list
}

// Learners with two devices each, whose clocks are up to a day wrong,
// answer without network; what waits arrives in any order, twice, and while the
// server is killed (kill -9). In the end each question has the answer that was given last,
// none is lost and none is there twice. HAVN_TEST_LEARNERS says how many; .ci/run
// sends a thousand.
func TestLearnersOfflineLoseNothing(t *testing.T) {
	t.Parallel()
	learners := 150
	if s := os.Getenv("HAVN_TEST_LEARNERS"); s != "" {
		var err error
		if learners, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	p := newProcess(t)
	tokens := make(chan string, learners)
	inParallel(learners, func(int) {
		var made struct{ Code, Token string }
		_, body := p.until("", http.MethodPost, "/accounts/pseudonymous", map[string]string{"name": "Learner"})
		_ = json.Unmarshal(body, &made)
		_, body = p.until("", http.MethodPost, "/sessions/code", map[string]string{"code": made.Code})
		if err := json.Unmarshal(body, &made); err != nil || made.Token == "" {
			t.Errorf("%s", body)
		}
		p.until(made.Token, http.MethodPut, "/enrolments/bench", nil)
		tokens <- made.Token
	})
	if t.Failed() {
		return
	}
	// The server falls by the work that it has done, not by the clock, so that a slow
	// machine gets as far as a quick one.
	stop := make(chan struct{})
	var kills int
	var killer sync.WaitGroup
	killer.Go(func() {
		for next := p.heard.Load(); ; {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
			if p.heard.Load() > next {
				p.kill()
				p.start()
				kills++
				next = p.heard.Load() + 400
			}
		}
	})
	var mu sync.Mutex
	verdicts := map[string]int{}
	inParallel(learners, func(n int) {
		chance := rand.New(rand.NewPCG(26, uint64(n)))
		l := &offlineLearner{token: <-tokens, counts: map[string]given{}, verdicts: map[string]int{}}
		if err := l.live(p, chance); err != nil {
			t.Error(err)
			return
		}
		if wrong := l.wrong(p); len(wrong) > 0 {
			t.Errorf("learner %d: %v", n, wrong)
		}
		mu.Lock()
		defer mu.Unlock()
		for v, k := range l.verdicts {
			verdicts[v] += k
		}
	})
	close(stop)
	killer.Wait()
	if kills < learners/20 {
		t.Errorf("only %d kills: the test says little", kills)
	}
	for _, v := range []string{"accepted", "duplicate", "superseded"} {
		if verdicts[v] < learners/10 {
			t.Errorf("only %d times %s: the test says little", verdicts[v], v)
		}
	}
	t.Logf("%d learners, %d kills, verdicts %v", learners, kills, verdicts)
}

// inParallel does the work of n learners, 32 at a time.
func inParallel(n int, work func(n int)) {
	var class sync.WaitGroup
	queue := make(chan int)
	for range 32 {
		class.Go(func() {
			for n := range queue {
				work(n)
			}
		})
	}
	for n := range n {
		queue <- n
	}
	close(queue)
	class.Wait()
}
