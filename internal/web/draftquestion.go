package web

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/learning"
)

// sheetView is the form of a question.
type sheetView struct {
	bank.Sheet
	Course   string
	Stamp    string
	Quiz     string // that is to ask a new one
	Lang     string // in which it is written
	Dir      string
	Problems course.Problems
	Theirs   *bank.Sheet // what somebody else has saved in the meantime
	Refused  string      // why it could not be saved
	Saved    bool

	Countries []string
	Languages []string
	Partials  []string
	Quizzes   []string
	Known     []questionName // that a case may ask
	Register  []course.FactEntry
	Map       *storyMap
}

// questionName is a question as a list shows it.
type questionName struct {
	ID   string
	Type course.Type
	Stem string
	From string // the course that it is reused of, "" this one
}

// Has tells whether a list has a word.
func (sheetView) Has(list []string, word string) bool { return slices.Contains(list, word) }

// Lines are words, one a line.
func (sheetView) Lines(words []string) string { return strings.Join(words, "\n") }

// Words are words in a line.
func (sheetView) Words(words []string) string { return strings.Join(words, " ") }

// Number writes a number as a field has it, nothing for 0.
func (sheetView) Number(n float64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// Step is the number under which the map shows a node, 0 where it does not.
func (v sheetView) Step(id string) int {
	if v.Map != nil {
		for _, s := range v.Map.Spots {
			if s.ID == id {
				return s.N
			}
		}
	}
	return 0
}

// Wrong is what is wrong with a node.
func (v sheetView) Wrong(id string) storyFault {
	if n := v.Step(id); n > 0 {
		return v.Map.Spots[n-1].storyFault
	}
	return storyFault{}
}

// Short is the beginning of a text.
func (sheetView) Short(s string) string { return shorten(bank.Plain(s), 40) }

func shorten(s string, most int) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) <= most {
		return string(r)
	}
	return string(r[:most]) + "…"
}

func (w *Web) draftQuestion(c *fiber.Ctx, d *authoring.Draft) error {
	id := c.Query("id")
	if id == "" {
		s := bank.Sheet{Type: course.Type(c.Query("type")), Points: 1, Scale: 4, Start: "n1", Date: ""}
		if !slices.Contains(bank.Types, s.Type) {
			return fault.New("not-found")
		}
		if s.Type == course.Scenario {
			s.Nodes = []bank.Node{{ID: "n1"}}
		}
		return w.showSheet(c, d, fiber.StatusOK, sheetView{Sheet: s, Quiz: c.Query("quiz")})
	}
	s, err := w.Drafts.Sheet(c.UserContext(), d, id)
	if err != nil {
		return err
	}
	return w.showSheet(c, d, fiber.StatusOK, sheetView{Sheet: s.Sheet, Stamp: s.Stamp, Problems: s.Problems, Saved: c.Query("saved") != ""})
}

