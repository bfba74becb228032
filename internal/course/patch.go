package course

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// ErrForm says that a file is YAML, but not in a form that can be changed at one
// place: only a hand can.
var ErrForm = errors.New("the file is in a form that only a hand can change")

// patch is a YAML file in which one place is changed; every other byte stays.
type patch struct {
	yamlWriter
	root ast.Node // nil: there is nothing in the file
}

func patchOf(file []byte) (*patch, error) {
	f := &folder{files: Files{"": file}}
	src, _ := f.source("")
	if tooDeep(src) {
		return nil, ErrForm
	}
	doc, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil || len(doc.Docs) > 1 {
		return nil, ErrForm
	}
	p := &patch{yamlWriter: yamlWriter{src: src, lines: lineStarts(src)}}
	if len(doc.Docs) > 0 && doc.Docs[0].Body != nil && doc.Docs[0].Body.Type() != ast.CommentType {
		p.root = doc.Docs[0].Body
	}
	return p, nil
}

// in makes the edits in the file as it is, with its line ends.
func (p *patch) in(file []byte) []byte { return keepingLines(file, p.edits) }

func (p *patch) put(start, end int, text string) { p.edits = append(p.edits, edit{start, end, text}) }

// atEnd puts lines behind everything that is there.
func (p *patch) atEnd(lines string) {
	if n := len(p.src); n > 0 && p.src[n-1] != '\n' {
		lines = "\n" + lines
	}
	p.put(len(p.src), len(p.src), lines+"\n")
}

// pairs are the entries of a mapping; flow tells whether it stands in braces.
func pairs(n ast.Node) (values []*ast.MappingValueNode, flow, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, n.IsFlowStyle, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, false, true
	}
	return nil, false, false
}

// under is what a key at the top of the file holds; "" is the file itself.
func (p *patch) under(key string) (n ast.Node, there bool, err error) {
	if key == "" || p.root == nil {
		return p.root, key == "" && p.root != nil, nil
	}
	values, flow, ok := pairs(p.root)
	if !ok || flow {
		return nil, false, ErrForm
	}
	for _, v := range values {
		if v.Key.GetToken().Value == key {
			return v.Value, true, nil
		}
	}
	return nil, false, nil
}

// item is one entry of a list: from its dash to the end of its value.
type item struct {
	id         string
	dash, end  int
	value      ast.Node
	lineOfDash int
}

func (p *patch) items(under string) (list []item, seq *ast.SequenceNode, there bool, err error) {
	n, there, err := p.under(under)
	if err != nil || !there {
		return nil, nil, false, err
	}
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		if _, null := n.(*ast.NullNode); null {
			return nil, nil, true, nil
		}
		return nil, nil, true, ErrForm
	}
	if seq.IsFlowStyle {
		if len(seq.Values) > 0 {
			return nil, nil, true, ErrForm
		}
		return nil, seq, true, nil
	}
	for _, v := range seq.Values {
		start, end, err := p.extent(v, 0, false)
		if err != nil {
			return nil, nil, true, ErrForm
		}
		line := p.lineStart(start)
		dash := bytes.IndexByte(p.src[line:start], '-')
		if dash < 0 || len(bytes.TrimSpace(p.src[line:line+dash])) > 0 || len(bytes.TrimSpace(p.src[line+dash+1:start])) > 0 {
			return nil, nil, true, ErrForm
		}
		it := item{dash: line + dash, end: end, value: v, lineOfDash: 1 + bytes.Count(p.src[:line], []byte("\n"))}
		it.id = idOf(v)
		list = append(list, it)
	}
	return list, seq, true, nil
}

// values are the entries of a file that is a list, in whatever form.
func (p *patch) values() []ast.Node {
	if seq, ok := p.root.(*ast.SequenceNode); ok {
		return seq.Values
	}
	return nil
}

// idOf is the id that an entry has, "" none.
func idOf(n ast.Node) (id string) {
	values, _, _ := pairs(n)
	for _, f := range values {
		if f.Key.GetToken().Value == "id" && f.Value != nil {
			id = f.Value.GetToken().Value
		}
	}
	return id
}

func (p *patch) column(at int) int { return at - p.lineStart(at) }

// indented moves the lines of a text further in, but for the first.
func indented(text string, by int) string {
	return strings.ReplaceAll(text, "\n", "\n"+strings.Repeat(" ", by))
}

