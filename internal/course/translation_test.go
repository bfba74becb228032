package course

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const theCourse = "children-on-the-move"

func courseFiles(t testing.TB) Files {
	t.Helper()
	files, err := ReadFiles(os.DirFS("../../courses/" + theCourse))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func translation(t testing.TB, name string, files Files, lang string) *Translation {
	t.Helper()
	tr, problems := ReadTranslation(name, files, lang)
	if tr == nil {
		t.Fatalf("%v", problems)
	}
	return tr
}

// with is the folder after the change.
func with(files, changed Files) Files {
	out := maps.Clone(files)
	maps.Copy(out, changed)
	return out
}

// changedLines is the lines that differ between two texts, of the one and of the
// other, once what they begin and end with is taken off.
func changedLines(a, b []byte) (before, after string) {
	x, y := strings.SplitAfter(string(a), "\n"), strings.SplitAfter(string(b), "\n")
	for len(x) > 0 && len(y) > 0 && x[0] == y[0] {
		x, y = x[1:], y[1:]
	}
	for len(x) > 0 && len(y) > 0 && x[len(x)-1] == y[len(y)-1] {
		x, y = x[:len(x)-1], y[:len(y)-1]
	}
	return strings.Join(x, ""), strings.Join(y, "")
}

func TestOneUnitChangesOneFileAtItsPlace(t *testing.T) {
	t.Parallel()
	files := courseFiles(t)
	tr := translation(t, theCourse, files, "ar")
	for i, p := range tr.Pairs {
		at := strings.LastIndexByte(p.Target, ' ')
		if i%19 > 0 || at < 0 {
			continue
		}
		text := p.Target[:at] + " ثم: «\"نعم\"» # \\ ' {x}" + p.Target[at:]
		changed, failed := tr.Write(map[string]Edit{p.ID: {text, MachineDraft, "x"}}, marked)
		if len(failed) > 0 {
			t.Errorf("%s cannot be written", p.ID)
			continue
		}
		delete(changed, lockFile)
		if len(changed) != 1 {
			t.Errorf("%s changes %v", p.ID, slices.Collect(maps.Keys(changed)))
		}
		for name, content := range changed {
			before, after := changedLines(files[name], content)
			if strings.Count(before, "\n") > strings.Count(p.Target, "\n")+2 || strings.Count(after, "\n") > strings.Count(text, "\n")+2 {
				t.Errorf("%s changes more than itself:\n-%s+%s", p.ID, before, after)
			}
		}
	}
}

func TestATextThatComesBackChangesNothing(t *testing.T) {
	t.Parallel()
	files := courseFiles(t)
	for _, lang := range []string{"et", "sv", "uk", "ar"} {
		tr := translation(t, theCourse, files, lang)
		edits := map[string]Edit{}
		for _, p := range tr.Pairs {
			edits[p.ID] = Edit{p.Target, p.State, p.By}
		}
		changed, failed := tr.Write(edits, marked)
		delete(changed, lockFile) // the date
		if len(changed)+len(failed) > 0 {
			t.Errorf("%s: %v %v", lang, slices.Collect(maps.Keys(changed)), failed)
		}
	}
}

// A new language is made of whole files, and read again it is what was given.
func TestALanguageIsMadeFromNothing(t *testing.T) {
	t.Parallel()
	sample, _ := readArchive(t, "testdata/format-sample.txtar")
	sample["places/EE/facts.yaml"] = []byte(`[{id: palermo-3c, instrument: I, article: "1", url: "https://example.org/x", applies_in: [EE], valid_from: 2003-12-25, checked_on: 2026-11-23, review_by: 2027-11-23, status: verified}]`)
	sample["places/EE/en/facts.yaml"] = []byte("palermo-3c: There.")
	sample["places/EE/en/m1-status.md"] = []byte("# Status there\n\nOther.\n")
	for name, files := range map[string]Files{theCourse: courseFiles(t), "first-contact": sample} {
		for _, windows := range []bool{false, true} {
			files := maps.Clone(files)
			if windows {
				for f, src := range files {
					files[f] = append([]byte("\xef\xbb\xbf"), bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))...)
				}
			}
			tr := translation(t, name, files, "lt")
			edits := map[string]Edit{}
			for _, p := range tr.Pairs {
				if p.Target != "" || p.State != Missing {
					t.Fatalf("%s is there already", p.ID)
				}
				edits[p.ID] = Edit{p.Source, LanguageReviewed, "r-k"}
			}
			changed, failed := tr.Write(edits, marked)
			if len(failed) > 0 {
				t.Fatalf("%s: %v", name, failed)
			}
			after := with(files, changed)
			p, problems := Load(name, after)
			if p == nil {
				t.Fatalf("%v", problems)
			}
			if !slices.Contains(p.Course.Languages, "lt") || p.Editions["lt"].Pages["m1-rights"].State != LanguageReviewed {
				t.Errorf("%s: %s", name, p.Editions["lt"].Pages["m1-rights"].State)
			}
			for f := range changed {
				if _, was := files[f]; was && f != "course.yaml" && f != lockFile {
					t.Errorf("%s is changed", f)
				}
			}
			for _, q := range translation(t, name, after, "lt").Pairs {
				if q.Target != q.Source || q.State != LanguageReviewed {
					t.Errorf("%s: %q is %s", q.ID, q.Target, q.State)
				}
			}
			before, now := changedLines(files["course.yaml"], changed["course.yaml"])
			if strings.Count(now, "\n") > 1 || strings.Count(before, "\n") > 1 {
				t.Errorf("-%s+%s", before, now)
			}
		}
	}
}

