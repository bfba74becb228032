// Package exchange carries the translation of a course to translators' tools and
// back, as gettext PO, XLIFF 1.2, TMX 1.4b and XLSX. Each format is read into and
// written from one list of units; Import compares what came back with the course
// and answers unit by unit what was taken, what is as it was, and what is refused
// and why. Pure.
package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/language"

	"havn/internal/course"
)

// MaxFile is how large a file from outside may be, in bytes.
const MaxFile = 32 << 20

const (
	maxUnits = 100_000
	maxText  = 64 << 10 // bytes of one text
)

// The formats, by their names on the command line.
const (
	PO    = "po"
	XLIFF = "xliff"
	TMX   = "tmx"
	XLSX  = "xlsx"
)

// Formats are all of them.
var Formats = []string{PO, XLIFF, TMX, XLSX}

// MediaTypes are how each is called on the web.
var MediaTypes = map[string]string{
	PO: "text/x-gettext-translation", XLIFF: "application/x-xliff+xml", TMX: "application/x-tmx+xml",
	XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// FileName is how a file is called.
func FileName(slug, lang, format string) string { return slug + "." + lang + "." + format }

// Document is a translation outside of its course.
type Document struct {
	Course       string // its slug
	Source, Lang string // BCP 47
	Date         time.Time
	Units        []Unit
}

// Unit is one text with its translation.
type Unit struct {
	ID             string
	Source, Target string
	// State is what the file says of Target: Missing where there is none; Stale
	// where it is yet to be worked on; "" where it is translated and no more is said.
	State    course.State
	Hash     string // of the source text when the file was made; "" not recorded
	Previous string // the source text that Target was made from, where it is another and known
	File     string // where the source text stands
	Note     string // what helps to translate it
	Comment  string // what a translator wrote beside it

	lang, source string // languages, where the file says them of each unit
	line         int    // where it stands in the file: a line, or a row of a sheet
	fault        string // why this unit cannot be read
}

// Earlier finds source texts of before by their hash (course.UnitHash).
type Earlier map[string]string

// Add takes in the source texts of an earlier version of the course.
func (e Earlier) Add(pairs []course.Pair) {
	for _, p := range pairs {
		e[course.UnitHash(p.Source)] = p.Source
	}
}

// Export is the document for a translation. Earlier texts, as far as they are at
// hand, are shown where the source has changed since it was translated.
func Export(t *course.Translation, earlier Earlier, on time.Time) Document {
	d := Document{Course: t.Slug, Source: t.Source, Lang: t.Lang, Date: on}
	stems := map[string]string{}
	for _, p := range t.Pairs {
		if question, isStem := strings.CutSuffix(p.ID, ".stem"); isStem {
			stems[question] = p.Source
		}
	}
	for _, p := range t.Pairs {
		u := Unit{ID: p.ID, Source: p.Source, Target: p.Target, State: p.State, Hash: course.UnitHash(p.Source), File: p.File}
		if p.State == course.Stale {
			u.Previous = earlier[p.From]
		}
		if question := course.Whole(p.ID); stems[question] != "" && stems[question] != p.Source {
			u.Note = clip(strings.Join(strings.Fields(stems[question]), " "), 200)
		}
		d.Units = append(d.Units, u)
	}
	return d
}

// Write is the document as a file of the format.
func Write(format string, d Document) ([]byte, error) {
	switch format {
	case PO:
		return writePO(d), nil
	case XLIFF:
		return writeXLIFF(d)
	case TMX:
		return writeTMX(d)
	case XLSX:
		return writeXLSX(d)
	}
	return nil, fmt.Errorf("unknown format %q", format)
}

// Read reads a file of the format. An error means that nothing of it can be
// trusted; what is wrong with one unit stands with the unit.
func Read(format string, data []byte) (Document, error) {
	if len(data) > MaxFile {
		return Document{}, fmt.Errorf("the file is larger than %d MB", MaxFile>>20)
	}
	var d Document
	var err error
	switch format {
	case PO:
		d, err = readPO(data)
	case XLIFF:
		d, err = readXLIFF(data)
	case TMX:
		d, err = readTMX(data)
	case XLSX:
		d, err = readXLSX(data)
	default:
		err = fmt.Errorf("unknown format %q", format)
	}
	if err != nil {
		return Document{}, err
	}
	for i := range d.Units {
		u := &d.Units[i]
		u.Source, u.Target, u.Comment = course.Tidy(u.Source), course.Tidy(u.Target), course.Tidy(u.Comment)
		if u.fault == "" && len(u.Source)+len(u.Target) > maxText {
			u.fault = "too-long"
		}
	}
	return d, nil
}

var errUnits = fmt.Errorf("the file has more than %d units", maxUnits)

// text takes a UTF-8 file without its byte-order mark.
func text(data []byte) ([]byte, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8")
	}
	return data, nil
}

// sameLanguage compares tags as tools write them: et, et_EE and et-EE are one,
// sv and sv-FI are not.
func sameLanguage(a, b string) bool {
	x, errX := language.Parse(strings.ReplaceAll(a, "_", "-"))
	y, errY := language.Parse(strings.ReplaceAll(b, "_", "-"))
	if errX != nil || errY != nil {
		return a == b
	}
	baseX, scriptX, regionX := likely(x)
	baseY, scriptY, regionY := likely(y)
	return baseX == baseY && scriptX == scriptY && regionX == regionY
}

func likely(t language.Tag) (language.Base, language.Script, language.Region) {
	base, _ := t.Base()
	script, _ := t.Script()
	region, _ := t.Region()
	return base, script, region
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// reviewed tells whether somebody stands for a text in this state.
func reviewed(s course.State) bool {
	return slices.Contains([]course.State{course.LanguageReviewed, course.ExpertReviewed}, s)
}
