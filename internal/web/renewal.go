package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
)

// renewalView is the page "What changed since you completed", and where nothing
// did, how to renew a certificate that ends.
type renewalView struct {
	*api.Renewal
	Course  string
	Title   course.Text
	ToRead  int
	NewIDs  map[string]string // quiz id → id of the attempt that Start makes
	Open    map[string]string // quiz id → the attempt that is running
	Problem string            // why one could not be started
}

func (w *Web) renewal(c *fiber.Ctx) error { return w.showRenewal(c, 200, "") }

func (w *Web) showRenewal(c *fiber.Ctx, status int, problem string) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	slug := c.Params("course")
	r, err := w.API.Renewal(c.UserContext(), v, slug)
	if fault.Is(err, "not-enrolled") {
		return c.Redirect("/courses/"+slug, fiber.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	p, err := w.API.Course(v, slug)
	if err != nil {
		return err
	}
	data := renewalView{Renewal: r, Course: slug, Title: v.Edition(p).Title, NewIDs: map[string]string{}, Open: map[string]string{}, Problem: problem}
	for _, page := range r.Pages {
		if !page.Read {
			data.ToRead++
		}
	}
	for _, q := range r.Quizzes {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		data.NewIDs[q.ID] = id.String()
		list, err := w.Learning.Attempts(c.UserContext(), v.Learner(), slug, q.ID)
		if err != nil {
			return err
		}
		if n := len(list); n > 0 && list[n-1].IsOpen() {
			data.Open[q.ID] = list[n-1].ID
		}
	}
	title := w.t(c, "renewal.title")
	if r.Reason != "changed" {
		title = w.t(c, "renewal.title-expiring")
	}
	return w.show(c, status, "renewal", w.page(c, "learning", title, data))
}

// beginRenewal starts an attempt at what is asked again of a quiz.
func (w *Web) beginRenewal(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	a, _, err := w.Learning.StartRenewal(c.UserContext(), v.Learner(), c.FormValue("attempt"), c.Params("course"), c.Params("quiz"))
	if f := new(fault.Error); err != nil && asFault(err, &f) && f.Code == "attempt-open" {
		open, _ := f.Params["attempt"].(string)
		return c.Redirect("/attempts/"+open, fiber.StatusSeeOther)
	}
	if fault.Is(err, "cool-down") || fault.Is(err, "attempts-used-up") || fault.Is(err, "nothing-to-renew") {
		problem := problemOf(w, c, err)
		return w.showRenewal(c, problem.Status, problem.Title)
	}
	if err != nil {
		return err
	}
	return c.Redirect("/attempts/"+a.ID, fiber.StatusSeeOther)
}
