package server_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"havn/internal/course"
	"havn/internal/library"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// The learner is told on "My learning" and on the course's page, and does all of
// it without JavaScript.
func TestWhatChangedIsDoneWithoutJavaScript(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		uncited := [3]string{"en/m1-status.md", "[^fact:palermo-3c]", ""} // so that the page rests on no fact
		h := start(t, e, sample(t, edited(t, "", uncited)))
		mari, code := h.completed("Mari Tamm")
		b := h.browserOf(mari)
		const there = "/learning/first-contact"
		if _, _, page := b.get("/learning"); bytes.Contains(page, []byte(there)) {
			t.Error("nothing changed, but My learning says so")
		}
		h.republish(t, edited(t, "", uncited, newKey, newStatus), "page:m1-status#2")
		for _, address := range []string{"/learning", "/courses/first-contact"} {
			if _, _, page := b.get(address); !bytes.Contains(page, []byte(`href="`+there+`"`)) || !bytes.Contains(page, []byte("What changed since you completed")) {
				t.Errorf("%s does not tell what changed:\n%s", address, page)
			}
		}
		_, _, page := b.get(there)
		for _, want := range []string{"You completed version 1", "1 page to read", "/courses/first-contact/m1-status?renew=1", "1 question, only about what changed", "holds until 23 November 2028"} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("it lacks %q:\n%s", want, page)
			}
		}
		if bytes.Contains(page, []byte("m1-rights")) {
			t.Error("a page that did not change is on the list")
		}
		csrf := b.csrf()
		_, _, lesson := b.get("/courses/first-contact/m1-status?renew=1")
		if !bytes.Contains(lesson, []byte(`name="renew" value="1"`)) || !bytes.Contains(lesson, []byte("Never again.")) {
			t.Fatalf("the page:\n%s", lesson)
		}
		if status, to, _ := b.post("/courses/first-contact/m1-status/read", url.Values{"csrf": {csrf}, "renew": {"1"}}); status != 303 || to != there {
			t.Errorf("reading leads to %d %s", status, to)
		}
		_, _, page = b.get(there)
		id := found(t, newID, page)
		status, to, _ := b.post(there+"/m1-quiz", url.Values{"csrf": {csrf}, "attempt": {id}})
		if status != 303 || to != "/attempts/"+id {
			t.Fatalf("starting: %d %s", status, to)
		}
		_, _, question := b.get(to)
		if !bytes.Contains(question, []byte("How many?")) || !bytes.Contains(question, []byte("Question 1 of 1")) {
			t.Fatalf("the question:\n%s", question)
		}
		b.post("/attempts/"+id+"/answers/q-days", url.Values{"csrf": {csrf}, "type": {"numeric"}, "value": {"16"}, "q": {"1"}, "next": {"/attempts/" + id + "/check"}})
		b.post("/attempts/"+id+"/submission", url.Values{"csrf": {csrf}})
		_, _, result := b.get("/attempts/" + id + "/result")
		now := mari.standing().Certificate
		if now == code || !bytes.Contains(result, []byte("Your certificate is renewed.")) || !bytes.Contains(result, []byte("/certificates/"+now)) {
			t.Errorf("the result:\n%s", result)
		}
		if _, _, page := b.get(there); !bytes.Contains(page, []byte("There is nothing to renew now.")) {
			t.Errorf("afterwards:\n%s", page)
		}
		if status, header, _ := h.stranger().get(there); status != 303 || !strings.HasPrefix(header.Get("Location"), "/sign-in") {
			t.Errorf("a stranger: %d", status)
		}
	})
}

