package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// canary marks every text that only the key or its explanation holds.
var canaries = map[string]string{
	"course.yaml": courseYAML("shuffle: [options]"),
	"questions.yaml": `
- {id: q-means,  type: single,   options: [a, b, c], key: a, facts: [palermo-3c]}
- {id: q-true,   type: true-false, key: false}
- {id: q-first,  type: single,   options: [a, b, c], key: a, partial: weights, weights: {a: 1, c: 0.734251}}
- {id: q-steps,  type: ordering, options: [a, b, c, d], key: [c, a, d, b]}
- {id: q-who,    type: matching, options: [l1, l2], targets: [r1, r2, r3], key: {l1: r2, l2: r1}}
- {id: q-days,   type: numeric,  key: 734251}
- {id: q-last,   type: date,     key: 2034-07-25}
- {id: q-term,   type: text,     accept: {en: [canary-accept], et: [canary-accept]}}
- {id: q-lines,  type: hotspot,  options: [l1, l2, l3, l4], key: [l2, l4]}
- {id: s-desk, type: scenario, start: n1, nodes: {n1: {choices: {a: n2, b: e-bad}, points: {a: 7342.51}}, n2: {choices: {a: e-good, b: e-late}}, e-good: {end: safe}, e-late: {end: delayed}, e-bad: {end: harmful}}}
- {id: r-work, type: reflection}
- {id: c-case, type: vignette, questions: [q-means, q-signs]}
- {id: q-signs,  type: multiple, options: [a, b, c, d], key: [a, c]}
- {id: g-before, type: rating, scale: 4}
`,
	"en/questions.yaml": `
q-means: {stem: "What?", options: {a: Nothing, b: Force, c: Money}, feedback: {a: canary-right, b: canary-wrong, all: canary-all}}
q-true: {stem: "Consent counts.", feedback: {all: canary-all}}
q-signs: {stem: "Signs?", options: {a: A, b: B, c: C, d: D}, feedback: {a: canary-a}}
q-first: {stem: "First?", options: {a: A, b: B, c: C}}
q-steps: {stem: "Order", options: {a: A, b: B, c: C, d: D}, feedback: {all: canary-all}}
q-who: {stem: "Who?", options: {l1: Left, l2: Lower}, targets: {r1: R1, r2: R2, r3: R3}}
q-days: {stem: "How many?"}
q-last: {stem: "When?"}
q-term: {stem: "Who?"}
q-lines: {stem: "Which lines?", options: {l1: "A", l2: "B", l3: "C", l4: "D"}, feedback: {l2: canary-line}}
s-desk: {nodes: {n1: {text: A girl comes., choices: {a: Talk, b: Shout}}, n2: {text: canary-n2, choices: {a: canary-call, b: canary-wait}}, e-good: {text: canary-safe}, e-late: {text: canary-late}, e-bad: {text: canary-bad}}, feedback: {all: canary-all}}
r-work: {stem: "What makes it hard?"}
c-case: {stem: "Sami is 15."}
g-before: {stem: "How sure are you?"}
`,
	"et/questions.yaml": `q-days: {stem: "Mitu?"}`,
}

// Every byte that a learner can fetch before submitting is searched for the
// key: its texts, its numbers, and the words under which it is kept.
func TestNoKeyLeavesTheServerBeforeSubmission(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, canaries))
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		leak := regexp.MustCompile(`canary|734251|7342\.51|2034-07-25|"key"|"weights"|"accept"|"end"|"points":\{|harmful|delayed`)
		var seen int
		search := func(what string, header http.Header, body []byte) {
			seen++
			if m := leak.Find(body); m != nil {
				t.Errorf("%s tells %q:\n%s", what, m, body)
			}
			for name, values := range header {
				if m := leak.FindString(strings.Join(values, " ")); m != "" {
					t.Errorf("%s tells %q in %s", what, m, name)
				}
			}
		}
		for _, lang := range []string{"en", "et", "ar"} {
			mari.lang = lang
			for _, p := range []string{
				"/courses", "/courses/first-contact", "/courses/first-contact/pages/m1-rights", "/courses/first-contact/pages/m1-status",
				"/enrolments", "/enrolments/first-contact", "/attempts/" + a.ID, "/me", "/attempts/" + a.ID + "/submission",
				"/courses/first-contact/publications", "/courses/first-contact/publications/1/differences/1", "/enrolments/first-contact/renewal", "/completions", "/certificates/AAAAA", "/topics", "/practice", "/practice/first-contact/q-means", "/certificates", "/attempts/" + uuid.NewString(), "/openapi.json", "/docs",
			} {
				if p == "/openapi.json" || p == "/docs" { // the words are names of fields there, the canaries would still show
					got := mari.do("GET", path("%s", p), nil)
					if bytes.Contains(got.body, []byte("canary")) {
						t.Errorf("%s holds a canary", p)
					}
					continue
				}
				got := mari.do("GET", path("%s", p), nil)
				search("GET "+p, got.header, got.body)
			}
		}
		// Answering tells nothing either, right or wrong.
		a.answerAll("s-desk")
		wrong := map[string]any{"response": map[string]any{"choice": "b"}}
		got := mari.do("PUT", path("/attempts/%s/answers/q-means", a.ID), wrong)
		search("a wrong answer", got.header, got.body)
		got = mari.do("PUT", path("/attempts/%s/answers/q-means", a.ID), map[string]any{"response": map[string]any{"choice": "zz"}})
		search("a refused answer", got.header, got.body)

		b := h.browser("mari.tamm@example.org")
		pages := []string{"/", "/courses/first-contact", "/courses/first-contact/m1-rights", "/courses/first-contact/quiz/m1-quiz", "/account", "/learning", "/practice", "/practice/first-contact/q-means", "/help", "/attempts/" + a.ID + "/check", "/static/quiz.js", "/attempts/" + a.ID + "/result"}
		for n := range 14 {
			pages = append(pages, "/attempts/"+a.ID+"?q="+string(rune('0'+n%10)))
		}
		for _, p := range pages {
			status, header, body := b.get(p)
			// What the learner gave themselves comes back to them.
			body = regexp.MustCompile(`value="(734251|2034-07-25|canary-accept)"`).ReplaceAll(body, nil)
			search(p, header, body)
			if status >= 500 {
				t.Errorf("%s: %d", p, status)
			}
		}
		if seen < 60 {
			t.Errorf("only %d answers were searched", seen)
		}
	})
}

