package server_test

import (
	"bytes"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

const day = 24 * time.Hour

// wrong is an answer that earns nothing to a question of the sample.
func wrong(id string) assessment.Response {
	c, d, n := "c", "2020-01-01", 3.0
	switch id {
	case "q-true":
		yes := "true"
		return assessment.Response{Choice: &yes, Confidence: assessment.Sure}
	case "q-days":
		return assessment.Response{Number: &n}
	case "q-last":
		return assessment.Response{Date: &d}
	}
	return assessment.Response{Choice: &c, Confidence: assessment.Sure}
}

// mistaken hands in an attempt with every answer right but for some.
func (c *client) mistaken(ids ...string) *attempt {
	c.h.t.Helper()
	a := c.start("m1-quiz")
	a.answerAll(ids...)
	for _, id := range ids {
		if got := a.save(id, wrong(id)); got.status != 200 {
			c.h.t.Fatalf("%s: %s", id, got.body)
		}
	}
	a.submit()
	return a
}

type topicsOf struct {
	Items []struct {
		Name, Tag    string
		Right, Asked int
		WrongButSure []learning.Reviewed `json:"wrong_but_sure"`
	}
}

func (c *client) topics() (t topicsOf) {
	c.h.t.Helper()
	c.want(200, "GET", "/api/v1/topics", nil).decode(c.h.t, &t)
	return t
}

type practiceOf struct {
	Due   int
	Items []struct {
		Question string
		Box      int
		DueAt    time.Time `json:"due_at"`
		Due      bool
	}
}

func (c *client) practice() (p practiceOf) {
	c.h.t.Helper()
	c.want(200, "GET", "/api/v1/practice", nil).decode(c.h.t, &p)
	return p
}

func (c *client) practise(question string, r assessment.Response) (p learning.Practised) {
	c.h.t.Helper()
	c.want(200, "PUT", path("/practice/first-contact/%s", question), m{"response": r}).decode(c.h.t, &p)
	return p
}

// Results by topic come from one's latest answers; what was wrong although one
// was sure stands first, with the way to the result and to the page.
func TestResultsByTopic(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		first := mari.mistaken("q-true", "q-means")
		got := mari.topics()
		if len(got.Items) != 1 || got.Items[0].Name != "What a child is owed" || got.Items[0].Asked != 5 || got.Items[0].Right != 3 || len(got.Items[0].WrongButSure) != 2 {
			t.Fatalf("after the first attempt: %+v", got)
		}
		mari.lang = "et"
		if name := mari.topics().Items[0].Name; name != "Mis lapsele kuulub" {
			t.Errorf("in Estonian: %s", name)
		}
		b := h.browserOf(mari)
		_, _, page := b.get("/learning?lang=en")
		for _, want := range []string{"/attempts/" + first.ID + "/result#item-q-means", `href="/courses/first-contact/m1-rights"`, "3 of 5", "What must be shown?"} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("My learning lacks %q:\n%s", want, page)
			}
		}
		if _, _, result := b.get("/attempts/" + first.ID + "/result"); !bytes.Contains(result, []byte(`id="item-q-means"`)) {
			t.Error("the link leads to no question of the result")
		}
		h.clock.advance(time.Minute)
		mari.mistaken("q-true")
		if got := mari.topics().Items[0]; got.Right != 4 || got.Asked != 5 || len(got.WrongButSure) != 1 || got.WrongButSure[0].Question != "q-true" {
			t.Errorf("after the second: %+v", got)
		}
		if other := h.enrolled("Jonas Petraitis").topics(); len(other.Items) != 0 {
			t.Errorf("somebody else sees %+v", other)
		}
	})
}

