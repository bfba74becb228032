package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/roster"
)

// rosterView is the page on which people are brought in by a list.
type rosterView struct {
	*people.Organisation
	Result  *api.Import
	Secret  string // of the list that is held
	Problem string
}

func (w *Web) roster(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, c.Params("organisation"))
	if err != nil {
		return err
	}
	return w.showRoster(c, 200, rosterView{Organisation: o})
}

func (w *Web) showRoster(c *fiber.Ctx, status int, data rosterView) error {
	return w.show(c, status, "roster", w.page(c, "organisations", w.t(c, "roster.title"), data))
}

// rosterTemplate is an empty list to fill in.
func (w *Web) rosterTemplate(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.ManageAccounts); err != nil {
		return err
	}
	file, err := roster.Template(v.Lang, "xlsx")
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="havn-people.xlsx"`)
	return c.Send(file)
}

// importRoster shows what a list would do, and with the secret of one that was
// shown does it.
func (w *Web) importRoster(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageAccounts, c.Params("organisation"))
	if err != nil {
		return err
	}
	data := rosterView{Organisation: o}
	var rows []roster.Row
	secret := c.FormValue("secret")
	if secret != "" {
		rows, err = w.People.TakeList(ctx, v.Account, o.ID, secret)
	} else {
		rows, err = uploaded(c)
	}
	if err == nil {
		data.Result, err = w.API.Import(ctx, v, o, rows, secret != "")
	}
	if err == nil && secret == "" {
		data.Secret, err = w.People.KeepList(ctx, v.Account, o.ID, rows)
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data.Problem = problem.Title
		return w.showRoster(c, problem.Status, data)
	}
	return w.showRoster(c, 200, data)
}

func uploaded(c *fiber.Ctx) ([]roster.Row, error) {
	data, err := fileOf(c, roster.MaxBytes)
	if err != nil {
		return nil, err
	}
	return roster.Read(data)
}
