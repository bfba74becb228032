package course

import (
	"fmt"
	"html"
	"slices"
	"strings"

	"havn/internal/language"
)

// compile builds the publication of a folder that has no errors.
func (f *folder) compile() *Publication {
	p := &Publication{
		Course: f.course, Hash: f.files.Hash(), Questions: f.questions, Facts: f.facts,
		Editions: map[string]*Edition{}, Media: map[string][]byte{}, quizzes: map[string]*Quiz{}, order: f.order,
		Taken: f.readTaken(), units: f.units(f.texts[f.course.Source]), minor: f.minor, notes: f.notes,
		Country: f.country, own: f.own, hidden: f.hidden, places: map[string]*Publication{},
	}
	for _, lang := range append(slices.Clone(f.course.Fallback), f.course.Languages...) {
		if !slices.Contains(p.offered, lang) {
			p.offered = append(p.offered, lang)
		}
	}
	for name, src := range f.files {
		if file, ok := strings.CutPrefix(strings.TrimPrefix(name, reusedFile(originOf(name), "")), mediaDir); ok {
			p.Media[file] = src
		}
	}
	for _, m := range f.course.Modules {
		if m.Quiz != nil {
			p.quizzes[m.Quiz.ID] = m.Quiz
		}
	}
	source := f.unitTexts(f.course.Source)
	for _, lang := range f.course.Languages {
		p.Editions[lang] = f.edition(lang, source)
	}
	return p
}

// edition resolves fallback and renders everything for readers of lang.
func (f *folder) edition(lang string, source map[string]Unit) *Edition {
	e := &Edition{
		Lang: lang, Dir: language.Direction(lang), State: f.worst(lang, source, ""),
		Modules: map[string]Text{}, Topics: map[string]Text{}, Pages: map[string]*Page{}, Questions: map[string]*QuestionText{}, Facts: map[string]Text{},
	}
	e.Title = f.text(lang, source, "course.title", func(t *texts) string { return t.title })
	e.Summary = f.text(lang, source, "course.summary", func(t *texts) string { return t.summary })
	for _, m := range f.course.Modules {
		e.Modules[m.ID] = f.text(lang, source, "module:"+m.ID+".title", func(t *texts) string { return t.modules[m.ID] })
		for _, id := range m.Pages {
			e.Pages[id] = f.page(lang, source, id)
		}
	}
	for _, tag := range f.topicTags() {
		e.Topics[tag] = f.text(lang, source, "topic:"+tag, func(t *texts) string { return t.topics[tag] })
	}
	for _, id := range f.order {
		e.Questions[id] = f.question(lang, source, id)
	}
	for _, id := range f.factOrder {
		e.Facts[id] = f.text(lang, source, "fact:"+f.ofPlace("fact", id), func(t *texts) string { return t.facts[id] })
	}
	e.Glossary = f.glossary(lang, source)
	return e
}

// numbered gives each block an id, so that an address can lead to it: "b1", "b2" …
func numbered(blocks []string) string {
	var b strings.Builder
	for n, s := range blocks {
		name := strings.IndexAny(s, " >")
		if name < 0 || s[0] != '<' {
			b.WriteString(s)
			continue
		}
		fmt.Fprintf(&b, `%s id="b%d"%s`, s[:name], n+1, s[name:])
	}
	return b.String()
}

// chain is the languages to try for a reader of lang, in order.
func (f *folder) chain(lang string) []string {
	chain := []string{lang}
	for _, l := range append(slices.Clone(f.course.Fallback), f.course.Source) {
		if !slices.Contains(chain, l) {
			chain = append(chain, l)
		}
	}
	return chain
}

// outdated tells whether a text in this state gives way to the original.
func (f *folder) outdated(s State) bool { return s == Stale && f.course.Stale == "source" }

// worst is the state of the least trusted unit whose id begins with prefix, of
// those that learners read.
func (f *folder) worst(lang string, source map[string]Unit, prefix string) State {
	have := f.unitTexts(lang)
	worst := Source
	for id, u := range source {
		if u.Text != "" && strings.HasPrefix(id, prefix) && !isGuide(u.Text) {
			worst = Worst(worst, f.state(lang, u, have[id]))
		}
	}
	return worst
}