// Nothing of a question whose feedback is kept back shows in topics or practice.
func TestWhatIsNotExplainedFeedsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rules string
		take  func(c *client)
		shown bool
	}{
		"never":                  {"feedback: never", func(c *client) { c.mistaken("q-true") }, false},
		"after-pass, not passed": {"feedback: after-pass", func(c *client) { c.mistaken("q-true", "q-means", "q-days", "q-last") }, false},
		"after-pass, passed":     {"feedback: after-pass", func(c *client) { c.mistaken("q-true") }, true},
		"after-attempt, open": {"", func(c *client) {
			a := c.start("m1-quiz")
			a.save("q-true", wrong("q-true"))
		}, false},
		"after-answer, open": {"feedback: after-answer", func(c *client) {
			a := c.start("m1-quiz")
			a.save("q-true", wrong("q-true"))
		}, false},
		"after-attempt, handed in": {"", func(c *client) { c.mistaken("q-true") }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, e store.Engine) {
				h := withRules(t, e, c.rules)
				mari := h.enrolled("Mari Tamm")
				c.take(mari)
				h.clock.advance(day)
				if got := len(mari.topics().Items) > 0; got != c.shown {
					t.Errorf("topics: %v", got)
				}
				if got := mari.practice(); got.Due > 0 != c.shown || len(got.Items) > 0 != c.shown {
					t.Errorf("practice: %+v", got)
				}
				if status := mari.do("GET", path("/practice/first-contact/q-true"), nil).status; status == 200 != c.shown {
					t.Errorf("the exercise: %d", status)
				}
				b := h.browserOf(mari)
				for address, word := range map[string]string{"/learning": "What a child is owed", "/": "1 question to go over", "/practice": "1 question to go over"} {
					if _, _, page := b.get(address); bytes.Contains(page, []byte(word)) != c.shown {
						t.Errorf("%s holds %q: %v\n%s", address, word, !c.shown, page)
					}
				}
				if status := mari.do("PUT", path("/practice/first-contact/q-true"), m{"response": wrong("q-true")}).status; status == 200 != c.shown {
					t.Errorf("an answer: %d", status)
				}
			})
		})
	}
}

// What was explained once is not practised while it could help in an open
// attempt, nor once the course keeps its answers back.
func TestPracticeIsNoCrib(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		mari.mistaken("q-true")
		h.clock.advance(day)
		if got := mari.practice(); got.Due != 1 {
			t.Fatalf("before: %+v", got)
		}
		again := mari.start("m1-quiz")
		if got := mari.practice(); got.Due != 0 {
			t.Errorf("in an open attempt: %+v", got)
		}
		mari.refuse("not-found", "PUT", path("/practice/first-contact/q-true"), m{"response": wrong("q-true")})
		if got := again.save("q-true", wrong("q-true")); got.status != 200 {
			t.Fatal(string(got.body))
		}
		again.submit()
		h.clock.advance(day)
		if got := mari.practice(); got.Due == 0 {
			t.Fatalf("handed in: %+v", got)
		}
		h.Desk.FS = sample(t, map[string]string{"course.yaml": courseYAML("feedback: never")})
		if _, _, err := h.Desk.Publish(t.Context(), "first-contact", ""); err != nil {
			t.Fatal(err)
		}
		if got := mari.practice(); len(got.Items) != 0 {
			t.Errorf("in a course that explains nothing any more: %+v", got)
		}
	})
}

