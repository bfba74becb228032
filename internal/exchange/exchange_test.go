package exchange_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"havn/internal/course"
	"havn/internal/exchange"
)

var (
	update  = flag.Bool("update", false, "write the golden files anew")
	day     = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	formats = []string{exchange.PO, exchange.XLIFF, exchange.XLSX}
)

const theCourse = "children-on-the-move"

// small is a course with a unit of each kind, in every state.
func small() course.Files {
	return course.Files{
		"course.yaml":       []byte("format: 1\nslug: small\nsource: en\nlanguages: [en, et]\nmodules:\n  - id: m1\n    pages: [p1]\n"),
		"questions.yaml":    []byte("- {id: q1, type: single, options: [a, b], key: a}\n"),
		"facts.yaml":        []byte(`[{id: f1, instrument: I, article: "1", url: "https://example.org/x", applies_in: all, valid_from: 2003-12-25, checked_on: 2026-11-23, review_by: 2027-11-23, status: verified}]`),
		"en/course.yaml":    []byte("title: Small\nsummary: A \"small\" course.\nmodules: {m1: {title: One}}\n"),
		"en/facts.yaml":     []byte("f1: It holds.\n"),
		"en/glossary.yaml":  []byte("guardian: {term: guardian, definition: Who looks *after* the child.}\n"),
		"en/questions.yaml": []byte("q1:\n  stem: What is first?\n  options: {a: \"The child\", b: \"=1+1\"}\n  feedback: {all: Always.}\n"),
		"en/p1.md":          []byte("# Page\n\nSee [the text](https://example.org/a) & `code`.[^fact:f1] {{name}}\n\n- one\n- two\n\n:::note\nSlowly.\n\nReally.\n:::\n"),
		"et/course.yaml":    []byte("title: \"Väike\"\nsummary: 'Väike kursus.'\nmodules: {m1: {title: Üks}}\n"),
		"et/questions.yaml": []byte("q1:\n  stem: Mis on esimene?\n  options: {a: \"Laps\"}\n"),
		"et/p1.md":          []byte("# Leht\n\nVaata [teksti](https://example.org/a) ja `code`.[^fact:f1] {{name}}\n\n- üks\n- kaks\n\n:::note\nAeglaselt.\n\nTõesti.\n:::\n"),
		"translations.lock": []byte("et course.summary 0000000000000000 language-reviewed m-tamm 2026-11-01\n" +
			"et course.title " + course.UnitHash("Small") + " expert-reviewed k-kask 2026-11-02\n" +
			"et module:m1.title " + course.UnitHash("One") + " language-reviewed m-tamm 2026-11-01\n" +
			"et question:q1.stem " + course.UnitHash("What is first?") + " machine-draft deepl 2026-11-01\n"),
	}
}

