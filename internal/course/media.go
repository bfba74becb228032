package course

import (
	"bytes"
	"image"
	_ "image/gif"  // the header of a picture tells its size
	_ "image/jpeg" // the header of a picture tells its size
	_ "image/png"  // the header of a picture tells its size
	"maps"
	"path"
	"slices"
	"strings"

	_ "golang.org/x/image/webp" // the header of a picture tells its size
)

// mediaDir holds the pictures of a course.
const mediaDir = "media/"

// Limits of a picture: what a phone on a slow network still shows, and what a
// browser decodes without a bomb. Pixels are read from the header alone.
const (
	MaxPicture = 2 << 20 // bytes
	maxSide    = 6000    // pixels
	maxPixels  = 24_000_000
)

// pictureKinds are the pictures that a course may hold, by the end of their names.
var pictureKinds = map[string]string{"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "gif": "gif", "webp": "webp", "svg": "svg"}

// PictureKind is the kind of a picture by the end of its name: png, jpeg, gif, webp
// or svg; "" for what is none.
func PictureKind(name string) string {
	return pictureKinds[strings.ToLower(strings.TrimPrefix(path.Ext(name), "."))]
}

// CheckPicture tells what keeps a file from being a picture of a course, or keeps
// somebody from seeing what it shows. file is where the problems are to lie.
func CheckPicture(file string, src []byte) Problems {
	r := &report{}
	at := place{file: file}
	kind := PictureKind(file)
	switch {
	case kind == "":
		r.fail(at, "media-kind")
	case len(src) > MaxPicture:
		r.fail(at, "media-large", "limit", MaxPicture>>20)
	case kind == "svg":
		checkSVG(r, file, src)
	default:
		is, format, err := image.DecodeConfig(bytes.NewReader(src))
		switch {
		case err != nil || format != kind:
			r.fail(at, "media-broken")
		case is.Width > maxSide || is.Height > maxSide || is.Width*is.Height > maxPixels:
			r.fail(at, "media-pixels", "width", is.Width, "height", is.Height, "most", maxSide)
		}
	}
	return r.problems
}

// checkMedia checks every file of media/.
func (f *folder) checkMedia() {
	for _, name := range slices.Sorted(maps.Keys(f.files)) {
		if strings.HasPrefix(name, mediaDir) {
			f.problems = append(f.problems, CheckPicture(name, f.files[name])...)
		}
	}
}
