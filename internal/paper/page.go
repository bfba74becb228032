package paper

import (
	"bytes"
	"fmt"
	"math"

	"havn/internal/qr"
)

// page is the content of a document's sheets (ISO 32000-1, 8 and 9) together with
// the structure that a screen reader follows (14.7).
type page struct {
	faces         [4]typeface
	width, height float64       // of each sheet, in points
	content       *bytes.Buffer // of the sheet that is drawn on
	sheets        []*bytes.Buffer
	marked        []int      // pieces of marked content, by sheet
	subsets       [4]*subset // nil where a face is not used
	elements      []element  // in reading order
	groups        []group
	group         int // that elements are put into: 0 the document, n the n-th group
	open          *element
}

// group is a structure element that holds others, such as a table or its row.
type group struct {
	tag    string
	parent int
}

// element is a structure element, in reading order.
type element struct {
	tag    string
	scope  string // of a table's header cell: "Column" or "Row" (14.8.5.7)
	group  int
	sheet  int
	mcid   int          // its number on the sheet
	actual string       // the text in reading order, where it stands in another on the page
	alt    string       // a figure's description
	box    [4]float64   // a figure's place
	href   string       // a link's target
	hits   [][4]float64 // where to press for it
}

func newPage(faces [4]typeface, width, height float64) *page {
	p := &page{faces: faces, width: width, height: height}
	p.turn()
	return p
}

// turn begins another sheet.
func (p *page) turn() {
	p.content = &bytes.Buffer{}
	p.sheets, p.marked = append(p.sheets, p.content), append(p.marked, 0)
}

// into puts what draw draws into a group.
func (p *page) into(tag string, draw func()) {
	outer := p.group
	p.groups = append(p.groups, group{tag, outer})
	p.group = len(p.groups)
	draw()
	p.group = outer
}

// artifact draws what is only decoration (14.8.2.2).
func (p *page) artifact(draw func()) {
	p.content.WriteString("/Artifact BMC\n")
	draw()
	p.content.WriteString("EMC\n")
}

// element draws what belongs to a structure element (14.7.4.2).
func (p *page) element(e element, draw func()) {
	e.group, e.sheet = p.group, len(p.sheets)-1
	e.mcid = p.marked[e.sheet]
	p.marked[e.sheet]++
	p.open = &e
	fmt.Fprintf(p.content, "/%s <</MCID %d>> BDC\n", e.tag, e.mcid)
	draw()
	p.content.WriteString("EMC\n")
	p.elements = append(p.elements, e)
}

// link makes a rectangle of the open element lead to its target, if it has one.
func (p *page) link(left, bottom, right, top float64) {
	if p.open.href != "" {
		p.open.hits = append(p.open.hits, [4]float64{left, bottom, right, top})
	}
}

// text draws a line from its left end on the baseline. Glyph codes are two bytes
// (9.7.5.2, Identity-H); numbers between them move the pen (9.4.3, TJ).
func (p *page) text(l line, x, y, size float64, colour int) {
	p.fill(colour)
	p.content.WriteString("BT\n")
	pen, face := 0, -1
	for i := 0; i < len(l.glyphs); {
		if l.glyphs[i].face != face {
			face = l.glyphs[i].face
			if p.subsets[face] == nil {
				p.subsets[face] = newSubset(p.faces[face])
			}
			fmt.Fprintf(p.content, "/F%d %s Tf\n", face, num(size))
		}
		rise := l.glyphs[i].dy
		fmt.Fprintf(p.content, "1 0 0 1 %s %s Tm\n", num(x+float64(pen)*size/em), num(y))
		fmt.Fprintf(p.content, "%s Ts [", num(float64(rise)*size/em))
		at := pen // where the viewer's pen is
		for ; i < len(l.glyphs) && l.glyphs[i].face == face && l.glyphs[i].dy == rise; i++ {
			g := l.glyphs[i]
			if move := pen + g.dx - at; move != 0 {
				fmt.Fprintf(p.content, "%d", -move)
				at += move
			}
			fmt.Fprintf(p.content, "<%04x>", p.subsets[face].code(g))
			at += p.faces[face].width(g.gid)
			pen += g.advance
		}
		p.content.WriteString("] TJ\n")
	}
	p.content.WriteString("ET\n")
}

