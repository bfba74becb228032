package library

import (
	"context"
	"errors"
	"strings"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Mark is a change of a publication and what its author made of it.
type Mark struct {
	Unit   string        `json:"unit"`
	Kind   course.Kind   `json:"kind" enum:"text,key,rules"`
	What   course.What   `json:"what" enum:"added,changed,removed,moved"`
	Weight course.Weight `json:"weight" enum:"minor,major"`
}

// Matters tells whether the weight makes a difference: rules of a quiz or of the
// course are neither translated nor learned.
func (m Mark) Matters() bool {
	return m.Kind != course.Rules || strings.HasPrefix(m.Unit, "question:") || strings.HasPrefix(m.Unit, "fact:")
}

func marksOf(changes []course.Change, notes course.Notes) []Mark {
	marks := []Mark{}
	for _, c := range changes {
		marks = append(marks, Mark{c.Unit, c.Kind, c.What, notes.Weight(c)})
	}
	return marks
}

// weighed is what changes from now (nil: nothing was) to p and what is said of it.
func weighed(now, p *course.Publication, before, files course.Files, says *course.Notes) (course.Notes, []course.Change, error) {
	notes := p.NotesOf(before, files)
	if says != nil {
		notes = *says
	}
	if now == nil {
		return course.Notes{Note: notes.Note}, nil, nil
	}
	changes := course.Changes(now, p)
	if unit := notes.Unknown(changes); unit != "" {
		return notes, changes, fault.At("change-unknown", "major").With("unit", unit[:min(len(unit), 100)])
	}
	return notes, changes, nil
}

// Draft is what a folder would be published as.
type Draft struct {
	Publication *course.Publication // nil if the folder has errors
	Problems    course.Problems
	Note        string
	Changes     []Mark // since what is published
}

// Draft reads a folder as Publish would, and publishes nothing.
func (l *Library) Draft(ctx context.Context, name string, files course.Files) (*Draft, error) {
	before, err := l.before(ctx, name)
	if err != nil {
		return nil, err
	}
	if before != nil {
		files = keeping(before, files)
	}
	files, told, err := l.TakeOver(ctx, name, l.Owner(name), files)
	if err != nil {
		return nil, err
	}
	d := &Draft{}
	if d.Publication, d.Problems = course.LoadTaken(name, files, told); d.Publication == nil {
		return d, nil
	}
	d.Note, d.Changes, err = l.would(name, d.Publication, before, files)
	return d, err
}

// Would tells what publishing p, which its files compile to, would change.
func (l *Library) Would(ctx context.Context, name string, p *course.Publication, files course.Files) (note string, changes []Mark, err error) {
	before, err := l.before(ctx, name)
	if err != nil {
		return "", nil, err
	}
	return l.would(name, p, before, files)
}

func (l *Library) would(name string, p *course.Publication, before, files course.Files) (string, []Mark, error) {
	now, _ := l.Current(name)
	notes, changes, err := weighed(now, p, before, files, nil)
	if fault.Is(err, "change-unknown") { // told when it is published
		err = nil
	}
	return notes.Note, marksOf(changes, notes), err
}

// before are the files of a course as it is published, nil where it never was.
func (l *Library) before(ctx context.Context, name string) (course.Files, error) {
	now, known := l.Current(name)
	if !known {
		return nil, nil
	}
	return l.Files(ctx, name, now.Version)
}

// Versions lists the publications of a course, the newest first, without what is
// in them. The page's cursor is given to after; limit is 1…50, 20 where 0.
func (l *Library) Versions(ctx context.Context, slug, after string, limit int) (store.Page[Record], error) {
	if limit <= 0 || limit > 50 {
		limit = 20
	}
	page, err := l.records.Find(ctx, store.Query{Where: []store.Cond{store.Is("slug", slug)}, Sort: "version", Desc: true, After: after, Limit: limit})
	for i := range page.Items {
		page.Items[i].Archive = nil
	}
	return page, err
}

// Compare lists what differs between two versions of a course. The fault is
// "not-found" for one that never was.
func (l *Library) Compare(ctx context.Context, slug string, from, to int) ([]course.Change, error) {
	old, err := l.read(ctx, slug, from)
	if err != nil {
		return nil, err
	}
	p, err := l.read(ctx, slug, to)
	if err != nil {
		return nil, err
	}
	return course.Changes(old, p), nil
}

// read compiles a version, and keeps nothing of it in memory.
func (l *Library) read(ctx context.Context, slug string, version int) (*course.Publication, error) {
	if p, ok := l.Current(slug); ok && p.Version == version {
		return p, nil
	}
	record, err := l.records.Get(ctx, id(slug, version))
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New("not-found")
	}
	if err != nil {
		return nil, err
	}
	return unpack(record)
}
