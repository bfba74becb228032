package course

// Edition is a publication in one language, with fallback already resolved:
// what a reader of that language is shown, block by block.
type Edition struct {
	Lang, Dir string // BCP 47 tag; "ltr" or "rtl"
	// State is that of the least trusted unit of the course in this language.
	State   State
	Title   Text
	Summary Text
	Modules map[string]Text // module id → title
	Topics  map[string]Text // tag → name, for the tags that have one
	Pages   map[string]*Page
	// Questions holds the texts of each question, whole in one language.
	Questions map[string]*QuestionText
	Facts     map[string]Text // fact id → statement
	Glossary  map[string]Term // term id → words
}

// Text is a piece of plain text or HTML together with the language that it is
// really in, which differs from the edition's where a fallback stepped in.
type Text struct {
	HTML  string // safe HTML; for titles and summaries, escaped text without tags
	Plain string // the same without markup, for titles, lists and PDF
	Lang  string
	Dir   string
	State State
}

// Page is one lesson page.
type Page struct {
	ID    string
	Title string // plain text
	HTML  string // safe HTML without title and note; its blocks have the ids b1, b2 …
	Lang  string
	Dir   string
	State State
	// Note is the content note that is shown before the text; "" none.
	Note string
	// Blocks are the parts of HTML, without ids: the nth in one language says what
	// the nth says in another, as long as the paragraphs are kept one to one.
	Blocks []string
	// Facts are the ids cited, in the order of their numbers on the page, from 1.
	Facts []string
	// Terms are the ids of the glossary's terms on the page, in order.
	Terms []string
	// Guides are the notes for whoever runs the page with a group, in order. They
	// are no part of HTML or Blocks, and never go to learners.
	Guides []Guide
}

// QuestionText holds everything a learner may read of a question. Feedback is
// kept apart from what may be shown before the answer.
type QuestionText struct {
	Lang, Dir string
	State     State
	Stem      string            // HTML
	Options   map[string]string // option id → HTML
	Targets   map[string]string // matching
	Nodes     map[string]NodeText
	Feedback  map[string]string // option id or "all" → HTML
}

// NodeText is one point of a scenario's story.
type NodeText struct {
	Text    string            // HTML
	Choices map[string]string // HTML
}

// Publication is a compiled course: immutable, held in memory, shared by all
// readers. Version 0 is one that was compiled but not yet published.
type Publication struct {
	Course    Course
	Version   int
	Hash      string // of the folder's files, hex
	Questions map[string]*Question
	Facts     map[string]*Fact
	Editions  map[string]*Edition // one for each of Course.Languages
	Media     map[string][]byte   // file name in media/ → content

	// Country is where the course is as it stands here (ISO 3166); "" anywhere.
	Country string
	own     map[string]bool         // "page:" or "fact:" and the id → the country's own version
	hidden  map[string]bool         // questions that are not asked there
	places  map[string]*Publication // the course as it stands in countries that have a folder

	// Taken are the courses that something was taken over from, with their versions.
	Taken []Taken

	// Again is what was published as another text since, up to this version.
	Again Again

	units     []Unit              // of the source
	elsewhere []Unit              // of countries' own versions
	minor     map[string][]string // unit → hashes of earlier texts that say the same
	notes     Notes               // of the folder

	quizzes map[string]*Quiz
	order   []string
	offered []string
}

// Quiz finds a quiz by id.
func (p *Publication) Quiz(id string) (*Quiz, bool) {
	q, ok := p.quizzes[id]
	return q, ok
}

// QuestionOrder lists all question ids as authored.
func (p *Publication) QuestionOrder() []string { return p.order }

// Offered lists the languages of the course for a match: the first is what a
// reader of none of them gets.
func (p *Publication) Offered() []string { return p.offered }

// Edition is the edition for a reader who wishes for lang: that language, or
// the source where the course does not have it.
func (p *Publication) Edition(lang string) *Edition {
	if e, ok := p.Editions[lang]; ok {
		return e
	}
	return p.Editions[p.Course.Source]
}

// Module finds the module that a page or quiz belongs to, by the id of either.
func (p *Publication) Module(pageOrQuiz string) (*Module, bool) {
	for i := range p.Course.Modules {
		m := &p.Course.Modules[i]
		if m.Quiz != nil && m.Quiz.ID == pageOrQuiz {
			return m, true
		}
		for _, id := range m.Pages {
			if id == pageOrQuiz {
				return m, true
			}
		}
	}
	return nil, false
}

// States counts the texts of an edition that a reader meets as one (titles, pages,
// questions, facts) by the state of their translation.
func (e *Edition) States() map[State]int {
	n := map[State]int{e.Title.State: 1}
	n[e.Summary.State]++
	for _, texts := range []map[string]Text{e.Modules, e.Topics, e.Facts} {
		for _, t := range texts {
			n[t.State]++
		}
	}
	for _, p := range e.Pages {
		n[p.State]++
	}
	for _, q := range e.Questions {
		n[q.State]++
	}
	return n
}
