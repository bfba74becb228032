package course

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// wording is the texts of a YAML file as a tree in the order of the source; only
// those that are set are written.
type wording struct {
	keys []string
	kids map[string]*wording
	text *string // of a leaf that is set
}

// at is the place of a path, made where it is not there yet.
func (w *wording) at(path ...string) *wording {
	for _, key := range path {
		if w.kids == nil {
			w.kids = map[string]*wording{}
		}
		if w.kids[key] == nil {
			w.kids[key] = &wording{}
			w.keys = append(w.keys, key)
		}
		w = w.kids[key]
	}
	return w
}

// set tells whether something in the tree is to be written.
func (w *wording) set() bool {
	return w.text != nil || slices.ContainsFunc(w.keys, func(k string) bool { return w.kids[k].set() })
}

// nested is a value behind its key's colon.
func nested(w *wording, indent int, flow bool) string {
	if w.text != nil {
		return " " + scalar(*w.text, indent, flow)
	}
	var b strings.Builder
	if !flow {
		b.WriteByte('\n')
		writeBlock(&b, w, indent+2)
		return strings.TrimSuffix(b.String(), "\n")
	}
	b.WriteString(" {")
	first := true
	for _, key := range w.keys {
		if kid := w.kids[key]; kid.set() {
			if !first {
				b.WriteString(", ")
			}
			first = false
			b.WriteString(key + ":" + nested(kid, indent, true))
		}
	}
	return b.String() + "}"
}

// writeBlock writes what is set as a block mapping.
func writeBlock(b *strings.Builder, w *wording, indent int) {
	for _, key := range w.keys {
		if kid := w.kids[key]; kid.set() {
			writeEntry(b, key, kid, indent)
		}
	}
}

func writeEntry(b *strings.Builder, key string, w *wording, indent int) {
	b.WriteString(strings.Repeat(" ", indent) + key + ":" + nested(w, indent, false) + "\n")
}

// scalar writes a text: of one line between double quotes, of several as a block.
func scalar(s string, indent int, flow bool) string {
	even := Balanced(s)
	if even && !flow && strings.Contains(s, "\n") && !strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && !asItIs(r) }) {
		var b strings.Builder
		b.WriteString("|-")
		for _, line := range strings.Split(s, "\n") {
			b.WriteByte('\n')
			if line != "" {
				b.WriteString(strings.Repeat(" ", indent+2) + line)
			}
		}
		return b.String()
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case !even && strings.ContainsRune("[]{}", r): // tooDeep counts them
			fmt.Fprintf(&b, `\x%02x`, r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case asItIs(r):
			b.WriteRune(r)
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08X`, r)
		default:
			fmt.Fprintf(&b, `\u%04X`, r)
		}
	}
	return b.String() + `"`
}

// Balanced tells whether each bracket of a text has its partner, and few stand in
// each other.
func Balanced(s string) bool {
	depth := 0
	for _, c := range s {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth < 0 || depth > 10 {
			return false
		}
	}
	return depth == 0
}

// asItIs tells whether YAML takes a character without an escape.
func asItIs(r rune) bool {
	return unicode.IsPrint(r) || unicode.Is(unicode.Zs, r) || unicode.Is(unicode.Cf, r) && r != '\ufeff'
}
