package authoring

import (
	"bytes"
	"context"
	"errors"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/store"
)

// Draft is a course while trainers work on it: one for each course, from the
// version that was current when it was begun.
type Draft struct {
	store.Meta `bson:",inline"` // id: the course's slug
	Owner      string           `json:"owner"` // path of the organisation whose trainers work on it; "" the site
	From       int              `json:"from"`  // the version that it was begun from; 0: the course is new
	State      DraftState       `json:"state"`
	// Hash is what was given to review or approved. A draft that has changed since is
	// open again.
	Hash string `json:"hash"`
	// Authors changed something; none of them may approve it.
	Authors    []string   `json:"authors"` // account ids
	ApprovedBy string     `json:"approved_by"`
	BegunAt    store.Time `json:"begun_at"`
	ChangedAt  store.Time `json:"changed_at"`
	// PublishAt is when an approved draft is published by itself; zero: by hand.
	PublishAt store.Time `json:"publish_at"`
	Note      string     `json:"note"`  // for that publication
	Major     []string   `json:"major"` // units that it says change something
}

// DraftState is how far a draft is.
type DraftState string

// The states of a draft.
const (
	Open     DraftState = "open"
	Review   DraftState = "review"   // somebody who did not write it is asked to look
	Approved DraftState = "approved" // it may be published
)

// DraftFile is one file of a draft, with its latest earlier contents.
type DraftFile struct {
	store.Meta `bson:",inline"` // id: slug:path
	Course     string           `json:"course"`
	Path       string           `json:"path"`
	Body       []byte           `json:"body"`
	By         string           `json:"by"` // account id; "" as published
	At         store.Time       `json:"at"`
	Earlier    []Edit           `json:"earlier"` // the oldest first
}

// Edit is a file as it was before it was changed.
type Edit struct {
	Body []byte     `json:"body"`
	By   string     `json:"by"`
	At   store.Time `json:"at"`
}

// earliest lies before every time that is set, and after those that are not.
var earliest = store.At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))

// Limits of a draft.
const (
	maxDraftFile  = 8 << 20 // bytes
	maxDraftFiles = 4000
	maxEarlier    = 20
	maxHistory    = 1 << 20 // bytes of earlier contents that one file keeps
	oneSitting    = 10 * time.Minute
)

// Drafts keeps what trainers work on. It is safe for concurrent use: whoever
// saves a file tells which revision they saw, and is refused if it has changed.
type Drafts struct {
	drafts *store.Collection[Draft, *Draft]
	files  *store.Collection[DraftFile, *DraftFile]
	notes  *store.Collection[Comment, *Comment]

	library *library.Library
	now     func() time.Time

	mu      sync.Mutex
	checked map[string]*Checked // by course, the newest
}

// OpenDrafts declares the collections.
func OpenDrafts(ctx context.Context, e store.Engine, lib *library.Library, now func() time.Time) (*Drafts, error) {
	drafts, err := store.Open[Draft](ctx, e, store.Schema{Name: "drafts", Version: 1, Indexes: []store.Index{{Fields: []string{"state", "publish_at"}}}})
	if err != nil {
		return nil, err
	}
	files, err := store.Open[DraftFile](ctx, e, store.Schema{Name: "draft_files", Version: 1, Indexes: []store.Index{{Fields: []string{"course"}}}})
	if err != nil {
		return nil, err
	}
	notes, err := store.Open[Comment](ctx, e, store.Schema{Name: "draft_comments", Version: 1, Indexes: []store.Index{{Fields: []string{"course"}}}})
	return &Drafts{drafts: drafts, files: files, notes: notes, library: lib, now: now, checked: map[string]*Checked{}}, err
}

// Begin opens a draft of a course, or gives the one that is there. A course that
// is not there yet begins with first, which by wrote, and belongs to the owner.
func (d *Drafts) Begin(ctx context.Context, slug, owner, by string, first course.Files) (*Draft, error) {
	if have, err := d.drafts.Get(ctx, slug); !errors.Is(err, store.ErrNotFound) {
		return have, err
	}
	draft := &Draft{Meta: store.Meta{ID: slug}, Owner: owner, State: Open, Authors: []string{}, Major: []string{}, BegunAt: store.At(d.now()), ChangedAt: store.At(d.now())}
	files := first
	if p, ok := d.library.Current(slug); ok {
		draft.Owner, draft.From = d.library.Owner(slug), p.Version
		var err error
		if files, err = d.library.Files(ctx, slug, p.Version); err != nil {
			return nil, err
		}
	} else {
		draft.Authors = append(draft.Authors, by)
	}
	if len(files) == 0 {
		return nil, fault.New("not-found")
	}
	for name, body := range files {
		err := d.files.Insert(ctx, &DraftFile{Meta: store.Meta{ID: fileID(slug, name)}, Course: slug, Path: name, Body: body, At: draft.BegunAt, Earlier: []Edit{}})
		if err != nil && !errors.Is(err, store.ErrExists) {
			return nil, err
		}
	}
	err := d.drafts.Insert(ctx, draft)
	if errors.Is(err, store.ErrExists) {
		return d.drafts.Get(ctx, slug)
	}
	return draft, err
}

// Get is the draft of a course; the fault "not-found" says that there is none.
func (d *Drafts) Get(ctx context.Context, slug string) (*Draft, error) {
	draft, err := d.drafts.Get(ctx, slug)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return draft, err
}

// List is every draft, by course.
func (d *Drafts) List(ctx context.Context) (list []Draft, err error) {
	err = d.drafts.Each(ctx, store.Query{}, func(x *Draft) error { list = append(list, *x); return nil })
	slices.SortFunc(list, func(a, b Draft) int { return strings.Compare(a.ID, b.ID) })
	return list, err
}

