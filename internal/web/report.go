package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/report"
	"havn/internal/store"
)

// reportView is the page on which a reader says what is wrong with a text.
type reportView struct {
	ID, Course, Place, Next string
	Kind, Text              string
	Done                    bool
	Problem                 string
	Limit                   int
}

// Kinds of what can be wrong.
func (reportView) Kinds() []report.Kind { return report.Kinds }

func (w *Web) reportForm(c *fiber.Ctx) error {
	if err := gate.Of(c).May(people.Learn); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return w.showReport(c, 200, reportView{ID: id.String(), Course: c.Query("course"), Place: c.Query("place"), Next: localPath(c.Query("next"))})
}

func (w *Web) showReport(c *fiber.Ctx, status int, data reportView) error {
	data.Limit = report.MaxText
	return w.show(c, status, "report", w.page(c, "courses", w.t(c, "report.title"), data))
}

func (w *Web) report(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	data := reportView{
		ID: c.FormValue("id"), Course: c.FormValue("course"), Place: c.FormValue("place"), Next: localPath(c.FormValue("next")),
		Kind: c.FormValue("kind"), Text: c.FormValue("text"), Done: true,
	}
	err := w.API.Report(c.UserContext(), v, &report.Report{
		Meta: store.Meta{ID: data.ID}, Course: data.Course, Place: data.Place, Kind: report.Kind(data.Kind), Text: data.Text, Named: c.FormValue("named") != "",
	})
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status != 422 && problem.Status != 429 {
			return err
		}
		data.Problem, data.Done = problem.Title, false
		return w.showReport(c, problem.Status, data)
	}
	return w.showReport(c, 200, data)
}

func (w *Web) reportDone(c *fiber.Ctx) error {
	if err := w.API.SetReport(c.UserContext(), gate.Of(c), c.Params("report"), true); err != nil {
		return err
	}
	return c.Redirect("/trainer/reports", fiber.StatusSeeOther)
}

func (w *Web) reports(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	items, err := w.API.Queue(c.UserContext(), v)
	if err != nil {
		return err
	}
	return w.show(c, 200, "reports", w.page(c, "trainer", w.t(c, "reports.title"), items))
}
