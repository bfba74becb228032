package server_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/people"
	"havn/internal/store/storetest"
)

var update = flag.Bool("update", false, "write testdata/matrix.txt anew; then read every change in it")

// world is two authorities, A and B, and whoever may ask.
type world struct {
	*havn
	top, unit   organisation // A
	member      *client      // of A, whose things are asked for
	attempt     string       // the member's, open
	session     string       // the member's
	report      string       // the member's, of a course of the site
	certificate string       // of somebody in the unit
	token       string       // id of a personal token of the member's
	code, id    string       // of an invitation of A
	cohort      string       // of the unit, with the member
	assignment  string       // of the course to the cohort
	hook        string       // of the unit
	list        string       // of completions elsewhere, of the unit
	seen        string       // attempt of the member that the cohort's tutor may see
	comment     string       // on the draft "ours" of A
	roles       map[string]*client
}

// roles are the columns of the matrix.
var roles = []string{"anonymous", "owner", "learner B", "pseudonym", "tutor A", "tutor A2", "trainer", "trainer B", "chief A", "chief B", "site", "closed", "erased", "half", "read-only", "editor"}

func newWorld(t *testing.T) *world {
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	w := &world{havn: h, top: site.organisation("Authority A", "")}
	w.unit = site.organisation("Unit A", w.top.ID)
	other := site.organisation("Authority B", "")
	w.member = h.invited("Mari Tamm", site.invite(w.unit, 1))
	w.cohort, w.assignment = uuid.NewString(), uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", w.unit.ID, w.cohort), m{"name": "Autumn", "kind": "hand", "starts_on": "2026-11-01", "ends_on": "2026-12-31", "answers": true})
	site.want(204, "PUT", path("/cohorts/%s/members/%s", w.cohort, w.member.id()), nil)
	site.want(200, "PUT", path("/organisations/%s/assignments/%s", w.unit.ID, w.assignment), m{"course": "first-contact", "to": m{"kind": "cohort", "id": w.cohort}})
	site.settled(w.unit)
	w.hook = uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/hooks/%s", w.unit.ID, w.hook), m{"url": "https://hr.example.org"})
	w.list = uuid.NewString()
	site.bring(w.unit, w.list, true, "mari.tamm@example.org,first-contact,2020-02-03,,,")
	seen := w.member.start("m1-quiz")
	seen.submit()
	w.seen = seen.ID
	w.attempt = w.member.start("m1-quiz").ID
	var sessions struct{ Items []struct{ ID string } }
	w.member.want(200, "GET", "/api/v1/me/sessions", nil).decode(t, &sessions)
	w.session = sessions.Items[0].ID
	var made struct{ ID string }
	w.member.want(201, "POST", "/api/v1/me/tokens", map[string]any{"name": "Script", "scopes": []string{"learning"}, "password": password}).decode(t, &made)
	w.token = made.ID
	w.member = h.signIn("mari.tamm@example.org") // the session that is asked for is another one
	w.roles = map[string]*client{
		"anonymous": h.anonymous(), "owner": w.member, "site": site,
		"learner B": h.invited("Jonas Petraitis", site.invite(other, 1)),
		"chief A":   h.invited("Chief of A", site.invite(w.top, 1, "administrator")),
		"chief B":   h.invited("Chief of B", site.invite(other, 1, "administrator")),
		"closed":    h.invited("Closed Kask", site.invite(w.unit, 1)),
		"erased":    h.invited("Erased Kask", site.invite(w.unit, 1)),
	}
	if _, err := h.People.Create(t.Context(), people.NewAccount{Email: "trainer@example.org", Password: password, Name: "Trainer", Roles: []people.Role{people.Learner, people.Trainer}}); err != nil {
		t.Fatal(err)
	}
	w.roles["trainer"] = h.signIn("trainer@example.org")
	w.roles["tutor A"] = h.tutor("Tutor of A", site, w.top, w.cohort)
	another := uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", w.unit.ID, another), m{"name": "Winter", "kind": "hand"})
	w.roles["tutor A2"] = h.tutor("Second Tutor", site, w.top, another)
	author := h.invited("Trainer of A", site.invite(w.top, 1, "trainer"))
	author.want(200, "PUT", path("/courses/ours/draft"), m{"title": "Ours", "languages": []string{"en"}})
	w.comment = uuid.NewString()
	author.want(204, "PUT", path("/courses/ours/draft/comments/%s", w.comment), m{"path": "en/m1-page.md", "text": "Whose?"})
	w.roles["trainer B"] = h.invited("Trainer of B", site.invite(other, 1, "trainer"))
	w.roles["editor"] = h.learner("Editor of Estonia")
	site.want(200, "PUT", path("/accounts/%s/countries", w.roles["editor"].id()), m{"countries": []string{"EE"}})
	w.roles["editor"] = h.signIn("editor.of.estonia@example.org")
	w.roles["pseudonym"] = h.pseudonym()
	w.roles["half"] = h.half("Half Kask", site.invite(w.top, 1, "administrator"))
	w.roles["read-only"] = w.roles["chief A"].tokenFor(true, "learning", "reports", "people", "courses")
	_, w.certificate = h.certified("Kaja Kask", site.invite(w.unit, 1))
	w.report = uuid.NewString()
	w.member.want(204, "PUT", path("/reports/%s", w.report), m{"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": "Article 3 says otherwise."})
	w.code = site.invite(w.unit, 9)
	var list struct{ Items []struct{ ID string } }
	site.want(200, "GET", path("/organisations/%s/invitations", w.unit.ID), nil).decode(t, &list)
	w.id = list.Items[0].ID
	site.want(204, "PUT", path("/accounts/%s/access", w.roles["closed"].id()), map[string]bool{"open": false})
	w.roles["erased"].want(204, "POST", "/api/v1/me/erasure", map[string]string{"password": password})
	h.clock.advance(2 * 1e9)
	return w
}

