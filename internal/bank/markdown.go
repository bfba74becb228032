package bank

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	gmhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"havn/internal/course"
)

// markup is how a text of a source is written.
type markup int

const (
	plainText    markup = iota
	htmlText            // HTML
	autoText            // HTML in which a line end is one, and a lone < is text
	markdownText        // Markdown, perhaps with HTML in it
)

// writer turns Markdown into HTML as the course does; raw HTML stays, to be read
// back by fromHTML.
var writer = goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithRendererOptions(gmhtml.WithUnsafe(), gmhtml.WithXHTML()))

// markdown turns a text of the source into Markdown that reads the same.
func markdown(m markup, src string) (string, error) {
	src = strings.TrimSpace(strings.ReplaceAll(src, "\r\n", "\n"))
	switch {
	case src == "":
		return "", nil
	case !utf8.ValidString(src):
		return "", refuse("a text is not in UTF-8; save the file as UTF-8")
	case len(src) > maxText && !strings.Contains(src, "<img"):
		return "", refuse("a text is longer than %d characters", maxText)
	case strings.ContainsFunc(src, func(c rune) bool { return c < ' ' && c != '\n' && c != '\t' || c == 0x7f }):
		return "", refuse("a text holds control characters")
	}
	switch m {
	case htmlText:
		return fromHTML(src)
	case autoText:
		src = loneBrackets(src)
		if !strings.ContainsAny(src, "<&") {
			return fromPlain(src)
		}
		return fromHTML(breakLines(src))
	case markdownText:
		return fromMarkdown(src)
	}
	return fromPlain(src)
}

// fromPlain escapes what Markdown would read as markup. A line end stays one.
func fromPlain(s string) (string, error) {
	var out []string
	for _, par := range regexp.MustCompile(`\n[ \t]*\n\s*`).Split(strings.TrimSpace(s), -1) {
		var lines []string
		for _, l := range strings.Split(par, "\n") {
			lines = append(lines, escapeLine(strings.TrimSpace(l)))
		}
		out = append(out, strings.Join(lines, "\\\n"))
	}
	md := strings.Join(out, "\n\n")
	if anySpace.ReplaceAllString(s, "") != squeeze(rendered(md)) {
		return "", refuse("its text cannot be written as Markdown without loss: %q", clip(s))
	}
	return md, nil
}

var (
	// atStart are characters that mean something at the beginning of a line.
	atStart = regexp.MustCompile(`^(#{1,6}(?:\s|$)|[-+=]+(?:\s|$)|[-=]{2,}\s*$|>|:::|~~~|\|)`)
	ordinal = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)
	entity  = regexp.MustCompile(`&(#?\w+;)`)
	inWord  = regexp.MustCompile(`^[\p{L}\p{N}]_+[\p{L}\p{N}]`)
	pipes   = strings.NewReplacer("|", `\|`)
)

func escapeLine(l string) string {
	var b strings.Builder
	for i, c := range l {
		switch c {
		case '\\', '`', '*', '[', ']', '<':
			b.WriteByte('\\')
		case '_':
			if i == 0 || !inWord.MatchString(l[i-width(l[:i]):]) {
				b.WriteByte('\\')
			}
		}
		b.WriteRune(c)
	}
	out := entity.ReplaceAllString(b.String(), `\&$1`)
	if ordinal.MatchString(out) {
		return ordinal.ReplaceAllString(out, `$1\$2$3`)
	}
	if atStart.MatchString(out) {
		out = `\` + out
	}
	if strings.Contains(l, "|") {
		out = pipes.Replace(strings.ReplaceAll(out, `\|`, `|`))
	}
	return out
}

func width(before string) int {
	_, n := utf8.DecodeLastRuneInString(before)
	return n
}

// fromMarkdown keeps Markdown as it is, unless there is HTML or a picture in it,
// or what only a course understands.
func fromMarkdown(s string) (string, error) {
	doc := writer.Parser().Parse(text.NewReader([]byte(s)))
	foreign := false
	_ = ast.Walk(doc, func(n ast.Node, _ bool) (ast.WalkStatus, error) {
		switch n.Kind() {
		case ast.KindRawHTML, ast.KindHTMLBlock, ast.KindImage, ast.KindLink:
			foreign = true
		}
		return ast.WalkContinue, nil
	})
	if foreign {
		return fromHTML(rendered(s))
	}
	return ours(s), nil
}

var (
	boxes     = regexp.MustCompile(`(?m)^([ \t]*):::`)
	footnotes = regexp.MustCompile(`(^|[^\\])\[\^`)
)

// ours escapes boxes and footnotes, which courses have and the source meant as text.
func ours(s string) string {
	s = boxes.ReplaceAllString(s, `$1\:::`)
	return footnotes.ReplaceAllString(s, `$1\[^`)
}

func rendered(md string) string {
	var b bytes.Buffer
	if err := writer.Convert([]byte(md), &b); err != nil {
		return ""
	}
	return b.String()
}

var (
	anyTag   = regexp.MustCompile(`(?s)<!--.*?-->|<[/!a-zA-Z][^>]*>`)
	anySpace = regexp.MustCompile(`[\s\x{00A0}\x{200B}]+`)
)

// squeeze is what is left to read of HTML: no tags, no white space.
func squeeze(h string) string {
	return anySpace.ReplaceAllString(html.UnescapeString(anyTag.ReplaceAllString(h, "")), "")
}

// textOfMarkdown is what is to read of Markdown.
func textOfMarkdown(md string) string {
	return html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(rendered(md), " "))
}

// Plain is what a text in Markdown says, without its markup, in one line.
func Plain(md string) string { return strings.Join(strings.Fields(textOfMarkdown(md)), " ") }

var tex = regexp.MustCompile(`\\\\\\?\(|\\\\\\?\[|\$\$|\$[^$\s][^$]*\\\\[a-z]+[^$]*\$`)

// holdsFormula tells whether a text has TeX in it.
func holdsFormula(t course.QuestionSource) bool {
	if tex.MatchString(t.Stem) {
		return true
	}
	for _, m := range []map[string]string{t.Options, t.Targets, t.Feedback} {
		for _, s := range m {
			if tex.MatchString(s) {
				return true
			}
		}
	}
	return false
}