func (p *page) fill(colour int) {
	p.content.WriteString(rgb(colour) + " rg\n")
}

func (p *page) rect(x, y, w, h float64, colour int) {
	p.fill(colour)
	fmt.Fprintf(p.content, "%s %s %s %s re f\n", num(x), num(y), num(w), num(h))
}

// qr draws a QR code with its quiet zone into a square.
func (p *page) qr(modules [][]bool, x, y, side float64) {
	p.rect(x, y, side, side, paper)
	p.fill(ink)
	n := len(modules)
	unit := side / float64(n+2*qr.QuietZone)
	for row, line := range modules {
		for col := 0; col < n; col++ {
			start := col
			for col < n && line[col] {
				col++
			}
			if col > start {
				fmt.Fprintf(p.content, "%s %s %s %s re\n", num(x+unit*float64(qr.QuietZone+start)),
					num(y+side-unit*float64(qr.QuietZone+row+1)), num(unit*float64(col-start)), num(unit))
			}
		}
	}
	p.content.WriteString("f\n")
}

// mark draws Havn's mark: two moles, the buoy between them, water below. It is
// so many points wide, from its lower left corner.
func (p *page) mark(x, y, width float64) {
	u := width / 43
	at := func(px, py float64) string { return num(x+u*px) + " " + num(y+u*py) }
	fmt.Fprintf(p.content, "q 1 J %s RG %s w\n", rgb(sea), num(5.4*u))
	for _, side := range []float64{1, -1} {
		arc(p.content, at, 21.5, 21, 18.7, 90-side*12, 90-side*114)
	}
	fmt.Fprintf(p.content, "%s w %s m %s %s %s c %s %s %s c %s %s %s c S Q\n", num(3.5*u),
		at(5.9, 5.2), at(10, 8.6), at(13, 7.4), at(16, 5), at(20, 2), at(23, 2), at(27, 5), at(30, 7.4), at(33, 8.6), at(37.1, 5.2))
	p.fill(buoy)
	const r, k = 6.4, 6.4 * 0.5523 // a circle of four Bézier curves
	const cx, cy = 21.5, 17.9
	fmt.Fprintf(p.content, "%s m %s %s %s c %s %s %s c %s %s %s c %s %s %s c f\n", at(cx+r, cy),
		at(cx+r, cy+k), at(cx+k, cy+r), at(cx, cy+r), at(cx-k, cy+r), at(cx-r, cy+k), at(cx-r, cy),
		at(cx-r, cy-k), at(cx-k, cy-r), at(cx, cy-r), at(cx+k, cy-r), at(cx+r, cy-k), at(cx+r, cy))
}

// arc strokes part of a circle, angles in degrees, as two Bézier curves.
func arc(w *bytes.Buffer, at func(x, y float64) string, cx, cy, r, from, to float64) {
	rad := math.Pi / 180
	step := (to - from) / 2 * rad
	k := 4.0 / 3 * math.Tan(step/4) * r
	for i := range 2 {
		a := from*rad + float64(i)*step
		b := a + step
		if i == 0 {
			fmt.Fprintf(w, "%s m ", at(cx+r*math.Cos(a), cy+r*math.Sin(a)))
		}
		fmt.Fprintf(w, "%s %s %s c ", at(cx+r*math.Cos(a)-k*math.Sin(a), cy+r*math.Sin(a)+k*math.Cos(a)),
			at(cx+r*math.Cos(b)+k*math.Sin(b), cy+r*math.Sin(b)-k*math.Cos(b)), at(cx+r*math.Cos(b), cy+r*math.Sin(b)))
	}
	w.WriteString("S\n")
}

func rgb(colour int) string {
	return fmt.Sprintf("%s %s %s", num(float64(colour>>16)/255), num(float64(colour>>8&255)/255), num(float64(colour&255)/255))
}
