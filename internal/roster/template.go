package roster

import (
	"bytes"
	"encoding/csv"
	"slices"

	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
)

// Template gives an empty list to fill in: a header in the language, or in
// English where the language is not one of the interface's. format is "xlsx" or
// "csv"; any other is the fault "invalid-field".
//
// The columns of the workbook are text, so that Excel leaves what is typed as
// it is. The CSV has a byte order mark, by which Excel knows UTF-8, and the
// separator that Excel expects where the language is used.
func Template(lang, format string) ([]byte, error) { return people.template(lang, format) }

// PastTemplate is that of a list of completions.
func PastTemplate(lang, format string) ([]byte, error) { return past.template(lang, format) }

func (f *form) template(lang, format string) ([]byte, error) {
	if !slices.Contains(languages, lang) {
		lang = languages[0]
	}
	var header []string
	for _, field := range f.fields {
		header = append(header, f.words[lang][field][0])
	}
	switch format {
	case "csv":
		var b bytes.Buffer
		b.WriteString("\uFEFF")
		w := csv.NewWriter(&b)
		w.UseCRLF = true
		if lang != "en" {
			w.Comma = ';'
		}
		_ = w.Write(header) // a bytes.Buffer takes all
		w.Flush()
		return b.Bytes(), nil
	case "xlsx":
		return emptyWorkbook(header, lang == "ar")
	}
	return nil, fault.At("invalid-field", "format")
}

func emptyWorkbook(header []string, rightToLeft bool) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	const sheet = "Sheet1" // as NewFile names it
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return nil, err
	}
	last, err := excelize.ColumnNumberToName(len(header))
	if err != nil {
		return nil, err
	}
	if err := f.SetColStyle(sheet, "A:"+last, text); err != nil {
		return nil, err
	}
	if err := f.SetColWidth(sheet, "A", last, 28); err != nil {
		return nil, err
	}
	if err := f.SetSheetRow(sheet, "A1", &header); err != nil {
		return nil, err
	}
	if err := f.SetSheetView(sheet, 0, &excelize.ViewOptions{RightToLeft: &rightToLeft}); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
