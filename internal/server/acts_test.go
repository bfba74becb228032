package server_test

import (
	"net/url"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/oidc/oidctest"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// Row 31: every act that the log has a word for is logged when it is done.
func TestEachActThatMattersIsLogged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := named(t, e)
		site := h.admin()
		o := site.organisation("Authority", "")
		site.want(200, "PUT", path("/organisations/%s", o.ID), m{"name": "Authority of the Sea"})
		code := site.invite(o, 3)
		h.clock.advance(time.Second)
		site.invite(o, 1)
		var list struct{ Items []struct{ ID string } }
		site.want(200, "GET", path("/organisations/%s/invitations", o.ID), nil).decode(t, &list)
		site.want(204, "DELETE", path("/organisations/%s/invitations/%s", o.ID, list.Items[0].ID), nil)
		site.want(200, "POST", path("/organisations/%s/members/list?dry_run=false", o.ID), "e-mail,name\nnew@example.org,New\n")
		site.want(200, "GET", "/api/v1/completions?format=csv", nil)
		site.want(200, "GET", "/api/v1/audit?format=csv", nil)

		mari := h.learner("Mari Tamm")
		_, secret := h.letter("mari.tamm@example.org", 1)
		h.anonymous().want(204, "POST", "/api/v1/confirmed-addresses", m{"secret": secret})
		h.anonymous().tryPassword("mari.tamm@example.org", "not the password")
		id := mari.id()
		other := h.signIn("mari.tamm@example.org")
		var sessions struct {
			Items []struct {
				ID      string
				Current bool
			}
		}
		mari.want(200, "GET", "/api/v1/me/sessions", nil).decode(t, &sessions)
		for _, s := range sessions.Items {
			if !s.Current {
				mari.want(204, "DELETE", "/api/v1/me/sessions/"+s.ID, nil)
			}
		}
		other.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
		mari.tokenFor(false, "learning")
		mari.want(200, "GET", "/api/v1/me/tokens", nil).decode(t, &list)
		mari.want(204, "DELETE", "/api/v1/me/tokens/"+list.Items[0].ID, nil)
		mari.addPasskey()
		mari.want(200, "GET", "/api/v1/me/passkeys", nil).decode(t, &list)
		mari.want(204, "DELETE", "/api/v1/me/passkeys/"+list.Items[0].ID, nil)
		h.provider.Person = oidctest.Person{Subject: "1", Email: "mari.tamm@example.org"}
		b := h.browserOf(mari)
		_, to, _ := b.visit(t, "guard")
		b.post(to, url.Values{"csrf": {b.csrf()}})
		_, recovery := mari.factor()
		half := h.signIn("mari.tamm@example.org")
		half.want(200, "PUT", "/api/v1/sessions/current/second-factor", m{"code": recovery[0]})
		var changed struct{ Token string }
		mari.want(200, "POST", "/api/v1/me/second-factor/end", m{"code": recovery[1]}).decode(t, &changed)
		mari.token = changed.Token
		mari.want(200, "PUT", "/api/v1/me/password", m{"current": password, "password": "a lamp above the quay"}).decode(t, &changed)
		mari.token = changed.Token
		mari.want(204, "DELETE", "/api/v1/me/sessions", nil)
		mari.want(200, "PUT", path("/invitations/%s/acceptance", code), nil)
		site.want(204, "PUT", path("/accounts/%s/extra-time", id), m{"percent": 50})
		_, certificate := h.certified("Kaja Kask", site.invite(o, 1))
		site.want(204, "PUT", path("/certificates/%s/revocation", certificate), nil)
		if err := h.Issuer.Rotate(t.Context(), h.Audit, h.clock.now()); err != nil {
			t.Fatal(err)
		}
		site.want(204, "DELETE", path("/organisations/%s/members/%s", o.ID, id), nil)
		site.want(204, "PUT", path("/accounts/%s/access", id), m{"open": false})
		site.want(204, "PUT", path("/accounts/%s/access", id), m{"open": true})
		h.cohortActs(site, o)
		for _, only := range []bool{true, true, false} {
			site.want(204, "PUT", path("/courses/first-contact/enrolment-rule"), m{"assigned_only": only})
		}
		for _, withdrawn := range []bool{true, true, false} {
			site.want(204, "PUT", path("/courses/first-contact/withdrawal"), m{"withdrawn": withdrawn})
		}
		h.republish(t, edited(t, "", newKey))
		regrade := uuid.NewString()
		for range 2 {
			site.regrade(m{"regrade": regrade, "from_version": 1})
		}
		for range 2 {
			site.want(200, "DELETE", path("/courses/first-contact/regrades/%s", regrade), nil)
		}
		jonas := h.learner("Jonas Petraitis")
		h.learner("Jonas Old")
		jonas.joins("jonas.old@example.org", 2)
		site.want(200, "PUT", path("/accounts/%s/countries", jonas.id()), m{"countries": []string{"LT"}})
		jonas.want(204, "DELETE", "/api/v1/sessions/current", nil)
		jonas = h.signIn("jonas.petraitis@example.org")
		jonas.want(204, "POST", "/api/v1/me/erasure", m{"password": password})
		h.clock.advance(time.Second)

		seen := map[string]int{}
		next := ""
		for {
			page, err := h.Audit.List(t.Context(), "", next, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range page.Items {
				seen[string(x.Act)]++
			}
			if next = page.Next; next == "" {
				break
			}
		}
		src, err := os.ReadFile("../audit/audit.go")
		if err != nil {
			t.Fatal(err)
		}
		acts := regexp.MustCompile(`Act\s+= "([a-z-]+)"`).FindAllStringSubmatch(string(src), -1)
		if len(acts) < 25 {
			t.Fatalf("only %d acts", len(acts))
		}
		once := []string{"address-confirmed", "second-factor-on", "second-factor-off", "token-made", "token-ended", "passkey-added", "passkey-removed", "provider-linked", "list-imported",
			"organisation-made", "organisation-changed", "editor-set", "invitation-withdrawn", "member-removed", "extra-time-given", "completions-exported", "log-exported", "account-closed", "account-opened", "account-erased", "accounts-merged", "password-changed", "session-ended", "course-withdrawn", "course-put-back", "enrolment-closed", "enrolment-opened",
			"cohort-removed", "cohort-person-removed", "assignment-withdrawn", "answers-read", "attempts-regraded", "regrade-undone", "history-imported", "history-taken-back", "hook-set", "hook-secret-rotated", "hook-ended", "hook-off"}
		for _, act := range acts {
			switch n := seen[act[1]]; {
			case n == 0:
				t.Errorf("%s is never logged", act[1])
			case n > 1 && slices.Contains(once, act[1]):
				t.Errorf("%s is logged %d times", act[1], n)
			}
		}
		if _, err := h.Audit.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Answers are forgotten a year after they were handed in; the score stays.
func TestAnswersAreForgottenAfterAYear(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		c := h.enrolled("Mari Tamm")
		a := c.start("m1-quiz")
		a.answerAll()
		before, _ := a.submit()
		for _, step := range []struct {
			after   time.Duration
			answers bool
		}{{364 * 24 * time.Hour, true}, {2 * 24 * time.Hour, false}} {
			h.clock.advance(step.after)
			if err := h.Learning.ForgetAnswers(t.Context()); err != nil {
				t.Fatal(err)
			}
			r, err := h.Learning.RecordOf(t.Context(), h.person(t, "mari.tamm@example.org"))
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Attempts[0]; (len(got.Answers) > 0) != step.answers || got.Result == nil || got.Result.Percent != before.Percent {
				t.Errorf("after %v more: %d answers, %+v", step.after, len(got.Answers), got.Result)
			}
		}
		b := h.browser("mari.tamm@example.org")
		if status, _, page := b.get("/attempts/" + a.ID + "/result"); status != 200 {
			t.Errorf("the result page: %d %s", status, page)
		}
	})
}

