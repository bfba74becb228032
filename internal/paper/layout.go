package paper

import (
	"cmp"
	"strings"

	"havn/internal/qr"
)

// The page, in points: A4 lying (ISO 216).
const (
	pageWidth, pageHeight = 841.89, 595.28
	bandWidth             = 216.0 // sand, on the side where the page begins
	bandMargin            = 30.0
	margin                = 58.0
)

// The colours of the light theme.
const (
	ink   = 0x14252e
	soft  = 0x4a5d66
	sand  = 0xf6f2ea
	paper = 0xffffff
	rule  = 0xddd5c7
	sea   = 0x0b5563
	buoy  = 0xb93c14
)

// block is a text of one style.
type block struct {
	text   string
	tag    string // structure element (ISO 32000-1, 14.8.4)
	base   base
	bold   bool
	colour int
	size   float64 // points
	least  float64 // size down to which it shrinks to keep to its lines
	lines  int     // as many as it should have; 0: any number
	gap    float64 // space above
	rule   bool    // a fine line below
	href   string

	paragraph paragraph
}

// set is a block broken into lines.
type set struct {
	block
	lines   []line
	size    float64
	leading float64
	gap     float64
}

func (s set) height() float64 { return s.gap + float64(len(s.lines))*s.leading }

// layout puts blocks on the page.
type layout struct {
	*typesetter
	page  *page
	rtl   bool
	width float64 // of the sheet
}

func layOut(c Certificate) (*page, error) {
	l := layout{typesetter: newTypesetter(), rtl: c.Dir == "rtl", width: pageWidth}
	l.page = newPage(l.faces, pageWidth, pageHeight)
	var code [][]bool
	if text := cmp.Or(c.Scan, c.CheckURL); text != "" {
		var err error
		if code, err = qr.Encode(text); err != nil {
			return nil, err
		}
	}

	l.page.artifact(func() {
		l.page.rect(l.x(0, bandWidth), 0, bandWidth, pageHeight, sand)
		l.page.rect(l.x(bandWidth, 3), 0, 3, pageHeight, sea)
		l.page.mark(l.x(bandMargin, 60), pageHeight-margin-54, 60)
	})
	if err := l.main(c); err != nil {
		return nil, err
	}
	return l.page, l.band(c, code)
}

// x is the left edge of something so wide that begins so far from the page's
// beginning.
func (l layout) x(start, width float64) float64 {
	if l.rtl {
		return l.width - start - width
	}
	return start
}

// main is the wide column: what is certified, and the small print at its foot.
func (l layout) main(c Certificate) error {
	const start = bandWidth + margin
	const width = pageWidth - start - margin
	body := l.shapeAll(c.Lang, []block{
		{text: c.Heading, tag: "H1", bold: true, colour: sea, size: 19, least: 14, lines: 2},
		{text: c.Holder, tag: "P", base: auto, bold: true, colour: ink, size: 36, least: 20, lines: 2, gap: 44, rule: true},
		{text: c.Statement, tag: "P", colour: soft, size: 14, least: 12, lines: 2, gap: 24},
		{text: c.CourseTitle, tag: "P", base: auto, bold: true, colour: ink, size: 23, least: 16, lines: 3, gap: 8},
		{text: c.IssuedLine, tag: "P", colour: ink, size: 13, least: 11, lines: 2, gap: 36},
		{text: c.ValidLine, tag: "P", colour: ink, size: 13, least: 11, lines: 2, gap: 4},
	})
	var notes []block
	for _, n := range c.Note {
		notes = append(notes, block{text: n, tag: "P", colour: soft, size: 10, gap: 3})
	}
	notes = l.shapeAll(c.Lang, notes)
	above, below, ok := l.fit(body, notes, width, pageHeight-2*margin)
	if !ok {
		return ErrTooLong
	}
	free := pageHeight - 2*margin - total(above) - total(below)
	l.put(above, start, width, pageHeight-margin-min(free/3, 60))
	l.put(below, start, width, margin+total(below))
	return nil
}

