package server_test

import (
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"havn/internal/learning"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// estonian is what the editor of Estonia publishes.
var estonian = map[string]string{
	"place.yaml":      "add: {m1: [ee-calls]}\nhide: [m1-status]\n",
	"facts.yaml":      "- {id: palermo-3c, instrument: Penal Code, article: \"133\", checked_on: 2026-11-23, status: verified}\n",
	"en/facts.yaml":   "palermo-3c: In Estonia, section 133.\n",
	"en/ee-calls.md":  "# Whom to call in Estonia\n\n116 111.[^fact:palermo-3c]\n",
	"en/m1-rights.md": "# Rights in Estonia\n\nSection 133.[^fact:palermo-3c]\n",
}

// What applies depends on where somebody works: their own word, or else their
// organisation's, and what was begun in one country is finished as it was begun.
func TestWhatAppliesWhereIWork(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, nil))
		site := h.admin()
		o := site.organisation("Border Guard", "") // in Estonia
		mari, paul := h.invited("Mari Tamm", site.invite(o, 1)), h.learner("Paul Virtanen")
		editor := h.learner("Editor of Estonia")
		editor.refuse("forbidden", "POST", path("/courses/first-contact/places/EE/publications"), zipped(t, estonian))
		h.clock.advance(2 * time.Second)
		site.want(200, "PUT", path("/accounts/%s/countries", editor.id()), m{"countries": []string{"EE"}})
		editor.refuse("sign-in-needed", "GET", path("/me"), nil) // other rights, so another session
		editor = h.signIn("editor.of.estonia@example.org")
		editor.refuse("forbidden", "POST", path("/courses/first-contact/places/FI/publications"), zipped(t, estonian))
		editor.refuse("forbidden", "POST", path("/courses/first-contact/publications"), zipped(t, estonian))
		editor.refuse("course-has-errors", "POST", path("/courses/first-contact/places/EE/publications"), zipped(t, map[string]string{"place.yaml": "hide: [nothing]\n"}))
		var published struct{ Version int }
		editor.want(201, "POST", path("/courses/first-contact/places/EE/publications"), zipped(t, estonian)).decode(t, &published)
		if published.Version != 2 {
			t.Error(published)
		}

		asked := func(c *client) map[string]bool {
			t.Helper()
			c.do("PUT", path("/enrolments/first-contact"), nil)
			ids := map[string]bool{}
			var v learning.View
			c.want(200, "GET", path("/attempts/%s", c.start("m1-quiz").ID), nil).decode(t, &v)
			for _, q := range v.Questions {
				ids[q.ID] = true
			}
			return ids
		}
		if asked(mari)["q-means"] || !asked(paul)["q-means"] {
			t.Error("a question on a fact that Estonia words differently is asked in Estonia, or not elsewhere")
		}
		title := func(c *client, page string) string {
			var p struct{ Title string }
			c.do("GET", path("/courses/first-contact/pages/%s", page), nil).decode(t, &p)
			return p.Title
		}
		if a, b := title(mari, "m1-rights"), title(paul, "m1-rights"); a != "Rights in Estonia" || b != "Rights, not status" {
			t.Errorf("%q and %q", a, b)
		}
		mari.refuse("not-found", "GET", path("/courses/first-contact/pages/m1-status"), nil)
		paul.refuse("not-found", "GET", path("/courses/first-contact/pages/ee-calls"), nil)

		paul.refuse("country-invalid", "PATCH", path("/me"), m{"country": "Estonia"})
		paul.want(200, "PATCH", path("/me"), m{"country": "EE"})
		if title(paul, "ee-calls") != "Whom to call in Estonia" {
			t.Error("one's own word counts for nothing")
		}
		mari.want(200, "PATCH", path("/me"), m{"country": "FI"})
		if title(mari, "m1-rights") != "Rights, not status" {
			t.Error("one's own word does not go before the organisation's")
		}
		mari.want(200, "PATCH", path("/me"), m{"country": ""})
		if title(mari, "m1-rights") != "Rights in Estonia" {
			t.Error("without a word of one's own the organisation's does not count")
		}
	})
}

