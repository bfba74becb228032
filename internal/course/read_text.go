package course

import (
	"slices"
	"strings"
)

// texts is what one language folder says, as written.
type texts struct {
	lang      string
	title     string
	summary   string
	modules   map[string]string
	topics    map[string]string // tag → name
	pages     map[string][]byte // page id → Markdown
	questions map[string]*questionTexts
	facts     map[string]string
	glossary  map[string]*termTexts
}

// questionTexts is Markdown by unit; nodes keep text and choices apart.
type questionTexts struct {
	at                         place
	stem                       string
	options, targets, feedback map[string]string
	nodes                      map[string]*nodeTexts
}

type nodeTexts struct {
	text    string
	choices map[string]string
}

// readTexts reads the folder of one language. Whether something is missing is
// decided later, against the structure.
func (f *folder) readTexts(lang string) {
	t := &texts{
		lang: lang, modules: map[string]string{}, topics: map[string]string{}, pages: map[string][]byte{},
		questions: map[string]*questionTexts{}, facts: map[string]string{}, glossary: map[string]*termTexts{},
	}
	f.texts[lang] = t
	f.readGlossary(t)
	o := f.yaml(join(lang, "course.yaml"), lang == f.course.Source).object("title", "summary", "modules", "topics")
	t.title, t.summary = strings.TrimSpace(o["title"].text()), strings.TrimSpace(o["summary"].text())
	for _, m := range o["modules"].fields() {
		if !slices.ContainsFunc(f.course.Modules, func(x Module) bool { return x.ID == m.name }) {
			f.fail(m.at, "module-unknown", "module", clip(m.name), "like", nearest(m.name, f.moduleIDs()))
			continue
		}
		t.modules[m.name] = strings.TrimSpace(m.object("title")["title"].text())
	}
	for _, topic := range o["topics"].fields() {
		if !IsID(topic.name) {
			f.fail(topic.at, "id-invalid", "id", clip(topic.name))
			continue
		}
		t.topics[topic.name] = strings.TrimSpace(topic.text())
		f.at["topic:"+lang+":"+topic.name] = topic.at
	}
	for _, m := range f.course.Modules {
		for _, id := range m.Pages {
			if src, ok := f.source(f.pageFile(lang, id)); ok {
				t.pages[id] = src
				f.checkPage(lang, id, src)
			}
		}
	}
	for _, file := range f.layers(join(lang, "questions.yaml")) {
		f.readWords(t, file)
	}
	f.checkTerms(t)
	for _, file := range f.layers(join(lang, "facts.yaml")) {
		f.readStatements(t, file, false)
	}
	if f.country != "" {
		f.readStatements(t, f.local(join(lang, "facts.yaml")), true)
	}
}

// readWords reads what questions say.
func (f *folder) readWords(t *texts, file string) {
	for _, q := range f.yaml(file, false).fields() {
		if _, ok := f.questions[q.name]; !ok {
			if _, unreadable := f.at["question:"+q.name]; unreadable || f.questionsBroken {
				continue // the fault is told in questions.yaml
			}
			f.fail(q.at, "question-unknown", "question", clip(q.name), "like", nearest(q.name, f.order))
			continue
		}
		t.questions[q.name] = f.readQuestionTexts(f.questions[q.name], q)
	}
}

// readStatements reads what facts say; own is for those of a country.
func (f *folder) readStatements(t *texts, file string, own bool) {
	for _, s := range f.yaml(file, false).fields() {
		_, known := f.facts[s.name]
		switch ofPlace := f.own["fact:"+s.name]; {
		case !known, own && !ofPlace:
			f.fail(s.at, "fact-text-unknown", "fact", clip(s.name), "like", nearest(s.name, f.factOrder))
		case own == ofPlace:
			t.facts[s.name] = strings.TrimSpace(s.text())
		}
	}
}

func (f *folder) moduleIDs() []string {
	var out []string
	for _, m := range f.course.Modules {
		out = append(out, m.ID)
	}
	return out
}

func (f *folder) readQuestionTexts(q *Question, v field) *questionTexts {
	o := v.object("stem", "options", "targets", "feedback", "nodes")
	t := &questionTexts{at: v.at, stem: strings.TrimSpace(o["stem"].text()), nodes: map[string]*nodeTexts{}}
	t.options = f.textsByID(o["options"], q.Options, "options", q.ID)
	t.targets = f.textsByID(o["targets"], q.Targets, "targets", q.ID)
	told := append(slices.Clone(q.Options), "all")
	for id, n := range q.Nodes {
		told = append(told, id)
		for c := range n.Choices {
			told = append(told, c)
		}
	}
	t.feedback = f.textsByID(o["feedback"], told, "options", q.ID)
	for _, n := range o["nodes"].fields() {
		node, ok := q.Nodes[n.name]
		if !ok {
			f.fail(n.at, "node-unknown", "node", clip(n.name), "question", q.ID)
			continue
		}
		var choices []string
		for c := range node.Choices {
			choices = append(choices, c)
		}
		slices.Sort(choices)
		no := n.object("text", "choices")
		t.nodes[n.name] = &nodeTexts{
			text:    strings.TrimSpace(no["text"].text()),
			choices: f.textsByID(no["choices"], choices, "choices", n.name),
		}
	}
	return t
}

// textsByID reads id → text, refusing ids that the structure does not know.
func (f *folder) textsByID(v value, known []string, list, of string) map[string]string {
	out := map[string]string{}
	for _, t := range v.fields() {
		if !slices.Contains(known, t.name) {
			f.fail(t.at, "part-unknown", "id", clip(t.name), "list", list, "of", of, "like", nearest(t.name, known))
			continue
		}
		if s := strings.TrimSpace(t.text()); s != "" {
			out[t.name] = s
		}
	}
	return out
}
