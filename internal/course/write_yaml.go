package course

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// yamlEdits writes the set texts into a YAML file: a text that is there is
// replaced where it stands, one that is not is put behind the one that the source
// has before it. What it does not find its way in is an error; the caller reads
// again what was written.
func yamlEdits(src []byte, want *wording) ([]edit, error) {
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, err
	}
	w := yamlWriter{src: src, lines: lineStarts(src)}
	if len(f.Docs) == 0 || f.Docs[0].Body == nil || f.Docs[0].Body.Type() == ast.CommentType {
		var b strings.Builder
		if len(src) > 0 && src[len(src)-1] != '\n' {
			b.WriteByte('\n')
		}
		writeBlock(&b, want, 0)
		return []edit{{len(src), len(src), b.String()}}, nil
	}
	err = w.merge(f.Docs[0].Body, want)
	return w.edits, err
}

func (w *yamlWriter) merge(node ast.Node, want *wording) error {
	m := &ast.MappingNode{}
	switch n := node.(type) {
	case *ast.MappingNode:
		m = n
	case *ast.MappingValueNode:
		m.Values = []*ast.MappingValueNode{n}
	default:
		return fmt.Errorf("line %d is no mapping", node.GetToken().Position.Line)
	}
	entries, indent := map[string]entry{}, 0
	for i, p := range m.Values {
		e, err := w.entry(p, m.IsFlowStyle)
		if err != nil {
			return err
		}
		entries[p.Key.GetToken().Value] = e
		if i == 0 {
			indent = e.key - w.lineStart(e.key)
		}
	}
	var previous *entry
	added := 0
	for _, key := range want.keys {
		kid := want.kids[key]
		e, there := entries[key]
		if there {
			previous = &e
		}
		var err error
		switch {
		case !kid.set():
		case there && kid.text != nil && (e.value == nil || isLeaf(e.value)):
			text := scalar(*kid.text, indent, m.IsFlowStyle)
			if e.value == nil {
				text = " " + text
			}
			w.edits = append(w.edits, edit{e.start, e.end, text})
		case there && kid.text == nil && e.value == nil:
			w.edits = append(w.edits, edit{e.start, e.end, nested(kid, indent, m.IsFlowStyle)})
		case there && kid.text == nil:
			err = w.merge(e.value, kid)
		case there:
			err = fmt.Errorf("%s is no text", key)
		case m.IsFlowStyle:
			err = w.intoFlow(m, key+":"+nested(kid, 0, true), previous, added)
			added++
		default:
			var b strings.Builder
			writeEntry(&b, key, kid, indent)
			w.intoBlock(entries[m.Values[0].Key.GetToken().Value], b.String(), previous)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// intoBlock puts lines behind the previous entry, or before the first.
func (w *yamlWriter) intoBlock(first entry, lines string, previous *entry) {
	if previous != nil {
		at := w.lineEnd(previous.end)
		w.edits = append(w.edits, edit{at, at, "\n" + strings.TrimSuffix(lines, "\n")})
		return
	}
	at := w.lineStart(first.key)
	w.edits = append(w.edits, edit{at, at, lines})
}

// intoFlow puts an entry between braces, behind the previous one and what was
// added there before.
func (w *yamlWriter) intoFlow(m *ast.MappingNode, text string, previous *entry, added int) error {
	if previous != nil {
		w.edits = append(w.edits, edit{previous.end, previous.end, ", " + text})
		return nil
	}
	at, err := w.offset(m.Start)
	if err != nil || at >= len(w.src) || w.src[at] != '{' {
		return fmt.Errorf("no { where one is")
	}
	switch {
	case len(m.Values) > 0:
		text += ", "
	case added > 0:
		text = ", " + text
	}
	w.edits = append(w.edits, edit{at + 1, at + 1, text})
	return nil
}