func TestAnotherPersonsAttemptLooksLikeNone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		a := h.enrolled("Mari Tamm").start("m1-quiz")
		juhan := h.enrolled("Juhan Kask")
		for _, call := range []struct {
			method, path string
			body         any
		}{
			{"GET", "/attempts/%s", nil},
			{"PUT", "/attempts/%s/answers/q-means", map[string]any{"response": map[string]any{"choice": "a"}}},
			{"PUT", "/attempts/%s/submission", nil},
		} {
			foreign := juhan.do(call.method, path(call.path, a.ID), call.body)
			unknown := juhan.do(call.method, path(call.path, uuid.NewString()), call.body)
			if foreign.status != 404 || foreign.status != unknown.status || !bytes.Equal(foreign.body, unknown.body) {
				t.Errorf("%s %s: %d %s against %d %s", call.method, call.path, foreign.status, foreign.body, unknown.status, unknown.body)
			}
		}
	})
}

func TestEveryRequestNeedsTheRightPerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		nobody, mari := h.anonymous(), h.enrolled("Mari Tamm")
		for _, call := range [][2]string{
			{"GET", "/me"}, {"GET", "/enrolments"}, {"PUT", "/enrolments/first-contact"}, {"GET", "/completions"},
			{"PUT", "/attempts/" + uuid.NewString() + "/submission"}, {"DELETE", "/sessions/current"},
		} {
			if got := nobody.refuse("sign-in-needed", call[0], path("%s", call[1]), nil); got.status != 401 {
				t.Errorf("%s: %d", call[1], got.status)
			}
		}
		mari.refuse("forbidden", "GET", path("/completions"), nil)
		mari.refuse("forbidden", "POST", path("/courses/first-contact/publications"), "PK")
		mari.want(204, "DELETE", path("/sessions/current"), nil)
		mari.refuse("sign-in-needed", "GET", path("/me"), nil)
		(&client{h: h, token: "not-a-token-that-was-ever-given"}).refuse("sign-in-needed", "GET", path("/me"), nil)
	})
}

func TestABrowserSentByAnotherSiteChangesNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		b := h.browser("mari.tamm@example.org")
		csrf := b.csrf()
		form := func(values url.Values, headers map[string]string) int {
			req, _ := http.NewRequest("POST", h.URL+"/courses/first-contact/enrolment", strings.NewReader(values.Encode()))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for k, v := range headers {
				req.Header.Set(k, v)
			}
			res, err := b.http.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = res.Body.Close()
			return res.StatusCode
		}
		good := url.Values{"csrf": {csrf}}
		for name, got := range map[string]int{
			"no token":          form(url.Values{}, nil),
			"a wrong token":     form(url.Values{"csrf": {strings.Repeat("0", len(csrf))}}, nil),
			"a foreign origin":  form(good, map[string]string{"Origin": "https://evil.example"}),
			"an origin of null": form(good, map[string]string{"Origin": "null"}),
			"a cross-site page": form(good, map[string]string{"Sec-Fetch-Site": "cross-site"}),
		} {
			if got != 403 {
				t.Errorf("%s: %d", name, got)
			}
		}
		if got := form(good, map[string]string{"Origin": h.URL, "Sec-Fetch-Site": "same-origin"}); got != 303 {
			t.Errorf("its own form: %d", got)
		}
	})
}
