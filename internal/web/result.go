package web

import (
	"cmp"
	"slices"

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
	MayTryAgain    bool
}

// resultItem is one question with what was answered and what is right.
type resultItem struct {
	learning.QuestionOutcome
	Question     learning.QuestionView
	Given, Right []string // HTML
	WrongButSure bool
	Facts        []api.FactItem
}

func (w *Web) result(c *fiber.Ctx) error {
	a, view, err := w.attempt(c)
	if err != nil {
		return err
	}
	if a.IsOpen() {
		return c.Redirect("/attempts/"+a.ID, fiber.StatusSeeOther)
	}
	v := gate.Of(c)
	outcome, err := w.Learning.Outcome(c.UserContext(), a, v.Edition)
	if err != nil {
		return err
	}
	p, err := w.Library.At(c.UserContext(), a.Course, a.Version)
	if err != nil {
		return err
	}
	e := v.Edition(p)
	data := resultView{Outcome: outcome, Course: a.Course, Version: a.Version, QuizID: a.Quiz, Next: "/courses/" + a.Course}
	if m, ok := p.Module(a.Quiz); ok {
		data.ModuleName = e.Modules[m.ID].Plain
		if current, ok := w.Library.Current(a.Course); ok && outcome.Passed {
			if _, still := current.Quiz(a.Quiz); still {
				data.Next = afterModule(current, m.ID)
			}
		}
	}
	quiz, _ := p.Quiz(a.Quiz)
	data.MayTryAgain = !outcome.Passed && (quiz.Attempts == 0 || a.Number < quiz.Attempts)
	data.Items = resultItems(p, e, view, outcome)
	for _, it := range data.Items {
		if it.Max != nil && *it.Max > 0 {
			data.Graded++
			if it.Verdict == "right" {
				data.Right++
			}
		}
	}
	if en, err := w.Learning.Enrolment(c.UserContext(), v.Learner(), a.Course); err == nil {
		data.Certificate = en.Certificate
	} else if !fault.Is(err, "not-enrolled") && !fault.Is(err, "not-found") {
		return err
	}
	return w.show(c, 200, "result", w.page(c, "courses", w.t(c, "result.title"), data))
}

func resultItems(p *course.Publication, e *course.Edition, view *learning.View, o *learning.Outcome) []resultItem {
	byID := map[string]learning.QuestionView{}
	for _, q := range view.Questions {
		byID[q.ID] = q
	}
	var items []resultItem
	for _, q := range o.Questions {
		it := resultItem{QuestionOutcome: q, Question: byID[q.ID]}
		it.Given = words(it.Question, q.Response)
		if q.Feedback != nil {
			it.Right = words(it.Question, q.Key)
			it.WrongButSure = q.Confidence == assessment.Sure && (q.Verdict == "wrong" || q.Verdict == "partly")
			for _, f := range q.Facts {
				it.Facts = append(it.Facts, api.FactOf(p, e, f))
			}
		}
		items = append(items, it)
	}
	slices.SortStableFunc(items, func(a, b resultItem) int { return cmp.Compare(rank(a), rank(b)) })
	return items
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
func words(q learning.QuestionView, r *assessment.Response) []string {
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
	var out []string
	switch {
	case r.Choice != nil:
		out = append(out, label(q.Options, *r.Choice))
	case r.Choices != nil:
		for _, o := range q.Options {
			if slices.Contains(*r.Choices, o.ID) {
				out = append(out, o.HTML)
			}
		}
	case r.Order != nil:
		for _, id := range *r.Order {
			out = append(out, label(q.Options, id))
		}
	case r.Pairs != nil:
		for _, o := range q.Options {
			if t, ok := (*r.Pairs)[o.ID]; ok {
				out = append(out, o.HTML+" → "+label(q.Targets, t))
			}
		}
	case r.Rating != nil:
		out = append(out, formOf(&learning.QuestionView{Response: r}).Rating)
	case r.Path != nil:
		for _, s := range q.Story {
			if s.Chosen != "" {
				out = append(out, label(s.Choices, s.Chosen))
			}
		}
	default:
		out = append(out, escape(formOf(&learning.QuestionView{Response: r}).Text))
	}
	return out
}
