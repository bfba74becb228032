package authoring

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/machine"
	"havn/internal/store"
)

// Draft is a course while trainers work on it: one for each course, from the
// version that was current when it was begun.
type Draft struct {
	store.Meta `bson:",inline"` // id: the course's slug
	// Work names this draft among all that the course ever had. Its files and
	// comments carry it, so that what a broken off end leaves behind is in no other.
	Work  string     `json:"work"`
	Owner string     `json:"owner"` // path of the organisation whose trainers work on it; "" the site
	From  int        `json:"from"`  // the version that it was begun from; 0: the course is new
	State DraftState `json:"state"`
	// Hash is what was given to review or approved. A draft that has changed since is
	// open again.
	Hash string `json:"hash"`
	// Authors changed something; none of them may approve it.
	Authors    []string   `json:"authors"` // account ids
	ApprovedBy string     `json:"approved_by"`
	BegunAt    store.Time `json:"begun_at"`
	ChangedAt  store.Time `json:"changed_at"`
	// PublishAt is when an approved draft is published by itself; zero: by hand.
	// Note, Major and Minor are what is said of that publication.
	PublishAt store.Time `json:"publish_at"`
	Note      string     `json:"note"`
	Major     []string   `json:"major"`
	Minor     []string   `json:"minor"`
	// HeldBy is who writes several files that belong together, until HeldUntil.
	HeldBy    string     `json:"held_by"`
	HeldUntil store.Time `json:"held_until"`
}

// DraftState is how far a draft is.
type DraftState string

// The states of a draft.
const (
	Open     DraftState = "open"
	Review   DraftState = "review"   // somebody who did not write it is asked to look
	Approved DraftState = "approved" // it may be published
	ended    DraftState = "ended"    // nobody sees it any more, and nothing is saved in it
)

// Drafts keeps what trainers work on. It is safe for concurrent use: whoever
// saves a file tells which revision they saw, and is refused if it has changed.
type Drafts struct {
	drafts *store.Collection[Draft, *Draft]
	files  *store.Collection[DraftFile, *DraftFile]
	notes  *store.Collection[Comment, *Comment]

	// Machine drafts translations; nil where no service is named.
	Machine *machine.Service

	library *library.Library
	now     func() time.Time

	mu   sync.Mutex
	seen map[string]*Checked // by course, the newest
	past pastUnits
}

// OpenDrafts declares the collections.
func OpenDrafts(ctx context.Context, e store.Engine, lib *library.Library, now func() time.Time) (*Drafts, error) {
	d := &Drafts{library: lib, now: now, seen: map[string]*Checked{}}
	var err error
	if d.drafts, err = store.Open[Draft](ctx, e, store.Schema{Name: "drafts", Version: 1, Indexes: []store.Index{{Fields: []string{"state", "publish_at"}}}}); err != nil {
		return nil, err
	}
	if d.files, err = store.Open[DraftFile](ctx, e, store.Schema{Name: "draft_files", Version: 1, Indexes: []store.Index{{Fields: []string{"work"}}}}); err != nil {
		return nil, err
	}
	d.notes, err = store.Open[Comment](ctx, e, store.Schema{Name: "draft_comments", Version: 1, Indexes: []store.Index{{Fields: []string{"work"}}}})
	return d, err
}

