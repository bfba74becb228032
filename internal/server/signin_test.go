package server_test

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"havn/internal/audit"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

func (c *client) tryPassword(email, word string) answer {
	return c.do("POST", "/api/v1/sessions", map[string]string{"email": email, "password": word})
}

// A guesser gets ten tries at an address, however many at once and whether
// somebody has it or not; others are not held up, and the owner can come back.
func TestAGuesserIsStoppedAfterTenTries(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		h.learner("Jonas Petraitis")
		stopped := map[string][]byte{}
		for _, email := range []string{"mari.tamm@example.org", "nobody@example.org"} {
			var looked, refused atomic.Int32
			var all sync.WaitGroup
			for n := range 50 {
				all.Go(func() {
					switch a := h.anonymous().tryPassword(email, fmt.Sprint("not the password ", n)); a.code() {
					case "wrong-credentials":
						looked.Add(1)
					case "too-many-tries":
						refused.Add(1)
					default:
						t.Errorf("%d %s", a.status, a.body)
					}
				})
			}
			all.Wait()
			if looked.Load() != people.MaxGuesses || refused.Load() != 40 {
				t.Errorf("%s: %d were looked at, %d refused", email, looked.Load(), refused.Load())
			}
			a := h.anonymous().tryPassword(email, password)
			if a.status != 429 || a.header.Get("Retry-After") == "" {
				t.Errorf("the right password while others guess: %d %v", a.status, a.header)
			}
			stopped[email] = a.body
		}
		if !bytes.Equal(stopped["mari.tamm@example.org"], stopped["nobody@example.org"]) {
			t.Errorf("an address that somebody has is told apart: %s", stopped)
		}
		h.signIn("jonas.petraitis@example.org")
		h.clock.advance(people.GuessWindow + time.Second)
		h.signIn("mari.tamm@example.org")
	})
}

// Who signs in with the right password is never counted as a guesser.
func TestSigningInOftenIsNoGuessing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		for range people.MaxGuesses + 2 {
			h.signIn("mari.tamm@example.org")
		}
	})
}

func TestANewPasswordEndsEverySession(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		phone := h.learner("Mari Tamm")
		desk := h.signIn("mari.tamm@example.org")
		change := func(now, next string) map[string]string {
			return map[string]string{"current": now, "password": next}
		}
		if a := desk.refuse("wrong-password", "PUT", "/api/v1/me/password", change("not this one", "another lantern on the pier")); !bytes.Contains(a.body, []byte(`"current"`)) {
			t.Errorf("does not name the field: %s", a.body)
		}
		desk.refuse("password-short", "PUT", "/api/v1/me/password", change(password, "short"))
		desk.want(200, "GET", "/api/v1/me", nil)
		var fresh struct{ Token string }
		desk.want(200, "PUT", "/api/v1/me/password", change(password, "another lantern on the pier")).decode(t, &fresh)
		h.clock.advance(2 * time.Second) // what a server may remember of a session
		for name, c := range map[string]*client{"phone": phone, "desk": desk} {
			if a := c.do("GET", "/api/v1/me", nil); a.status != 401 {
				t.Errorf("the old session of the %s: %d", name, a.status)
			}
		}
		(&client{h: h, token: fresh.Token}).want(200, "GET", "/api/v1/me", nil)
		if a := h.anonymous().tryPassword("mari.tamm@example.org", password); a.code() != "wrong-credentials" {
			t.Errorf("the old password: %s", a.body)
		}
	})
}

func TestASessionIsEndedFromAnotherDevice(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		lost := h.learner("Mari Tamm")
		desk := h.signIn("mari.tamm@example.org")
		jonas := h.learner("Jonas Petraitis")
		var list struct {
			Items []struct {
				ID, Device string
				Current    bool
			}
		}
		desk.want(200, "GET", "/api/v1/me/sessions", nil).decode(t, &list)
		if len(list.Items) != 2 {
			t.Fatalf("%+v", list)
		}
		for _, s := range list.Items {
			if s.Current {
				continue
			}
			foreign := jonas.do("DELETE", "/api/v1/me/sessions/"+s.ID, nil)
			unknown := jonas.do("DELETE", "/api/v1/me/sessions/none", nil)
			if foreign.status != 404 || !bytes.Equal(foreign.body, unknown.body) {
				t.Errorf("somebody else's session: %d %s, unknown %s", foreign.status, foreign.body, unknown.body)
			}
			desk.want(204, "DELETE", "/api/v1/me/sessions/"+s.ID, nil)
		}
		h.clock.advance(2 * time.Second)
		if a := lost.do("GET", "/api/v1/me", nil); a.status != 401 {
			t.Errorf("the lost device: %d", a.status)
		}
		other := h.signIn("mari.tamm@example.org")
		desk.want(204, "DELETE", "/api/v1/me/sessions", nil)
		h.clock.advance(2 * time.Second)
		if a := other.do("GET", "/api/v1/me", nil); a.status != 401 {
			t.Errorf("everywhere else: %d", a.status)
		}
		desk.want(200, "GET", "/api/v1/me", nil)
	})
}

// Each act that matters stands once in the log, with who and from where, and
// nothing that a person typed.
func TestWhatMattersIsLoggedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.learner("Mari Tamm")
		var me struct{ ID string }
		mari.want(200, "GET", "/api/v1/me", nil).decode(t, &me)
		h.anonymous().tryPassword("mari.tamm@example.org", "SECRET-7342 typed")
		h.anonymous().tryPassword("nobody@example.org", "SECRET-7342 typed")
		mari.want(204, "DELETE", "/api/v1/sessions/current", nil)
		admin := h.admin()
		admin.want(204, "PUT", path("/accounts/%s/extra-time", me.ID), map[string]int{"percent": 50})
		page, err := h.Audit.List(t.Context(), "", "", 100)
		if err != nil {
			t.Fatal(err)
		}
		count := map[audit.Act]int{}
		for _, x := range page.Items {
			if x.Subject == me.ID {
				count[x.Act]++
				if x.From != "127.0.0.1" {
					t.Errorf("%s came from %q", x.Act, x.From)
				}
			}
			if bytes.Contains(fmt.Appendf(nil, "%+v", x), []byte("SECRET")) || bytes.Contains(fmt.Appendf(nil, "%+v", x), []byte("example.org")) {
				t.Errorf("the log holds what was typed: %+v", x)
			}
		}
		for _, act := range []audit.Act{audit.AccountMade, audit.SignedIn, audit.SignInRefused, audit.SignedOut, audit.ExtraTimeGiven} {
			if count[act] != 1 {
				t.Errorf("%s stands %d times", act, count[act])
			}
		}
		if _, err := h.Audit.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
