package authoring

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/store"
)

// Comment is what a reviewer says at a place of a draft.
type Comment struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Course     string           `json:"course"`
	Path       string           `json:"path"`
	Line       int              `json:"line"` // from 1; 0: the whole file
	Text       string           `json:"text"`
	By         string           `json:"by"` // account id
	At         store.Time       `json:"at"`
	Done       bool             `json:"done"`
}

// MaxComment is the longest comment, in characters.
const MaxComment = 2000

// Checked is a draft as it would be published.
type Checked struct {
	Publication *course.Publication // nil if there are errors
	Problems    course.Problems
	Hash        string // of the folder
}

// Check reads a draft as publishing would. What it found is kept until the draft
// changes, here or through another server.
func (d *Drafts) Check(ctx context.Context, slug string) (*Checked, error) {
	folder, err := d.Folder(ctx, slug)
	if err != nil {
		return nil, err
	}
	hash := folder.Hash()
	d.mu.Lock()
	c := d.checked[slug]
	d.mu.Unlock()
	if c != nil && c.Hash == hash {
		return c, nil
	}
	c = &Checked{Hash: hash}
	c.Publication, c.Problems = course.Load(slug, folder)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.checked[slug] = c
	return c, nil
}

// Changes are what publishing a draft would change, with the note of its folder.
func (d *Drafts) Changes(ctx context.Context, slug string) (note string, changes []library.Mark, err error) {
	folder, err := d.Folder(ctx, slug)
	if err != nil {
		return "", nil, err
	}
	would, err := d.library.Draft(ctx, slug, folder)
	if err != nil {
		return "", nil, err
	}
	return would.Note, would.Changes, nil
}

// Ask gives a draft to review. Faults: "not-found", "course-has-errors",
// "draft-barriers" (something in it keeps somebody out).
func (d *Drafts) Ask(ctx context.Context, slug string) (*Draft, error) {
	checked, err := d.Check(ctx, slug)
	if err != nil {
		return nil, err
	}
	if n := checked.Problems.Errors(); n > 0 {
		return nil, fault.New("course-has-errors").With("errors", n)
	}
	if n := len(checked.Problems.Barriers()); n > 0 {
		return nil, fault.New("draft-barriers").With("n", n)
	}
	return d.change(ctx, slug, func(x *Draft) error {
		x.State, x.Hash = Review, checked.Hash
		return nil
	})
}

// Approve says that a draft may be published, as it was when review was asked for.
// Faults: "draft-not-asked", "draft-own" (who wrote some of it may not),
// "draft-comments" (some are open), "draft-changed".
func (d *Drafts) Approve(ctx context.Context, slug, by string) (*Draft, error) {
	open, err := d.Comments(ctx, slug)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(open, func(c Comment) bool { return !c.Done }) {
		return nil, fault.New("draft-comments")
	}
	folder, err := d.Folder(ctx, slug)
	if err != nil {
		return nil, err
	}
	return d.change(ctx, slug, func(x *Draft) error {
		switch {
		case x.State == Open:
			return fault.New("draft-not-asked")
		case slices.Contains(x.Authors, by):
			return fault.New("draft-own")
		case x.Hash != folder.Hash():
			return fault.New("draft-changed")
		}
		x.State, x.ApprovedBy = Approved, by
		return nil
	})
}

// Reopen takes a draft back from review.
func (d *Drafts) Reopen(ctx context.Context, slug string) (*Draft, error) {
	return d.change(ctx, slug, func(x *Draft) error {
		x.State, x.Hash, x.ApprovedBy, x.PublishAt = Open, "", "", store.Time{}
		return nil
	})
}

// Schedule says when an approved draft is published by itself, and with which
// notes; zero takes that back. Faults: "draft-not-approved", "draft-past".
func (d *Drafts) Schedule(ctx context.Context, slug string, at store.Time, says course.Notes) (*Draft, error) {
	if !at.IsZero() && !at.After(d.now()) {
		return nil, fault.At("draft-past", "publish_at")
	}
	return d.change(ctx, slug, func(x *Draft) error {
		if x.State != Approved {
			return fault.New("draft-not-approved")
		}
		x.PublishAt, x.Note, x.Major = at, says.Note, append([]string{}, says.Major...)
		return nil
	})
}

