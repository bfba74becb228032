package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/tracking"
)

// assign assigns a course to what the form names, and goes back to it.
func (w *Web) assign(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	n := tracking.NewAssignment{
		Course: c.FormValue("course"), To: tracking.TargetOf(c.FormValue("kind"), c.FormValue("to")), DueOn: c.FormValue("due_on"),
		DueDays: number(c.FormValue("due_days")), Priority: learning.Priority(c.FormValue("priority")), RenewDays: number(c.FormValue("renew_days")),
	}
	a, err := w.Tracking.Assign(ctx, v.Account, c.FormValue("id"), o, n)
	if err != nil {
		p := problemOf(w, c, err)
		if p.Status >= 500 {
			return err
		}
		return w.showCohorts(c, p.Status, cohortsView{Problem: p.Title})
	}
	return c.Redirect("/organisations/"+o.ID+"/assignments/"+a.ID, fiber.StatusSeeOther)
}

// assignmentView is an assignment with those who have it.
type assignmentView struct {
	*people.Organisation
	Row     assignmentRow
	List    api.Assigned
	Reasons []learning.Exemption
}

func (w *Web) assignment(c *fiber.Ctx) error {
	o, a, err := w.API.AssignmentFor(c.UserContext(), gate.Of(c), assignmentIn(c))
	if err != nil {
		return err
	}
	data := assignmentView{Organisation: o, Reasons: learning.Exemptions}
	rows, err := w.rows(c, []tracking.Assignment{*a})
	if err != nil {
		return err
	}
	data.Row = rows[0]
	if data.List, err = w.API.Assigned(c.UserContext(), a, c.Query("cursor"), 100); err != nil {
		return err
	}
	return w.show(c, 200, "assignment", w.page(c, "organisations", data.Row.Title, data))
}

func assignmentIn(c *fiber.Ctx) api.AssignmentIn {
	return api.AssignmentIn{OrganisationIn: api.OrganisationIn{Organisation: c.Params("organisation")}, Assignment: c.Params("assignment")}
}

func (w *Web) withdrawAssignment(c *fiber.Ctx) error {
	o, a, err := w.API.AssignmentFor(c.UserContext(), gate.Of(c), assignmentIn(c))
	if err != nil {
		return err
	}
	if err := w.Tracking.Withdraw(c.UserContext(), gate.Of(c).Account, a); err != nil {
		return err
	}
	return c.Redirect("/organisations/"+o.ID+"/cohorts", fiber.StatusSeeOther)
}

func (w *Web) letOff(c *fiber.Ctx) error {
	in := assignmentIn(c)
	if err := w.API.LetOff(c.UserContext(), gate.Of(c), in, c.FormValue("account"), learning.Exemption(c.FormValue("reason"))); err != nil {
		return err
	}
	return c.Redirect("/organisations/"+in.Organisation+"/assignments/"+in.Assignment, fiber.StatusSeeOther)
}
