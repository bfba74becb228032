package course

import (
	"cmp"
	"fmt"
	"slices"
)

// Level says whether a problem stops publication.
type Level string

// An Error stops publication; a Warning is shown to the trainer.
const (
	Error   Level = "error"
	Warning Level = "warning"
)

// Problem is one fault of a course folder, at its place.
type Problem struct {
	File    string `json:"file"`           // relative to the folder
	Line    int    `json:"line,omitempty"` // from 1; 0 where the whole file is meant
	Column  int    `json:"column,omitempty"`
	Level   Level  `json:"level"`
	Message string `json:"message"` // what is wrong and how to mend it
}

// String is `file:line: message`, the form that editors jump to.
func (p Problem) String() string {
	line := max(p.Line, 1)
	if p.Level == Warning {
		return fmt.Sprintf("%s:%d: warning: %s", p.File, line, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, line, p.Message)
}

// Problems is every fault found in one run, sorted by place.
type Problems []Problem

// Errors counts what stops publication.
func (ps Problems) Errors() int {
	n := 0
	for _, p := range ps {
		if p.Level == Error {
			n++
		}
	}
	return n
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(ps)
}

// place is where something stands in the folder.
type place struct {
	file      string
	line, col int
}

// report collects problems while a folder is read.
type report struct{ problems Problems }

func (r *report) fail(at place, format string, args ...any) {
	r.problems = append(r.problems, Problem{at.file, at.line, at.col, Error, fmt.Sprintf(format, args...)})
}

func (r *report) warn(at place, format string, args ...any) {
	r.problems = append(r.problems, Problem{at.file, at.line, at.col, Warning, fmt.Sprintf(format, args...)})
}
