package server_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/hook"
	"havn/internal/oidc/oidctest"
	"havn/internal/people"
	"havn/internal/privacy"
	"havn/internal/reminder"
	"havn/internal/standing"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// canary is somebody who has left something in every collection.
func (h *havn) canary(name, code string) *client {
	h.t.Helper()
	c := h.invited(name, code)
	account, err := h.People.Account(h.t.Context(), c.id())
	if err != nil {
		h.t.Fatal(err)
	}
	h.admin().bring(organisation{ID: people.IDOf(account.Unit)}, uuid.NewString(), true, account.ID+",first-contact,2020-02-03,2021-02-03,A-17,"+name+"'s school")
	email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.org"
	for _, page := range h.publication().Course.Modules[0].Pages {
		c.want(204, "PUT", "/api/v1/enrolments/first-contact/pages/"+page, nil)
	}
	a := c.start("m1-quiz")
	a.answerAll("q-days")
	a.save("q-days", wrong("q-days"))
	for _, q := range a.Questions {
		if q.Type == "text" {
			text := name + " typed this"
			if got := a.c.do("PUT", path("/attempts/%s/answers/%s", a.ID, q.ID), map[string]any{"response": map[string]string{"text": text}}); got.status != 200 {
				h.t.Fatalf("%d %s", got.status, got.body)
			}
		}
	}
	a.submit()
	h.clock.advance(24 * time.Hour)
	if got := c.practise("q-days", wrong("q-days")); got.Box != 1 {
		h.t.Fatalf("%+v", got)
	}
	h.signIn(email)
	h.anonymous().tryPassword(email, "a wrong password")
	h.anonymous().want(202, "POST", "/api/v1/sign-in-links", map[string]string{"email": email})
	c.want(201, "POST", "/api/v1/me/tokens", map[string]any{"name": name + "'s script", "scopes": []string{"learning"}, "password": password})
	h.tracks(h.admin(), people.IDOf(account.Unit), account.ID)
	h.reminded(c)
	h.hooked(account, hook.Gone)
	if _, err := h.Standing.Ask(h.t.Context(), account, uuid.NewString(), account.Unit, "", standing.Weekly); err != nil {
		h.t.Fatal(err)
	}
	c.want(201, "POST", path("/me/calendar"), nil)
	if _, err := h.Live.Begin(h.t.Context(), account.ID, h.Library.Courses()[0].Course.Slug, "", []string{"q-true"}); err != nil {
		h.t.Fatal(err)
	}
	if h.provider != nil {
		c.addPasskey()
		h.provider.Person = oidctest.Person{Subject: email, Email: email, Name: name}
		b := h.browserOf(c)
		_, to, _ := b.visit(h.t, "guard")
		if status, _, page := b.post(to, url.Values{"csrf": {b.csrf()}}); status != 303 {
			h.t.Fatalf("linking: %d %s", status, page)
		}
	}
	c.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": name + " wrote this"})
	return c
}

