package course

import (
	"bytes"
	"html"
	"slices"

	"github.com/yuin/goldmark/ast"

	"havn/internal/language"
)

// borrowing is what of a page stands in another language than the page.
type borrowing struct {
	lang  string
	spans [][2]int // from offset to offset
}

// mark says of a block's HTML which language it is in, if that is another.
func (b *borrowing) mark(n ast.Node, inner string) string {
	if b == nil {
		return inner
	}
	at := offsetOf(n)
	if box, ok := n.(*box); ok {
		at = box.offset
	}
	for _, s := range b.spans {
		if at >= s[0] && at < s[1] {
			return `<div lang="` + html.EscapeString(b.lang) + `" dir="` + language.Direction(b.lang) + `">` + inner + "</div>\n"
		}
	}
	return inner
}

// filled is a page of a translation with the source's blocks where it has none:
// what a learner has to know is not left out because nobody has translated it yet.
// A page that lacks nothing is as it was.
func (f *folder) filled(lang, id string, src []byte) ([]byte, *borrowing) {
	source := f.course.Source
	if lang == source {
		return src, nil
	}
	original, pairs, own := blocks(f.texts[source].pages[id]), f.pairs(lang, id), blocks(src)
	if !slices.Contains(pairs, -1) || len(own) == 0 {
		return src, nil
	}
	behind := make([][]string, len(own)) // what is put behind each block
	previous := 0                        // the title stays first
	for i, at := range pairs {
		if at >= 0 {
			previous = at
		} else {
			behind[previous] = append(behind[previous], original[i].text)
		}
	}
	var out bytes.Buffer
	b := &borrowing{lang: source}
	for i, block := range own {
		out.WriteString(block.text + "\n\n")
		for _, text := range behind[i] {
			start := out.Len()
			out.WriteString(text + "\n\n")
			b.spans = append(b.spans, [2]int{start, out.Len()})
		}
	}
	return out.Bytes(), b
}
