package course

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// guideBox holds what a page says to whoever runs it with a group. Learners never
// meet its text, so it cites nothing and counts for nothing that they are told.
const guideBox = "facilitator"

// Guide is a note for whoever runs a page with a group.
type Guide struct {
	// After is how many of the page's blocks stand before the note: 0 is before the text.
	After int
	HTML  string // safe
}

var guideLine = regexp.MustCompile(`^:::[ \t]*` + guideBox + `[ \t]*$`)

// isGuide tells whether a unit of a page is a facilitator's note and nothing else.
func isGuide(unit string) bool {
	lines := strings.Split(strings.TrimSpace(unit), "\n")
	for i, l := range lines {
		if l = strings.TrimSpace(l); i == 0 && !guideLine.MatchString(l) || l == ":::" && i < len(lines)-1 {
			return false
		}
	}
	return strings.TrimSpace(lines[len(lines)-1]) == ":::"
}

// ofGuide tells whether all that a change touches is a facilitator's note.
func (c Change) ofGuide() bool {
	guide := func(text string) bool { return text == "" || isGuide(text) }
	return c.Before+c.After != "" && guide(c.Before) && guide(c.After)
}

// guideAt tells whether the note that begins in a line is a block by itself.
func guideAt(src []byte, line int) bool {
	for _, b := range blocks(src) {
		if b.line == line {
			return isGuide(b.text)
		}
	}
	return false
}

// cutGuides takes the notes out of a page, each with the block that it stood before.
func cutGuides(doc ast.Node) (guides []*box, before []ast.Node) {
	for n := doc.FirstChild(); n != nil; {
		following := n.NextSibling()
		if b, ok := n.(*box); ok && b.name == guideBox {
			guides, before = append(guides, b), append(before, following)
			doc.RemoveChild(doc, n)
		}
		n = following
	}
	return guides, before
}

// insideBox tells whether a box stands in another, and whether something in it cites.
func insideBox(n *box) (nested, cites bool) {
	for p := n.Parent(); p != nil; p = p.Parent() {
		nested = nested || p.Kind() != ast.KindDocument
	}
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		cites = cites || n.Kind() == kindCite || n.Kind() == east.KindFootnoteLink
		return ast.WalkContinue, nil
	})
	return nested, cites
}
