package exchange

import (
	"slices"

	"havn/internal/course"
)

// Report is what became of each unit of a file: it is in exactly one of Taken,
// Unchanged and Refused (there once for each reason), and Noted says more of some.
type Report struct {
	Format    string    `json:"format"`
	Lang      string    `json:"lang"`
	Taken     []Taken   `json:"taken"`
	Unchanged []string  `json:"unchanged"`
	Refused   []Refused `json:"refused"`
	Noted     []Noted   `json:"noted"`
	// Absent counts units of the course that the file does not have; Unused those
	// of a memory that nothing is missing for.
	Absent int      `json:"absent"`
	Unused int      `json:"unused"`
	Files  []string `json:"files"` // that change
}

// Taken is a unit whose text or state changes.
type Taken struct {
	Unit string       `json:"unit"`
	Was  course.State `json:"was"`
	Now  course.State `json:"now"`
	Text bool         `json:"text"` // the text is another; otherwise only the state
}

// Refused is a unit that is left as it is in the course.
type Refused struct {
	Unit    string `json:"unit"`
	Line    int    `json:"line,omitempty"` // in the file; of a workbook, the row
	Reason  string `json:"reason"`         // a code, such as "source-changed"
	Message string `json:"message"`        // what is wrong and how to mend it
	// Want and Got are what the course has and what the file has.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`
}

// Noted is something to know of a unit, whatever became of it.
type Noted struct {
	Unit    string `json:"unit"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Text    string `json:"text,omitempty"`
}

// Refuse adds a unit that did not come as far as an import.
func (r *Report) Refuse(unit, reason string) {
	r.Refused = append(r.Refused, Refused{Unit: unit, Reason: reason, Message: sentences[reason]})
}

// Say is the report with its messages in the words of a language: say finds the
// sentence for "exchange." and a reason.
func (r Report) Say(say func(id string, args ...any) string) Report {
	r.Refused, r.Noted = slices.Clone(r.Refused), slices.Clone(r.Noted)
	for i, x := range r.Refused {
		r.Refused[i].Message = say("exchange." + x.Reason)
	}
	for i, x := range r.Noted {
		r.Noted[i].Message = say("exchange." + x.Reason)
	}
	return r
}
