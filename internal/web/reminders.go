package web

import (
	"cmp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/mail"
	"havn/internal/people"
)

// remindersView is what people of an organisation were written about what is due,
// and the letter.
type remindersView struct {
	*people.Organisation
	Off    bool
	List   api.Reminders
	Titles map[string]string
	Course string // that the letter is about, "" any
	Letter *mail.Message
	Dir    string
	Parts  []string // paragraphs of the letter
}

func (w *Web) reminders(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageCohorts, c.Params("organisation"))
	if err != nil {
		return err
	}
	data := remindersView{Organisation: o, Titles: map[string]string{}, Course: c.Query("course")}
	settings, err := w.People.SettingsAt(ctx, o.Path)
	if err != nil {
		return err
	}
	data.Off = settings.Reminders.Send == people.Off
	if data.List, err = w.API.RemindersOf(ctx, o, c.Query("cursor"), 100); err != nil {
		return err
	}
	for _, r := range data.List.Items {
		for _, x := range r.Of {
			data.Titles[x.Course] = w.title(c, x.Course)
		}
	}
	if data.Letter, err = w.API.PreviewReminder(ctx, o, cmp.Or(c.Query("language"), v.Lang), data.Course); err != nil {
		return err
	}
	data.Dir, data.Parts = language.Direction(data.Letter.Language), strings.Split(strings.TrimSpace(data.Letter.Text), "\n\n")
	return w.show(c, 200, "reminders", w.page(c, "organisations", w.t(c, "reminders.title"), data))
}

// setQuiet keeps whether somebody wants fewer reminders.
func (w *Web) setQuiet(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	if err := w.People.SetQuiet(c.UserContext(), v.Account.ID, c.FormValue("quiet") == "1"); err != nil {
		return err
	}
	return c.Redirect("/account#reminders", fiber.StatusSeeOther)
}

// makeCalendar makes the address of somebody's calendar and shows it once.
func (w *Web) makeCalendar(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	address, err := w.API.MakeCalendar(c.UserContext(), v.Account)
	if err != nil {
		return err
	}
	return w.showAccount(c, 200, accountView{Calendar: address})
}

func (w *Web) endCalendar(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.People.EndCalendar(c.UserContext(), v.Account); err != nil {
		return err
	}
	return c.Redirect("/account#calendar", fiber.StatusSeeOther)
}
