package course

import (
	"slices"
	"strings"
)

// Weight is what a change means for those who have learned and translated what
// stood there before.
type Weight string

// The weights.
const (
	Minor Weight = "minor" // it says the same: translations and certificates stay as they are
	Major Weight = "major" // it says something else: translations are stale, and people are asked again
)

// Notes is what an author says of the changes of a publication.
type Notes struct {
	// Note is for trainers, in the author's words.
	Note string
	// Major and Minor name units, or what they are part of (Whole).
	Major, Minor []string
}

// changesFile holds notes in a course folder. It is about one publication: a
// file that is as it was in the version before says nothing of this one.
const changesFile = "changes.yaml"

// maxNote is how long a note may be, in bytes.
const maxNote = 4000

func (f *folder) readNotes() {
	o := f.yaml(changesFile, false).object("note", "major", "minor")
	f.notes = Notes{Note: strings.TrimSpace(o["note"].text()), Major: o["major"].texts(), Minor: o["minor"].texts()}
	if len(f.notes.Note) > maxNote {
		o["note"].fail("note-long", "most", maxNote)
	}
	for _, v := range o["minor"].list() {
		if slices.Contains(f.notes.Major, v.text()) {
			v.fail("weight-twice", "unit", clip(v.text()))
		}
	}
}

// Weight of a change: as the notes say, of the unit itself before what it is part
// of; otherwise minor, but for another key and for blocks, questions and facts
// that are new. A facilitator's note is minor whatever the notes say: no learner
// has read it.
func (n Notes) Weight(c Change) Weight {
	if c.ofGuide() {
		return Minor
	}
	for _, name := range []string{c.Unit, Whole(c.Unit)} {
		switch {
		case slices.Contains(n.Major, name):
			return Major
		case slices.Contains(n.Minor, name):
			return Minor
		}
	}
	kind, _, _ := strings.Cut(c.Unit, ":")
	isNew := c.What == Added && slices.Contains([]string{"page", "question", "fact"}, kind) && !strings.Contains(c.Unit, ".feedback.")
	if c.Kind == KeyKind || isNew {
		return Major
	}
	return Minor
}

// Unknown is the first name in the notes that no change has, "" none.
func (n Notes) Unknown(changes []Change) string {
	for _, name := range slices.Concat(n.Major, n.Minor) {
		if !slices.ContainsFunc(changes, func(c Change) bool { return c.Unit == name || Whole(c.Unit) == name }) {
			return name
		}
	}
	return ""
}

// NotesOf are the notes of a folder for its next publication, given the files of
// the version before.
func (p *Publication) NotesOf(before, files Files) Notes {
	if before == nil || string(before[changesFile]) == string(files[changesFile]) {
		return Notes{}
	}
	return p.notes
}
