package exchange

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of XML from outside; a DTD is refused, and with it every entity bomb
// and every reference to another file.
const (
	maxTokens = 3_000_000
	maxDepth  = 60
)

// markup reads XML token by token.
type markup struct {
	*xml.Decoder
	open   []string // local names, from the root
	tokens int
	rooted bool // an element was found
}

func newMarkup(data []byte) (*markup, error) {
	data, err := text(data)
	if err != nil {
		return nil, err
	}
	return &markup{Decoder: xml.NewDecoder(bytes.NewReader(data))}, nil
}

// each calls do for each element that begins, which may read on inside it.
func (m *markup) each(do func(e xml.StartElement) error) error {
	for {
		t, err := m.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := do(e); err != nil {
				return err
			}
		}
	}
}

// next is the next token; io.EOF behind the last.
func (m *markup) next() (xml.Token, error) {
	t, err := m.Token()
	if err == io.EOF {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("the file is no sound XML: %w", err)
	}
	if m.tokens++; m.tokens > maxTokens {
		return nil, errors.New("the file has too many elements")
	}
	switch t := t.(type) {
	case xml.Directive:
		return nil, fmt.Errorf("line %d: a document type is not taken", m.line())
	case xml.StartElement:
		m.rooted = true
		if m.open = append(m.open, t.Name.Local); len(m.open) > maxDepth {
			return nil, errors.New("the file's elements are nested too deep")
		}
	case xml.EndElement:
		m.open = m.open[:len(m.open)-1]
	}
	return t, nil
}

func (m *markup) line() int {
	line, _ := m.InputPos()
	return line
}

// skip goes to the end of the element that was begun.
func (m *markup) skip() error {
	for depth := len(m.open); ; {
		if _, err := m.next(); err != nil {
			return ended(err)
		}
		if len(m.open) < depth {
			return nil
		}
	}
}

// text is what the begun element says. Marks of segments are taken off; inline
// reports whether other elements stand in it, which hold what is not text.
func (m *markup) text() (s string, inline bool, err error) {
	var b strings.Builder
	for depth := len(m.open); ; {
		t, err := m.next()
		if err != nil {
			return "", false, ended(err)
		}
		switch t := t.(type) {
		case xml.CharData:
			if b.Len()+len(t) > maxText+1 {
				t = t[:min(len(t), max(0, maxText+1-b.Len()))]
			}
			b.Write(t)
		case xml.StartElement:
			inline = inline || t.Name.Local != "mrk"
		case xml.EndElement:
			if len(m.open) < depth {
				return b.String(), inline, nil
			}
		}
	}
}

// ended: a file must not end inside an element.
func ended(err error) error {
	if err == io.EOF {
		return errors.New("the file ends in the middle")
	}
	return err
}

func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// document writes XML with its declaration.
func document(v any) ([]byte, error) {
	b, err := xml.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(b, '\n')...), nil
}
