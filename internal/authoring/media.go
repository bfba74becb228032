package authoring

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"strings"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// AddPicture puts a picture into a draft under a name of its own and gives its path.
// Faults: "picture-unusable", whose parameter "why" is the code of the problem
// (course.CheckPicture), and those of Save.
func (d *Drafts) AddPicture(ctx context.Context, x *Draft, name string, data []byte, by string) (file string, err error) {
	ext := strings.ToLower(path.Ext(name))
	for _, p := range course.CheckPicture("media/picture"+ext, data) {
		if p.Level == course.Error {
			return "", fault.At("picture-unusable", "file").With("why", p.Code)
		}
	}
	base := bank.Slug(strings.TrimSuffix(path.Base(strings.ReplaceAll(name, `\`, "/")), path.Ext(name)))
	if base == "" {
		base = "picture"
	}
	err = d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		file = "media/" + base + ext
		for n := 2; folder[file] != nil && !bytes.Equal(folder[file], data); n++ {
			file = fmt.Sprintf("media/%s-%d%s", base, n, ext)
		}
		return course.Files{file: data}, nil
	})
	return file, err
}

// MaxAlternative is the longest text alternative of a picture, in characters.
const MaxAlternative = 500

// ShowPicture puts a picture with its text alternative at the end of a page. Faults:
// "picture-alternative" (there is none, or it is too long), "not-found", those of Save.
func (d *Drafts) ShowPicture(ctx context.Context, x *Draft, page, picture, alternative, by string) error {
	alternative = oneLine(strings.NewReplacer("[", "(", "]", ")", `\`, "").Replace(alternative))
	if alternative == "" || len([]rune(alternative)) > MaxAlternative {
		return fault.At("picture-alternative", "alternative").With("limit", MaxAlternative)
	}
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		src, ok := folder[page]
		if _, there := folder[picture]; !ok || !there || !strings.HasSuffix(page, ".md") || !strings.HasPrefix(picture, "media/") {
			return nil, fault.New("not-found")
		}
		text := strings.TrimRight(string(src), "\r\n") + fmt.Sprintf("\n\n![%s](%s)\n", alternative, picture)
		return course.Files{page: []byte(text)}, nil
	})
}