func (f *folder) text(lang string, source map[string]Unit, unit string, of func(*texts) string) Text {
	for _, l := range f.chain(lang) {
		if s := of(f.texts[l]); s != "" {
			state := f.state(l, source[unit], Unit{Text: s})
			if l != lang {
				state = Missing
			} else if f.outdated(state) {
				original := f.text(f.course.Source, source, unit, of)
				original.State = state
				return original
			}
			return Text{HTML: html.EscapeString(s), Plain: s, Lang: l, Dir: language.Direction(l), State: state}
		}
	}
	return Text{Lang: f.course.Source, Dir: language.Direction(f.course.Source), State: Missing}
}

func (f *folder) page(lang string, source map[string]Unit, id string) *Page {
	for _, l := range f.chain(lang) {
		src, ok := f.texts[l].pages[id]
		if !ok {
			continue
		}
		var borrowed *borrowing
		if l == lang {
			src, borrowed = f.filled(lang, id, src)
		}
		r := renderWith(src, l, true, borrowed)
		p := &Page{ID: id, Title: r.title, HTML: numbered(r.blocks), Note: r.note, Blocks: r.blocks, Facts: r.facts, Terms: r.terms, Guides: r.guides, Lang: l, Dir: language.Direction(l), State: Missing}
		if l == lang {
			p.State = f.worst(lang, source, "page:"+f.ofPlace("page", id)+"#")
			if f.outdated(p.State) || f.outdated(Stale) && p.State == Missing { // a block that is new is missing
				p = f.page(f.course.Source, source, id)
				p.State = Stale
			}
		}
		return p
	}
	return &Page{ID: id, Title: id, Lang: lang, Dir: language.Direction(lang), State: Missing}
}

// Sketch is a page by itself, as its author sees it while the rest of the course is
// not whole.
func Sketch(src []byte, lang string) *Page {
	r := renderMarkdown(src, lang, true)
	return &Page{Title: r.title, HTML: numbered(r.blocks), Note: r.note, Blocks: r.blocks, Facts: r.facts, Terms: r.terms, Guides: r.guides, Lang: lang, Dir: language.Direction(lang)}
}

// question takes the first language of the chain in which the question is
// whole: never two languages inside one question.
func (f *folder) question(lang string, source map[string]Unit, id string) *QuestionText {
	q := f.questions[id]
	for _, l := range f.chain(lang) {
		t := f.texts[l].questions[id]
		if t == nil || !f.whole(l, source, q, t) {
			continue
		}
		out := render(t, l)
		if l != lang {
			out.State = Missing
		} else {
			out.State = f.worst(lang, source, "question:"+id+".")
			if f.outdated(out.State) {
				out = f.question(f.course.Source, source, id)
				out.State = Stale
			}
		}
		return out
	}
	return &QuestionText{Lang: lang, Dir: language.Direction(lang), State: Missing}
}

func (f *folder) whole(lang string, source map[string]Unit, q *Question, t *questionTexts) bool {
	if q.Type == ShortText && len(q.Accept[lang]) == 0 {
		return false
	}
	have := map[string]bool{}
	for _, u := range questionUnits(q, t) {
		have[u.ID] = u.Text != ""
	}
	prefix := "question:" + q.ID + "."
	for id, u := range source {
		if strings.HasPrefix(id, prefix) && u.Text != "" && !have[id] {
			return false
		}
	}
	return true
}

func render(t *questionTexts, lang string) *QuestionText {
	each := func(m map[string]string) map[string]string {
		out := make(map[string]string, len(m))
		for id, s := range m {
			out[id] = inlineHTML(s, lang)
		}
		return out
	}
	out := &QuestionText{
		Lang: lang, Dir: language.Direction(lang),
		Stem: strings.TrimSpace(renderMarkdown([]byte(t.stem), lang, false).html), Options: each(t.options), Targets: each(t.targets),
		Feedback: each(t.feedback), Nodes: map[string]NodeText{},
	}
	for id, n := range t.nodes {
		out.Nodes[id] = NodeText{Text: strings.TrimSpace(renderMarkdown([]byte(n.text), lang, false).html), Choices: each(n.choices)}
	}
	return out
}