// PutItem writes the entry with an id into a list: that at the top of the file, or
// under a key there. The text begins with "- " and stands in the place of the entry
// that is there, or behind the last; an empty one takes it out. Every other byte
// stays as it is. The error is ErrForm.
func PutItem(file []byte, under, id, text string) ([]byte, error) {
	p, err := patchOf(file)
	if err != nil {
		return nil, err
	}
	list, seq, there, err := p.items(under)
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\n")
	at := slices.IndexFunc(list, func(i item) bool { return i.id == id })
	switch {
	case at >= 0 && text == "" && len(list) == 1:
		p.put(list[0].dash, list[0].end, "[]")
	case at >= 0 && text == "":
		p.put(p.lineStart(list[at].dash), min(p.lineEnd(list[at].end)+1, len(p.src)), "")
	case at >= 0:
		p.put(list[at].dash, list[at].end, indented(text, p.column(list[at].dash)))
	case text == "":
	case len(list) > 0:
		last := list[len(list)-1]
		by, end := p.column(last.dash), p.lineEnd(last.end)
		p.put(end, end, "\n"+strings.Repeat(" ", by)+indented(text, by))
	case seq != nil: // []
		start, end, err := p.extent(seq, 0, true)
		if err != nil {
			return nil, ErrForm
		}
		if under != "" {
			text = "\n  " + indented(text, 2)
			for start > 0 && p.src[start-1] == ' ' {
				start--
			}
		}
		p.put(start, end, text)
	case under != "" && there:
		return nil, ErrForm
	case under != "":
		p.atEnd(under + ":\n  " + indented(text, 2))
	default:
		p.atEnd(text)
	}
	return p.in(file), nil
}

// MoveItem exchanges an entry of a list with its neighbour: −1 the one before, 1
// the one behind. Where there is none, nothing changes.
func MoveItem(file []byte, under, id string, by int) ([]byte, error) {
	p, err := patchOf(file)
	if err != nil {
		return nil, err
	}
	list, _, _, err := p.items(under)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(list, func(i item) bool { return i.id == id })
	to := at + by
	if at < 0 || to < 0 || to >= len(list) {
		return file, nil
	}
	a, b := list[at], list[to]
	p.put(a.dash, a.end, string(p.src[b.dash:b.end]))
	p.put(b.dash, b.end, string(p.src[a.dash:a.end]))
	return p.in(file), nil
}

// PutKey writes an entry at the top of a file, "key: …", in the place of the one
// that is there or behind the last; an empty text takes it out.
func PutKey(file []byte, key, text string) ([]byte, error) {
	p, err := patchOf(file)
	if err != nil {
		return nil, err
	}
	text = strings.TrimRight(text, "\n")
	var values []*ast.MappingValueNode
	if p.root != nil {
		flow, ok := false, false
		if values, flow, ok = pairs(p.root); !ok || flow && len(values) > 0 {
			return nil, ErrForm
		}
		if flow {
			start, end, err := p.extent(p.root, 0, true)
			if err != nil {
				return nil, ErrForm
			}
			p.put(start, end, text)
			return p.in(file), nil
		}
	}
	for _, v := range values {
		if v.Key.GetToken().Value != key {
			continue
		}
		e, err := p.entry(v, false)
		if err != nil {
			return nil, ErrForm
		}
		if text == "" {
			p.put(p.lineStart(e.key), min(p.lineEnd(e.end)+1, len(p.src)), "")
		} else {
			p.put(e.key, e.end, text)
		}
		return p.in(file), nil
	}
	if text != "" {
		p.atEnd(text)
	}
	return p.in(file), nil
}

// Lines tells in which lines, from 1, the entry with an id stands in a list (under
// a key, "" at the top) or under the id itself; 0 where it is not.
func Lines(file []byte, under, id string) (first, last int) {
	p, err := patchOf(file)
	if err != nil || p.root == nil {
		return 0, 0
	}
	line := func(at int) int { return 1 + bytes.Count(p.src[:at], []byte("\n")) }
	if list, _, _, err := p.items(under); err == nil {
		for _, i := range list {
			if i.id == id {
				return i.lineOfDash, line(i.end)
			}
		}
	}
	values, _, _ := pairs(p.root)
	for _, v := range values {
		if v.Key.GetToken().Value == id {
			if e, err := p.entry(v, false); err == nil {
				return line(e.key), line(e.end)
			}
		}
	}
	return 0, 0
}
