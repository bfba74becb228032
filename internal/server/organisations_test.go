package server_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

type organisation struct{ ID, Name, Parent string }

func (c *client) organisation(name, parent string) organisation {
	c.h.t.Helper()
	var o organisation
	c.want(201, "POST", "/api/v1/organisations", map[string]string{"name": name, "parent": parent, "country": "EE"}).decode(c.h.t, &o)
	return o
}

func (c *client) invite(o organisation, uses int, roles ...string) string {
	c.h.t.Helper()
	var i struct{ Code string }
	c.want(201, "POST", path("/organisations/%s/invitations", o.ID), map[string]any{"uses": uses, "roles": roles}).decode(c.h.t, &i)
	return i.Code
}

func (c *client) id() string {
	c.h.t.Helper()
	var me struct{ ID string }
	c.want(200, "GET", "/api/v1/me", nil).decode(c.h.t, &me)
	return me.ID
}

// invited is somebody who comes by an invitation and enrols.
func (h *havn) invited(name, code string) *client {
	h.t.Helper()
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	h.anonymous().want(201, "POST", "/api/v1/accounts", map[string]string{"email": email, "password": password, "name": name, "invitation": code})
	c := h.signIn(email)
	c.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	return c
}

// Two authorities share a server. Whoever administers one asks for every list
// there is, with their own ids and the other's, and finds nothing of the other.
func TestNothingOfOneOrganisationShowsInAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		type side struct {
			top, unit organisation
			admin     *client
			member    *client
			code      string

			cohort, assignment string
		}
		sides := map[string]*side{}
		for _, canary := range []string{"Kanarilind", "Kanariefagel"} {
			s := &side{top: site.organisation(canary+" Authority", "")}
			s.admin = h.invited(canary+" Chief", site.invite(s.top, 1, "administrator"))
			s.unit = s.admin.organisation(canary+" Harbour Unit", s.top.ID)
			s.code = s.admin.invite(s.unit, 5)
			s.member = h.invited(canary+" Learner", s.code)
			s.admin.invite(s.unit, 1, "trainer")
			s.cohort, s.assignment = uuid.NewString(), uuid.NewString()
			s.admin.want(200, "PUT", path("/organisations/%s/cohorts/%s", s.unit.ID, s.cohort), m{"name": canary + " Cohort", "kind": "hand"})
			s.admin.want(204, "PUT", path("/cohorts/%s/members/%s", s.cohort, s.member.id()), nil)
			s.admin.want(200, "PUT", path("/organisations/%s/assignments/%s", s.unit.ID, s.assignment), m{"course": "first-contact", "to": m{"kind": "cohort", "id": s.cohort}})
			s.admin.settled(s.unit)
			sides[canary] = s
		}
		ours, theirs := sides["Kanarilind"], sides["Kanariefagel"]
		get := []string{
			"/organisations", "/completions", "/completions?format=csv", "/completions?course=first-contact&status=enrolled",
			path("/organisations/%s", ours.top.ID)[7:], path("/organisations/%s/members", ours.top.ID)[7:], path("/organisations/%s/members", ours.unit.ID)[7:],
			path("/organisations/%s/invitations", ours.unit.ID)[7:], path("/completions?organisation=%s", ours.top.ID)[7:], "/me", "/me/sessions", "/enrolments",
			"/audit", "/audit?format=csv", path("/audit?organisation=%s", ours.top.ID)[7:], "/open-organisations", "/me/tokens", "/me/passkeys", "/me/export", "/data-map", "/certificates/revocations",
			path("/organisations/%s/cohorts", ours.top.ID)[7:], path("/cohorts/%s", ours.cohort)[7:], path("/cohorts/%s/members", ours.cohort)[7:], "/cohorts", "/me/cohorts", "/me/looks",
			path("/organisations/%s/assignments", ours.top.ID)[7:], path("/organisations/%s/assignments/%s/people", ours.unit.ID, ours.assignment)[7:],
		}
		for _, p := range get {
			a := ours.admin.want(200, "GET", "/api/v1"+p, nil)
			for _, secret := range []string{"Kanariefagel", "kanariefagel", theirs.top.ID, theirs.unit.ID, theirs.member.id(), theirs.cohort, theirs.assignment} {
				if bytes.Contains(a.body, []byte(secret)) {
					t.Errorf("%s holds %q: %s", p, secret, a.body)
				}
			}
			if strings.Contains(p, "completions") && !bytes.Contains(a.body, []byte("Kanarilind Learner")) {
				t.Errorf("%s does not hold one's own: %s", p, a.body)
			}
		}
		plan := ours.admin.want(200, "POST", path("/organisations/%s/members/list", ours.top.ID), "e-mail,name\nkanariefagel.learner@example.org,X\nnobody.at.all@example.org,Y\n")
		if !bytes.Contains(plan.body, []byte(`"invited":2`)) || bytes.Contains(plan.body, []byte("Kanariefagel")) {
			t.Errorf("a list tells who has an account elsewhere: %s", plan.body)
		}
		b := h.browserOf(ours.admin)
		for _, page := range []string{"/", "/account", "/organisations", "/organisations/" + ours.top.ID, "/organisations/" + ours.top.ID + "/list", "/organisations/" + ours.top.ID + "/cohorts", "/organisations/" + ours.unit.ID + "/cohorts/" + ours.cohort, "/organisations/" + ours.unit.ID + "/assignments/" + ours.assignment, "/privacy", "/learning", "/admin/completions", "/admin/audit", "/join"} {
			if status, _, text := b.get(page); status != 200 || bytes.Contains(bytes.ToLower(text), []byte("kanariefagel")) {
				t.Errorf("%s: %d %s", page, status, text)
			}
		}
		body := map[string]any{"name": "Taken over", "roles": []string{"learner"}, "percent": 50}
		for kind, id := range map[string]string{"unit": theirs.unit.ID, "cohort": theirs.cohort, "person": theirs.member.id()} {
			address := path("/organisations/%s/assignments/%s", ours.unit.ID, uuid.NewString())
			there := ours.admin.refuse("not-found", "PUT", address, m{"course": "first-contact", "to": m{"kind": kind, "id": id}})
			if nowhere := ours.admin.refuse("not-found", "PUT", address, m{"course": "first-contact", "to": m{"kind": kind, "id": uuid.NewString()}}); string(there.body) != string(nowhere.body) {
				t.Errorf("assigning tells that there is a %s: %s", kind, there.body)
			}
		}
		for _, c := range []struct {
			method, path string
			ids          []string
			body         map[string]any
		}{
			{"GET", "/organisations/%s", []string{theirs.top.ID}, nil},
			{"PUT", "/organisations/%s", []string{theirs.unit.ID}, map[string]any{"name": body["name"]}},
			{"POST", "/organisations", nil, map[string]any{"name": "Below", "parent": theirs.top.ID}},
			{"GET", "/organisations/%s/members", []string{theirs.unit.ID}, nil},
			{"PUT", "/organisations/%s/members/%s", []string{theirs.unit.ID, ours.member.id()}, map[string]any{"roles": body["roles"]}},
			{"PUT", "/organisations/%s/members/%s", []string{ours.unit.ID, theirs.member.id()}, map[string]any{"roles": body["roles"]}},
			{"DELETE", "/organisations/%s/members/%s", []string{ours.unit.ID, theirs.member.id()}, nil},
			{"DELETE", "/organisations/%s/members/%s", []string{theirs.unit.ID, theirs.member.id()}, nil},
			{"POST", "/organisations/%s/invitations", []string{theirs.unit.ID}, map[string]any{}},
			{"GET", "/organisations/%s/invitations", []string{theirs.unit.ID}, nil},
			{"GET", "/completions?organisation=%s", []string{theirs.top.ID}, nil},
			{"PUT", "/organisations/%s/settings", []string{theirs.unit.ID}, map[string]any{"sees": "standing"}},
			{"GET", "/organisations/%s/cohorts", []string{theirs.unit.ID}, nil},
			{"PUT", "/organisations/%s/cohorts/%s", []string{theirs.unit.ID, uuid.NewString()}, map[string]any{"name": "Taken over", "kind": "hand"}},
			{"GET", "/cohorts/%s", []string{theirs.cohort}, nil},
			{"DELETE", "/cohorts/%s", []string{theirs.cohort}, nil},
			{"GET", "/cohorts/%s/members", []string{theirs.cohort}, nil},
			{"PUT", "/cohorts/%s/members/%s", []string{theirs.cohort, ours.member.id()}, nil},
			{"PUT", "/cohorts/%s/members/%s", []string{ours.cohort, theirs.member.id()}, nil},
			{"PUT", "/cohorts/%s/tutors/%s", []string{theirs.cohort, ours.member.id()}, nil},
			{"PUT", "/cohorts/%s/tutors/%s", []string{ours.cohort, theirs.member.id()}, nil},
			{"GET", "/organisations/%s/assignments", []string{theirs.unit.ID}, nil},
			{"PUT", "/organisations/%s/assignments/%s", []string{theirs.unit.ID, uuid.NewString()}, map[string]any{"course": "first-contact", "to": m{"kind": "unit", "id": theirs.unit.ID}}},
			{"DELETE", "/organisations/%s/assignments/%s", []string{ours.unit.ID, theirs.assignment}, nil},
			{"PUT", "/organisations/%s/assignments/%s/exemptions/%s", []string{theirs.unit.ID, theirs.assignment, theirs.member.id()}, map[string]any{"reason": "away"}},
			{"GET", "/audit?organisation=%s", []string{theirs.top.ID}, nil},
			{"PUT", "/accounts/%s/access", []string{theirs.member.id()}, map[string]any{"open": true}},
			{"PUT", "/accounts/%s/extra-time", []string{theirs.member.id()}, map[string]any{"percent": 50}},
		} {
			with := func(ids []string) answer {
				args := make([]any, len(ids))
				for i, id := range ids {
					args[i] = id
				}
				var body any
				if c.body != nil {
					body = c.body
				}
				return ours.admin.do(c.method, path(c.path, args...), body)
			}
			foreign := with(c.ids)
			if c.ids == nil {
				c.body["parent"] = "none"
			}
			for i, id := range c.ids {
				if id != ours.unit.ID && id != ours.member.id() {
					c.ids[i] = "none"
				}
			}
			unknown := with(c.ids)
			if foreign.status != 404 || !bytes.Equal(foreign.body, unknown.body) {
				t.Errorf("%s %s: %d %s, for what is not there %d %s", c.method, c.path, foreign.status, foreign.body, unknown.status, unknown.body)
			}
		}
		// What is only the site's.
		ours.admin.refuse("forbidden", "POST", "/api/v1/organisations", map[string]any{"name": "At the top"})
		ours.admin.refuse("forbidden", "POST", "/api/v1/accounts/invited", map[string]any{"email": "x@example.org", "password": password, "name": "X", "roles": []string{"administrator"}})
		ours.member.refuse("forbidden", "GET", "/api/v1/organisations", nil)
		ours.member.refuse("forbidden", "GET", "/api/v1/completions", nil)
		// The site's administrator sees both.
		if a := site.want(200, "GET", "/api/v1/completions", nil); !bytes.Contains(a.body, []byte("Kanarilind")) || !bytes.Contains(a.body, []byte("Kanariefagel")) {
			t.Errorf("the site does not see both: %s", a.body)
		}
	})
}