// In Estonia the course is completed by what Estonia asks for.
func TestACourseIsCompletedAsItStandsInTheCountry(t *testing.T) {
	t.Parallel()
	h := start(t, storetest.SQLite().New(t).Open(t), sample(t, nil))
	site := h.admin()
	site.want(200, "PUT", path("/accounts/%s/countries", site.id()), m{"countries": []string{"EE"}})
	h.clock.advance(time.Second)
	site = h.admin()
	site.want(201, "POST", path("/courses/first-contact/places/EE/publications"), zipped(t, estonian))
	mari := h.enrolled("Mari Tamm")
	mari.want(200, "PATCH", path("/me"), m{"country": "EE"})
	a := mari.start("m1-quiz")
	a.answerAll("q-means")
	if outcome, _ := a.submit(); outcome.Percent != 100 {
		t.Errorf("%d per cent: what does not apply counts", outcome.Percent)
	}
	for _, page := range []string{"m1-rights", "ee-calls"} {
		mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
	}
	var e struct{ Status string }
	mari.want(200, "GET", path("/enrolments/first-contact"), nil).decode(t, &e)
	if e.Status != "completed" {
		t.Error(e.Status)
	}
}

// A trainer who publishes the course anew does not undo what the editor of a
// country has published.
func TestWhatACountrysEditorPublishedStays(t *testing.T) {
	t.Parallel()
	h := start(t, storetest.SQLite().New(t).Open(t), sample(t, nil))
	site := h.admin()
	for _, c := range []struct {
		path string
		zip  map[string]string
	}{{"places/EE/publications", estonian}, {"publications", sampleFiles(t, sample(t, map[string]string{"en/m1-status.md": "# Status, anew\n\nAgain.[^fact:palermo-3c]\n"}))}} {
		site.want(200, "PUT", path("/accounts/%s/countries", site.id()), m{"countries": []string{"EE"}})
		site = h.admin()
		site.want(201, "POST", path("/courses/first-contact/%s", c.path), zipped(t, c.zip))
	}
	p, _ := h.Library.Current("first-contact")
	if p.Version != 3 || p.Editions["en"].Pages["m1-status"].Title != "Status, anew" || p.For("EE").Editions["en"].Pages["m1-rights"].Title != "Rights in Estonia" {
		t.Errorf("version %d", p.Version)
	}
	site.want(201, "POST", path("/courses/first-contact/places/EE/publications"), zipped(t, nil))
	if p, _ := h.Library.Current("first-contact"); p.For("EE").Editions["en"].Pages["m1-rights"].Title != "Rights, not status" {
		t.Error("an empty folder does not take it away")
	}
}

// Whoever has no account chooses on the page, without a script.
func TestAReaderChoosesTheirCountry(t *testing.T) {
	t.Parallel()
	h := start(t, storetest.SQLite().New(t).Open(t), sample(t, map[string]string{
		"en/m1-rights.md": "# Rights\n\n:::country EE\nIn Estonia.\n:::\n\n:::country FI\nIn Finland.\n:::\n\nA fact.[^fact:palermo-3c]\n",
	}))
	b := h.stranger()
	_, _, body := b.get("/courses/first-contact/m1-rights")
	if strings.Count(string(body), `class="box country" data-country="`) != 2 || !strings.Contains(string(body), "Where do you work?") || strings.Count(string(body), " open>") != 2 {
		t.Fatalf("%s", body)
	}
	status, to, _ := b.post("/country", url.Values{"country": {"FI"}, "next": {"/courses/first-contact/m1-rights"}})
	if status != 303 || to != "/courses/first-contact/m1-rights" {
		t.Fatal(status, to)
	}
	_, _, body = b.get("/courses/first-contact/m1-rights")
	if !strings.Contains(string(body), `data-country="FI" open>`) || strings.Contains(string(body), `data-country="EE" open>`) || !strings.Contains(string(body), "You work in Finland") {
		t.Errorf("%s", body)
	}
	if _, to, _ := b.post("/country", url.Values{"country": {"FI"}, "next": {"https://example.com/"}}); to != "/" {
		t.Errorf("sent away to %s", to)
	}
}

// sampleFiles are those of the sample course, named as they stand in its folder.
func sampleFiles(t *testing.T, fsys fs.FS) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(fsys, "first-contact", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			src, read := fs.ReadFile(fsys, p)
			out[strings.TrimPrefix(p, "first-contact/")], err = string(src), read
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
