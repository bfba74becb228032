package course

import (
	"bytes"
	"slices"
	"strings"
)

// edit puts text in place of the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// apply makes the edits, which do not overlap, those at one place in their order.
func apply(src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.start - b.start })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(src[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(src[at:])
	return out.Bytes()
}

// keepingLines makes edits of a text without byte-order mark and with \n line
// ends (folder.source) in the file as it is.
func keepingLines(file []byte, edits []edit) []byte {
	places := make([]int, 0, len(file)+1) // offset in the text → in the file
	for i := len(file) - len(bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))); i <= len(file); i++ {
		if i+1 < len(file) && file[i] == '\r' && file[i+1] == '\n' {
			places = append(places, i) // of \n, which stands for both
			i++
			continue
		}
		places = append(places, i)
	}
	first := bytes.IndexByte(file, '\n')
	windows := first > 0 && file[first-1] == '\r'
	for i, e := range edits {
		edits[i].start, edits[i].end = places[e.start], places[e.end]
		if windows {
			edits[i].text = strings.ReplaceAll(e.text, "\n", "\r\n")
		}
	}
	return apply(file, edits)
}
