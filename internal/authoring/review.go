package authoring

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/store"
)

// Checked is a draft as it would be published.
type Checked struct {
	Files       map[string]*DraftFile
	Publication *course.Publication // nil if there are errors
	Problems    course.Problems
	Hash        string          // of the folder, with what it reuses as that is published now
	told        course.Problems // of what it reuses
}

// In are the problems of one file.
func (c *Checked) In(path string) (list course.Problems) {
	for _, p := range c.Problems {
		if p.File == path {
			list = append(list, p)
		}
	}
	return list
}

// Check reads a draft as publishing would. What it found is kept until the draft
// changes, here or through another server, or what it reuses.
func (d *Drafts) Check(ctx context.Context, x *Draft) (*Checked, error) {
	files, err := d.Files(ctx, x)
	if err != nil {
		return nil, err
	}
	folder, told, err := d.library.TakeOver(ctx, x.ID, x.Owner, folderOf(files))
	if err != nil {
		return nil, err
	}
	c := &Checked{Files: files, Hash: folder.Hash()}
	d.mu.Lock()
	seen := d.seen[x.ID]
	d.mu.Unlock()
	if seen != nil && seen.Hash == c.Hash && slices.EqualFunc(seen.told, told, func(a, b course.Problem) bool { return a.String() == b.String() }) {
		c.Publication, c.Problems = seen.Publication, seen.Problems
		return c, nil
	}
	c.Publication, c.Problems = course.LoadTaken(x.ID, folder, told)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen[x.ID] = &Checked{Publication: c.Publication, Problems: c.Problems, Hash: c.Hash, told: told}
	return c, nil
}

// Changes are what publishing a draft would change, with the note of its folder.
func (d *Drafts) Changes(ctx context.Context, x *Draft, c *Checked) (note string, changes []library.Mark, err error) {
	if c.Publication == nil {
		return "", nil, nil
	}
	return d.library.Would(ctx, x.ID, c.Publication, folderOf(c.Files))
}

// Ask gives a draft to review. Faults: "not-found", "course-has-errors",
// "draft-barriers" (something in it keeps somebody out).
func (d *Drafts) Ask(ctx context.Context, x *Draft) (*Draft, error) {
	checked, err := d.Check(ctx, x)
	if err != nil {
		return nil, err
	}
	if n := checked.Problems.Errors(); n > 0 {
		return nil, fault.New("course-has-errors").With("errors", n)
	}
	if n := len(checked.Problems.Barriers()); n > 0 {
		return nil, fault.New("draft-barriers").With("n", n)
	}
	return d.change(ctx, x.ID, func(x *Draft) error {
		x.State, x.Hash = Review, checked.Hash
		return nil
	})
}

// Approve says that a draft may be published, as it was when review was asked for.
// Faults: "draft-not-asked", "draft-own" (who wrote some of it may not),
// "draft-comments" (some are open), "draft-changed".
func (d *Drafts) Approve(ctx context.Context, x *Draft, by string) (*Draft, error) {
	comments, err := d.Comments(ctx, x)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(comments, func(c Comment) bool { return !c.Done }) {
		return nil, fault.New("draft-comments")
	}
	checked, err := d.Check(ctx, x)
	if err != nil {
		return nil, err
	}
	return d.change(ctx, x.ID, func(x *Draft) error {
		switch {
		case x.State == Open:
			return fault.New("draft-not-asked")
		case slices.Contains(x.Authors, by):
			return fault.New("draft-own")
		case x.Hash != checked.Hash:
			return fault.New("draft-changed")
		}
		x.State, x.ApprovedBy = Approved, by
		return nil
	})
}

// Reopen takes a draft back from review.
func (d *Drafts) Reopen(ctx context.Context, x *Draft) (*Draft, error) {
	return d.change(ctx, x.ID, func(x *Draft) error {
		x.open()
		return nil
	})
}

// Schedule says when an approved draft is published by itself, and with which
// notes; zero takes that back. Faults: "draft-not-approved", "draft-past".
func (d *Drafts) Schedule(ctx context.Context, x *Draft, at store.Time, says course.Notes) (*Draft, error) {
	if !at.IsZero() && !at.After(d.now()) {
		return nil, fault.At("draft-past", "publish_at")
	}
	return d.change(ctx, x.ID, func(x *Draft) error {
		if x.State != Approved {
			return fault.New("draft-not-approved")
		}
		x.PublishAt, x.Note, x.Major, x.Minor = at, says.Note, append([]string{}, says.Major...), append([]string{}, says.Minor...)
		return nil
	})
}

// Publish publishes an approved draft and ends it. What somebody saves in it
// meanwhile stays: the draft is then open again, from the new version. Faults:
// "draft-not-approved", "draft-behind" (something else was published since it was
// begun), and those of library.Publish. What it reuses must be as it was approved.
func (d *Drafts) Publish(ctx context.Context, x *Draft, by library.Author) (*course.Publication, course.Problems, error) {
	if err := d.library.Refresh(ctx); err != nil {
		return nil, nil, err
	}
	files, err := d.Files(ctx, x)
	if err != nil {
		return nil, nil, err
	}
	folder := folderOf(files)
	whole, _, err := d.library.TakeOver(ctx, x.ID, x.Owner, folder)
	if err != nil {
		return nil, nil, err
	}
	if x.State != Approved || x.Hash != whole.Hash() {
		return nil, nil, fault.New("draft-not-approved")
	}
	now, published := d.library.Current(x.ID)
	if published && now.Version != x.From && now.Hash != whole.Hash() {
		return nil, nil, fault.New("draft-behind").With("version", now.Version)
	}
	by.Owner = x.Owner
	p, problems, err := d.library.Publish(ctx, x.ID, folder, by)
	if err != nil {
		return nil, problems, err
	}
	done, err := d.change(ctx, x.ID, func(now *Draft) error {
		switch {
		case now.Work != x.Work:
			return store.ErrUnchanged
		case now.State == Approved && now.Hash == x.Hash:
			now.State = ended
		default:
			now.From = p.Version
		}
		return nil
	})
	if fault.Is(err, "not-found") {
		return p, problems, nil // another server was first
	}
	if err == nil && done.State == ended {
		err = d.clear(ctx, done)
	}
	return p, problems, err
}

// Work publishes what is due. It is run now and then by each server; several at
// once do no harm, for what is published already gives that publication again. A
// draft that cannot be published is open again, for its trainers to see.
func (d *Drafts) Work(ctx context.Context) error {
	var due []Draft
	err := d.drafts.Each(ctx, store.Query{Where: []store.Cond{
		store.Is("state", string(Approved)), {Field: "publish_at", Op: store.Gt, Value: store.Earliest}, {Field: "publish_at", Op: store.Lte, Value: store.At(d.now())},
	}}, func(x *Draft) error { due = append(due, *x); return nil })
	for i := range due {
		x := &due[i]
		_, _, failed := d.Publish(ctx, x, library.Author{Account: x.ApprovedBy, Says: &course.Notes{Note: x.Note, Major: x.Major, Minor: x.Minor}})
		var f *fault.Error
		if errors.As(failed, &f) {
			slog.Warn("a draft could not be published at its time, and is open again", "course", x.ID, "reason", f.Code)
			if _, failed = d.Reopen(ctx, x); fault.Is(failed, "not-found") {
				failed = nil
			}
		}
		err = errors.Join(err, failed)
	}
	return err
}
