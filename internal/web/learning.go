package web

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
)

// learningView is the page "My learning".
type learningView struct {
	Merged       bool         // two accounts have just become one
	Courses      []courseCard // what is open first
	Elsewhere    []courseCard // completed elsewhere, and not begun here
	Assigned     []courseCard // to be begun, or let off from
	Cohorts      []ownCohort
	Certificates []api.OwnCertificate
	Topics       []topicView
	Sure         []lookAgain // wrong but sure, each once
	Practice     int         // questions whose day has come
	Cards        int         // questions to go over, now or later
}

// topicView is a topic with the course that it belongs to.
type topicView struct {
	learning.Topic
	CourseTitle course.Text
}

// lookAgain is a question to look at first: what was asked, and where to read.
type lookAgain struct {
	URL      string // of the result
	Question *course.QuestionText
	Page     *course.Page // that rests on the same facts; nil none
	PageURL  string
}

func (w *Web) learning(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	enrolments, err := w.Learning.Enrolments(c.UserContext(), v.Learner())
	if err != nil {
		return err
	}
	data := learningView{Merged: c.QueryBool("merged")}
	if data.Certificates, err = w.API.OwnCertificates(c.UserContext(), v); err != nil {
		return err
	}
	for i := range enrolments {
		e := &enrolments[i]
		p, err := w.API.Course(v, e.Course)
		if err != nil {
			continue
		}
		card := w.card(v, p)
		if e.Begun() {
			card = w.standing(v, p, e)
		}
		if card.Due, err = w.dueOf(c, e); err != nil {
			return err
		}
		if e.Begun() {
			data.Courses = append(data.Courses, card)
		} else if card.Due.Elsewhere != nil && e.DueOn == "" {
			data.Elsewhere = append(data.Elsewhere, card)
		} else {
			data.Assigned = append(data.Assigned, card)
		}
	}
	slices.SortStableFunc(data.Assigned, sooner)
	slices.SortStableFunc(data.Courses, func(a, b courseCard) int {
		return cmp.Or(cmp.Compare(a.Progress.Percent/100, b.Progress.Percent/100), sooner(a, b))
	})
	if data.Cohorts, err = w.ownCohorts(c); err != nil {
		return err
	}
	cards, err := w.Learning.Cards(c.UserContext(), v.Learner())
	if err != nil {
		return err
	}
	data.Cards = len(cards)
	for _, card := range cards {
		if card.Due(w.Now()) {
			data.Practice++
		}
	}
	topics, err := w.Learning.Topics(c.UserContext(), v.Learner(), v.Edition)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, t := range topics {
		p, err := w.API.Course(v, t.Course)
		if err != nil {
			continue
		}
		e := v.Edition(p)
		data.Topics = append(data.Topics, topicView{t, e.Title})
		for _, r := range t.WrongButSure {
			if key := r.Course + ":" + r.Question; !told[key] {
				told[key] = true
				data.Sure = append(data.Sure, lookAgainAt(p, e, r))
			}
		}
	}
	return w.show(c, 200, "learning", w.page(c, "learning", w.t(c, "nav.learning"), data))
}

// standing is a course's card with how far its learner is.
func (w *Web) standing(v *gate.Visitor, p *course.Publication, e *learning.Enrolment) courseCard {
	card := w.card(v, p)
	card.Renew = w.renewable(p, e)
	card.Enrolment, card.Progress, card.Next = e, learning.ProgressOf(p, e), nextStep(p, card.Edition, e)
	return card
}

// renewable is why a certificate can be renewed now; "" it cannot.
func (w *Web) renewable(p *course.Publication, e *learning.Enrolment) learning.Reason {
	if r := learning.RenewalOf(p, e, w.Now()); r != nil {
		return r.Reason
	}
	return ""
}

func lookAgainAt(p *course.Publication, e *course.Edition, r learning.Reviewed) lookAgain {
	out := lookAgain{URL: "/attempts/" + r.Attempt + "/result#item-" + r.Question, Question: e.Questions[r.Question]}
	facts := p.Questions[r.Question].Facts
	for _, m := range p.Course.Modules {
		for _, id := range m.Pages {
			page := e.Pages[id]
			if slices.ContainsFunc(page.Facts, func(f string) bool { return slices.Contains(facts, f) }) {
				out.Page, out.PageURL = page, "/courses/"+p.Course.Slug+"/"+id
				return out
			}
		}
	}
	return out
}
