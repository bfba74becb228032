package course

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	direction "havn/internal/language"
)

// tables may be wider than a phone: each scrolls by itself, by keyboard too. An
// empty heading, as in the corner of a table, is a cell.
var tables = strings.NewReplacer("<table>", `<div class="scroll" tabindex="0"><table>`, "</table>", "</table></div>", "<th></th>", "<td></td>")

// markdown is CommonMark with tables, footnotes, boxes and fact citations. Raw
// HTML is left out by the renderer and refused by the checker.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Footnote),
	goldmark.WithParserOptions(
		parser.WithBlockParsers(util.Prioritized(boxParser{}, 750)),
		parser.WithInlineParsers(util.Prioritized(citeParser{}, 50)),
	),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(boxRenderer{}, 100))),
)

var (
	kindBox  = ast.NewNodeKind("Box")
	kindCite = ast.NewNodeKind("FactCitation")

	boxLine  = regexp.MustCompile(`^:::\s*([a-z-]*)\s*(.*?)\s*$`)
	citeText = regexp.MustCompile(`^\[\^fact:([^\]\s]{1,100})\]`)
	// citations finds them in a text that was checked.
	citations = regexp.MustCompile(`\[\^fact:([^\]\s]{1,100})\]`)
)

// box is `:::name arg` … `:::`.
type box struct {
	ast.BaseBlock
	name, arg string
	lang      string // of the page, for the country's name
	offset    int
	closed    bool
}

func (*box) Kind() ast.NodeKind { return kindBox }

func (b *box) Dump(src []byte, level int) { ast.DumpHelper(b, src, level, nil, nil) }

// cite is `[^fact:id]`; number counts the facts of a page from 1.
type cite struct {
	ast.BaseInline
	id     string
	number int
	first  bool // the first citation of this fact carries the anchor to come back to
	offset int
}

func (*cite) Kind() ast.NodeKind { return kindCite }

func (c *cite) Dump(src []byte, level int) { ast.DumpHelper(c, src, level, nil, nil) }

var (
	factsKey = parser.NewContextKey() // []string, in the order of their numbers
	langKey  = parser.NewContextKey() // string
)

type boxParser struct{}

func (boxParser) Trigger() []byte { return []byte{':'} }

func (boxParser) Open(_ ast.Node, r text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := r.PeekLine()
	m := boxLine.FindSubmatch(bytes.TrimSpace(line))
	if m == nil || !bytes.HasPrefix(bytes.TrimSpace(line), []byte(":::")) {
		return nil, parser.NoChildren
	}
	lang, _ := pc.Get(langKey).(string)
	b := &box{name: string(m[1]), arg: string(m[2]), lang: lang, offset: segment.Start}
	r.Advance(segment.Len() - 1)
	if b.name == "" {
		return b, parser.NoChildren
	}
	return b, parser.HasChildren
}

func (boxParser) Continue(n ast.Node, r text.Reader, _ parser.Context) parser.State {
	b := n.(*box)
	if b.name == "" {
		return parser.Close
	}
	line, segment := r.PeekLine()
	if string(bytes.TrimSpace(line)) == ":::" {
		b.closed = true
		r.Advance(segment.Len() - 1)
		return parser.Close
	}
	return parser.Continue | parser.HasChildren
}

func (boxParser) Close(ast.Node, text.Reader, parser.Context) {}
func (boxParser) CanInterruptParagraph() bool                 { return true }
func (boxParser) CanAcceptIndentedLine() bool                 { return false }

type citeParser struct{}

func (citeParser) Trigger() []byte { return []byte{'['} }

func (citeParser) Parse(_ ast.Node, r text.Reader, pc parser.Context) ast.Node {
	line, segment := r.PeekLine()
	m := citeText.FindSubmatch(line)
	if m == nil {
		return nil
	}
	r.Advance(len(m[0]))
	facts, _ := pc.Get(factsKey).([]string)
	c := &cite{id: string(m[1]), offset: segment.Start}
	for i, id := range facts {
		if id == c.id {
			c.number = i + 1
		}
	}
	if c.number == 0 {
		facts = append(facts, c.id)
		pc.Set(factsKey, facts)
		c.number, c.first = len(facts), true
	}
	return c
}

type boxRenderer struct{}

func (boxRenderer) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindBox, renderBox)
	reg.Register(kindCite, renderCite)
	reg.Register(east.KindFootnoteLink, renderFootnoteLink)
}

func renderBox(w util.BufWriter, src []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	b := n.(*box)
	switch {
	case b.name == "":
	case b.name == guideBox:
		return ast.WalkSkipChildren, nil
	case b.name == diagramBox:
		if entering {
			writeDiagram(w, b, src)
		}
		return ast.WalkSkipChildren, nil
	case b.name == "country" && isCountry(b.arg):
		if !entering {
			_, _ = w.WriteString("</details>\n")
			break
		}
		name := CountryName(b.lang, b.arg)
		_, _ = w.WriteString(`<details class="box country" data-country="` + b.arg + `" open><summary>` + string(util.EscapeHTML([]byte(name))) + "</summary>\n")
	case b.name == langBox:
		if entering {
			_, _ = w.WriteString(`<div lang="` + string(util.EscapeHTML([]byte(b.arg))) + `" dir="` + direction.Direction(b.arg) + `">` + "\n")
		} else {
			_, _ = w.WriteString("</div>\n")
		}
	case !entering:
		_, _ = w.WriteString("</aside>\n")
	default:
		_, _ = w.WriteString(`<aside class="box ` + b.name + `">` + "\n")
	}
	return ast.WalkContinue, nil
}