// A mistake comes back after 1, 3, 7, 16 and 35 days, once a day at most, and
// counts for nothing.
func TestAMistakeComesBackFurtherAndFurtherApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm").tokenFor(false, "learning") // sessions end before boxes do
		mari.mistaken("q-days")
		standing := mari.want(200, "GET", "/api/v1/enrolments/first-contact", nil).body
		right, no := *key(h.publication().Questions["q-days"]), wrong("q-days")
		if got := mari.practice(); got.Due != 0 || len(got.Items) != 1 || got.Items[0].Question != "q-days" {
			t.Fatalf("on the day itself: %+v", got)
		}
		if early := mari.practise("q-days", right); early.Verdict != "right" || early.Box != 1 {
			t.Errorf("before its day: %+v", early)
		}
		at := func(days int) {
			t.Helper()
			h.clock.advance(time.Duration(days)*day - time.Minute)
			if got := mari.practice(); days > 1 && got.Due != 0 {
				t.Errorf("a minute before %d days are over: %+v", days, got)
			}
			h.clock.advance(time.Minute)
			if got := mari.practice(); got.Due != 1 {
				t.Fatalf("after %d days: %+v", days, got)
			}
		}
		h.clock.advance(15 * time.Hour) // midnight: days are whole
		if got := mari.practice(); got.Due != 1 {
			t.Fatalf("on the next day: %+v", got)
		}
		for box, days := range []int{1, 3, 7, 16, 35} {
			if box > 0 {
				at(days)
			}
			for range 2 { // sent twice, counted once
				if got := mari.practise("q-days", right); box < 4 && got.Box != box+2 || got.Verdict != "right" {
					t.Fatalf("box %d: %+v", box+1, got)
				}
				if box == 4 {
					break
				}
			}
			if box == 1 { // a guess rests, a mistake begins anew
				at(7)
				guess := right
				guess.Confidence = assessment.Guess
				if got := mari.practise("q-days", guess); got.Box != 3 {
					t.Errorf("a right guess: %+v", got)
				}
				at(7)
				if got := mari.practise("q-days", no); got.Box != 1 || got.Verdict != "wrong" || got.Key == nil {
					t.Errorf("a mistake: %+v", got)
				}
				at(1)
				mari.practise("q-days", right)
				at(3)
				mari.practise("q-days", right)
			}
		}
		if got := mari.practice(); len(got.Items) != 0 {
			t.Errorf("after the last box: %+v", got)
		}
		mari.refuse("not-found", "GET", path("/practice/first-contact/q-days"), nil)
		if after := mari.want(200, "GET", "/api/v1/enrolments/first-contact", nil).body; !bytes.Equal(standing, after) {
			t.Errorf("practice counts:\n%s\n%s", standing, after)
		}
		mari.mistaken("q-days")
		h.clock.advance(day)
		if got := mari.practice(); got.Due != 1 || got.Items[0].Box != 1 {
			t.Errorf("a new mistake: %+v", got)
		}
	})
}

// Whoever knew it, but said that it was a guess, is asked again.
func TestARightGuessComesBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		a.answerAll()
		for id, sure := range map[string]assessment.Confidence{"q-means": assessment.Guess, "q-days": assessment.Think, "q-last": assessment.Sure} {
			r := *key(h.publication().Questions[id])
			r.Confidence = sure
			a.save(id, r)
		}
		a.submit()
		if got := mari.practice(); len(got.Items) != 1 || got.Items[0].Question != "q-means" {
			t.Errorf("%+v", got)
		}
		jonas := h.enrolled("Jonas Petraitis")
		jonas.refuse("not-found", "GET", path("/practice/first-contact/q-means"), nil)
	})
}

var (
	exercise = regexp.MustCompile(`<a class="button" href="(/practice/[^"]+)"`)
	stepOf   = regexp.MustCompile(`name="step" value="([^"]+)"`)
	pathOf   = regexp.MustCompile(`name="path" value="([^"]+)"`)
)

