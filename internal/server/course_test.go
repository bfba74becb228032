package server_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

func TestALearnerTakesACourseEndToEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, map[string]string{"course.yaml": courseYAML("feedback: after-attempt")}))
		mari := h.learner("Mari Tamm")
		mari.want(201, "PUT", path("/enrolments/first-contact"), nil)
		mari.want(200, "PUT", path("/enrolments/first-contact"), nil)
		for _, page := range []string{"m1-rights", "m1-status", "m1-rights"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}

		first := mari.start("m1-quiz")
		first.answerAll("q-days", "q-last", "q-term")
		if o, _ := first.submit(); o.Passed || o.Percent != 72 { // 8 of 11 points
			t.Fatalf("with three of eleven points missing: %+v", o)
		}
		var e1 struct {
			Status, Certificate string
			Progress            learning.Progress
		}
		mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &e1)
		if e1.Status != "enrolled" || e1.Progress.QuizzesPassed != 0 || e1.Certificate != "" {
			t.Fatalf("not yet passed, but: %+v", e1)
		}

		second := mari.start("m1-quiz")
		second.answerAll()
		o, body := second.submit()
		if !o.Passed || o.Percent != 100 || o.Score != 11 || o.Max != 11 {
			t.Fatalf("every answer right: %+v", o)
		}
		if _, again := second.submit(); !bytes.Equal(body, again) {
			t.Errorf("a repeated submission differs:\n%s\n%s", body, again)
		}
		mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &e1)
		if e1.Status != "completed" || e1.Certificate == "" || e1.Progress.Percent != 100 {
			t.Fatalf("completed, but: %+v", e1)
		}

		var cert struct{ Status, Holder, Title string }
		got := h.anonymous().want(200, "GET", path("/certificates/%s", strings.ToLower(e1.Certificate)), nil)
		got.decode(t, &cert)
		if cert.Status != "valid" || cert.Holder != "M. T." || cert.Title != "First contact" || bytes.Contains(got.body, []byte("Tamm")) {
			t.Errorf("what a stranger sees: %s", got.body)
		}
		h.clock.advance(25 * 31 * 24 * 3600e9)
		h.anonymous().want(200, "GET", path("/certificates/%s", e1.Certificate), nil).decode(t, &cert)
		if cert.Status != "expired" {
			t.Errorf("after two years: %s", cert.Status)
		}
		h.anonymous().refuse("not-found", "GET", path("/certificates/AAAAA-AAAAA"), nil)
	})
}

func TestSwitchingLanguageKeepsAnswersAndOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, map[string]string{"course.yaml": courseYAML("shuffle: [questions, options]")}))
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		choice := "b"
		if got := a.save("q-means", assessment.Response{Choice: &choice, Confidence: assessment.Sure}); got.status != 200 {
			t.Fatal(string(got.body))
		}
		var et learning.View
		mari.want(200, "GET", path("/attempts/%s?lang=et", a.ID), nil).decode(t, &et)
		if et.Lang != "et" || len(et.Questions) != len(a.Questions) {
			t.Fatalf("in Estonian: %s, %d questions", et.Lang, len(et.Questions))
		}
		for i, q := range et.Questions {
			if q.ID != a.Questions[i].ID {
				t.Errorf("question %d is another in Estonian", i+1)
			}
			for j, o := range q.Options {
				if o.ID != a.Questions[i].Options[j].ID {
					t.Errorf("%s: the options are in another order", q.ID)
				}
			}
			if q.ID == "q-means" && (q.Response == nil || *q.Response.Choice != "b" || q.Response.Confidence != assessment.Sure || q.Lang != "en") {
				t.Errorf("the saved answer: %+v", q)
			}
			if q.ID == "q-days" && (q.Lang != "et" || !strings.Contains(q.HTML, "Mitu?")) {
				t.Errorf("a translated question: %+v", q)
			}
		}
	})
}

func TestARunningAttemptStaysOnItsVersion(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}))
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		a.answerAll("q-days")
		// The course shrinks: the question that is still open goes, another changes its key.
		shrunk := sample(t, map[string]string{"course.yaml": strings.Replace(courseYAML(""), "{question: q-days}, ", "", 1)})
		h.Desk.FS = shrunk
		p, _, err := h.Desk.Publish(t.Context(), "first-contact", "")
		if err != nil || p.Version != 2 {
			t.Fatalf("version %v: %v", p, err)
		}
		days := 15.0
		if got := a.save("q-days", assessment.Response{Number: &days}); got.status != 200 {
			t.Fatalf("a question of the old version: %s", got.body)
		}
		if o, _ := a.submit(); o.Max != 11 || o.Percent != 100 {
			t.Errorf("graded by the old version: %+v", o)
		}
		var v learning.View
		mari.want(200, "GET", path("/attempts/%s", a.ID), nil).decode(t, &v)
		if v.Version != 1 {
			t.Errorf("the attempt moved to version %d", v.Version)
		}
		if next := mari.start("m1-quiz"); next.Version != 2 || len(next.Questions) != len(a.Questions)-1 {
			t.Errorf("a new attempt: version %d, %d questions", next.Version, len(next.Questions))
		}
	})
}

func TestAReflectionStaysWithTheLearner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}))
		a := h.enrolled("Mari Tamm").start("m1-quiz")
		thought := "nobody has time to listen"
		got := a.save("r-work", assessment.Response{Text: &thought})
		if got.status != 200 || !strings.Contains(string(got.body), `"stored":false`) {
			t.Fatalf("what the learner is told: %s", got.body)
		}
		view := a.c.want(200, "GET", path("/attempts/%s", a.ID), nil)
		if bytes.Contains(view.body, []byte(thought)) {
			t.Error("the server kept the reflection")
		}
		// What is shared is kept, and can be taken back.
		got = a.save("r-work", assessment.Response{Text: &thought, Shared: true})
		view = a.c.want(200, "GET", path("/attempts/%s", a.ID), nil)
		if !strings.Contains(string(got.body), `"stored":true`) || !bytes.Contains(view.body, []byte(thought)) {
			t.Errorf("shared: %s", got.body)
		}
		a.save("r-work", assessment.Response{Text: new(string)})
		if view = a.c.want(200, "GET", path("/attempts/%s", a.ID), nil); bytes.Contains(view.body, []byte(thought)) {
			t.Error("what was taken back is still there")
		}
	})
}

func TestAPageAnswersWithItsStateAndTag(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, nil))
		c := h.anonymous()
		c.lang = "et"
		got := c.want(200, "GET", path("/courses/first-contact/pages/m1-status"), nil)
		var p struct{ ID, Title, HTML, Lang, Dir, State string }
		got.decode(t, &p)
		if p.Lang != "en" || p.Dir != "ltr" || p.State != "missing" || got.header.Get("Content-Language") != "en" {
			t.Errorf("a page that is not translated: %s", got.body)
		}
		if got.header.Get("ETag") == "" {
			t.Error("no ETag")
		}
		c.refuse("not-found", "GET", path("/courses/first-contact/pages/nowhere"), nil)
		c.refuse("not-found", "GET", path("/courses/nowhere"), nil)
		h.learner("Mari Tamm").refuse("id-invalid", "PUT", path("/attempts/%s", strings.ToUpper(uuid.NewString())), map[string]string{"course": "first-contact", "quiz": "m1-quiz"})
	})
}
