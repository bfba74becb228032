// Package roster reads lists that an administrator brings as CSV or XLSX, of
// people ([Read]) or of what they completed elsewhere ([ReadPast]), and says row by
// row what is wrong with them. It is pure: whether an address is taken or a unit
// exists is for its caller to find out.
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
	"havn/internal/fault"
)

// What a list of people may hold.
const (
	MaxBytes = 2 << 20 // of the file
	MaxRows  = 10_000  // people
	MaxCell  = 1_000   // characters of a cell
	MaxName  = 120     // characters of a name, as for an account
)

// people is how a list of people looks.
var people = form{
	fields: []string{email, name, lang, role, organisation}, required: []string{email, name}, words: headers,
	header: "roster-header", maxBytes: MaxBytes,
}

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
func Read(data []byte) (rows []Row, err error) {
	lines := map[string]int{} // by address
	err = people.read(data, func(line int, columns, cells []string, formulas []int) error {
		if len(rows) == MaxRows {
			return fault.At("roster-too-long", "file").With("max", MaxRows)
		}
		r := readRow(columns, cells, formulas)
		r.Line = line
		if earlier, ok := lines[r.Email]; !ok {
			lines[r.Email] = line
		} else if r.Problem == "" {
			r.Problem, r.Field, r.Earlier = "repeated", email, earlier
		}
		rows = append(rows, r)
		return nil
	})
	if err == nil && rows == nil {
		err = fault.At("roster-empty", "file")
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}
