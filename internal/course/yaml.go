package course

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// value is a node of a YAML file, read strictly: what is not expected is a
// problem at its line and column, and reading goes on, so that one run finds
// every fault. Aliases, anchors, tags and merge keys are refused, which also
// ends any alias bomb.
type value struct {
	r    *report
	file string
	node ast.Node // nil: absent
	at   place    // where to complain
}

// maxDepth bounds the nesting of a file before the YAML parser sees it.
const maxDepth = 40

// parseYAML reads one file. An empty file is an absent value.
func parseYAML(r *report, file string, src []byte) value {
	v := value{r: r, file: file, at: place{file: file, line: 1}}
	if !utf8.Valid(src) {
		r.fail(v.at, "not-utf8")
		return v
	}
	if tooDeep(src) {
		r.fail(v.at, "too-deep", "levels", maxDepth)
		return v
	}
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		at := v.at
		if e, ok := err.(yaml.Error); ok && e.GetToken() != nil {
			at.line, at.col = e.GetToken().Position.Line, e.GetToken().Position.Column
			r.fail(at, "yaml-invalid-here", "reason", e.GetMessage())
			return v
		}
		r.fail(at, "yaml-invalid", "reason", firstLine(err.Error()))
		return v
	}
	if len(f.Docs) > 1 {
		r.fail(v.at, "yaml-documents", "documents", len(f.Docs))
	}
	if len(f.Docs) > 0 && f.Docs[0].Body != nil {
		if _, comment := f.Docs[0].Body.(*ast.CommentGroupNode); !comment {
			return v.child(f.Docs[0].Body)
		}
	}
	return v
}

// tooDeep counts brackets and indentation, a bound on nesting that needs no parser.
func tooDeep(src []byte) bool {
	depth := 0
	for line := range strings.Lines(string(src)) {
		indent := len(line) - len(strings.TrimLeft(line, " -"))
		if indent > 4*maxDepth {
			return true
		}
		for _, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			}
		}
		if depth > maxDepth {
			return true
		}
	}
	return false
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

func (v value) child(n ast.Node) value {
	c := value{r: v.r, file: v.file, node: n, at: v.at}
	if n == nil {
		return c
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		c.at = place{v.file, t.Position.Line, t.Position.Column}
	}
	switch n := n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		v.r.fail(c.at, "yaml-anchor")
		c.node = nil
	case *ast.NullNode:
		c.node = nil
	case *ast.MappingNode: // its token is the first colon; the first key is the better place
		if len(n.Values) > 0 {
			if t := n.Values[0].Key.GetToken(); t != nil {
				c.at = place{v.file, t.Position.Line, t.Position.Column}
			}
		}
	}
	return c
}

func (v value) absent() bool { return v.node == nil }

func (v value) fail(code string, params ...any) { v.r.fail(v.at, code, params...) }

// field is one entry of a mapping.
type field struct {
	name string
	at   place
	value
}

// fields lists a mapping's entries in order. A doubled key is a problem and its
// later value is dropped.
func (v value) fields() []field {
	if v.absent() {
		return nil
	}
	var pairs []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		v.fail("mapping-needed")
		return nil
	}
	seen := map[string]int{}
	var out []field
	for _, p := range pairs {
		key := p.Key.GetToken()
		at := place{v.file, key.Position.Line, key.Position.Column}
		if _, merge := p.Key.(*ast.MergeKeyNode); merge {
			v.r.fail(at, "yaml-merge")
			continue
		}
		if line, double := seen[key.Value]; double {
			v.r.fail(at, "field-twice", "field", key.Value, "line", line)
			continue
		}
		seen[key.Value] = at.line
		c := v.child(p.Value)
		if c.absent() {
			c.at = at
		}
		out = append(out, field{key.Value, at, c})
	}
	return out
}

// object reads a mapping whose keys are known. Others are problems that name
// the nearest known key.
func (v value) object(known ...string) map[string]value {
	out := make(map[string]value, len(known))
	for _, f := range v.fields() {
		if !slices.Contains(known, f.name) {
			v.r.fail(f.at, "field-unknown", "field", f.name, "like", nearest(f.name, known))
			continue
		}
		out[f.name] = f.value
	}
	for _, k := range known {
		if _, ok := out[k]; !ok {
			out[k] = value{r: v.r, file: v.file, at: v.at}
		}
	}
	return out
}

func (v value) list() []value {
	if v.absent() {
		return nil
	}
	n, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.fail("list-needed")
		return nil
	}
	out := make([]value, 0, len(n.Values))
	for _, x := range n.Values {
		c := v.child(x)
		if c.absent() {
			if _, null := x.(*ast.NullNode); null {
				c.fail("entry-empty")
			}
			continue
		}
		out = append(out, c)
	}
	return out
}

func (v value) texts() []string {
	var out []string
	for _, x := range v.list() {
		if s := x.text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// text reads any scalar as it is written: `15` and `true` are texts too.
func (v value) text() string {
	switch n := v.node.(type) {
	case nil:
		return ""
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	}
	v.fail("text-needed")
	return ""
}

func (v value) number() float64 {
	if v.absent() {
		return 0
	}
	switch v.node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		f, err := strconv.ParseFloat(v.node.GetToken().Value, 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) && math.Abs(f) <= 1e12 {
			return f
		}
	}
	v.fail("number-needed")
	return 0
}

// whole reads a whole number in lo…hi; 0 where absent.
func (v value) whole(lo, hi int) int {
	if v.absent() {
		return 0
	}
	if _, ok := v.node.(*ast.IntegerNode); ok {
		if n, err := strconv.Atoi(v.node.GetToken().Value); err == nil && n >= lo && n <= hi {
			return n
		}
	}
	v.fail("whole-number", "least", lo, "most", hi)
	return 0
}

func (v value) flag() bool {
	if v.absent() {
		return false
	}
	if n, ok := v.node.(*ast.BoolNode); ok {
		return n.Value
	}
	v.fail("bool-needed")
	return false
}

// oneOf reads a word of a closed list; the first is the default where absent.
func (v value) oneOf(words ...string) string {
	s := v.text()
	if s == "" {
		return words[0]
	}
	if !slices.Contains(words, s) {
		v.fail("word-unknown", "word", clip(s), "known", strings.Join(words, ", "), "like", nearest(s, words))
		return words[0]
	}
	return s
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 60 {
		return string([]rune(s)[:60]) + "…"
	}
	return s
}

// nearest is the nearest word if it is at most two edits away, or "".
func nearest(got string, known []string) string {
	best, most := "", 3
	for _, k := range known {
		if d := distance(clip(got), k); d < most {
			best, most = k, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal, row[j+1] = row[j+1], min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func isScalar(v value) bool {
	_, ok := v.node.(ast.ScalarNode)
	return ok
}
