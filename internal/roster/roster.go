// Package roster reads a list of people that an administrator brings as CSV or
// XLSX and says row by row what is wrong with it. It is pure: whether an
// address is taken or a unit exists is for its caller to find out.
//
// The file is untrusted. Nothing of it is run, fetched or written to disk, and
// what it may cost is bounded before anything is inflated. Nothing of it is
// dropped in silence either: a column that is not known, a cell beyond the
// columns, a second sheet and half a file are faults.
//
// A cell that a spreadsheet would run is refused. A name that begins like a
// formula is written with an apostrophe before it: '-Anna is read as -Anna.
// Excel hides an apostrophe that is typed first in a cell and does not count it
// as text, so in Excel two are typed.
package roster

import (
	"bytes"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
)

// What a list may hold.
const (
	MaxBytes = 2 << 20 // of the file
	MaxRows  = 10_000  // people
	MaxCell  = 1_000   // characters of a cell
	MaxName  = 120     // characters of a name, as for an account

	maxColumns = 100
)

// Row is one person of the list.
//
// A row without a Problem holds the address in lower case, the language as a
// canonical tag and the role as "learner", "tutor", "trainer" or
// "administrator"; Language, Role and Organisation are "" where not given, and
// Organisation is any text. A row with a Problem holds what was read, cut to
// MaxCell characters, only to be shown.
type Row struct {
	Line                                      int // in the file, where 1 is the first; the header has one too
	Email, Name, Language, Role, Organisation string

	// Problem is "" or the first of these that applies: "cell-too-long",
	// "formula", "email-invalid", "name-invalid", "language-unknown",
	// "role-unknown", "repeated".
	Problem string
	Field   string // the column at fault, in English
	Earlier int    // the line that has the address already, where repeated
}

// Read reads a list by its content: what begins with "PK" is XLSX, all else is
// CSV. The rows are in the file's order, those with a problem among them.
//
// Each fault is of the whole file and at "file":
//
//	roster-empty       nobody is in it
//	roster-too-long    over MaxRows people ("max")
//	roster-too-large   over MaxBytes ("limit_mb"), or a workbook that unpacks into too much
//	roster-header      a column ("column") is "missing", "unknown" or there "twice" ("reason")
//	roster-sheets      people, or anything else, on a sheet other than the first
//	roster-unreadable  neither CSV nor XLSX, broken, encrypted or with macros; CSV with its "line"
func Read(data []byte) ([]Row, error) {
	l := list{lines: map[string]int{}}
	var err error
	switch {
	case len(data) > MaxBytes:
		err = tooLarge()
	case bytes.HasPrefix(data, []byte("PK")):
		err = Sheet(data, l.take)
	default:
		err = readText(data, l.take)
	}
	switch {
	case err != nil:
		return nil, err
	case len(l.rows) == 0:
		return nil, fault.At("roster-empty", "file")
	}
	return l.rows, nil
}

// list is what has been read so far.
type list struct {
	columns []string // a name of field for each column, "" where it has no header
	rows    []Row
	lines   map[string]int // by address
}

// take adds a line of the table. formulas are the columns, from 0, whose cell
// is one. It ends the reading by a fault.
func (l *list) take(line int, cells []string, formulas []int) (err error) {
	filled := false
	for i, c := range cells {
		if strings.TrimSpace(c) == "" && !slices.Contains(formulas, i) {
			continue
		}
		filled = true
		if l.columns != nil && (i >= len(l.columns) || l.columns[i] == "") {
			letter, _ := excelize.ColumnNumberToName(i + 1)
			return headerFault("unknown", letter).With("line", line)
		}
	}
	switch {
	case !filled:
		return nil
	case l.columns == nil:
		l.columns, err = columns(cells, formulas)
		return err
	case len(l.rows) == MaxRows:
		return fault.At("roster-too-long", "file").With("max", MaxRows)
	}
	r := readRow(l.columns, cells, formulas)
	r.Line = line
	if earlier, ok := l.lines[r.Email]; !ok {
		l.lines[r.Email] = line
	} else if r.Problem == "" {
		r.Problem, r.Field, r.Earlier = "repeated", email, earlier
	}
	l.rows = append(l.rows, r)
	return nil
}

func tooLarge() error {
	return fault.At("roster-too-large", "file").With("limit_mb", MaxBytes>>20)
}

func unreadable(cause error) *fault.Error {
	f := fault.At("roster-unreadable", "file")
	f.Err = cause
	return f
}
