package course

import (
	"bytes"
	"html"
	"maps"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"havn/internal/language"
)

// contentNote is the box that warns before a hard page and stands first on it.
const contentNote = "content-note"

// termScheme begins the address of a link to a term: [guardian](term:guardian).
const termScheme = "term:"

// Term is an entry of the glossary in one language.
type Term struct {
	Term       Text
	Definition Text
}

type termTexts struct{ term, definition string }

// readGlossary reads the words of one language. Which there are, the source says.
func (f *folder) readGlossary(t *texts) {
	for _, file := range f.layers(join(t.lang, "glossary.yaml")) {
		f.readTerms(t, file)
	}
}

func (f *folder) readTerms(t *texts, file string) {
	for _, v := range f.yaml(file, false).fields() {
		if t.lang == f.course.Source {
			if !f.claim(v.name, v.at) {
				continue
			}
			f.terms = append(f.terms, v.name)
			if origin := originOf(file); origin != "" {
				f.from["glossary:"+v.name] = origin
			}
		} else if !slices.Contains(f.terms, v.name) {
			f.fail(v.at, "term-only-here", "term", clip(v.name), "lang", f.course.Source, "like", nearest(v.name, f.terms))
			continue
		}
		o := v.object("term", "definition")
		t.glossary[v.name] = &termTexts{strings.TrimSpace(o["term"].text()), strings.TrimSpace(o["definition"].text())}
	}
}

func (f *folder) glossaryUnits(t *texts) []Unit {
	var u []Unit
	for _, id := range f.terms {
		words := t.glossary[id]
		if words == nil {
			words = &termTexts{}
		}
		u = append(u, Unit{ID: "glossary:" + id + ".term", Text: words.term}, Unit{ID: "glossary:" + id + ".definition", Text: words.definition})
	}
	return u
}

// glossary is the terms for readers of lang: a term whole in one language.
func (f *folder) glossary(lang string, source map[string]Unit) map[string]Term {
	out := map[string]Term{}
	for _, id := range f.terms {
		for _, l := range f.chain(lang) {
			words := f.texts[l].glossary[id]
			if words == nil || words.term == "" || words.definition == "" {
				continue
			}
			state := f.worst(l, source, "glossary:"+id+".")
			if l != lang {
				state = Missing
			} else if f.outdated(state) {
				l, words = f.course.Source, f.texts[f.course.Source].glossary[id]
			}
			text := func(s, inner string) Text {
				return Text{HTML: inner, Plain: s, Lang: l, Dir: language.Direction(l), State: state}
			}
			out[id] = Term{text(words.term, html.EscapeString(words.term)), text(words.definition, inlineHTML(words.definition, l))}
			break
		}
	}
	return out
}

// linkTerms makes links to terms lead to the list of words at the end of their
// page, and answers which terms there are, in order. Where there is no such
// list the link's text stays.
func linkTerms(doc ast.Node, page bool) []string {
	var links []*ast.Link
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && entering && bytes.HasPrefix(l.Destination, []byte(termScheme)) {
			links = append(links, l)
		}
		return ast.WalkContinue, nil
	})
	var ids []string
	for _, l := range links {
		id := string(l.Destination[len(termScheme):])
		if page {
			l.Destination = []byte("#term-" + id)
			l.SetAttributeString("class", []byte("term"))
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			continue
		}
		for c := l.FirstChild(); c != nil; {
			following := c.NextSibling()
			l.Parent().InsertBefore(l.Parent(), l, c)
			c = following
		}
		l.Parent().RemoveChild(l.Parent(), l)
	}
	return ids
}

// checkTerms checks the links to terms in the texts of questions; those of
// pages are checked with the pages.
func (f *folder) checkTerms(t *texts) {
	for _, id := range slices.Sorted(maps.Keys(t.questions)) {
		q := t.questions[id]
		for _, u := range questionUnits(f.questions[id], q) {
			doc := markdown.Parser().Parse(text.NewReader([]byte(u.Text)))
			for _, term := range linkTerms(doc, true) {
				f.checkTerm(q.at, term)
			}
		}
	}
}

func (f *folder) checkTerm(at place, id string) {
	if !slices.Contains(f.terms, id) && !f.pending() {
		f.fail(at, "term-unknown", "term", clip(id), "lang", f.course.Source, "like", nearest(id, f.terms))
	}
}
