package bank_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"

	"havn/internal/bank"
)

// A file that is no bank, or means harm, is refused with a line and a reason.
func TestAHostileFileIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	r := strings.Repeat
	item := `<assessmentItem identifier="a"><itemBody>x</itemBody></assessmentItem>`
	for name, x := range map[string]struct {
		format string
		data   []byte
		line   int
		reason string
	}{
		"an outside entity":     {"moodle-xml", []byte("<?xml version=\"1.0\"?>\n<!DOCTYPE quiz [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<quiz/>"), 2, "document type"},
		"a billion laughs":      {"moodle-xml", []byte("<!DOCTYPE quiz [<!ENTITY a \"aa\"><!ENTITY b \"&a;&a;&a;\">]><quiz>&b;</quiz>"), 1, "document type"},
		"an outside DTD":        {"qti", []byte("\n<!DOCTYPE x SYSTEM \"http://example.org/x.dtd\"><x/>"), 2, "document type"},
		"elements without end":  {"moodle-xml", []byte(r("<a>", 200_000)), 1, "nested too deep"},
		"no XML":                {"moodle-xml", []byte("Who? {=a ~b}"), 1, "no XML"},
		"other XML":             {"moodle-xml", []byte("<html/>"), 1, "no Moodle XML"},
		"broken XML":            {"moodle-xml", []byte("<quiz>\n<question type=\"essay\">\n</quiz>"), 0, ""},
		"an undeclared entity":  {"moodle-xml", []byte("<quiz>\n&boom;</quiz>"), 2, "broken here"},
		"not UTF-8":             {"moodle-xml", []byte("<quiz>\n\xff</quiz>"), 2, "broken here"},
		"zeros":                 {"gift", make([]byte, 1000), 1, "no text file"},
		"nothing":               {"gift", nil, 1, "no question"},
		"too large":             {"gift", bytes.Repeat([]byte(" "), bank.MaxBytes+1), 1, "larger than"},
		"broken UTF-16":         {"gift", []byte("\xff\xfe\x00"), 1, ""},
		"no workbook":           {"xlsx", []byte("PK\x03\x04"), 1, "no XLSX"},
		"a file outside":        {"qti", zipped(t, entry{"../../etc/item.xml", item, 0}), 1, "outside of it"},
		"an absolute file":      {"qti", zipped(t, entry{"/etc/item.xml", item, 0}), 1, "outside of it"},
		"a link":                {"qti", zipped(t, entry{"item.xml", "/etc/passwd", fs.ModeSymlink}), 1, "a link in it"},
		"a bomb":                {"qti", zipped(t, entry{"a.xml", r(" ", 70<<20), 0}, entry{"b.xml", r(" ", 70<<20), 0}), 1, "too much"},
		"no zip":                {"qti", []byte("PKabc"), 1, "no zip"},
		"a package of nothing":  {"qti", zipped(t, entry{"a.txt", "a", 0}), 1, "no question"},
		"an unknown question":   {"qti", []byte("<x/>"), 1, "no QTI"},
		"a sheet of no columns": {"xlsx", sheet(t, `<row r="1"><c r="A1" t="inlineStr"><is><t>hello</t></is></c></row>`), 1, "name the columns"},
		"a billion rows":        {"xlsx", sheet(t, `<row r="1000000000"><c><v>1</v></c></row>`), 1, "no XLSX"},
	} {
		report, err := bank.Read(x.format, x.data, bank.Into{Lang: "en"})
		var broken *bank.Unreadable
		if !errors.As(err, &broken) {
			if len(report.Taken) > 0 || len(report.Refused) == 0 {
				t.Errorf("%s: taken %v, refused %v, %v", name, report.Taken, report.Refused, err)
			}
			continue
		}
		if x.line > 0 && broken.Line != x.line || !strings.Contains(broken.Reason, x.reason) {
			t.Errorf("%s: line %d: %s", name, broken.Line, broken.Reason)
		}
	}
}

// What is broken in one question costs no other.
func TestWhatComesBeforeABreakIsTaken(t *testing.T) {
	t.Parallel()
	good := `<question type="truefalse"><questiontext><text>So?</text></questiontext><answer fraction="100"><text>true</text></answer></question>`
	for name, x := range map[string]struct{ format, data string }{
		"XML that breaks off":       {"moodle-xml", "<quiz>\n" + good + "\n<question type=\"essay\">"},
		"one question much too big": {"moodle-xml", "<quiz>" + good + `<question type="essay"><questiontext><text>` + strings.Repeat("<b>", 30_000) + strings.Repeat("</b>", 30_000) + "</text></questiontext></question></quiz>"},
		"bytes that are not UTF-8":  {"gift", "Who? {=a ~b}\n\nW\xffo? {=a ~b}"},
		"a brace without end":       {"gift", "Who? {=a ~b}\n\n::x::Who? {=a ~b\n\n"},
		"a million answers":         {"gift", "Who? {=a ~b}\n\nWho? {=a " + strings.Repeat("~b", 10_000) + "}"},
	} {
		report, err := bank.Read(x.format, []byte(x.data), bank.Into{Lang: "en"})
		if err != nil || len(report.Taken) != 1 || len(report.Refused) != 1 || report.Refused[0].SourceLine < 1 {
			t.Errorf("%s: %d taken, %v refused, %v", name, len(report.Taken), report.Refused, err)
		}
	}
}

