package web

import (
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
)

// accountForm is what sign-in, sign-up and set-up share; what was typed comes
// back with the problem, but for the password.
type accountForm struct {
	Email, Name string
	Next, Token string
	Code        string // of an invitation
	Field       string // at fault
	Problem     string
	MinPassword int
}

func (w *Web) showAccountForm(c *fiber.Ctx, status int, name string, f accountForm) error {
	f.MinPassword = people.MinPassword
	return w.show(c, status, name, w.page(c, "", w.t(c, name+".title"), f))
}

// failed shows the form again with what is wrong, or passes the error on if it
// is not about what was typed.
func (w *Web) failed(c *fiber.Ctx, name string, f accountForm, err error) error {
	problem := problemOf(w, c, err)
	if problem.Status >= 500 {
		return err
	}
	f.Problem = problem.Title
	if len(problem.Errors) > 0 {
		f.Field = problem.Errors[0].Field
	}
	return w.showAccountForm(c, problem.Status, name, f)
}

func (w *Web) signInForm(c *fiber.Ctx) error {
	return w.showAccountForm(c, 200, "sign-in", accountForm{Next: localPath(c.Query("next"))})
}

func (w *Web) signIn(c *fiber.Ctx) error {
	f := accountForm{Email: c.FormValue("email"), Next: localPath(c.FormValue("next"))}
	o, err := w.People.SignIn(c.UserContext(), f.Email, c.FormValue("password"), gate.Of(c).Entry(c.FormValue("shared") != ""))
	if err != nil {
		return w.failed(c, "sign-in", f, err)
	}
	return w.enter(c, o, f.Next)
}

// enter gives the browser its session. Whatever session it had before ends.
func (w *Web) enter(c *fiber.Ctx, o *people.Opened, next string) error {
	if before := gate.Of(c).Token(); before != "" {
		if err := w.People.SignOut(c.UserContext(), before); err != nil {
			return err
		}
	}
	c.Cookie(w.Gate.Cookie(o))
	if o.Session.Pending {
		return c.Redirect("/sign-in/second?next="+url.QueryEscape(next), fiber.StatusSeeOther)
	}
	w.remember(c, o.Account.Language)
	return c.Redirect(next, fiber.StatusSeeOther)
}

func (w *Web) signUpForm(c *fiber.Ctx) error {
	code := c.Query("code")
	if !w.SignUp && code == "" && !w.takesSome(c) {
		return fault.New("sign-up-closed")
	}
	return w.showAccountForm(c, 200, "sign-up", accountForm{Next: localPath(c.Query("next")), Code: code})
}

// takesSome tells whether some organisation takes in addresses of its domains.
func (w *Web) takesSome(c *fiber.Ctx) bool {
	list, err := w.People.Organisations(c.UserContext(), "")
	return err == nil && slices.ContainsFunc(list, func(o people.Organisation) bool { return o.Settings.SignUp == people.ByDomain })
}

func (w *Web) signUp(c *fiber.Ctx) error {
	f := accountForm{Email: c.FormValue("email"), Name: c.FormValue("name"), Next: localPath(c.FormValue("next")), Code: c.FormValue("code")}
	if err := ofAge(c); err != nil {
		return w.failed(c, "sign-up", f, err)
	}
	a, err := w.API.NewAccount(c.UserContext(), people.NewAccount{
		Email: f.Email, Name: f.Name, Password: c.FormValue("password"), Language: gate.Of(c).Lang, Profession: people.Profession(c.FormValue("profession")),
	}, f.Code)
	if err != nil {
		return w.failed(c, "sign-up", f, err)
	}
	return w.openSession(c, a, f.Next)
}

func (w *Web) openSession(c *fiber.Ctx, a *people.Account, next string) error {
	token, s, err := w.People.OpenSession(c.UserContext(), a, gate.Of(c).Device)
	if err != nil {
		return err
	}
	return w.enter(c, &people.Opened{Token: token, Session: s, Account: a}, next)
}

func (w *Web) signOut(c *fiber.Ctx) error {
	if token := gate.Of(c).Token(); token != "" {
		if err := w.People.SignOut(c.UserContext(), token); err != nil {
			return err
		}
	}
	c.Cookie(w.Gate.NoCookie())
	c.Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (w *Web) setUpForm(c *fiber.Ctx) error {
	token := c.Params("token")
	if !w.People.CanSetUp(token) {
		return fault.New("set-up-link-invalid")
	}
	return w.showAccountForm(c, 200, "set-up", accountForm{Token: token})
}

func (w *Web) setUp(c *fiber.Ctx) error {
	f := accountForm{Email: c.FormValue("email"), Name: c.FormValue("name"), Token: c.Params("token")}
	a, err := w.People.SetUp(c.UserContext(), f.Token, people.NewAccount{
		Email: f.Email, Name: f.Name, Password: c.FormValue("password"), Language: gate.Of(c).Lang,
	})
	if err != nil {
		return w.failed(c, "set-up", f, err)
	}
	return w.openSession(c, a, "/")
}

// accountView is what a person sees of themselves.
type accountView struct {
	Sessions []people.Session
	// Organisations from the top down to the one that the person works in.
	Organisations []string
	Changed       bool   // the password, just now
	Field         string // at fault in the password form
	Problem       string
	// EraseProblem is why the account was not erased.
	EraseProblem string
	Calendar     string // its address, just made
}

func (w *Web) account(c *fiber.Ctx) error {
	return w.showAccount(c, 200, accountView{Changed: c.Query("changed") == "1"})
}

func (w *Web) showAccount(c *fiber.Ctx, status int, data accountView) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return c.Redirect("/sign-in?next="+url.QueryEscape("/account"), fiber.StatusSeeOther)
	}
	var err error
	if data.Sessions, err = w.People.Sessions(c.UserContext(), v.Account.ID); err != nil {
		return err
	}
	if data.Organisations, err = w.People.Where(c.UserContext(), v.Account); err != nil {
		return err
	}
	return w.show(c, status, "account", w.page(c, "account", w.t(c, "account.title"), data))
}

func (w *Web) changePassword(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	o, err := w.People.ChangePassword(c.UserContext(), v.Account, v.Token(), c.FormValue("current"), c.FormValue("password"), v.Entry(false))
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data := accountView{Problem: problem.Title}
		if len(problem.Errors) > 0 {
			data.Field = problem.Errors[0].Field
		}
		return w.showAccount(c, problem.Status, data)
	}
	c.Cookie(w.Gate.Cookie(o))
	return c.Redirect("/account?changed=1", fiber.StatusSeeOther)
}

// setProfession keeps what somebody does.
func (w *Web) setProfession(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	if err := w.People.SetProfession(c.UserContext(), v.Account.ID, people.Profession(c.FormValue("profession"))); err != nil {
		return err
	}
	return c.Redirect("/account", fiber.StatusSeeOther)
}

// endSessions ends the session that the form names, or all but this one.
func (w *Web) endSessions(c *fiber.Ctx) (err error) {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	if id := c.FormValue("session"); id != "" {
		err = w.People.EndSession(c.UserContext(), v.Account.ID, id)
	} else {
		err = w.People.EndSessions(c.UserContext(), v.Account.ID, v.Account.ID, v.Token())
	}
	if err != nil && !fault.Is(err, "not-found") {
		return err
	}
	return c.Redirect("/account", fiber.StatusSeeOther)
}
