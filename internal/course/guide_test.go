package course

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// noted is the sample course with notes before, within and behind a page's text.
func noted(t *testing.T) Files {
	t.Helper()
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	files["en/m1-status.md"] = []byte(`# Status

:::facilitator
Begin with a round.
:::

First.

:::facilitator
Secret one.

- Ask **why**.
:::

:::facilitator
Secret two.
:::

Second.
`)
	files["et/m1-status.md"] = []byte("# Staatus\n\nEsimene.\n\nTeine.\n")
	return files
}

func loaded(t *testing.T, files Files) *Publication {
	t.Helper()
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatalf("%v", problems)
	}
	return p
}

func TestAFacilitatorsNoteIsKeptApartFromThePage(t *testing.T) {
	t.Parallel()
	page := loaded(t, noted(t)).Editions["en"].Pages["m1-status"]
	if strings.Contains(page.HTML, "Secret") || strings.Contains(page.HTML, "round") || len(page.Blocks) != 2 {
		t.Errorf("learners read it:\n%s", page.HTML)
	}
	want := []struct {
		after int
		says  string
	}{{0, "Begin"}, {1, "<strong>why</strong>"}, {1, "two"}}
	if len(page.Guides) != len(want) {
		t.Fatalf("%+v", page.Guides)
	}
	for i, w := range want {
		if g := page.Guides[i]; g.After != w.after || !strings.Contains(g.HTML, w.says) {
			t.Errorf("note %d: %+v", i+1, g)
		}
	}
}

// Wherever notes are put into pages, learners read the same as without them.
func TestNotesChangeNothingThatLearnersRead(t *testing.T) {
	t.Parallel()
	files := courseFiles(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"en/m1-yusuf.md", "en/m2-elias.md", "en/m2-protect.md", "en/m1-words.md"}).Draw(t, "page")
		var with, without []string
		for i, b := range blocks(files[name]) {
			if !isGuide(b.text) {
				with, without = append(with, b.text), append(without, b.text)
			}
			note := b.line > 1 && strings.HasPrefix(b.text, ":::"+contentNote) || i > 1 || i == 1 && !strings.Contains(string(files[name]), contentNote)
			if note && rapid.Bool().Draw(t, "note here") {
				with = append(with, ":::facilitator\nHidden [words](term:guardian).\n\nMore hidden.\n:::")
			}
		}
		a := Sketch([]byte(strings.Join(with, "\n\n")+"\n"), "en")
		b := Sketch([]byte(strings.Join(without, "\n\n")+"\n"), "en")
		notes := strings.Count(strings.Join(with, "\n"), ":::facilitator")
		if len(a.Guides) != notes {
			t.Fatalf("%d of %d notes", len(a.Guides), notes)
		}
		a.Guides, b.Guides = nil, nil
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v\n%+v", a, b)
		}
	})
}

// A note that nobody has translated, or that has changed since, is shown in the
// original or as it was, and the page is as good as without it.
func TestNotesDoNotMakeAPageMissingOrStale(t *testing.T) {
	t.Parallel()
	files := noted(t)
	lockOf := func(files Files, lang string) {
		lock, problems := MarkTranslated("first-contact", files, lang, LanguageReviewed, "m-tamm", time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC))
		if lock == nil {
			t.Fatal(problems)
		}
		files["translations.lock"] = lock
	}
	whole := maps.Clone(files)
	whole["et/m1-status.md"] = []byte("# Staatus\n\n:::facilitator\nAlusta ringiga.\n:::\n\nEsimene.\n\n:::facilitator\nSaladus.\n:::\n\n:::facilitator\nTeine saladus.\n:::\n\nTeine.\n")
	lockOf(whole, "et")
	changed := maps.Clone(whole)
	changed["en/m1-status.md"] = []byte(strings.Replace(string(whole["en/m1-status.md"]), "Secret two", "Another secret", 1))
	// The translation was made before there were notes.
	before := maps.Clone(files)
	before["en/m1-status.md"] = []byte("# Status\n\nFirst.\n\nSecond.\n")
	lockOf(before, "et")
	missing := maps.Clone(before)
	missing["en/m1-status.md"] = files["en/m1-status.md"]
	for name, c := range map[string]struct {
		files Files
		says  string // the last note
	}{"all translated": {whole, "Teine saladus."}, "changed since": {changed, "Teine saladus."}, "not translated": {missing, `lang="en" dir="ltr"`}} {
		for _, stale := range []string{"notice", "source"} {
			t.Run(name+" "+stale, func(t *testing.T) {
				files := maps.Clone(c.files)
				files["course.yaml"] = append(files["course.yaml"], ("\nstale: " + stale + "\n")...)
				page := loaded(t, files).Editions["et"].Pages["m1-status"]
				if page.State != LanguageReviewed || page.Lang != "et" || len(page.Blocks) != 2 || !strings.Contains(page.HTML, "Esimene") {
					t.Errorf("%s %s\n%s", page.State, page.Lang, page.HTML)
				}
				if len(page.Guides) != 3 || page.Guides[0].After != 0 || page.Guides[2].After != 1 || !strings.Contains(page.Guides[2].HTML, c.says) {
					t.Errorf("%+v", page.Guides)
				}
			})
		}
	}
	// Translators meet each note as a unit of its own.
	tr := translation(t, "first-contact", missing, "et")
	states := map[string]State{}
	for _, p := range tr.Pairs {
		states[p.ID] = p.State
	}
	for n, want := range []State{LanguageReviewed, Missing, LanguageReviewed, Missing, Missing, LanguageReviewed} {
		if got := states[fmt.Sprintf("page:m1-status#%d", n+1)]; got != want {
			t.Errorf("block %d is %s", n+1, got)
		}
	}
}

func TestANoteAsksNobodyToLearnAgain(t *testing.T) {
	t.Parallel()
	old, _ := readArchive(t, "testdata/format-sample.txtar")
	old["en/m1-status.md"] = []byte("# Status\n\nFirst.\n\nSecond.\n")
	changes := Changes(loaded(t, old), loaded(t, noted(t)))
	if len(changes) == 0 {
		t.Fatal("a note is no change")
	}
	says := Notes{Major: []string{"page:m1-status"}}
	for _, c := range changes {
		if strings.HasPrefix(c.Unit, "page:") && (says.Weight(c) != Minor || Notes{}.Weight(c) != Minor) {
			t.Errorf("%+v", c)
		}
	}
}
