package authoring

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"havn/internal/course"
	"havn/internal/fault"
)

// errFile is for a file that has no place for what a form would write.
var errFile = fault.New("draft-form")

// rewrite writes what a form decided into a draft: do gets the folder as it is, and
// gives the files that are to be others, nil to take one out. Where somebody saves
// one of them at the same moment, do decides anew.
func (d *Drafts) rewrite(ctx context.Context, x *Draft, by string, do func(course.Files) (course.Files, error)) error {
	for try := 0; ; try++ {
		files, err := d.Files(ctx, x)
		if err != nil {
			return err
		}
		out, err := do(folderOf(files))
		if errors.Is(err, course.ErrForm) {
			return errFile
		}
		if err != nil {
			return err
		}
		err = d.saveAll(ctx, x, files, out, by)
		if try == 2 || !fault.Is(err, "draft-changed") {
			return err
		}
	}
}

func (d *Drafts) saveAll(ctx context.Context, x *Draft, files map[string]*DraftFile, out course.Files, by string) error {
	for _, name := range slices.Sorted(maps.Keys(out)) {
		f, body, rev := files[name], out[name], int64(0)
		if f != nil {
			rev = f.Rev
		}
		var err error
		switch {
		case body == nil && f == nil, f != nil && body != nil && bytes.Equal(f.Body, body):
		case body == nil:
			err = d.Remove(ctx, x, name, rev, by)
		default:
			_, err = d.Save(ctx, x, name, rev, body, by)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