func theFiles(t testing.TB) course.Files {
	t.Helper()
	files, err := course.ReadFiles(os.DirFS("../../courses/" + theCourse))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func translation(t testing.TB, name string, files course.Files, lang string) *course.Translation {
	t.Helper()
	tr, problems := course.ReadTranslation(name, files, lang)
	if tr == nil {
		t.Fatalf("%v", problems)
	}
	return tr
}

func export(t testing.TB, name string, files course.Files, format, lang string) []byte {
	t.Helper()
	b, err := exchange.Write(format, exchange.Export(translation(t, name, files, lang), nil, day))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, format string, data []byte) exchange.Document {
	t.Helper()
	d, err := exchange.Read(format, data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// take imports a document, and gives the folder afterwards.
func take(t testing.TB, name string, files course.Files, format, lang string, d exchange.Document, o exchange.Options) (course.Files, exchange.Report) {
	t.Helper()
	o.On = day
	changed, report, err := exchange.Import(translation(t, name, files, lang), format, d, o)
	if err != nil {
		t.Fatal(err)
	}
	after := maps.Clone(files)
	maps.Copy(after, changed)
	return after, report
}

func reasons(r exchange.Report) map[string]string {
	out := map[string]string{}
	for _, x := range r.Refused {
		out[x.Unit] = x.Reason
	}
	return out
}

func edit(d exchange.Document, unit string, with func(*exchange.Unit)) exchange.Document {
	d.Units = slices.Clone(d.Units)
	for i := range d.Units {
		if d.Units[i].ID == unit {
			with(&d.Units[i])
		}
	}
	return d
}

func TestEachFormatIsAsItIsKept(t *testing.T) {
	t.Parallel()
	before := small()
	before["en/course.yaml"] = bytes.Replace(before["en/course.yaml"], []byte(`A "small"`), []byte("A"), 1)
	files := small()
	files["translations.lock"] = bytes.Replace(files["translations.lock"], []byte("0000000000000000"), []byte(course.UnitHash("A course.")), 1)
	earlier := exchange.Earlier{}
	earlier.Add(translation(t, "small", before, "et").Pairs)
	d := exchange.Export(translation(t, "small", files, "et"), earlier, day)
	for _, format := range []string{exchange.PO, exchange.XLIFF, exchange.TMX} {
		got, err := exchange.Write(format, d)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "small."+format)
		if *update {
			if err := os.WriteFile(golden, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
	b, err := exchange.Write(exchange.XLSX, d)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	rows, _ := f.GetRows("Sheet1")
	if diff := cmp.Diff([][]string{{"id", "source (en)", "target (et)", "state", "notes"}, {"course.title", "Small", "Väike", "expert-reviewed"}}, rows[:2]); diff != "" {
		t.Error(diff)
	}
	for i, row := range rows {
		for c := range row {
			cell, _ := excelize.CoordinatesToCellName(c+1, i+1)
			if formula, _ := f.GetCellFormula("Sheet1", cell); formula != "" {
				t.Errorf("%s is the formula %s", cell, formula)
			}
		}
	}
}

// What comes back as it went out changes nothing, in each language and format.
func TestARoundTripChangesNoByte(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]course.Files{theCourse: theFiles(t), "small": small()} {
		langs := []string{"et", "lt"}
		if name == theCourse {
			langs = []string{"et", "sv", "uk", "ar", "lt"}
		}
		for _, lang := range langs {
			for _, format := range append(formats, exchange.TMX) {
				d := read(t, format, export(t, name, files, format, lang))
				after, r := take(t, name, files, format, lang, d, exchange.Options{By: "m-tamm"})
				if len(r.Taken)+len(r.Refused)+len(r.Noted)+len(r.Files) > 0 || !maps.EqualFunc(files, after, bytes.Equal) {
					t.Errorf("%s as %s in %s: %+v", name, format, lang, r)
				}
				if format != exchange.TMX && len(r.Unchanged) != len(d.Units) {
					t.Errorf("%s: %d of %d are unchanged", format, len(r.Unchanged), len(d.Units))
				}
			}
		}
	}
}

// Whatever is translated of whatever state, the file brings it back and no other
// unit changes.
func TestWhatIsTranslatedComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		files := small()
		format := rapid.SampledFrom(formats).Draw(rt, "format")
		tr := translation(t, "small", files, "et")
		d := exchange.Export(tr, nil, day)
		want := map[string]string{}
		for i, u := range d.Units {
			want[u.ID] = u.Target
			if strings.HasPrefix(u.ID, "page:") || !rapid.Bool().Draw(rt, u.ID) {
				continue
			}
			word := rapid.StringMatching(`[A-Za-zäõمرб"\\'=<&;%]{1,12}( [=+a-zäõ"\\:#{}]{1,9}x){0,3}`).Draw(rt, "text")
			word = strings.Trim(strings.ReplaceAll(strings.ReplaceAll(word, "{{", "{"), "_x", "x"), " ")
			if p := tr.Pairs[i]; len(p.Keeps(word)) == 0 {
				d.Units[i].Target, want[u.ID] = word, word
				if d.Units[i].State == course.Missing {
					d.Units[i].State = course.MachineDraft
				}
			}
		}
		b, err := exchange.Write(format, d)
		if err != nil {
			rt.Fatal(err)
		}
		after, r := take(t, "small", files, format, "et", read(t, format, b), exchange.Options{By: "m-tamm"})
		if len(r.Refused) > 0 {
			rt.Fatalf("%+v", r.Refused)
		}
		for _, p := range translation(t, "small", after, "et").Pairs {
			if p.Target != want[p.ID] {
				rt.Errorf("%s is %q, not %q", p.ID, p.Target, want[p.ID])
			}
		}
	})
}

// The source changes: exactly the touched units go stale, the translator's file
// of before is refused for exactly these, and the one of after comes back.
func TestTheSourceChangesAndTheTranslatorComesBack(t *testing.T) {
	t.Parallel()
	files := theFiles(t)
	for _, format := range formats {
		old := read(t, format, export(t, theCourse, files, format, "et"))
		now := maps.Clone(files)
		now["en/course.yaml"] = bytes.Replace(files["en/course.yaml"], []byte("Meeting the child first"), []byte("Meeting the child at once"), 1)
		now["en/m2-test.md"] = bytes.Replace(files["en/m2-test.md"], []byte("So ask two questions:"), []byte("A new paragraph.\n\nSo ask two short questions:"), 1)
		var stale, missing []string
		for _, p := range translation(t, theCourse, now, "et").Pairs {
			switch p.State {
			case course.Stale:
				stale = append(stale, p.ID)
			case course.Missing:
				missing = append(missing, p.ID)
			}
		}
		if len(stale) != 2 || len(missing) != 1 || stale[0] != "course.title" {
			t.Fatalf("stale %v, missing %v", stale, missing)
		}
		fresh := read(t, format, export(t, theCourse, now, format, "et"))
		for _, unit := range append(slices.Clone(stale), missing...) {
			fresh = edit(fresh, unit, func(u *exchange.Unit) { u.Target, u.State = "Uus tekst", course.LanguageReviewed })
		}
		after, r := take(t, theCourse, now, format, "et", fresh, exchange.Options{By: "m-tamm"})
		if len(r.Refused) > 0 || len(r.Taken) != 3 || len(r.Unchanged) != len(fresh.Units)-3 {
			t.Errorf("%s: taken %v, refused %v", format, r.Taken, r.Refused)
		}
		for _, p := range translation(t, theCourse, after, "et").Pairs {
			if p.State == course.Stale || p.State == course.Missing || p.Target == "Uus tekst" != (p.State == course.LanguageReviewed) {
				t.Errorf("%s is %s", p.ID, p.State)
			}
		}
		files := slices.Sorted(slices.Values(r.Files))
		if diff := cmp.Diff([]string{"et/course.yaml", "et/m2-test.md", "translations.lock"}, files); diff != "" {
			t.Error(diff)
		}
		// Blocks of a page have no names but their numbers, so that those behind the
		// new one are others in the file of before.
		_, r = take(t, theCourse, now, format, "et", old, exchange.Options{By: "m-tamm"})
		for unit, reason := range reasons(r) {
			if reason != "source-changed" || unit != "course.title" && !strings.HasPrefix(unit, "page:m2-test#") {
				t.Errorf("%s: %s", unit, reason)
			}
		}
		if len(r.Taken) > 0 || reasons(r)["course.title"] == "" {
			t.Errorf("%+v", r)
		}
	}
}
