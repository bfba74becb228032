package web

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
)

// resultView is the page after handing in.
type resultView struct {
	*learning.Outcome
	Course, QuizID string
	Version        int
	ModuleName     string
	Items          []resultItem // "wrong but sure" first
	Right, Graded  int
	Next           string
	Certificate    string // code, if the course is completed
	Renews         bool   // the attempt was to renew a certificate
	MayTryAgain    bool
	Ratings        *learning.Ratings // nil where the learner was not asked twice
}

// resultItem is one question with what was answered and what is right.
type resultItem struct {
	learning.QuestionOutcome
	Question     learning.QuestionView
	Given, Right []said
	WrongButSure bool
	Facts        []api.FactItem
}

// said is a part of an answer in the words of the question.
type said struct {
	id      string // of the option, pair or step; "" none
	HTML    string
	Verdict assessment.Verdict // "" where it is not told, or is that of the whole
	Why     string             // the author's words on it, HTML
}

func (w *Web) result(c *fiber.Ctx) error {
	a, view, err := w.attempt(c)
	if err != nil {
		return err
	}
	if a.IsOpen() {
		return c.Redirect("/attempts/"+a.ID, fiber.StatusSeeOther)
	}
	data, err := w.resultOf(c, a, view)
	if err != nil {
		return err
	}
	if data.Ratings, err = w.Learning.Ratings(c.UserContext(), a); err != nil {
		return err
	}
	if en, err := w.Learning.Enrolment(c.UserContext(), gate.Of(c).Learner(), a.Course); err == nil {
		if data.Certificate = en.Certificate; a.Renews == en.Certificate {
			data.Certificate = "" // there is more to do
		}
	} else if !fault.Is(err, "not-enrolled") && !fault.Is(err, "not-found") {
		return err
	}
	return w.show(c, 200, "result", w.page(c, "courses", w.t(c, "result.title"), data))
}

// resultOf is an attempt that was handed in, question by question.
func (w *Web) resultOf(c *fiber.Ctx, a *learning.Attempt, view *learning.View) (*resultView, error) {
	v := gate.Of(c)
	outcome, err := w.Learning.Outcome(c.UserContext(), a, v.Edition)
	if err != nil {
		return nil, err
	}
	p, err := w.Library.At(c.UserContext(), a.Course, a.Version)
	if err != nil {
		return nil, err
	}
	p = p.For(a.Country)
	e := v.Edition(p)
	data := &resultView{Outcome: outcome, Course: a.Course, Version: a.Version, QuizID: a.Quiz, Next: "/courses/" + a.Course}
	if m, ok := p.Module(a.Quiz); ok {
		data.ModuleName = e.Modules[m.ID].Plain
		if current, err := w.API.Course(v, a.Course); err == nil && outcome.Passed {
			if _, still := current.Quiz(a.Quiz); still {
				data.Next = afterModule(current, m.ID)
			}
		}
	}
	quiz, _ := p.Quiz(a.Quiz)
	data.MayTryAgain = !outcome.Passed && (quiz.Attempts == 0 || a.Number < quiz.Attempts)
	if data.Renews = a.Renews != ""; data.Renews {
		data.Next = "/learning/" + a.Course
	}
	data.Items = resultItems(p, e, view, outcome)
	for _, it := range data.Items {
		if it.Max != nil && *it.Max > 0 {
			data.Graded++
			if it.Verdict == "right" {
				data.Right++
			}
		}
	}
	return data, nil
}

func resultItems(p *course.Publication, e *course.Edition, view *learning.View, o *learning.Outcome) []resultItem {
	byID := map[string]learning.QuestionView{}
	for _, q := range view.Questions {
		byID[q.ID] = q
	}
	var items []resultItem
	for _, q := range o.Questions {
		items = append(items, itemOf(p, e, byID[q.ID], q))
	}
	slices.SortStableFunc(items, func(a, b resultItem) int { return cmp.Compare(rank(a), rank(b)) })
	return items
}

// itemOf is one answer, explained where there is an explanation.
func itemOf(p *course.Publication, e *course.Edition, q learning.QuestionView, o learning.QuestionOutcome) resultItem {
	it := resultItem{QuestionOutcome: o, Question: q, Given: words(q, o.Response)}
	if o.Feedback == nil {
		return it
	}
	it.Right = words(q, o.Key)
	it.explain()
	it.WrongButSure = o.Confidence == assessment.Sure && (o.Verdict == "wrong" || o.Verdict == "partly")
	for _, f := range o.Feedback.Facts {
		it.Facts = append(it.Facts, api.FactOf(p, e, f))
	}
	return it
}

// explain puts the verdicts and words on parts of an answer where the parts are
// shown: beside what was given, or where that left them out, beside what is right.
func (it *resultItem) explain() {
	for _, part := range it.Parts {
		for _, list := range [][]said{it.Given, it.Right} {
			at := slices.IndexFunc(list, func(s said) bool { return s.id == part.ID })
			if at < 0 {
				continue
			}
			list[at].Why = part.HTML
			if len(it.Parts) > 1 && it.Question.Type != course.Single {
				list[at].Verdict = part.Verdict
			}
			break
		}
	}
}

// rank puts first what a learner should look at first.
func rank(it resultItem) int {
	switch {
	case it.WrongButSure:
		return 0
	case it.Feedback == nil:
		return 1
	case it.Verdict == "wrong", it.Verdict == "unanswered":
		return 2
	case it.Verdict == "partly":
		return 3
	case it.Verdict == "right":
		return 4
	}
	return 5
}

// words says a response in the words of the question.
func words(q learning.QuestionView, r *assessment.Response) []said {
	if r == nil {
		return nil
	}
	label := func(list []learning.OptionView, id string) string {
		for _, o := range list {
			if o.ID == id {
				return o.HTML
			}
		}
		return ""
	}
	var out []said
	add := func(id, html string) { out = append(out, said{id: id, HTML: html}) }
	switch {
	case r.Choice != nil:
		add(*r.Choice, label(q.Options, *r.Choice))
	case r.Choices != nil:
		for _, o := range q.Options {
			if slices.Contains(*r.Choices, o.ID) {
				add(o.ID, o.HTML)
			}
		}
	case r.Order != nil:
		for _, id := range *r.Order {
			add(id, label(q.Options, id))
		}
	case r.Pairs != nil:
		for _, o := range q.Options {
			if t, ok := (*r.Pairs)[o.ID]; ok {
				add(o.ID, o.HTML+": "+label(q.Targets, t))
			}
		}
	case r.Rating != nil:
		add("", strconv.Itoa(*r.Rating))
	case r.Path != nil:
		for _, s := range q.Story {
			if s.Chosen != "" {
				add(s.Node+":"+s.Chosen, label(s.Choices, s.Chosen))
			}
		}
	default:
		add("", escape(formOf(&learning.QuestionView{Response: r}).Text))
	}
	return out
}
