package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"havn/internal/language"
)

// checkTexts compares each language with the structure and the source: a unit
// that the source lacks is an error, one that a translation lacks a warning.
func (f *folder) checkTexts() {
	source := f.texts[f.course.Source]
	if source == nil {
		return
	}
	f.checkSource(source)
	for _, lang := range f.course.Languages {
		f.checkTopics(source, f.texts[lang])
		if lang != f.course.Source {
			f.checkTranslation(source, f.texts[lang])
		}
	}
}

func (f *folder) checkSource(t *texts) {
	for _, u := range f.units(t) {
		if u.Text == "" && !u.Optional {
			f.fail(f.whereText(t, u.ID), "source-text-missing", "text", u.ID, "lang", t.lang)
		}
	}
}

// checkTopics: a name belongs to a tag of some question, and first in the source.
func (f *folder) checkTopics(source, t *texts) {
	known := map[string]bool{}
	for _, q := range f.questions {
		for _, tag := range q.Tags {
			known[tag] = true
		}
	}
	for tag := range t.topics {
		at := f.at["topic:"+t.lang+":"+tag]
		if _, named := source.topics[tag]; !named {
			f.fail(at, "topic-source", "tag", clip(tag), "lang", source.lang)
		} else if t == source && !known[tag] && !f.questionsBroken {
			f.warn(at, "topic-unknown", "tag", clip(tag), "like", nearest(tag, slices.Sorted(maps.Keys(known))))
		}
	}
}

func (f *folder) checkTranslation(source, t *texts) {
	have := map[string]string{}
	for _, u := range f.units(t) {
		have[u.ID] = u.Text
	}
	missing := map[string]bool{} // one warning for a page or a question, not one for each unit
	for _, u := range f.units(source) {
		whole, _, _ := strings.Cut(strings.TrimPrefix(u.ID, "question:"), ".")
		whole, _, _ = strings.Cut(whole, "#")
		if u.Text == "" || have[u.ID] != "" || missing[whole] {
			continue
		}
		if !strings.HasPrefix(u.ID, "course.") && !strings.HasPrefix(u.ID, "module:") {
			missing[whole] = true
		}
		if strings.HasPrefix(u.ID, "page:") && len(t.pages[whole[strings.LastIndexAny(whole, ":/")+1:]]) > 0 {
			continue // told below, with the counts
		}
		f.warn(f.whereText(t, u.ID), "text-missing", "text", u.ID, "lang", t.lang)
	}
	for _, m := range f.course.Modules {
		for _, p := range m.Pages {
			a, b := len(blocks(source.pages[p])), len(blocks(t.pages[p]))
			if b > 0 && a != b {
				f.warn(place{file: f.pageFile(t.lang, p), line: 1}, "blocks-differ", "blocks", b, "source", a)
			}
		}
	}
}

// whereText is the file, and the line where known, in which a unit belongs.
func (f *folder) whereText(t *texts, unit string) place {
	kind, rest, _ := strings.Cut(unit, ":")
	switch kind {
	case "page":
		id, _, _ := strings.Cut(rest, "#")
		return place{file: f.pageFile(t.lang, id[strings.IndexByte(id, '/')+1:])}
	case "question":
		id, _, _ := strings.Cut(rest, ".")
		if q := t.questions[id]; q != nil {
			return q.at
		}
		return place{file: f.home("question:"+id, join(t.lang, "questions.yaml"))}
	case "fact":
		if strings.Contains(rest, "/") {
			return place{file: f.local(join(t.lang, "facts.yaml"))}
		}
		return place{file: f.home(unit, join(t.lang, "facts.yaml"))}
	case "glossary":
		return place{file: f.home(Whole(unit), join(t.lang, "glossary.yaml"))}
	}
	return place{file: join(t.lang, "course.yaml")}
}

// home is a file of the course, or that of the course which a thing is taken from.
func (f *folder) home(thing, file string) string {
	if slug := f.from[thing]; slug != "" {
		return reusedFile(slug, file)
	}
	return file
}

