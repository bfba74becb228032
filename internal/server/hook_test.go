package server_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/hook"
	"havn/internal/people"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// message is one that a personnel system got.
type message struct {
	ID, Signature string
	At            int64
	Body          []byte
	Type          string
	Timestamp     store.Time
	Data          api.Completion
}

// signed verifies a message as the specification tells receivers to.
func (m message) signed(secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%d.%s", m.ID, m.At, m.Body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Split(m.Signature, " "), want)
}

// receiver is a personnel system that takes messages, or answers as it is told.
type receiver struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	list   []message
	answer func(http.ResponseWriter, *http.Request) // nil takes
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		at, _ := strconv.ParseInt(req.Header.Get("webhook-timestamp"), 10, 64)
		m := message{ID: req.Header.Get("webhook-id"), Signature: req.Header.Get("webhook-signature"), At: at, Body: body}
		if err != nil || json.Unmarshal(body, &m) != nil {
			t.Errorf("%s: %v", body, err)
		}
		r.mu.Lock()
		r.list = append(r.list, m)
		answer := r.answer
		r.mu.Unlock()
		if answer != nil {
			answer(w, req)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) answers(f func(http.ResponseWriter, *http.Request)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = f
}

func (r *receiver) status(code int) {
	r.answers(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
}

func (r *receiver) got() []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.list)
}

// tell does what each server does every few seconds, once changes have settled.
func (h *havn) tell() {
	h.t.Helper()
	h.clock.advance(6 * time.Second)
	if err := h.Hooks.Work(h.t.Context()); err != nil {
		h.t.Error(err)
	}
}

// hooking has a server and a personnel system that a chief has registered.
func hooking(t *testing.T, e store.Engine, set ...func(*server.Config)) (h *havn, chief *client, top organisation, r *receiver, told api.Hook) {
	t.Helper()
	h = startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) {
		c.PrivateHooks = true
		for _, f := range set {
			f(c)
		}
	})
	site := h.admin()
	top = site.organisation("Authority", "")
	chief = h.invited("Chief Kask", site.invite(top, 1, "administrator"))
	r = receive(t)
	chief.want(200, "PUT", path("/organisations/%s/hooks/%s", top.ID, uuid.NewString()), m{"url": r.URL}).decode(t, &told)
	if !strings.HasPrefix(told.Secret, "whsec_") {
		t.Fatalf("%+v", told)
	}
	h.tell()
	return h, chief, top, r, told
}

// hook is how it stands.
func (c *client) hook(o organisation) (h api.Hook) {
	c.h.t.Helper()
	var list struct{ Items []api.Hook }
	c.want(200, "GET", path("/organisations/%s/hooks", o.ID), nil).decode(c.h.t, &list)
	return list.Items[0]
}

