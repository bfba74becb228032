package web

import (
	"cmp"

	"github.com/gofiber/fiber/v2"

	"havn/internal/gate"
	"havn/internal/people"
)

// mergeView is the way from two accounts of one person to one.
type mergeView struct {
	Email, Problem string
	Sent           bool
	Other          *people.Account // that a secret has shown to be the same person's
	Secret         string
}

func (w *Web) showMerge(c *fiber.Ctx, status int, v mergeView) error {
	return w.show(c, status, "merge", w.page(c, "", w.t(c, "merge.title"), v))
}

func (w *Web) mergeFailed(c *fiber.Ctx, v mergeView, err error) error {
	problem := problemOf(w, c, err)
	if problem.Status >= 500 {
		return err
	}
	v.Problem = problem.Title
	return w.showMerge(c, problem.Status, v)
}

func (w *Web) mergeForm(c *fiber.Ctx) error {
	if err := gate.Of(c).May(people.OwnAccount); err != nil {
		return err
	}
	return w.showMerge(c, 200, mergeView{})
}

func (w *Web) askToMerge(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	view := mergeView{Email: c.FormValue("email")}
	if err := w.People.AskToMerge(c.UserContext(), v.Account, view.Email, v.Lang); err != nil {
		return w.mergeFailed(c, view, err)
	}
	return w.showMerge(c, 200, mergeView{Sent: true})
}

// otherAccount shows what would become of the account that a link or a code names.
func (w *Web) otherAccount(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	view := mergeView{Secret: cmp.Or(c.Params("secret"), c.FormValue("secret"))}
	other, err := w.People.Other(c.UserContext(), v.Account, view.Secret)
	if err != nil {
		return w.mergeFailed(c, mergeView{}, err)
	}
	view.Other = other
	return w.showMerge(c, 200, view)
}

func (w *Web) merge(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.API.Privacy.Merge(c.UserContext(), v.Account, c.FormValue("secret")); err != nil {
		return w.mergeFailed(c, mergeView{}, err)
	}
	return c.Redirect("/learning?merged=1", fiber.StatusSeeOther)
}
