package server_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/assessment"
	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// mended is the sample with another key of q-days: 3, which wrong gives, not 15.
var mended = [3]string{"questions.yaml", "key: 15", "key: 3"}

// sits takes the course with wrong answers to some questions, and q-days as said.
func (h *havn) sits(name string, days float64, mistakes ...string) (*client, *attempt) {
	h.t.Helper()
	c := h.enrolled(name)
	for _, page := range []string{"m1-rights", "m1-status"} {
		c.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
	}
	a := c.start("m1-quiz")
	a.answerAll(append(mistakes, "q-days")...)
	for _, id := range mistakes {
		a.save(id, wrong(id))
	}
	if got := a.save("q-days", assessment.Response{Number: &days}); got.status != 200 {
		h.t.Fatalf("%s", got.body)
	}
	a.submit()
	return c, a
}

func (c *client) regrade(body m) (r api.Regrade) {
	c.h.t.Helper()
	c.want(200, "POST", path("/courses/first-contact/regrades"), body).decode(c.h.t, &r)
	return r
}

// regraded waits until nothing is pending, and gives the newest regrade.
func (c *client) regraded() (r api.Regrade) {
	c.h.t.Helper()
	var list struct{ Items []api.Regrade }
	c.h.until("the regrade is done", func() bool {
		c.want(200, "GET", path("/courses/first-contact/regrades"), nil).decode(c.h.t, &list)
		return !slices.ContainsFunc(list.Items, func(r api.Regrade) bool { return r.State == "pending" || r.State == "undoing" })
	})
	return list.Items[0]
}

var revision = regexp.MustCompile(`"rev":\d+`)

// stored is what stands in some collections, but for how often each document was
// written, and on MongoDB by which write and in which order of a map's keys.
func stored(t *testing.T, db *storetest.Database, names ...string) (docs []string) {
	t.Helper()
	dump := db.Dump(t)
	for _, name := range names {
		for _, doc := range dump[name] {
			var fields m
			if json.Unmarshal([]byte(doc), &fields) == nil {
				delete(fields, "rev")
				delete(fields, "_w")
				text, err := json.Marshal(fields)
				if err != nil {
					t.Fatal(err)
				}
				doc = string(text)
			}
			docs = append(docs, revision.ReplaceAllString(doc, ""))
		}
	}
	slices.Sort(docs)
	return docs
}

