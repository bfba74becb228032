package machine

import (
	"regexp"
	"strconv"
	"strings"
)

// A text is cut into lines, and of each the marks of Markdown before its words
// stay here. What must come back unchanged from within the words goes as a token.

// masked is a text whose words are taken out.
type masked struct {
	lines []line
	words []string // to be translated, of the lines that have some
}

type line struct {
	before, after string // kept; after is the line's end
	kept          []string
	has           bool // words
}

var (
	// marks are what a line of Markdown begins with: a heading, an item, a quote.
	marks = regexp.MustCompile(`^[ \t]*(?:#{1,6} +|(?:[-*+]|\d{1,9}[.)]) +|> ?|\[\^[^\]\s]+\]: *)*`)
	// still is a line without words of its own: a box, a table's rule, a fence.
	still = regexp.MustCompile("^\\s*(?::::.*|[-|: ]+|```.*|~~~.*|\\[[^\\]]+\\]:.*)?\\s*$")
	// keep is what stays as it is within words: code, placeholders, pictures' and
	// links' addresses with the brackets around their words, notes, bare addresses,
	// the borders of cells.
	keep  = regexp.MustCompile("`+[^`]*`+|\\{\\{[^{}]*\\}\\}|\\[\\^[^\\]\\s]+\\]|\\]\\([^)\\s]*(?: \"[^\"]*\")?\\)|!?\\[|\\]\\[[^\\]]*\\]|\\]|https?://[^\\s<>()\\[\\]\"]*[^\\s<>()\\[\\]\".,;:!?'»”]|\\|")
	token = regexp.MustCompile(`⟦\s*([0-9]{1,4})\s*⟧`)
)

func mask(text string) masked {
	var m masked
	fence := ""
	for l := range strings.Lines(text) {
		body := strings.TrimRight(l, "\n")
		one := line{before: body, after: l[len(body):]}
		trimmed := strings.TrimSpace(body)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		case !still.MatchString(body):
			one.before = marks.FindString(body)
			words := keep.ReplaceAllStringFunc(body[len(one.before):], func(s string) string {
				one.kept = append(one.kept, s)
				return "⟦" + strconv.Itoa(len(one.kept)) + "⟧"
			})
			one.has = true
			m.words = append(m.words, words)
		}
		m.lines = append(m.lines, one)
	}
	return m
}

// unmask puts a text together again. Each token must have come back once, and no
// line may have become two.
func (m masked) unmask(words []string) (string, bool) {
	var b strings.Builder
	for _, l := range m.lines {
		b.WriteString(l.before)
		if l.has {
			said := strings.TrimSpace(words[0])
			words = words[1:]
			seen := map[int]int{}
			said = token.ReplaceAllStringFunc(said, func(s string) string {
				n, _ := strconv.Atoi(token.FindStringSubmatch(s)[1])
				seen[n]++
				if n < 1 || n > len(l.kept) {
					return s
				}
				return l.kept[n-1]
			})
			if len(seen) != len(l.kept) || said == "" || strings.ContainsAny(said, "\n\r⟦⟧") {
				return "", false
			}
			for n, times := range seen {
				if times != 1 || n < 1 || n > len(l.kept) {
					return "", false
				}
			}
			b.WriteString(said)
		}
		b.WriteString(l.after)
	}
	return b.String(), true
}