func TestAPageIsBegunWithItsTitle(t *testing.T) {
	t.Parallel()
	files := twoPages([]string{"# One", "A", "B"}, nil)
	delete(files, "et/p.md")
	tr := translation(t, "two", files, "et")
	b := Edit{"b", LanguageReviewed, "m"}
	if diff := cmp.Diff([]string{"page:p#3"}, tr.Untitled(map[string]Edit{"page:p#3": b, "course.title": b})); diff != "" {
		t.Error(diff)
	}
	begun := map[string]Edit{"page:p#1": {"# Üks", LanguageReviewed, "m"}, "page:p#3": b}
	if untitled := tr.Untitled(begun); len(untitled) > 0 {
		t.Error(untitled)
	}
	changed, failed := tr.Write(begun, marked)
	if diff := cmp.Diff("# Üks\n\nb\n", string(changed["et/p.md"])); diff != "" || len(failed) > 0 {
		t.Error(diff, failed)
	}
	files = with(files, changed)
	if diff := cmp.Diff([]State{LanguageReviewed, Missing, LanguageReviewed}, states(t, files)); diff != "" {
		t.Error(diff)
	}
	changed, _ = translation(t, "two", files, "et").Write(map[string]Edit{"page:p#2": {"a", MachineDraft, "m"}}, marked)
	if diff := cmp.Diff("# Üks\n\na\n\nb\n", string(changed["et/p.md"])); diff != "" {
		t.Error(diff)
	}
}

