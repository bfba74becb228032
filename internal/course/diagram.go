package course

import (
	"bytes"
	"fmt"
	"html"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"

	"havn/internal/language"
)

// A diagram is a box whose list is drawn: `:::diagram steps How it goes`. The
// list itself stays on the page for those who hear it, so that a diagram is
// described by what it is made of, and translated with its page.
const diagramBox = "diagram"

// diagramKinds are the ways to draw a list.
var diagramKinds = map[string]func(*drawing, []string){
	"steps":  (*drawing).steps,
	"sum":    (*drawing).sum,
	"choice": (*drawing).choice,
}

// A diagram's limits: what still reads on a phone.
const (
	diagramLeast = 2
	diagramMost  = 6
	diagramItem  = 160 // characters of an item
)

// diagram is what a box says to draw.
type diagram struct {
	kind, title string
	items       []string
}

// diagramFault is what keeps a box from being drawn.
type diagramFault int

const (
	drawable diagramFault = iota
	noDiagramKind
	noDiagramList
)

// diagramOf reads a box.
func diagramOf(b *box, src []byte) (diagram, diagramFault) {
	kind, title, _ := strings.Cut(b.arg, " ")
	d := diagram{kind: kind, title: strings.TrimSpace(title)}
	if diagramKinds[kind] == nil || d.title == "" {
		return d, noDiagramKind
	}
	list, ok := b.FirstChild().(*ast.List)
	if !ok || b.ChildCount() != 1 {
		return d, noDiagramList
	}
	for item := list.FirstChild(); item != nil; item = item.NextSibling() {
		words := plainText(item, src)
		if words == "" || len([]rune(words)) > diagramItem {
			return d, noDiagramList
		}
		d.items = append(d.items, words)
	}
	if n := len(d.items); n < diagramLeast || n > diagramMost || kind == "choice" && n > 3 {
		return d, noDiagramList
	}
	return d, drawable
}

// writeDiagram writes the figure; a box that is no diagram writes nothing, for
// the checker has refused it.
func writeDiagram(w util.BufWriter, b *box, src []byte) {
	d, fault := diagramOf(b, src)
	if fault != drawable {
		return
	}
	draw := &drawing{mirrored: language.Direction(b.lang) == "rtl"}
	diagramKinds[d.kind](draw, d.items)
	_, _ = fmt.Fprintf(w, "<figure class=\"diagram\"><figcaption>%s</figcaption>\n", html.EscapeString(d.title))
	_, _ = fmt.Fprintf(w, "<svg viewBox=\"0 0 %d %d\" aria-hidden=\"true\" focusable=\"false\">%s</svg>\n<ol class=\"hidden\">", diagramWidth, draw.y+1, draw.b.String())
	for _, item := range d.items {
		_, _ = fmt.Fprintf(w, "<li>%s</li>", html.EscapeString(item))
	}
	_, _ = w.WriteString("</ol></figure>\n")
}

// The measures of a drawing, in units that are CSS pixels on a phone of 320.
const (
	diagramWidth = 288
	lineHeight   = 22
	letter       = 16 // height of the text
	padding      = 13
	between      = 30 // from box to box
)

// drawing is a diagram as it grows downwards.
type drawing struct {
	b        bytes.Buffer
	y        int
	mirrored bool
}

func (d *drawing) steps(items []string) {
	for n, item := range items {
		if n > 0 {
			d.arrow(diagramWidth/2, d.y)
			d.y += between
		}
		d.y += d.box(1, diagramWidth-2, d.y, item, n == len(items)-1)
	}
}

func (d *drawing) sum(items []string) {
	for n, item := range items {
		x, y := diagramWidth/2, d.y+between/2
		switch {
		case n == 0:
		case n < len(items)-1:
			d.path("M%d %dh14m-7-7v14", x-7, y)
		default:
			d.path("M%d %dh14m-14 7h14", x-7, y-3)
		}
		if n > 0 {
			d.y += between
		}
		d.y += d.box(1, diagramWidth-2, d.y, item, n == len(items)-1)
	}
}

// choice is a question and its two answers side by side, or its one outcome below.
func (d *drawing) choice(items []string) {
	d.y += d.box(1, diagramWidth-2, d.y, items[0], false)
	answers := items[1:]
	gap := 10
	width := (diagramWidth - 2 - gap*(len(answers)-1)) / len(answers)
	top, tallest := d.y+between, 0
	for _, a := range answers {
		tallest = max(tallest, len(wrap(a, width-2*padding))*lineHeight+2*padding)
	}
	for n, a := range answers {
		x := 1 + n*(width+gap)
		if d.mirrored {
			x = diagramWidth - x - width
		}
		d.arrow(x+width/2, d.y)
		d.boxOf(x, width, top, tallest, a, true)
	}
	d.y = top + tallest
}

// box draws a text in a box and tells how tall it is.
func (d *drawing) box(x, width, y int, words string, last bool) int {
	height := len(wrap(words, width-2*padding))*lineHeight + 2*padding
	d.boxOf(x, width, y, height, words, last)
	return height
}

func (d *drawing) boxOf(x, width, y, height int, words string, last bool) {
	class := ""
	if last {
		class = ` class="last"`
	}
	_, _ = fmt.Fprintf(&d.b, `<rect%s x="%d" y="%d" width="%d" height="%d" rx="10"/>`, class, x, y+1, width, height-1)
	lines := wrap(words, width-2*padding)
	first := y + height/2 - len(lines)*lineHeight/2 + lineHeight - 6
	_, _ = fmt.Fprintf(&d.b, `<text text-anchor="middle">`)
	for n, line := range lines {
		_, _ = fmt.Fprintf(&d.b, `<tspan x="%d" y="%d">%s</tspan>`, x+width/2, first+n*lineHeight, html.EscapeString(line))
	}
	d.b.WriteString("</text>")
}

func (d *drawing) arrow(x, y int) { d.path("M%d %dv22m-6-6l6 6 6-6", x, y+4) }

func (d *drawing) path(format string, args ...any) {
	_, _ = fmt.Fprintf(&d.b, `<path d="%s"/>`, fmt.Sprintf(format, args...))
}

// wrap breaks words into lines that fit a width, by what letters of a script
// take at most on the average: a line may be shorter than it could be, never longer.
func wrap(words string, width int) []string {
	var lines []string
	line, used := "", 0.0
	for _, word := range strings.Fields(words) {
		w := extent(word)
		if line != "" && used+extent(" ")+w > float64(width) {
			lines, line, used = append(lines, line), "", 0
		}
		if line != "" {
			line, used = line+" ", used+extent(" ")
		}
		line, used = line+word, used+w
	}
	return append(lines, line)
}

// extent is about how wide a word is set.
func extent(word string) (sum float64) {
	for _, r := range word {
		em := 0.56
		switch {
		case unicode.Is(unicode.Mn, r):
			em = 0
		case unicode.Is(unicode.Han, r):
			em = 1
		case unicode.Is(unicode.Cyrillic, r):
			em = 0.62
		case unicode.IsUpper(r) || r == 'm' || r == 'w':
			em = 0.78
		case strings.ContainsRune(" .,:;'’ijlIt!-()", r):
			em = 0.33
		}
		sum += em * letter
	}
	return sum
}