// A wrong key is mended: who answered rightly all along passes, completes the
// course, has a certificate and is written to in their language, once; who passed
// by the wrong key passes no more where a trainer says so. All of it is taken back
// to the byte.
func TestAWrongKeyIsRepaired(t *testing.T) {
	t.Parallel()
	for _, kind := range storetest.Engines() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			db := kind.New(t)
			h := withRules(t, db.Open(t), "")
			site := h.admin()
			mari, wronged := h.sits("Mari Tamm", 3, "q-true", "q-last")   // 8 of 11, and is right
			jonas, _ := h.sits("Jonas Petraitis", 15, "q-true", "q-last") // 9 of 11, by the wrong key
			h.sits("Oksana Koval", 15)                                    // all, by the wrong key
			h.sits("Nour Haddad", 3)                                      // all but one, and is right
			h.sits("Kaja Kask", 7)                                        // is wrong by both
			mari.want(200, "PATCH", "/api/v1/me", m{"language": "et"})
			if s := mari.standing(); s.Status != "enrolled" {
				t.Fatalf("%+v", s)
			}
			before := jonas.standing().Certificate
			late := h.enrolled("Liis Kask").start("m1-quiz") // begins by the wrong key, and hands in later
			h.republish(t, edited(t, "", mended))
			was := stored(t, db, "attempts", "enrolments")

			dry := site.regrade(m{"from_version": 1, "never_lower": false, "dry_run": true})
			if dry.State != "dry-run" || dry.To != 2 || dry.Tally != (learning.Tally{FailToPass: 1, PassToFail: 1, Raised: 1, Lowered: 1, Unchanged: 1}) || dry.Attempts != 5 {
				t.Fatalf("%+v", dry)
			}
			if kept := site.regrade(m{"from_version": 1, "to_version": 2, "dry_run": true}); kept.Tally != (learning.Tally{FailToPass: 1, Raised: 1, Unchanged: 1, Kept: 2}) {
				t.Fatalf("%+v", kept)
			}
			if !slices.Equal(stored(t, db, "attempts", "enrolments"), was) {
				t.Fatal("a dry run changed something")
			}

			order := m{"regrade": uuid.NewString(), "from_version": 1, "to_version": 2, "never_lower": false}
			site.regrade(order)
			if done := site.regraded(); done.Tally != dry.Tally || done.State != "done" {
				t.Fatalf("%+v", done)
			}
			s := mari.standing()
			if s.Status != "completed" || s.Certificate == "" || s.Quizzes["m1-quiz"].Percent != 81 {
				t.Errorf("Mari: %+v", s)
			}
			var o learning.Outcome
			mari.want(200, "GET", path("/attempts/%s", wronged.ID), nil)
			mari.want(200, "PUT", path("/attempts/%s/submission", wronged.ID), nil).decode(t, &o)
			for _, q := range o.Questions {
				if q.ID == "q-days" && (q.Verdict != "right" || *q.Score != 1 || *q.Key.Number != 3) {
					t.Errorf("%+v", q)
				}
			}
			if s := jonas.standing(); s.Status != "enrolled" || s.Quizzes["m1-quiz"].Passed || h.status(before) != "revoked" {
				t.Errorf("Jonas: %+v, certificate %s", s, h.status(before))
			}
			if status, _, page := h.browserOf(mari).get("/attempts/" + wronged.ID + "/result"); status != 200 || !strings.Contains(string(page), "81") {
				t.Errorf("%d", status)
			}
			told, _ := h.letter("mari.tamm@example.org", 2)
			if told.Language != "et" || !strings.Contains(told.Subject, "parandatud") {
				t.Errorf("%+v", told)
			}

			// A repeat is harmless, and so is another round of the work.
			now := stored(t, db, "attempts", "enrolments", "certificates", "regrades")
			site.regrade(order)
			if err := h.Regrades.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
			if again := site.regraded(); again.Tally != dry.Tally || !slices.Equal(stored(t, db, "attempts", "enrolments", "certificates", "regrades"), now) {
				t.Errorf("a repeat changed something: %+v", again)
			}
			order["never_lower"] = true
			site.refuse("regrade-exists", "POST", path("/courses/first-contact/regrades"), order)

			// Liis is graded by the mended key at once.
			days := 3.0
			late.answerAll("q-days")
			late.save("q-days", assessment.Response{Number: &days})
			if o, _ := late.submit(); o.Percent != 100 {
				t.Errorf("handed in on the earlier version: %d %%", o.Percent)
			}
			liis := late.c.id()
			late.c.want(204, "POST", "/api/v1/me/erasure", m{"password": password}) // so that the rest is as it was

			earned := mari.standing().Certificate
			address := path("/courses/first-contact/regrades/%s", order["regrade"])
			site.want(200, "DELETE", address, nil)
			site.want(200, "DELETE", address, nil)
			if undone := site.regraded(); undone.State != "undone" || undone.Restored != 5 {
				t.Errorf("%+v", undone)
			}
			after := stored(t, db, "attempts", "enrolments")
			was = slices.DeleteFunc(was, func(doc string) bool { return strings.Contains(doc, liis) })
			if !slices.Equal(after, was) {
				t.Errorf("it is not taken back to the byte: %d documents were %d", len(after), len(was))
				for i := range min(len(after), len(was)) {
					if after[i] != was[i] {
						t.Errorf("%s\n\nwas\n%s", after[i], was[i])
					}
				}
			}
			if h.status(earned) != "revoked" || h.status(before) != "valid" {
				t.Errorf("certificates: %s is %s, %s is %s", earned, h.status(earned), before, h.status(before))
			}
			if _, err := h.Audit.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			h.clock.advance(time.Minute)
			if n := len(h.post.to("mari.tamm@example.org")); n > 3 {
				t.Errorf("%d letters to Mari", n)
			}
		})
	}
}

