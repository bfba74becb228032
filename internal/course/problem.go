package course

import (
	"cmp"
	"fmt"
	"maps"
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
	File   string            `json:"file"`           // relative to the folder
	Line   int               `json:"line,omitempty"` // from 1; 0 where the whole file is meant
	Column int               `json:"column,omitempty"`
	Level  Level             `json:"level"`
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"` // what the message speaks of
	// Message is what is wrong and how to mend it, in the language that Say was
	// given; "" before.
	Message string `json:"message"`
}

// String is `file:line: message`, the form that editors jump to.
func (p Problem) String() string {
	line := max(p.Line, 1)
	if p.Level == Warning {
		return fmt.Sprintf("%s:%d: warning: %s", p.File, line, cmp.Or(p.Message, p.Code))
	}
	return fmt.Sprintf("%s:%d: %s", p.File, line, cmp.Or(p.Message, p.Code))
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

// barriers are the codes of what keeps somebody out who does not see, or does not
// see well (WCAG 2.2: 1.1.1, 1.3.1, 1.4.3, 2.4.4, 3.1.2). A course holds nothing that
// plays, so nothing that needs captions.
var barriers = []string{"picture-alternative", "heading-order", "link-text", "svg-contrast", "language-of-part"}

// Barriers are the problems that keep somebody out. A folder may be published with
// those that are warnings; a draft may not.
func (ps Problems) Barriers() (list Problems) {
	for _, p := range ps {
		if slices.Contains(barriers, p.Code) {
			list = append(list, p)
		}
	}
	return list
}

// Say writes the messages with the sentences of a catalogue in one language.
func (ps Problems) Say(sentence func(id string, args ...any) string) Problems {
	said := slices.Clone(ps)
	for i, p := range said {
		args := make([]any, 0, 2*len(p.Params))
		for name, value := range p.Params {
			args = append(args, name, value)
		}
		said[i].Message = sentence("check."+p.Code, args...)
		if near := p.Params["like"]; near != "" {
			said[i].Message += ". " + sentence("check.did-you-mean", "word", near)
		}
	}
	return said
}

func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code), cmp.Compare(fmt.Sprint(a.Params), fmt.Sprint(b.Params)))
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Code == b.Code && maps.Equal(a.Params, b.Params)
	})
}

// place is where something stands in the folder.
type place struct {
	file      string
	line, col int
}

// report collects problems while a folder is read.
type report struct{ problems Problems }

// fail notes an error under its code, which names a sentence of the locale files
// ("check." and the code), and what the sentence speaks of: names and values in
// turn.
func (r *report) fail(at place, code string, params ...any) { r.note(Error, at, code, params) }

func (r *report) warn(at place, code string, params ...any) { r.note(Warning, at, code, params) }

func (r *report) note(level Level, at place, code string, params []any) {
	p := Problem{File: at.file, Line: at.line, Column: at.col, Level: level, Code: code}
	if len(params) > 0 {
		p.Params = map[string]string{}
	}
	for i := 0; i+1 < len(params); i += 2 {
		p.Params[fmt.Sprint(params[i])] = fmt.Sprint(params[i+1])
	}
	r.problems = append(r.problems, p)
}
