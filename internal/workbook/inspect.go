package workbook

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// What a workbook may unpack into.
const (
	maxEntries  = 200
	maxUnpacked = 32 << 20 // all parts, by the zip's directory
	maxXML      = 12 << 20 // the parts that are read
	maxText     = 16 << 20 // the shared strings, as often as cells point to them

	maxSheetTags  = 500_000 // of all sheets; 10,000 rows of 5 columns make 320,000 at most
	maxStringTags = 140_000 // of the shared strings: 35,000 different texts
	maxOtherTags  = 10_000  // of each other part
)

// inspect refuses a workbook that is broken, encrypted, has macros or a DTD, or
// unpacks into too much, and gives the parts that hold text and nothing else,
// zipped as they were. Until then no more than a token of XML is in memory.
// Parts must have the names that Excel, LibreOffice, Google and the common
// libraries give them.
func inspect(data []byte, columns int) (io.Reader, *inspection, error) {
	parts, err := directory(data)
	if err != nil {
		return nil, nil, err
	}
	found := &inspection{formulas: map[int][]int{}, tags: maxSheetTags, text: maxText, columns: columns}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, p := range parts {
		if err := found.part(p); err != nil {
			return nil, nil, err
		}
		if err := out.Copy(p); err != nil {
			return nil, nil, err
		}
	}
	if err := out.Close(); err != nil {
		return nil, nil, err
	}
	return &b, found, nil
}

// directory gives the parts that are worth reading, shared strings first, or
// says by the zip's directory alone why there are none. What an entry inflates
// to beyond its size there, archive/zip refuses.
func directory(data []byte) ([]*zip.File, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	if len(z.File) > maxEntries {
		return nil, ErrTooLarge
	}
	var all, read uint64
	var parts []*zip.File
	seen := map[string]bool{}
	sheets := 0
	for _, f := range z.File {
		n := partName(f)
		switch {
		case f.UncompressedSize64 > maxUnpacked:
			return nil, ErrTooLarge
		case f.Flags&1 != 0: // APPNOTE.TXT 4.4.4
			return nil, errors.New("encrypted")
		case strings.HasSuffix(n, "vbaproject.bin"), strings.HasPrefix(n, "xl/macrosheets/"):
			return nil, errors.New("macros")
		case seen[n]:
			return nil, errors.New("a part twice")
		}
		seen[n] = true
		all += f.UncompressedSize64
		if isSheet(n) {
			sheets++
		} else if !slices.Contains(otherParts, n) {
			continue
		}
		read += f.UncompressedSize64
		parts = append(parts, f)
	}
	switch {
	case all > maxUnpacked, read > maxXML:
		return nil, ErrTooLarge
	case sheets == 0:
		return nil, errors.New("no sheet")
	}
	slices.SortStableFunc(parts, func(a, b *zip.File) int { return rank(a) - rank(b) })
	return parts, nil
}

const sharedStrings = "xl/sharedstrings.xml"

var otherParts = []string{sharedStrings, "[content_types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"}

// partName is without regard to case (ISO/IEC 29500-2, 6.2.2.3).
func partName(f *zip.File) string { return strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/")) }

func isSheet(n string) bool {
	return strings.HasPrefix(n, "xl/worksheets/") && strings.HasSuffix(n, ".xml") && strings.Count(n, "/") == 2
}

func rank(f *zip.File) int {
	if partName(f) == sharedStrings {
		return 0
	}
	return 1
}