// Nobody is hurt by default: who would come to less keeps their result.
func TestNobodyComesToLessUnlessATrainerSaysSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		jonas, _ := h.sits("Jonas Petraitis", 15, "q-true", "q-last")
		was := jonas.standing()
		h.republish(t, edited(t, "", mended))
		site := h.admin()
		site.regrade(m{"regrade": uuid.NewString(), "from_version": 1})
		if done := site.regraded(); done.Tally != (learning.Tally{Kept: 1}) || !done.NeverLower {
			t.Errorf("%+v", done)
		}
		if now := jonas.standing(); now.Certificate != was.Certificate || now.Quizzes["m1-quiz"] != was.Quizzes["m1-quiz"] || h.status(was.Certificate) != "valid" {
			t.Errorf("%+v", now)
		}
	})
}

// What a crash cut off is made good when the work begins again, and counts once.
func TestARegradeGoesOnAfterACrash(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		broken := &cutOff{Engine: e}
		h := withRules(t, broken, "")
		mari, _ := h.sits("Mari Tamm", 3, "q-true", "q-last")
		h.sits("Nour Haddad", 3)
		h.republish(t, edited(t, "", mended))
		site := h.admin()
		broken.set(true)
		site.regrade(m{"regrade": uuid.NewString(), "from_version": 1})
		if err := h.Regrades.Work(t.Context()); err == nil {
			t.Fatal("nothing was cut off")
		}
		if s := mari.standing(); s.Status != "enrolled" {
			t.Fatalf("%+v", s)
		}
		broken.set(false)
		h.until("it goes on", func() bool { return h.Regrades.Work(t.Context()) == nil && mari.standing().Status == "completed" })
		if done := site.regraded(); done.Tally != (learning.Tally{FailToPass: 1, Raised: 1}) {
			t.Errorf("%+v", done)
		}
		h.letter("mari.tamm@example.org", 2)
	})
}

// Of two regrades the later one is taken back first; what somebody did since stays.
func TestRegradesAreTakenBackInTurn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari, a := h.sits("Mari Tamm", 3, "q-true", "q-last")
		site := h.admin()
		h.republish(t, edited(t, "", mended))
		first, second := uuid.NewString(), uuid.NewString()
		site.regrade(m{"regrade": first, "from_version": 1})
		site.regraded()
		certificate := mari.standing().Certificate
		h.republish(t, edited(t, "", [3]string{"questions.yaml", "key: 15", "key: 4"}))
		h.clock.advance(time.Second)
		site.regrade(m{"regrade": second, "from_version": 1, "never_lower": false})
		if r := site.regraded(); r.Tally != (learning.Tally{PassToFail: 1}) {
			t.Fatalf("%+v", r)
		}
		if h.status(certificate) != "revoked" {
			t.Error("the certificate holds")
		}
		site.refuse("regrade-not-last", "DELETE", path("/courses/first-contact/regrades/%s", first), nil)
		site.want(200, "DELETE", path("/courses/first-contact/regrades/%s", second), nil)
		site.regraded()
		if s := mari.standing(); s.Certificate != certificate || h.status(certificate) != "valid" {
			t.Errorf("%+v", s)
		}
		again := mari.start("m1-quiz") // since then she has passed without any regrade
		again.answerAll()
		again.submit()
		site.want(200, "DELETE", path("/courses/first-contact/regrades/%s", first), nil)
		site.regraded()
		s := mari.standing()
		if s.Status != "completed" || s.Certificate != certificate || h.status(certificate) != "valid" || s.Quizzes["m1-quiz"].Attempt != again.ID {
			t.Errorf("%+v", s)
		}
		var o learning.Outcome
		mari.want(200, "PUT", path("/attempts/%s/submission", a.ID), nil).decode(t, &o)
		if o.Percent != 72 {
			t.Errorf("the first attempt has %d %%", o.Percent)
		}
	})
}

