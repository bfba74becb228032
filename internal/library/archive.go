package library

import (
	"archive/zip"
	"bytes"
	"io"
	"maps"
	"path"
	"slices"
	"strings"

	"havn/internal/course"
	"havn/internal/fault"
)

// What may come out of a zipped course.
const (
	maxUnzipped = 64 << 20 // bytes
	maxFiles    = 4000
)

// Unpack reads a zipped course folder in memory, as untrusted input: nothing is
// written to disk, names that leave the folder are refused ("bad-request"), and so
// is what unpacks to more than a course can be ("too-large").
func Unpack(b []byte) (course.Files, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || len(z.File) > maxFiles {
		return nil, fault.At("bad-request", "body")
	}
	files, left := course.Files{}, int64(maxUnzipped)
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !f.Mode().IsRegular() || path.Clean(f.Name) != f.Name || path.IsAbs(f.Name) || strings.HasPrefix(f.Name, "..") || strings.ContainsAny(f.Name, "\\\x00:") {
			return nil, fault.At("bad-request", "body")
		}
		rc, err := f.Open()
		if err != nil {
			return nil, fault.At("bad-request", "body")
		}
		src, err := io.ReadAll(io.LimitReader(rc, left+1))
		_ = rc.Close()
		if err != nil {
			return nil, fault.At("bad-request", "body")
		}
		if left -= int64(len(src)); left < 0 {
			return nil, fault.New("too-large").With("limit_kb", maxUnzipped>>10)
		}
		files[f.Name] = src
	}
	return files, nil
}

// Pack zips a course folder. The fault "too-large" says that it is larger than a
// publication can be.
func Pack(files course.Files) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(files[name]); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if b.Len() > maxArchive {
		return nil, fault.New("too-large").With("limit_mb", maxArchive>>20)
	}
	return b.Bytes(), nil
}
