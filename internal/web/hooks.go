package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/people"
)

// hooksView is the page of the addresses that are told what changes in the list of
// completions.
type hooksView struct {
	*people.Organisation
	Hooks   []api.Hook
	Fresh   *api.Hook // with the secret just made
	ID      string    // of a hook that is registered from here
	URL     string
	Problem string
}

func (w *Web) hooks(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageOrganisations, c.Params("organisation"))
	if err != nil {
		return err
	}
	return w.showHooks(c, 200, hooksView{Organisation: o})
}

func (w *Web) showHooks(c *fiber.Ctx, status int, data hooksView) error {
	var err error
	if data.Hooks, err = w.API.HooksOf(c.UserContext(), data.Organisation); err != nil {
		return err
	}
	data.ID = uuid.NewString()
	return w.show(c, status, "hooks", w.page(c, "organisations", w.t(c, "hooks.title"), data))
}

// setHook registers an address, or switches one on again.
func (w *Web) setHook(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageOrganisations, c.Params("organisation"))
	if err != nil {
		return err
	}
	data := hooksView{Organisation: o, URL: c.FormValue("url")}
	h, err := w.API.SetHook(ctx, v, o, c.FormValue("hook"), data.URL)
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data.Problem = problem.Title
		return w.showHooks(c, problem.Status, data)
	}
	if h.Secret == "" {
		return c.Redirect("/organisations/"+o.ID+"/hooks", fiber.StatusSeeOther)
	}
	data.Fresh, data.URL = h, ""
	return w.showHooks(c, 200, data)
}

func (w *Web) rotateHook(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageOrganisations, c.Params("organisation"))
	if err != nil {
		return err
	}
	fresh, err := w.API.RotateHook(ctx, v, o.ID, c.FormValue("hook"))
	if err != nil {
		return err
	}
	return w.showHooks(c, 200, hooksView{Organisation: o, Fresh: fresh})
}

func (w *Web) endHook(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	h, err := w.API.HookFor(ctx, v, c.Params("organisation"), c.FormValue("hook"))
	if err != nil {
		return err
	}
	if err := w.API.Hooks.End(ctx, v.Account, h); err != nil {
		return err
	}
	return c.Redirect("/organisations/"+c.Params("organisation")+"/hooks", fiber.StatusSeeOther)
}