// A certificate that an administrator withdraws stays withdrawn, whatever is taken
// back: before the regrade that would have taken it away, or after.
func TestARegradeGivesBackNothingThatAnAdministratorWithdrew(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		jonas, _ := h.sits("Jonas Petraitis", 15, "q-true", "q-last")
		mari, _ := h.sits("Mari Tamm", 15, "q-true", "q-last")
		nour, _ := h.sits("Nour Haddad", 15, "q-true", "q-last")
		before, after, none := jonas.standing().Certificate, mari.standing().Certificate, nour.standing().Certificate
		site, regrade := h.admin(), uuid.NewString()
		site.want(204, "PUT", path("/certificates/%s/revocation", before), nil)
		h.republish(t, edited(t, "", mended))
		site.regrade(m{"regrade": regrade, "from_version": 1, "never_lower": false})
		if r := site.regraded(); r.Tally != (learning.Tally{PassToFail: 3}) {
			t.Fatalf("%+v", r)
		}
		site.want(204, "PUT", path("/certificates/%s/revocation", after), nil)
		site.want(200, "DELETE", path("/courses/first-contact/regrades/%s", regrade), nil)
		site.regraded()
		for code, want := range map[string]string{before: "revoked", after: "revoked", none: "valid"} {
			if is := h.status(code); is != want {
				t.Errorf("a certificate is %s and should be %s", is, want)
			}
		}
	})
}

// Orders that make no sense are refused with the field.
func TestARegradeThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.republish(t, edited(t, "", mended))
	site, address := h.admin(), path("/courses/first-contact/regrades")
	site.refuse("regrade-order", "POST", address, m{"from_version": 2, "to_version": 2, "dry_run": true})
	site.refuse("not-found", "POST", address, m{"from_version": 1, "to_version": 9, "dry_run": true})
	site.refuse("id-invalid", "POST", address, m{"from_version": 1})
	site.refuse("not-found", "POST", path("/courses/none/regrades"), m{"from_version": 1, "dry_run": true})
	site.refuse("not-found", "DELETE", path("/courses/first-contact/regrades/%s", uuid.NewString()), nil)
}

// A trainer does it in the browser: sees first, then decides, then takes it back.
func TestATrainerRegradesInTheBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	mari, _ := h.sits("Mari Tamm", 3, "q-true", "q-last")
	h.republish(t, edited(t, "", mended))
	site := h.admin()
	b := h.browserOf(site)
	b.get("/trainer/first-contact/versions")
	form := url.Values{"csrf": {b.csrf()}, "from": {"1"}, "to": {"2"}, "never_lower": {"1"}}
	status, _, page := b.post("/trainer/first-contact/regrades", form)
	if status != 200 || !strings.Contains(string(page), "1 attempt passes now") || mari.standing().Status != "enrolled" {
		t.Fatalf("%d %s", status, page)
	}
	id := regexp.MustCompile(`name="regrade" value="([^"]+)"`).FindStringSubmatch(string(page))
	form.Set("regrade", id[1])
	if status, _, _ = b.post("/trainer/first-contact/regrades", form); status != 303 {
		t.Fatalf("%d", status)
	}
	site.regraded()
	if mari.standing().Status != "completed" {
		t.Error("Mari has not completed")
	}
	if _, _, page = b.get("/trainer/first-contact/versions"); !strings.Contains(string(page), "Take back") {
		t.Error("it cannot be taken back")
	}
	if status, _, _ = b.post("/trainer/first-contact/regrades/"+id[1]+"/end", url.Values{"csrf": {b.csrf()}}); status != 303 {
		t.Errorf("%d", status)
	}
	site.regraded()
	if mari.standing().Status != "enrolled" {
		t.Error("it was not taken back")
	}
}

// status is what a check of a certificate says.
func (h *havn) status(code string) string {
	h.t.Helper()
	var c struct{ Status string }
	h.anonymous().want(200, "GET", path("/certificates/%s", code), nil).decode(h.t, &c)
	return c.Status
}
