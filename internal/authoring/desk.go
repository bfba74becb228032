// Package authoring is where trainers work: course folders as they lie on disk,
// what is wrong with them, and how they differ from what is published.
package authoring

import (
	"context"
	"io/fs"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
)

// Desk is a folder of course folders.
type Desk struct {
	FS      fs.FS
	Library *library.Library
}

// Folder is one course folder as it is now.
type Folder struct {
	Name     string
	Problems course.Problems
	// Draft is what the folder would be published as; nil if it has errors.
	Draft *course.Publication
	// Note and Changes are what would be said of its publication.
	Note    string
	Changes []library.Mark
	// Published is the current version, nil before the first.
	Published *course.Publication
}

// Changed tells whether the folder differs from what is published.
func (f *Folder) Changed() bool {
	return f.Published == nil || f.Draft == nil || f.Draft.Hash != f.Published.Hash
}

// Names lists the course folders: those that hold a course.yaml.
func (d *Desk) Names() ([]string, error) {
	entries, err := fs.ReadDir(d.FS, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := fs.Stat(d.FS, e.Name()+"/course.yaml"); e.IsDir() && err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Folders reads and checks every course folder.
func (d *Desk) Folders(ctx context.Context) ([]Folder, error) {
	names, err := d.Names()
	if err != nil {
		return nil, err
	}
	var out []Folder
	for _, name := range names {
		files, err := d.read(name)
		if err != nil {
			return nil, err
		}
		draft, err := d.Library.Draft(ctx, name, files)
		if err != nil {
			return nil, err
		}
		f := Folder{Name: name, Draft: draft.Publication, Problems: draft.Problems, Note: draft.Note, Changes: draft.Changes}
		f.Published, _ = d.Library.Current(name)
		out = append(out, f)
	}
	return out, nil
}

// Publish publishes a folder as it is now, with what it says itself of its changes.
func (d *Desk) Publish(ctx context.Context, name, by string) (*course.Publication, course.Problems, error) {
	return d.PublishAs(ctx, name, library.Author{Account: by})
}

// PublishAs publishes a folder with what its author says.
func (d *Desk) PublishAs(ctx context.Context, name string, by library.Author) (*course.Publication, course.Problems, error) {
	names, err := d.Names()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range names {
		if n == name {
			files, err := d.read(name)
			if err != nil {
				return nil, nil, err
			}
			return d.Library.Publish(ctx, name, files, by)
		}
	}
	return nil, nil, fault.New("not-found")
}

// PublishNew publishes the folders whose course was never published: what a
// server does when it starts. Changed folders wait for a trainer. It answers
// which folders it could not publish, and why. One that reuses of another is
// published behind it.
func (d *Desk) PublishNew(ctx context.Context) (map[string]course.Problems, error) {
	names, err := d.Names()
	if err != nil {
		return nil, err
	}
	for {
		refused, some := map[string]course.Problems{}, false
		for _, name := range names {
			if _, ok := d.Library.Current(name); ok {
				continue
			}
			_, problems, err := d.Publish(ctx, name, "")
			if fault.Is(err, "course-has-errors") {
				refused[name] = problems
			} else if err != nil {
				return nil, err
			}
			some = some || err == nil
		}
		if !some || len(refused) == 0 {
			return refused, nil
		}
	}
}

func (d *Desk) read(name string) (course.Files, error) {
	sub, err := fs.Sub(d.FS, name)
	if err != nil {
		return nil, err
	}
	return course.ReadFiles(sub)
}
