package roster_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
	"havn/internal/roster"
)

func TestAListOfCompletionsIsReadLineByLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", roster.MaxNote+1)
	lines := [][]string{
		{"Person", "Course", "Completed on", "Expires on", "Reference", "Origin"},
		{"Anna@Example.org", "c", "2024-02-29", "", "", ""},
		{"anna@example.org", "c", "1.3.2024", "2026-03-01", "A-1", "Moodle"},
		{"anna@example.org", "c", "2024-03-01", "01.03.2026", "A-1", "Moodle"},
		{"", "c", "2024-03-01"},
		{"anna@example.org", "", "2024-03-01"},
		{"anna@example.org", "c", "2023-02-29"},
		{"anna@example.org", "c", "3/4/2024"},
		{"anna@example.org", "c", "1999-12-31"},
		{"anna@example.org", "c", ""},
		{"anna@example.org", "c", "2024-03-01", "soon"},
		{"anna@example.org", "c", "2024-03-01", "2024-02-28"},
		{"anna@example.org", "c", "=TODAY()"},
		{"anna@example.org", "c", "2024-03-01", "", long},
		{"anna@example.org", "c", "2024-03-01", "", "", "a\u202Eb"},
	}
	golden := []roster.Past{
		{Line: 2, Person: "anna@example.org", Course: "c", CompletedOn: "2024-02-29"},
		{Line: 3, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", EndsOn: "2026-03-01", Ref: "A-1", From: "Moodle"},
		{Line: 4, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", EndsOn: "2026-03-01", Ref: "A-1", From: "Moodle", Problem: "repeated", Field: "person", Earlier: 3},
		{Line: 5, Course: "c", CompletedOn: "2024-03-01", Problem: "person-missing", Field: "person"},
		{Line: 6, Person: "anna@example.org", CompletedOn: "2024-03-01", Problem: "course-missing", Field: "course"},
		{Line: 7, Person: "anna@example.org", Course: "c", CompletedOn: "2023-02-29", Problem: "date-invalid", Field: "completed_on"},
		{Line: 8, Person: "anna@example.org", Course: "c", CompletedOn: "3/4/2024", Problem: "date-invalid", Field: "completed_on"},
		{Line: 9, Person: "anna@example.org", Course: "c", CompletedOn: "1999-12-31", Problem: "date-invalid", Field: "completed_on"},
		{Line: 10, Person: "anna@example.org", Course: "c", Problem: "date-invalid", Field: "completed_on"},
		{Line: 11, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", EndsOn: "soon", Problem: "expires-invalid", Field: "expires_on"},
		{Line: 12, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", EndsOn: "2024-02-28", Problem: "expires-before", Field: "expires_on"},
		{Line: 13, Person: "anna@example.org", Course: "c", CompletedOn: "=TODAY()", Problem: "formula", Field: "completed_on"},
		{Line: 14, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", Ref: long, Problem: "note-invalid", Field: "reference"},
		{Line: 15, Person: "anna@example.org", Course: "c", CompletedOn: "2024-03-01", From: "a\u202Eb", Problem: "note-invalid", Field: "origin"},
	}
	for name, data := range map[string][]byte{
		"commas": []byte(asCSV(t, lines, ',', false)), "semicolons": []byte(asCSV(t, lines, ';', true)), "a workbook": asXLSX(t, lines, nil),
	} {
		got, err := roster.ReadPast(data)
		if d := cmp.Diff(golden, got); err != nil || d != "" {
			t.Errorf("%s: %v %s", name, err, d)
		}
	}
}

// A day that Excel knows as a day is a number in the file.
func TestDaysOfAWorkbookAreRead(t *testing.T) {
	t.Parallel()
	got, err := roster.ReadPast(asXLSX(t, [][]string{{"person", "course", "date"}, {"a@b.ee", "c"}, {"b@b.ee", "c"}}, func(f *excelize.File) {
		_ = f.SetCellValue("Sheet1", "C2", 45352)   // 1 March 2024
		_ = f.SetCellValue("Sheet1", "C3", 36526.5) // noon of 1 January 2000
	}))
	if err != nil || len(got) != 2 || got[0].CompletedOn != "2024-03-01" || got[1].CompletedOn != "2000-01-01" {
		t.Errorf("%+v %v", got, err)
	}
	got, err = roster.ReadPast([]byte("person,course,date\na@b.ee,c,45352\n"))
	if err != nil || got[0].Problem != "date-invalid" {
		t.Errorf("in CSV a number is no day: %+v %v", got, err)
	}
}

func TestALongListOfCompletionsIsReadOrRefused(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("person,course,date\n")
	for i := range roster.MaxPast {
		fmt.Fprintf(&b, "p%d@example.org,c,2024-03-01\n", i)
	}
	if got, err := roster.ReadPast([]byte(b.String())); err != nil || len(got) != roster.MaxPast || got[roster.MaxPast-1].Problem != "" {
		t.Errorf("%d %v", len(got), err)
	}
	b.WriteString("one@example.org,c,2024-03-01\n")
	for what, x := range map[string]struct{ text, code string }{
		"one too many": {b.String(), "past-too-long"}, "nobody": {"person,course,date\n", "roster-empty"},
		"a list of people": {"e-mail,name\na@b.ee,A\n", "past-header"}, "no header": {"a@b.ee,c,2024-03-01\n", "past-header"},
		"too large": {strings.Repeat(" ", roster.MaxPastBytes+1), "roster-too-large"},
	} {
		rows, err := roster.ReadPast([]byte(x.text))
		if f, _ := err.(*fault.Error); f == nil || f.Code != x.code || rows != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestHeadersOfCompletionsAreKnownInEachLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "et", "sv", "uk", "ar"} {
		file, err := roster.PastTemplate(lang, "csv")
		if err != nil {
			t.Fatal(err)
		}
		s := ","
		if lang != "en" {
			s = ";"
		}
		got, err := roster.ReadPast(append(file, []byte(strings.Join([]string{"a@b.ee", "c", "2024-03-01", "2025-03-01", "r", "o"}, s))...))
		if err != nil || len(got) != 1 || got[0] != (roster.Past{Line: 2, Person: "a@b.ee", Course: "c", CompletedOn: "2024-03-01", EndsOn: "2025-03-01", Ref: "r", From: "o"}) {
			t.Errorf("%s: %+v %v", lang, got, err)
		}
	}
}
