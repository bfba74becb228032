package server_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// factor turns a second factor on and gives the secret and the recovery codes.
func (c *client) factor() (secret string, recovery []string) {
	c.h.t.Helper()
	var proposal struct{ Secret, Address string }
	c.want(200, "POST", "/api/v1/me/second-factor", m{"password": password}).decode(c.h.t, &proposal)
	var on struct {
		Recovery []string
		Token    string
	}
	c.want(200, "PUT", "/api/v1/me/second-factor", m{"code": c.h.totp(proposal.Secret)}).decode(c.h.t, &on)
	c.token = on.Token
	return proposal.Secret, on.Recovery
}

func (h *havn) totp(secret string) string {
	h.t.Helper()
	code, err := totp.GenerateCode(secret, h.clock.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

// half is somebody whose sign-in waits for the second factor.
func (h *havn) half(name, code string) *client {
	h.t.Helper()
	c := h.invited(name, code)
	c.factor()
	return h.signIn(strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org")
}

// Row 23: a code of the app counts once, a recovery code counts once, and
// nothing opens before one of them.
func TestTheSecondFactorCountsOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		c := h.learner("Mari Tamm")
		other := h.signIn("mari.tamm@example.org")
		token := c.tokenFor(false, "learning")
		secret, recovery := c.factor()
		h.clock.advance(2 * time.Second)
		other.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
		token.refuse("sign-in-needed", "GET", "/api/v1/me", nil)
		c.want(200, "GET", "/api/v1/me", nil)

		half := h.signIn("mari.tamm@example.org")
		half.refuse("second-factor-needed", "GET", "/api/v1/me", nil)
		half.refuse("second-factor-needed", "PUT", "/api/v1/enrolments/first-contact", nil)
		half.refuse("factor-code-wrong", "PUT", "/api/v1/sessions/current/second-factor", m{"code": "000000"})
		h.clock.advance(30 * time.Second)
		code := h.totp(secret)
		waiting := make(chan *client, 50)
		for range 50 {
			a, err := h.People.ByEmail(t.Context(), "mari.tamm@example.org")
			if err != nil {
				t.Fatal(err)
			}
			waiting <- h.waiting(a)
		}
		seen := atOnce(func() int {
			return (<-waiting).do("PUT", "/api/v1/sessions/current/second-factor", m{"code": code}).status
		})
		if seen[200] != 1 || seen[200]+seen[422]+seen[429] != 50 {
			t.Errorf("of 50 at once with one code: %v", seen)
		}
		h.clock.advance(people.GuessWindow + time.Minute)
		for range 50 {
			a, _ := h.People.ByEmail(t.Context(), "mari.tamm@example.org")
			waiting <- h.waiting(a)
		}
		seen = atOnce(func() int {
			return (<-waiting).do("PUT", "/api/v1/sessions/current/second-factor", m{"code": recovery[3]}).status
		})
		if seen[200] != 1 || seen[200]+seen[422]+seen[429] != 50 {
			t.Errorf("of 50 at once with one recovery code: %v", seen)
		}
		if len(recovery) != people.RecoveryCodes {
			t.Errorf("%d recovery codes", len(recovery))
		}
	})
}

// waiting is a sign-in that waits for the second factor, past the limit on
// passwords.
func (h *havn) waiting(a *people.Account) *client {
	h.t.Helper()
	o, err := h.People.SignIn(context.Background(), a.Email, password, people.Entry{Device: "program"})
	if err != nil || !o.Session.Pending {
		h.t.Fatalf("%v %+v", err, o)
	}
	return &client{h: h, token: o.Token}
}

func TestCodesOfTheStepBeforeAndAfterAreTakenAndNoOthers(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	c := h.learner("Mari Tamm")
	secret, _ := c.factor()
	for _, step := range []struct {
		off  time.Duration
		want int
	}{{-60 * time.Second, 422}, {60 * time.Second, 422}, {-30 * time.Second, 200}, {30 * time.Second, 200}} {
		h.clock.advance(5 * time.Minute)
		code, err := totp.GenerateCode(secret, h.clock.now().Add(step.off))
		if err != nil {
			t.Fatal(err)
		}
		if a := h.signIn("mari.tamm@example.org").do("PUT", "/api/v1/sessions/current/second-factor", m{"code": code}); a.status != step.want {
			t.Errorf("a code %v off: %d %s", step.off, a.status, a.body)
		}
	}
}
