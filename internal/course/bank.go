package course

import "strings"

// QuestionSource is the Markdown of a question in one language, as written.
type QuestionSource struct {
	Stem                       string
	Options, Targets, Feedback map[string]string // by id; Feedback also under "all"
	Nodes                      map[string]NodeSource
}

// NodeSource is the Markdown of a node of a scenario.
type NodeSource struct {
	Text    string
	Choices map[string]string
}

// Bank is what a folder asks, as its author wrote it: for what reads or writes
// questions in the formats of other systems.
type Bank struct {
	Source    string          // the language that the others are translated from
	IDs       map[string]bool // every id that the folder uses, retired ones too
	Course    Course
	Questions []*Question // as authored
	Texts     map[string]map[string]QuestionSource
	From      map[string]string   // "page:" or "question:" and an id → the course that it is reused of
	Nodes     map[string][]string // the nodes of each scenario, as authored
}

// ReadBank reads the questions of the folder called name and their texts: language
// → question id → Markdown. What is wrong with the folder is in the problems; the
// bank then lacks what could not be read.
func ReadBank(name string, files Files) (*Bank, Problems) {
	f := read(name, files, "")
	b := &Bank{Source: f.course.Source, Course: f.course, From: f.from, IDs: map[string]bool{}, Nodes: f.nodes, Texts: map[string]map[string]QuestionSource{}}
	for at := range f.at {
		if id, ok := strings.CutPrefix(at, "id:"); ok {
			b.IDs[id] = true
		}
	}
	for _, id := range f.order {
		b.Questions = append(b.Questions, f.questions[id])
	}
	for lang, t := range f.texts {
		b.Texts[lang] = map[string]QuestionSource{}
		for id, q := range t.questions {
			text := QuestionSource{Stem: q.stem, Options: q.options, Targets: q.targets, Feedback: q.feedback, Nodes: map[string]NodeSource{}}
			for node, t := range q.nodes {
				text.Nodes[node] = NodeSource{t.text, t.choices}
			}
			b.Texts[lang][id] = text
		}
	}
	return b, f.problems.sorted()
}

// Question is the one with an id, nil where there is none.
func (b *Bank) Question(id string) *Question {
	for _, q := range b.Questions {
		if q.ID == id {
			return q
		}
	}
	return nil
}
