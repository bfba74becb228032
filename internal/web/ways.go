package web

import (
	"encoding/json"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
)

// stepView is one step on the way in: a sentence, at most one field, a button.
type stepView struct {
	Text, Button string // ids of messages
	Action       string // where the form goes; "" no form
	Next         string
	Label        string // id of the field's label; "" no field
	Code         string // to be shown and kept, large
	Problem      string
	Shared       bool   // asks whether others use the device too
	Again        bool   // offers to ask for another link
	Away         string // another host that the browser goes to by itself
	Link         string // in place of a form
}

func (w *Web) step(c *fiber.Ctx, status int, title string, v stepView) error {
	return w.show(c, status, "step", w.page(c, "", w.t(c, title), v))
}

// stepFailed shows a step again with what is wrong.
func (w *Web) stepFailed(c *fiber.Ctx, title string, v stepView, err error) error {
	problem := problemOf(w, c, err)
	if problem.Status >= 500 {
		return err
	}
	v.Problem = problem.Title
	return w.step(c, problem.Status, title, v)
}

func (w *Web) sendLink(c *fiber.Ctx) error {
	asked, err := w.People.SendLink(c.UserContext(), c.FormValue("email"), gate.Of(c).Lang)
	if err != nil {
		return w.failed(c, "sign-in", accountForm{Email: c.FormValue("email"), Next: localPath(c.FormValue("next"))}, err)
	}
	c.Cookie(w.Gate.AskedCookie(asked))
	return w.step(c, 200, "link.sent-title", stepView{Text: "link.sent"})
}

func (w *Web) linkForm(c *fiber.Ctx) error {
	v := stepView{Text: "link.press", Button: "sign-in.title", Action: c.Path(), Shared: true}
	if err := w.People.CanUseLink(c.UserContext(), c.Params("secret"), w.Gate.Asked(c)); err != nil {
		return w.stepFailed(c, "sign-in.title", stepView{Again: true}, err)
	}
	return w.step(c, 200, "sign-in.title", v)
}

func (w *Web) openLink(c *fiber.Ctx) error {
	o, err := w.People.OpenLink(c.UserContext(), c.Params("secret"), w.Gate.Asked(c), gate.Of(c).Entry(c.FormValue("shared") != ""))
	if err != nil {
		return w.stepFailed(c, "sign-in.title", stepView{Again: true}, err)
	}
	return w.enter(c, o, "/")
}

func (w *Web) confirmForm(c *fiber.Ctx) error {
	return w.step(c, 200, "confirm.title", stepView{Text: "confirm.press", Button: "confirm.title", Action: c.Path()})
}

func (w *Web) confirm(c *fiber.Ctx) error {
	if err := w.API.Confirm(c.UserContext(), c.Params("secret")); err != nil {
		return w.stepFailed(c, "confirm.title", stepView{}, err)
	}
	return w.step(c, 200, "confirm.title", stepView{Text: "confirm.done"})
}

func secondStep(next string) stepView {
	return stepView{Text: "second.about", Label: "second.code", Button: "action.continue", Action: "/sign-in/second", Next: next}
}

func (w *Web) secondForm(c *fiber.Ctx) error {
	if !gate.Of(c).Pending {
		return c.Redirect("/sign-in", fiber.StatusSeeOther)
	}
	return w.step(c, 200, "second.title", secondStep(localPath(c.Query("next"))))
}

func (w *Web) second(c *fiber.Ctx) error {
	v, next := gate.Of(c), localPath(c.FormValue("next"))
	o, err := w.People.PassSecondFactor(c.UserContext(), v.Token(), c.FormValue("code"), v.Entry(false))
	if err != nil {
		return w.stepFailed(c, "second.title", secondStep(next), err)
	}
	return w.enter(c, o, next)
}

func codeStep(next string) stepView {
	return stepView{Text: "pseudonym.come-back", Label: "pseudonym.code", Button: "sign-in.title", Action: "/sign-in/code", Next: next, Shared: true}
}

func (w *Web) codeForm(c *fiber.Ctx) error {
	return w.step(c, 200, "pseudonym.sign-in", codeStep(localPath(c.Query("next"))))
}

func (w *Web) comeBack(c *fiber.Ctx) error {
	next := localPath(c.FormValue("next"))
	o, err := w.People.ComeBack(c.UserContext(), c.FormValue("code"), gate.Of(c).Entry(c.FormValue("shared") != ""))
	if err != nil {
		return w.stepFailed(c, "pseudonym.sign-in", codeStep(next), err)
	}
	return w.enter(c, o, next)
}

// pseudonym makes an account without an address and shows its code, once.
func (w *Web) pseudonym(c *fiber.Ctx) error {
	f := accountForm{Name: c.FormValue("name"), Next: localPath(c.FormValue("next")), Code: c.FormValue("code")}
	if err := ofAge(c); err != nil {
		return w.failed(c, "sign-up", f, err)
	}
	a, code, err := w.API.NewPseudonym(c.UserContext(), f.Name, gate.Of(c).Lang, f.Code)
	if err != nil {
		return w.failed(c, "sign-up", f, err)
	}
	token, s, err := w.People.OpenSession(c.UserContext(), a, gate.Of(c).Device)
	if err != nil {
		return err
	}
	c.Cookie(w.Gate.Cookie(&people.Opened{Token: token, Session: s, Account: a}))
	return w.step(c, 200, "pseudonym.made", stepView{Text: "pseudonym.keep", Code: code})
}

