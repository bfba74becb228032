package course

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"havn/internal/locale"
	"havn/locales"
)

// readArchive reads a course kept as one txtar file; want is its part of that name.
func readArchive(t *testing.T, file string) (files Files, want string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files = Files{}
	for _, f := range a.Files {
		if f.Name == "want" {
			want = string(f.Data)
		} else {
			files[f.Name] = f.Data
		}
	}
	return files, want
}

func loadSample(t *testing.T) *Publication {
	t.Helper()
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatalf("the format's own examples are refused:\n%v", problems)
	}
	return p
}

func TestTheFormatsOwnExamplesCompile(t *testing.T) {
	p := loadSample(t)
	en, et, ar := p.Editions["en"], p.Editions["et"], p.Editions["ar"]
	page := en.Pages["m1-rights"]
	for _, part := range []string{
		`<a href="#fact-1" role="doc-noteref">1</a>`, `class="box country" data-country="EE" open><summary>Estonia</summary>`,
		`class="scroll" tabindex="0"><table>`, `>a</a></sup>`, `<a href="m1-status">`,
	} {
		if !strings.Contains(page.HTML, part) {
			t.Errorf("the page lacks %s:\n%s", part, page.HTML)
		}
	}
	if page.Title != "Rights, not status" || strings.Contains(page.HTML, "<h1") {
		t.Errorf("the title stays in the text: %q", page.Title)
	}
	if diff := cmp.Diff([]string{"palermo-3c"}, page.Facts); diff != "" {
		t.Error(diff)
	}
	if et.Title.Plain != "Esmakohtumine" || et.Title.State != Stale {
		t.Errorf("a title made from another source text is stale, not %s", et.Title.State)
	}
	if got := et.Pages["m1-rights"]; got.Lang != "et" || got.State != Missing {
		t.Errorf("a page with a block less than its source: %s %s", got.Lang, got.State)
	}
	if got := et.Pages["m1-status"]; got.Lang != "en" || got.State != Missing {
		t.Errorf("a page that is not translated is shown in the fallback: %s %s", got.Lang, got.State)
	}
	if got := et.Questions["q-means"]; got.Lang != "en" || got.Options["a"] != "Nothing" {
		t.Errorf("a question with one option missing is shown whole in the fallback: %+v", got)
	}
	if got := et.Questions["q-days"]; got.Lang != "et" || got.State != MachineDraft {
		t.Errorf("a whole translation of unknown origin counts as machine draft: %+v", got)
	}
	if ar.Dir != "rtl" || ar.Pages["m1-rights"].Dir != "ltr" {
		t.Errorf("a fallback page keeps its own direction")
	}
}

func TestTheSameFilesGiveTheSameHash(t *testing.T) {
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	first := files.Hash()
	files["en/m1-status.md"] = append(files["en/m1-status.md"], '\n')
	if files.Hash() == first {
		t.Error("a changed file leaves the hash as it was")
	}
}

var update = flag.Bool("update", false, "write the expected problems of testdata/bad anew")

// Each file of testdata/bad is a course and, under "want", what is said of it.
func TestEachFaultIsToldAtItsPlace(t *testing.T) {
	english, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			files, want := readArchive(t, file)
			if _, ok := files["over-sample"]; ok { // only what differs from the sample
				delete(files, "over-sample")
				sample, _ := readArchive(t, "testdata/format-sample.txtar")
				for p, src := range files {
					if string(src) == "(removed)\n" {
						delete(sample, p)
					} else {
						sample[p] = src
					}
				}
				files = sample
			}
			_, problems := Load("first-contact", files)
			problems = problems.Say(english.In("en"))
			var got strings.Builder
			for _, p := range problems {
				if p.Level == Error || !strings.HasPrefix(p.File, "ar/") && !strings.HasPrefix(p.File, "et/") {
					got.WriteString(p.String() + "\n")
				}
			}
			if *update {
				rewrite(t, file, got.String())
				return
			}
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if problems.Errors() == 0 {
				t.Error("a bad course is let through")
			}
		})
	}
}

func rewrite(t *testing.T, file, want string) {
	t.Helper()
	a, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Files {
		if a.Files[i].Name == "want" {
			a.Files = append(a.Files[:i], a.Files[i+1:]...)
			break
		}
	}
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
		t.Fatal(err)
	}
}