func TestAUnitsAdministratorSeesNothingAbove(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Border Authority", "")
		north := site.organisation("North", top.ID)
		south := site.organisation("South", top.ID)
		boss := h.invited("North Boss", site.invite(north, 1, "administrator"))
		h.invited("South Learner", site.invite(south, 1))
		jonas := h.invited("North Learner", site.invite(north, 1))
		if a := boss.want(200, "GET", "/api/v1/completions", nil); bytes.Contains(a.body, []byte("South")) || !bytes.Contains(a.body, []byte("North Learner")) {
			t.Errorf("%s", a.body)
		}
		if a := boss.want(200, "GET", "/api/v1/organisations", nil); bytes.Contains(a.body, []byte("Border")) || bytes.Contains(a.body, []byte(top.ID)) {
			t.Errorf("what is above shows: %s", a.body)
		}
		boss.refuse("not-found", "GET", path("/organisations/%s", top.ID), nil)
		// Somebody moves to the other unit, and what they learned moves along.
		site.want(200, "PUT", path("/organisations/%s/members/%s", south.ID, jonas.id()), map[string]any{"roles": []string{"learner"}})
		if a := boss.want(200, "GET", "/api/v1/completions", nil); bytes.Contains(a.body, []byte("North Learner")) {
			t.Errorf("who has left still shows: %s", a.body)
		}
		if a := site.want(200, "GET", path("/completions?organisation=%s", south.ID), nil); !bytes.Contains(a.body, []byte("North Learner")) {
			t.Errorf("who has come does not show: %s", a.body)
		}
		// An administrator who is taken out is one no more, at once.
		site.want(204, "DELETE", path("/organisations/%s/members/%s", top.ID, boss.id()), nil)
		boss.refuse("forbidden", "GET", "/api/v1/completions", nil)
	})
}

