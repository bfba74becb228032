package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"havn/internal/gate"
	"havn/internal/people"
)

// visitProvider sends the browser to an identity provider, by a page: a form
// may not lead to another host (CSP form-action).
func (w *Web) visitProvider(c *fiber.Ctx) error {
	address, browser, err := w.People.Visit(c.UserContext(), c.Params("provider"), w.BaseURL.JoinPath("provider", "answer").String())
	if err != nil {
		return w.failed(c, "sign-in", accountForm{Next: "/"}, err)
	}
	c.Cookie(w.Gate.AskedCookie(browser))
	return w.step(c, 200, "sign-in.title", stepView{Away: address})
}

// providerAnswer is where a provider sends the browser back to.
func (w *Web) providerAnswer(c *fiber.Ctx) error {
	query, err := url.ParseQuery(string(c.Request().URI().QueryString()))
	if err != nil {
		query = url.Values{}
	}
	o, link, err := w.People.Return(c.UserContext(), query, w.Gate.Asked(c), gate.Of(c).Entry(false))
	switch {
	case err != nil:
		return w.stepFailed(c, "sign-in.title", stepView{Again: true}, err)
	case link != "":
		return c.Redirect("/provider/link?secret="+url.QueryEscape(link), fiber.StatusSeeOther)
	}
	return w.enter(c, o, "/")
}

// providerLinkForm asks the owner of a local account to sign in to it first.
func (w *Web) providerLinkForm(c *fiber.Ctx) error {
	v := stepView{Text: "provider.link", Button: "action.continue", Action: "/sign-in?next=" + url.QueryEscape(c.OriginalURL())}
	if gate.Of(c).May(people.OwnAccount) == nil {
		v.Action = "/provider/link?secret=" + url.QueryEscape(c.Query("secret"))
		return w.step(c, 200, "provider.link-title", v)
	}
	v.Link, v.Action = v.Action, ""
	return w.step(c, 200, "provider.link-title", v)
}

func (w *Web) linkProvider(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.People.LinkProvider(c.UserContext(), v.Account, c.Query("secret"), w.Gate.Asked(c)); err != nil {
		return w.stepFailed(c, "provider.link-title", stepView{}, err)
	}
	return c.Redirect("/account/security", fiber.StatusSeeOther)
}