// band is the narrow column: who issues the certificate, and how to check it.
func (l layout) band(c Certificate, code [][]bool) error {
	const width = bandWidth - 2*bandMargin
	issuer := l.shapeAll(c.Lang, []block{{text: c.Issuer, tag: "P", bold: true, colour: sea, size: 13}})
	check := l.shapeAll(c.Lang, []block{
		{text: c.CodeLabel, tag: "P", colour: soft, size: 9.5},
		{text: c.Code, tag: "P", base: latin, bold: true, colour: ink, size: 12, least: 8, lines: 1},
		{text: c.CheckLabel, tag: "P", colour: soft, size: 9.5, gap: 10},
		{text: c.CheckURL, tag: "Link", base: latin, colour: sea, size: 9.5, least: 7.5, lines: 2, href: c.CheckURL},
	})
	const top = pageHeight - margin - 60 - 14
	side := 0.0
	if code != nil {
		side = width
	}
	above, below, ok := l.fit(issuer, check, width, top-margin-side-14)
	if !ok {
		return ErrTooLong
	}
	l.put(above, bandMargin, width, top)
	bottom := margin - 8
	l.put(below, bandMargin, width, bottom+total(below))
	if code != nil {
		x, y := l.x(bandMargin, side), bottom+total(below)+14
		l.page.element(element{tag: "Figure", alt: strings.Join([]string{"QR", c.CheckLabel, c.CheckURL}, " "),
			box: [4]float64{x, y, x + side, y + side}}, func() { l.page.qr(code, x, y, side) })
	}
	return nil
}

func (l layout) shapeAll(lang string, blocks []block) []block {
	var shaped []block
	for _, b := range blocks {
		b.paragraph = l.shape(b.text, b.bold, l.rtl, lang, b.base)
		if len(b.paragraph.text) > 0 {
			shaped = append(shaped, b)
		}
	}
	return shaped
}

// fit breaks two groups of blocks so that together they are not higher than
// given: each block shrinks to keep to its lines, and if that is not enough all
// of them shrink, down to half their size.
func (l layout) fit(a, b []block, width, height float64) (above, below []set, ok bool) {
	for scale := 1.0; scale >= 0.5; scale -= 0.05 {
		above, below = l.breakAll(a, width, scale), l.breakAll(b, width, scale)
		if total(above)+total(below) <= height {
			return above, below, true
		}
	}
	return nil, nil, false
}

func (l layout) breakAll(blocks []block, width, scale float64) []set {
	var sets []set
	for _, b := range blocks {
		s := set{block: b, size: b.size * scale, gap: b.gap * scale}
		for {
			s.lines = l.lines(b.paragraph, int(width*em/s.size))
			if b.lines == 0 || len(s.lines) <= b.lines || s.size <= b.least*scale {
				break
			}
			s.size -= 0.5
		}
		if b.lines > 1 {
			s.lines = l.balance(b.paragraph, s.lines, int(width*em/s.size))
		}
		s.leading = 1.32 * s.size
		for _, line := range s.lines {
			if line.arabic {
				s.leading = 1.6 * s.size // room for vowel marks
			}
		}
		sets = append(sets, s)
	}
	return sets
}

// balance breaks a paragraph into as many lines again, but as even as can be, so
// that no single word is left for the last.
func (l layout) balance(p paragraph, lines []line, width int) []line {
	if len(lines) < 2 {
		return lines
	}
	narrow, wide := width/2, width
	for wide-narrow > em/10 {
		middle := (narrow + wide) / 2
		if tried := l.lines(p, middle); len(tried) == len(lines) {
			lines, wide = tried, middle
		} else {
			narrow = middle
		}
	}
	return lines
}

func total(sets []set) (height float64) {
	for _, s := range sets {
		height += s.height()
	}
	return height
}

// put draws blocks one under the other from the top y on.
func (l layout) put(sets []set, start, width, y float64) {
	for _, s := range sets {
		y -= s.gap
		e := element{tag: s.tag, href: s.href}
		if s.paragraph.bidirectional() {
			e.actual = string(s.paragraph.text)
		}
		l.page.element(e, func() {
			for i, line := range s.lines {
				w := float64(line.width) * s.size / em
				left := l.x(start, w)
				baseline := y - float64(i)*s.leading - 0.76*s.leading
				l.page.text(line, left, baseline, s.size, s.colour)
				l.page.link(left, baseline-0.3*s.size, left+w, baseline+0.8*s.size)
			}
		})
		y -= float64(len(s.lines)) * s.leading
		if s.rule {
			l.page.artifact(func() { l.page.rect(l.x(start, width), y-8, width, 0.8, rule) })
		}
	}
}
