package course

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// glossaryFile holds the words that a course explains, by id. Those of the source
// language are all there are.
const glossaryFile = "glossary.yaml"

// Term is a word of the glossary in one language.
type Term struct {
	Term, Definition Text
}

// termScheme leads from a page to the glossary: `[guardian](term:guardian)`.
const termScheme = "term:"

// readGlossary reads the glossary of one language; the source comes first.
func (f *folder) readGlossary(t *texts) {
	source := t.lang == f.course.Source
	for _, v := range f.yaml(join(t.lang, glossaryFile), false).fields() {
		switch {
		case source && !isID(v.name):
			f.fail(v.at, "id-invalid", "id", clip(v.name))
			continue
		case source:
			f.terms = append(f.terms, v.name)
		case !slices.Contains(f.terms, v.name):
			f.fail(v.at, "term-text-unknown", "term", clip(v.name), "like", nearest(v.name, f.terms))
			continue
		}
		o := v.object("term", "definition")
		t.glossary[v.name] = termTexts{strings.TrimSpace(o["term"].text()), strings.TrimSpace(o["definition"].text())}
	}
}

func (f *folder) glossaryUnits(t *texts) []Unit {
	var u []Unit
	for _, id := range f.terms {
		u = append(u, Unit{ID: "glossary:" + id + ".term", Text: t.glossary[id].term}, Unit{ID: "glossary:" + id + ".definition", Text: t.glossary[id].definition})
	}
	return u
}

// term is a word in the first language of the chain that has it whole.
func (f *folder) term(lang string, source map[string]Unit, id string) Term {
	whole := func(pick func(termTexts) string) func(*texts) string {
		return func(t *texts) string {
			if x := t.glossary[id]; x.term != "" && x.definition != "" {
				return pick(x)
			}
			return ""
		}
	}
	return Term{
		f.text(lang, source, "glossary:"+id+".term", whole(func(t termTexts) string { return t.term })),
		f.text(lang, source, "glossary:"+id+".definition", whole(func(t termTexts) string { return t.definition })),
	}
}

// linkTerms turns the links to the glossary into links to the list of words at
// the end of the page, and answers which words those are.
func linkTerms(doc ast.Node) (terms []string) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if link, ok := n.(*ast.Link); ok && entering {
			if id, ok := strings.CutPrefix(string(link.Destination), termScheme); ok {
				link.Destination = []byte("#term-" + id)
				link.SetAttributeString("class", []byte("term"))
				if !slices.Contains(terms, id) {
					terms = append(terms, id)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	return terms
}