// A personnel system is told each change of the list of completions, in its order,
// signed, with what the list shows to the administrator and nothing else.
func TestAPersonnelSystemIsToldOfCompletions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h, chief, top, r, registered := hooking(t, e)
		site := h.admin()
		other, hidden := site.organisation("Other Authority", ""), site.organisation("Hidden Unit", top.ID)
		site.set(hidden, m{"sees": people.SeesCounts})
		started := len(r.got())
		mari := h.invited("Mari Tamm", site.invite(top, 1)) // enrols
		h.tell()
		h.invited("Jonas Petraitis", site.invite(other, 1))
		h.invited("Nour Haddad", site.invite(hidden, 1))
		_, code := h.certified("Kaja Kask", site.invite(top, 1))
		h.tell()
		h.tell()
		list := r.got()[started:]
		if len(list) != 2 || list[0].Data.Account != mari.id() || list[0].Data.Status != "enrolled" || list[1].Data.Email != "kaja.kask@example.org" || list[1].Data.Certificate != code {
			t.Fatalf("%+v", list)
		}
		for _, x := range list {
			if x.Type != "completion.changed" || !x.signed(registered.Secret) || x.signed("whsec_"+base64.StdEncoding.EncodeToString(make([]byte, 32))) || x.ID == "" {
				t.Errorf("%+v", x)
			}
		}
		var shown struct{ Items []json.RawMessage }
		chief.want(200, "GET", path("/completions?organisation=%s", top.ID), nil).decode(t, &shown)
		var told struct{ Data json.RawMessage }
		if err := json.Unmarshal(list[1].Body, &told); err != nil || !slices.ContainsFunc(shown.Items, func(line json.RawMessage) bool { return same(t, line, told.Data) }) {
			t.Errorf("the message %s is no line of the list %s", told.Data, shown.Items)
		}

		// A new secret is told once; for a day both sign.
		var rotated api.Hook
		chief.want(200, "POST", path("/organisations/%s/hooks/%s/secret", top.ID, registered.ID), nil).decode(t, &rotated)
		if rotated.Secret == registered.Secret || rotated.Secret == "" || chief.hook(top).Secret != "" {
			t.Errorf("%+v", rotated)
		}
		next := func(name string) message {
			h.invited(name, site.invite(top, 1))
			h.tell()
			list := r.got()
			return list[len(list)-1]
		}
		if x := next("Liis Kask"); !x.signed(registered.Secret) || !x.signed(rotated.Secret) {
			t.Errorf("on the first day: %+v", x)
		}
		h.clock.advance(24 * time.Hour)
		site, chief = h.admin(), h.signIn("chief.kask@example.org")
		if x := next("Asta Kask"); x.signed(registered.Secret) || !x.signed(rotated.Secret) {
			t.Errorf("a day later: %+v", x)
		}

		// Who may not see the list any more has it told to nobody.
		site.want(200, "PUT", path("/organisations/%s/members/%s", top.ID, chief.id()), m{"roles": []string{"learner"}})
		before := len(r.got())
		h.invited("Piret Kask", site.invite(top, 1))
		h.tell()
		if x := site.hook(top); len(r.got()) != before || x.Off != "forbidden" {
			t.Errorf("%d messages, %+v", len(r.got())-before, x)
		}
	})
}

func same(t *testing.T, a, b json.RawMessage) bool {
	t.Helper()
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		t.Fatal("not JSON")
	}
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// What is not taken is sent again under the same id, after pauses that grow; after
// five days the hook is switched off and a letter says so, and nothing is lost.
func TestWhatAPersonnelSystemDoesNotTakeIsSentAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h, chief, top, r, _ := hooking(t, e, func(c *server.Config) { c.HookTimeout = 300 * time.Millisecond })
		site := h.admin()
		inner := receive(t)
		for _, x := range []struct {
			why    string
			answer func(http.ResponseWriter, *http.Request)
		}{
			{"refused", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }},
			{"redirected", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, inner.URL, http.StatusTemporaryRedirect)
			}},
			{"unreachable", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		} {
			r.answers(x.answer)
			before := len(r.got())
			h.invited("Mari "+x.why, site.invite(top, 1))
			h.tell()
			h.tell() // five seconds later
			state := chief.hook(top)
			list := r.got()[before:]
			if len(list) != 2 || list[0].ID != list[1].ID || state.Recent[0].Why != hook.Why(x.why) || state.FailingSince.IsZero() || state.Off != "" {
				t.Errorf("%s: %d messages, %+v", x.why, len(list), state)
			}
			h.tell()
			if got := len(r.got()) - before; got != 2 {
				t.Errorf("%s: %d messages although it waits for five minutes", x.why, got)
			}
			r.answers(nil)
			h.clock.advance(5 * time.Minute)
			h.tell()
			if list := r.got()[before:]; len(list) != 3 || list[2].ID != list[0].ID || !chief.hook(top).FailingSince.IsZero() {
				t.Errorf("%s: taken the third time: %d %+v", x.why, len(list), chief.hook(top))
			}
		}
		if n := len(inner.got()); n != 0 {
			t.Errorf("a redirect was followed %d times", n)
		}

		r.status(503)
		first, second := "first.waits@example.org", "second.waits@example.org"
		before := len(r.got())
		h.invited("First Waits", site.invite(top, 1))
		h.tell()
		h.invited("Second Waits", site.invite(top, 1))
		for range 12 {
			h.clock.advance(12 * time.Hour)
			h.tell()
		}
		chief = h.signIn("chief.kask@example.org")
		if list := r.got()[before:]; chief.hook(top).Off != "failing" || slices.ContainsFunc(list, func(x message) bool { return x.Data.Email != first }) {
			t.Errorf("after five days: %+v", chief.hook(top))
		}
		h.letter("chief.kask@example.org", 1)
		r.answers(nil)
		tried := len(r.got())
		h.clock.advance(24 * time.Hour)
		h.tell()
		if len(r.got()) != tried {
			t.Error("it is off, and something was sent")
		}
		chief, site = h.signIn("chief.kask@example.org"), h.admin()
		chief.want(200, "PUT", path("/organisations/%s/hooks/%s", top.ID, chief.hook(top).ID), m{"url": r.URL})
		h.tell()
		if list := r.got()[tried:]; len(list) != 2 || list[0].Data.Email != first || list[1].Data.Email != second {
			t.Errorf("switched on again: %+v", list)
		}
		r.status(410)
		h.invited("Third Waits", site.invite(top, 1))
		h.tell()
		if x := chief.hook(top); x.Off != "gone" {
			t.Errorf("410: %+v", x)
		}
	})
}