// saveQuestion keeps what was written, or gives the form back with more rows.
// Where somebody else has changed the question in the meantime, both are shown.
func (w *Web) saveQuestion(c *fiber.Ctx, d *authoring.Draft) error {
	s, err := sheetFrom(c)
	if err != nil {
		return err
	}
	v := sheetView{Sheet: s, Stamp: c.FormValue("stamp"), Quiz: c.FormValue("quiz")}
	if more := c.FormValue("more"); more != "" {
		if more == "node" {
			v.Nodes = append(v.Nodes, bank.Node{ID: freeNode(v.Nodes)})
		}
		return w.showSheet(c, d, fiber.StatusOK, v)
	}
	v.Sheet = withNewSteps(v.Sheet)
	var id string
	id, err = w.Drafts.SaveSheet(c.UserContext(), d, v.Sheet, v.Stamp, v.Quiz, gate.Of(c).Account.ID)
	var f *fault.Error
	switch {
	case fault.Is(err, "draft-changed"):
		theirs, err := w.Drafts.Sheet(c.UserContext(), d, v.ID)
		if err != nil {
			return err
		}
		v.Stamp, v.Theirs = theirs.Stamp, &theirs.Sheet
		return w.showSheet(c, d, fiber.StatusConflict, v)
	case asFault(err, &f) && f.Code == "question-incomplete":
		v.Refused = fmt.Sprint(f.Params["reason"])
		return w.showSheet(c, d, fiber.StatusUnprocessableEntity, v)
	case err != nil:
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/question?saved=1&id="+id, fiber.StatusSeeOther)
}

// blankRows is how many empty rows a form has for what comes.
const blankRows = 3

func (w *Web) showSheet(c *fiber.Ctx, d *authoring.Draft, status int, v sheetView) error {
	folder, err := w.Drafts.Folder(c.UserContext(), d)
	if err != nil {
		return err
	}
	b, _ := course.ReadBank(d.ID, folder)
	o := course.ReadOutline(d.ID, folder)
	v.Course, v.Countries, v.Languages, v.Lang, v.Dir, v.Register = d.ID, b.Course.Countries, b.Course.Languages, b.Source, language.Direction(b.Source), o.Facts
	v.Register = slices.DeleteFunc(v.Register, func(f course.FactEntry) bool { return f.Country != "" })
	v.Problems, v.Partials = v.Problems.Say(w.Locale.In(gate.Of(c).Lang)), course.Partials(v.Type)
	for _, q := range b.Questions {
		if q.ID != v.ID && q.Type != course.Vignette && !q.Retired {
			v.Known = append(v.Known, questionNamed(b, q))
		}
	}
	for _, m := range b.Course.Modules {
		if m.Quiz != nil {
			v.Quizzes = append(v.Quizzes, m.Quiz.ID)
		}
	}
	if v.Type == course.Scenario {
		v.Map = drawStory(authorsStory(v.Sheet), language.Direction(gate.Of(c).Lang) == "rtl")
		v.Nodes = slices.Clone(v.Nodes)
		slices.SortStableFunc(v.Nodes, func(a, b bank.Node) int { return v.Step(a.ID) - v.Step(b.ID) })
	}
	v.Sheet = withBlanks(v.Sheet)
	gate.LetFrame(c)
	title := w.t(c, "form.new") + ": " + w.Locale.T(gate.Of(c).Lang, "draft.type."+string(v.Type))
	if v.ID != "" {
		title = w.t(c, "form.change")
	}
	return w.show(c, status, "draft-question", w.page(c, "trainer", title, v))
}

// authorsStory is a scenario as the map draws it, from the start on.
func authorsStory(s bank.Sheet) (list []learning.StoryNode) {
	ids, of, listed := []string{s.Start}, map[string]bank.Node{}, map[string]bool{s.Start: true}
	for _, n := range s.Nodes {
		of[n.ID] = n
	}
	add := func(id string) {
		if _, there := of[id]; there && !listed[id] {
			ids, listed[id] = append(ids, id), true
		}
	}
	if _, there := of[s.Start]; !there {
		ids = nil
	}
	for n := 0; ; n++ {
		if n == len(ids) { // what cannot be reached comes last
			at := slices.IndexFunc(s.Nodes, func(n bank.Node) bool { return !listed[n.ID] })
			if at < 0 {
				return list
			}
			add(s.Nodes[at].ID)
		}
		from := of[ids[n]]
		node := learning.StoryNode{ID: from.ID, HTML: html.EscapeString(shorten(bank.Plain(from.Text), 80)), End: from.End}
		for _, w := range from.Choices {
			if strings.TrimSpace(w.Text) == "" && w.To == "" {
				continue
			}
			node.Ways = append(node.Ways, learning.StoryWay{ID: w.ID, HTML: html.EscapeString(shorten(bank.Plain(w.Text), 80)), To: w.To})
			add(w.To)
		}
		list = append(list, node)
	}
}

// Ends are what a story can come to.
func (sheetView) Ends() []string { return []string{"safe", "delayed", "harmful"} }

// judged is a fault of a story as the partial template "story-fault" shows it.
type judged struct {
	*Page
	Fault storyFault
}

// Judge prepares what is wrong with a node for the partial template.
func (p *Page) Judge(of any) judged {
	switch f := of.(type) {
	case storyFault:
		return judged{p, f}
	case mapSpot:
		return judged{p, f.storyFault}
	}
	return judged{Page: p}
}
