// Package paper draws what leaves as PDF: a certificate of completion on one A4
// page, and reports with their tables on as many as they need.
//
// It knows nothing of courses or people: every line comes as a ready string in
// the reader's language. What it is good at is setting them: text is shaped by
// HarfBuzz's rules and ordered by the Unicode bidirectional algorithm, so that
// Arabic joins, carries its vowel marks and may stand beside Latin and digits in
// one name; long names wrap and then shrink, and never run off the page; the
// page is mirrored for languages written from right to left.
//
// The file is a tagged PDF 1.7 (ISO 32000-1, 14.8): a screen reader finds a
// heading, paragraphs, tables, a link and a described picture in reading order, and text
// copied out is text. Fonts are embedded, cut down to the glyphs used. The same
// input gives the same bytes.
//
// The fonts cover Latin, Cyrillic, Greek and Arabic script. A character of
// another script is drawn as an empty box, though its text can still be copied.
package paper

import (
	"errors"
	"io"
	"time"
)

// Certificate is what stands on the page. Lines left empty are left out.
type Certificate struct {
	Lang string // BCP 47 tag of the lines
	Dir  string // "ltr" or "rtl": which side the page begins on

	Issuer      string   // under the mark: who issues it
	Heading     string   // "Certificate of completion"; also the document's title
	Holder      string   // the person's name, in any script
	Statement   string   // "has completed the course"
	CourseTitle string   // in any script
	IssuedLine  string   // "Issued on 12 December 2026"
	ValidLine   string   // "Valid until 12 December 2028"
	CodeLabel   string   // "Certificate number"
	Code        string   // always set from left to right
	CheckLabel  string   // "Check that it is genuine"
	CheckURL    string   // address that the link leads to
	Scan        string   // what the QR code holds; CheckURL where empty
	Note        []string // small print at the foot, a paragraph each

	// Created is the file's creation date. It comes from outside so that the same
	// certificate is the same file.
	Created time.Time
}

// ErrTooLong is returned for text that does not fit on the page even in the
// smallest type that can be read.
var ErrTooLong = errors.New("paper: the text does not fit on one page")

// Render writes the certificate as PDF. The errors are ErrTooLong, those of w,
// and one for a Scan too long for a QR code (over about 2,000 bytes).
func Render(w io.Writer, c Certificate) error {
	p, err := layOut(c)
	if err != nil {
		return err
	}
	return p.write(w, about{c.Lang, c.Dir, c.Heading, c.Issuer, c.Created})
}
