package server_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// hands hands in the quiz for a learner of that id, who reads in a language, with
// the key for all questions but those that the id has wrong.
func (h *havn) hands(id, lang string, isWrong func(question string) bool) *learning.Attempt {
	h.t.Helper()
	who, ctx := learning.Learner{ID: id, Name: "Mari Tamm", Language: lang}, h.t.Context()
	reads := func(p *course.Publication) *course.Edition { return p.Edition(lang) }
	if _, _, err := h.Learning.Enrol(ctx, who, "first-contact"); err != nil {
		h.t.Fatal(err)
	}
	a, _, err := h.Learning.Start(ctx, who, uuid.NewString(), "first-contact", "m1-quiz")
	if err != nil {
		h.t.Fatal(err)
	}
	for _, q := range a.Asked {
		r := key(h.publication().Questions[q.ID])
		if r == nil {
			continue
		}
		if isWrong(q.ID) {
			w := wrong(q.ID)
			r = &w
		}
		if _, err := h.Learning.Save(ctx, who, a.ID, q.ID, reads, *r, learning.Given{}); err != nil {
			h.t.Fatal(q.ID, err)
		}
	}
	if a, err = h.Learning.Submit(ctx, who, a.ID); err != nil {
		h.t.Fatal(err)
	}
	return a
}

// class hands in for learners of different knowledge, half of whom read Estonian;
// nearly all of these have q-days wrong.
func (h *havn) class(n int) {
	h.t.Helper()
	for i := range n {
		lang := []string{"en", "et"}[i%2]
		h.hands(fmt.Sprintf("learner-%03d", i), lang, func(question string) bool {
			switch know := i / 2 % 5; question {
			case "q-true":
				return know < 1
			case "q-first":
				return know < 2
			case "q-last":
				return know < 3
			case "q-days":
				return lang == "et" && know < 4 || know < 1
			}
			return false
		})
	}
}

func (c *client) analysis() (a api.Analysis) {
	c.h.t.Helper()
	c.want(200, "GET", path("/courses/first-contact/quizzes/m1-quiz/analysis"), nil).decode(c.h.t, &a)
	return a
}

// A trainer is told which question is mistranslated, in which language, and how
// each question works; a second try of a learner changes nothing. Once the text is
// mended, answers to the earlier one count no more.
func TestATrainerIsToldWhichTranslationIsWrong(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		h.class(80)
		h.hands("learner-000", "en", func(string) bool { return false })
		got := site.analysis()
		if got.Learners != 80 || got.Alpha == nil || got.Earlier != 0 {
			t.Fatalf("%+v", got)
		}
		suspects := 0
		for _, c := range got.Compared {
			if c.Suspect {
				suspects++
			}
			if c.Suspect && (c.Question != "q-days" || c.Language != "et" || c.Delta > -1 || c.Answers != 40) {
				t.Errorf("%+v", c)
			}
		}
		if suspects != 1 {
			t.Errorf("%d suspects", suspects)
		}
		for _, it := range got.Items {
			switch it.Question {
			case "q-true": // 16 of 80 were wrong, and sure
				if it.Facility != 0.8 || it.Answers != 80 || it.Options[1].Chosen != 0.8 || !it.Options[1].Key || len(it.Confidence) != 1 || it.Confidence[0].Answers != 16 || it.Confidence[0].Right != 0 {
					t.Errorf("%+v", it)
				}
			case "q-days":
				if len(it.Languages) != 2 || it.Languages[0].Facility != 0.8 || it.Languages[1].Facility != 0.2 {
					t.Errorf("%+v", it.Languages)
				}
			case "r-work", "g-before":
				t.Errorf("%s is graded by nobody", it.Question)
			}
		}
		h.republish(t, edited(t, "", [3]string{"et/questions.yaml", "Mitu?", "Mitu päeva?"}))
		got = site.analysis()
		if got.Earlier != 40 || got.Version != 2 {
			t.Errorf("%d answers are of an earlier text, not the 40 in Estonian", got.Earlier)
		}
		for _, c := range got.Compared {
			if c.Suspect {
				t.Errorf("mended, but %+v", c)
			}
		}
	})
}

func TestNothingIsToldOfAFewAnswers(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.class(9)
	if got := h.admin().analysis(); got.Learners != 0 || got.Alpha != nil || len(got.Items) > 0 || len(got.Compared) > 0 {
		t.Errorf("%+v", got)
	}
	h.admin().refuse("not-found", "GET", path("/courses/first-contact/quizzes/none/analysis"), nil)
}

// The page of how questions work fits a small phone and a desk, in each language.
func TestThePageOfQualityFitsItsScreen(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.class(80)
	site := h.admin()
	for n, lang := range strings.Fields("en et sv uk ar") {
		t.Run(lang, func(t *testing.T) {
			width := []int64{320, 1280}[n%2]
			c := openChrome(t, h, width, 800, n > 1)
			c.do(network.ClearBrowserCookies(), network.SetCookie("havn_lang", lang).WithURL(h.URL), network.SetCookie("havn", site.token).WithURL(h.URL))
			c.open("/trainer/first-contact/quality")
			c.js(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil)
			var wrong []string
			c.js(checks, &wrong)
			if len(wrong) > 0 {
				t.Error(strings.Join(wrong, "\n\t"))
			}
			c.axe("quality")
			c.whole(lang + "-quality")
		})
	}
}