// Files are those of a draft, by path.
func (d *Drafts) Files(ctx context.Context, slug string) (map[string]*DraftFile, error) {
	all := map[string]*DraftFile{}
	err := d.files.Each(ctx, store.Query{Where: []store.Cond{store.Is("course", slug)}}, func(f *DraftFile) error {
		one := *f
		all[f.Path] = &one
		return nil
	})
	return all, err
}

// Folder is a draft as the course folder that it would be published as.
func (d *Drafts) Folder(ctx context.Context, slug string) (course.Files, error) {
	all, err := d.Files(ctx, slug)
	folder := course.Files{}
	for name, f := range all {
		folder[name] = f.Body
	}
	return folder, err
}

// File is one file of a draft.
func (d *Drafts) File(ctx context.Context, slug, name string) (*DraftFile, error) {
	f, err := d.files.Get(ctx, fileID(slug, name))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return f, err
}

// Save keeps a file that somebody saw at a revision, 0 for a new one. The fault
// "draft-changed" says that somebody else has saved it since; nothing is lost
// then, on neither side. Others: "not-found", "draft-path", "too-large".
func (d *Drafts) Save(ctx context.Context, slug, name string, rev int64, body []byte, by string) (*DraftFile, error) {
	if _, err := d.Get(ctx, slug); err != nil {
		return nil, err
	}
	if !goodPath(name) {
		return nil, fault.At("draft-path", "path")
	}
	if len(body) > maxDraftFile {
		return nil, fault.New("too-large").With("limit_kb", maxDraftFile>>10)
	}
	now := store.At(d.now())
	f := &DraftFile{Meta: store.Meta{ID: fileID(slug, name)}, Course: slug, Path: name, Body: body, By: by, At: now, Earlier: []Edit{}}
	var err error
	if rev == 0 {
		if n, err := d.files.Count(ctx, store.Query{Where: []store.Cond{store.Is("course", slug)}}); err != nil {
			return nil, err
		} else if len(n) > 0 && n[0].N >= maxDraftFiles {
			return nil, fault.New("too-large").With("limit_kb", maxDraftFiles)
		}
		if err = d.files.Insert(ctx, f); errors.Is(err, store.ErrExists) {
			err = fault.New("draft-changed")
		}
	} else {
		f, err = d.files.Update(ctx, f.ID, func(x *DraftFile) error {
			if x.Rev != rev {
				return fault.New("draft-changed")
			}
			if bytes.Equal(x.Body, body) {
				return store.ErrUnchanged
			}
			x.remember(now)
			x.Body, x.By, x.At = body, by, now
			return nil
		})
	}
	if errors.Is(err, store.ErrNotFound) {
		err = fault.New("not-found")
	}
	if err != nil {
		return nil, err
	}
	return f, d.touch(ctx, slug, by)
}

// remember keeps what the file was. What one person saves in one sitting is one
// change.
func (f *DraftFile) remember(now store.Time) {
	if n := len(f.Earlier); n == 0 || f.By != f.Earlier[n-1].By || now.Sub(f.Earlier[n-1].At.Time) > oneSitting {
		f.Earlier = append(f.Earlier, Edit{f.Body, f.By, f.At})
	}
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
func (d *Drafts) Remove(ctx context.Context, slug, name string, rev int64, by string) error {
	f, err := d.File(ctx, slug, name)
	if err != nil {
		return err
	}
	if f.Rev != rev {
		return fault.New("draft-changed")
	}
	if err := d.files.Delete(ctx, f.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return d.touch(ctx, slug, by)
}

// touch opens a draft again that has changed.
func (d *Drafts) touch(ctx context.Context, slug, by string) error {
	_, err := d.drafts.Update(ctx, slug, func(x *Draft) error {
		x.State, x.Hash, x.ApprovedBy, x.PublishAt, x.ChangedAt = Open, "", "", store.Time{}, store.At(d.now())
		if !slices.Contains(x.Authors, by) {
			x.Authors = append(x.Authors, by)
		}
		return nil
	})
	return err
}

// Drop ends a draft; what was published stays as it is.
func (d *Drafts) Drop(ctx context.Context, slug string) error {
	err := d.drafts.Delete(ctx, slug)
	if errors.Is(err, store.ErrNotFound) {
		return fault.New("not-found")
	}
	if err != nil {
		return err
	}
	d.mu.Lock()
	delete(d.checked, slug)
	d.mu.Unlock()
	return errors.Join(clear(ctx, d.files, slug), clear(ctx, d.notes, slug))
}

// clear removes what belongs to a course.
func clear[T any, P interface {
	*T
	store.Document
}](ctx context.Context, c *store.Collection[T, P], slug string) error {
	var ids []string
	err := c.Each(ctx, store.Query{Where: []store.Cond{store.Is("course", slug)}}, func(x *T) error {
		ids = append(ids, P(x).Base().ID)
		return nil
	})
	for _, id := range ids {
		if gone := c.Delete(ctx, id); gone != nil && !errors.Is(gone, store.ErrNotFound) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// goodPath tells whether a name stays inside the folder and can be a file of one.
func goodPath(name string) bool {
	return name != "" && len(name) <= 120 && utf8.ValidString(name) && path.Clean(name) == name && !path.IsAbs(name) &&
		!strings.HasPrefix(name, ".") && !strings.Contains(name, "/.") && !strings.ContainsAny(name, "\\:\x00\n\r")
}

func fileID(slug, name string) string { return slug + ":" + name }
