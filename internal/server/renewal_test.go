package server_test

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/tools/txtar"

	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// edited is the sample with every question asked and edits: file → old, new.
func edited(t testing.TB, rules string, edits ...[3]string) map[string]string {
	t.Helper()
	a, err := txtar.ParseFile("../course/testdata/format-sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"course.yaml": courseYAML(rules)}
	for _, f := range a.Files {
		if f.Name != "course.yaml" {
			files[f.Name] = string(f.Data)
		}
	}
	for _, e := range edits {
		if !strings.Contains(files[e[0]], e[1]) {
			t.Fatalf("%s has no %q", e[0], e[1])
		}
		files[e[0]] = strings.Replace(files[e[0]], e[1], e[2], 1)
	}
	return files
}

var (
	newStatus = [3]string{"en/m1-status.md", "Again.", "Never again."}
	newKey    = [3]string{"questions.yaml", "key: 15", "key: 16"}
	newStem   = [3]string{"en/questions.yaml", "Consent counts.", "Consent counts here."}
	noRenewal = [3]string{"course.yaml", "valid_months: 24", "valid_months: 24, recertify: none"}
	wholeQuiz = [3]string{"course.yaml", "valid_months: 24", "valid_months: 24, recertify: full"}
)

// republish publishes the course with edits; major are units that say something else.
func (h *havn) republish(t *testing.T, files map[string]string, major ...string) {
	t.Helper()
	h.Desk.FS = sample(t, files)
	if _, problems, err := h.Desk.PublishAs(t.Context(), "first-contact", library.Author{Says: &course.Notes{Note: "What is new", Major: major}}); err != nil {
		t.Fatal(err, problems)
	}
}

// completed is somebody who has completed the course, and their certificate.
func (h *havn) completed(name string) (*client, string) {
	h.t.Helper()
	c := h.enrolled(name)
	for _, page := range []string{"m1-rights", "m1-status"} {
		c.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
	}
	a := c.start("m1-quiz")
	a.answerAll()
	a.submit()
	return c, c.standing().Certificate
}

type standingOf struct {
	Status, Certificate string
	Quizzes             map[string]learning.Standing
	CompletedAt         time.Time `json:"completed_at"`
	RenewedAt           time.Time `json:"renewed_at"`
}

func (c *client) standing() standingOf {
	c.h.t.Helper()
	return c.standingIn("first-contact")
}

func (c *client) standingIn(course string) (s standingOf) {
	c.h.t.Helper()
	c.want(200, "GET", path("/enrolments/%s", course), nil).decode(c.h.t, &s)
	return s
}

type renewalOf struct {
	Reason, Certificate string
	Since, Version      int
	Pages               []struct {
		ID   string
		Read bool
	}
	Quizzes []struct {
		ID            string
		Questions     int
		Whole, Passed bool
	}
}

func (c *client) renewal() (r renewalOf) {
	c.h.t.Helper()
	c.want(200, "GET", path("/enrolments/first-contact/renewal"), nil).decode(c.h.t, &r)
	return r
}

func (c *client) renew() *attempt {
	c.h.t.Helper()
	a := &attempt{c: c}
	c.want(201, "PUT", path("/attempts/%s", uuid.NewString()), m{"course": "first-contact", "quiz": "m1-quiz", "renewal": true}).decode(c.h.t, &a.View)
	return a
}

func (a *attempt) ids() (ids []string) {
	for _, q := range a.Questions {
		ids = append(ids, q.ID)
	}
	return ids
}

type certificatesOf struct {
	Items []struct {
		Code, Status, Renews string
		RenewedBy            string `json:"renewed_by"`
		Version              int
		IssuedAt             time.Time `json:"issued_at"`
		ExpiresAt            time.Time `json:"expires_at"`
		Due                  []struct{ Why string }
	}
}

func (c *client) certificates() (list certificatesOf) {
	c.h.t.Helper()
	c.want(200, "GET", path("/certificates"), nil).decode(c.h.t, &list)
	return list
}

// After a major change only what changed is read and asked again: the page, the
// question with another key, and the one that rests on a fact which the changed
// block cites, behind its case. Then there is one new certificate, and the old one
// holds to its own end.
func TestAfterAMajorChangeOnlyWhatChangedIsAskedAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari, code := h.completed("Mari Tamm")
		if r := mari.renewal(); r.Reason != "" || r.Certificate != code {
			t.Fatalf("nothing was published, but: %+v", r)
		}
		mari.refuse("nothing-to-renew", "PUT", path("/attempts/%s", uuid.NewString()), m{"course": "first-contact", "quiz": "m1-quiz", "renewal": true})
		h.clock.advance(time.Hour)
		h.republish(t, edited(t, "", newStatus, newKey, newStem), "page:m1-status")
		r := mari.renewal()
		if r.Reason != "changed" || r.Since != 1 || r.Version != 2 || len(r.Pages) != 1 || r.Pages[0].ID != "m1-status" || len(r.Quizzes) != 1 || r.Quizzes[0].Questions != 2 || r.Quizzes[0].Whole {
			t.Fatalf("%+v", r)
		}
		failed := mari.renew()
		if got := failed.ids(); !slices.Equal(got, []string{"q-days", "c-case", "q-means"}) && !slices.Equal(got, []string{"c-case", "q-means", "q-days"}) {
			t.Fatalf("asked are %v", got)
		}
		if failed.Version != 2 || failed.Reason != learning.SomethingChanged {
			t.Errorf("the attempt: version %d, reason %q", failed.Version, failed.Reason)
		}
		view := mari.want(200, "GET", path("/attempts/%s", failed.ID), nil)
		if bytes.Contains(view.body, []byte(`"key"`)) || bytes.Contains(view.body, []byte("See the protocol")) || bytes.Contains(view.body, []byte("16")) && bytes.Contains(view.body, []byte(`"number":16`)) {
			t.Errorf("the key leaves before it is handed in: %s", view.body)
		}
		failed.submit()
		if s := mari.standing(); s.Certificate != code || s.Quizzes["m1-quiz"].Attempts != 1 || !s.Quizzes["m1-quiz"].Passed {
			t.Errorf("an attempt at renewing counts for the course: %+v", s)
		}
		passed := mari.renew()
		passed.answerAll()
		if o, _ := passed.submit(); !o.Passed || o.Max != 2 {
			t.Fatalf("%+v", o)
		}
		mari.refuse("nothing-to-renew", "PUT", path("/attempts/%s", uuid.NewString()), m{"course": "first-contact", "quiz": "m1-quiz", "renewal": true})
		if s := mari.standing(); s.Certificate != code {
			t.Fatal("the certificate is renewed before the page is read")
		}
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil) // did not change
		if r := mari.renewal(); !r.Quizzes[0].Passed || r.Pages[0].Read {
			t.Errorf("half way: %+v", r)
		}
		for range 2 {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-status"), nil)
		}
		s := mari.standing()
		if s.Certificate == code || s.RenewedAt.IsZero() || !s.RenewedAt.After(s.CompletedAt) {
			t.Fatalf("all is done, but: %+v", s)
		}
		passed.submit()
		if err := h.Learning.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		list := mari.certificates().Items
		if len(list) != 2 || list[0].Code != s.Certificate || list[0].Renews != code || list[0].Version != 2 || !list[0].IssuedAt.Equal(s.RenewedAt) || !list[0].ExpiresAt.Equal(s.RenewedAt.AddDate(2, 0, 0)) {
			t.Errorf("the new certificate: %+v", list)
		}
		if old := list[1]; old.Code != code || old.Status != "valid" || old.Version != 1 || old.RenewedBy != s.Certificate || len(old.Due) != 0 {
			t.Errorf("the old one: %+v", old)
		}
		if r := mari.renewal(); r.Reason != "" {
			t.Errorf("once more: %+v", r)
		}
	})
}