// ofAge refuses who says to be under 18: Havn is for adults, and says where
// children find help.
func ofAge(c *fiber.Ctx) error {
	switch c.FormValue("age") {
	case "adult":
		return nil
	case "child":
		return fault.New("under-18")
	}
	return fault.At("age-missing", "age")
}

// passkey signs in by what the browser answered to POST
// /api/v1/sessions/passkey/options.
func (w *Web) passkey(c *fiber.Ctx) error {
	var in struct {
		Asked  string            `json:"asked"`
		Answer api.PasskeyAnswer `json:"answer"`
	}
	if err := json.Unmarshal(c.Body(), &in); err != nil {
		return fault.New("bad-request")
	}
	o, err := w.People.SignInByPasskey(c.UserContext(), in.Asked, in.Answer.Bytes(), gate.Of(c).Entry(false))
	if err != nil {
		return w.API.Send(c, gate.Of(c).Lang, err)
	}
	c.Cookie(w.Gate.Cookie(o))
	return c.SendStatus(fiber.StatusNoContent)
}

func (w *Web) removePasskey(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.People.RemovePasskey(c.UserContext(), v.Account, c.FormValue("passkey")); err != nil && !fault.Is(err, "not-found") {
		return err
	}
	return c.Redirect("/account/security", fiber.StatusSeeOther)
}

// securityView is the page of one's ways in.
type securityView struct {
	Tokens   []people.Token
	Passkeys []people.Passkey
	CanAdd   bool // passkeys
	Scopes   []people.TokenScope
	Secret   string // of an authenticator app, to be confirmed
	QR       string // its address, as SVG
	Recovery []string
	NewToken string
	Problem  string
	At       string // the form that is at fault
}

func (w *Web) security(c *fiber.Ctx) error { return w.showSecurity(c, 200, securityView{}) }

func (w *Web) showSecurity(c *fiber.Ctx, status int, data securityView) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return c.Redirect("/sign-in?next="+url.QueryEscape("/account/security"), fiber.StatusSeeOther)
	}
	var err error
	data.Scopes, data.CanAdd = people.TokenScopes, w.People.TakesPasskeys()
	if data.Passkeys, err = w.People.Passkeys(c.UserContext(), v.Account.ID); err != nil {
		return err
	}
	if data.Tokens, err = w.People.Tokens(c.UserContext(), v.Account.ID); err != nil {
		return err
	}
	return w.show(c, status, "security", w.page(c, "account", w.t(c, "security.title"), data))
}

// securityFailed shows the page again with what is wrong in one of its forms.
func (w *Web) securityFailed(c *fiber.Ctx, data securityView, err error) error {
	problem := problemOf(w, c, err)
	if problem.Status >= 500 {
		return err
	}
	data.Problem = problem.Title
	return w.showSecurity(c, problem.Status, data)
}

func (w *Web) proposeFactor(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.People.Reauthenticate(c.UserContext(), v.Account, v.Token(), c.FormValue("password"), "password"); err != nil {
		return w.securityFailed(c, securityView{At: "factor"}, err)
	}
	secret, address, err := w.People.ProposeSecondFactor(c.UserContext(), v.Account)
	if err != nil {
		return w.securityFailed(c, securityView{At: "factor"}, err)
	}
	return w.showProposal(c, 200, secret, address, nil)
}

func (w *Web) showProposal(c *fiber.Ctx, status int, secret, address string, failed error) error {
	qr, err := qrSVG(address)
	if err != nil {
		return err
	}
	data := securityView{At: "factor", Secret: secret, QR: qr}
	if failed != nil {
		return w.securityFailed(c, data, failed)
	}
	return w.showSecurity(c, status, data)
}

func (w *Web) confirmFactor(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	codes, o, err := w.People.ConfirmSecondFactor(c.UserContext(), v.Account, c.FormValue("code"), v.Entry(false))
	if fault.Is(err, "factor-code-wrong") {
		secret, address := w.People.Proposed(v.Account)
		return w.showProposal(c, 422, secret, address, err)
	} else if err != nil {
		return w.securityFailed(c, securityView{At: "factor"}, err)
	}
	c.Cookie(w.Gate.Cookie(o))
	*v = *v.As(o)
	return w.showSecurity(c, 200, securityView{At: "factor", Recovery: codes})
}

func (w *Web) dropFactor(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	o, err := w.People.DropSecondFactor(c.UserContext(), v.Account, c.FormValue("code"), v.Entry(false))
	if err != nil {
		return w.securityFailed(c, securityView{At: "factor"}, err)
	}
	c.Cookie(w.Gate.Cookie(o))
	return c.Redirect("/account/security", fiber.StatusSeeOther)
}

func (w *Web) makeToken(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	var scopes []people.TokenScope
	for _, s := range form["scope"] {
		scopes = append(scopes, people.TokenScope(s))
	}
	err = w.People.Reauthenticate(c.UserContext(), v.Account, v.Token(), form.Get("password"), "password")
	var secret string
	if err == nil {
		secret, _, err = w.People.MakeToken(c.UserContext(), v.Account, form.Get("name"), scopes, form.Get("read_only") != "", 90)
	}
	if err != nil {
		return w.securityFailed(c, securityView{At: "token"}, err)
	}
	return w.showSecurity(c, 200, securityView{At: "token", NewToken: secret})
}

func (w *Web) endToken(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.OwnAccount); err != nil {
		return err
	}
	if err := w.People.EndToken(c.UserContext(), v.Account.ID, c.FormValue("token")); err != nil && !fault.Is(err, "not-found") {
		return err
	}
	return c.Redirect("/account/security", fiber.StatusSeeOther)
}
