package exchange

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"

	"havn/internal/course"
)

// Options say who stands for what is imported.
type Options struct {
	// By is whoever translated or reviewed, without spaces; "" nobody is named, and
	// then everything that is new is a machine draft.
	By string
	// Wrote tells of which units whoever By stands for wrote the text, where By is
	// no name of theirs; nil compares By with what translations.lock has.
	Wrote func(unit string) bool
	// State of what changed; "" as the file says.
	State course.State
	On    time.Time
}

// Import compares a document with the translation that it was made for, and gives
// the files of the course folder that change, none where nothing does. An error
// means that the course could not be as it should be afterwards.
func Import(t *course.Translation, format string, d Document, o Options) (course.Files, Report, error) {
	in := importing{t: t, o: o, nobody: "import", pairs: map[string]course.Pair{}, edits: map[string]course.Edit{}, lines: map[string]int{},
		report: Report{Format: format, Lang: t.Lang, Taken: []Taken{}, Unchanged: []string{}, Refused: []Refused{}, Noted: []Noted{}, Files: []string{}}}
	for _, p := range t.Pairs {
		in.pairs[p.ID] = p
	}
	if format == TMX {
		in.nobody = "memory"
		in.memory(d)
	} else {
		in.units(d)
	}
	changed := in.write()
	if err := t.Holds(changed); err != nil {
		return nil, in.report, err
	}
	in.report.Files = append(in.report.Files, slices.Sorted(maps.Keys(changed))...)
	return changed, in.report, nil
}

type importing struct {
	t      *course.Translation
	o      Options
	pairs  map[string]course.Pair
	edits  map[string]course.Edit
	lines  map[string]int // of the edits, in the file
	nobody string         // who is recorded where nobody is named
	report Report
}

func (in *importing) units(d Document) {
	count, notes := map[string]int{}, map[string]string{}
	names := in.place(d)
	for _, name := range names {
		count[name]++
	}
	for _, u := range Export(in.t, nil, in.o.On).Units {
		notes[u.ID] = u.Note
		if count[u.ID] == 0 {
			in.report.Absent++
		}
	}
	for i, u := range d.Units {
		p, known := in.pairs[names[i]]
		if known {
			u.ID = p.ID
		}
		if u.Comment != "" && !course.SameText(u.Comment, notes[u.ID]) {
			in.note(u.ID, "comment", clip(u.Comment, 500))
		}
		switch {
		case !known:
			in.refuse(u, "unit-unknown", "", "")
		case count[u.ID] > 1:
			in.refuse(u, "unit-twice", "", "")
		case in.fits(u, p):
			in.take(u, p)
		}
	}
}

// fits tells whether a unit of the file is about the unit of the course as it
// stands today.
func (in *importing) fits(u Unit, p course.Pair) bool {
	switch {
	case u.fault != "":
		in.refuse(u, u.fault, "", "")
	case u.lang != "" && !sameLanguage(u.lang, in.t.Lang):
		in.refuse(u, "language", in.t.Lang, u.lang)
	case u.source != "" && !sameLanguage(u.source, in.t.Source):
		in.refuse(u, "source-language", in.t.Source, u.source)
	case u.Source == "":
		in.refuse(u, "source-missing", p.Source, "")
	case course.SameText(u.Source, p.Source) && (u.Hash == "" || u.Hash == course.UnitHash(p.Source)):
		return true
	case u.Hash == course.UnitHash(p.Source):
		in.refuse(u, "source-altered", p.Source, u.Source)
	default:
		in.refuse(u, "source-changed", p.Source, u.Source)
	}
	return false
}

func (in *importing) take(u Unit, p course.Pair) {
	changed := !course.SameText(u.Target, p.Target)
	switch {
	case u.Target == "" && p.Target != "":
		in.refuse(u, "target-empty", p.Target, "")
	case !changed:
		in.confirm(u, p)
	default:
		in.change(u, p)
	}
}

