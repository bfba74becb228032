package roster_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"havn/internal/fault"
	"havn/internal/roster"
)

// parts are those of a workbook with one sheet; the zip holds them in this order.
type parts [][2]string

const (
	xmlHead  = `<?xml version="1.0" encoding="UTF-8"?>`
	mainNS   = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS    = `"http://schemas.openxmlformats.org/package/2006/relationships"`
	office   = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	aHeader  = `<row r="1"><c r="A1" t="inlineStr"><is><t>email</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>`
	aPerson  = `<row r="2"><c r="A2" t="inlineStr"><is><t>anna@example.org</t></is></c><c r="B2" t="inlineStr"><is><t>Anna</t></is></c></row>`
	sheetXML = "xl/worksheets/sheet1.xml"
	stringsX = "xl/sharedStrings.xml"
	workX    = "xl/workbook.xml"
	ctype    = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
)

func aWorkbook(rows string) parts {
	return parts{
		{"[Content_Types].xml", xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="` + ctype + `"/></Types>`},
		{"_rels/.rels", xmlHead + `<Relationships xmlns=` + relNS + `><Relationship Id="rId1" Type="` + office + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{workX, xmlHead + `<workbook ` + mainNS + ` xmlns:r="` + office + `"><sheets><sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", xmlHead + `<Relationships xmlns=` + relNS + `><Relationship Id="rId1" Type="` + office + `/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{sheetXML, aSheet(rows)},
	}
}

func aSheet(rows string) string {
	return xmlHead + `<worksheet ` + mainNS + `><sheetData>` + rows + `</sheetData></worksheet>`
}

func sst(items string) string { return xmlHead + `<sst ` + mainNS + `>` + items + `</sst>` }

// with puts a part in the place of one of that name, or at the end.
func (p parts) with(name, content string) parts {
	for i := range p {
		if p[i][0] == name {
			p[i][1] = content
			return p
		}
	}
	return append(p, [2]string{name, content})
}

func (p parts) zip(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, part := range p {
		f, err := w.Create(part[0])
		if err == nil {
			_, err = f.Write([]byte(part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func code(err error) string {
	f, _ := err.(*fault.Error)
	if f == nil && err != nil {
		return "not a fault: " + err.Error()
	}
	if f == nil {
		return ""
	}
	return f.Code
}

func TestNoFileComesOutThroughAnEntity(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("TOP-SECRET"), 0o600); err != nil {
		t.Fatal(err)
	}
	dtd := `<!DOCTYPE x [<!ENTITY e SYSTEM "file://` + secret + `"><!ENTITY p "a">]>`
	for _, part := range []string{sheetXML, stringsX, workX, "[Content_Types].xml", "_rels/.rels"} {
		for _, entity := range []string{"&e;", "&p;", ""} {
			w := aWorkbook(aHeader+strings.ReplaceAll(aPerson, "Anna", "Anna"+entity)).with(stringsX, sst("<si><t>"+entity+"</t></si>"))
			for i := range w {
				if w[i][0] == part {
					w[i][1] = strings.Replace(w[i][1], xmlHead, xmlHead+dtd, 1)
				}
			}
			rows, err := roster.Read(w.zip(t))
			if code(err) != "roster-unreadable" || strings.Contains(fmt.Sprint(rows, err), "TOP-SECRET") {
				t.Errorf("%s %q: %v %v", part, entity, rows, err)
			}
		}
	}
}

func TestABrokenOrForeignFileIsUnreadable(t *testing.T) {
	t.Parallel()
	good := aWorkbook(aHeader + aPerson)
	whole := good.zip(t)
	if _, err := roster.Read(whole); err != nil {
		t.Fatal(err)
	}
	encrypted := bytes.Clone(whole)
	for i := 0; i < len(encrypted)-8; i++ {
		switch string(encrypted[i : i+4]) {
		case "PK\x01\x02":
			encrypted[i+8] |= 1
		case "PK\x03\x04":
			encrypted[i+6] |= 1
		}
	}
	row := func(s string) []byte { return aWorkbook(aHeader + aPerson + s).zip(t) }
	files := map[string][]byte{
		"PK only":                 []byte("PK"),
		"an encrypted workbook":   append([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), make([]byte, 600)...),
		"an encrypted zip":        encrypted,
		"macros":                  aWorkbook(aHeader+aPerson).with("xl/vbaProject.bin", "x").zip(t),
		"macros by their type":    aWorkbook(aHeader+aPerson).with("[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>`).zip(t),
		"no workbook":             parts{{"a.txt", "a"}}.zip(t),
		"half a sheet":            aWorkbook("").with(sheetXML, strings.TrimSuffix(aSheet(aHeader+aPerson), "</sheetData></worksheet>")).zip(t),
		"a sheet twice":           append(aWorkbook(aHeader+aPerson), [2]string{`xl\worksheets\SHEET1.xml`, aSheet("")}).zip(t),
		"rows out of order":       row(`<row r="2"/>`),
		"cells out of order":      row(`<row r="3"><c r="B3"/><c r="A3"/></row>`),
		"a cell of another row":   row(`<row r="3"><c r="A9"><v>1</v></c></row>`),
		"a cell outside rows":     row(`<c r="C2"><f>1</f></c>`),
		"a row before the rows":   aWorkbook("").with(sheetXML, strings.Replace(aSheet(aHeader+aPerson), "<sheetData>", `<a><row r="7"/></a><sheetData>`, 1)).zip(t),
		"a cell of two values":    row(`<row><c><v>1</v><v>2</v></c></row>`),
		"a string that is not":    row(`<row><c t="s"><v>7</v></c></row>`),
		"pictures":                []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff"),
		"a program":               []byte("\x7fELF\x02\x01\x01\x00"),
		"half a UTF-8 character":  []byte("email,name\na@b.ee,Jõgi\nc@d.ee,Õ\xc3"),
		"half a UTF-16 character": []byte("\xFF\xFEe\x00m"),
	}
	for i := 2; i < len(whole); i += 97 {
		files[fmt.Sprintf("cut at %d", i)] = whole[:i]
	}
	for name, data := range files {
		if rows, err := roster.Read(data); code(err) != "roster-unreadable" || rows != nil {
			t.Errorf("%s: %v %v", name, rows, err)
		}
	}
	_, err := roster.Read([]byte("email,name\n\na@b.ee,A\nb@b.ee,\"B\"x\n"))
	if code(err) != "roster-unreadable" || err.(*fault.Error).Params["line"] != 4 {
		t.Errorf("malformed CSV: %v", err)
	}
}
