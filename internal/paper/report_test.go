package paper

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// long is a report of several sheets.
func long(lang, dir, name string) Report {
	r := Report{
		Lang: lang, Dir: dir, Issuer: "Havn", Title: "Figures: " + name, Lines: []string{"As of 12 December 2026."}, Created: created,
		Page: func(n, of int) string { return fmt.Sprintf("Sheet %d of %d", n, of) },
		Note: []string{"The last line of all."},
	}
	for part := range 3 {
		p := Part{Heading: fmt.Sprintf("Part %d", part), Lines: []string{"What it is about."}, Head: []string{"Unit", "Assigned", "Certified", "Overdue"}}
		for row := range 30 {
			p.Rows = append(p.Rows, []string{fmt.Sprintf("%s %d-%d", name, part, row), fmt.Sprint(1000 + 100*part + row), "under 5 or protected", "7"})
		}
		r.Parts = append(r.Parts, p)
	}
	return r
}

func renderReport(t *testing.T, r Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := RenderReport(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A report goes over as many sheets as it needs; each row is in it once, whole.
func TestAReportGoesOverSeveralSheets(t *testing.T) {
	t.Parallel()
	for _, r := range []Report{long("en", "ltr", "Harbour"), long("uk", "ltr", "Гавань"), long("ar", "rtl", "الميناء")} {
		info := poppler(t, renderReport(t, r), "pdfinfo")
		pages := regexp.MustCompile(`Pages: +(\d+)`).FindStringSubmatch(info)
		if pages == nil || pages[1] < "3" || !strings.Contains(info, "Tagged:          yes") {
			t.Errorf("%s: %s", r.Lang, info)
		}
		text := flat(poppler(t, renderReport(t, r), "pdftotext", "-layout", "-enc", "UTF-8"))
		for part := range 3 {
			for row := range 30 {
				if n := strings.Count(text, fmt.Sprint(1000+100*part+row)); n != 1 {
					t.Errorf("%s: row %d of part %d is there %d times", r.Lang, row, part, n)
				}
			}
		}
		if !strings.Contains(text, "Sheet 1 of "+pages[1]) || !strings.Contains(text, "The last line of all") {
			t.Errorf("%s: %s", r.Lang, text)
		}
	}
}

// A screen reader finds headings, and tables with rows and cells that say what they
// head.
func TestAReportIsATreeOfTables(t *testing.T) {
	t.Parallel()
	r := long("en", "ltr", "Harbour")
	tree := poppler(t, renderReport(t, r), "pdfinfo", "-struct-text")
	for tag, n := range map[string]int{"H1": 1, "H2": 3, "Table": 3, "TR": 93, "TH": 12 + 90, "TD": 270} {
		if got := len(regexp.MustCompile(`(?m)^ *`+tag+`\b`).FindAllString(tree, -1)); got != n {
			t.Errorf("%d %s instead of %d", got, tag, n)
		}
	}
	for _, name := range []string{`"Harbour 2-29"`, `"under 5 or protected"`, `"Certified"`} {
		if !strings.Contains(tree, name) {
			t.Errorf("%s is not read", name)
		}
	}
	if t.Failed() {
		t.Log(tree[:min(len(tree), 3000)])
	}
}

func TestARowHigherThanASheetIsRefused(t *testing.T) {
	t.Parallel()
	r := Report{Lang: "en", Dir: "ltr", Title: "A", Parts: []Part{{Heading: "B", Head: []string{"C", "D"}, Rows: [][]string{{strings.Repeat("word ", 5000), "1"}}}}}
	if err := RenderReport(&bytes.Buffer{}, r); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}