func (d *Drafts) change(ctx context.Context, slug string, change func(*Draft) error) (*Draft, error) {
	x, err := d.drafts.Update(ctx, slug, change)
	if errors.Is(err, store.ErrNotFound) {
		return nil, fault.New("not-found")
	}
	return x, err
}

// Publish publishes an approved draft and ends it. Faults: "draft-not-approved",
// "draft-behind" (something else was published since it was begun), and those of
// library.Publish.
func (d *Drafts) Publish(ctx context.Context, slug string, by library.Author) (*course.Publication, course.Problems, error) {
	x, err := d.Get(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	folder, err := d.Folder(ctx, slug)
	if err != nil {
		return nil, nil, err
	}
	if x.State != Approved || x.Hash != folder.Hash() {
		return nil, nil, fault.New("draft-not-approved")
	}
	now, published := d.library.Current(slug)
	if published && now.Version != x.From && now.Hash != folder.Hash() {
		return nil, nil, fault.New("draft-behind").With("version", now.Version)
	}
	by.Owner = x.Owner
	p, problems, err := d.library.Publish(ctx, slug, folder, by)
	if err != nil {
		return nil, problems, err
	}
	return p, problems, d.Drop(ctx, slug)
}

// Work publishes what is due. It is run now and then by each server; several at
// once do no harm, for what is published already gives that publication again.
func (d *Drafts) Work(ctx context.Context) error {
	var due []Draft
	err := d.drafts.Each(ctx, store.Query{Where: []store.Cond{
		store.Is("state", string(Approved)), {Field: "publish_at", Op: store.Gt, Value: earliest}, {Field: "publish_at", Op: store.Lte, Value: store.At(d.now())},
	}}, func(x *Draft) error { due = append(due, *x); return nil })
	for _, x := range due {
		_, _, failed := d.Publish(ctx, x.ID, library.Author{Account: x.ApprovedBy, Says: &course.Notes{Note: x.Note, Major: x.Major}})
		if fault.Is(failed, "not-found") {
			continue // another server was first
		}
		err = errors.Join(err, failed)
	}
	return err
}

// Comment keeps what a reviewer says. A repeat under the same id is harmless.
// Faults: "id-invalid", "comment-text", "not-found".
func (d *Drafts) Comment(ctx context.Context, c *Comment) error {
	if u, err := uuid.Parse(c.ID); err != nil || u.String() != c.ID {
		return fault.At("id-invalid", "comment")
	}
	c.Text = strings.TrimSpace(c.Text)
	if n := utf8.RuneCountInString(c.Text); n == 0 || n > MaxComment {
		return fault.At("comment-text", "text").With("limit", MaxComment)
	}
	if _, err := d.File(ctx, c.Course, c.Path); err != nil {
		return err
	}
	c.At = store.At(d.now())
	if err := d.notes.Insert(ctx, c); !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// Settle marks a comment as done, or as open again.
func (d *Drafts) Settle(ctx context.Context, slug, id string, done bool) error {
	_, err := d.notes.Update(ctx, id, func(c *Comment) error {
		if c.Course != slug {
			return fault.New("not-found")
		}
		c.Done = done
		return nil
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return fault.New("not-found")
	}
	return err
}

// Comments are those of a draft, by place.
func (d *Drafts) Comments(ctx context.Context, slug string) (list []Comment, err error) {
	err = d.notes.Each(ctx, store.Query{Where: []store.Cond{store.Is("course", slug)}}, func(c *Comment) error { list = append(list, *c); return nil })
	slices.SortFunc(list, func(a, b Comment) int {
		if a.Path != b.Path {
			return strings.Compare(a.Path, b.Path)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.At.Compare(b.At.Time)
	})
	return list, err
}
