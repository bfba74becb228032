package course

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"havn/internal/language"
)

// pageParts is what the checker looks at in a page, each with its line.
type pageParts struct {
	rawHTML, strayFences []int
	boxes                []pageBox
	cites                []pageLink
	headings             []pageHeading
	links                []pageLink
	foreign              []pageLink // passages in another script, without a mark
}

type pageBox struct {
	name, arg string
	line      int
	closed    bool
	first     bool // right behind the title
	diagram   diagramFault
	nested    bool // in another box, a list or a quotation
	cites     bool // a fact or a footnote
}

// pageHeading is a heading with its level, 1 the title.
type pageHeading struct{ level, line int }

type pageLink struct {
	id      string // where it leads: a fact's id, a page's id, an address
	text    string
	picture bool
	line    int
}

func parsePage(src []byte, lang string) pageParts {
	doc := markdown.Parser().Parse(text.NewReader(src), parser.WithContext(parser.NewContext()))
	line := func(offset int) int { return 1 + bytes.Count(src[:min(max(offset, 0), len(src))], []byte("\n")) }
	var p pageParts
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.HTMLBlock, *ast.RawHTML:
			p.rawHTML = append(p.rawHTML, line(offsetOf(n)))
		case *box:
			if n.name == "" {
				p.strayFences = append(p.strayFences, line(n.offset))
			} else {
				found := pageBox{name: n.name, arg: n.arg, line: line(n.offset), closed: n.closed, first: isFirst(n)}
				found.nested, found.cites = insideBox(n)
				if n.name == diagramBox {
					_, found.diagram = diagramOf(n, src)
				}
				p.boxes = append(p.boxes, found)
			}
		case *cite:
			p.cites = append(p.cites, pageLink{id: n.id, line: line(n.offset)})
		case *ast.Heading:
			p.headings = append(p.headings, pageHeading{n.Level, line(offsetOf(n))})
		case *ast.Link:
			p.links = append(p.links, pageLink{id: string(n.Destination), text: plainText(n, src), line: line(offsetOf(n))})
		case *ast.Image:
			p.links = append(p.links, pageLink{id: string(n.Destination), text: plainText(n, src), picture: true, line: line(offsetOf(n))})
		}
		return ast.WalkContinue, nil
	})
	p.foreign = foreignIn(doc, src, lang, line)
	return p
}

func isFirst(n ast.Node) bool {
	title := n.PreviousSibling()
	return n.Parent().Kind() == ast.KindDocument && title != nil && title.Kind() == ast.KindHeading && title.PreviousSibling() == nil
}

// offsetOf is where a node begins, or the nearest place that goldmark kept.
func offsetOf(n ast.Node) int {
	switch n := n.(type) {
	case *ast.RawHTML:
		if n.Segments.Len() > 0 {
			return n.Segments.At(0).Start
		}
	case *ast.Text:
		return n.Segment.Start
	}
	if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
		return n.Lines().At(0).Start
	}
	if c := n.FirstChild(); c != nil {
		return offsetOf(c)
	}
	if p := n.Parent(); p != nil && n.Type() == ast.TypeInline && p.Type() == ast.TypeBlock && p.Lines() != nil && p.Lines().Len() > 0 {
		return p.Lines().At(0).Start
	}
	return 0
}

func isCountry(code string) bool { return language.Country(code) }
