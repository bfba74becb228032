package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"havn/internal/course"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

type unitOf struct {
	ID, Source, Target, State, Hash, Seen, Before string
	Own                                           bool
	Found                                         []struct {
		Target, From string
		Alike        float64
	}
	Terms []struct{ Source, Target string }
}

type unitsOf struct {
	Items []unitOf
	Next  string
	Count map[string]int
}

type savedUnit struct {
	Saved   bool
	State   string
	Seen    string
	Refused []struct{ Reason, Message string }
}

func translations(slug, lang string) string {
	return path("/courses/%s/draft/translations/%s", slug, lang)
}

// units are those of a translation that a query lets through.
func (c *client) units(slug, lang, query string) (u unitsOf) {
	c.h.t.Helper()
	c.want(200, "GET", translations(slug, lang)+"?"+query, nil).decode(c.h.t, &u)
	return u
}

func (c *client) unit(slug, lang, id string) unitOf {
	c.h.t.Helper()
	for after := ""; ; {
		page := c.units(slug, lang, "limit=50&after="+url.QueryEscape(after))
		for _, u := range page.Items {
			if u.ID == id {
				return u
			}
		}
		if after = page.Next; after == "" {
			c.h.t.Fatalf("there is no %s", id)
		}
	}
}

// translate saves one unit as it is seen now.
func (c *client) translate(slug, lang, id, text string) (s savedUnit) {
	c.h.t.Helper()
	u := c.unit(slug, lang, id)
	c.want(200, "PUT", translations(slug, lang)+"/unit", m{"unit": id, "hash": u.Hash, "seen": u.Seen, "text": text}).decode(c.h.t, &s)
	return s
}

func reviewOf(u unitOf) m { return m{"unit": u.ID, "hash": u.Hash, "seen": u.Seen} }

// written is a course of two trainers, ready to be translated into Ukrainian.
func (h *havn) written(slug string) (asta, bo *client) {
	asta, bo, _ = h.trainers()
	asta.want(200, "PUT", path("/courses/%s/draft", slug), m{"title": "First words", "languages": []string{"en", "uk"}})
	asta.write(slug, "en/m1-page.md", "# First words\n\nAsk [the guardian](term:guardian) first. {{name}}\n\nSpeak slowly and clearly to the child.\n\nSpeak slowly and clearly to every child.\n")
	asta.write(slug, "en/glossary.yaml", "guardian: {term: guardian, definition: Who looks after the child.}\n")
	return asta, bo
}

// publishedBy brings a draft that asta wrote out by somebody else.
func (h *havn) publishedBy(slug string, asta, bo *client) {
	h.t.Helper()
	draft := path("/courses/%s/draft", slug)
	asta.want(200, "PUT", draft+"/review", m{"state": "review"})
	d, err := h.Drafts.Get(h.t.Context(), slug)
	if err == nil {
		_, err = h.Drafts.Approve(h.t.Context(), d, "somebody-who-wrote-nothing")
	}
	if err != nil {
		h.t.Fatal(err)
	}
	bo.want(201, "POST", draft+"/publication", nil)
}

