package authoring

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// DraftFile is one file of a draft, with its latest earlier contents.
type DraftFile struct {
	store.Meta `bson:",inline"` // id: the draft's work and the path
	Work       string           `json:"work"`
	Path       string           `json:"path"`
	Body       []byte           `json:"body"`
	By         string           `json:"by"` // account id; "" as published
	At         store.Time       `json:"at"`
	Earlier    []Edit           `json:"earlier"` // the oldest first
	// Whole are the accounts that saved it as a file: each may have written anything
	// in it. Units are those who wrote single texts of translations; they stand with
	// translations.lock. Whoever wrote a text does not review it.
	Whole []string `json:"whole"`
	Units []Writer `json:"units"`
}

// Writer is somebody who wrote a text of a translation in this draft.
type Writer struct {
	Lang string `json:"lang"`
	Unit string `json:"unit"`
	By   string `json:"by"` // account id
}

// Edit is a file as it was before it was changed.
type Edit struct {
	Body []byte     `json:"body"`
	By   string     `json:"by"`
	At   store.Time `json:"at"`
}

// Limits of a draft.
const (
	maxDraftFile  = 8 << 20 // bytes
	maxDraftFiles = 4000
	maxEarlier    = 20
	maxHistory    = 1 << 20 // bytes of earlier contents that one file keeps
	oneSitting    = 10 * time.Minute
)

func (x *Draft) file(name string, body []byte, by string, at store.Time) *DraftFile {
	return &DraftFile{Meta: store.Meta{ID: x.Work + ":" + name}, Work: x.Work, Path: name, Body: body, By: by, At: at, Earlier: []Edit{}, Whole: []string{}, Units: []Writer{}}
}

// Files are those of a draft, by path.
func (d *Drafts) Files(ctx context.Context, x *Draft) (map[string]*DraftFile, error) {
	all := map[string]*DraftFile{}
	err := d.files.Each(ctx, store.Query{Where: []store.Cond{store.Is("work", x.Work)}}, func(f *DraftFile) error {
		one := *f
		all[f.Path] = &one
		return nil
	})
	return all, err
}

// folderOf is files as the course folder that they would be published as.
func folderOf(files map[string]*DraftFile) course.Files {
	folder := course.Files{}
	for name, f := range files {
		folder[name] = f.Body
	}
	return folder
}

// Folder is a draft as the course folder that it would be published as.
func (d *Drafts) Folder(ctx context.Context, x *Draft) (course.Files, error) {
	files, err := d.Files(ctx, x)
	return folderOf(files), err
}

// File is one file of a draft.
func (d *Drafts) File(ctx context.Context, x *Draft, name string) (*DraftFile, error) {
	f, err := d.files.Get(ctx, x.Work+":"+name)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return f, err
}

// Save keeps a file that somebody saw at a revision, 0 for a new one. The fault
// "draft-changed" says that somebody else has saved it since; nothing is lost
// then, on neither side. Others: "not-found" (the draft has ended, or the file is
// not there), "draft-path", "too-large".
func (d *Drafts) Save(ctx context.Context, x *Draft, name string, rev int64, body []byte, by string) (*DraftFile, error) {
	return d.save(ctx, x, name, rev, body, by, func(f *DraftFile) bool {
		if slices.Contains(f.Whole, by) {
			return false
		}
		f.Whole = append(f.Whole, by)
		return true
	})
}

// save keeps a file, and notes whose it is; credit tells whether that is new.
func (d *Drafts) save(ctx context.Context, x *Draft, name string, rev int64, body []byte, by string, credit func(*DraftFile) bool) (*DraftFile, error) {
	if !goodPath(name) || len((course.Files{name: nil}).Own()) == 0 {
		return nil, fault.At("draft-path", "path")
	}
	if len(body) > maxDraftFile {
		return nil, fault.New("too-large").With("limit_kb", maxDraftFile>>10)
	}
	f := x.file(name, body, by, store.At(d.now()))
	var err error
	if rev == 0 {
		credit(f)
		err = d.add(ctx, f)
	} else {
		f, err = d.files.Update(ctx, f.ID, func(old *DraftFile) error {
			if old.Rev != rev {
				return fault.New("draft-changed")
			}
			same := bytes.Equal(old.Body, body)
			if same && (old.Path != lockFile || !credit(old)) {
				return store.ErrUnchanged
			}
			if same {
				return nil
			}
			credit(old)
			old.remember(f.At, by)
			old.Body, old.By, old.At = body, by, f.At
			return nil
		})
		if errors.Is(err, store.ErrNotFound) {
			err = fault.New("not-found")
		}
	}
	if err != nil {
		return nil, err
	}
	return f, d.touch(ctx, x, by)
}

func (d *Drafts) add(ctx context.Context, f *DraftFile) error {
	n, err := d.files.Count(ctx, store.Query{Where: []store.Cond{store.Is("work", f.Work)}})
	if err != nil {
		return err
	}
	if len(n) > 0 && n[0].N >= maxDraftFiles {
		return fault.New("draft-full").With("limit", maxDraftFiles)
	}
	if err = d.files.Insert(ctx, f); errors.Is(err, store.ErrExists) {
		return fault.New("draft-changed")
	}
	return err
}

// remember keeps what the file is before by changes it. What one person saves in
// one sitting is one change; what another wrote is always kept.
func (f *DraftFile) remember(now store.Time, by string) {
	if n := len(f.Earlier); n > 0 && f.By == by && f.Earlier[n-1].By == by && now.Sub(f.Earlier[n-1].At.Time) <= oneSitting {
		return
	}
	f.Earlier = append(f.Earlier, Edit{f.Body, f.By, f.At})
	size := 0
	for n := len(f.Earlier) - 1; n >= 0; n-- {
		if size += len(f.Earlier[n].Body); size > maxHistory || len(f.Earlier)-n > maxEarlier {
			f.Earlier = slices.Clone(f.Earlier[n+1:])
			return
		}
	}
}

// Remove takes a file out of a draft, seen at a revision. Faults: "draft-changed",
// "not-found".
func (d *Drafts) Remove(ctx context.Context, x *Draft, name string, rev int64, by string) error {
	f, err := d.File(ctx, x, name)
	if err != nil {
		return err
	}
	if f.Rev != rev {
		return fault.New("draft-changed")
	}
	if err := d.files.Delete(ctx, f.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return d.touch(ctx, x, by)
}

// InOrder lists files as an author looks for them: what holds for all languages,
// then each language, the course's texts before pages and questions.
func InOrder(files map[string]*DraftFile) []*DraftFile {
	rank := func(f *DraftFile) string {
		folder, name, in := strings.Cut(f.Path, "/")
		switch {
		case !in:
			return "0" + f.Path
		case folder == "media" || folder == "places":
			return "2" + f.Path
		case name == "course.yaml":
			return "1" + folder + "/0"
		}
		return "1" + folder + "/1" + name
	}
	return slices.SortedFunc(maps.Values(files), func(a, b *DraftFile) int { return cmp.Compare(rank(a), rank(b)) })
}

// goodPath tells whether a name stays inside the folder and can be a file of one.
func goodPath(name string) bool {
	return name != "" && len(name) <= 120 && utf8.ValidString(name) && path.Clean(name) == name && !path.IsAbs(name) &&
		!strings.HasPrefix(name, ".") && !strings.Contains(name, "/.") && !strings.ContainsAny(name, "\\:\x00\n\r")
}