// Versions are numbered, say what changed and how it was weighed, and any two are
// compared as a reader sees them; naming what did not change is refused.
func TestAPublicationSaysWhatChanged(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		trainer := h.admin()
		v2 := edited(t, "", newStatus, newKey)
		if got := trainer.do("POST", path("/courses/first-contact/publications")+"?major=page:m1-rights", zipped(t, v2)); got.code() != "change-unknown" || got.status != 422 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		if got := trainer.do("POST", path("/courses/first-contact/publications")+"?note="+url.QueryEscape("Never, not once more.")+"&major=page:m1-status&minor=question:q-days", zipped(t, v2)); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		v3 := edited(t, "", newStatus, newKey, newStem)
		v3["changes.yaml"] = "note: Said in the folder\nmajor: [\"question:q-true\"]\n"
		if got := trainer.do("POST", path("/courses/first-contact/publications")+"", zipped(t, v3)); got.status != 201 {
			t.Fatalf("%d %s", got.status, got.body)
		}
		v3["en/m1-rights.md"] = strings.Replace(v3["en/m1-rights.md"], "Read on.", "Read further.", 1)
		if got := trainer.do("POST", path("/courses/first-contact/publications")+"", zipped(t, v3)); got.status != 201 { // what the folder says is about the version before
			t.Fatalf("%d %s", got.status, got.body)
		}
		var list struct {
			Items []struct {
				Version int
				Note    string
				Changes []library.Mark
			}
			Next string
		}
		trainer.want(200, "GET", path("/courses/first-contact/publications?limit=3"), nil).decode(t, &list)
		if len(list.Items) != 3 || list.Next == "" || list.Items[0].Version != 4 || list.Items[0].Note != "" || list.Items[1].Note != "Said in the folder" || list.Items[2].Note != "Never, not once more." {
			t.Fatalf("%+v", list)
		}
		if got, want := list.Items[2].Changes, []library.Mark{
			{Unit: "page:m1-status#2", Kind: course.Wording, What: course.Changed, Weight: course.Major},
			{Unit: "question:q-days.key", Kind: course.KeyKind, What: course.Changed, Weight: course.Minor},
		}; !slices.Equal(got, want) {
			t.Errorf("version 2: %+v", got)
		}
		if got := list.Items[1].Changes; len(got) != 1 || got[0].Weight != course.Major {
			t.Errorf("version 3: %+v", got)
		}
		if got := list.Items[0].Changes; len(got) != 1 || got[0].Weight != course.Minor || got[0].Unit != "page:m1-rights#5" {
			t.Errorf("version 4: %+v", got)
		}
		got := trainer.want(200, "GET", path("/courses/first-contact/publications/1/differences/2"), nil)
		if !bytes.Contains(got.body, []byte(`{"what":"removed","text":"Again. "},{"what":"added","text":"Never again. "}`)) || bytes.Contains(got.body, []byte("15")) || bytes.Contains(got.body, []byte("16")) {
			t.Errorf("%s", got.body)
		}
		trainer.refuse("not-found", "GET", path("/courses/first-contact/publications/1/differences/9"), nil)
		_, _, page := h.browserOf(trainer).get("/trainer/first-contact/versions?from=1&to=2")
		for _, want := range []string{"Version 4", "Said in the folder", "<del><span class=\"hidden\" lang=\"en\">removed: </span>Again. </del>", "<ins><span class=\"hidden\" lang=\"en\">added: </span>Never again. </ins>", "The right answer or its points changed."} {
			if !bytes.Contains(page, []byte(want)) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
		if status, _, _ := h.browserOf(h.learner("Mari Tamm")).get("/trainer/first-contact/versions"); status != 403 {
			t.Errorf("a learner: %d", status)
		}
	})
}

// The trainer's page lists what changed; what is ticked is major, the rest minor.
func TestATrainerWeighsChangesOnThePage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.Desk.FS = sample(t, edited(t, "", newKey, newStem))
		b := h.browserOf(h.admin())
		_, _, page := b.get("/trainer")
		if !bytes.Contains(page, []byte(`name="major" value="question:q-days.key" checked`)) || !bytes.Contains(page, []byte(`name="major" value="question:q-true.stem">`)) {
			t.Fatalf("the page:\n%s", page)
		}
		status, to, _ := b.post("/trainer/first-contact/publications", url.Values{
			"csrf": {b.csrf()}, "weighed": {"1"}, "note": {"By the page"}, "listed": {"question:q-days.key", "question:q-true.stem"}, "major": {"question:q-true.stem"},
		})
		if status != 303 || to != "/trainer?published=first-contact" {
			t.Fatalf("%d %s", status, to)
		}
		p := h.publication()
		if p.Version != 2 || p.QuestionSince("q-true") != 2 || p.QuestionSince("q-days") != 0 {
			t.Errorf("version %d: %v", p.Version, p.Again)
		}
	})
}

// A reader of a translation is told after a major change, and reads the original
// where the course says so; after a minor one nothing changes for them.
func TestAReaderIsToldOfMajorChangesOnly(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		files := edited(t, "")
		files["et/m1-status.md"] = "# Staatus\n\nVeel kord.[^fact:palermo-3c]\n\n:::whom-do-i-call\n**Kellele helistada?** 112.\n:::\n"
		all := course.Files{}
		for name, text := range files {
			all[name] = []byte(text)
		}
		lock, problems := course.MarkTranslated("first-contact", all, "et", course.LanguageReviewed, "m-tamm", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		if problems.Errors() > 0 {
			t.Fatal(problems)
		}
		files["translations.lock"] = string(lock)
		h := start(t, e, sample(t, files))
		words := words(t)
		see := func() string {
			t.Helper()
			b := h.stranger()
			b.get("/?lang=et")
			_, _, page := b.get("/courses/first-contact/m1-status?lang=et")
			return string(page)
		}
		told := words.T("et", "notice.stale")
		files["en/m1-status.md"] = strings.Replace(files["en/m1-status.md"], "Again.", "Once more.", 1)
		h.republish(t, files)
		if page := see(); strings.Contains(page, told) || !strings.Contains(page, "Veel kord.") {
			t.Errorf("after a minor change:\n%s", page)
		}
		files["en/m1-status.md"] = strings.Replace(files["en/m1-status.md"], "Once more.", "Never again.", 1)
		h.republish(t, files, "page:m1-status")
		if page := see(); !strings.Contains(page, told) || !strings.Contains(page, "Veel kord.") {
			t.Errorf("after a major one:\n%s", page)
		}
		files["course.yaml"] = strings.Replace(files["course.yaml"], "fallback: [en]", "fallback: [en]\nstale: source", 1)
		h.republish(t, files)
		if page := see(); !strings.Contains(page, words.T("et", "notice.original", "language", "English")) || !strings.Contains(page, "Never again.") {
			t.Errorf("where the course shows the original:\n%s", page)
		}
	})
}
