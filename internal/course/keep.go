package course

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Broken is something of a source text that its translation does not keep.
type Broken struct {
	// Code is "control" (characters that no text has), "lines" (a line break in a
	// plain text), "block" (not one block of a page), "structure" (headings, lists,
	// tables, boxes …), "code", "html", "link", "picture", "alternative" (of a
	// picture), "note" (a footnote or the citation of a fact), "placeholder" or
	// "diagram".
	Code      string
	Want, Got string // as the source and as the translation has it
}

// Keeps compares a translated text with the source of its unit: everything but
// the words must be the same. It answers what is not.
func (p Pair) Keeps(target string) []Broken {
	var out []Broken
	differ := func(code, want, got string) {
		if want != got {
			out = append(out, Broken{code, want, got})
		}
	}
	if at := strings.IndexFunc(target, isControl); at >= 0 {
		return []Broken{{Code: "control", Got: fmt.Sprintf("%+q", []rune(target[at:])[0])}}
	}
	for _, c := range []struct {
		code string
		is   *regexp.Regexp
	}{{"placeholder", placeholders}, {"link", addresses}} {
		differ(c.code, found(c.is, p.Source), found(c.is, target))
	}
	if !p.Markdown {
		if !strings.Contains(p.Source, "\n") && strings.Contains(target, "\n") {
			differ("lines", "", strconv.Itoa(strings.Count(target, "\n")))
		}
		return out
	}
	for _, is := range []*regexp.Regexp{noteMarks, definitions, references} {
		differ("note", found(is, p.Source), found(is, target))
	}
	if strings.HasPrefix(p.ID, "page:") {
		// A block that is not closed would take in those behind it.
		count := func(s string) string { return strconv.Itoa(len(blocks([]byte(s + "\n\nend")))) }
		differ("block", count(p.Source), count(target))
		if strings.HasPrefix(p.Source, "# ") && !strings.HasPrefix(target, "# ") {
			differ("structure", "# ", target[:min(len(target), strings.IndexByte(target+" ", ' ')+1)])
		}
	}
	want, got := markdownParts(p.Source), markdownParts(target)
	differ("structure", want.structure, got.structure)
	differ("code", want.list("code"), got.list("code"))
	differ("html", want.list("html"), got.list("html"))
	differ("link", want.list("link"), got.list("link"))
	differ("picture", want.list("picture"), got.list("picture"))
	if got.unnamed > want.unnamed {
		differ("alternative", "", strconv.Itoa(got.unnamed))
	}
	if got.undrawable > want.undrawable {
		differ("diagram", "", strconv.Itoa(got.undrawable))
	}
	return out
}

var (
	placeholders = regexp.MustCompile(`\{\{[^{}]*\}\}`)
	addresses    = regexp.MustCompile(`https?://[^\s<>()\[\]"]*[^\s<>()\[\]".,;:!?'»”]`)
	noteMarks    = regexp.MustCompile(`\[\^[^\]\s]+\]`)
	definitions  = regexp.MustCompile(`(?m)^ {0,3}\[[^\]]+\]:(?: *\S+://\S*)?`)
	references   = regexp.MustCompile(`\]\[[^\]]*\]`)
)

// found is what an expression finds, sorted: a translation may put it elsewhere.
func found(is *regexp.Regexp, text string) string {
	all := is.FindAllString(text, -1)
	slices.Sort(all)
	return strings.Join(all, " ")
}

func isControl(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\u2028' || r == '\u2029' || r == unicode.ReplacementChar || r >= 0xfffe && r&0xfffe == 0xfffe
}

// parts is what a Markdown text is made of but for its words.
type parts struct {
	structure           string
	kept                map[string][]string
	unnamed, undrawable int
}

func (p parts) list(kind string) string {
	slices.Sort(p.kept[kind])
	return strings.Join(p.kept[kind], " ")
}

func markdownParts(s string) parts {
	src := []byte(s)
	p := parts{kept: map[string][]string{}}
	keep := func(kind, what string) { p.kept[kind] = append(p.kept[kind], what) }
	var shape []string
	_ = ast.Walk(markdown.Parser().Parse(text.NewReader(src)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			switch n.(type) {
			case *ast.List, *ast.Blockquote, *box:
				shape = append(shape, "/")
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			shape = append(shape, strings.Repeat("#", n.Level))
		case *ast.Paragraph, *ast.TextBlock:
			shape = append(shape, "text")
		case *ast.List:
			if n.IsOrdered() {
				shape = append(shape, fmt.Sprintf("%d.", n.Start))
			} else {
				shape = append(shape, "list")
			}
		case *ast.ListItem:
			shape = append(shape, "-")
		case *ast.Blockquote:
			shape = append(shape, ">")
		case *ast.ThematicBreak:
			shape = append(shape, "---")
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			shape = append(shape, "code")
			keep("code", string(n.Lines().Value(src)))
		case *east.Table:
			shape = append(shape, fmt.Sprintf("table %dx%d", n.ChildCount(), len(n.Alignments)))
		case *east.Footnote:
			shape = append(shape, "footnote")
		case *box:
			arg, _, _ := strings.Cut(n.arg, " ")
			if n.name != "country" && n.name != diagramBox {
				arg = ""
			}
			shape = append(shape, fmt.Sprintf(":::%s %s %t", n.name, arg, n.closed))
			if n.name == diagramBox {
				if _, fault := diagramOf(n, src); fault != drawable {
					p.undrawable++
				}
			}
		case *ast.CodeSpan:
			var b strings.Builder
			for c := n.FirstChild(); c != nil; c = c.NextSibling() {
				if t, ok := c.(*ast.Text); ok {
					b.Write(t.Value(src))
				}
			}
			keep("code", b.String())
		case *ast.HTMLBlock, *ast.RawHTML:
			keep("html", "html")
		case *ast.Link:
			keep("link", string(n.Destination))
		case *ast.AutoLink:
			keep("link", string(n.URL(src)))
		case *ast.Image:
			keep("picture", string(n.Destination))
			if plainText(n, src) == "" {
				p.unnamed++
			}
		}
		return ast.WalkContinue, nil
	})
	p.structure = strings.Join(shape, " ")
	return p
}
