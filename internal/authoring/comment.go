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
	// Suggests is what the line should say, "" no suggestion; Was is what it said.
	Suggests string     `json:"suggests"`
	Was      string     `json:"was"`
	By       string     `json:"by"` // account id
	At       store.Time `json:"at"`
	Done     bool       `json:"done"`
}

// MaxComment is the longest comment, in characters.
const MaxComment = 2000

// Comment keeps what a reviewer says, or suggests for a line. A repeat under the same
// id is harmless. Faults: "id-invalid", "comment-text", "not-found"; "suggestion-line"
// where there is no such line.
func (d *Drafts) Comment(ctx context.Context, x *Draft, c *Comment) error {
	if u, err := uuid.Parse(c.ID); err != nil || u.String() != c.ID {
		return fault.At("id-invalid", "comment")
	}
	c.Text = strings.TrimSpace(c.Text)
	c.Suggests = strings.TrimRight(c.Suggests, "\r\n ")
	if n := utf8.RuneCountInString(c.Text); n == 0 && c.Suggests == "" || n > MaxComment {
		return fault.At("comment-text", "text").With("limit", MaxComment)
	}
	if n := utf8.RuneCountInString(c.Suggests); n > MaxComment || strings.ContainsAny(c.Suggests, "\r\n") {
		return fault.At("comment-text", "suggests").With("limit", MaxComment)
	}
	f, err := d.File(ctx, x, c.Path)
	if err != nil {
		return err
	}
	if c.Suggests != "" {
		lines := strings.Split(string(f.Body), "\n")
		if c.Line < 1 || c.Line > len(lines) {
			return fault.At("suggestion-line", "line")
		}
		c.Was = strings.TrimRight(lines[c.Line-1], "\r")
	}
	c.Work, c.At = x.Work, store.At(d.now())
	if err := d.notes.Insert(ctx, c); !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// Accept writes what a comment suggests in place of its line, by whoever accepts it,
// and marks it as done. A line that has moved is found by what it said. Faults:
// "not-found"; "suggestion-gone" where the line says something else by now, or stands
// there several times; those of Save.
func (d *Drafts) Accept(ctx context.Context, x *Draft, id, by string) error {
	c, err := d.notes.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && (c.Work != x.Work || c.Suggests == "") {
		return fault.New("not-found")
	}
	if err != nil {
		return err
	}
	if c.Done {
		return nil
	}
	f, err := d.File(ctx, x, c.Path)
	if err != nil {
		return err
	}
	lines := strings.Split(string(f.Body), "\n")
	says := func(n int) bool { return strings.TrimRight(lines[n], "\r") == c.Was }
	at := c.Line - 1
	if at >= len(lines) || !says(at) {
		at = -1
		for n := range lines {
			if !says(n) {
				continue
			}
			if at >= 0 {
				return fault.New("suggestion-gone")
			}
			at = n
		}
		if at < 0 {
			return fault.New("suggestion-gone")
		}
	}
	lines[at] = c.Suggests
	if _, err := d.Save(ctx, x, c.Path, f.Rev, []byte(strings.Join(lines, "\n")), by); err != nil {
		return err
	}
	return d.Settle(ctx, x, id, true)
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
