package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/audit"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/privacy"
)

// auditView is a page of the security log.
type auditView struct {
	Items        []audit.Entry
	Names        map[string]string // account → name, of those who are still there
	Next         string
	Organisation string
}

func (w *Web) audit(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	within, err := w.API.Within(ctx, v, people.ReadAudit, c.Query("organisation"))
	if err != nil {
		return err
	}
	page, err := w.API.Audit.List(ctx, within, c.Query("cursor"), 50)
	if err != nil {
		return err
	}
	data := auditView{Items: page.Items, Names: map[string]string{}, Next: page.Next, Organisation: c.Query("organisation")}
	for _, e := range page.Items {
		for _, id := range []string{e.Actor, e.Subject} {
			if _, ok := data.Names[id]; ok || id == "" {
				continue
			}
			data.Names[id] = ""
			if a, err := w.People.Account(ctx, id); err == nil && v.MayAt(people.ReadAudit, a.Unit) == nil {
				data.Names[id] = a.Name
			}
		}
	}
	return w.show(c, 200, "audit", w.page(c, "organisations", w.t(c, "audit.title"), data))
}

// retentionView is what the next run of retention does.
type retentionView struct{ Items []people.Dormant }

func (w *Web) retention(c *fiber.Ctx) error {
	if err := gate.Of(c).May(people.RunSite); err != nil {
		return err
	}
	list, err := w.People.Dormant(c.UserContext())
	if err != nil {
		return err
	}
	return w.show(c, 200, "retention", w.page(c, "organisations", w.t(c, "retention.title"), retentionView{list}))
}

// recordView is the record of processing (GDPR art. 30), of the data map.
type recordView struct{ Collections []privacy.Collection }

func (w *Web) record(c *fiber.Ctx) error {
	var data recordView
	for _, x := range privacy.Map {
		if len(x.Fields) > 0 {
			data.Collections = append(data.Collections, x)
		}
	}
	return w.show(c, 200, "record", w.page(c, "", w.t(c, "record.title"), data))
}

// Recipients are who sees some field of a collection.
func (recordView) Recipients(c privacy.Collection) (list []privacy.Who) {
	for _, by := range (privacyView{}).By(c) {
		list = append(list, by.Who)
	}
	return list
}

// setSettings changes an organisation's own rules.
func (w *Web) setSettings(c *fiber.Ctx) error {
	ctx, v := c.UserContext(), gate.Of(c)
	o, err := w.API.OrganisationFor(ctx, v, people.ManageOrganisations, c.Params("organisation"))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	s := people.Settings{
		Languages: form["language"], Sees: people.Sees(form.Get("sees")), SignUp: people.SignUp(form.Get("sign_up")),
		Domains: o.Settings.Domains, KeepMonths: number(form.Get("keep_months")),
		TimeZone:  strings.TrimSpace(form.Get("time_zone")),
		Reminders: people.Reminders{Send: people.Switch(form.Get("reminders")), Before: days(form.Get("remind_before")), Ends: days(form.Get("remind_ends"))},
	}
	if v.May(people.RunSite) == nil {
		s.Domains = spaced(form.Get("domains"))
	}
	_, err = w.People.Set(ctx, v.Account, o.ID, s)
	return w.backTo(c, o, err)
}

// days reads days between blanks or commas; what is no number is refused further in.
func days(s string) (list []int) {
	for _, x := range spaced(s) {
		list = append(list, number(x))
	}
	return list
}

// joinOpen lets the visitor into an open organisation.
func (w *Web) joinOpen(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	if _, err := w.People.Join(c.UserContext(), v.Account, c.Params("organisation")); err != nil {
		return err
	}
	return c.Redirect("/account", fiber.StatusSeeOther)
}

// Counted says how many stand where no names are shown.
func (p *Page) Counted(c *api.Counted) string {
	show := func(n *int) string {
		if n == nil {
			return p.T("figures.hidden")
		}
		return p.N(*n)
	}
	return p.T("completions.counted", "assigned", show(c.Assigned), "certified", show(c.Certified), "overdue", show(c.Overdue))
}
