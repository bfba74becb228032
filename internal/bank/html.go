package bank

import (
	"regexp"
	"strings"

	"github.com/JohannesKaufmann/html-to-markdown/v2/converter"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/base"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/commonmark"
	"github.com/JohannesKaufmann/html-to-markdown/v2/plugin/table"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var toMarkdown = converter.NewConverter(converter.WithPlugins(
	base.NewBasePlugin(),
	commonmark.NewCommonmarkPlugin(commonmark.WithListEndComment(false)),
	table.NewTablePlugin(table.WithSpanCellBehavior(table.SpanBehaviorMirror), table.WithHeaderPromotion(true), table.WithSkipEmptyRows(false)),
))

// fromHTML writes HTML as Markdown, or says what of it cannot be carried.
func fromHTML(s string) (string, error) {
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return "", refuse("its HTML cannot be read")
	}
	var body *html.Node
	for n := range doc.Descendants() {
		if n.DataAtom == atom.Body && n.Type == html.ElementNode {
			body = n
			break
		}
	}
	if body == nil {
		return "", refuse("its HTML cannot be read")
	}
	if err := carry(body, 0); err != nil {
		return "", err
	}
	// Emphasis that Markdown has no way to write, such as of a full stop alone, is
	// left out in the second try.
	for range 2 {
		md, err := toMarkdown.ConvertNode(body)
		if err != nil {
			return "", refuse("its HTML cannot be written as Markdown")
		}
		out := strings.TrimSpace(ours(string(md)))
		if readable(body) == squeeze(rendered(out)) {
			return out, nil
		}
		calm(body)
	}
	return "", refuse("its HTML cannot be written as Markdown without loss: %q", clip(textOf(body)))
}

// calm takes emphasis away.
func calm(n *html.Node) {
	for c := range n.Descendants() {
		switch c.Data {
		case "b", "strong", "i", "em", "u":
			if c.Type == html.ElementNode {
				c.Data, c.DataAtom = "span", atom.Span
			}
		}
	}
}

const maxNesting = 200

// carry rewrites what Markdown has no sign for, and refuses what a question
// cannot hold.
func carry(n *html.Node, depth int) error {
	if depth > maxNesting {
		return refuse("its HTML is nested too deep")
	}
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch c.Type {
		case html.CommentNode:
			n.RemoveChild(c)
			c = next
			continue
		case html.TextNode:
			c.Data = strings.ReplaceAll(c.Data, "\u00a0", " ")
		case html.ElementNode:
			if err := element(n, c); err != nil {
				return err
			}
			if c.Parent != n {
				c = next
				continue
			}
		}
		if err := carry(c, depth+1); err != nil {
			return err
		}
		c = next
	}
	return nil
}

func element(parent, c *html.Node) error {
	switch c.Data {
	case "img", "svg", "picture", "canvas", "map", "image":
		return refuse("it has a picture, which a question cannot hold; describe it in words")
	case "audio", "video", "object", "embed", "iframe", "applet", "source":
		return refuse("it has sound, a film or another page in it, which a question cannot hold")
	case "script":
		return refuse("it has a program in it")
	case "input", "select", "textarea", "button", "form":
		return refuse("it has a form in it, which a question cannot hold")
	case "math":
		return refuse("it has a formula in MathML, which cannot be shown")
	case "style", "link", "meta", "title":
		parent.RemoveChild(c)
	case "a":
		if to := attribute(c, "href"); to != "" && !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") && !strings.HasPrefix(to, "mailto:") {
			return refuse("it links to %q, which is not in a course", clip(to))
		}
	case "u", "ins":
		c.Data, c.DataAtom = "em", atom.Em
	case "sup", "sub":
		parent.InsertBefore(&html.Node{Type: html.TextNode, Data: raised(textOf(c), c.Data == "sup")}, c)
		parent.RemoveChild(c)
	}
	return nil
}

const (
	plainChars = "0123456789+-=()n"
	upChars    = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ"
	downChars  = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₙ"
)

// raised writes a superscript or subscript in the characters that Unicode has
// for it, else behind ^ or _.
func raised(s string, up bool) string {
	to, sign := []rune(downChars), "_"
	if up {
		to, sign = []rune(upChars), "^"
	}
	var b strings.Builder
	for _, c := range s {
		i := strings.IndexRune(plainChars, c)
		if i < 0 {
			if len([]rune(s)) == 1 {
				return sign + s
			}
			return sign + "(" + s + ")"
		}
		b.WriteRune(to[i])
	}
	return b.String()
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// readable is squeeze of a tree.
func readable(n *html.Node) string {
	return anySpace.ReplaceAllString(textOf(n), "")
}

// known are the tags of HTML that banks use; another < is text.
var known = regexp.MustCompile(`(?i)^</?(a|abbr|article|aside|audio|b|big|blockquote|br|button|canvas|caption|center|cite|code|col|colgroup|dd|del|div|dl|dt|em|embed|figcaption|figure|font|form|h[1-6]|hr|i|iframe|img|input|ins|kbd|label|li|map|mark|math|nobr|object|ol|p|pre|q|s|samp|script|section|select|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|tr|tt|u|ul|var|video)(\s[^<>]*)?/?>|^<!--`)

var tagStart = regexp.MustCompile(`^<[a-zA-Z/!]`)

// loneBrackets writes a < that begins no tag as text.
func loneBrackets(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '<' && !(tagStart.MatchString(s[i:min(len(s), i+2)]) && known.MatchString(s[i:min(len(s), i+2_000)])) {
			b.WriteString("&lt;")
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var (
	blockEdge = regexp.MustCompile(`(?i)(</?(?:p|div|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|blockquote|pre|hr|br|dl|dt|dd|center)(?:\s[^<>]*)?/?>)[ \t]*\n|\n[ \t]*(</?(?:p|div|ul|ol|li|table|thead|tbody|tr|td|th|h[1-6]|blockquote|hr|dl|dt|dd|center)(?:\s[^<>]*)?/?>)`)
	preformed = regexp.MustCompile(`(?is)<pre\b.*?</pre>`)
)

// breakLines makes a line end one in HTML too, but not beside blocks nor where
// it is one anyway.
func breakLines(s string) string {
	var b strings.Builder
	at := 0
	for _, p := range append(preformed.FindAllStringIndex(s, -1), []int{len(s), len(s)}) {
		part := blockEdge.ReplaceAllString(blockEdge.ReplaceAllString(s[at:p[0]], "$1$2"), "$1$2")
		b.WriteString(strings.ReplaceAll(part, "\n", "<br>\n"))
		b.WriteString(s[p[0]:p[1]])
		at = p[1]
	}
	return b.String()
}

// unmarked is the text of HTML, for answers that are typed.
func unmarked(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	doc, err := html.Parse(strings.NewReader(loneBrackets(s)))
	if err != nil {
		return s
	}
	return strings.TrimSpace(strings.ReplaceAll(textOf(doc), "\u00a0", " "))
}
