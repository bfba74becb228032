package server_test

import (
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

func withRules(t *testing.T, e store.Engine, rules string) *havn {
	return start(t, e, sample(t, map[string]string{"course.yaml": courseYAML(rules)}))
}

var firstQuiz = map[string]string{"course": "first-contact", "quiz": "m1-quiz"}

func TestARepeatedStartIsTheSameAttempt(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "shuffle: [questions, options]")
		mari := h.enrolled("Mari Tamm")
		id := uuid.NewString()
		first := mari.want(201, "PUT", path("/attempts/%s", id), firstQuiz)
		again := mari.want(200, "PUT", path("/attempts/%s", id), firstQuiz)
		if string(first.body) != string(again.body) {
			t.Errorf("the repeat differs:\n%s\n%s", first.body, again.body)
		}
		mari.refuse("attempt-exists", "PUT", path("/attempts/%s", id), map[string]string{"course": "first-contact", "quiz": "other"})
		h.enrolled("Juhan Kask").refuse("attempt-exists", "PUT", path("/attempts/%s", id), firstQuiz)
	})
}

func TestOfParallelStartsOneBegins(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "attempts: 1")
		mari := h.enrolled("Mari Tamm")
		var mu sync.Mutex
		codes, started := map[string]int{}, ""
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				id := uuid.NewString()
				got := mari.do("PUT", path("/attempts/%s", id), firstQuiz)
				mu.Lock()
				defer mu.Unlock()
				codes[got.code()]++
				if got.status == 201 {
					started = id
				}
			})
		}
		all.Wait()
		if codes[""] != 1 || codes["attempt-open"] != 19 {
			t.Fatalf("20 at once: %v", codes)
		}
		refused := mari.refuse("attempt-open", "PUT", path("/attempts/%s", uuid.NewString()), firstQuiz)
		if !strings.Contains(string(refused.body), started) {
			t.Errorf("the refusal does not lead to the open attempt: %s", refused.body)
		}
		mari.want(200, "PUT", path("/attempts/%s/submission", started), nil)
		mari.refuse("attempts-used-up", "PUT", path("/attempts/%s", uuid.NewString()), firstQuiz)
	})
}

func TestACoolDownTellsHowLong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "cool_down_minutes: 30")
		mari := h.enrolled("Mari Tamm")
		mari.start("m1-quiz").submit()
		h.clock.advance(10*time.Minute + time.Second)
		got := mari.refuse("cool-down", "PUT", path("/attempts/%s", uuid.NewString()), firstQuiz)
		if got.status != 429 || got.header.Get("Retry-After") != "1199" {
			t.Errorf("%d, Retry-After %q", got.status, got.header.Get("Retry-After"))
		}
		h.clock.advance(20 * time.Minute)
		mari.start("m1-quiz")
	})
}

func TestAfterTheTimeLimitWhatWasSavedCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "time_limit_minutes: 20")
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		a.answerAll("q-days")
		h.clock.advance(20 * time.Minute)
		days := 15.0
		if got := a.save("q-days", assessment.Response{Number: &days}); got.code() != "time-up" || got.status != 409 {
			t.Fatalf("an answer after the time: %s", got.body)
		}
		var v learning.View
		mari.want(200, "GET", path("/attempts/%s", a.ID), nil).decode(t, &v)
		if v.Status != "submitted" || !v.SubmittedAt.Equal(a.DueAt.Time) {
			t.Errorf("the attempt is %s at %s, due %s", v.Status, v.SubmittedAt, a.DueAt)
		}
		if o, _ := a.submit(); o.Percent != 90 { // 10 of 11
			t.Errorf("what was saved comes to %d %%", o.Percent)
		}
	})
}

