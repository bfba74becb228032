package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/tracking"
)

// quizView is the page before a quiz: its rules and one's attempts so far.
type quizView struct {
	Course     string
	ModuleName string
	Quiz       *course.Quiz
	Asks       int
	Enrolled   bool
	Open       string // id of the attempt that is running
	Attempts   []learning.Attempt
	NewID      string         // of the attempt that Start makes; kept in the form, so that a double click starts one
	Problem    string         // why it could not be started
	Watching   []tracking.Own // cohorts whose tutors will see what is answered
}

func (w *Web) quiz(c *fiber.Ctx) error { return w.showQuiz(c, 200, "") }

func (w *Web) showQuiz(c *fiber.Ctx, status int, problem string) error {
	v := gate.Of(c)
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	quiz, ok := p.Quiz(c.Params("quiz"))
	if !ok {
		return fault.New("not-found")
	}
	m, _ := p.Module(quiz.ID)
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	data := quizView{
		Course: p.Course.Slug, ModuleName: v.Edition(p).Modules[m.ID].Plain, Quiz: quiz, Asks: assessment.Count(p, quiz), NewID: id.String(), Problem: problem,
	}
	if v.Account != nil {
		if data.Watching, err = w.Tracking.Watching(c.UserContext(), v.Account.ID, p.Course.Slug); err != nil {
			return err
		}
		if _, err := w.Learning.Enrolment(c.UserContext(), v.Learner(), p.Course.Slug); err == nil {
			data.Enrolled = true
		} else if !fault.Is(err, "not-enrolled") {
			return err
		}
		if data.Attempts, err = w.Learning.Attempts(c.UserContext(), v.Learner(), p.Course.Slug, quiz.ID); err != nil {
			return err
		}
		if n := len(data.Attempts); n > 0 && data.Attempts[n-1].IsOpen() {
			data.Open = data.Attempts[n-1].ID
		}
	}
	return w.show(c, status, "quiz", w.page(c, "courses", w.t(c, "quiz.title", "module", data.ModuleName), data))
}

// begin starts an attempt; whoever takes a quiz is enrolled by that.
func (w *Web) begin(c *fiber.Ctx) error {
	v := gate.Of(c)
	if v.Account == nil {
		return fault.New("sign-in-needed")
	}
	slug, quiz := c.Params("course"), c.Params("quiz")
	if _, _, err := w.Learning.Enrol(c.UserContext(), v.Learner(), slug); err != nil {
		return err
	}
	a, _, err := w.Learning.Start(c.UserContext(), v.Learner(), c.FormValue("attempt"), slug, quiz)
	if f := new(fault.Error); err != nil && asFault(err, &f) && f.Code == "attempt-open" {
		open, _ := f.Params["attempt"].(string)
		return c.Redirect("/attempts/"+open, fiber.StatusSeeOther)
	}
	if fault.Is(err, "cool-down") || fault.Is(err, "attempts-used-up") {
		problem := problemOf(w, c, err)
		return w.showQuiz(c, problem.Status, problem.Title)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/attempts/"+a.ID, fiber.StatusSeeOther)
}

// questionView is one screen of an attempt: a question with, where it belongs
// to a case, the case above it.
type questionView struct {
	*learning.View
	Case       *learning.QuestionView
	Question   learning.QuestionView
	Index      int // from 1, of the screens
	Of         int
	Next, Back string
	Last       bool
	Problem    string
	Form       responseForm
	Module     string
	Action     string      // where the form goes
	Practice   bool        // not an attempt: nothing is kept
	Unfinished bool        // a story to practise that has not come to an end
	Waits      bool        // the answer is explained at once, so it counts only when the learner says so
	Explained  *resultItem // nil before that
}

// screens are the questions of an attempt that have a screen of their own: all
// but the vignettes, which stand above theirs.
func screens(v *learning.View) []learning.QuestionView {
	var out []learning.QuestionView
	for _, q := range v.Questions {
		if q.Type != course.Vignette {
			out = append(out, q)
		}
	}
	return out
}

// attempt is the learner's own attempt that the address names, in their language.
func (w *Web) attempt(c *fiber.Ctx) (*learning.Attempt, *learning.View, error) {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return nil, nil, err
	}
	a, err := w.Learning.Attempt(c.UserContext(), v.Learner(), c.Params("attempt"))
	if err != nil {
		return nil, nil, err
	}
	view, err := w.Learning.View(c.UserContext(), a, v.Edition)
	return a, view, err
}

// explained is an answer of a running attempt that was explained; nil for another.
func (w *Web) explained(c *fiber.Ctx, a *learning.Attempt, q learning.QuestionView) (*resultItem, error) {
	if q.Feedback == nil {
		return nil, nil
	}
	p, err := w.Library.At(c.UserContext(), a.Course, a.Version)
	if err != nil {
		return nil, err
	}
	p = p.For(a.Country)
	it := itemOf(p, gate.Of(c).Edition(p), q, learning.QuestionOutcome{ID: q.ID, Response: q.Response, Confidence: q.Response.Confidence, Feedback: q.Feedback})
	return &it, nil
}

