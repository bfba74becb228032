package roster_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"havn/internal/fault"
	"havn/internal/roster"
)

// golden is a list with each problem in it, and golden's rows are what is said of it.
var golden = [][]string{
	{"E-mail", "Name", "Language", "Role", "Organisation"},
	{"Anna.Tamm@Example.org", "Anna  Tamm", "ET", "Trainer", "North, unit 1"},
	{"oksana@example.org", "Оксана Шевченко", "uk", "", ""},
	{"", "", "", "", ""},
	{"leila@example.org", "ليلى", "ar", "متعلم", ""},
	{"anna.tamm@example.org", "Anna T", "", "", ""},
	{"nobody", "Nobody", "", "", ""},
	{"a@example.org", "", "", "", ""},
	{"b@example.org", "B", "klingonish", "", ""},
	{"c@example.org", "C", "sv-fi", "king", ""},
	{"d@example.org", "=1+1", "", "", ""},
	{"e@example.org", "'-Anna", "en", "haldur", ""},
	{"f@example.org", "F", "", "", "@SUM(A1)"},
	{"g@example.org", strings.Repeat("x", 10_000), "", "", ""},
	{"h@example.org", strings.Repeat("x", 121), "", "", ""},
	{"i@example.org", "Anna\u202Egpj", "", "", ""},
	{"j@example.org", "O’Neil 't", "", "tutor", ""},
}

var goldenRows = []roster.Row{
	{Line: 2, Email: "anna.tamm@example.org", Name: "Anna Tamm", Language: "et", Role: "trainer", Organisation: "North, unit 1"},
	{Line: 3, Email: "oksana@example.org", Name: "Оксана Шевченко", Language: "uk"},
	{Line: 5, Email: "leila@example.org", Name: "ليلى", Language: "ar", Role: "learner"},
	{Line: 6, Email: "anna.tamm@example.org", Name: "Anna T", Problem: "repeated", Field: "email", Earlier: 2},
	{Line: 7, Email: "nobody", Name: "Nobody", Problem: "email-invalid", Field: "email"},
	{Line: 8, Email: "a@example.org", Problem: "name-invalid", Field: "name"},
	{Line: 9, Email: "b@example.org", Name: "B", Language: "klingonish", Problem: "language-unknown", Field: "language"},
	{Line: 10, Email: "c@example.org", Name: "C", Language: "sv-FI", Role: "king", Problem: "role-unknown", Field: "role"},
	{Line: 11, Email: "d@example.org", Name: "=1+1", Problem: "formula", Field: "name"},
	{Line: 12, Email: "e@example.org", Name: "-Anna", Language: "en", Role: "administrator"},
	{Line: 13, Email: "f@example.org", Name: "F", Organisation: "@SUM(A1)", Problem: "formula", Field: "organisation"},
	{Line: 14, Email: "g@example.org", Name: strings.Repeat("x", 1_000), Problem: "cell-too-long", Field: "name"},
	{Line: 15, Email: "h@example.org", Name: strings.Repeat("x", 121), Problem: "name-invalid", Field: "name"},
	{Line: 16, Email: "i@example.org", Name: "Anna\u202Egpj", Problem: "name-invalid", Field: "name"},
	{Line: 17, Email: "j@example.org", Name: "O’Neil 't", Role: "tutor"},
}

func asCSV(t testing.TB, rows [][]string, separator rune, crlf bool) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = separator, crlf
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func asXLSX(t testing.TB, rows [][]string, change func(*excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func want(t *testing.T, data []byte, rows []roster.Row) {
	t.Helper()
	got, err := roster.Read(data)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(rows, got); d != "" {
		t.Error(d)
	}
}

// wantFault expects a fault about the file with these parameters.
func wantFault(t *testing.T, data []byte, code string, params map[string]any) {
	t.Helper()
	rows, err := roster.Read(data)
	f, _ := err.(*fault.Error)
	if f == nil || f.Code != code || f.Field != "file" || rows != nil {
		t.Fatalf("%v, %v instead of %s", rows, err, code)
	}
	if d := cmp.Diff(params, f.Params); d != "" {
		t.Error(d)
	}
}

func TestTheSameListIsReadAlikeFromAnyFile(t *testing.T) {
	t.Parallel()
	encodings := map[string]func(string) ([]byte, error){
		"UTF-8":               func(s string) ([]byte, error) { return []byte(s), nil },
		"UTF-8 with its mark": func(s string) ([]byte, error) { return []byte("\uFEFF" + s), nil },
		"UTF-16LE": func(s string) ([]byte, error) {
			return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		},
		"UTF-16BE": func(s string) ([]byte, error) {
			return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		},
	}
	for name, encode := range encodings {
		for _, separator := range ",;\t" {
			for _, crlf := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s %q %v", name, separator, crlf), func(t *testing.T) {
					t.Parallel()
					data, err := encode(asCSV(t, golden, separator, crlf))
					if err != nil {
						t.Fatal(err)
					}
					want(t, data, goldenRows)
				})
			}
		}
	}
	t.Run("XLSX", func(t *testing.T) {
		t.Parallel()
		want(t, asXLSX(t, golden, nil), goldenRows)
	})
}

