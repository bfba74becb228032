package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/regrade"
)

// regradesView is the part of the page of versions in which attempts are graded
// again.
type regradesView struct {
	Would *api.Regrade // what a dry run came to; nil before one
	Fresh string       // id for what is decided next
	List  []api.Regrade
	// May tells whether there is an earlier version to grade again.
	May bool
}

// Outcome is a line of what a regrade comes to; its id is that of a message.
type Outcome struct {
	ID string
	N  int
}

// Outcomes are the lines that say something.
func (v regradesView) Outcomes(r api.Regrade) (list []Outcome) {
	t := r.Tally
	for _, o := range []Outcome{
		{"regrade.fail-to-pass", t.FailToPass}, {"regrade.pass-to-fail", t.PassToFail}, {"regrade.raised", t.Raised}, {"regrade.lowered", t.Lowered},
		{"regrade.unchanged", t.Unchanged}, {"regrade.kept", t.Kept}, {"regrade.forgotten", t.Forgotten},
	} {
		if o.N > 0 {
			list = append(list, o)
		}
	}
	return list
}

// regrade tells what a regrade would come to; with an id it decides on it.
func (w *Web) regrade(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	from, _ := strconv.Atoi(c.FormValue("from"))
	to, _ := strconv.Atoi(c.FormValue("to"))
	o := regrade.Order{Course: c.Params("course"), From: from, To: to, NeverLower: c.FormValue("never_lower") != ""}
	if id := c.FormValue("regrade"); id != "" {
		if _, err := w.API.BeginRegrade(c.UserContext(), v, id, o); err != nil {
			return err
		}
		return c.Redirect("/trainer/"+o.Course+"/versions", fiber.StatusSeeOther)
	}
	would, err := w.API.TryRegrade(c.UserContext(), v, o)
	if err != nil {
		return err
	}
	return w.showVersions(c, would)
}

func (w *Web) undoRegrade(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	if _, err := w.API.UndoRegrade(c.UserContext(), v, c.Params("course"), c.Params("regrade")); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+c.Params("course")+"/versions", fiber.StatusSeeOther)
}

func (w *Web) regradesOf(c *fiber.Ctx, slug string, newest int, would *api.Regrade) (r regradesView, err error) {
	r = regradesView{Would: would, Fresh: newID(), May: newest > 1}
	r.List, err = w.API.RegradesOf(c.UserContext(), gate.Of(c), slug)
	return r, err
}
