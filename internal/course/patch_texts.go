package course

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// TextAt is a text of a file such as questions.yaml of a language, and the keys
// that lead to it.
type TextAt struct {
	Path []string
	Text string // trimmed
}

// PutTexts writes texts into a file, in the order in which they belong there: one
// that is another is replaced where it stands, one that is missing is put behind
// the one before it. What stands there under one of the texts' first keys, or under
// the given ones, is taken out where gone says so.
func PutTexts(file []byte, texts []TextAt, gone func(path []string) bool) ([]byte, error) {
	have, order, err := textsIn(file)
	if err != nil {
		return nil, err
	}
	for _, path := range order { // one by one, as each moves what stands behind it
		if gone(path) {
			if file, err = cut(file, path); err != nil {
				return nil, err
			}
		}
	}
	tree := &wording{}
	for _, t := range texts {
		at := tree.at(t.Path...)
		if text, there := have[strings.Join(t.Path, "\x00")]; t.Text != "" && (!there || strings.TrimSpace(text) != t.Text) {
			at.text = &t.Text
		}
	}
	if !tree.set() {
		return file, nil
	}
	f := &folder{files: Files{"": file}}
	src, _ := f.source("")
	edits, err := yamlEdits(src, tree)
	if err != nil {
		return nil, ErrForm
	}
	return keepingLines(file, edits), nil
}

// textsIn are the texts of a file by their keys, and the keys in their order.
func textsIn(file []byte) (map[string]string, [][]string, error) {
	p, err := patchOf(file)
	if err != nil {
		return nil, nil, err
	}
	have, order := map[string]string{}, [][]string(nil)
	var walk func(n ast.Node, path []string)
	walk = func(n ast.Node, path []string) {
		values, _, ok := pairs(n)
		if !ok {
			v := value{r: &report{}, node: n}
			have[strings.Join(path, "\x00")] = v.text()
			order = append(order, path)
			return
		}
		for _, v := range values {
			walk(v.Value, append(slices.Clone(path), v.Key.GetToken().Value))
		}
	}
	if p.root != nil {
		walk(p.root, nil)
	}
	return have, order, nil
}

// cut takes one text out of a file, and the mapping around it where it was the last.
func cut(file []byte, path []string) ([]byte, error) {
	p, err := patchOf(file)
	if err != nil || p.root == nil {
		return file, err
	}
	n := p.root
	for depth, key := range path {
		values, flow, _ := pairs(n)
		at := slices.IndexFunc(values, func(v *ast.MappingValueNode) bool { return v.Key.GetToken().Value == key })
		if at < 0 {
			return file, nil
		}
		if !only(values[at].Value, path[depth+1:]) {
			n = values[at].Value
			continue
		}
		e, err := p.entry(values[at], flow)
		if err != nil {
			return nil, ErrForm
		}
		switch {
		case !flow:
			p.put(p.lineStart(e.key), min(p.lineEnd(e.end)+1, len(p.src)), "")
		case at > 0:
			before, err := p.entry(values[at-1], true)
			if err != nil {
				return nil, ErrForm
			}
			p.put(before.end, e.end, "")
		case len(values) > 1:
			next, err := p.entry(values[1], true)
			if err != nil {
				return nil, ErrForm
			}
			p.put(e.key, next.key, "")
		default:
			p.put(e.key, e.end, "")
		}
		return p.in(file), nil
	}
	return file, nil
}

// only tells whether a value holds nothing but the text that the keys lead to.
func only(n ast.Node, path []string) bool {
	for _, key := range path {
		values, _, ok := pairs(n)
		if !ok || len(values) != 1 || values[0].Key.GetToken().Value != key {
			return false
		}
		n = values[0].Value
	}
	return true
}
