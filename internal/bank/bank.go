// Package bank takes question banks of other systems over into a course, and
// gives a course's questions back to them: GIFT, Moodle XML, QTI, Aiken and a
// plain XLSX sheet.
//
// Each format is read into Items, the one form that all have in common, and
// Items are converted to Havn's question types in one place. Nothing is dropped
// in silence: each question of the source is either taken, with its key, weights,
// texts and feedback, or refused with its line and the reason. What of a taken
// question has no place here and does not touch key, weights or texts is noted.
//
// Files are untrusted. Nothing of them is run, fetched or written to disk, and
// what they may cost is bounded.
package bank

import (
	"fmt"
	"slices"
	"strings"

	"havn/internal/course"
)

// What a bank may hold.
const (
	MaxBytes     = 64 << 20 // of a file; banks hold pictures in base64
	MaxQuestions = 10_000
	maxAnswers   = 200
	maxText      = 100_000 // bytes of one text
)

// Formats are those that Read knows.
var Formats = []string{"gift", "moodle-xml", "qti", "aiken", "xlsx"}

// Taken is one question of the source as it stands in a course.
type Taken struct {
	ID         string      `json:"id"`
	Type       course.Type `json:"type"`
	SourceLine int         `json:"source_line"` // from 1; in XLSX the row, in a package the item's number

	// Questions are what is written: one, or a vignette behind the questions for
	// its gaps. Texts hold their Markdown, in the same order.
	Questions []course.Question       `json:"-"`
	Texts     []course.QuestionSource `json:"-"`
	Notes     []string                `json:"-"` // what of the source has no place here
}

// Refused is one question of the source that is not taken over.
type Refused struct {
	SourceLine int    `json:"source_line"`
	Reason     string `json:"reason"`
}

// Report says what became of each question of the source, in its order.
type Report struct {
	Taken   []Taken   `json:"taken"`
	Refused []Refused `json:"refused"`
}

// Unreadable is why a file is no bank at all.
type Unreadable struct {
	Line   int // from 1; 1 where the whole file is meant
	Reason string
}

// Error is the line followed by the reason.
func (u *Unreadable) Error() string { return fmt.Sprintf("line %d: %s", u.Line, u.Reason) }

// Into says where questions go.
type Into struct {
	Lang string          // the language that the bank is written in
	IDs  map[string]bool // that are used already; those of taken questions are added
	Tags []string        // which each question carries, beside its own

	next map[string]int // by id, the number that its next namesake gets
}

// Read reads a bank. The error is an *Unreadable where not even one question
// could be made out.
func Read(format string, data []byte, into Into) (Report, error) {
	r := Report{Taken: []Taken{}, Refused: []Refused{}}
	if into.IDs == nil {
		into.IDs = map[string]bool{}
	}
	into.next = map[string]int{}
	if len(data) > MaxBytes {
		return r, &Unreadable{1, fmt.Sprintf("the file is larger than %d MB", MaxBytes>>20)}
	}
	var found []source
	var err error
	switch format {
	case "gift":
		found, err = readGIFT(data)
	case "moodle-xml":
		found, err = readMoodle(data)
	case "qti":
		found, err = readQTI(data)
	case "aiken":
		found, err = readAiken(data)
	case "xlsx":
		found, err = readXLSX(data)
	default:
		return r, fmt.Errorf("the format %q is not known: %s", format, strings.Join(Formats, ", "))
	}
	if err != nil {
		return r, err
	}
	for _, s := range found {
		if s.refused == nil && len(r.Taken) == MaxQuestions {
			s.refused = refuse("more than %d questions in one file", MaxQuestions)
		}
		if s.refused == nil {
			var t Taken
			if t, s.refused = convert(s.item, into); s.refused == nil {
				t.SourceLine = s.line
				r.Taken = append(r.Taken, t)
				continue
			}
		}
		r.Refused = append(r.Refused, Refused{s.line, s.refused.Error()})
	}
	if len(found) == 0 {
		return r, &Unreadable{1, "there is no question in the file"}
	}
	return r, nil
}

// source is one question of a file: an item, or why it is none.
type source struct {
	line    int
	item    Item
	refused error
}

// Kind is what a question asks for.
type Kind int

// The kinds that the formats have in common.
const (
	Choice    Kind = iota
	TrueFalse      // Answers: true, false
	Short          // Answers: what is accepted, plain
	Number         // Answers: ranges
	Day            // Answers: one date
	Match          // Answers with a Target; Extra targets
	Order          // Answers in the right order
	Essay
	Gaps // Stem with "(1)", "(2)" …, and an Item for each
)

// Item is a question in the form that all formats have in common. Texts are
// Markdown.
type Item struct {
	Name     string
	Tags     []string
	Kind     Kind
	Many     bool // Choice: several may be chosen
	Stem     string
	Answers  []Answer
	Extra    []string // Match: targets that belong to nothing
	Gaps     []Item
	gap      bool
	Points   float64
	Partial  string   // Order, Match: as course.Question
	Match    []string // Short: as course.Question
	Feedback string
	// Right, Partly and Wrong are shown for the answer as a whole.
	Right, Partly, Wrong string
	Notes                []string
}

// Answer is one answer of an Item.
type Answer struct {
	Text     string // Markdown; plain for Short
	Target   string // Match
	Weight   float64
	Feedback string
	Low      *decimal // Number
	High     *decimal
	Any      bool // Short, Number: whatever else is answered
}

func (i *Item) note(format string, args ...any) {
	if n := fmt.Sprintf(format, args...); !slices.Contains(i.Notes, n) {
		i.Notes = append(i.Notes, n)
	}
}

// refusal is why a question cannot be taken, as a sentence for a trainer.
type refusal string

func (r refusal) Error() string { return string(r) }

func refuse(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

// clip shortens what a sentence quotes.
func clip(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
