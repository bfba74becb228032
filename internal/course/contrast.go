package course

import (
	"encoding/xml"
	"image/color"
	"math"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// Contrast is the contrast of two opaque colours, 1 to 21 (WCAG 2.2, "contrast
// ratio" and "relative luminance", https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio).
func Contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c color.RGBA) float64 {
	channel := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(c.R) + 0.7152*channel(c.G) + 0.0722*channel(c.B)
}

// The least contrast of text, and of large text: from 24 px, or 18.66 px in bold
// (WCAG 2.2, 1.4.3).
const leastContrast, leastOfLarge = 4.5, 3.0

// contrast follows a drawing and finds texts that are hard to read. It decides only
// where it can: a text of one colour at a known place in front of a rectangle of one
// colour, with nothing between them and no style sheet, transformation or
// transparency.
type contrast struct {
	in     string // the element that is open
	styled bool   // there is a style sheet
	stack  []paint
	rects  []rect
	weak   []weakText
}

type weakText struct {
	line         int
	ratio, least float64
}

// paint is what holds for an element and is inherited.
type paint struct {
	name    string
	fill    string
	size    float64
	bold    bool
	x, y    float64
	unknown bool
	hidden  bool // in what is not drawn where it stands
}

type rect struct {
	x, y, w, h float64
	fill       color.RGBA
	known      bool
}

func (c *contrast) open(t xml.StartElement, line int) {
	p := paint{fill: "black", size: 16}
	if len(c.stack) > 0 {
		p = c.stack[len(c.stack)-1]
	}
	p.name, c.in = t.Name.Local, t.Name.Local
	of := func(name string) string {
		for _, s := range strings.Split(attr(t, "style"), ";") {
			if k, v, ok := strings.Cut(s, ":"); ok && strings.TrimSpace(k) == name {
				return strings.TrimSpace(v)
			}
		}
		return attr(t, name)
	}
	if f := of("fill"); f != "" {
		p.fill = f
	}
	if s := pixels(of("font-size")); s > 0 {
		p.size = s
	} else if of("font-size") != "" {
		p.unknown = true
	}
	if w := of("font-weight"); w != "" {
		n, _ := strconv.Atoi(w)
		p.bold = w == "bold" || n >= 700
	}
	for _, name := range []string{"transform", "opacity", "fill-opacity", "filter", "mask", "clip-path", "display", "visibility"} {
		p.unknown = p.unknown || of(name) != "" && of(name) != "1"
	}
	switch p.name {
	case "defs", "symbol", "clipPath", "mask", "pattern", "marker":
		p.hidden = true
	case "svg":
		p.unknown = p.unknown || len(c.stack) > 0 || attr(t, "viewBox") == "" && attr(t, "width") == ""
	}
	if !p.hidden {
		c.draw(t, &p, line)
	}
	c.stack = append(c.stack, p)
}

func (c *contrast) draw(t xml.StartElement, p *paint, line int) {
	fill, solid := colour(p.fill)
	switch p.name {
	case "rect":
		r := rect{pixels(attr(t, "x")), pixels(attr(t, "y")), pixels(attr(t, "width")), pixels(attr(t, "height")), fill, solid && !p.unknown}
		if attr(t, "width") == "100%" && attr(t, "height") == "100%" {
			r.x, r.y, r.w, r.h = -1e9, -1e9, 2e9, 2e9
		}
		if p.fill != "none" {
			c.rects = append(c.rects, r)
		}
	case "path", "circle", "ellipse", "polygon", "polyline", "image", "use":
		if p.fill != "none" || p.name == "image" || p.name == "use" {
			c.rects = append(c.rects, rect{-1e9, -1e9, 2e9, 2e9, fill, false}) // it may lie behind any text
		}
	case "text", "tspan":
		if x := attr(t, "x"); x != "" {
			p.x = pixels(x)
		}
		if y := attr(t, "y"); y != "" {
			p.y = pixels(y)
		}
		if p.unknown || !solid {
			return
		}
		least := leastContrast
		if p.size >= 24 || p.bold && p.size >= 18.66 {
			least = leastOfLarge
		}
		for n := len(c.rects) - 1; n >= 0; n-- {
			r := c.rects[n]
			if p.x < r.x || p.x > r.x+r.w || p.y < r.y || p.y-p.size/2 > r.y+r.h {
				continue
			}
			if ratio := Contrast(fill, r.fill); r.known && ratio < least && (len(c.weak) == 0 || c.weak[len(c.weak)-1].line != line) {
				c.weak = append(c.weak, weakText{line, math.Floor(ratio*10) / 10, least})
			}
			return
		}
	}
}

func (c *contrast) shut() {
	if len(c.stack) > 0 {
		c.stack = c.stack[:len(c.stack)-1]
	}
	c.in = ""
	if len(c.stack) > 0 {
		c.in = c.stack[len(c.stack)-1].name
	}
}

// colour reads an opaque colour: #rgb, #rrggbb, rgb(r, g, b) or one of SVG's names.
func colour(s string) (color.RGBA, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if c, ok := colornames.Map[s]; ok {
		return c, true
	}
	if inner, ok := strings.CutPrefix(s, "rgb("); ok {
		var v [3]uint8
		parts := strings.Split(strings.TrimSuffix(inner, ")"), ",")
		if len(parts) != 3 {
			return color.RGBA{}, false
		}
		for n, p := range parts {
			i, err := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
			if err != nil {
				return color.RGBA{}, false
			}
			v[n] = uint8(i)
		}
		return color.RGBA{v[0], v[1], v[2], 255}, true
	}
	hex, ok := strings.CutPrefix(s, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 32)
	if !ok || len(hex) != 6 || err != nil {
		return color.RGBA{}, false
	}
	return color.RGBA{uint8(n >> 16), uint8(n >> 8), uint8(n), 255}, true
}