// A translator works unit by unit; what would break a page is refused and says why;
// a colleague reviews what they did not write; when the original changes, exactly
// that unit goes stale and shows what it said before.
func TestACourseIsTranslatedUnitByUnitByTwoPeople(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo := h.written("words")
		if n := asta.units("words", "uk", ""); n.Count["missing"] != 10 || len(n.Items) != 10 {
			t.Fatalf("%+v", n.Count)
		}
		if s := asta.translate("words", "uk", "page:m1-page#3", "Говоріть повільно."); s.Saved || s.Refused[0].Reason != "page-untitled" {
			t.Errorf("a page without its title: %+v", s)
		}
		for id, text := range map[string]string{"course.title": "Перші слова", "page:m1-page#1": "# Перші слова", "glossary:guardian.term": "опікун"} {
			if s := asta.translate("words", "uk", id, text); !s.Saved || s.State != "language-reviewed" {
				t.Errorf("%s: %+v", id, s)
			}
		}
		// What must stay as it is.
		asta.lang = "uk"
		s := asta.translate("words", "uk", "page:m1-page#2", "Спитайте [опікуна](https://example.org). {{name}}")
		if s.Saved || s.Refused[0].Reason != "broken-link" || !strings.Contains(s.Refused[0].Message, "посилання") {
			t.Errorf("another link: %+v", s)
		}
		if u := asta.unit("words", "uk", "page:m1-page#2"); u.Target != "" || len(u.Terms) != 1 || u.Terms[0].Target != "опікун" {
			t.Errorf("%+v", u)
		}
		asta.translate("words", "uk", "page:m1-page#2", "Спершу спитайте [опікуна](term:guardian). {{name}}")
		asta.translate("words", "uk", "page:m1-page#3", "Говоріть з дитиною повільно й чітко.")

		// From memory: not the same text, but one much like it.
		u := bo.unit("words", "uk", "page:m1-page#4")
		if len(u.Found) != 1 || u.Found[0].Target != "Говоріть з дитиною повільно й чітко." || u.Found[0].Alike < 0.8 || u.Found[0].Alike > 0.9 {
			t.Errorf("%+v", u.Found)
		}

		// The second person.
		title := asta.unit("words", "uk", "course.title")
		if !title.Own {
			t.Error("what Asta wrote is not hers")
		}
		review := translations("words", "uk") + "/review"
		asta.refuse("unit-own", "PUT", review, reviewOf(title))
		asta.refuse("unit-not-translated", "PUT", review, reviewOf(asta.unit("words", "uk", "course.summary")))
		bo.want(200, "PUT", review, reviewOf(bo.unit("words", "uk", "course.title")))
		if u := bo.unit("words", "uk", "course.title"); u.State != "expert-reviewed" || u.Own {
			t.Errorf("%+v", u)
		}
		// Whoever changes it writes it, and what was reviewed is open again.
		if s := bo.translate("words", "uk", "course.title", "Найперші слова"); s.State != "language-reviewed" {
			t.Errorf("%+v", s)
		}
		bo.refuse("unit-own", "PUT", review, reviewOf(bo.unit("words", "uk", "course.title")))
		asta.refuse("unit-own", "PUT", review, reviewOf(asta.unit("words", "uk", "course.title")))

		// Whoever saved the file whole may have written anything in it.
		bo.write("words", "uk/facts.yaml", "{}\n")
		site := h.admin()
		site.write("words", "uk/m1-page.md", "# Перші слова\n\nСпершу спитайте [опікуна](term:guardian). {{name}}\n\nГоворіть з дитиною повільно й виразно.\n")
		site.refuse("unit-own", "PUT", review, reviewOf(site.unit("words", "uk", "page:m1-page#3")))
		bo.want(200, "PUT", review, reviewOf(bo.unit("words", "uk", "page:m1-page#3")))

		// Two at one unit: neither text is lost.
		stale := asta.unit("words", "uk", "course.summary")
		bo.translate("words", "uk", "course.summary", "Як почати.")
		asta.refuse("unit-changed", "PUT", translations("words", "uk")+"/unit", m{"unit": stale.ID, "hash": stale.Hash, "seen": stale.Seen, "text": "Початок."})
		if u := asta.unit("words", "uk", "course.summary"); u.Target != "Як почати." {
			t.Errorf("%+v", u)
		}

		// No name is published, and the status tells.
		h.publishedBy("words", asta, bo)
		files, err := h.Library.Files(t.Context(), "words", 1)
		if err != nil || !strings.Contains(string(files["translations.lock"]), "page:m1-page#3 ") {
			t.Fatalf("%s %v", files["translations.lock"], err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(files["translations.lock"])), "\n") {
			if by := strings.Fields(line)[4]; by != "trainer" {
				t.Errorf("somebody is named: %s", line)
			}
		}

		// The original changes.
		bo.want(200, "PUT", path("/courses/words/draft"), m{})
		bo.write("words", "en/m1-page.md", "# First words\n\nA paragraph that is new.\n\nAsk [the guardian](term:guardian) first. {{name}}\n\nSpeak slowly and kindly to the child.\n\nSpeak slowly and clearly to every child.\n")
		states := map[string]string{}
		for _, u := range asta.units("words", "uk", "part=page:m1-page").Items {
			states[u.ID] = u.State
		}
		want := map[string]string{"page:m1-page#1": "language-reviewed", "page:m1-page#2": "missing", "page:m1-page#3": "language-reviewed", "page:m1-page#4": "stale", "page:m1-page#5": "missing"}
		if diff := cmp.Diff(want, states); diff != "" {
			t.Error(diff)
		}
		old := asta.unit("words", "uk", "page:m1-page#4")
		if old.Before != "Speak slowly and clearly to the child." {
			t.Errorf("what it said before: %q", old.Before)
		}
		if only := asta.units("words", "uk", "state=stale"); len(only.Items) != 1 || only.Items[0].ID != old.ID || only.Count["stale"] != 1 {
			t.Errorf("%+v", only)
		}
		// It is right as it stands.
		if s := asta.translate("words", "uk", old.ID, old.Target); s.State != "language-reviewed" {
			t.Errorf("%+v", s)
		}
		asta.refuse("unit-source-changed", "PUT", translations("words", "uk")+"/unit", m{"unit": old.ID, "hash": "0000000000000000", "seen": old.Seen, "text": "Інше."})
		asta.refuse("not-found", "GET", translations("words", "en"), nil)
		asta.refuse("not-found", "GET", translations("words", "no%20language"), nil)
		bo.write("words", "en/m1-page.md", "No title.\n")
		asta.refuse("translation-errors", "GET", translations("words", "uk"), nil)
	})
}

