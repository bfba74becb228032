package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
)

type personSetter = func(ctx context.Context, v *gate.Visitor, cohort, account string, is bool) error

// tutored lists the cohorts that the visitor goes along with.
func (w *Web) tutored(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.SeeCohort); err != nil {
		return err
	}
	list, err := w.Tracking.Tutored(c.UserContext(), v.Account)
	if err != nil {
		return err
	}
	data := struct{ Cohorts []api.Cohort }{}
	for i := range list {
		shown, err := w.API.CohortOf(c.UserContext(), &list[i])
		if err != nil {
			return err
		}
		data.Cohorts = append(data.Cohorts, shown)
	}
	return w.show(c, 200, "tutored", w.page(c, "cohorts", w.t(c, "cohorts.mine"), data))
}

// tutoredCohort is a cohort for its tutor: where its members stand.
func (w *Web) tutoredCohort(c *fiber.Ctx) error {
	cohort, err := w.API.CohortFor(c.UserContext(), gate.Of(c), people.SeeCohort, c.Params("cohort"))
	if err != nil {
		return err
	}
	o, err := w.People.Organisation(c.UserContext(), people.IDOf(cohort.Organisation))
	if err != nil {
		return err
	}
	data, err := w.cohortView(c, o, cohort)
	if err != nil {
		return err
	}
	return w.show(c, 200, "cohort", w.page(c, "cohorts", cohort.Name, data))
}

// memberView is what a member handed in while the cohort ran.
type memberView struct {
	Cohort, Name string // id, and the member's name
	CohortName   string
	Account      string
	Attempts     []learning.Attempt
	Titles       map[string]string
}

func (w *Web) memberAttempts(c *fiber.Ctx) error {
	cohort, err := w.API.CohortFor(c.UserContext(), gate.Of(c), people.SeeAnswers, c.Params("cohort"))
	if err != nil {
		return err
	}
	data := memberView{Cohort: cohort.ID, CohortName: cohort.Name, Account: c.Params("account"), Titles: map[string]string{}}
	if data.Attempts, err = w.Tracking.Answers(c.UserContext(), cohort, data.Account); err != nil {
		return err
	}
	person, err := w.People.Account(c.UserContext(), data.Account)
	if err != nil {
		return err
	}
	data.Name = person.Name
	for _, a := range data.Attempts {
		data.Titles[a.Course] = w.title(c, a.Course)
	}
	return w.show(c, 200, "member", w.page(c, "cohorts", person.Name, data))
}

// answersView is what a member answered.
type answersView struct {
	resultView
	Cohort, Account, Name string
}

func (w *Web) memberAnswers(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	a, err := w.API.Look(ctx, v, c.Params("cohort"), c.Params("account"), c.Params("attempt"))
	if err != nil {
		return err
	}
	person, err := w.People.Account(ctx, a.Account)
	if err != nil {
		return err
	}
	view, err := w.Learning.View(ctx, a, v.Edition)
	if err != nil {
		return err
	}
	shown, err := w.resultOf(c, a, view)
	if err != nil {
		return err
	}
	data := answersView{*shown, c.Params("cohort"), a.Account, person.Name}
	return w.show(c, 200, "answers", w.page(c, "cohorts", person.Name, data))
}
