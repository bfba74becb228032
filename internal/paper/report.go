package paper

import (
	"io"
	"time"
)

// Report is figures on as many A4 sheets as they need: headings, sentences and
// tables, without plots, which say the same.
type Report struct {
	Lang   string // BCP 47 tag of the lines
	Dir    string // "ltr" or "rtl"
	Issuer string
	Title  string
	Lines  []string // below the title
	Parts  []Part
	Note   []string // at the end
	// Page labels a sheet; it is given its number and how many there are.
	Page    func(n, of int) string
	Created time.Time
}

// Part is a table with its heading and what is said of it.
type Part struct {
	Heading string
	Lines   []string
	// Head has as many cells as each row; the first of a row names it.
	Head []string
	Rows [][]string
}

// A sheet of a report, in points: A4 standing (ISO 216).
const (
	sheetWidth, sheetHeight = 595.28, 841.89
	sheetMargin             = 54.0
	sheetFoot               = 30.0 // room for the number of the sheet
	cellPad                 = 4.0
)

// RenderReport writes a report as PDF. The errors are ErrTooLong, for a row that is
// higher than a sheet, and those of w.
func RenderReport(w io.Writer, r Report) error {
	s := reporter{layout: layout{typesetter: newTypesetter(), rtl: r.Dir == "rtl", width: sheetWidth}, lang: r.Lang}
	s.page = newPage(s.faces, sheetWidth, sheetHeight)
	s.y = sheetHeight - sheetMargin
	s.page.artifact(func() { s.page.mark(s.x(sheetMargin, 30), s.y-26, 30) })
	s.y -= 34
	s.say(block{text: r.Title, tag: "H1", base: auto, bold: true, colour: sea, size: 20})
	for _, line := range r.Lines {
		s.say(block{text: line, tag: "P", colour: soft, size: 10, gap: 4})
	}
	for _, p := range r.Parts {
		s.part(p)
	}
	for _, line := range r.Note {
		s.say(block{text: line, tag: "P", colour: soft, size: 9, gap: 8})
	}
	if s.tooLong {
		return ErrTooLong
	}
	s.number(r.Page)
	return s.page.write(w, about{r.Lang, r.Dir, r.Title, r.Issuer, r.Created})
}

// reporter goes down the sheets.
type reporter struct {
	layout
	lang    string
	y       float64 // where the next thing begins
	tooLong bool
}

const across = sheetWidth - 2*sheetMargin

// broken is a block broken into lines of a width.
func (s *reporter) broken(b block, width float64) []set {
	return s.breakAll(s.shapeAll(s.lang, []block{b}), width, 1)
}

// room begins another sheet where so much has no room on this one.
func (s *reporter) room(height float64) (turned bool) {
	if s.y-height >= sheetMargin+sheetFoot {
		return false
	}
	if height > sheetHeight-2*sheetMargin-sheetFoot {
		s.tooLong = true
		return false
	}
	s.page.turn()
	s.y = sheetHeight - sheetMargin
	return true
}

func (s *reporter) say(b block) {
	sets := s.broken(b, across)
	s.room(total(sets))
	s.put(sets, sheetMargin, across, s.y)
	s.y -= total(sets)
}

func (s *reporter) part(p Part) {
	heading := s.broken(block{text: p.Heading, tag: "H2", bold: true, colour: ink, size: 13, gap: 18}, across)
	s.room(total(heading) + 70) // a heading is not left alone
	s.put(heading, sheetMargin, across, s.y)
	s.y -= total(heading)
	for _, line := range p.Lines {
		s.say(block{text: line, tag: "P", colour: soft, size: 9.5, gap: 3})
	}
	if len(p.Rows) == 0 {
		return
	}
	s.y -= 6
	s.page.into("Table", func() {
		s.row(p.Head, true, nil)
		for _, cells := range p.Rows {
			s.row(cells, false, p.Head)
		}
	})
}

// row draws a row; on another sheet the head comes again, as decoration.
func (s *reporter) row(cells []string, head bool, again []string) {
	columns := float64(len(cells) - 1)
	first := across * max(0.34, 0.62-0.12*columns)
	other := (across - first) / max(columns, 1)
	var sets [][]set
	height := 0.0
	for i, text := range cells {
		b := block{text: text, tag: "TD", colour: ink, size: 10}
		width := other
		if i == 0 {
			b.tag, b.base, width = "TH", auto, first
		}
		if head {
			b.tag, b.base, b.bold, b.colour, b.size = "TH", asPage, true, soft, 9
		}
		cell := s.broken(b, width-2*cellPad)
		sets, height = append(sets, cell), max(height, total(cell))
	}
	height += 2 * cellPad
	if s.room(height) && again != nil {
		s.page.artifact(func() { s.cells(again, first, other) })
	}
	s.page.into("TR", func() {
		for i, cell := range sets {
			start, width := sheetMargin+cellPad, first-2*cellPad
			if i > 0 {
				start, width = sheetMargin+first+float64(i-1)*other+cellPad, other-2*cellPad
			}
			scope := ""
			if head {
				scope = "Column"
			} else if i == 0 {
				scope = "Row"
			}
			s.cell(cell, scope, start, width, i > 0)
		}
	})
	s.y -= height
	s.page.artifact(func() { s.page.rect(s.x(sheetMargin, across), s.y, across, 0.6, rule) })
}

// cells draws the head once more.
func (s *reporter) cells(texts []string, first, other float64) {
	height := 0.0
	for i, text := range texts {
		start, width := sheetMargin+cellPad, first-2*cellPad
		if i > 0 {
			start, width = sheetMargin+first+float64(i-1)*other+cellPad, other-2*cellPad
		}
		cell := s.broken(block{text: text, bold: true, colour: soft, size: 9}, width)
		s.lay(cell, start, width, i > 0)
		height = max(height, total(cell))
	}
	s.y -= height + 2*cellPad
}

func (s *reporter) cell(cell []set, scope string, start, width float64, ends bool) {
	e := element{tag: "TD", scope: scope}
	if scope != "" {
		e.tag = "TH"
	}
	if len(cell) > 0 && cell[0].paragraph.bidirectional() {
		e.actual = string(cell[0].paragraph.text)
	}
	s.page.element(e, func() { s.lay(cell, start, width, ends) })
}

// lay draws lines from where the row begins; figures stand at the end of their
// column.
func (s *reporter) lay(cell []set, start, width float64, ends bool) {
	for _, set := range cell {
		for i, line := range set.lines {
			w := float64(line.width) * set.size / em
			from := start
			if ends {
				from = start + width - w
			}
			s.page.text(line, s.x(from, w), s.y-cellPad-float64(i)*set.leading-0.76*set.leading, set.size, set.colour)
		}
	}
}

// number writes the number of each sheet at its foot.
func (s *reporter) number(label func(n, of int) string) {
	if label == nil {
		return
	}
	for i, content := range s.page.sheets {
		s.page.content = content
		s.y = sheetMargin
		s.page.artifact(func() {
			s.lay(s.broken(block{text: label(i+1, len(s.page.sheets)), colour: soft, size: 9}, across), sheetMargin, across, true)
		})
	}
}
