package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var marked = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// twoPages is the smallest course of two languages: a page of these blocks.
func twoPages(source, translated []string) Files {
	page := func(blocks []string) []byte { return []byte(strings.Join(blocks, "\n\n") + "\n") }
	return Files{
		"course.yaml":    []byte("format: 1\nslug: two\nsource: en\nlanguages: [en, et]\nmodules: [{id: m1, pages: [p]}]\n"),
		"en/course.yaml": []byte("{title: T, summary: S, modules: {m1: {title: M}}}"),
		"et/course.yaml": []byte("{title: T, summary: S, modules: {m1: {title: M}}}"),
		"en/p.md":        page(source), "et/p.md": page(translated),
	}
}

// states is what is said of the blocks of the page in Estonian.
func states(t testing.TB, files Files) []State {
	t.Helper()
	f := read("two", files, "")
	f.checkTexts()
	if f.problems.Errors() > 0 {
		t.Fatalf("%v", f.problems)
	}
	var out []State
	have := f.unitTexts("et")
	for _, u := range f.pageUnits(f.texts["en"], "p") {
		out = append(out, f.state("et", u, have[u.ID]))
	}
	return out
}

func mark(t testing.TB, files Files) {
	t.Helper()
	lock, problems := MarkTranslated("two", files, "et", LanguageReviewed, "m-tamm", marked)
	if problems.Errors() > 0 {
		t.Fatalf("%v", problems)
	}
	files["translations.lock"] = lock
}

func TestAChangeOfTheSourceTouchesItsOwnBlockAlone(t *testing.T) {
	t.Parallel()
	was, made := []string{"# One", "A", "B", "C"}, []string{"# Üks", "a", "b", "c"}
	ok := LanguageReviewed
	for name, c := range map[string]struct {
		is   []string
		want []State
	}{
		"put in":             {[]string{"# One", "A", "New", "B", "C"}, []State{ok, ok, Missing, ok, ok}},
		"put in at the end":  {[]string{"# One", "A", "B", "C", "New"}, []State{ok, ok, ok, ok, Missing}},
		"changed":            {[]string{"# One", "A", "B!", "C"}, []State{ok, ok, Stale, ok}},
		"taken out":          {[]string{"# One", "B", "C"}, []State{ok, ok, ok}},
		"put in, taken out":  {[]string{"# One", "New", "A", "B"}, []State{ok, Missing, ok, ok}},
		"changed and put in": {[]string{"# One", "A!", "New", "B", "C"}, []State{ok, Stale, Missing, ok, ok}},
	} {
		files := twoPages(was, made)
		mark(t, files)
		files["en/p.md"] = twoPages(c.is, nil)["en/p.md"]
		if diff := cmp.Diff(c.want, states(t, files)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if len(c.is) == len(was) {
			continue // marking says that it is one to one
		}
		mark(t, files) // what is there is recorded as it was paired
		want := slices.Clone(c.want)
		for i, s := range want {
			if s == Stale {
				want[i] = ok
			}
		}
		if diff := cmp.Diff(want, states(t, files)); diff != "" {
			t.Errorf("%s, marked again: %s", name, diff)
		}
	}
}

// A translator who puts the new paragraph into the file at its place is believed,
// although the lock still counts as before.
func TestPagesOfAsManyBlocksArePairedByNumberWhenMarked(t *testing.T) {
	t.Parallel()
	files := twoPages([]string{"# One", "A", "B"}, []string{"# Üks", "a", "b"})
	mark(t, files)
	now := twoPages([]string{"# One", "New", "A", "B"}, []string{"# Üks", "uus", "a", "b"})
	now["translations.lock"] = files["translations.lock"]
	if diff := cmp.Diff([]State{LanguageReviewed, Stale, Stale, MachineDraft}, states(t, now)); diff != "" {
		t.Error(diff)
	}
	mark(t, now)
	if got := states(t, now); Worst(got...) != LanguageReviewed {
		t.Error(got)
	}
	if f := read("two", now, ""); f.unitTexts("et")["page:p#2"].Text != "uus" {
		t.Error("the new paragraph is not the second")
	}
}

// Whatever blocks are put in, the others keep their state and their text.
func TestBlocksThatArePutInTouchNoOthers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		var was, made []string
		for i := range rapid.IntRange(1, 12).Draw(rt, "blocks") {
			was, made = append(was, fmt.Sprintf("Block %d", i)), append(made, fmt.Sprintf("Lõik %d", i))
		}
		was[0], made[0] = "# "+was[0], "# "+made[0]
		files := twoPages(was, made)
		mark(t, files)
		is, want := slices.Clone(was), map[string]string{}
		for i := range rapid.IntRange(0, 5).Draw(rt, "new") {
			is = slices.Insert(is, rapid.IntRange(1, len(is)).Draw(rt, "at"), fmt.Sprintf("New %d", i))
		}
		files["en/p.md"] = twoPages(is, nil)["en/p.md"]
		got := states(t, files)
		for i, b := range is {
			unit := blockID("p", i)
			if n := slices.Index(was, b); n >= 0 {
				want[unit] = made[n]
			} else {
				want[unit] = ""
			}
			if isNew := strings.HasPrefix(b, "New"); isNew != (got[i] == Missing) || !isNew && got[i] != LanguageReviewed {
				rt.Errorf("%s is %s", b, got[i])
			}
		}
		texts := map[string]string{}
		for id, u := range read("two", files, "").unitTexts("et") {
			if strings.HasPrefix(id, "page:") {
				texts[id] = u.Text
			}
		}
		if !maps.Equal(texts, want) {
			rt.Error(cmp.Diff(want, texts))
		}
	})
}
