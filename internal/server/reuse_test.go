package server_test

import (
	"bytes"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// atTheDesk is a course that takes a page and two questions of the sample, one of
// them by a draw.
var atTheDesk = map[string]string{
	"course.yaml": `format: 1
slug: at-the-desk
source: en
languages: [en, et]
fallback: [en]
completion: {require: all, valid_months: 24}
reuse:
  - {course: first-contact, pages: [m1-status], questions: [q-days, q-true]}
modules:
  - id: d1
    pages: [d1-own, m1-status]
    quiz: {id: d1-quiz, pass_mark: 80, items: [{question: q-days}, {draw: 1, tags: [m1]}]}
`,
	"en/course.yaml": "title: At the desk\nsummary: What to do there.\nmodules: {d1: {title: Desk}}\n",
	"et/course.yaml": "title: Laua taga\nsummary: Mida seal teha.\nmodules: {d1: {title: Laud}}\n",
	"en/d1-own.md":   "# Our own\n\nOf the protocol.[^fact:palermo-3c]\n",
	"et/d1-own.md":   "# Oma\n\nProtokollist.[^fact:palermo-3c]\n",
}

const door = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10"/></svg>`

// twoCourses are the sample, with a page in two languages and a picture on it, and
// the course that reuses of it; edits are file → old, new of the sample.
func twoCourses(t *testing.T, edits ...[3]string) fs.FS {
	files := map[string]string{
		"course.yaml":     courseYAML(""),
		"et/m1-status.md": "# Staatus\n\nJälle.[^fact:palermo-3c]\n\n:::whom-do-i-call\n**Kellele ma helistan?** 112.\n:::\n\n![Uks](media/door.svg)\n",
		"en/m1-status.md": "# Status\n\nAgain.[^fact:palermo-3c]\n\n:::whom-do-i-call\n**Whom do I call?** 112.\n:::\n\n![A door](media/door.svg)\n",
		"media/door.svg":  door,
	}
	fsys := sample(t, files).(fstest.MapFS)
	for _, e := range edits {
		f := fsys["first-contact/"+e[0]]
		if !bytes.Contains(f.Data, []byte(e[1])) {
			t.Fatalf("%s has no %q", e[0], e[1])
		}
		fsys["first-contact/"+e[0]] = &fstest.MapFile{Data: bytes.Replace(f.Data, []byte(e[1]), []byte(e[2]), 1)}
	}
	for name, text := range atTheDesk {
		fsys["at-the-desk/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// A page and two questions of another course are read, asked, taken along and
// certified like the course's own, in both languages; when they change there, the
// trainer is told, and what is major is asked again once the course is published anew.
func TestACourseReusesPagesAndQuestionsOfAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, twoCourses(t)) // the one that reuses comes before the other by its name
		trainer, mari := h.admin(), h.learner("Mari Tamm")
		desk, quiz := "/courses/at-the-desk", m{"course": "at-the-desk", "quiz": "d1-quiz"}
		estonian := *mari
		estonian.lang = "et"
		if got := estonian.want(200, "GET", path("/courses/at-the-desk/pages/m1-status"), nil); !bytes.Contains(got.body, []byte("Jälle.")) || !bytes.Contains(got.body, []byte("palermo-3c")) {
			t.Errorf("the page in Estonian: %s", got.body)
		}
		if got := h.anonymous().want(200, "GET", path("/courses/at-the-desk/pages/m1-status"), nil); !bytes.Contains(got.body, []byte("Again.")) {
			t.Errorf("the page: %s", got.body)
		}
		mari.want(201, "PUT", path("/enrolments/at-the-desk"), nil)
		browser := h.browserOf(mari)
		_, _, page := browser.get(desk)
		for _, want := range []string{desk + "/m1-status", desk + "/d1-own", desk + "/media/door.svg", "d1-quiz"} {
			if !bytes.Contains(page, []byte("&#34;"+want+"&#34;")) {
				t.Errorf("%s does not come along: %s", want, page)
			}
		}
		if status, _, body := browser.get(desk + "/media/door.svg"); status != 200 || string(body) != door {
			t.Errorf("the picture: %d %s", status, body)
		}
		for _, id := range []string{"d1-own", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/at-the-desk/pages/%s", id), nil)
		}
		a := &attempt{c: mari}
		mari.want(201, "PUT", path("/attempts/%s", uuid.NewString()), quiz).decode(t, &a.View)
		if got := a.ids(); !slices.Equal(got, []string{"q-days", "q-true"}) {
			t.Fatalf("asked are %v", got)
		}
		a.answerAll()
		if o, _ := a.submit(); !o.Passed {
			t.Fatalf("%+v", o)
		}
		standing := func() (s standingOf) {
			mari.want(200, "GET", path("/enrolments/at-the-desk"), nil).decode(t, &s)
			return s
		}
		code := standing().Certificate
		if code == "" {
			t.Fatalf("%+v", standing())
		}

		publish := func(name string, major ...string) (*course.Publication, error) {
			h.clock.advance(time.Hour)
			p, problems, err := h.Desk.PublishAs(t.Context(), name, library.Author{Says: &course.Notes{Major: major}})
			if err != nil && len(problems) == 0 {
				t.Fatal(name, err)
			}
			return p, err
		}
		notice := func() bool {
			_, _, page := h.browserOf(trainer).get("/trainer")
			return bytes.Contains(page, []byte("has changed there: version 1 → "))
		}
		h.Desk.FS = twoCourses(t, [3]string{"en/m1-rights.md", "Read on.", "Read further."})
		if _, err := publish("first-contact"); err != nil {
			t.Fatal(err)
		}
		if notice() {
			t.Error("what is reused has not changed")
		}
		h.Desk.FS = twoCourses(t, newKey, [3]string{"en/questions.yaml", "Consent counts.", "Consent counts here."})
		if _, err := publish("first-contact"); err != nil {
			t.Fatal(err)
		}
		if !notice() {
			t.Error("nobody is told that what is reused has changed")
		}
		if p, _ := h.Library.Current("at-the-desk"); p.Questions["q-days"].Key.Number != 15 {
			t.Error("a publication changes by itself")
		}
		p, err := publish("at-the-desk", "question:q-days")
		if err != nil || p.Version != 2 || p.Questions["q-days"].Key.Number != 16 || !slices.Equal(p.Taken, []course.Taken{{Course: "first-contact", Version: 3}}) {
			t.Fatalf("%v %+v", err, p)
		}
		if again, _ := publish("at-the-desk"); again.Version != 2 {
			t.Error("the same is published twice")
		}
		if notice() {
			t.Error("what was taken over is told of still")
		}
		var r renewalOf
		mari.want(200, "GET", path("/enrolments/at-the-desk/renewal"), nil).decode(t, &r)
		if r.Reason != "changed" || len(r.Pages) != 0 || len(r.Quizzes) != 1 || r.Quizzes[0].Questions != 1 {
			t.Fatalf("%+v", r)
		}
		again := &attempt{c: mari}
		mari.want(201, "PUT", path("/attempts/%s", uuid.NewString()), m{"course": "at-the-desk", "quiz": "d1-quiz", "renewal": true}).decode(t, &again.View)
		if got := again.ids(); !slices.Equal(got, []string{"q-days"}) || again.Reason != learning.SomethingChanged {
			t.Fatalf("asked again are %v", got)
		}
		again.answerAll()
		if o, _ := again.submit(); !o.Passed {
			t.Fatalf("%+v", o)
		}
		if s := standing(); s.Certificate == code || s.RenewedAt.IsZero() {
			t.Errorf("it is done, but: %+v", s)
		}

		// Of a course that is withdrawn nothing can be taken; what was taken stays.
		trainer.want(204, "PUT", path("/courses/first-contact/withdrawal"), m{"withdrawn": true})
		_, problems, err := h.Desk.PublishAs(t.Context(), "at-the-desk", library.Author{})
		if err == nil || len(problems) != 1 || problems[0].Code != "reuse-withdrawn" || problems[0].File != "course.yaml" || problems[0].Line != 8 {
			t.Errorf("something is taken of a withdrawn course: %v %v", err, problems)
		}
		h.anonymous().want(200, "GET", path("/courses/at-the-desk/pages/m1-status"), nil)
		if _, _, page := h.browserOf(trainer).get("/trainer"); !bytes.Contains(page, []byte("cannot be had there any more")) {
			t.Error("nobody is told that the other course is withdrawn")
		}
	})
}