// asks is every operation with what is asked of it; what ends sessions and
// accounts comes last.
func (w *world) asks() []ask {
	unit, member := w.unit.ID, w.member.id()
	return []ask{
		{"sign-up", "", m{"email": "new@example.org", "password": "short", "name": "New"}},
		{"sign-in", "", m{"email": "nobody@example.org", "password": password}},
		{"me", "", nil},
		{"change-me", "", m{"language": "en", "country": "EE"}},
		{"list-sessions", "", nil},
		{"list-tokens", "", nil},
		{"ask-for-passkey", "", m{}},
		{"sign-in-by-passkey", "", m{"asked": "x", "answer": passkeyAnswer}},
		{"list-passkeys", "", nil},
		{"propose-passkey", "", m{"password": "not this"}},
		{"add-passkey", "", m{"asked": "x", "name": "Phone", "answer": passkeyAnswer}},
		{"remove-passkey", "passkey=nowhere", nil},
		{"list-open-organisations", "", nil},
		{"sign-up-pseudonymous", "", m{"name": "\u202e"}},
		{"come-back", "", m{"code": "AAAAA-AAAAA"}},
		{"send-link", "", m{"email": "nobody"}},
		{"open-link", "", m{"secret": "x", "asked": "x"}},
		{"confirm-address", "", m{"secret": "x"}},
		{"pass-second-factor", "", m{"code": "000000"}},
		{"propose-second-factor", "", m{"password": "not this"}},
		{"confirm-second-factor", "", m{"code": "000000"}},
		{"drop-second-factor", "", m{"code": "000000"}},
		{"make-token", "", m{"name": "Script", "scopes": []string{"learning"}, "password": "not this"}},
		{"end-token", "token=" + w.token, nil},
		{"export-me", "", nil},
		{"data-map", "", nil},
		{"hand-in-sealed", "", nil},
		{"list-courses", "", nil},
		{"get-course", "course=first-contact", nil},
		{"get-page", "course=first-contact&page=m1-rights", nil},
		{"list-enrolments", "", nil},
		{"enrol", "course=first-contact", nil},
		{"get-enrolment", "course=first-contact", nil},
		{"get-renewal", "course=first-contact", nil},
		{"read-page", "course=first-contact&page=m1-rights", nil},
		{"leave-page", "course=first-contact&page=m1-status", nil},
		{"get-attempt", "attempt=" + w.attempt, nil},
		{"save-answer", "attempt=" + w.attempt + "&question=q-means", m{"response": m{"choice": "a"}}},
		{"start-attempt", "attempt=" + w.attempt, m{"course": "first-contact", "quiz": "m1-quiz"}},
		{"submit-attempt", "attempt=" + w.attempt, nil},
		{"check-certificate", "code=" + uuid.NewString(), nil},
		{"list-topics", "", nil},
		{"list-practice", "", nil},
		{"get-exercise", "course=first-contact&question=q-means", nil},
		{"practise", "course=first-contact&question=q-means", m{"response": m{"choice": "a"}}},
		{"list-certificates", "", nil},
		{"choose-for-certificate", "code=" + w.certificate, m{"shows": "name"}},
		{"get-issuer", "", nil},
		{"get-status-list", "key=" + w.Issuer.Key().Name() + "&list=1", nil},
		{"list-revocations", "", nil},
		{"get-credential", "code=" + w.certificate, nil},
		{"list-completions", "", nil},
		{"list-standing-reports", "", nil},
		{"ask-standing-report", "report=" + uuid.NewString(), m{"unit": unit, "every": "week"}},
		{"stop-standing-report", "report=" + uuid.NewString(), nil},
		{"report-outcomes", "?unit=" + unit, nil},
		{"report-completion", "?by=unit&unit=" + unit, nil},
		{"list-audit", "", nil},
		{"list-cohorts", "organisation=" + unit, nil},
		{"list-tutored-cohorts", "", nil},
		{"get-cohort", "cohort=" + w.cohort, nil},
		{"list-cohort-members", "cohort=" + w.cohort, nil},
		{"list-member-attempts", "cohort=" + w.cohort + "&account=" + member, nil},
		{"read-member-answers", "cohort=" + w.cohort + "&account=" + member + "&attempt=" + w.seen, nil},
		{"list-own-cohorts", "", nil},
		{"get-calendar", "", nil},
		{"make-calendar", "", nil},
		{"read-calendar", "secret=x.y.ics", nil},
		{"end-calendar", "", nil},
		{"list-looks", "", nil},
		{"list-assignments", "organisation=" + unit, nil},
		{"list-assigned", "organisation=" + unit + "&assignment=" + w.assignment, nil},
		{"list-imports", "organisation=" + unit, nil},
		{"import-history", "organisation=" + unit, "person,course,date\nmari.tamm@example.org,first-contact,2025-11-10\n"},
		{"undo-import", "organisation=" + unit + "&import=" + w.list, nil},
		{"list-hooks", "organisation=" + unit, nil},
		{"set-hook", "organisation=" + unit + "&hook=" + w.hook, m{"url": "https://hr.example.org/other"}},
		{"rotate-hook", "organisation=" + unit + "&hook=" + w.hook, nil},
		{"end-hook", "organisation=" + unit + "&hook=" + w.hook, nil},
		{"list-reminders", "organisation=" + unit, nil},
		{"preview-reminder", "organisation=" + unit, nil},
		{"set-cohort", "organisation=" + unit + "&cohort=" + w.cohort, m{"name": "Autumn", "kind": "hand", "starts_on": "2026-11-01", "ends_on": "2026-12-31", "answers": true}},
		{"import-cohort-members", "cohort=" + w.cohort, "e-mail,name\nmari.tamm@example.org,Mari\n"},
		{"add-cohort-member", "cohort=" + w.cohort + "&account=" + member, nil},
		{"set-assignment", "organisation=" + unit + "&assignment=" + w.assignment, m{"course": "first-contact", "to": m{"kind": "cohort", "id": w.cohort}}},
		{"exempt", "organisation=" + unit + "&assignment=" + w.assignment + "&account=" + member, m{"reason": "away"}},
		{"end-exemption", "organisation=" + unit + "&assignment=" + w.assignment + "&account=" + member, nil},
		{"withdraw-assignment", "organisation=" + unit + "&assignment=" + w.assignment, nil},
		{"remove-cohort-member", "cohort=" + w.cohort + "&account=" + member, nil},
		{"set-tutor", "cohort=" + w.cohort + "&account=" + member, nil},
		{"end-tutor", "cohort=" + w.cohort + "&account=" + member, nil},
		{"remove-cohort", "cohort=" + w.cohort, nil},
		{"set-editor", "account=" + w.member.id(), m{"countries": []string{}}},
		{"write-report", "report=" + uuid.NewString(), m{"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": "Article 3 says otherwise."}},
		{"list-reports", "", nil},
		{"set-report", "report=" + w.report, m{"done": true}},
		{"publish-place", "course=first-contact&country=EE", nil},
		{"publish-course", "course=first-contact", nil},
		{"set-enrolment-rule", "course=first-contact", m{"assigned_only": false}},
		{"withdraw-course", "course=first-contact", m{"withdrawn": false}},
		{"list-publications", "course=first-contact", nil},
		{"list-differences", "course=first-contact&version=1&other=1", nil},
		{"begin-draft", "course=ours", m{"title": "Ours", "languages": []string{"en"}}},
		{"get-draft", "course=ours", nil},
		{"get-draft-file", "course=ours?path=en/m1-page.md", nil},
		{"save-draft-file", "course=ours", m{"path": "en/m1-page.md", "rev": 1, "text": "# Ours\n\nOurs.\n"}},
		{"remove-draft-file", "course=ours?path=en/m1-page.md&rev=99", nil},
		{"get-question", "course=ours&question=q-first", nil},
		{"save-question", "course=ours&question=q-first", m{"stamp": "old", "sheet": m{"type": "true-false", "stem": "So it is."}}},
		{"add-question", "course=ours", m{"type": "reflection", "stem": "What would you do?"}},
		{"import-bank", "course=ours?format=aiken", "Who?\nA. You\nB. The child\nANSWER: B\n"},
		{"list-units", "course=ours&language=uk", nil},
		{"save-unit", "course=ours&language=uk", m{"unit": "course.title", "hash": course.UnitHash("Ours"), "seen": course.UnitHash(""), "text": "Наші"}},
		{"review-unit", "course=ours&language=uk", m{"unit": "course.summary", "hash": course.UnitHash("Ours"), "seen": course.UnitHash("")}},
		{"export-translation", "course=ours&language=uk?format=po", nil},
		{"import-translation", "course=ours&language=uk?format=po", "no PO"},
		{"draft-by-machine", "course=ours&language=uk", m{}},
		{"pull-draft", "course=ours", nil},
		{"push-draft", "course=ours?base=x", "no zip"},
		{"comment-draft", "course=ours&comment=" + w.comment, m{"path": "en/m1-page.md", "text": "Whose?"}},
		{"accept-suggestion", "course=ours&comment=" + w.comment, nil},
		{"settle-comment", "course=ours&comment=" + w.comment, m{"done": true}},
		{"review-draft", "course=ours", m{"state": "review"}},
		{"schedule-draft", "course=ours", m{"publish_at": "2027-01-01T08:00:00Z"}},
		{"publish-draft", "course=ours", nil},
		{"drop-draft", "course=ours", nil},
		{"get-analysis", "course=first-contact&quiz=m1-quiz", nil},
		{"list-regrades", "course=first-contact", nil},
		{"regrade", "course=first-contact", m{"from_version": 1, "dry_run": true}},
		{"undo-regrade", "course=first-contact&regrade=" + uuid.NewString(), nil},
		{"list-organisations", "", nil},
		{"add-organisation", "", m{"name": "Below A", "parent": w.top.ID}},
		{"get-organisation", "organisation=" + unit, nil},
		{"change-organisation", "organisation=" + unit, m{"name": "Unit A"}},
		{"set-settings", "organisation=" + unit, m{"keep_months": 24}},
		{"join-organisation", "organisation=" + unit, nil},
		{"import-members", "organisation=" + unit, "e-mail,name\nnew@example.org,New\n"},
		{"list-dormant", "", nil},
		{"list-members", "organisation=" + unit, nil},
		{"set-member", "organisation=" + unit + "&account=" + member, m{"roles": []string{"learner"}}},
		{"invite", "organisation=" + unit, m{}},
		{"list-invitations", "organisation=" + unit, nil},
		{"read-invitation", "code=" + w.code, nil},
		{"add-account", "", m{"email": "new@example.org", "password": "short", "name": "New", "roles": []string{"learner"}, "organisation": unit}},
		{"set-extra-time", "account=" + member, m{"percent": 0}},
		{"set-access", "account=" + member, m{"open": true}},
		{"revoke-certificate", "code=" + w.certificate, nil},
		{"withdraw-invitation", "organisation=" + unit + "&invitation=" + w.id, nil},
		{"remove-member", "organisation=" + unit + "&account=" + member, nil},
		{"accept-invitation", "code=" + uuid.NewString(), nil},
		{"end-session", "session=" + w.session, nil},
		{"end-other-sessions", "", nil},
		{"change-password", "", m{"current": "not this", "password": password}},
		{"ask-to-merge", "", m{"email": "no address"}},
		{"merge-accounts", "", m{"secret": "not a secret"}},
		{"erase-me", "", m{"password": "not this"}},
		{"sign-out", "", nil},
	}
}

