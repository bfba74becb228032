package web

import (
	"net/url"

	"github.com/gofiber/fiber/v2"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
)

// accountForm is what sign-in, sign-up and set-up share; what was typed comes
// back with the problem, but for the password.
type accountForm struct {
	Email, Name string
	Next, Token string
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
	token, _, account, err := w.People.SignIn(c.UserContext(), f.Email, c.FormValue("password"))
	if err != nil {
		return w.failed(c, "sign-in", f, err)
	}
	return w.enter(c, token, account, f.Next)
}

// enter gives the browser its session. Whatever session it had before ends.
func (w *Web) enter(c *fiber.Ctx, token string, account *people.Account, next string) error {
	if before := gate.Of(c).Token(); before != "" {
		if err := w.People.SignOut(c.UserContext(), before); err != nil {
			return err
		}
	}
	c.Cookie(w.Gate.Cookie(token))
	w.remember(c, account.Language)
	return c.Redirect(next, fiber.StatusSeeOther)
}

func (w *Web) signUpForm(c *fiber.Ctx) error {
	if !w.SignUp {
		return fault.New("sign-up-closed")
	}
	return w.showAccountForm(c, 200, "sign-up", accountForm{Next: localPath(c.Query("next"))})
}

func (w *Web) signUp(c *fiber.Ctx) error {
	if !w.SignUp {
		return fault.New("sign-up-closed")
	}
	f := accountForm{Email: c.FormValue("email"), Name: c.FormValue("name"), Next: localPath(c.FormValue("next"))}
	a, err := w.People.Create(c.UserContext(), people.NewAccount{
		Email: f.Email, Name: f.Name, Password: c.FormValue("password"), Language: gate.Of(c).Lang,
	})
	if err != nil {
		return w.failed(c, "sign-up", f, err)
	}
	return w.openSession(c, a, f.Next)
}

func (w *Web) openSession(c *fiber.Ctx, a *people.Account, next string) error {
	token, _, err := w.People.OpenSession(c.UserContext(), a)
	if err != nil {
		return err
	}
	return w.enter(c, token, a, next)
}

func (w *Web) signOut(c *fiber.Ctx) error {
	if token := gate.Of(c).Token(); token != "" {
		if err := w.People.SignOut(c.UserContext(), token); err != nil {
			return err
		}
	}
	c.Cookie(w.Gate.Cookie(""))
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
	Enrolments []accountCourse
}

type accountCourse struct {
	learning.Enrolment
	Title    string
	Progress learning.Progress
}

func (w *Web) account(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return c.Redirect("/sign-in?next="+url.QueryEscape("/account"), fiber.StatusSeeOther)
	}
	list, err := w.Learning.Enrolments(c.UserContext(), v.Learner())
	if err != nil {
		return err
	}
	var data accountView
	for _, e := range list {
		row := accountCourse{Enrolment: e, Title: e.Course}
		if p, ok := w.Library.Current(e.Course); ok {
			row.Title, row.Progress = v.Edition(p).Title.Plain, learning.ProgressOf(p, &e)
		}
		data.Enrolments = append(data.Enrolments, row)
	}
	return w.show(c, 200, "account", w.page(c, "account", w.t(c, "account.title"), data))
}
