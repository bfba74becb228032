package roster

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
	"havn/internal/workbook"
)

// form is how a kind of list looks.
type form struct {
	fields   []string                       // its columns
	required []string                       // those without which it is none
	words    map[string]map[string][]string // of each column by language, the first of which a template shows
	header   string                         // code of the fault of a wrong header
	maxBytes int                            // of the file
}

// known are the columns by the words for them, folded.
func (f *form) known() map[string]string {
	known := map[string]string{}
	for _, words := range f.words {
		for field, aliases := range words {
			known[fold(field)] = field
			for _, w := range aliases {
				known[fold(w)] = field
			}
		}
	}
	return known
}

// maxColumns is how many may be filled in a workbook.
const maxColumns = 100

// read gives each line that is filled to row, with the fields of the columns, ""
// where one has no header, its cells, and the columns whose cell is a formula.
func (f *form) read(data []byte, row func(line int, columns, cells []string, formulas []int) error) error {
	known := f.known()
	var fields []string
	take := func(line int, cells []string, formulas []int) (err error) {
		filled := false
		for i, c := range cells {
			if strings.TrimSpace(c) == "" && !slices.Contains(formulas, i) {
				continue
			}
			filled = true
			if fields != nil && (i >= len(fields) || fields[i] == "") {
				letter, _ := excelize.ColumnNumberToName(i + 1)
				return f.headerFault("unknown", letter).With("line", line)
			}
		}
		switch {
		case !filled:
			return nil
		case fields == nil:
			fields, err = f.columns(known, cells, formulas)
			return err
		}
		return row(line, fields, cells, formulas)
	}
	switch {
	case len(data) > f.maxBytes:
		return f.tooLarge()
	case bytes.HasPrefix(data, []byte("PK")):
		return f.asFault(workbook.Read(data, maxColumns, take))
	}
	return readText(data, known, take)
}

// columns reads the header: the field of each column, "" where a column has
// neither header nor name.
func (f *form) columns(known map[string]string, cells []string, formulas []int) ([]string, error) {
	if slices.ContainsFunc(cells, func(s string) bool { return strings.Contains(s, "@") }) {
		return nil, f.headerFault("missing", f.required[0]) // the first line is a person, whose data stay out of the fault
	}
	found := make([]string, len(cells))
	for i, c := range cells {
		if strings.TrimSpace(c) == "" && !slices.Contains(formulas, i) {
			continue
		}
		field, ok := known[fold(c)]
		switch {
		case !ok || slices.Contains(formulas, i):
			return nil, f.headerFault("unknown", printable(c))
		case slices.Contains(found, field):
			return nil, f.headerFault("twice", printable(c))
		}
		found[i] = field
	}
	for _, required := range f.required {
		if !slices.Contains(found, required) {
			return nil, f.headerFault("missing", required)
		}
	}
	return found, nil
}

func (f *form) headerFault(reason, column string) *fault.Error {
	return fault.At(f.header, "file").With("reason", reason).With("column", column)
}

// asFault is what a workbook is refused for; a fault of a row stays as it is.
func (f *form) asFault(err error) error {
	var known *fault.Error
	var wide *workbook.WideError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &wide):
		return f.headerFault("unknown", wide.Column)
	case errors.Is(err, workbook.ErrTooLarge):
		return f.tooLarge()
	case errors.Is(err, workbook.ErrSheets):
		return fault.At("roster-sheets", "file")
	}
	return unreadable(err)
}

func (f *form) tooLarge() error {
	return fault.At("roster-too-large", "file").With("limit_mb", f.maxBytes>>20)
}

func unreadable(cause error) *fault.Error {
	f := fault.At("roster-unreadable", "file")
	f.Err = cause
	return f
}
