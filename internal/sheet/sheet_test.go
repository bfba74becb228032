package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"havn/internal/sheet"
)

// A workbook is read as it was written, by a library that did not write it; what
// looks like a formula is a text.
func TestAWorkbookHoldsItsTexts(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"name", "note"},
		{"Mari Tamm", `=HYPERLINK("http://example.org","here")`},
		{"+1", "<b>&amp;</b> \"'"},
		{"مريم", "  spaces  kept "},
		{"@SUM(A1)", "-2+3"},
		{"\ttab", "0012"},
	}
	var b bytes.Buffer
	w, err := sheet.New(&b, rows[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got, err := f.GetRows("Sheet1")
	if err != nil || !cmp.Equal(got, rows) {
		t.Errorf("%v %s", err, cmp.Diff(rows, got))
	}
	for _, cell := range []string{"B2", "A3", "A5", "B5"} {
		if formula, err := f.GetCellFormula("Sheet1", cell); err != nil || formula != "" {
			t.Errorf("%s is the formula %q (%v)", cell, formula, err)
		}
	}
}

// What XML or a sheet cannot hold does not break the file.
func TestWhatDoesNotFitIsCutOrReplaced(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.New(&b, []string{"a"})
	if err == nil {
		err = w.Row("bell\a and broken \xff", strings.Repeat("ž", sheet.MaxCell+10))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := f.GetRows("Sheet1")
	if err != nil || rows[1][0] != "bell\uFFFD and broken \uFFFD" || rows[1][1] != strings.Repeat("ž", sheet.MaxCell) {
		t.Errorf("%v %.60q", err, rows)
	}
}

// The first bytes leave with the first rows, not with the last.
func TestRowsLeaveAsTheyCome(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w, err := sheet.New(&b, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2_000 {
		if err := w.Row("the child comes first", "and so it is told first"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil || b.Len() < 1_000 {
		t.Errorf("%d bytes after 2,000 rows (%v)", b.Len(), err)
	}
}
