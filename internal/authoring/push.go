package authoring

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/language"
)

// Push makes a draft the same as a folder that somebody worked on elsewhere, from
// the draft whose hash is base ("" none): forwards only. It tells how many files
// that touched. Faults: "draft-changed" (the draft is not what it was), and those
// of Save.
func (d *Drafts) Push(ctx context.Context, x *Draft, base string, folder course.Files, by string) (saved int, err error) {
	have, err := d.Files(ctx, x)
	if err != nil {
		return 0, err
	}
	if now := folderOf(have).Hash(); now != folder.Hash() && (base == "" || now != base) {
		return 0, fault.New("draft-changed")
	}
	for _, name := range slices.Sorted(maps.Keys(folder)) {
		rev := int64(0)
		if f, ok := have[name]; ok {
			if bytes.Equal(f.Body, folder[name]) {
				continue
			}
			rev = f.Rev
		}
		if _, err := d.Save(ctx, x, name, rev, folder[name], by); err != nil {
			return saved, err
		}
		saved++
	}
	for name, f := range have {
		if _, ok := folder[name]; ok {
			continue
		}
		if err := d.Remove(ctx, x, name, f.Rev, by); err != nil {
			return saved, err
		}
		saved++
	}
	return saved, nil
}

// NewCourse is the folder of a course with one module, a page and a question that
// wait for their author, in each of its languages: the first is the one that it is
// written in. Faults: "draft-slug", "draft-title", "draft-languages".
func NewCourse(slug, title string, languages []string) (course.Files, error) {
	title = strings.Join(strings.Fields(title), " ")
	if !course.IsID(slug) {
		return nil, fault.At("draft-slug", "course")
	}
	if title == "" {
		return nil, fault.At("draft-title", "title")
	}
	for n, l := range languages {
		if !language.Valid(l) || slices.Contains(languages[:n], l) {
			return nil, fault.At("draft-languages", "languages")
		}
	}
	if len(languages) == 0 {
		return nil, fault.At("draft-languages", "languages")
	}
	source, list := languages[0], strings.Join(languages, ", ")
	text := func(format string, args ...any) []byte { return fmt.Appendf(nil, format, args...) }
	return course.Files{
		"course.yaml": text(`format: 1
slug: %s
source: %s
languages: [%s]
fallback: [%s]
minutes: 30
completion: {require: all}
modules:
  - id: m1
    pages: [m1-page]
    quiz:
      id: m1-quiz
      pass_mark: 80
      items:
        - question: q-first
`, slug, source, list, source),
		"questions.yaml":           text("- {id: q-first, type: true-false, key: true}\n"),
		source + "/course.yaml":    text("title: %q\nsummary: %q\nmodules:\n  m1: {title: %q}\n", title, title, title),
		source + "/m1-page.md":     text("# %s\n\n…\n", title),
		source + "/questions.yaml": text("q-first:\n  stem: \"…\"\n"),
	}, nil
}