func TestExtraTimeLengthensTheLimit(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "time_limit_minutes: 20")
		mari := h.enrolled("Mari Tamm")
		var me struct{ ID string }
		mari.want(200, "GET", path("/me"), nil).decode(t, &me)
		mari.refuse("forbidden", "PUT", path("/accounts/%s/extra-time", me.ID), map[string]int{"percent": 50})
		h.admin().want(204, "PUT", path("/accounts/%s/extra-time", me.ID), map[string]int{"percent": 50})
		a := mari.start("m1-quiz")
		if got := a.DueAt.Sub(a.StartedAt.Time); got != 30*time.Minute {
			t.Errorf("20 minutes and half of it: %s", got)
		}
	})
}

func TestAnAbandonedAttemptIsHandedInWhenItsTimeIsUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "time_limit_minutes: 20")
		mari := h.enrolled("Mari Tamm")
		mari.start("m1-quiz").answerAll()
		for _, page := range []string{"m1-rights", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		h.clock.advance(time.Hour)
		if err := h.Learning.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var en struct{ Status string }
		mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &en)
		if en.Status != "completed" {
			t.Errorf("nobody came back, and the enrolment is %s", en.Status)
		}
	})
}

func TestWhichAttemptCounts(t *testing.T) {
	t.Parallel()
	for keep, want := range map[string]learning.Standing{
		"best":  {Attempts: 3, Percent: 100, Passed: true, First: 72, Last: 45},
		"last":  {Attempts: 3, Percent: 45, Passed: false, First: 72, Last: 45},
		"first": {Attempts: 3, Percent: 72, Passed: false, First: 72, Last: 45},
	} {
		t.Run(keep, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, e store.Engine) {
				h := withRules(t, e, "keep: "+keep)
				mari := h.enrolled("Mari Tamm")
				for _, without := range [][]string{
					{"q-days", "q-last", "q-term"}, {}, {"q-days", "q-last", "q-term", "q-true", "q-first", "q-steps"},
				} {
					a := mari.start("m1-quiz")
					a.answerAll(without...)
					a.submit()
				}
				var en struct{ Quizzes map[string]learning.Standing }
				mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &en)
				got := en.Quizzes["m1-quiz"]
				got.Attempt = ""
				if got != want {
					t.Errorf("keep %s: %+v instead of %+v", keep, got, want)
				}
			})
		})
	}
}

func TestFeedbackFollowsThePolicy(t *testing.T) {
	t.Parallel()
	for policy, want := range map[string]struct{ failed, passed bool }{
		"after-attempt": {true, true}, "after-answer": {true, true}, "after-pass": {false, true}, "never": {false, false},
	} {
		t.Run(policy, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, e store.Engine) {
				h := withRules(t, e, "feedback: "+policy)
				mari := h.enrolled("Mari Tamm")
				explained := func(body []byte) bool {
					return strings.Contains(string(body), `"key"`) || strings.Contains(string(body), "See the protocol")
				}
				_, failed := mari.start("m1-quiz").submit()
				if explained(failed) != want.failed {
					t.Errorf("not passed: %s", failed)
				}
				a := mari.start("m1-quiz")
				a.answerAll()
				if o, passed := a.submit(); !o.Passed || explained(passed) != want.passed {
					t.Errorf("passed: %s", passed)
				}
			})
		})
	}
}

func TestAnExplainedAnswerStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "feedback: after-answer")
		a := h.enrolled("Mari Tamm").start("m1-quiz")
		wrong, right := "b", "a"
		first := a.save("q-means", assessment.Response{Choice: &wrong})
		if !strings.Contains(string(first.body), `"verdict":"wrong"`) {
			t.Fatalf("no explanation: %s", first.body)
		}
		if again := a.save("q-means", assessment.Response{Choice: &wrong}); strings.Replace(string(again.body), `"duplicate"`, `"accepted"`, 1) != string(first.body) {
			t.Errorf("a repeat differs: %s", again.body)
		}
		if got := a.save("q-means", assessment.Response{Choice: &right}); got.code() != "answer-locked" {
			t.Errorf("the key was told and the answer changed: %s", got.body)
		}
	})
}

func TestAnswersAfterSubmissionAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		a := h.enrolled("Mari Tamm").start("m1-quiz")
		_, before := a.submit()
		choice := "a"
		if got := a.save("q-means", assessment.Response{Choice: &choice}); got.code() != "attempt-submitted" || got.status != 409 {
			t.Errorf("%d %s", got.status, got.body)
		}
		if _, after := a.submit(); string(before) != string(after) {
			t.Errorf("the result changed:\n%s\n%s", before, after)
		}
	})
}

func TestOfParallelSubmissionsAllGetTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		for _, page := range []string{"m1-rights", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		a := mari.start("m1-quiz")
		a.answerAll()
		var mu sync.Mutex
		bodies := map[string]int{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				got := mari.do("PUT", path("/attempts/%s/submission", a.ID), nil)
				mu.Lock()
				defer mu.Unlock()
				bodies[string(got.body)]++
			})
		}
		all.Wait()
		if len(bodies) != 1 {
			t.Errorf("%d different answers", len(bodies))
		}
		var en struct {
			Certificate string
			Quizzes     map[string]learning.Standing
		}
		mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &en)
		if en.Quizzes["m1-quiz"].Attempts != 1 || en.Certificate == "" {
			t.Errorf("counted as %+v, certificate %q", en.Quizzes, en.Certificate)
		}
		h.anonymous().want(200, "GET", path("/certificates/%s", en.Certificate), nil)
	})
}

func TestASubmissionThatWasCutOffIsSettledLater(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		broken := &cutOff{Engine: e}
		h := start(t, broken, sample(t, map[string]string{"course.yaml": courseYAML("")}))
		mari := h.enrolled("Mari Tamm")
		for _, page := range []string{"m1-rights", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		a := mari.start("m1-quiz")
		a.answerAll()
		broken.set(true) // everything behind the attempt's own write fails
		if got := mari.do("PUT", path("/attempts/%s/submission", a.ID), nil); got.status < 500 {
			t.Fatalf("the fault did not happen: %d", got.status)
		}
		broken.set(false)
		if err := h.Learning.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var en struct {
			Status  string
			Quizzes map[string]learning.Standing
		}
		got := mari.want(200, "GET", path("/enrolments/first-contact"), nil)
		if err := json.Unmarshal(got.body, &en); err != nil || en.Status != "completed" || en.Quizzes["m1-quiz"].Attempts != 1 {
			t.Errorf("after the sweep: %s", got.body)
		}
	})
}

// A server falls after the page that completes a course was noted and before the
// certificate was written, and the learner never comes back: it is written all the
// same, under the code and day of the completion, once.
func TestACertificateComesThoughItsServerFell(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		broken := &interrupted{Engine: e}
		h := withRules(t, broken, "")
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		a.answerAll()
		a.submit()
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)
		broken.before("insert", "certificates", func() error { return errors.New("cut off") })
		mari.want(500, "PUT", path("/enrolments/first-contact/pages/m1-status"), nil)
		done := mari.standing()
		if done.Status != "completed" || done.Certificate == "" {
			t.Fatalf("the completion is not noted: %+v", done)
		}
		h.anonymous().want(404, "GET", path("/certificates/%s", done.Certificate), nil)
		h.clock.advance(48 * time.Hour)
		for range 2 {
			if err := h.Learning.CertifyMissing(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		var list struct {
			Items []struct {
				Code     string
				IssuedAt time.Time `json:"issued_at"`
			}
		}
		mari.want(200, "GET", path("/certificates"), nil).decode(t, &list)
		if len(list.Items) != 1 || list.Items[0].Code != done.Certificate || !list.Items[0].IssuedAt.Equal(done.CompletedAt) {
			t.Errorf("certificates: %+v, completed %+v", list.Items, done)
		}
	})
}
