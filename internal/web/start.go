package web

import (
	"cmp"
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/store"
)

// courseCard is a course in the catalogue.
type courseCard struct {
	Slug      string
	Edition   *course.Edition
	Modules   int
	Minutes   int
	Languages []languageState
	Enrolment *learning.Enrolment
	Progress  learning.Progress
	Next      step
	Renew     learning.Reason // why the certificate can be renewed; "" it cannot
	Due       dueView
}

// dueView is by when a course is due; empty where it is not.
type dueView struct {
	Day     string // "2026-12-12"
	Overdue bool
	Renew   bool // it is the certificate that is due
	Exempt  bool
	High    bool
	By      []string // names of organisations
	// Elsewhere is the completion that counts where the course was not completed here.
	Elsewhere *learning.Elsewhere
	assigned  bool
}

func (w *Web) dueOf(c *fiber.Ctx, e *learning.Enrolment) (d dueView, err error) {
	d = dueView{
		Day: e.DueOn, Overdue: e.Overdue(w.Now()), Renew: e.Status.Trained(), Exempt: e.Exempted(), High: e.Priority() == learning.High,
		assigned: len(e.Duties) > 0,
	}
	if e.Status == learning.Recorded {
		d.Elsewhere = e.Recorded()
	}
	if d.assigned {
		d.By, err = w.Tracking.By(c.UserContext(), e)
	}
	return d, err
}

// Shown tells whether there is something to say.
func (d dueView) Shown() bool { return d.assigned && (!d.Renew || d.Day != "") }

