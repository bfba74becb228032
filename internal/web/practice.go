package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// practiceView is the page from which practice begins.
type practiceView struct {
	Due   int
	Next  string     // the first one, "" where nothing is due
	Later int        // whose day is still to come
	Back  store.Time // the first of those days
}

func exerciseURL(c learning.Card) string { return "/practice/" + c.Course + "/" + c.Question }

func (w *Web) practice(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	cards, err := w.Learning.Cards(c.UserContext(), v.Learner())
	if err != nil {
		return err
	}
	data := practiceView{}
	for _, card := range cards {
		switch {
		case !card.Due(w.Now()):
			if data.Later++; data.Later == 1 {
				data.Back = card.BackAt
			}
		default:
			if data.Due++; data.Due == 1 {
				data.Next = exerciseURL(card)
			}
		}
	}
	return w.show(c, 200, "practice", w.page(c, "learning", w.t(c, "practice.title"), data))
}

func (w *Web) exercise(c *fiber.Ctx) error {
	var path []string
	for _, step := range c.Context().QueryArgs().PeekMulti("path") {
		path = append(path, string(step))
	}
	var so *assessment.Response
	if path != nil {
		so = &assessment.Response{Path: &path}
	}
	return w.showExercise(c, 200, so, "")
}

// showExercise is the page of a question in a quiz, with other addresses and
// with nothing that is kept.
func (w *Web) showExercise(c *fiber.Ctx, status int, so *assessment.Response, problem string) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	x, err := w.Learning.Exercise(c.UserContext(), v.Learner(), c.Params("course"), c.Params("question"), v.Edition, so)
	if err != nil {
		return err
	}
	here := exerciseURL(x.Card)
	data := questionView{
		View: &learning.View{Lang: x.Lang}, Case: x.Case, Question: x.Question, Problem: problem, Form: formOf(&x.Question),
		Practice: true, Action: here, Back: "/practice", Unfinished: unfinished(&x.Question),
	}
	out := w.page(c, "learning", w.t(c, "practice.title"), data)
	out.Progress = 100 * (x.Of - x.Due) / x.Of
	return w.show(c, status, "question", out)
}

// unfinished tells whether a story has not come to an end.
func unfinished(q *learning.QuestionView) bool {
	return q.Type == course.Scenario && (len(q.Story) == 0 || !q.Story[len(q.Story)-1].Ended)
}

// practisedView is what is told at once after an answer.
type practisedView struct {
	Course string
	Item   resultItem
	Known  bool
	DueAt  store.Time
	Next   string // the next one whose day has come, "" none
}

// practise answers a question. A step of a story leads to where the story goes
// on, by an address of its own, so that one can step back in it.
func (w *Web) practise(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	form, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return fault.New("bad-request")
	}
	slug, question := c.Params("course"), c.Params("question")
	r, given, err := readResponse(form)
	if given && form.Get("step") != "" {
		to := url.URL{Path: "/practice/" + slug + "/" + question, RawQuery: url.Values{"path": *r.Path}.Encode(), Fragment: "now"}
		return c.Redirect(to.String(), fiber.StatusSeeOther)
	}
	if err == nil && !given {
		return w.showExercise(c, 422, nil, w.t(c, "practice.answer-first"))
	}
	var done *learning.Practised
	if err == nil {
		done, err = w.Learning.Practise(c.UserContext(), v.Learner(), slug, question, v.Edition, r)
	}
	if err != nil {
		if problem := problemOf(w, c, err); problem.Status == 422 {
			return w.showExercise(c, 422, nil, problem.Title)
		}
		return err
	}
	return w.showPractised(c, slug, question, r, done)
}

func (w *Web) showPractised(c *fiber.Ctx, slug, question string, r assessment.Response, done *learning.Practised) error {
	v := gate.Of(c)
	p, err := w.API.Course(v, slug)
	if err != nil {
		return err
	}
	answered := learning.QuestionOutcome{ID: question, Response: &r, Confidence: r.Confidence, Feedback: &done.Feedback}
	data := practisedView{
		Course: slug, Item: itemOf(p, v.Edition(p), done.Question, answered), Known: done.Box > len(learning.Intervals), DueAt: done.DueAt,
	}
	due, err := w.Learning.DueCards(c.UserContext(), v.Learner())
	if err != nil {
		return err
	}
	for _, card := range due {
		if data.Next == "" && (card.Course != slug || card.Question != question) {
			data.Next = exerciseURL(card)
		}
	}
	return w.show(c, 200, "practised", w.page(c, "learning", w.t(c, "practice.title"), data))
}