// Begin opens a draft of a course, or gives the one that is there. A course that
// is not there yet begins with first, which by wrote, and belongs to the owner.
func (d *Drafts) Begin(ctx context.Context, slug, owner, by string, first course.Files) (*Draft, error) {
	have, err := d.drafts.Get(ctx, slug)
	switch {
	case err == nil && have.State != ended:
		return have, nil
	case err == nil: // whoever ended it came no further
		err = d.clear(ctx, have)
	case errors.Is(err, store.ErrNotFound):
		err = nil
	}
	if err != nil {
		return nil, err
	}
	now := store.At(d.now())
	draft := &Draft{Meta: store.Meta{ID: slug}, Work: uuid.NewString(), Owner: owner, State: Open, Authors: []string{}, Major: []string{}, Minor: []string{}, BegunAt: now, ChangedAt: now}
	files := first
	if p, ok := d.library.Current(slug); ok {
		draft.Owner, draft.From = d.library.Owner(slug), p.Version
		if files, err = d.library.Files(ctx, slug, p.Version); err != nil {
			return nil, err
		}
		files = files.Own()
	} else {
		draft.Authors = append(draft.Authors, by)
	}
	if len(files) == 0 {
		return nil, fault.New("not-found")
	}
	for name, body := range files {
		if err := d.files.Insert(ctx, draft.file(name, body, "", now)); err != nil {
			return nil, err
		}
	}
	err = d.drafts.Insert(ctx, draft)
	if errors.Is(err, store.ErrExists) { // somebody else was first
		if err := d.clearWork(ctx, draft.Work); err != nil {
			return nil, err
		}
		return d.Get(ctx, slug)
	}
	return draft, err
}

// Get is the draft of a course; the fault "not-found" says that there is none.
func (d *Drafts) Get(ctx context.Context, slug string) (*Draft, error) {
	draft, err := d.drafts.Get(ctx, slug)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && draft.State == ended {
		return nil, fault.New("not-found")
	}
	return draft, err
}

// List is every draft, by course.
func (d *Drafts) List(ctx context.Context) (list []Draft, err error) {
	err = d.drafts.Each(ctx, store.Query{}, func(x *Draft) error {
		if x.State != ended {
			list = append(list, *x)
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Draft) int { return strings.Compare(a.ID, b.ID) })
	return list, err
}

// change alters a draft that is there.
func (d *Drafts) change(ctx context.Context, slug string, change func(*Draft) error) (*Draft, error) {
	x, err := d.drafts.Update(ctx, slug, func(x *Draft) error {
		if x.State == ended {
			return fault.New("not-found")
		}
		return change(x)
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New("not-found")
	}
	return x, err
}

// touch notes that somebody has changed the draft that they saw, which opens it
// again. What they saved counts from here: the fault "not-found" says that the draft
// had ended before.
func (d *Drafts) touch(ctx context.Context, x *Draft, by string) error {
	_, err := d.change(ctx, x.ID, func(now *Draft) error {
		if now.Work != x.Work {
			return fault.New("not-found")
		}
		now.open()
		now.ChangedAt = store.At(d.now())
		if !slices.Contains(now.Authors, by) {
			now.Authors = append(now.Authors, by)
		}
		return nil
	})
	return err
}

func (x *Draft) open() { x.State, x.Hash, x.ApprovedBy, x.PublishAt = Open, "", "", store.Time{} }

// Drop ends a draft; what was published stays as it is.
func (d *Drafts) Drop(ctx context.Context, slug string) error {
	x, err := d.change(ctx, slug, func(x *Draft) error {
		x.State = ended
		return nil
	})
	if err != nil {
		return err
	}
	return d.clear(ctx, x)
}

// clear removes what an ended draft held, and then the draft.
func (d *Drafts) clear(ctx context.Context, x *Draft) error {
	d.mu.Lock()
	delete(d.seen, x.ID)
	d.mu.Unlock()
	if err := d.clearWork(ctx, x.Work); err != nil {
		return err
	}
	if err := d.drafts.Delete(ctx, x.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return nil
}

func (d *Drafts) clearWork(ctx context.Context, work string) error {
	return errors.Join(clearOf(ctx, d.files, work), clearOf(ctx, d.notes, work))
}

func clearOf[T any, P interface {
	*T
	store.Document
}](ctx context.Context, c *store.Collection[T, P], work string) error {
	var ids []string
	err := c.Each(ctx, store.Query{Where: []store.Cond{store.Is("work", work)}}, func(x *T) error {
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