// What renews a certificate is the course's to say, and a minor change renews nothing.
func TestWhatRenewsIsTheCoursesRule(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edits                     [][3]string
		major                     []string
		reason                    string
		pages, quizzes, questions int
	}{
		"wording":                         {[][3]string{newStatus, newStem}, nil, "", 0, 0, 0},
		"a key":                           {[][3]string{newKey}, nil, "changed", 0, 1, 1},
		"wording that says another thing": {[][3]string{newStem}, []string{"question:q-true"}, "changed", 0, 1, 1},
		"nothing is to be asked":          {[][3]string{newKey, newStatus, noRenewal}, []string{"page:m1-status"}, "", 0, 0, 0},
		"the whole":                       {[][3]string{newStatus, wholeQuiz}, []string{"page:m1-status"}, "changed", 1, 1, 13},
		"a fact":                          {[][3]string{{"en/facts.yaml", "no means", "no such means"}}, []string{"fact:palermo-3c"}, "changed", 0, 1, 1},
		"a page as tag":                   {[][3]string{newStatus, {"en/m1-status.md", "again.[^fact:palermo-3c]", "again."}, {"questions.yaml", "key: 2026-09-22", "key: 2026-09-22, tags: [m1-rights]"}, {"en/m1-rights.md", "to be heard", "to be heard and believed"}}, []string{"page:m1-rights"}, "changed", 1, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Each(t, func(t *testing.T, e store.Engine) {
				h := withRules(t, e, "")
				mari, _ := h.completed("Mari Tamm")
				h.republish(t, edited(t, "", c.edits...), c.major...)
				r := mari.renewal()
				questions := 0
				for _, q := range r.Quizzes {
					questions += q.Questions
				}
				if r.Reason != c.reason || len(r.Pages) != c.pages || len(r.Quizzes) != c.quizzes || questions != c.questions {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// Shortly before a certificate ends the quizzes are taken again whole; pages stay
// read. What renewed one certificate renews no other.
func TestACertificateThatEndsIsRenewedByTheQuizzes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		_, code := h.completed("Mari Tamm")
		h.clock.advance(660 * day) // 730 days are two years
		mari := h.signIn("mari.tamm@example.org")
		if r := mari.renewal(); r.Reason != "" {
			t.Errorf("70 days before: %+v", r)
		}
		h.clock.advance(12 * day)
		r := mari.renewal()
		if r.Reason != "expiring" || len(r.Pages) != 0 || len(r.Quizzes) != 1 || !r.Quizzes[0].Whole {
			t.Fatalf("58 days before: %+v", r)
		}
		open := mari.renew()
		if open.Reason != learning.Expiring || len(open.Questions) != 14 {
			t.Errorf("%s, %d questions", open.Reason, len(open.Questions))
		}
		open.answerAll()
		open.submit()
		s := mari.standing()
		if s.Certificate == code {
			t.Fatal("it is not renewed")
		}
		list := mari.certificates().Items
		if len(list) != 2 || !list[0].ExpiresAt.Equal(s.RenewedAt.AddDate(2, 0, 0)) {
			t.Errorf("%+v", list)
		}
		if r := mari.renewal(); r.Reason != "" {
			t.Errorf("at once again: %+v", r)
		}
		h.clock.advance(700 * day)
		mari = h.signIn("mari.tamm@example.org")
		open.c = mari
		open.submit() // the same as before
		if again := mari.renewal(); again.Reason != "expiring" || again.Quizzes[0].Passed || mari.standing().Certificate != s.Certificate {
			t.Errorf("two years later: %+v", again)
		}
	})
}

// Twenty submissions at once renew once, and one that was cut off is made good.
func TestACertificateIsRenewedOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		broken := &cutOff{Engine: e}
		h := start(t, broken, sample(t, map[string]string{"course.yaml": courseYAML("")}))
		mari, code := h.completed("Mari Tamm")
		jonas, other := h.completed("Jonas Petraitis")
		h.clock.advance(time.Hour)
		h.republish(t, edited(t, "", newKey))
		a := mari.renew()
		a.answerAll()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { mari.do("PUT", path("/attempts/%s/submission", a.ID), nil) })
		}
		all.Wait()
		if list := mari.certificates().Items; len(list) != 2 || list[0].Renews != code || list[1].Code != code {
			t.Errorf("%+v", list)
		}

		b := jonas.renew()
		b.answerAll()
		broken.set(true)
		if got := jonas.do("PUT", path("/attempts/%s/submission", b.ID), nil); got.status < 500 {
			t.Fatalf("the fault did not happen: %d", got.status)
		}
		broken.set(false)
		for range 2 {
			if err := h.Learning.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if s := jonas.standing(); s.Certificate == other || len(jonas.certificates().Items) != 2 {
			t.Errorf("after the sweep: %+v", s)
		}
	})
}