var passkeyAnswer = m{"id": "x", "rawId": "x", "type": "public-key", "response": m{"clientDataJSON": "x"}}

type ask struct {
	operation, params string
	body              any
}

// Every operation is asked by everybody for what is A's, over HTTP, and answers
// as the committed table says. 401 is nobody who may sign in, 403 somebody who
// may not do this at all, 404 somebody who may do it elsewhere.
func TestTheAuthorisationMatrix(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	cells := map[string]map[string]int{}
	var order []string
	t.Run("roles", func(t *testing.T) {
		for _, role := range roles {
			t.Run(role, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				where := w.operations()
				c := *w.roles[role]
				asks := w.asks()
				if role == roles[0] {
					for _, a := range asks {
						order = append(order, a.operation)
					}
				}
				for _, a := range asks {
					at, ok := where[a.operation]
					if !ok {
						t.Errorf("there is no operation %s", a.operation)
						continue
					}
					delete(where, a.operation)
					address := at.path
					params, query, _ := strings.Cut(a.params, "?")
					for _, p := range strings.Split(params, "&") {
						name, value, _ := strings.Cut(p, "=")
						address = strings.ReplaceAll(address, "{"+name+"}", value)
					}
					if a.operation == "erase-me" && c.token != "" && !slices.Contains([]string{"closed", "erased", "half", "read-only"}, role) {
						c.token = w.again(t, &c)
					}
					if query != "" {
						address += "?" + query
					}
					got := c.do(at.method, address, a.body)
					mu.Lock()
					if cells[a.operation] == nil {
						cells[a.operation] = map[string]int{}
					}
					cells[a.operation][role] = got.status
					mu.Unlock()
				}
				for operation := range where {
					t.Errorf("the matrix does not ask %s", operation)
				}
			})
		}
	})
	var b strings.Builder
	fmt.Fprintf(&b, "%-24s", "")
	for _, role := range roles {
		fmt.Fprintf(&b, "%10s", role)
	}
	b.WriteString("\n")
	for _, operation := range order {
		fmt.Fprintf(&b, "%-24s", operation)
		for _, role := range roles {
			fmt.Fprintf(&b, "%10d", cells[operation][role])
		}
		b.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile("testdata/matrix.txt", []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("testdata/matrix.txt")
	if err != nil || string(want) != b.String() {
		t.Errorf("the matrix is %v\n%s\ninstead of\n%s", err, b.String(), want)
	}
}

// again is a new session where the old one has ended.
func (w *world) again(t *testing.T, c *client) string {
	a, err := w.People.Who(t.Context(), c.token)
	if err != nil {
		t.Fatal(err)
	}
	token, _, err := w.People.OpenSession(t.Context(), a, "program")
	if err != nil {
		t.Fatal(err)
	}
	return token
}

type operation struct{ method, path string }

// operations are those of the server's own OpenAPI document.
func (w *world) operations() map[string]operation {
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	w.anonymous().want(200, "GET", "/api/v1/openapi.json", nil).decode(w.t, &doc)
	out := map[string]operation{}
	for path, item := range doc.Paths {
		for method, raw := range item {
			var o struct{ OperationID string }
			if err := json.Unmarshal(raw, &o); err != nil {
				w.t.Fatal(err)
			}
			out[o.OperationID] = operation{strings.ToUpper(method), path}
		}
	}
	return out
}