// A trainer takes a page and a question of another course by a form, sees where they
// come from, cannot write them here, and stops using them.
func TestATrainerReusesByAForm(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, twoCourses(t))
		asta, bo, other := h.trainers()
		draft, page := path("/courses/our-words/draft"), "/trainer/our-words/draft/reuse"
		asta.want(200, "PUT", draft, m{"title": "Our words", "languages": []string{"en", "et"}})
		b := h.browserOf(asta)
		if _, _, body := b.get(page + "?from=first-contact"); !bytes.Contains(body, []byte(`value="q-days"`)) || !bytes.Contains(body, []byte(`value="m1-status"`)) {
			t.Fatalf("what the course has is not there: %s", body)
		}
		if _, _, body := b.get(page + "?from=at-the-desk"); bytes.Contains(body, []byte(`value="m1-status"`)) || !bytes.Contains(body, []byte(`value="d1-own"`)) {
			t.Error("what that course reuses itself can be had of it")
		}
		form := func(fields url.Values) {
			t.Helper()
			fields.Set("csrf", b.csrf())
			if status, _, body := b.post(page, fields); status != 303 {
				t.Fatalf("%d %s", status, body)
			}
		}
		form(url.Values{"from": {"first-contact"}, "module": {"m1"}, "page": {"m1-status"}})
		for range 2 {
			form(url.Values{"from": {"first-contact"}, "module": {"m1"}, "question": {"q-days"}})
		}
		var file struct{ Text string }
		asta.want(200, "GET", draft+"/file?path=course.yaml", nil).decode(t, &file)
		if want := "reuse:\n  - course: first-contact\n    pages: [m1-status]\n    questions: [q-days]\n"; !strings.Contains(file.Text, want) || strings.Count(file.Text, "question: q-days") != 1 || !strings.Contains(file.Text, "pages: [m1-page, m1-status]") {
			t.Fatalf("course.yaml is\n%s", file.Text)
		}
		for _, p := range asta.draft("our-words").Problems {
			if p.Level == "error" {
				t.Errorf("%+v", p)
			}
		}
		_, _, body := b.get("/trainer/our-words/draft")
		if !bytes.Contains(body, []byte("comes from “first-contact”")) || bytes.Contains(body, []byte("edit?path=en/m1-status.md")) || bytes.Contains(body, []byte("question?id=q-days")) {
			t.Errorf("what is reused can be written here: %s", body)
		}
		if got := asta.want(200, "GET", draft+"/translations/et", nil); bytes.Contains(got.body, []byte("m1-status")) || bytes.Contains(got.body, []byte("q-days")) {
			t.Errorf("what is reused is translated here: %s", got.body)
		}
		asta.refuse("draft-path", "PUT", draft+"/file", m{"path": "reused/first-contact/questions.yaml", "rev": 0, "text": "- {id: q-days, type: numeric, key: 1}"})

		// What was reviewed is what is published: a change there opens the review again.
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
		h.Desk.FS = twoCourses(t, newKey)
		if _, _, err := h.Desk.PublishAs(t.Context(), "first-contact", library.Author{}); err != nil {
			t.Fatal(err)
		}
		bo.refuse("draft-not-approved", "POST", draft+"/publication", nil)
		bo.want(200, "PUT", draft+"/review", m{"state": "open"})
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
		bo.want(201, "POST", draft+"/publication", nil)
		if p, _ := h.Library.Current("our-words"); p.Questions["q-days"].Key.Number != 16 || p.Editions["et"].Pages["m1-status"].Title != "Staatus" {
			t.Errorf("published is %+v", p.Questions["q-days"])
		}

		// The next draft begins without what was taken over; then it is stopped.
		asta.want(200, "PUT", draft, m{})
		for _, f := range asta.draft("our-words").Files {
			if strings.HasPrefix(f.Path, "reuse") {
				t.Errorf("the draft has %s", f.Path)
			}
		}
		form(url.Values{"from": {"first-contact"}, "page": {"m1-status"}, "stop": {"1"}})
		form(url.Values{"from": {"first-contact"}, "question": {"q-days"}, "stop": {"1"}})
		asta.want(200, "GET", draft+"/file?path=course.yaml", nil).decode(t, &file)
		if strings.Contains(file.Text, "reuse") || strings.Contains(file.Text, "q-days") || strings.Contains(file.Text, "m1-status") {
			t.Errorf("course.yaml is\n%s", file.Text)
		}

		// The keys of another organisation stay there.
		foreign := path("/courses/their-words/draft")
		other.want(200, "PUT", foreign, m{"title": "Their words", "languages": []string{"en", "et"}})
		ob := h.browserOf(other)
		if _, _, body := ob.get("/trainer/their-words/draft/reuse?from=our-words"); bytes.Contains(body, []byte(`value="our-words"`)) || bytes.Contains(body, []byte(`value="q-first"`)) {
			t.Errorf("the course of another organisation can be chosen: %s", body)
		}
		ob.get("/trainer/their-words/draft/reuse")
		if status, _, _ := ob.post("/trainer/their-words/draft/reuse", url.Values{"csrf": {ob.csrf()}, "from": {"our-words"}, "question": {"q-first"}}); status != 404 {
			t.Errorf("it is taken of all the same: %d", status)
		}
		var theirs struct{ Text string }
		other.want(200, "GET", foreign+"/file?path=course.yaml", nil).decode(t, &theirs)
		other.write("their-words", "course.yaml", theirs.Text+"reuse:\n  - {course: our-words, questions: [q-first]}\n")
		told := false
		for _, p := range other.draft("their-words").Problems {
			told = told || p.File == "course.yaml" && strings.Contains(p.Message, "belongs to another organisation")
		}
		if !told {
			t.Error("nobody says that the course belongs to another organisation")
		}
	})
}
