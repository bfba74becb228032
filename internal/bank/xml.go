package bank

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"
)

// What one question in XML may cost before it is refused.
const (
	maxNodes = 20_000
	maxDepth = 100
)

// node is an element with what is in it.
type node struct {
	name     string
	line     int
	attrs    map[string]string
	children []*node // elements, and text as nodes without a name
	text     string
}

// get is the first child of a name, or an empty node.
func (n *node) get(names ...string) *node {
	for _, name := range names {
		var found *node
		for _, c := range n.children {
			if c.name == name {
				found = c
				break
			}
		}
		if found == nil {
			return &node{line: n.line}
		}
		n = found
	}
	return n
}

func (n *node) all(name string) []*node {
	var out []*node
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		}
	}
	return out
}

// find lists all elements of a name below n, in order.
func (n *node) find(names ...string) []*node {
	var out []*node
	for _, c := range n.children {
		if slices.Contains(names, c.name) {
			out = append(out, c)
		}
		out = append(out, c.find(names...)...)
	}
	return out
}

// plain is the text in n and below.
func (n *node) plain() string {
	var b strings.Builder
	n.write(&b, false)
	return strings.TrimSpace(b.String())
}

// markup is what is in n as HTML source.
func (n *node) markup() string {
	var b strings.Builder
	n.write(&b, slices.ContainsFunc(n.children, func(c *node) bool { return c.name != "" }))
	return strings.TrimSpace(b.String())
}

// write writes text as it is; tags too, and text then escaped, if there are tags.
func (n *node) write(b *strings.Builder, tags bool) {
	for _, c := range n.children {
		switch {
		case c.name == "" && tags:
			b.WriteString(html.EscapeString(c.text))
		case c.name == "":
			b.WriteString(c.text)
		case tags:
			b.WriteString("<" + c.name)
			for _, k := range slices.Sorted(maps.Keys(c.attrs)) {
				b.WriteString(" " + k + `="` + html.EscapeString(c.attrs[k]) + `"`)
			}
			b.WriteString(">")
			c.write(b, tags)
			if !slices.Contains([]string{"br", "img", "hr", "col", "source", "input"}, c.name) {
				b.WriteString("</" + c.name + ">")
			}
		default:
			c.write(b, tags)
		}
	}
}

var errMuch = errors.New("it is larger than a question can be")

// eachElement reads a document and gives each element that take names, whole; what
// is around them is skipped. A document type is refused, so that no entity is
// ever declared. name is applied to each element's name. The error is an
// *Unreadable; what came before it was given.
func eachElement(data []byte, name func(string) string, take func(path []string, name string) bool, each func(path []string, n *node, err error)) error {
	data, err := unmark(data)
	if err != nil {
		return err
	}
	count := lineCounter{data: data}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return r, nil // made UTF-8 above
		}
		return charset.NewReaderLabel(label, r)
	}
	broken := func(err error) error {
		line := count.at(d.InputOffset())
		var syntax *xml.SyntaxError
		if errors.As(err, &syntax) {
			return &Unreadable{line, "the XML is broken here: " + syntax.Msg}
		}
		return &Unreadable{line, "the XML cannot be read: " + err.Error()}
	}
	var path []string
	started := false
	for {
		before := d.InputOffset()
		t, err := d.Token()
		if err == io.EOF {
			if !started {
				return &Unreadable{1, "this is no XML"}
			}
			return nil
		} else if err != nil {
			return broken(err)
		}
		switch t := t.(type) {
		case xml.Directive:
			if bytes.ContainsAny(t, "[") || bytes.Contains(t, []byte("SYSTEM")) || bytes.Contains(t, []byte("PUBLIC")) || bytes.Contains(t, []byte("ENTITY")) {
				return &Unreadable{count.at(before), "the file has a document type definition (<!DOCTYPE …>), which is not read; take it out"}
			}
		case xml.StartElement:
			started = true
			local := name(t.Name.Local)
			if !take(path, local) {
				if path = append(path, local); len(path) > maxDepth {
					return &Unreadable{count.at(before), "the elements are nested too deep"}
				}
				continue
			}
			n, err := readElement(d, t, name, count.at(before), &count)
			if err != nil && !errors.Is(err, errMuch) {
				each(path, n, refuse("the file breaks off or is broken in it"))
				return broken(err)
			}
			if err != nil {
				err = refuse("%s", err)
			}
			each(path, n, err)
		case xml.EndElement:
			path = path[:max(0, len(path)-1)]
		}
	}
}

// readElement reads to the end of the element that start began. After too many
// nodes it goes on without keeping them.
func readElement(d *xml.Decoder, start xml.StartElement, name func(string) string, line int, count *lineCounter) (*node, error) {
	root := newNode(start, name, line)
	stack, nodes := []*node{root}, 0
	var much error
	for depth := 1; depth > 0; {
		before := d.InputOffset()
		t, err := d.Token()
		if err != nil {
			return root, err
		}
		nodes++
		if nodes > maxNodes || depth > maxDepth {
			much = errMuch
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			if much == nil {
				c := newNode(t, name, count.at(before))
				top := stack[len(stack)-1]
				top.children = append(top.children, c)
				stack = append(stack, c)
			}
		case xml.EndElement:
			depth--
			if much == nil {
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			if much == nil {
				top := stack[len(stack)-1]
				top.children = append(top.children, &node{text: string(t)})
			}
		case xml.Directive:
			return root, fmt.Errorf("a declaration inside an element")
		}
	}
	return root, much
}

func newNode(e xml.StartElement, name func(string) string, line int) *node {
	n := &node{name: name(e.Name.Local), line: line, attrs: map[string]string{}}
	for _, a := range e.Attr {
		n.attrs[name(a.Name.Local)] = a.Value
	}
	return n
}

// lineCounter tells the line of an offset; offsets only grow.
type lineCounter struct {
	data []byte
	to   int64
	line int
}

func (c *lineCounter) at(offset int64) int {
	offset = min(offset, int64(len(c.data)))
	if offset > c.to {
		c.line += bytes.Count(c.data[c.to:offset], []byte("\n"))
		c.to = offset
	}
	return c.line + 1
}
