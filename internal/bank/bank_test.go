package bank_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"havn/internal/bank"
	"havn/internal/course"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each trait of a format that was met in public banks stands in one file of our
// own, with what becomes of it: keys, weights, texts, feedback, reasons.
func TestEachTraitIsTakenOrRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for file, format := range map[string]string{"traits.gift": "gift", "traits.xml": "moodle-xml", "traits.aiken": "aiken", "traits.qti": "qti"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(filepath.Join("testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			report, err := bank.Read(format, data, bank.Into{Lang: "en"})
			if err != nil {
				t.Fatal(err)
			}
			got := appended(t, report)
			golden := filepath.Join("testdata", file+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// appended writes a report as a trainer would find it in the folder, and what was
// noted and refused, and asks the checker what it thinks.
func appended(t *testing.T, r bank.Report) string {
	t.Helper()
	files := folder()
	out, err := bank.Append("x", files, r.Taken)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range out {
		files[name] = content
	}
	if _, problems := course.Load("x", files); len(problems) > 0 {
		t.Errorf("the checker: %v", problems)
	}
	var b strings.Builder
	b.Write(files["questions.yaml"])
	b.WriteString("---\n")
	b.Write(files["en/questions.yaml"])
	b.WriteString("---\n")
	for _, x := range r.Taken {
		for _, n := range x.Notes {
			b.WriteString(x.ID + ": " + n + "\n")
		}
	}
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func folder() course.Files {
	return course.Files{
		"course.yaml":    []byte("format: 1\nslug: x\nsource: en\nlanguages: [en]\nmodules:\n  - {id: m1, pages: [p1]}\n"),
		"en/course.yaml": []byte("title: X\nsummary: Y\nmodules: {m1: {title: Z}}\n"),
		"en/p1.md":       []byte("# One\n\nText.\n"),
	}
}

func TestWhatStandsInTheFolderStaysByteForByte(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ rules, words string }{
		"plain":        {"# ours\n- {id: q-who, type: true-false, key: true} # keep\n", "# ours\nq-who: {stem: \"So?\"}\n"},
		"indented":     {"  - {id: q-who, type: true-false, key: true}\n", "  q-who: {stem: \"So?\"}\n"},
		"windows":      {"- {id: q-who, type: true-false, key: true}\r\n", "q-who: {stem: \"So?\"}\r\n"},
		"no line end":  {"- {id: q-who, type: true-false, key: true}", "q-who: {stem: \"So?\"}"},
		"retired":      {"- {id: q-who, type: true-false, key: true, retired: true}\n", "q-who: {stem: \"So?\"}\n"},
		"only remarks": {"# nothing yet\n", "# nothing yet\n"},
	} {
		files := folder()
		files["questions.yaml"], files["en/questions.yaml"] = []byte(x.rules), []byte(x.words)
		known, _ := course.ReadBank("x", files)
		r, err := bank.Read("gift", []byte("::Who::Who? {=a ~b}\n\n::p1::Where? {=a ~b}"), bank.Into{Lang: "en", IDs: known.IDs})
		if err != nil {
			t.Fatal(err)
		}
		out, err := bank.Append("x", files, r.Taken)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, old := range map[string]string{"questions.yaml": x.rules, "en/questions.yaml": x.words} {
			if !strings.HasPrefix(string(out[file]), old) {
				t.Errorf("%s: %s is now\n%s", name, file, out[file])
			}
			files[file] = out[file]
		}
		if _, problems := course.Load("x", files); problems.Errors() > 0 {
			t.Errorf("%s: %v\n%s", name, problems, files["questions.yaml"])
		}
		if name == "retired" && r.Taken[0].ID != "q-who-2" {
			t.Errorf("the id of a retired question is used again: %s", r.Taken[0].ID)
		}
	}
	files := folder()
	files["questions.yaml"] = []byte("[{id: q-a, type: true-false, key: true}]\n")
	r, _ := bank.Read("gift", []byte("Who? {=a ~b}"), bank.Into{Lang: "en"})
	if _, err := bank.Append("x", files, r.Taken); err == nil {
		t.Error("entries were written behind a list in brackets")
	}
}

// With HAVN_TEST_BANKS=folder, every .gift and .xml file below it is read; of the
// questions that are sound and of a kind that a course has, 95 % must be taken.
func TestRealBanks(t *testing.T) {
	dir := os.Getenv("HAVN_TEST_BANKS")
	if dir == "" {
		t.Skip("HAVN_TEST_BANKS names no folder of banks")
	}
	for ext, format := range map[string]string{".gift": "gift", ".xml": "moodle-xml"} {
		files, counted, taken, reasons := 0, 0, 0, map[string]int{}
		err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(p) != ext {
				return err
			}
			data, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			report, err := bank.Read(format, data, bank.Into{Lang: "en"})
			var broken *bank.Unreadable
			if errors.As(err, &broken) && broken.Reason != "there is no question in the file" {
				t.Logf("%s: %v", p, err)
				return nil
			}
			files++
			counted += count(ext, string(data))
			if out, err := bank.Append("x", folder(), report.Taken); err != nil {
				t.Errorf("%s: %v", p, err)
			} else if all := folder(); len(out) > 0 {
				all["questions.yaml"], all["en/questions.yaml"] = out["questions.yaml"], out["en/questions.yaml"]
				if _, problems := course.Load("x", all); problems.Errors() > 0 {
					t.Errorf("%s: %v", p, problems)
				}
			}
			taken += len(report.Taken)
			for _, r := range report.Refused {
				reasons[quotes.ReplaceAllString(r.Reason, "…")]++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		all, rightly := taken, 0
		for reason, n := range reasons {
			all += n
			if foreign.MatchString(reason) {
				rightly += n
			}
			t.Logf("%s: %4d %s", format, n, reason)
		}
		if all == 0 {
			continue
		}
		share := 100 * float64(taken) / float64(max(1, all-rightly))
		t.Logf("%s: %d files, %d questions by a rough count, %d found, %d taken, %d refused, %d of them of no kind that a course has or without a right answer: %.1f %% of the others taken", format, files, counted, all, taken, all-taken, rightly, share)
		if share < 95 {
			t.Errorf("%s: only %.1f %% are taken", format, share)
		}
	}
}

var (
	quotes = regexp.MustCompile(`"(\\.|[^"\\])*"|\d+`)
	// foreign are reasons that lie in the source: no question, no key, a kind of
	// question that a course does not have, a picture.
	foreign   = regexp.MustCompile(`text without|calculates|running a program|algebra|other questions|asks for a file|by a pattern|picture|has no text|no answer is right|kind … is not known|true and false|come to`)
	xmlCount  = regexp.MustCompile(`<question\s`)
	xmlFolder = regexp.MustCompile(`<question\s+type="category"`)
	giftCount = regexp.MustCompile(`(?m)^\s*::.*?::`)
)

func count(ext, s string) int {
	if ext == ".gift" {
		return len(giftCount.FindAllString(s, -1))
	}
	return len(xmlCount.FindAllString(s, -1)) - len(xmlFolder.FindAllString(s, -1))
}
