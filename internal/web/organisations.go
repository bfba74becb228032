package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
)

// organisationsView is the tree that an administrator looks after.
type organisationsView struct {
	List    []people.Organisation
	AtTop   bool // may add one at the top
	Problem string
	Shift   int // depth of the topmost that is shown
}

// Indent is how far an organisation stands below the topmost shown.
func (v organisationsView) Indent(o people.Organisation) int { return o.Depth() - v.Shift }

func (w *Web) organisations(c *fiber.Ctx) error { return w.showOrganisations(c, 200, "") }

func (w *Web) showOrganisations(c *fiber.Ctx, status int, problem string) error {
	v := gate.Of(c)
	if err := v.May(people.ManageOrganisations); err != nil {
		return err
	}
	list, err := w.People.Organisations(c.UserContext(), v.Scope(people.ManageOrganisations)...)
	if err != nil {
		return err
	}
	data := organisationsView{List: list, AtTop: v.May(people.RunSite) == nil, Problem: problem, Shift: people.MaxDepth}
	for _, o := range list {
		data.Shift = min(data.Shift, o.Depth())
	}
	return w.show(c, status, "organisations", w.page(c, "organisations", w.t(c, "organisations.title"), data))
}

func (w *Web) addOrganisation(c *fiber.Ctx) error {
	v := gate.Of(c)
	parent := c.FormValue("parent")
	if parent == "" {
		if err := v.May(people.RunSite); err != nil {
			return err
		}
	} else if _, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageOrganisations, parent); err != nil {
		return err
	}
	o, err := w.People.AddOrganisation(c.UserContext(), v.Account, parent, c.FormValue("name"), c.FormValue("country"))
	if err != nil {
		if problem := problemOf(w, c, err); problem.Status < 500 {
			return w.showOrganisations(c, problem.Status, problem.Title)
		}
		return err
	}
	return c.Redirect("/organisations/"+o.ID, fiber.StatusSeeOther)
}

// organisationView is one organisation: its people and its invitations.
type organisationView struct {
	*people.Organisation
	Members     []people.Account
	Names       map[string]string // path → name, of units below
	Invitations []people.Invitation
	Next        string
	Code, Link  string // of the invitation just made
	Problem     string
	Roles       []people.Role
	Sights      []people.Sees
	Ways        []people.SignUp
	Site        bool // for the site's administrators
	Switches    []people.Switch
	Remind      people.Reminders // as above it, where it says nothing
}

// Has tells whether a list of languages has one.
func (organisationView) Has(list []string, lang string) bool { return slices.Contains(list, lang) }

func (w *Web) organisation(c *fiber.Ctx) error {
	return w.showOrganisation(c, 200, organisationView{})
}

func (w *Web) showOrganisation(c *fiber.Ctx, status int, data organisationView) error {
	ctx := c.UserContext()
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, c.Params("organisation"))
	if err != nil {
		return err
	}
	page, err := w.People.Members(ctx, o.Path, c.Query("cursor"), 100)
	if err != nil {
		return err
	}
	below, err := w.People.Organisations(ctx, o.Path)
	if err != nil {
		return err
	}
	if data.Invitations, err = w.People.Invitations(ctx, o); err != nil {
		return err
	}
	data.Organisation, data.Members, data.Next, data.Names = o, page.Items, page.Next, map[string]string{}
	for _, x := range below {
		data.Names[x.Path] = x.Name
	}
	data.Roles = []people.Role{people.Learner, people.Trainer, people.Administrator}
	data.Sights = []people.Sees{people.SeesStanding, people.SeesCounts}
	data.Ways = []people.SignUp{people.ByInvitation, people.SignUpClosed, people.ByDomain, people.SignUpOpen}
	data.Site = gate.Of(c).May(people.RunSite) == nil
	data.Switches = []people.Switch{people.On, people.Off}
	above, err := w.People.SettingsAt(ctx, o.Parent())
	if err != nil {
		return err
	}
	data.Remind = above.Reminders.Filled()
	return w.show(c, status, "organisation", w.page(c, "organisations", o.Name, data))
}

func (w *Web) changeOrganisation(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageOrganisations, c.Params("organisation"))
	if err != nil {
		return err
	}
	_, err = w.People.ChangeOrganisation(c.UserContext(), gate.Of(c).Account, o.ID, c.FormValue("name"), c.FormValue("country"))
	return w.backTo(c, o, err)
}