// A change that comes while one renews is asked too, before there is a certificate.
func TestAChangeWhileOneRenewsIsAskedToo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari, code := h.completed("Mari Tamm")
		h.republish(t, edited(t, "", newKey))
		first := mari.renew()
		first.answerAll()
		h.republish(t, edited(t, "", newKey, newStem), "question:q-true")
		first.submit()
		if s := mari.standing(); s.Certificate != code {
			t.Fatal("what is new was not asked")
		}
		second := mari.renew()
		if got := second.ids(); !slices.Equal(got, []string{"q-true", "q-days"}) || second.Version != 3 {
			t.Fatalf("version %d: %v", second.Version, got)
		}
		second.answerAll()
		second.submit()
		if list := mari.certificates().Items; len(list) != 2 || list[0].Version != 3 && list[1].Version != 3 {
			t.Errorf("%+v", list)
		}
	})
}

// The course's rule changes while somebody is renewing: where it asks for nothing
// their certificate holds; where it asks again, what they passed and read as they
// were asked then counts, and the next thing that they do renews it.
func TestTheRuleChangesWhileSomebodyRenews(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari, code := h.completed("Mari Tamm")
		h.clock.advance(time.Hour)
		h.republish(t, edited(t, "", newStatus, newKey), "page:m1-status")
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-status"), nil)
		open := mari.renew()

		h.republish(t, edited(t, "", newStatus, newKey, noRenewal))
		if r := mari.renewal(); r.Reason != "" || r.Certificate != code {
			t.Errorf("nothing is asked any more, but: %+v", r)
		}
		open.answerAll()
		open.submit() // what was begun may be ended
		if s := mari.standing(); s.Certificate != code || s.Status != "completed" {
			t.Errorf("the certificate does not hold: %+v", s)
		}

		h.republish(t, edited(t, "", newStatus, newKey, wholeQuiz))
		r := mari.renewal()
		if r.Reason != "changed" || len(r.Quizzes) != 1 || !r.Quizzes[0].Passed || len(r.Pages) != 1 || !r.Pages[0].Read {
			t.Fatalf("what was done does not count: %+v", r)
		}
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/m1-rights"), nil)
		if s := mari.standing(); s.Certificate == code || s.RenewedAt.IsZero() {
			t.Errorf("all is done, but: %+v", s)
		}
	})
}