// Several people save at once, and every text is there afterwards, at its place.
func TestNothingIsLostWhereManyTranslateAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo := h.written("words")
		asta.translate("words", "uk", "page:m1-page#1", "# Перші слова")
		texts := map[string]string{
			"page:m1-page#4": "Четвертий.", "course.title": "Назва", "page:m1-page#3": "Третій.", "course.summary": "Зміст",
			"page:m1-page#2": "Спитайте [опікуна](term:guardian). {{name}}", "module:m1.title": "Модуль", "question:q-first.stem": "Так?",
		}
		var all sync.WaitGroup
		for id, text := range texts {
			who := asta
			if len(id)%2 == 0 {
				who = bo
			}
			u := who.unit("words", "uk", id)
			all.Go(func() {
				var s savedUnit
				got := who.do("PUT", translations("words", "uk")+"/unit", m{"unit": id, "hash": u.Hash, "seen": u.Seen, "text": text})
				if err := json.Unmarshal(got.body, &s); err != nil || got.status != 200 || !s.Saved {
					t.Errorf("%s: %d %s", id, got.status, got.body)
				}
			})
		}
		all.Wait()
		for id, text := range texts {
			if u := asta.unit("words", "uk", id); u.Target != text || u.State != "language-reviewed" {
				t.Errorf("%s is %q, %s", id, u.Target, u.State)
			}
		}
	})
}

// A translation leaves for translators' tools and comes back, and of each unit it
// is told what became of it; what nobody stands for is a machine draft.
func TestATranslationGoesOutAndComesBack(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo := h.written("words")
	for format, begins := range map[string]string{"po": "msgid", "xliff": "<?xml", "tmx": "<?xml", "xlsx": "PK"} {
		got := asta.want(200, "GET", translations("words", "uk")+"/file?format="+format, nil)
		if !bytes.HasPrefix(got.body, []byte(begins)) || !strings.Contains(got.header.Get("Content-Disposition"), "words.uk."+format) {
			t.Errorf("%s: %v %.60s", format, got.header, got.body)
		}
	}
	po := string(asta.want(200, "GET", translations("words", "uk")+"/file?format=po", nil).body)
	fill := func(id, text string) {
		at := strings.Index(po, `msgctxt "`+id+`"`)
		end := at + strings.Index(po[at:], `msgstr ""`)
		po = po[:end] + `msgstr "` + text + `"` + po[end+len(`msgstr ""`):]
	}
	fill("course.title", "Перші слова")
	fill("page:m1-page#1", "# Перші слова")
	fill("page:m1-page#2", "Спитайте опікуна.")
	fill("page:m1-page#3", "Повільно.")
	bo.write("words", "en/m1-page.md", "# First words\n\nPut in since.\n\nAsk [the guardian](term:guardian) first. {{name}}\n\nSpeak slowly and clearly to the child.\n\nSpeak slowly and clearly to every child.\n")
	var report struct {
		Taken   []struct{ Unit, Now string }
		Refused []struct{ Unit, Reason, Message string }
	}
	bo.lang = "et"
	got := bo.send("POST", translations("words", "uk")+"/file?format=po", "application/octet-stream", []byte(po))
	got.decode(t, &report)
	var taken, refused []string
	for _, u := range report.Taken {
		taken = append(taken, u.Unit+" "+u.Now)
	}
	for _, r := range report.Refused {
		refused = append(refused, r.Unit+" "+r.Reason)
	}
	if diff := cmp.Diff([]string{"course.title machine-draft", "page:m1-page#1 machine-draft", "page:m1-page#4 machine-draft"}, taken); diff != "" {
		t.Error(diff, string(got.body))
	}
	if diff := cmp.Diff([]string{"page:m1-page#3 broken-placeholder", "page:m1-page#3 broken-link"}, refused); diff != "" {
		t.Error(diff)
	}
	got = bo.send("POST", translations("words", "uk")+"/file?format=po&stands=true", "application/octet-stream", []byte(strings.ReplaceAll(po, "Повільно.", "Поволі.")))
	if got.decode(t, &report); len(report.Taken) != 1 || report.Taken[0].Now != "language-reviewed" {
		t.Errorf("%s", got.body)
	}
	if u := bo.unit("words", "uk", "page:m1-page#4"); !u.Own || u.Target != "Поволі." {
		t.Errorf("%+v", u)
	}
	// A file cannot make its own writer the second person.
	asta.translate("words", "uk", "course.summary", "Як почати.")
	signed := bytes.ReplaceAll(asta.want(200, "GET", translations("words", "uk")+"/file?format=xliff", nil).body, []byte(`state="translated"`), []byte(`state="signed-off"`))
	for _, who := range []*client{asta, bo} {
		want := map[*client]string{asta: "second-person", bo: ""}[who]
		got := who.send("POST", translations("words", "uk")+"/file?format=xliff&stands=true", "application/octet-stream", signed)
		got.decode(t, &report)
		reason := ""
		for _, r := range report.Refused {
			if r.Unit == "course.summary" {
				reason = r.Reason
			}
		}
		if state := asta.unit("words", "uk", "course.summary").State; reason != want || who == bo && state != "expert-reviewed" {
			t.Errorf("%q, %s: %s", reason, state, got.body)
		}
	}
	for format, text := range map[string]string{"po": "no PO", "xliff": `<!DOCTYPE x [<!ENTITY a "b">]><x/>`, "xlsx": "PK"} {
		if got := bo.send("POST", translations("words", "uk")+"/file?format="+format, "application/octet-stream", []byte(text)); got.code() != "exchange-unreadable" {
			t.Errorf("%s: %d %s", format, got.status, got.body)
		}
	}
	if lt := asta.units("words", "lt", ""); lt.Count["missing"] != 11 {
		t.Errorf("a language that is new: %+v", lt.Count)
	}
}