// Of three servers one sends at a time, in order; one that falls before it has noted
// what it sent is followed by another, which sends it again under the same id.
func TestThreeServersTellEachChangeInOrder(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h, chief, top, r, _ := hooking(t, e)
		servers := []*havn{h}
		for range 2 {
			servers = append(servers, startWith(t, e, sample(t, map[string]string{"course.yaml": courseYAML("")}), func(c *server.Config) { c.PrivateHooks, c.Now = true, h.clock.now }))
		}
		const n = 25
		var lines []string
		for _, address := range h.staff(top, n) {
			lines = append(lines, address+",first-contact,2025-11-10,,,")
		}
		// The fifth message is taken by a server that falls before it hears of it.
		falls, fall := context.WithCancel(t.Context())
		var count int
		before := len(r.got())
		r.answers(func(http.ResponseWriter, *http.Request) {
			if count++; count == 5 {
				fall()
			}
		})
		chief.bring(top, uuid.NewString(), true, lines...)
		chief.imports(top)
		h.clock.advance(6 * time.Second)
		_ = h.Hooks.Work(falls)
		for range 3 {
			h.clock.advance(3 * time.Minute)
			var all sync.WaitGroup
			for _, s := range servers {
				all.Go(func() {
					if err := s.Hooks.Work(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		once, order := map[string]int{}, []string{}
		for _, x := range r.got()[before:] {
			if once[x.ID]++; once[x.ID] == 1 {
				order = append(order, x.Data.Account)
			}
		}
		var page api.Completions
		chief.want(200, "GET", path("/completions?organisation=%s&delta=true&limit=500&status=recorded", top.ID), nil).decode(t, &page)
		var delta []string
		for _, c := range page.Items {
			delta = append(delta, c.Account)
		}
		if len(delta) != n || !slices.Equal(order, delta) {
			t.Errorf("%d of %d arrive, not in the order of the delta\n%v\n%v", len(order), n, order, delta)
		}
		if total := len(r.got()) - before; total > n+1 {
			t.Errorf("%d messages for %d changes", total, n)
		}
	})
}

// Nothing is sent into the server's own network.
func TestAPersonnelSystemInsideTheNetworkIsNotTold(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	inner := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something arrived inside") }))
	defer inner.Close()
	at := path("/organisations/%s/hooks/%s", top.ID, uuid.NewString())
	for _, url := range []string{inner.URL, "http://hr.example.org", "https://10.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://me:word@hr.example.org", "file:///etc/passwd", "https://", "hr.example.org", "https://hr.example.org/#a"} {
		site.refuse("hook-url", "PUT", at, m{"url": url})
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(inner.URL, "https://"), ":")
	site.want(200, "PUT", at, m{"url": "https://localhost:" + port})
	h.tell()
	h.invited("Mari Tamm", site.invite(top, 1))
	h.tell()
	if x := site.hook(top); len(x.Recent) == 0 || x.Recent[0].Why != "inside" {
		t.Errorf("%+v", x)
	}
	for n := range 4 {
		site.want(200, "PUT", path("/organisations/%s/hooks/%s", top.ID, uuid.NewString()), m{"url": fmt.Sprintf("https://hr-%d.example.org", n)})
	}
	site.refuse("too-many-hooks", "PUT", path("/organisations/%s/hooks/%s", top.ID, uuid.NewString()), m{"url": "https://hr.example.org"})
}
