package course

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// svgSpace is the namespace without which no browser draws a picture.
const svgSpace = "http://www.w3.org/2000/svg"

const maxSVGTokens = 100_000

// active are elements that run, move or bring in a page of their own.
var active = []string{"script", "foreignobject", "iframe", "embed", "object", "audio", "video", "handler", "listener", "animate", "animatetransform", "animatemotion", "set"}

// checkSVG reads a drawing token by token and refuses what is more than a drawing:
// scripts, movement, and whatever is fetched from elsewhere. Nothing of it is run
// or resolved.
func checkSVG(r *report, file string, src []byte) {
	d := xml.NewDecoder(bytes.NewReader(src))
	d.Strict = true
	texts := &contrast{}
	root := false
	for n := 0; ; n++ {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		line, _ := d.InputPos()
		at := place{file: file, line: line}
		if err != nil || n > maxSVGTokens {
			r.fail(at, "media-broken")
			return
		}
		switch t := token.(type) {
		case xml.Directive: // a DOCTYPE can declare entities
			if bytes.HasPrefix(bytes.ToUpper(bytes.TrimSpace(t)), []byte("DOCTYPE")) && !bytes.ContainsAny(t, "[") {
				continue
			}
			r.fail(at, "svg-active", "part", "DOCTYPE")
		case xml.ProcInst:
			if t.Target != "xml" {
				r.fail(at, "svg-outside", "part", t.Target)
			}
		case xml.StartElement:
			if !root && (t.Name.Local != "svg" || t.Name.Space != svgSpace) {
				r.fail(at, "media-broken")
				return
			}
			if !root {
				checkSVGSize(r, at, t)
			}
			root = true
			checkElement(r, at, t)
			texts.open(t, line)
		case xml.EndElement:
			texts.shut()
		case xml.CharData:
			if texts.styled = texts.styled || texts.in == "style" && len(bytes.TrimSpace(t)) > 0; texts.in == "style" && outside(string(t)) {
				r.fail(at, "svg-outside", "part", "style")
			}
		}
	}
	if !root {
		r.fail(place{file: file}, "media-broken")
		return
	}
	if !texts.styled { // a style sheet may say otherwise
		for _, weak := range texts.weak {
			r.warn(place{file: file, line: weak.line}, "svg-contrast", "ratio", strconv.FormatFloat(weak.ratio, 'f', 1, 64), "least", strconv.FormatFloat(weak.least, 'f', 1, 64))
		}
	}
}

func checkSVGSize(r *report, at place, t xml.StartElement) {
	w, h := pixels(attr(t, "width")), pixels(attr(t, "height"))
	if w > maxSide || h > maxSide {
		r.fail(at, "media-pixels", "width", int(w), "height", int(h), "most", maxSide)
	}
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// pixels reads a length without unit or in px; 0 for others.
func pixels(s string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSuffix(s, "px"), 64)
	if err != nil || n != n || n > 1e9 || n < -1e9 {
		return 0
	}
	return n
}

func checkElement(r *report, at place, t xml.StartElement) {
	if slices.Contains(active, strings.ToLower(t.Name.Local)) {
		r.fail(at, "svg-active", "part", clip(t.Name.Local))
	}
	for _, a := range t.Attr {
		name, value := strings.ToLower(a.Name.Local), strings.ToLower(strings.TrimSpace(a.Value))
		switch {
		case a.Name.Space == "xmlns" || name == "xmlns":
		case strings.HasPrefix(name, "on") || strings.Contains(value, "javascript:"):
			r.fail(at, "svg-active", "part", clip(a.Name.Local))
		case (name == "href" || name == "src") && !strings.HasPrefix(value, "#") && !within(value),
			name != "href" && a.Name.Space == "" && outside(value):
			r.fail(at, "svg-outside", "part", clip(a.Name.Local))
		}
	}
}

// within tells whether an address holds a picture itself.
func within(address string) bool {
	for _, kind := range []string{"png", "jpeg", "webp", "gif"} {
		if strings.HasPrefix(address, "data:image/"+kind+";base64,") {
			return true
		}
	}
	return false
}

// outside tells whether a style fetches something: url() of anything but a part of
// the drawing, or an import. What hides behind an escape counts as fetching.
func outside(style string) bool {
	style = strings.ToLower(style)
	if strings.Contains(style, "@import") || strings.Contains(style, `\`) || strings.Contains(style, "image-set(") {
		return true
	}
	for _, part := range strings.Split(style, "url(")[1:] {
		if !strings.HasPrefix(strings.TrimLeft(part, ` "'`), "#") {
			return true
		}
	}
	return false
}
