package course

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// yamlWriter knows where in a YAML file its tokens stand, byte by byte, which
// the parser tells by line and column and of beginnings only.
type yamlWriter struct {
	src   []byte
	lines []int
	edits []edit
}

func lineStarts(src []byte) []int {
	starts := []int{0}
	for i, c := range src {
		if c == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// offset is where a token begins; columns count characters from 1.
func (w *yamlWriter) offset(t *token.Token) (int, error) {
	if t == nil || t.Position.Line < 1 || t.Position.Line > len(w.lines) {
		return 0, fmt.Errorf("a token without a place")
	}
	at := w.lines[t.Position.Line-1]
	for range t.Position.Column - 1 {
		_, size := utf8.DecodeRune(w.src[at:])
		at += size
	}
	if at > len(w.src) {
		return 0, fmt.Errorf("a token behind the end")
	}
	return at, nil
}

// entry is one key of a mapping: where it begins, and where its value begins and
// ends; the value of a bare key is empty, behind the colon.
type entry struct {
	key, start, end int
	value           ast.Node
}

func (w *yamlWriter) lineStart(at int) int { return bytes.LastIndexByte(w.src[:at], '\n') + 1 }

func (w *yamlWriter) lineEnd(at int) int {
	if n := bytes.IndexByte(w.src[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(w.src)
}

func (w *yamlWriter) entry(p *ast.MappingValueNode, flow bool) (entry, error) {
	e := entry{value: p.Value}
	var err error
	if e.key, err = w.offset(p.Key.GetToken()); err != nil {
		return e, err
	}
	colon, err := w.offset(p.Start)
	if err != nil || colon >= len(w.src) || w.src[colon] != ':' {
		return e, fmt.Errorf("no colon behind %s", p.Key.GetToken().Value)
	}
	if _, null := p.Value.(*ast.NullNode); null || p.Value == nil {
		e.value, e.start, e.end = nil, colon+1, colon+1
		for _, word := range []string{"null", "~"} {
			line := w.src[colon+1 : w.lineEnd(colon)]
			if rest := bytes.TrimLeft(line, " "); bytes.HasPrefix(rest, []byte(word)) {
				e.end += len(line) - len(rest) + len(word)
			}
		}
		return e, nil
	}
	e.start, e.end, err = w.extent(p.Value, e.key-w.lineStart(e.key), flow)
	return e, err
}

func isLeaf(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.LiteralNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	}
	return false
}

// extent is the bytes of a value; indent is that of its key, and flow whether it
// stands between braces.
func (w *yamlWriter) extent(n ast.Node, indent int, flow bool) (start, end int, err error) {
	switch n := n.(type) {
	case *ast.MappingNode:
		if n.IsFlowStyle {
			if start, err = w.offset(n.Start); err != nil {
				return 0, 0, err
			}
			end, err = w.offset(n.End)
			return start, end + 1, err
		}
		return w.extentOfBlock(n.Values)
	case *ast.MappingValueNode:
		return w.extentOfBlock([]*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		return w.extentOfList(n)
	case *ast.LiteralNode:
		if start, err = w.offset(n.Start); err == nil {
			end = w.endOfLiteral(start, indent)
		}
		return start, end, err
	}
	if !isLeaf(n) {
		return 0, 0, fmt.Errorf("line %d is neither a text nor a mapping", n.GetToken().Position.Line)
	}
	if start, err = w.offset(n.GetToken()); err != nil {
		return 0, 0, err
	}
	switch n.GetToken().Type {
	case token.DoubleQuoteType, token.SingleQuoteType:
		end, err = w.endOfQuoted(start)
	default:
		end = w.endOfPlain(start, flow)
	}
	return start, end, err
}

func (w *yamlWriter) extentOfList(n *ast.SequenceNode) (start, end int, err error) {
	if start, err = w.offset(n.Start); err != nil {
		return 0, 0, err
	}
	if n.IsFlowStyle {
		end, err = w.offset(n.End)
		return start, end + 1, err
	}
	if len(n.Values) == 0 {
		return 0, 0, fmt.Errorf("a list without entries")
	}
	_, end, err = w.extent(n.Values[len(n.Values)-1], start-w.lineStart(start), false)
	return start, end, err
}

func (w *yamlWriter) extentOfBlock(values []*ast.MappingValueNode) (start, end int, err error) {
	for i, p := range values {
		e, err := w.entry(p, false)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 {
			start = e.key
		}
		end = e.end
	}
	return start, end, nil
}

// endOfLiteral: a block scalar has the lines that are empty or indented further
// than its key; empty lines at its end belong to nobody.
func (w *yamlWriter) endOfLiteral(start, indent int) int {
	end := w.lineEnd(start)
	for at := end + 1; at < len(w.src); {
		next := w.lineEnd(at)
		line := w.src[at:next]
		text := bytes.TrimLeft(line, " ")
		if len(text) > 0 {
			if len(line)-len(text) <= indent {
				break
			}
			end = next
		}
		at = next + 1
	}
	return end
}

func (w *yamlWriter) endOfQuoted(start int) (int, error) {
	if start >= len(w.src) || w.src[start] != '"' && w.src[start] != '\'' {
		return 0, fmt.Errorf("no quote where one is")
	}
	quote := w.src[start]
	for i := start + 1; i < len(w.src); i++ {
		switch {
		case quote == '"' && w.src[i] == '\\':
			i++
		case quote == '\'' && w.src[i] == quote && i+1 < len(w.src) && w.src[i+1] == quote:
			i++
		case w.src[i] == quote:
			return i + 1, nil
		}
	}
	return 0, fmt.Errorf("a quote that does not end")
}

// endOfPlain: a text without quotes ends before a comment or with its line; in a
// flow mapping at a comma or bracket. One of several lines is not for us, and
// found out when it is read again.
func (w *yamlWriter) endOfPlain(start int, flow bool) int {
	end := start
	for i := start; i < len(w.src) && w.src[i] != '\n'; i++ {
		c := w.src[i]
		if c == '#' && i > start && w.src[i-1] == ' ' || flow && (c == ',' || c == '}' || c == ']') {
			break
		}
		if c != ' ' && c != '\t' {
			end = i + 1
		}
	}
	return end
}