func TestExcelInWesternEuropeWritesWindows1252(t *testing.T) {
	t.Parallel()
	data, err := charmap.Windows1252.NewEncoder().Bytes([]byte("e-post;namn;språk\r\nasa@example.org;Åsa Öberg-Šahin;sv\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	want(t, data, []roster.Row{{Line: 2, Email: "asa@example.org", Name: "Åsa Öberg-Šahin", Language: "sv"}})
}

func TestTenThousandPeopleAreAllThatAreRead(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"email", "name"}}
	for i := range roster.MaxRows {
		rows = append(rows, []string{fmt.Sprintf("p%d@example.org", i), "Anna"})
	}
	more := append(rows[:len(rows):len(rows)], []string{"last@example.org", "Anna"})
	for name, encode := range map[string]func([][]string) []byte{
		"CSV":  func(r [][]string) []byte { return []byte(asCSV(t, r, ',', false)) },
		"XLSX": func(r [][]string) []byte { return asXLSX(t, r, nil) },
	} {
		got, err := roster.Read(encode(rows))
		if err != nil || len(got) != roster.MaxRows || got[9_999].Line != 10_001 || got[9_999].Problem != "" {
			t.Errorf("%s: %d rows, %v", name, len(got), err)
		}
		wantFault(t, encode(more), "roster-too-long", map[string]any{"max": roster.MaxRows})
	}
	wantFault(t, []byte(asCSV(t, more, ',', false)+"\"broken\n"), "roster-too-long", map[string]any{"max": roster.MaxRows})
}

func TestAnEmptyListIsSaidToBeEmpty(t *testing.T) {
	t.Parallel()
	for _, data := range [][]byte{nil, []byte("\uFEFF"), []byte("\r\n\r\n"), []byte("email,name\n"), []byte("email;name\n;\n ; \n"), asXLSX(t, nil, nil), asXLSX(t, [][]string{{"email", "name"}}, nil)} {
		wantFault(t, data, "roster-empty", nil)
	}
	wantFault(t, make([]byte, roster.MaxBytes+1), "roster-too-large", map[string]any{"limit_mb": 2})
}

func TestACellThatASpreadsheetWouldRunIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"=1+1", "+1", "-1", "@A1", "\tA", "\rA", " =1+1", `=HYPERLINK("http://x","y")`} {
		for _, data := range [][]byte{[]byte(asCSV(t, [][]string{{"email", "name"}, {"a@b.ee", name}}, ',', false)), asXLSX(t, [][]string{{"email", "name"}, {"a@b.ee", name}}, nil)} {
			rows, err := roster.Read(data)
			if err != nil || len(rows) != 1 || rows[0].Problem != "formula" || rows[0].Field != "name" {
				t.Errorf("%q: %+v %v", name, rows, err)
			}
		}
	}
	for cell, value := range map[string]string{
		`<c r="B3"><f>1+1</f><v>2</v></c>`: "2", `<c r="B3"><f>1+1</f></c>`: "", `<c r="B3" t="str"><f t="shared" si="0"/><v>Anna</v></c>`: "Anna",
	} {
		data := aWorkbook(aHeader + aPerson + `<row r="3"><c r="A3" t="inlineStr"><is><t>a@b.ee</t></is></c>` + cell + `</row>`).zip(t)
		want(t, data, []roster.Row{{Line: 2, Email: "anna@example.org", Name: "Anna"}, {Line: 3, Email: "a@b.ee", Name: value, Problem: "formula", Field: "name"}})
	}
	header := strings.Replace(aHeader, `t="inlineStr"><is><t>name</t></is>`, `t="str"><f>"na"&amp;"me"</f><v>name</v>`, 1)
	wantFault(t, aWorkbook(header+aPerson).zip(t), "roster-header", map[string]any{"reason": "unknown", "column": "name"})
	stray := aWorkbook(aHeader + aPerson + `<row r="3"><c r="D3"><f>1</f></c></row>`).zip(t)
	wantFault(t, stray, "roster-header", map[string]any{"reason": "unknown", "column": "D", "line": 3})
}

func TestOnlyTheFirstSheetMayHoldSomething(t *testing.T) {
	t.Parallel()
	people := [][]string{{"email", "name"}, {"a@b.ee", "A"}}
	sheet := func(name, cell string) func(*excelize.File) {
		return func(f *excelize.File) {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			if cell != "" {
				_ = f.SetCellValue(name, "B7", cell)
			}
		}
	}
	want(t, asXLSX(t, people, sheet("Other", "")), []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A"}})
	wantFault(t, asXLSX(t, people, sheet("Other", "x")), "roster-sheets", nil)
	wantFault(t, asXLSX(t, nil, sheet("Other", "x")), "roster-sheets", nil)
}

func TestLinesAreThoseOfTheFile(t *testing.T) {
	t.Parallel()
	want(t, []byte("\n\nemail,name,organisation\n\na@b.ee,A,\"North\r\nunit\"\r\n,,\nb@b.ee,B,\n"),
		[]roster.Row{{Line: 5, Email: "a@b.ee", Name: "A", Organisation: "North\nunit"}, {Line: 8, Email: "b@b.ee", Name: "B"}})
	want(t, asXLSX(t, [][]string{{}, {"email", "name"}, {}, {}, {"a@b.ee", "A"}}, nil), []roster.Row{{Line: 5, Email: "a@b.ee", Name: "A"}})
}

func TestNamesAndAddressesHideNothing(t *testing.T) {
	t.Parallel()
	for _, hidden := range []string{"\u202A", "\u202E", "\u2066", "\u2069", "\u200E", "\u200F", "\u061C", "\x07", "\x7f", "\u0085", "\n"} {
		for field, row := range map[string][]string{"email": {"a" + hidden + "b@b.ee", "A"}, "name": {"a@b.ee", "A" + hidden + "b"}} {
			rows, err := roster.Read([]byte(asCSV(t, [][]string{{"email", "name"}, row}, ',', false)))
			if err != nil || len(rows) != 1 || rows[0].Problem != field+"-invalid" || rows[0].Field != field {
				t.Errorf("%s %q: %+v %v", field, hidden, rows, err)
			}
		}
	}
}