func (h *havn) person(t *testing.T, email string) string {
	t.Helper()
	a, err := h.People.ByEmail(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	return a.ID
}

// cohortActs does once what may be done to a cohort, its people and its courses.
func (h *havn) cohortActs(site *client, o organisation) {
	h.t.Helper()
	member := h.newcomer("Liis Kask", site.invite(o, 1))
	member.want(201, "PUT", path("/enrolments/first-contact"), nil)
	cohort := site.cohort(o, "2026-11-01", "2026-12-31", member)
	tutor := h.tutor("Tutor Kask", site, o, cohort)
	h.clock.advance(time.Minute)
	attempt := member.handIn()
	tutor.want(200, "GET", path("/cohorts/%s/members/%s/attempts/%s", cohort, member.id(), attempt), nil)
	var list struct{ Items []struct{ ID string } }
	site.want(200, "GET", path("/organisations/%s/assignments", o.ID), nil).decode(h.t, &list)
	assignment := path("/organisations/%s/assignments/%s", o.ID, list.Items[0].ID)
	site.want(204, "PUT", assignment+"/exemptions/"+member.id(), m{"reason": "away"})
	site.want(204, "DELETE", assignment, nil)
	past := uuid.NewString()
	site.bring(o, past, true, member.id()+",first-contact,2025-11-10,,,")
	site.want(200, "DELETE", path("/organisations/%s/history/%s", o.ID, past), nil)
	hook := path("/organisations/%s/hooks/%s", o.ID, uuid.NewString())
	site.want(200, "PUT", hook, m{"url": "https://127.0.0.1.nowhere.example"})
	site.want(200, "POST", hook+"/secret", nil)
	site.want(204, "DELETE", hook, nil)
	unit, err := h.People.Organisation(h.t.Context(), o.ID)
	if err != nil {
		h.t.Fatal(err)
	}
	h.hooked(&people.Account{Meta: store.Meta{ID: "nobody"}, Unit: unit.Path}, "")
	h.tell()
	site.want(204, "DELETE", path("/cohorts/%s/members/%s", cohort, member.id()), nil)
	site.want(204, "DELETE", path("/cohorts/%s", cohort), nil)
}