// checkPage checks one page's Markdown: title, raw HTML, boxes, facts, links, pictures.
func (f *folder) checkPage(lang, id string, src []byte) {
	file := f.pageFile(lang, id)
	at := func(line int) place { return place{file: file, line: line} }
	if !strings.HasPrefix(string(src), "# ") {
		f.fail(at(1), "title-missing")
	}
	page := parsePage(src, lang)
	for _, h := range page.rawHTML {
		f.fail(at(h), "raw-html")
	}
	for _, b := range page.boxes {
		switch b.name {
		case "note", "whom-do-i-call":
		case contentNote:
			if !b.first {
				f.fail(at(b.line), "content-note-first")
			}
		case guideBox:
			switch {
			case b.nested:
				f.fail(at(b.line), "facilitator-inside")
			case b.closed && !guideAt(src, b.line):
				f.fail(at(b.line), "facilitator-alone")
			}
			if b.cites {
				f.fail(at(b.line), "facilitator-cites")
			}
		case diagramBox:
			switch b.diagram {
			case noDiagramKind:
				f.fail(at(b.line), "diagram-kind")
			case noDiagramList:
				f.fail(at(b.line), "diagram-list", "least", diagramLeast, "most", diagramMost, "characters", diagramItem)
			}
		case langBox:
			if !language.Valid(b.arg) {
				f.fail(at(b.line), "box-lang", "lang", clip(b.arg))
			}
		case "country":
			if !isCountry(b.arg) {
				f.fail(at(b.line), "box-country", "code", clip(b.arg))
			}
		default:
			f.fail(at(b.line), "box-unknown", "box", clip(b.name))
		}
		if !b.closed {
			f.fail(at(b.line), "box-open")
		}
	}
	for _, line := range page.strayFences {
		f.fail(at(line), "box-end")
	}
	for _, c := range page.cites {
		if _, ok := f.facts[c.id]; !ok && !f.pending() {
			f.fail(at(c.line), "fact-unknown", "fact", clip(c.id))
		}
	}
	for _, l := range page.links {
		f.checkLink(at(l.line), l.id, l.picture, l.text)
		if !l.picture && bare(l.text) {
			f.warn(at(l.line), "link-text")
		}
	}
	for _, p := range page.foreign {
		f.warn(at(p.line), "language-of-part", "words", clip(p.text))
	}
	for n, h := range page.headings {
		if n > 0 && (h.level > page.headings[n-1].level+1 || h.level == 1) {
			f.warn(at(h.line), "heading-order", "level", h.level, "most", page.headings[n-1].level+1)
		}
	}
}

// bare tells whether a link's text says nothing of where it leads to somebody who
// hears the links of a page one after the other (WCAG 2.2, 2.4.4).
func bare(text string) bool {
	text = strings.TrimSpace(text)
	return text == "" || strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") || !strings.ContainsFunc(text, unicode.IsLetter)
}

func (f *folder) checkLink(at place, to string, picture bool, text string) {
	switch {
	case picture && strings.TrimSpace(text) == "":
		f.fail(at, "picture-alternative")
	case picture && !strings.HasPrefix(to, "media/"):
		f.fail(at, "picture-place")
	case picture:
		if !slices.ContainsFunc(f.layers(to), func(file string) bool { return f.files[file] != nil }) {
			f.fail(at, "picture-absent", "file", clip(to))
		}
	case strings.HasPrefix(to, "https://"), strings.HasPrefix(to, "http://"), strings.HasPrefix(to, "mailto:"), strings.HasPrefix(to, "tel:"), strings.HasPrefix(to, "#"):
	case strings.HasPrefix(to, termScheme):
		f.checkTerm(at, strings.TrimPrefix(to, termScheme))
	default:
		if id := strings.TrimSuffix(to, ".md"); f.at["page:"+id].file == "" {
			f.fail(at, "link-nowhere", "link", clip(to))
		}
	}
}

// String names a unit the way translations.lock does, with its text's hash.
func (u Unit) String() string { return fmt.Sprintf("%s %s", u.ID, UnitHash(u.Text)) }