// Fifty people have the same link for one person: one gets in, and only one
// account comes of it.
func TestAnInvitationLetsInAsManyAsItSays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		unit := site.organisation("Reception Centre", "")
		one, class := site.invite(unit, 1), site.invite(unit, 3)
		var in, out atomic.Int32
		var all sync.WaitGroup
		for n := range 50 {
			token := h.session(t)
			all.Go(func() {
				c := &client{h: h, token: token}
				switch a := c.do("PUT", path("/invitations/%s/acceptance", one), nil); {
				case a.status == 200:
					in.Add(1)
				case a.code() == "invitation-invalid":
					out.Add(1)
				default:
					t.Errorf("%d: %d %s", n, a.status, a.body)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 || out.Load() != 49 {
			t.Errorf("%d got in, %d did not", in.Load(), out.Load())
		}
		h = startWith(t, e, sample(t, nil), func(c *server.Config) { c.SignUp = false })
		site = h.admin()
		spoken := strings.ToLower(strings.ReplaceAll(class, "-", " "))
		for n := range 5 {
			a := h.anonymous().do("POST", "/api/v1/accounts", map[string]string{"email": fmt.Sprintf("class-%d@example.org", n), "password": password, "name": "Class", "invitation": spoken})
			if want := map[bool]int{true: 201, false: 422}[n < 3]; a.status != want {
				t.Errorf("pupil %d: %d %s", n, a.status, a.body)
			}
		}
		h.anonymous().refuse("sign-up-closed", "POST", "/api/v1/accounts", map[string]string{"email": "z@example.org", "password": password, "name": "Z"})
		// A sign-up that is refused gives the invitation back.
		again := site.invite(unit, 1)
		h.anonymous().refuse("password-short", "POST", "/api/v1/accounts", map[string]string{"email": "y@example.org", "password": "short", "name": "Y", "invitation": again})
		h.anonymous().want(201, "POST", "/api/v1/accounts", map[string]string{"email": "y@example.org", "password": password, "name": "Y", "invitation": again})
	})
}
