// Package sheet writes a list as a workbook of one sheet (ISO/IEC 29500-1,
// SpreadsheetML), row by row, so that its first bytes leave at once and it takes
// no more memory however long it is. Libraries that write workbooks, excelize
// among them, put the whole file together before they give any of it away.
//
// Every cell is a text (an inline string), which no spreadsheet takes for a
// formula. Characters that XML cannot hold become U+FFFD.
package sheet

import (
	"archive/zip"
	"compress/flate"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// Limits of a sheet in Excel.
const (
	MaxRows = 1_048_576 // the header is one
	MaxCell = 32_767    // UTF-16 units
)

// ErrFull is that no more rows fit.
var ErrFull = errors.New("the sheet is full")

// parts are the files around the rows.
var parts = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><fonts count="2"><font/><font><b/></font></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="49" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" applyNumberFormat="1" applyFont="1"/></cellXfs></styleSheet>`},
}

// Writer writes a workbook. Its methods are not for several goroutines.
type Writer struct {
	zip  *zip.Writer
	rows io.Writer
	n    int
	line strings.Builder
}

// New begins a workbook; the columns are its first row, in bold, which stays in
// sight.
func New(w io.Writer, columns []string) (*Writer, error) {
	s := &Writer{zip: zip.NewWriter(w)}
	s.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed) // a list packs well whatever the effort
	})
	for _, p := range parts {
		f, err := s.zip.Create(p.name)
		if err != nil {
			return nil, err
		}
		if _, err := io.WriteString(f, xml.Header+p.text); err != nil {
			return nil, err
		}
	}
	var err error
	if s.rows, err = s.zip.Create("xl/worksheets/sheet1.xml"); err != nil {
		return nil, err
	}
	if _, err = io.WriteString(s.rows, xml.Header+`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>`); err != nil {
		return nil, err
	}
	return s, s.row(columns, ` s="1"`)
}

// Row adds a row. The error is ErrFull or one of the writer below.
func (s *Writer) Row(cells ...string) error { return s.row(cells, "") }

func (s *Writer) row(cells []string, style string) error {
	if s.n == MaxRows {
		return ErrFull
	}
	s.n++
	s.line.Reset()
	s.line.WriteString("<row>")
	for _, c := range cells {
		if c == "" {
			s.line.WriteString("<c/>")
			continue
		}
		s.line.WriteString(`<c t="inlineStr"` + style + `><is><t xml:space="preserve">`)
		_ = xml.EscapeText(&s.line, []byte(clip(c))) // a strings.Builder takes all
		s.line.WriteString("</t></is></c>")
	}
	s.line.WriteString("</row>")
	_, err := io.WriteString(s.rows, s.line.String())
	return err
}

func clip(s string) string {
	if len(s) <= MaxCell {
		return s
	}
	units := 0
	for i, r := range s {
		if units++; r > 0xFFFF {
			units++
		}
		if units > MaxCell {
			return s[:i]
		}
	}
	return s
}

// Flush hands on what is written so far.
func (s *Writer) Flush() error { return s.zip.Flush() }

// Close ends the workbook; the writer below stays open.
func (s *Writer) Close() error {
	if _, err := io.WriteString(s.rows, "</sheetData></worksheet>"); err != nil {
		return err
	}
	return s.zip.Close()
}