func (w *Web) question(c *fiber.Ctx) error { return w.showQuestion(c, 200, "") }

func (w *Web) showQuestion(c *fiber.Ctx, status int, problem string) error {
	a, view, err := w.attempt(c)
	if err != nil {
		return err
	}
	if !a.IsOpen() {
		return c.Redirect("/attempts/"+a.ID+"/result", fiber.StatusSeeOther)
	}
	list := screens(view)
	if len(list) == 0 {
		return c.Redirect("/attempts/"+a.ID+"/check", fiber.StatusSeeOther)
	}
	n, err := strconv.Atoi(c.Query("q"))
	if err != nil || n < 1 || n > len(list) {
		n = firstOpen(list)
	}
	q := list[n-1]
	if q.Response != nil && q.Response.Order != nil {
		inOrder(q.Options, *q.Response.Order)
	}
	data := questionView{View: view, Question: q, Index: n, Of: len(list), Last: n == len(list), Problem: problem, Form: formOf(&q), Action: "/attempts/" + a.ID + "/answers/" + q.ID}
	data.Next, data.Back = screenURL(a.ID, n+1, len(list)), screenURL(a.ID, n-1, len(list))
	for i := range view.Questions {
		if q.Vignette != "" && view.Questions[i].ID == q.Vignette {
			data.Case = &view.Questions[i]
		}
	}
	data.Waits = view.Feedback == "after-answer" && q.Feedback == nil && q.Type.Graded() && q.Type != course.Scenario
	if data.Explained, err = w.explained(c, a, q); err != nil {
		return err
	}
	out := w.page(c, "courses", w.t(c, "quiz.question", "number", n, "of", len(list)), data)
	out.Progress, out.Form, out.Enter = 100*n/len(list), "answer", data.Next
	return w.show(c, status, "question", out)
}

// inOrder puts options where the learner has put them.
func inOrder(options []learning.OptionView, order []string) {
	slices.SortFunc(options, func(a, b learning.OptionView) int {
		return cmp.Compare(slices.Index(order, a.ID), slices.Index(order, b.ID))
	})
}

// firstOpen is the first question without an answer, from 1; the first one if
// there is none.
func firstOpen(list []learning.QuestionView) int {
	for i := range list {
		if list[i].TakesAnswer() && list[i].Response == nil {
			return i + 1
		}
	}
	return 1
}

func screenURL(attempt string, n, of int) string {
	switch {
	case n < 1:
		return ""
	case n > of:
		return "/attempts/" + attempt + "/check"
	}
	return "/attempts/" + attempt + "?q=" + strconv.Itoa(n)
}

// answer saves what the form holds and goes where the button says.
func (w *Web) answer(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	id, question := c.Params("attempt"), c.Params("question")
	form, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return fault.New("bad-request")
	}
	r, given, err := readResponse(form)
	asked := form.Has("answer") // what is explained at once is answered on purpose only
	if err == nil && asked && !given {
		err = fault.New("answer-missing")
	}
	var saved *learning.Saved
	if err == nil && given && (asked || !form.Has("waits")) {
		saved, err = w.Learning.Save(c.UserContext(), v.Learner(), id, question, v.Edition, r, learning.Given{})
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status != 422 && !fault.Is(err, "path-taken") && !fault.Is(err, "answer-locked") {
			return err
		}
		c.Request().URI().QueryArgs().Set("q", form.Get("q"))
		return w.showQuestion(c, problem.Status, problem.Title)
	}
	here := "/attempts/" + id + "?q=" + url.QueryEscape(form.Get("q"))
	switch lang := form.Get("switch"); {
	case lang != "":
		w.remember(c, lang)
		return c.Redirect(here+"&lang="+url.QueryEscape(lang), fiber.StatusSeeOther)
	case form.Get("reading") != "":
		w.setReading(c, form.Get("reading"))
		return c.Redirect(here, fiber.StatusSeeOther)
	case saved != nil && saved.Feedback != nil:
		return c.Redirect(here+"#feedback", fiber.StatusSeeOther)
	case form.Get("step") != "":
		return c.Redirect(here+"#now", fiber.StatusSeeOther)
	}
	return c.Redirect(localPath(form.Get("next")), fiber.StatusSeeOther)
}

// checkView is the page before handing in: what is answered and what is not.
type checkView struct {
	*learning.View
	List []learning.QuestionView
	Back string
}

func (w *Web) check(c *fiber.Ctx) error {
	a, view, err := w.attempt(c)
	if err != nil {
		return err
	}
	if !a.IsOpen() {
		return c.Redirect("/attempts/"+a.ID+"/result", fiber.StatusSeeOther)
	}
	list := screens(view)
	out := w.page(c, "courses", w.t(c, "check.title"), checkView{view, list, screenURL(a.ID, len(list), len(list))})
	out.Progress = 100
	return w.show(c, 200, "check", out)
}

func (w *Web) submit(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	a, err := w.Learning.Submit(c.UserContext(), v.Learner(), c.Params("attempt"))
	if err != nil {
		return err
	}
	return c.Redirect("/attempts/"+a.ID+"/result", fiber.StatusSeeOther)
}