// reminded leaves a reminder to somebody.
func (h *havn) reminded(c *client) {
	h.t.Helper()
	a, err := h.People.Account(h.t.Context(), c.id())
	if err != nil {
		h.t.Fatal(err)
	}
	slug := h.Library.Courses()[0].Course.Slug
	reminders, err := store.Open[reminder.Reminder](h.t.Context(), h.store, reminder.Schema)
	if err == nil {
		err = reminders.Insert(h.t.Context(), &reminder.Reminder{
			Meta: store.Meta{ID: a.ID + ".2026-11-20"}, Account: a.ID, Unit: a.Unit, Day: "2026-11-20", State: reminder.Sent, Items: []reminder.Item{{Course: slug, Kind: reminder.Due, On: "2026-11-20"}},
		})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

// hooked lets somebody have registered a webhook.
func (h *havn) hooked(account *people.Account, off hook.Why) {
	h.t.Helper()
	hooks, err := store.Open[hook.Hook](h.t.Context(), h.store, hook.Schema)
	if err == nil {
		err = hooks.Insert(h.t.Context(), &hook.Hook{Meta: store.Meta{ID: uuid.NewString()}, Organisation: account.Unit, Account: account.ID, URL: "https://hr.example.org", Secret: "whsec_c2VjcmV0IG9mIHRoZSBob29r", Off: off, NextAt: store.At(h.clock.now())})
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func (a answer) unzip(t *testing.T) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(b)
	}
	return out
}

// The export holds every field that the map says is held of a person, and
// nothing of anybody else; erasure leaves no trace; and the map names every
// collection that there is.
func TestAPersonGetsAllOfThemselvesAndCanBeForgotten(t *testing.T) {
	t.Parallel()
	for _, kind := range storetest.Engines() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			db := kind.New(t)
			h := named(t, db.Open(t))
			h.post.turn(true) // so that letters wait
			site := h.admin()
			code := site.invite(site.organisation("Reception Centre", ""), 2)
			mari, jonas := h.canary("Kanarilind Tamm", code), h.canary("Kanarienvogel Petraitis", code)
			id := mari.id()

			mapped := map[string]privacy.Collection{}
			for _, c := range privacy.Map {
				mapped[c.Name] = c
			}
			for name := range db.Dump(t) {
				if _, ok := mapped[name]; !ok && name != "havn_meta" {
					t.Errorf("the map does not name the collection %s", name)
				}
			}

			files := mari.want(200, "GET", "/api/v1/me/export", nil).unzip(t)
			var export struct {
				Records map[string][]map[string]any
			}
			if err := json.Unmarshal([]byte(files["me.json"]), &export); err != nil {
				t.Fatal(err)
			}
			for name, c := range mapped {
				if len(c.Fields) == 0 {
					continue
				}
				if len(export.Records[name]) == 0 {
					t.Errorf("the export has nothing of %s", name)
					continue
				}
				for _, f := range c.Fields {
					held := slices.ContainsFunc(export.Records[name], func(r map[string]any) bool { _, ok := r[f.Name]; return ok })
					if !held && f.Name != "last_page" && f.Name != "result" {
						t.Errorf("the export lacks %s of %s", f.Name, name)
					}
				}
				// And the other way round: what a document holds is on the map.
				for field := range export.Records[name][0] {
					known := slices.ContainsFunc(c.Fields, func(f privacy.Field) bool { return f.Name == field })
					if !known && !slices.Contains(notPersonal[name], field) && !slices.Contains([]string{"_id", "rev", "v"}, field) {
						t.Errorf("the map does not name the field %s of %s", field, name)
					}
				}
			}
			for name, text := range files {
				if !strings.Contains(text, "Kanarilind Tamm typed this") || !strings.Contains(text, "kanarilind.tamm@example.org") {
					t.Errorf("%s lacks what was typed", name)
				}
				if strings.Contains(text, "Kanarienvogel") || strings.Contains(text, jonas.id()) {
					t.Errorf("%s holds somebody else", name)
				}
				if strings.Contains(text, "argon2id") || strings.Contains(text, "whsec_") {
					t.Errorf("%s holds the password's hash", name)
				}
			}

			mari.refuse("wrong-password", "POST", "/api/v1/me/erasure", map[string]string{"password": "not this"})
			mari.want(204, "POST", "/api/v1/me/erasure", map[string]string{"password": password})
			if a := mari.do("GET", "/api/v1/me", nil); a.status != 401 {
				t.Errorf("after erasure: %d", a.status)
			}
			for name, docs := range db.Dump(t) {
				for _, doc := range docs {
					if strings.Contains(strings.ToLower(doc), "kanarilind") {
						t.Errorf("%s still holds the person: %s", name, doc)
					}
					if strings.Contains(doc, id) && !slices.Contains([]string{"audit", "invitations", "tombstones"}, name) {
						t.Errorf("%s still holds the id: %s", name, doc)
					}
				}
			}
			if a := h.anonymous().tryPassword("kanarilind.tamm@example.org", password); a.code() != "wrong-credentials" {
				t.Errorf("signing in again: %s", a.body)
			}
			jonas.want(200, "GET", "/api/v1/enrolments/first-contact", nil)
			if _, err := h.Audit.Verify(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// tracks puts somebody into a cohort and assigns them a course alone.
func (h *havn) tracks(site *client, organisation, account string) {
	h.t.Helper()
	cohort := uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", organisation, cohort), m{"name": "Autumn", "kind": "hand"})
	site.want(204, "PUT", path("/cohorts/%s/members/%s", cohort, account), nil)
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", organisation, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "person", "id": account}, "due_on": "2026-12-12"})
	site.settledAt(organisation)
}

// notPersonal are the fields of a person's documents that say nothing of them.
var notPersonal = map[string][]string{
	"records":     {"import"},
	"hooks":       {"organisation", "url", "created_at", "secret", "former", "former_until", "after", "behind", "leased_to", "leased_by", "next_at", "tried", "failing_since", "off", "off_at", "sent", "recent"},
	"invitations": {"path", "roles", "uses", "created_at", "expires_at"},
	"assignments": {"organisation", "course", "due_on", "due_days", "priority", "renew_days", "created_at", "withdrawn_at", "pending", "reached", "behind"},
	"audit":       {"key", "organisation", "before", "hash"},
}

// A backup from before the erasure comes back; the person is forgotten again.
func TestABackupForgetsThePersonAgain(t *testing.T) {
	t.Parallel()
	for _, kind := range storetest.Engines() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			db := kind.New(t)
			e := db.Open(t)
			h := withRules(t, e, "")
			site := h.admin()
			c := h.canary("Kanarilind Tamm", site.invite(site.organisation("Reception Centre", ""), 1))
			id := c.id()
			account, err := h.People.Account(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			c.want(204, "POST", "/api/v1/me/erasure", map[string]string{"password": password})
			accounts, err := store.Open[people.Account](t.Context(), e, people.AccountSchema)
			if err == nil {
				err = accounts.Insert(t.Context(), account)
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Privacy.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			for name, docs := range db.Dump(t) {
				if strings.Contains(strings.ToLower(strings.Join(docs, "\n")), "kanarilind") {
					t.Errorf("%s still holds the person", name)
				}
			}
		})
	}
}

func TestTheOnlyAdministratorCannotVanish(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	h.admin().refuse("last-administrator", "POST", "/api/v1/me/erasure", map[string]string{"password": password})
}

// The same in a browser without JavaScript: see, take along, be forgotten.
func TestErasureInTheBrowser(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	h := withRules(t, e, "")
	h.learner("Mari Tamm")
	b := h.browser("mari.tamm@example.org")
	if status, _, page := b.get("/privacy"); status != 200 || !bytes.Contains(page, []byte("only you")) {
		t.Errorf("%d %s", status, page)
	}
	if status, header, file := b.get("/account/export"); status != 200 || header.Get("Content-Type") != "application/zip" || !bytes.HasPrefix(file, []byte("PK")) {
		t.Errorf("%d %v", status, header)
	}
	form := url.Values{"csrf": {b.csrf()}, "password": {"not this"}}
	if status, _, page := b.post("/account/erasure", form); status != 422 || !bytes.Contains(page, []byte("This is not your password now.")) {
		t.Errorf("%d %s", status, page)
	}
	form.Set("password", password)
	if status, to, _ := b.post("/account/erasure", form); status != 303 || to != "/privacy?erased=1" {
		t.Errorf("%d %s", status, to)
	}
	if status, _, _ := b.get("/account"); status != 303 {
		t.Errorf("the account page after erasure: %d", status)
	}
}