// Where a page lacks a block, its reader gets the original's, in its own language
// and direction: nothing that a learner has to know is left out.
func TestABlockThatIsMissingIsReadInTheOriginal(t *testing.T) {
	t.Parallel()
	files := twoPages([]string{"# One", "A", "B", ":::note\nC\n:::", "D"}, []string{"# Üks", "a", "b", ":::note\nc\n:::", "d"})
	mark(t, files)
	files["en/p.md"] = twoPages([]string{"# One", "A", "New[^1]", "B", ":::note\nNew too\n:::", ":::note\nC\n:::", "D"}, nil)["en/p.md"]
	p, problems := Load("two", files)
	if p == nil {
		t.Fatal(problems)
	}
	page := p.Editions["et"].Pages["p"]
	want := []string{"<p>a</p>", `<div lang="en" dir="ltr"><p>New[^1]</p></div>`, "<p>b</p>", `<div lang="en" dir="ltr"><aside class="box note"><p>New too</p></aside></div>`, `<aside class="box note"><p>c</p></aside>`, "<p>d</p>"}
	var got []string
	for _, b := range page.Blocks {
		got = append(got, strings.ReplaceAll(b, "\n", ""))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if page.State != Missing || page.Lang != "et" || page.Title != "Üks" || !strings.Contains(page.HTML, `<div id="b2" lang="en" dir="ltr">`) {
		t.Errorf("%+v", page)
	}
}

func TestABlockThatIsMissingIsPutAtItsPlace(t *testing.T) {
	t.Parallel()
	files := twoPages([]string{"# One", "A", "B", "C"}, []string{"# Üks", "a", "b", "c"})
	mark(t, files)
	files["en/p.md"] = twoPages([]string{"# One", "A", "X", "Y", "B", "C!", "Z"}, nil)["en/p.md"]
	tr := translation(t, "two", files, "et")
	changed, failed := tr.Write(map[string]Edit{"page:p#4": {"y", MachineDraft, "m"}, "page:p#3": {"x", MachineDraft, "m"}}, marked)
	if len(failed) > 0 {
		t.Fatal(failed)
	}
	if diff := cmp.Diff("# Üks\n\na\n\nx\n\ny\n\nb\n\nc\n", string(changed["et/p.md"])); diff != "" {
		t.Error(diff)
	}
	ok := LanguageReviewed
	want := []State{ok, ok, MachineDraft, MachineDraft, ok, Stale, Missing}
	if diff := cmp.Diff(want, states(t, with(files, changed))); diff != "" {
		t.Error(diff)
	}
}

// YAML in whatever style is written into at the right place.
func TestTextsAreWrittenIntoYAMLInAnyStyle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, after string }{
		"plain":               {"a: x y # why\nb: z\n", "a: \"é\" # why\nb: z\nc: \"n\"\nd:\n  e: \"m\"\n"},
		"quoted":              {"b: 'z'\na: 'it''s'\n", "b: 'z'\nc: \"n\"\nd:\n  e: \"m\"\na: \"é\"\n"},
		"block":               {"a: |\n  x\n\n  y\n\n# b\nb: z\n", "a: \"é\"\n\n# b\nb: z\nc: \"n\"\nd:\n  e: \"m\"\n"},
		"flow":                {"{a: x, b: \"ب, ب\"}\n", "{a: \"é\", b: \"ب, ب\", c: \"n\", d: {e: \"m\"}}\n"},
		"flow without":        {"{a: x}", "{a: \"é\", c: \"n\", d: {e: \"m\"}}"},
		"empty flow":          {"{}\n", "{a: \"é\", c: \"n\", d: {e: \"m\"}}\n"},
		"nothing":             {"", "a: \"é\"\nc: \"n\"\nd:\n  e: \"m\"\n"},
		"a comment":           {"# x", "# x\na: \"é\"\nc: \"n\"\nd:\n  e: \"m\"\n"},
		"bare keys":           {"a:\nc: ~ # why\nd:\n", "a: \"é\"\nc: \"n\" # why\nd:\n  e: \"m\"\n"},
		"no line end":         {"a: x\nd: {f: z}", "a: \"é\"\nc: \"n\"\nd: {e: \"m\", f: z}"},
		"inside":              {"d:\n    f: z\na: \"x\"\n", "d:\n    e: \"m\"\n    f: z\na: \"é\"\nc: \"n\"\n"},
		"numbers and answers": {"a: 15\nc: true\nd: {e: 3}\n", "a: \"é\"\nc: \"n\"\nd: {e: \"m\"}\n"},
	} {
		text := func(s string) *string { return &s }
		want := &wording{}
		want.at("a").text, want.at("c").text, want.at("d", "e").text = text("é"), text("n"), text("m")
		if strings.Contains(c.before, "b:") { // the source's order
			want = &wording{}
			want.at("a").text = text("é")
			want.at("b")
			want.at("c").text, want.at("d", "e").text = text("n"), text("m")
		}
		edits, err := yamlEdits([]byte(c.before), want)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.after, string(apply([]byte(c.before), edits))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Whatever texts come, they are read again as they were given, and no other
// changes; what cannot be is named.
func TestAnyTextIsWrittenSoThatItIsReadAgain(t *testing.T) {
	t.Parallel()
	base, _ := readArchive(t, "testdata/format-sample.txtar")
	rapid.Check(t, func(rt *rapid.T) {
		files := maps.Clone(base)
		if rapid.Bool().Draw(rt, "windows") {
			for f, src := range files {
				files[f] = bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
			}
		}
		lang := rapid.SampledFrom([]string{"et", "ar"}).Draw(rt, "lang")
		tr := translation(t, "first-contact", files, lang)
		edits := map[string]Edit{}
		for range rapid.IntRange(1, 8).Draw(rt, "edits") {
			p := rapid.SampledFrom(tr.Pairs).Draw(rt, "unit")
			if strings.HasPrefix(p.ID, "page:") {
				continue
			}
			s := rapid.OneOf(rapid.StringMatching(`[a-z:#'"\\{}&*!|>%@`+"`"+` \n\-,\[\]?]{1,30}`), rapid.String()).Draw(rt, "text")
			if s = Tidy(s); s != "" && !strings.ContainsFunc(s, isControl) {
				edits[p.ID] = Edit{s, MachineDraft, "x"}
			}
		}
		changed, failed := tr.Write(edits, marked)
		if len(failed) > 0 {
			rt.Fatalf("%v of %q", failed, fmt.Sprint(edits))
		}
		for _, p := range translation(t, "first-contact", with(files, changed), lang).Pairs {
			before := p.Target
			for _, q := range tr.Pairs {
				if q.ID == p.ID {
					before = q.Target
				}
			}
			if e, ok := edits[p.ID]; ok {
				before = e.Text
			}
			if p.Target != before {
				rt.Errorf("%s is %q, not %q", p.ID, p.Target, before)
			}
		}
	})
}
