package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/roster"
	"havn/internal/tracking"
)

// named finds a person of a form: by account, or by the address that was typed.
func (w *Web) named(c *fiber.Ctx, cohort *tracking.Cohort) (string, error) {
	if id := c.FormValue("account"); id != "" {
		return id, nil
	}
	a, err := w.People.ByEmail(c.UserContext(), c.FormValue("email"))
	if fault.Is(err, "not-found") || err == nil && people.Top(a.Unit) != people.Top(cohort.Organisation) {
		return "", fault.At("person-unknown", "email")
	} else if err != nil {
		return "", err
	}
	return a.ID, nil
}

func (w *Web) setCohortMember(c *fiber.Ctx) error {
	return w.setCohortPerson(c, w.API.SetCohortMember)
}

func (w *Web) setTutor(c *fiber.Ctx) error { return w.setCohortPerson(c, w.API.SetTutor) }

func (w *Web) setCohortPerson(c *fiber.Ctx, set personSetter) error {
	_, cohort, err := w.cohortOf(c)
	if err != nil {
		return err
	}
	id, err := w.named(c, cohort)
	if err == nil {
		err = set(c.UserContext(), gate.Of(c), cohort.ID, id, c.FormValue("end") == "")
		if fault.Is(err, "not-found") {
			err = fault.At("person-unknown", "email")
		}
	}
	return w.backToCohort(c, err)
}

// cohortListView is the page on which a list is taken into a cohort.
type cohortListView struct {
	*people.Organisation
	Cohort  *tracking.Cohort
	Result  *api.CohortImport
	Secret  string // of the list that is held
	Problem string
}

func (w *Web) cohortList(c *fiber.Ctx) error {
	o, cohort, err := w.cohortOf(c)
	if err != nil {
		return err
	}
	return w.showCohortList(c, 200, cohortListView{Organisation: o, Cohort: cohort})
}

func (w *Web) showCohortList(c *fiber.Ctx, status int, data cohortListView) error {
	return w.show(c, status, "cohort-list", w.page(c, "organisations", w.t(c, "cohort.list"), data))
}

// importCohort shows what a list would do, and with the secret of one that was
// shown does it.
func (w *Web) importCohort(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, cohort, err := w.cohortOf(c)
	if err != nil {
		return err
	}
	data := cohortListView{Organisation: o, Cohort: cohort}
	var rows []roster.Row
	secret := c.FormValue("secret")
	if secret != "" {
		rows, err = w.People.TakeList(ctx, v.Account, cohort.ID, secret)
	} else {
		rows, err = uploaded(c)
	}
	if err == nil {
		data.Result, err = w.API.ImportCohort(ctx, v, cohort, rows, secret != "")
	}
	if err == nil && secret == "" {
		data.Secret, err = w.People.KeepList(ctx, v.Account, cohort.ID, rows)
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data.Problem = problem.Title
		return w.showCohortList(c, problem.Status, data)
	}
	return w.showCohortList(c, 200, data)
}