// Where the lock cannot be written behind the text of a page, the text is put back:
// no paragraph is taken for the translation of another. A server that fell in the
// middle keeps nobody out for long.
func TestATranslationThatBreaksOffLeavesThePageAsItWas(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		between := &interrupted{Engine: e}
		h := withRules(t, between, "")
		asta, _ := h.written("words")
		asta.translate("words", "uk", "page:m1-page#1", "# Перші слова")
		asta.translate("words", "uk", "page:m1-page#3", "Повільно.")
		u := asta.unit("words", "uk", "page:m1-page#2")
		save := m{"unit": u.ID, "hash": u.Hash, "seen": u.Seen, "text": "Спитайте [опікуна](term:guardian). {{name}}"}
		cut := func(collection string, n int) { // the n-th update
			var next func(int)
			next = func(n int) {
				between.before("update", collection, func() error {
					if n == 1 {
						return errors.New("cut off")
					}
					next(n - 1)
					return nil
				})
			}
			next(n)
		}
		cut("draft_files", 2) // the page, then the lock
		asta.want(500, "PUT", translations("words", "uk")+"/unit", save)
		for id, want := range map[string]string{"page:m1-page#1": "# Перші слова", "page:m1-page#2": "", "page:m1-page#3": "Повільно."} {
			if u := asta.unit("words", "uk", id); u.Target != want {
				t.Errorf("%s is %q", id, u.Target)
			}
		}
		asta.want(200, "PUT", translations("words", "uk")+"/unit", save)
		if u := asta.unit("words", "uk", "page:m1-page#2"); u.State != "language-reviewed" {
			t.Errorf("%+v", u)
		}

		// A server that fell before it let the draft go.
		u = asta.unit("words", "uk", "course.title")
		cut("drafts", 4) // held, two files, let go
		asta.want(200, "PUT", translations("words", "uk")+"/unit", m{"unit": u.ID, "hash": u.Hash, "seen": u.Seen, "text": "Назва"})
		asta.refuse("draft-changed", "PUT", translations("words", "uk")+"/unit", m{"unit": u.ID, "hash": u.Hash, "seen": course.UnitHash("Назва"), "text": "Друга назва"})
		h.clock.advance(time.Minute)
		if s := asta.translate("words", "uk", "course.title", "Третя назва"); !s.Saved {
			t.Errorf("%+v", s)
		}
	})
}
