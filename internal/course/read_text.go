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
	pages     map[string][]byte // page id → Markdown
	questions map[string]*questionTexts
	facts     map[string]string
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
		lang: lang, modules: map[string]string{}, pages: map[string][]byte{},
		questions: map[string]*questionTexts{}, facts: map[string]string{},
	}
	f.texts[lang] = t
	o := f.yaml(join(lang, "course.yaml"), lang == f.course.Source).object("title", "summary", "modules")
	t.title, t.summary = strings.TrimSpace(o["title"].text()), strings.TrimSpace(o["summary"].text())
	for _, m := range o["modules"].fields() {
		if !slices.ContainsFunc(f.course.Modules, func(x Module) bool { return x.ID == m.name }) {
			f.fail(m.at, "%q is no module of course.yaml%s", clip(m.name), didYouMean(m.name, f.moduleIDs()))
			continue
		}
		t.modules[m.name] = strings.TrimSpace(m.object("title")["title"].text())
	}
	for _, m := range f.course.Modules {
		for _, id := range m.Pages {
			if src, ok := f.source(join(lang, id+".md")); ok {
				t.pages[id] = src
				f.checkPage(lang, id, src)
			}
		}
	}
	for _, q := range f.yaml(join(lang, "questions.yaml"), false).fields() {
		if _, ok := f.questions[q.name]; !ok {
			if _, unreadable := f.at["question:"+q.name]; unreadable || f.questionsBroken {
				continue // the fault is told in questions.yaml
			}
			f.fail(q.at, "%q is no question of questions.yaml%s", clip(q.name), didYouMean(q.name, f.order))
			continue
		}
		t.questions[q.name] = f.readQuestionTexts(f.questions[q.name], q)
	}
	for _, s := range f.yaml(join(lang, "facts.yaml"), false).fields() {
		if _, ok := f.facts[s.name]; !ok {
			f.fail(s.at, "%q is no fact of facts.yaml%s", clip(s.name), didYouMean(s.name, f.factOrder))
			continue
		}
		t.facts[s.name] = strings.TrimSpace(s.text())
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
	t.options = f.textsByID(o["options"], q.Options, "options of "+q.ID)
	t.targets = f.textsByID(o["targets"], q.Targets, "targets of "+q.ID)
	told := append(slices.Clone(q.Options), "all")
	for id, n := range q.Nodes {
		told = append(told, id)
		for c := range n.Choices {
			told = append(told, c)
		}
	}
	t.feedback = f.textsByID(o["feedback"], told, "options of "+q.ID+" (or all)")
	for _, n := range o["nodes"].fields() {
		node, ok := q.Nodes[n.name]
		if !ok {
			f.fail(n.at, "%q is no node of the scenario %q", clip(n.name), q.ID)
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
			choices: f.textsByID(no["choices"], choices, "choices of node "+n.name),
		}
	}
	return t
}

// textsByID reads id → text, refusing ids that the structure does not know.
func (f *folder) textsByID(v value, known []string, what string) map[string]string {
	out := map[string]string{}
	for _, t := range v.fields() {
		if !slices.Contains(known, t.name) {
			f.fail(t.at, "%q is not among the %s%s", clip(t.name), what, didYouMean(t.name, known))
			continue
		}
		if s := strings.TrimSpace(t.text()); s != "" {
			out[t.name] = s
		}
	}
	return out
}
