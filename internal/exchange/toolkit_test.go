package exchange_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"havn/internal/exchange"
)

// technical is the checks of pofilter that look at files and not at style.
var technical = []string{"xmltags", "newlines", "escapes", "tabs", "urls", "emails", "variables", "printf", "validchars", "nplurals", "functions", "startwhitespace", "endwhitespace"}

// Translate-toolkit and gettext take what is exported: HAVN_TEST_TRANSLATE_TOOLKIT
// is the folder of their programs.
func TestTranslatorsToolsTakeTheFiles(t *testing.T) {
	t.Parallel()
	bin := os.Getenv("HAVN_TEST_TRANSLATE_TOOLKIT")
	if bin == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("HAVN_TEST_TRANSLATE_TOOLKIT names no folder, and CI needs it")
		}
		t.Skip("HAVN_TEST_TRANSLATE_TOOLKIT names no folder")
	}
	dir := t.TempDir()
	run := func(program string, args ...string) string {
		out, err := exec.Command(filepath.Join(bin, program), args...).CombinedOutput()
		if err != nil {
			t.Errorf("%s %v: %v\n%s", program, args, err, out)
		}
		return string(out)
	}
	files := theFiles(t)
	for _, lang := range []string{"et", "sv", "uk", "ar", "lt"} {
		for _, format := range []string{exchange.PO, exchange.XLIFF} {
			file := filepath.Join(dir, lang+"."+format)
			if err := os.WriteFile(file, export(t, theCourse, files, format, lang), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"--progress=none", "--fuzzy", "--language=" + lang, file, "-o", file + ".found." + format}
			for _, check := range technical {
				args = append(args, "-t", check)
			}
			run("pofilter", args...)
			found, err := os.ReadFile(file + ".found." + format) // pofilter writes what it complains of
			if err == nil && strings.Contains(string(found), "pofilter") {
				t.Errorf("%s as %s: %s", lang, format, found)
			}
		}
		po := filepath.Join(dir, lang+".po")
		if out := run("msgfmt", "-c", "-o", filepath.Join(dir, "x.mo"), po); out != "" {
			t.Errorf("%s: msgfmt says %s", lang, out)
		}
		// Gettext writes the file anew, and it says the same.
		run("msgcat", po, "-o", po)
		again, err := os.ReadFile(po)
		if err != nil {
			t.Fatal(err)
		}
		if _, r := take(t, theCourse, files, exchange.PO, lang, read(t, exchange.PO, again), exchange.Options{}); len(r.Taken)+len(r.Refused) > 0 {
			t.Errorf("%s, written by msgcat: %v %v", lang, r.Taken, r.Refused)
		}
		back := filepath.Join(dir, "back.po")
		run("xliff2po", "--progress=none", filepath.Join(dir, lang+".xliff"), back)
		converted, err := os.ReadFile(back)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(converted), "\nmsgid "); n < 500 {
			t.Errorf("%s: xliff2po reads %d units", lang, n)
		}
	}
}
