package course

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Unit is the smallest text that is translated, reviewed and goes stale alone:
// a title, a block of a page, a stem, an option, a feedback, a statement.
type Unit struct {
	ID   string // "course.title", "page:m1-rights#2", "question:q-means.options.a"
	Text string
	// Optional units may be missing in the source (feedback, labels of a scale).
	Optional bool
}

// UnitHash identifies the text of a unit: the first 16 hex digits of SHA-256
// over the text in NFC, trimmed, with \n line ends.
func UnitHash(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	sum := sha256.Sum256([]byte(norm.NFC.String(strings.TrimSpace(text))))
	return hex.EncodeToString(sum[:8])
}

// block is one unit of a page and the line it begins in.
type block struct {
	text string
	line int
}

// blocks cuts a page at blank lines. A fenced code block and a `:::` box stay
// whole, so that a unit is never half a structure.
func blocks(src []byte) []block {
	var out []block
	var cur []string
	start, fence, box := 0, "", false
	flush := func() {
		if len(cur) > 0 {
			out = append(out, block{strings.Join(cur, "\n"), start})
			cur = nil
		}
	}
	for n, l := range strings.Split(string(bytes.TrimRight(src, "\n")), "\n") {
		trimmed := strings.TrimSpace(l)
		if trimmed == "" && fence == "" && !box {
			flush()
			continue
		}
		if len(cur) == 0 {
			start = n + 1
		}
		cur = append(cur, l)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
		case trimmed == ":::":
			box = false
		case strings.HasPrefix(trimmed, ":::"):
			box = true
		}
	}
	flush()
	return out
}

// units lists every unit that the structure asks for, in a fixed order, with
// the text that t has for it ("" where it has none).
func (f *folder) units(t *texts) []Unit {
	u := []Unit{{ID: "course.title", Text: t.title}, {ID: "course.summary", Text: t.summary}}
	for _, m := range f.course.Modules {
		u = append(u, Unit{ID: "module:" + m.ID + ".title", Text: t.modules[m.ID]})
		for _, p := range m.Pages {
			u = append(u, f.pageUnits(t, p)...)
		}
	}
	for _, tag := range f.topicTags() {
		u = append(u, Unit{ID: "topic:" + tag, Text: t.topics[tag]})
	}
	for _, id := range f.order {
		u = append(u, questionUnits(f.questions[id], t.questions[id])...)
	}
	for _, id := range f.factOrder {
		u = append(u, Unit{ID: "fact:" + f.ofPlace("fact", id), Text: t.facts[id]})
	}
	return append(u, f.glossaryUnits(t)...)
}

// topicTags are the tags that the source gives a name to, sorted.
func (f *folder) topicTags() []string {
	if source := f.texts[f.course.Source]; source != nil {
		return slices.Sorted(maps.Keys(source.topics))
	}
	return nil
}

func questionUnits(q *Question, t *questionTexts) []Unit {
	if t == nil {
		t = &questionTexts{}
	}
	prefix := "question:" + q.ID + "."
	u := []Unit{{ID: prefix + "stem", Text: t.stem, Optional: q.Type == Scenario}}
	for _, o := range q.Options {
		u = append(u, Unit{ID: prefix + "options." + o, Text: t.options[o], Optional: q.Type == TrueFalse || q.Type == Rating})
	}
	for _, o := range q.Targets {
		u = append(u, Unit{ID: prefix + "targets." + o, Text: t.targets[o]})
	}
	for _, n := range slices.Sorted(maps.Keys(q.Nodes)) {
		node := t.nodes[n]
		if node == nil {
			node = &nodeTexts{}
		}
		u = append(u, Unit{ID: prefix + "nodes." + n + ".text", Text: node.text})
		for _, c := range slices.Sorted(maps.Keys(q.Nodes[n].Choices)) {
			u = append(u, Unit{ID: prefix + "nodes." + n + ".choices." + c, Text: node.choices[c]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.feedback)) {
		u = append(u, Unit{ID: prefix + "feedback." + id, Text: t.feedback[id], Optional: true})
	}
	return u
}