// backTo shows the organisation again, with what went wrong if something did.
func (w *Web) backTo(c *fiber.Ctx, o *people.Organisation, err error) error {
	if err != nil {
		if problem := problemOf(w, c, err); problem.Status < 500 {
			return w.showOrganisation(c, problem.Status, organisationView{Problem: problem.Title})
		}
		return err
	}
	return c.Redirect("/organisations/"+o.ID, fiber.StatusSeeOther)
}

// setMember gives somebody a role, or takes them out where the form names none.
func (w *Web) setMember(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, c.Params("organisation"))
	if err != nil {
		return err
	}
	ctx, by, id := c.UserContext(), gate.Of(c).Account, c.Params("account")
	if role := people.Role(c.FormValue("role")); role == "" {
		_, err = w.People.RemoveMember(ctx, by, id, o)
	} else if person, e := w.People.Account(ctx, id); e != nil {
		err = e
	} else {
		// The role is meant where the person works, which may be below.
		at, e := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, people.IDOf(person.Unit))
		if e != nil {
			return e
		}
		_, err = w.People.SetMember(ctx, by, id, at, []people.Role{role})
	}
	return w.backTo(c, o, err)
}

func (w *Web) invite(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, c.Params("organisation"))
	if err != nil {
		return err
	}
	uses, _ := strconv.Atoi(c.FormValue("uses"))
	code, _, err := w.People.Invite(c.UserContext(), gate.Of(c).Account, o, []people.Role{people.Role(c.FormValue("role"))}, uses, 14)
	if err != nil {
		return w.backTo(c, o, err)
	}
	return w.showOrganisation(c, 200, organisationView{Code: code, Link: w.API.InvitationURL(code)})
}

func (w *Web) withdrawInvitation(c *fiber.Ctx) error {
	o, err := w.API.OrganisationFor(c.UserContext(), gate.Of(c), people.ManageAccounts, c.Params("organisation"))
	if err == nil {
		err = w.People.Withdraw(c.UserContext(), gate.Of(c).Account, o, c.FormValue("invitation"))
	}
	if err != nil && !fault.Is(err, "not-found") {
		return err
	}
	return c.Redirect("/organisations/"+c.Params("organisation"), fiber.StatusSeeOther)
}

// joinView is what an invitation offers, and what joining shows to whom.
type joinView struct {
	Code, Organisation string
	SignUp             string // address
	Open               []people.Organisation
	Problem            string
}

func (w *Web) joinForm(c *fiber.Ctx) error { return w.showJoin(c, c.Query("code"), nil) }

func (w *Web) showJoin(c *fiber.Ctx, code string, err error) error {
	data, status := joinView{Code: code}, 200
	if code != "" && err == nil {
		var o *people.Organisation
		if _, o, err = w.People.Invitation(c.UserContext(), code); err == nil {
			data.Organisation = o.Name
			data.SignUp = "/sign-up?code=" + url.QueryEscape(code)
		}
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		data.Problem, status = problem.Title, problem.Status
	}
	if gate.Of(c).May(people.Learn) == nil {
		if data.Open, err = w.People.OpenOrganisations(c.UserContext()); err != nil {
			return err
		}
	}
	return w.show(c, status, "join", w.page(c, "", w.t(c, "join.title"), data))
}

func (w *Web) join(c *fiber.Ctx) error {
	v := gate.Of(c)
	code := c.FormValue("code")
	if v.May(people.OwnAccount) != nil {
		return c.Redirect("/join?code="+url.QueryEscape(code), fiber.StatusSeeOther)
	}
	_, opened, err := w.API.Accept(c.UserContext(), v, code)
	if err != nil {
		return w.showJoin(c, code, err)
	}
	if opened != nil {
		c.Cookie(w.Gate.Cookie(opened))
	}
	return c.Redirect("/account", fiber.StatusSeeOther)
}

func readForm(c *fiber.Ctx) (url.Values, error) {
	form, err := url.ParseQuery(string(c.Body()))
	if err != nil {
		return nil, fault.New("bad-request")
	}
	return form, nil
}

// number reads what a form has; what is no number is refused further in.
func number(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func spaced(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' || r == ';' })
}
