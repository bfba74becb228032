package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/history"
	"havn/internal/people"
	"havn/internal/roster"
)

// historyView is the page on which completions elsewhere are brought in by a list.
type historyView struct {
	*people.Organisation
	Imports []api.HistoryImport
	Plan    *api.HistoryPlan
	Shown   []history.Step // of the plan, what is left out first
	More    int            // lines of it that are not shown
	Secret  string         // of the file that is held
	ID      string         // of the import, if it is done
	Titles  map[string]string
	Problem string
}

// historyShown is how many lines of a list a page shows.
const historyShown = 300

func (w *Web) history(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	return w.showHistory(c, 200, historyView{Organisation: o})
}

func (w *Web) showHistory(c *fiber.Ctx, status int, data historyView) error {
	var err error
	if data.Imports, err = w.API.Imports(c.UserContext(), data.Organisation); err != nil {
		return err
	}
	data.Titles = map[string]string{}
	for _, p := range w.Library.Courses() {
		data.Titles[p.Course.Slug] = gate.Of(c).Edition(p).Title.Plain
	}
	if data.Plan != nil {
		data.Shown = slices.Clone(data.Plan.Steps)
		slices.SortStableFunc(data.Shown, func(a, b history.Step) int { return weight(a.Does) - weight(b.Does) })
		data.More = max(0, len(data.Shown)-historyShown)
		data.Shown = data.Shown[:len(data.Shown)-data.More]
	}
	return w.show(c, status, "history", w.page(c, "organisations", w.t(c, "history.title"), data))
}

// weight puts what needs a look before what does not.
func weight(d history.Does) int {
	return slices.Index([]history.Does{history.Refuse, history.Certified, history.Same, history.Records}, d)
}

// historyTemplate is an empty list to fill in.
func (w *Web) historyTemplate(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.ManageCohorts); err != nil {
		return err
	}
	file, err := roster.PastTemplate(v.Lang, "xlsx")
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="havn-completions.xlsx"`)
	return c.Send(file)
}

// importHistory shows what a list would do, and with the secret of one that was
// shown does it.
func (w *Web) importHistory(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	data := historyView{Organisation: o, ID: c.FormValue("import")}
	secret := c.FormValue("secret")
	var file []byte
	if secret != "" {
		file, err = w.People.TakeFile(ctx, v.Account, o.ID, secret)
	} else {
		data.ID = uuid.NewString()
		file, err = fileOf(c, roster.MaxPastBytes)
	}
	if err == nil {
		data.Plan, err = w.API.ImportHistory(ctx, v, o, data.ID, file, secret != "")
	}
	if err == nil && secret != "" {
		return c.Redirect("/organisations/"+o.ID+"/history", fiber.StatusSeeOther)
	}
	if err == nil && data.Plan.Records > 0 {
		data.Secret, err = w.People.KeepFile(ctx, v.Account, o.ID, file)
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data.Problem, data.Plan = problem.Title, nil
		return w.showHistory(c, problem.Status, data)
	}
	return w.showHistory(c, 200, data)
}

func (w *Web) undoImport(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	if _, err := w.API.UndoImport(ctx, v, o, c.FormValue("import")); err != nil {
		return err
	}
	return c.Redirect("/organisations/"+o.ID+"/history", fiber.StatusSeeOther)
}