// sooner puts what is due before what is not, the earliest first, and of equals
// what matters most.
func sooner(a, b courseCard) int {
	day := func(c courseCard) string { return cmp.Or(c.Due.Day, "9") }
	urgent := func(c courseCard) int {
		if c.Due.High {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(day(a), day(b)), cmp.Compare(urgent(a), urgent(b)))
}

type languageState struct {
	Tag   string
	State course.State
}

// step is the next thing to do in a course: a page to read or a quiz to take.
type step struct {
	URL, Title string
	Module     int // from 1
	ModuleName string
	Quiz       bool
	QuizID     string
	Number, Of int // of the page in its module
}

// nextStep is the first thing not done yet, what was left for later at the end;
// the zero step where all is done.
func nextStep(p *course.Publication, e *course.Edition, en *learning.Enrolment) step {
	if s := firstStep(p, e, en, en.Later); s.URL != "" {
		return s
	}
	return firstStep(p, e, en, nil)
}

// firstStep is the first thing not done yet that is not to be left out.
func firstStep(p *course.Publication, e *course.Edition, en *learning.Enrolment, without map[string]store.Time) step {
	for i, m := range p.Course.Modules {
		for n, id := range m.Pages {
			_, read := en.Pages[id]
			if _, out := without[id]; !read && !out {
				return step{URL: "/courses/" + p.Course.Slug + "/" + id, Title: e.Pages[id].Title, Module: i + 1, ModuleName: e.Modules[m.ID].Plain, Number: n + 1, Of: len(m.Pages)}
			}
		}
		if m.Quiz != nil && !en.Quizzes[m.Quiz.ID].Passed {
			return step{URL: "/courses/" + p.Course.Slug + "/quiz/" + m.Quiz.ID, Module: i + 1, ModuleName: e.Modules[m.ID].Plain, Quiz: true, QuizID: m.Quiz.ID}
		}
	}
	return step{}
}

// running makes a step to a quiz lead into the attempt that is open, to its first
// question without an answer.
func (w *Web) running(c *fiber.Ctx, slug string, s *step) error {
	if !s.Quiz {
		return nil
	}
	list, err := w.Learning.Attempts(c.UserContext(), gate.Of(c).Learner(), slug, s.QuizID)
	if n := len(list); n > 0 && list[n-1].IsOpen() {
		s.URL = "/attempts/" + list[n-1].ID
	}
	return err
}

func (w *Web) card(v *gate.Visitor, p *course.Publication) courseCard {
	c := courseCard{Slug: p.Course.Slug, Edition: v.Edition(p), Modules: len(p.Course.Modules), Minutes: p.Course.Minutes}
	for _, tag := range p.Course.Languages {
		c.Languages = append(c.Languages, languageState{tag, p.Editions[tag].State})
	}
	return c
}

func (w *Web) start(c *fiber.Ctx) error {
	v := gate.Of(c)
	data := struct {
		Courses   []courseCard
		Continue  *courseCard
		Assigned  []courseCard // to be begun
		Open      int          // modules still to go in the course to continue
		Completed int
		Practice  int // questions to go over
	}{}
	standing := map[string]*learning.Enrolment{}
	if v.Account != nil {
		list, err := w.Learning.Enrolments(c.UserContext(), v.Learner())
		if err != nil {
			return err
		}
		tried := false
		for i := range list {
			standing[list[i].Course] = &list[i]
			tried = tried || len(list[i].Quizzes) > 0
		}
		if tried {
			due, err := w.Learning.DueCards(c.UserContext(), v.Learner())
			if err != nil {
				return err
			}
			data.Practice = len(due)
		}
	}
	var open []courseCard
	for _, p := range w.Library.Courses() {
		p = p.For(v.Country)
		card := w.card(v, p)
		if e := standing[card.Slug]; e != nil {
			if e.Begun() {
				card = w.standing(v, p, e)
			}
			var err error
			if card.Due, err = w.dueOf(c, e); err != nil {
				return err
			}
			switch e.Status {
			case learning.Completed:
				data.Completed++
			case learning.Recorded:
				if e.Begun() {
					open = append(open, card)
				} else if e.DueOn != "" {
					data.Assigned = append(data.Assigned, card)
				}
			case learning.Enrolled:
				open = append(open, card)
			case learning.Assigned:
				data.Assigned = append(data.Assigned, card)
			}
		}
		data.Courses = append(data.Courses, card)
	}
	slices.SortStableFunc(data.Assigned, sooner)
	slices.SortStableFunc(open, sooner)
	if len(open) > 0 {
		here := open[0]
		if err := w.running(c, here.Slug, &here.Next); err != nil {
			return err
		}
		p, err := w.API.Course(v, here.Slug)
		if err != nil {
			return err
		}
		data.Continue, data.Open = &here, openModules(p, here.Enrolment)
	}
	return w.show(c, 200, "start", w.page(c, "courses", w.t(c, "nav.courses"), data))
}

func openModules(p *course.Publication, e *learning.Enrolment) int {
	n := 0
	for _, m := range p.Course.Modules {
		open := m.Quiz != nil && !e.Quizzes[m.Quiz.ID].Passed
		for _, id := range m.Pages {
			if _, read := e.Pages[id]; !read {
				open = true
			}
		}
		if open {
			n++
		}
	}
	return n
}

// modulePage is a line of a course's table of contents.
type modulePage struct {
	ID   string
	Page *course.Page
	Read bool
	Left bool // skipped, to be read later
}

type moduleView struct {
	Title course.Text
	Pages []modulePage
	Quiz  *course.Quiz
	Asks  int // questions
	Passed,
	Tried bool
	Percent int
}

func (w *Web) course(c *fiber.Ctx) error {
	v := gate.Of(c)
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	card := w.card(v, p)
	en, assigned := &learning.Enrolment{}, false
	if v.Account != nil {
		e, err := w.Learning.Enrolment(c.UserContext(), v.Learner(), card.Slug)
		if err == nil {
			card.Enrolment, en, card.Renew = e, e, w.renewable(p, e)
		} else if !fault.Is(err, "not-enrolled") {
			return err
		}
		e, err = w.Learning.Standing(c.UserContext(), v.Account.ID, card.Slug)
		if err == nil && e != nil {
			assigned = len(e.Duties) > 0
			card.Due, err = w.dueOf(c, e)
		}
		if err != nil {
			return err
		}
	}
	card.Progress, card.Next = learning.ProgressOf(p, en), nextStep(p, card.Edition, en)
	if card.Enrolment != nil {
		if err := w.running(c, card.Slug, &card.Next); err != nil {
			return err
		}
	}
	var modules []moduleView
	for _, m := range p.Course.Modules {
		mv := moduleView{Title: card.Edition.Modules[m.ID], Quiz: m.Quiz}
		for _, id := range m.Pages {
			_, read := en.Pages[id]
			_, left := en.Later[id]
			mv.Pages = append(mv.Pages, modulePage{ID: id, Page: card.Edition.Pages[id], Read: read, Left: left})
		}
		if m.Quiz != nil {
			s := en.Quizzes[m.Quiz.ID]
			mv.Passed, mv.Tried, mv.Percent = s.Passed, s.Attempts > 0, s.Percent
			mv.Asks = assessment.Count(p, m.Quiz)
		}
		modules = append(modules, mv)
	}
	data := struct {
		courseCard
		List     []moduleView
		Audience []string
		Version  int
		Where    bool      // the course says something of countries
		Take     *takeView // nil where the course cannot be taken along
		Closed   bool      // to the reader, who does not have to take it
	}{card, modules, p.Course.Audience, p.Version, len(p.Course.Countries) > 0, nil, w.Library.AssignedOnly(card.Slug) && !assigned}
	if card.Enrolment != nil && !v.Account.OnSharedDevice() {
		take := w.take(p, card.Edition, card.Enrolment)
		data.Take = &take
	}
	return w.show(c, 200, "course", w.page(c, "courses", card.Edition.Title.Plain, data))
}

func (w *Web) enrol(c *fiber.Ctx) error {
	v := gate.Of(c)
	if v.Account == nil {
		return c.Redirect("/sign-in?next="+"/courses/"+c.Params("course"), fiber.StatusSeeOther)
	}
	e, _, err := w.Learning.Enrol(c.UserContext(), v.Learner(), c.Params("course"))
	if err != nil {
		return err
	}
	p, err := w.API.Course(v, e.Course)
	if err != nil {
		return err
	}
	next := nextStep(p, v.Edition(p), e).URL
	if next == "" {
		next = "/courses/" + e.Course
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

func (w *Web) help(c *fiber.Ctx) error {
	return w.show(c, 200, "help", w.page(c, "help", w.t(c, "help.title"), nil))
}
