package authoring

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/store"
)

// Comment is what a reviewer says at a place of a draft.
type Comment struct {
	store.Meta `bson:",inline"` // id: a UUID that the client made
	Work       string           `json:"work"` // of the draft
	Path       string           `json:"path"`
	Line       int              `json:"line"` // from 1; 0: the whole file
	Text       string           `json:"text"`
	By         string           `json:"by"` // account id
	At         store.Time       `json:"at"`
	Done       bool             `json:"done"`
}

// MaxComment is the longest comment, in characters.
const MaxComment = 2000

// Comment keeps what a reviewer says. A repeat under the same id is harmless.
// Faults: "id-invalid", "comment-text", "not-found".
func (d *Drafts) Comment(ctx context.Context, x *Draft, c *Comment) error {
	if u, err := uuid.Parse(c.ID); err != nil || u.String() != c.ID {
		return fault.At("id-invalid", "comment")
	}
	c.Text = strings.TrimSpace(c.Text)
	if n := utf8.RuneCountInString(c.Text); n == 0 || n > MaxComment {
		return fault.At("comment-text", "text").With("limit", MaxComment)
	}
	if _, err := d.File(ctx, x, c.Path); err != nil {
		return err
	}
	c.Work, c.At = x.Work, store.At(d.now())
	if err := d.notes.Insert(ctx, c); !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// Settle marks a comment as done, or as open again.
func (d *Drafts) Settle(ctx context.Context, x *Draft, id string, done bool) error {
	_, err := d.notes.Update(ctx, id, func(c *Comment) error {
		if c.Work != x.Work {
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
func (d *Drafts) Comments(ctx context.Context, x *Draft) (list []Comment, err error) {
	err = d.notes.Each(ctx, store.Query{Where: []store.Cond{store.Is("work", x.Work)}}, func(c *Comment) error { list = append(list, *c); return nil })
	slices.SortFunc(list, func(a, b Comment) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), a.At.Compare(b.At.Time))
	})
	return list, err
}