func TestTextFilesMayBeUTF16(t *testing.T) {
	t.Parallel()
	utf16 := []byte("\xff\xfe")
	for _, c := range "Who? {=a ~b}" {
		utf16 = append(utf16, byte(c), 0)
	}
	for name, data := range map[string][]byte{"UTF-16": utf16, "UTF-8 with its mark": []byte("\xef\xbb\xbfWho? {=a ~b}")} {
		if report, err := bank.Read("gift", data, bank.Into{Lang: "en"}); err != nil || len(report.Taken) != 1 || report.Taken[0].Texts[0].Stem != "Who?" {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

func TestASheetIsReadRowByRow(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for n, cells := range [][]string{
		{"type", "question", "a", "b", "c", "key", "points", "tags", "feedback"},
		{"single", "Who speaks?", "The driver", "The *guardian*", "", "b", "2", "m1, rights", "In law."},
		{"multiple", "Which two?", "one", "two", "three", "a, c", "", "", ""},
		{"true-false", "So?", "", "", "", "false", "", "", ""},
		{"numeric", "How many?", "", "", "", "15±2", "", "", ""},
		{"text", "Which word?", "", "", "", "guardian | legal guardian", "", "", ""},
		{"matching", "Who?", "guardian -> speaks", "driver -> drives", "-> judges", "", "", "", ""},
		{"ordering", "In what order?", "listen", "tell", "write", "", "", "", ""},
		{"reflection", "What now?", "", "", "", "", "", "", ""},
		{"single", "No key?", "x", "y", "", "", "", "", ""},
		{"riddle", "What?", "", "", "", "", "", "", ""},
	} {
		rows.WriteString(`<row r="` + string(rune('0'+(n+1)/10)) + string(rune('0'+(n+1)%10)) + `">`)
		for _, c := range cells {
			rows.WriteString(`<c t="inlineStr"><is><t>` + c + `</t></is></c>`)
		}
		rows.WriteString("</row>")
	}
	report, err := bank.Read("xlsx", sheet(t, rows.String()), bank.Into{Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, x := range report.Taken {
		kinds = append(kinds, string(x.Type))
	}
	if got := strings.Join(kinds, " "); got != "single multiple true-false numeric text matching ordering reflection" {
		t.Errorf("taken: %s", got)
	}
	if len(report.Refused) != 2 || report.Refused[0].SourceLine != 10 || report.Refused[1].SourceLine != 11 {
		t.Errorf("refused: %v", report.Refused)
	}
	if q := report.Taken[0].Questions[0]; q.Key.Choice != "b" || q.Points != 2 || len(q.Tags) != 2 {
		t.Errorf("%+v", q)
	}
}

type entry struct {
	name, content string
	mode          fs.FileMode
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(e.content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sheet is a workbook with these rows.
func sheet(t testing.TB, rows string) []byte {
	t.Helper()
	const (
		main   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
		office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
		rel    = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	)
	return zipped(t,
		entry{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`, 0},
		entry{"_rels/.rels", `<Relationships ` + rel + `><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`, 0},
		entry{"xl/workbook.xml", `<workbook ` + main + ` xmlns:r="` + office + `"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>`, 0},
		entry{"xl/_rels/workbook.xml.rels", `<Relationships ` + rel + `><Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`, 0},
		entry{"xl/worksheets/sheet1.xml", `<worksheet ` + main + `><sheetData>` + rows + `</sheetData></worksheet>`, 0})
}

func FuzzGIFT(f *testing.F) { fuzz(f, "gift", "testdata/traits.gift") }

func FuzzMoodleXML(f *testing.F) { fuzz(f, "moodle-xml", "testdata/traits.xml") }

// fuzz feeds whatever: nothing panics, each refusal has a line and a reason, and
// what is taken can be written into a folder.
func fuzz(f *testing.F, format, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	for _, part := range bytes.Split(data, []byte("\n\n")) {
		f.Add(part)
	}
	for _, s := range []string{"{", "}", "::", "{#", "{~%", "{=%50%}", "{1:MC:", "[html]{=<}", "<quiz><question type=\"cloze\"/>", "\\", "{->=}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		report, err := bank.Read(format, data, bank.Into{Lang: "en"})
		var broken *bank.Unreadable
		if err != nil && (!errors.As(err, &broken) || broken.Line < 1 || broken.Reason == "") {
			t.Fatalf("%v", err)
		}
		for _, r := range report.Refused {
			if r.SourceLine < 1 || r.Reason == "" {
				t.Fatalf("%+v", r)
			}
		}
		if _, err := bank.Append("x", folder(), report.Taken); err != nil {
			t.Fatalf("%v\n%q", err, data)
		}
	})
}

// BenchmarkNamesakes: as many questions of one name cost about what as many of
// different names do.
func BenchmarkNamesakes(b *testing.B) {
	var different strings.Builder
	for n := range 10_000 {
		fmt.Fprintf(&different, "::x%d::y {T}\n\n", n)
	}
	for name, data := range map[string]string{"the same": strings.Repeat("::x::y {T}\n\n", 10_000), "different": different.String()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r, err := bank.Read("gift", []byte(data), bank.Into{Lang: "en"}); err != nil || len(r.Taken) != 10_000 {
					b.Fatal(err)
				}
			}
		})
	}
}
