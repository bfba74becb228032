package workbook

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	maxBetween = 256 << 10 // bytes from one tag to the next; a cell of Excel has at most 32,767 characters
	maxDepth   = 100
)

// inspection is what is found in the parts, and what they may still cost.
type inspection struct {
	filled     int           // sheets that have a cell with something in it
	formulas   map[int][]int // lines from 1, columns from 0; of the one sheet that is filled
	strings    []int         // bytes of each shared string
	tags, text int
	columns    int // that may be filled
}

// part reads a part through.
func (s *inspection) part(f *zip.File) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	switch n := partName(f); {
	case isSheet(n):
		g := &guard{r: r, tags: s.tags}
		err = s.sheet(xml.NewDecoder(g))
		s.tags = g.tags
	case n == sharedStrings:
		err = s.shared(xml.NewDecoder(&guard{r: r, tags: maxStringTags}))
	default:
		err = walk(xml.NewDecoder(&guard{r: r, tags: maxOtherTags}), func(t xml.Token, _ []string) error {
			if e, ok := t.(xml.StartElement); ok && strings.Contains(attr(e, "ContentType"), "macroEnabled") {
				return errors.New("macros")
			}
			return nil
		})
	}
	return err
}

// shared measures the shared strings (ISO/IEC 29500-1, 18.4).
func (s *inspection) shared(d *xml.Decoder) error {
	return walk(d, func(t xml.Token, path []string) error {
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "si" {
				return nil
			}
			if len(path) != 2 {
				return errors.New("<si> out of place")
			}
			s.strings = append(s.strings, 0)
		case xml.CharData:
			if n := len(s.strings); n > 0 && len(path) > 2 {
				s.strings[n-1] += len(t)
			}
		}
		return nil
	})
}

// sheet checks that rows and cells stand in order (ISO/IEC 29500-1, 18.3.1), so
// that where a formula is found here is where excelize finds its value.
func (s *inspection) sheet(d *xml.Decoder) error {
	var row, col int
	var kind, value string
	has := map[string]bool{}
	var started, ended, filled bool // ended: shapes and controls that follow have rows too, without cells
	err := walk(d, func(t xml.Token, path []string) error {
		inRow := len(path) > 2 && path[1] == "sheetData" && path[2] == "row"
		inCell := inRow && len(path) > 3 && path[3] == "c"
		switch t := t.(type) {
		case xml.StartElement:
			switch n := t.Name.Local; {
			case inRow && len(path) == 3:
				next := row + 1
				if r := attr(t, "r"); r != "" {
					next, _ = strconv.Atoi(r)
				}
				if next <= row || next > excelize.TotalRows {
					return fmt.Errorf("row %d after %d", next, row)
				}
				row, col = next, 0
			case inCell && len(path) == 4:
				if kind = attr(t, "t"); strings.Contains(kind, "\x00") {
					return errors.New("a cell of two types")
				}
				next := col + 1
				if r := attr(t, "r"); r != "" {
					c, line, err := excelize.CellNameToCoordinates(r)
					if err != nil || line != row {
						return fmt.Errorf("cell %.20q in row %d", r, row)
					}
					next = c
				}
				if next <= col {
					return fmt.Errorf("column %d after %d", next, col)
				}
				col, value = next, ""
				clear(has)
			case inCell && (n == "v" || n == "f" || n == "is"):
				if has[n] || len(path) != 5 {
					return fmt.Errorf("<%s> out of place", n)
				}
				has[n], filled = true, true
				if col > s.columns {
					name, _ := excelize.ColumnNumberToName(col)
					return &WideError{name}
				}
				if n == "f" {
					s.formulas[row] = append(s.formulas[row], col-1)
				}
			case n == "sheetData" && len(path) == 2 && !started:
				started = true
			case n == "c", n == "sheetData", n == "row" && !ended:
				return fmt.Errorf("<%s> out of place", n)
			case inCell && path[4] == "v":
				return errors.New("a value with tags")
			}
		case xml.CharData:
			if inCell && len(path) == 5 && path[4] == "v" && kind == "s" {
				if value += string(t); len(value) > 20 {
					return errors.New("no shared string has such a number")
				}
			}
		case xml.EndElement:
			ended = ended || len(path) == 2 && path[1] == "sheetData"
			if inCell && len(path) == 4 && kind == "s" && value != "" {
				i, _ := strconv.Atoi(strings.TrimSpace(value))
				if i < 0 || i >= len(s.strings) {
					return fmt.Errorf("no shared string %d", i)
				}
				if s.text -= s.strings[i]; s.text < 0 {
					return ErrTooLarge
				}
			}
		}
		return nil
	})
	if filled {
		s.filled++
	}
	return err
}

// walk gives each token of a well-formed document without DTD to see, with the
// names of the elements that it is in: its own too, where it is a tag.
func walk(d *xml.Decoder, see func(t xml.Token, path []string) error) error {
	var path []string
	for {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.Directive:
			return errors.New("a document type")
		case xml.StartElement:
			if path = append(path, t.Name.Local); len(path) > maxDepth {
				return ErrTooLarge
			}
		}
		if err := see(t, path); err != nil {
			return err
		}
		if _, ok := t.(xml.EndElement); ok {
			path = path[:len(path)-1]
		}
	}
}

// attr is an attribute by its local name. One that is there twice is refused by
// being no number, cell or type: of two, excelize takes now the first, now the last.
func attr(e xml.StartElement, name string) string {
	var found []string
	for _, a := range e.Attr {
		if a.Name.Local == name {
			found = append(found, a.Value)
		}
	}
	return strings.Join(found, "\x00")
}

// guard counts tags, and what is between them, before the decoder holds them.
type guard struct {
	r             io.Reader
	tags, between int
}

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for _, b := range p[:n] {
		if g.between++; b == '<' {
			g.between = 0
			g.tags--
		}
		if g.tags < 0 || g.between > maxBetween {
			return 0, ErrTooLarge
		}
	}
	return n, err
}
