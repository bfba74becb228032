package server_test

import (
	"bytes"
	"net/url"
	"testing"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// A person says what they do, at sign-up or later, or not at all; no list of an
// administrator shows it.
func TestWhatSomebodyDoesIsTheirsToSay(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.anonymous().refuse("profession-unknown", "POST", path("/accounts"), m{"email": "x@example.org", "password": password, "name": "X Y", "profession": "pirate"})
		h.anonymous().want(201, "POST", path("/accounts"), m{"email": "mari.tamm@example.org", "password": password, "name": "Mari Tamm", "profession": "guardian"})
		mari := h.signIn("mari.tamm@example.org")
		mari.want(201, "PUT", path("/enrolments/first-contact"), nil)
		says := func(want string) {
			t.Helper()
			var me struct{ Profession string }
			mari.want(200, "GET", path("/me"), nil).decode(t, &me)
			list, err := h.Learning.Standing(t.Context(), mari.id(), "first-contact")
			if err != nil || me.Profession != want || list.Profession != want {
				t.Errorf("%q in the account, %q in the enrolment instead of %q (%v)", me.Profession, list.Profession, want, err)
			}
		}
		says("guardian")
		mari.refuse("profession-unknown", "PATCH", path("/me"), m{"profession": "pirate"})
		mari.want(200, "PATCH", path("/me"), m{"profession": "police"})
		says("police")
		b := h.browserOf(mari)
		if _, _, page := b.get("/account"); !bytes.Contains(page, []byte(`value="police" selected`)) {
			t.Error("the account page does not show what was said")
		}
		if status, _, _ := b.post("/account/profession", url.Values{"csrf": {b.csrf()}, "profession": {""}}); status != 303 {
			t.Error(status)
		}
		says("")
		mari.want(200, "PATCH", path("/me"), m{"profession": "teacher"})
		for _, list := range []string{"/completions", "/completions?format=csv"} {
			if got := h.admin().want(200, "GET", path("%s", list), nil); bytes.Contains(got.body, []byte("teacher")) || !bytes.Contains(got.body, []byte("Mari Tamm")) {
				t.Errorf("%s: %s", list, got.body)
			}
		}
	})
}