// change takes another text.
func (in *importing) change(u Unit, p course.Pair) {
	if broken := p.Keeps(u.Target); len(broken) > 0 {
		told := map[string]bool{} // a link in Markdown is an address too
		for _, b := range broken {
			if !told[b.Code] {
				in.refuse(u, "broken-"+b.Code, b.Want, b.Got)
			}
			told[b.Code] = true
		}
		return
	}
	if strings.ContainsFunc(u.Target, overrides) && !strings.ContainsFunc(p.Target, overrides) {
		in.note(u.ID, "direction", "")
	}
	state := in.says(u.State)
	if state == course.ExpertReviewed && !in.o.reviews(p, true) {
		state = course.LanguageReviewed
		in.note(u.ID, "second-person", "")
	}
	in.edit(u, course.Edit{Text: u.Target, State: state, By: in.by()})
}

// memory fills the units that are missing with translations of the same text.
// Nobody has read them at their place, so they are machine drafts.
func (in *importing) memory(d Document) {
	found := map[string][]Unit{}
	for _, u := range d.Units {
		if sameLanguage(u.lang, in.t.Lang) && sameLanguage(u.source, in.t.Source) && u.Target != "" {
			hash := course.UnitHash(u.Source)
			found[hash] = append(found[hash], u)
		} else {
			in.report.Unused++
		}
	}
	used := map[string]bool{}
	for _, p := range in.t.Pairs {
		hash := course.UnitHash(p.Source)
		if p.State != course.Missing || found[hash] == nil {
			continue
		}
		used[hash] = true
		u, same := found[hash][0], true
		for _, other := range found[hash] {
			if other.ID == p.ID {
				u, same = other, true
				break
			}
			same = same && course.SameText(other.Target, u.Target)
		}
		switch u.ID = p.ID; {
		case u.fault != "":
			in.refuse(u, u.fault, "", "")
		case !same:
			in.refuse(u, "ambiguous", "", "")
		default:
			u.State = course.Stale // so that nobody stands for it
			in.change(u, p)
		}
	}
	for hash, units := range found {
		if !used[hash] {
			in.report.Unused += len(units)
		}
	}
}

// write gives the files, once pages that would have no title are refused, and what
// could not be written.
func (in *importing) write() course.Files {
	for _, unit := range in.t.Untitled(in.edits) {
		delete(in.edits, unit)
		page, _, _ := strings.Cut(unit, "#")
		in.refuse(Unit{ID: unit, line: in.lines[unit]}, "page-untitled", page+"#1", "")
	}
	changed, failed := in.t.Write(in.edits, in.o.On)
	for _, unit := range failed {
		delete(in.edits, unit)
		in.refuse(Unit{ID: unit, line: in.lines[unit]}, "not-written", "", "")
	}
	for _, p := range in.t.Pairs {
		if e, ok := in.edits[p.ID]; ok {
			in.report.Taken = append(in.report.Taken, Taken{p.ID, p.State, e.State, e.Text != p.Target})
		}
	}
	return changed
}

func (in *importing) edit(u Unit, e course.Edit) { in.edits[u.ID], in.lines[u.ID] = e, u.line }

func (in *importing) by() string {
	if in.o.By == "" {
		return in.nobody
	}
	return in.o.By
}

func (in *importing) unchanged(p course.Pair) {
	in.report.Unchanged = append(in.report.Unchanged, p.ID)
}

func (in *importing) refuse(u Unit, reason, want, got string) {
	r := Refused{Unit: clip(u.ID, 200), Line: u.line, Reason: reason, Message: sentences[reason], Want: clip(want, 500), Got: clip(got, 500)}
	in.report.Refused = append(in.report.Refused, r)
}

func (in *importing) note(unit, reason, text string) {
	in.report.Noted = append(in.report.Noted, Noted{clip(unit, 200), reason, sentences[reason], text})
}

// overrides are characters that turn the direction of a text around, so that it
// may read otherwise than it is written (Unicode TR36).
func overrides(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c'
}

// CheckBy refuses a name that translations.lock could not hold.
func CheckBy(by string) error {
	if by != "" && (len(strings.Fields(by)) != 1 || strings.Fields(by)[0] != by || len(by) > 100 || strings.ContainsFunc(by, unicode.IsControl)) {
		return fmt.Errorf("a name or role without spaces, such as m-tamm, not %q", clip(by, 60))
	}
	return nil
}