func renderCite(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if c := n.(*cite); entering {
		number, id := strconv.Itoa(c.number), ""
		if c.first {
			id = ` id="cite-` + number + `"`
		}
		_, _ = w.WriteString(`<sup` + id + `><a href="#fact-` + number + `" role="doc-noteref">` + number + `</a></sup>`)
	}
	return ast.WalkContinue, nil
}

// renderFootnoteLink gives plain footnotes letters, because facts have the numbers.
func renderFootnoteLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if f := n.(*east.FootnoteLink); entering {
		i := strconv.Itoa(f.Index)
		letter := string(rune('a' + (f.Index-1)%26))
		_, _ = w.WriteString(`<sup id="fnref:` + i + `"><a href="#fn:` + i + `" class="footnote-ref" role="doc-noteref">` + letter + `</a></sup>`)
	}
	return ast.WalkContinue, nil
}

// CountryName is the name of an ISO 3166 country in a language, from CLDR; the
// code where CLDR has none.
func CountryName(lang, code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	namer := display.Regions(language.Make(lang))
	if namer == nil {
		namer = display.Regions(language.English)
	}
	if name := namer.Name(region); name != "" {
		return name
	}
	return code
}

// rendered is Markdown as HTML.
type rendered struct {
	title  string // plain text of the leading `# Title`, taken out of the HTML
	note   string // the content note of a page, likewise
	html   string
	blocks []string // the parts of html: paragraphs, headings, boxes …
	facts  []string
	terms  []string
	guides []Guide
}

// renderMarkdown renders a text. On a page, links to terms lead to the list of
// words at its end; elsewhere there is no such list, and a term is plain text.
func renderMarkdown(src []byte, lang string, page bool) rendered {
	return renderWith(src, lang, page, nil)
}

// renderWith renders a text of which some blocks may be in another language.
func renderWith(src []byte, lang string, page bool, borrowed *borrowing) rendered {
	pc := parser.NewContext()
	pc.Set(langKey, lang)
	doc := markdown.Parser().Parse(text.NewReader(src), parser.WithContext(pc))
	var out rendered
	if h, ok := doc.FirstChild().(*ast.Heading); ok && h.Level == 1 {
		out.title = plainText(h, src)
		doc.RemoveChild(doc, h)
	}
	guides, before := cutGuides(doc)
	out.terms = linkTerms(doc, page)
	var all strings.Builder
	var cuts []int
	behind := map[ast.Node]int{} // how many blocks stand before a node
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		behind[n] = len(cuts)
		html := borrowed.mark(n, htmlOf(n, src))
		if note, ok := n.(*box); ok && note.name == contentNote {
			out.note = html
			continue
		}
		all.WriteString(html)
		cuts = append(cuts, all.Len())
	}
	for i := len(guides) - 1; i >= 0; i-- { // notes in a row stand before the same block
		g := guides[i]
		linkTerms(g, false)
		after := len(cuts)
		if before[i] != nil {
			after = behind[before[i]]
		}
		behind[g] = after
		var b strings.Builder
		for n := g.FirstChild(); n != nil; n = n.NextSibling() {
			b.WriteString(htmlOf(n, src))
		}
		out.guides = append([]Guide{{after, borrowed.mark(g, b.String())}}, out.guides...)
	}
	out.html = all.String()
	for i, at := 0, 0; i < len(cuts); at, i = cuts[i], i+1 {
		out.blocks = append(out.blocks, out.html[at:cuts[i]])
	}
	out.facts, _ = pc.Get(factsKey).([]string)
	return out
}

func htmlOf(n ast.Node, src []byte) string {
	var b strings.Builder
	if err := markdown.Renderer().Render(&b, src, n); err != nil {
		panic("course: a strings.Builder refused a write: " + err.Error())
	}
	return tables.Replace(b.String())
}

// inlineHTML renders a short text and takes off the paragraph around it.
func inlineHTML(src, lang string) string {
	s := strings.TrimSpace(renderMarkdown([]byte(src), lang, false).html)
	if inner, ok := strings.CutPrefix(s, "<p>"); ok && strings.Count(s, "<p>") == 1 && strings.HasSuffix(inner, "</p>") {
		return strings.TrimSuffix(inner, "</p>")
	}
	return s
}

func plainText(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			b.Write(t.Value(src))
			if t.SoftLineBreak() || t.HardLineBreak() {
				b.WriteByte(' ')
			}
		} else if s, ok := n.(*ast.String); ok && entering {
			b.Write(s.Value)
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(string(util.UnescapePunctuations([]byte(b.String()))))
}