// Every graded kind of question is gone over without JavaScript, a story too,
// which can be begun again.
func TestPracticeWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		mari.start("m1-quiz").submit() // nothing answered
		h.clock.advance(day)
		due := mari.practice().Due
		b := h.browserOf(mari)
		csrf := b.csrf()
		if _, _, page := b.get("/"); !bytes.Contains(page, []byte("11 questions to go over")) || due != 11 {
			t.Errorf("the start page does not say what is due (%d)", due)
		}
		_, _, page := b.get("/practice")
		var kinds []course.Type
		for range due {
			to := found(t, exercise, page)
			status, _, page2 := b.get(to)
			if status != 200 || bytes.Contains(page2, []byte("data-api")) || bytes.Contains(page2, []byte(`class="tag good"`)) || bytes.Contains(page2, []byte("See the protocol")) {
				t.Fatalf("%s: %d\n%s", to, status, page2)
			}
			q := h.publication().Questions[to[strings.LastIndexByte(to, '/')+1:]]
			kinds = append(kinds, q.Type)
			form := formOf(key(q))
			form.Set("csrf", csrf)
			form.Set("type", found(t, kind, page2))
			if status, _, page := b.post(to, url.Values{"csrf": {csrf}, "type": {string(q.Type)}}); status != 422 || !bytes.Contains(page, []byte("Give an answer first.")) {
				t.Errorf("nothing at all to %s: %d", q.ID, status)
			}
			if q.Type == course.Scenario {
				if len(stepOf.FindAll(page2, -1)) != 2 || bytes.Contains(page2, []byte("She nods")) {
					t.Fatalf("the story begins otherwise:\n%s", page2)
				}
				for _, step := range []string{"n1:a", "n2:a"} {
					f := url.Values{"csrf": {csrf}, "type": {"scenario"}, "step": {step}}
					for _, p := range pathOf.FindAllSubmatch(page2, -1) {
						f.Add("path", string(p[1]))
					}
					_, on, _ := b.post(to, f)
					_, _, page2 = b.get(on)
				}
				if !bytes.Contains(page2, []byte("She is safe.")) || !bytes.Contains(page2, []byte(`href="`+to+`"`)) {
					t.Fatalf("the story's end:\n%s", page2)
				}
				form["path"] = []string{"n1:a", "n2:a"}
			}
			status, _, page = b.post(to, form)
			if status != 200 || !bytes.Contains(page, []byte("<h1>Right.</h1>")) || !bytes.Contains(page, []byte("27 November 2026")) {
				t.Fatalf("%s: %d\n%s", to, status, page)
			}
		}
		if exercise.Match(page) {
			t.Errorf("after the last one there is another:\n%s", page)
		}
		for _, k := range []course.Type{course.Single, course.TrueFalse, course.Multiple, course.Ordering, course.Matching, course.Numeric, course.Date, course.ShortText, course.Hotspot, course.Scenario} {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s was not asked", k)
			}
		}
		if _, _, page := b.get("/practice"); !bytes.Contains(page, []byte("comes back on 27 November 2026")) {
			t.Errorf("when all is done:\n%s", page)
		}
	})
}

// My learning says how far one is, what is next, and until when a certificate
// holds.
func TestMyLearning(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		mari, code := h.certified("Mari Tamm", site.invite(site.organisation("Authority", ""), 2))
		jonas := h.enrolled("Jonas Petraitis")
		jonas.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)
		_, _, page := h.browserOf(jonas).get("/learning")
		for _, want := range []string{"1 of 2 pages read", `class="button" href="/courses/first-contact/m1-status"`, `href="/learning" aria-current="page"`} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("in the middle it lacks %q:\n%s", want, page)
			}
		}
		_, _, page = h.browserOf(mari).get("/learning")
		for _, want := range []string{"Completed on 23 November 2026", "valid until 23 November 2028", "/certificates/" + code + ".pdf", `href="/certificates/` + code + `"`} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("afterwards it lacks %q:\n%s", want, page)
			}
		}
		var list struct {
			Items []struct {
				Code, Shows string
				Due         []struct{ Why string }
			}
		}
		mari.want(200, "GET", "/api/v1/certificates", nil).decode(t, &list)
		if len(list.Items) != 1 || list.Items[0].Code != code || list.Items[0].Shows != "initials" || len(list.Items[0].Due) != 1 {
			t.Errorf("%+v", list)
		}
		if status, header, _ := h.stranger().get("/learning"); status != 303 || !strings.HasPrefix(header.Get("Location"), "/sign-in") {
			t.Errorf("a stranger: %d", status)
		}
	})
}
