package server_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/learning"
	"havn/internal/locale"
	"havn/internal/store/storetest"
)

// heard is a thing on the page as a screen reader is told of it.
type heard struct {
	id, parent, role, name string
	node                   cdp.BackendNodeID
}

// ear is somebody who has a page read to them, and knows it in no other way.
type ear struct {
	*chrome
	lang  string
	words *locale.Catalog
}

func (e *ear) T(id string, args ...any) string { return e.words.T(e.lang, id, args...) }

// tree is the page's accessibility tree, in the order of reading.
func (e *ear) tree() (list []heard) {
	e.t.Helper()
	type value struct {
		Value any `json:"value"`
	}
	var got struct { // package accessibility knows fewer roles than the browser
		Nodes []struct {
			ID      string            `json:"nodeId"`
			Parent  string            `json:"parentId"`
			Ignored bool              `json:"ignored"`
			Role    value             `json:"role"`
			Name    value             `json:"name"`
			Node    cdp.BackendNodeID `json:"backendDOMNodeId"`
		} `json:"nodes"`
	}
	e.do(chromedp.ActionFunc(func(ctx context.Context) error {
		return cdp.Execute(ctx, "Accessibility.getFullAXTree", nil, &got)
	}))
	for _, n := range got.Nodes {
		role, _ := n.Role.Value.(string)
		if n.Ignored {
			role = ""
		}
		name, _ := n.Name.Value.(string)
		list = append(list, heard{n.ID, n.Parent, role, strings.Join(strings.Fields(name), " "), n.Node})
	}
	return list
}

// find is the one thing of a role and name.
func (e *ear) find(role, name string) heard {
	e.t.Helper()
	var found []heard
	for range 100 {
		found = slices.DeleteFunc(e.tree(), func(h heard) bool { return h.role != role || h.name != name })
		if len(found) == 1 {
			return found[0]
		}
		time.Sleep(20 * time.Millisecond)
	}
	var all []string
	for _, h := range e.tree() {
		if h.role != "" && h.role != "StaticText" && h.role != "InlineTextBox" {
			all = append(all, h.role+" "+strconv.Quote(h.name))
		}
	}
	e.t.Fatalf("%s: %d of role %s are called %q among:\n%s", e.where(), len(found), role, name, strings.Join(all, "\n"))
	return heard{}
}

// within tells whether a thing stands in another of a role whose name holds a text.
func (e *ear) within(h heard, roles, text string) bool {
	e.t.Helper()
	by := map[string]heard{}
	for _, n := range e.tree() {
		by[n.id] = n
	}
	for at, ok := by[h.parent]; ok; at, ok = by[at.parent] {
		if slices.Contains(strings.Fields(roles), at.role) && strings.Contains(at.name, text) {
			return true
		}
	}
	return false
}

// press does what a screen reader does when it is told to press a thing.
func (e *ear) press(role, name string) {
	e.t.Helper()
	h := e.find(role, name)
	e.do(chromedp.ActionFunc(func(ctx context.Context) error {
		object, err := dom.ResolveNode().WithBackendNodeID(h.node).Do(ctx)
		if err != nil {
			return err
		}
		_, _, err = runtime.CallFunctionOn(`function () { this.click(); }`).WithObjectID(object.ObjectID).Do(ctx)
		return err
	}))
}

// follow presses a thing that leads to another page.
func (e *ear) follow(role, name string) {
	e.t.Helper()
	e.js(`document.documentElement.dataset.old = "yes"`, nil)
	e.press(role, name)
	e.turn()
}

// enter goes to a field and types.
func (e *ear) enter(role, name, text string) {
	e.t.Helper()
	h := e.find(role, name)
	e.do(dom.Focus().WithBackendNodeID(h.node), input.InsertText(text))
}

// listen waits until a live part of the page says a text.
func (e *ear) listen(text string) {
	e.t.Helper()
	live := map[string]bool{}
	for range 200 {
		clear(live)
		said := ""
		for _, h := range e.tree() { // parents come before what is in them
			if h.role == "status" || h.role == "alert" || live[h.parent] {
				live[h.id] = true
				if h.role == "StaticText" {
					said += h.name + "\n"
				}
			}
		}
		if strings.Contains(said, text) {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	e.t.Errorf("%s: nobody is told %q", e.where(), text)
}

// answer gives the right answer to the question that is read out.
func (e *ear) answer(q learning.QuestionView, r *assessment.Response) {
	e.t.Helper()
	text := map[string]string{}
	for _, o := range slices.Concat(q.Options, q.Targets) {
		text[o.ID] = plainText(o.HTML)
	}
	stem := plainText(q.HTML)
	tick := func(role, name string) {
		e.t.Helper()
		if h := e.find(role, name); !e.within(h, "group radiogroup", stem) {
			e.t.Errorf("%s %q is not told to belong to %q", role, name, stem)
		}
		e.press(role, name)
	}
	switch q.Type {
	case course.Single, course.TrueFalse:
		tick("radio", text[*r.Choice])
	case course.Multiple:
		for _, id := range *r.Choices {
			tick("checkbox", text[id])
		}
	case course.Hotspot:
		for n, o := range q.Options {
			if slices.Contains(*r.Choices, o.ID) {
				tick("checkbox", fmt.Sprintf("%d %s", n+1, text[o.ID]))
			}
		}
		e.listen(e.T("question.lines-chosen"))
	case course.Ordering:
		var now []string
		for _, o := range q.Options {
			now = append(now, o.ID)
		}
		for place, id := range *r.Order {
			for at := slices.Index(now, id); at > place; at-- {
				e.press("button", e.T("order.up", "item", text[id]))
				e.listen(e.T("order.now", "item", text[id], "place", at, "of", len(now)))
				now[at-1], now[at] = now[at], now[at-1]
			}
		}
	case course.Matching:
		pairs := *r.Pairs
		e.press("button", text[pairs["l1"]])
		e.listen(e.T("match.picked", "target", text[pairs["l1"]]))
		e.press("button", e.T("match.here", "option", text["l1"]))
		e.listen(e.T("match.placed", "target", text[pairs["l1"]], "option", text["l1"]))
		e.do(dom.Focus().WithBackendNodeID(e.find("combobox", text["l2"]).node))
		for n, o := range q.Targets {
			if o.ID == pairs["l2"] {
				for range n + 1 {
					e.do(chromedp.KeyEvent(kb.ArrowDown))
				}
			}
		}
	case course.Numeric:
		e.enter("textbox", e.T("question.number"), strconv.FormatFloat(*r.Number, 'f', -1, 64))
	case course.Date:
		e.do(dom.Focus().WithBackendNodeID(e.find("Date", e.T("question.date")).node), chromedp.KeyEvent(e.typed(*r.Date)))
	case course.ShortText:
		e.enter("textbox", e.T("question.text"), *r.Text)
	case course.Rating:
		tick("radio", text["3"])
	case course.Reflection:
		e.enter("textbox", e.T("question.reflection-label"), "What I keep to myself.")
	case course.Scenario:
		for _, step := range *r.Path {
			node, choice, _ := strings.Cut(step, ":")
			e.follow("button", plainText(e.h.publication().Editions[q.Lang].Questions[q.ID].Nodes[node].Choices[choice]))
		}
	default:
		e.t.Fatalf("no words for %s", q.Type)
	}
	if q.Confidence {
		h := e.find("radio", e.T("confidence.sure"))
		if !e.within(h, "group radiogroup", e.T("confidence.how-sure")) {
			e.t.Error("how sure: of what?")
		}
		e.press("radio", e.T("confidence.sure"))
	}
	if !slices.Contains([]course.Type{course.Scenario, course.Reflection}, q.Type) {
		e.do(chromedp.KeyEvent(kb.Tab)) // away from the field, as one does
		e.listen(e.T("save.saved"))
	}
}

// The sample's questions in Arabic.
const arabic = `q-means: {stem: "ما الذي يجب إثباته؟", options: {a: لا شيء, b: القوة, c: المال}}
q-true: {stem: "الموافقة معتبرة."}
q-signs: {stem: "أي علامات؟", options: {a: ألف, b: باء, c: جيم, d: دال}}
q-first: {stem: "ما الأول؟", options: {a: أهلا, b: لاحقا, c: أبدا}}
q-steps: {stem: "الترتيب", options: {a: الأول, b: الثاني, c: الثالث, d: الرابع}}
q-who: {stem: "من يفعل ماذا؟", options: {l1: يسار, l2: أسفل}, targets: {r1: شرطة, r2: وصي, r3: طبيب}}
q-days: {stem: "كم يوما؟"}
q-last: {stem: "متى؟"}
q-term: {stem: "من يمثل الطفل؟"}
q-lines: {stem: "أي سطور؟", options: {l1: "أ: مرحبا", l2: "ب: ضربك، أليس كذلك؟", l3: "أ: نعم", l4: "ب: ثم ماذا؟"}}
s-desk:
  stem: عند المكتب
  nodes:
    n1: {text: تأتي فتاة., choices: {a: تحدث معها, b: اصرخ}}
    n2: {text: تومئ برأسها., choices: {a: اتصل بالممثل, b: انتظر}}
    e-good: {text: هي بأمان.}
    e-late: {text: يطول الأمر.}
    e-bad: {text: تغادر.}
r-work: {stem: "ما الصعب في عملك؟"}
c-case: {stem: "سامي عمره 15 عاما."}
g-before: {stem: "ما مدى ثقتك؟"}
`

// Each type of question is taken by what a screen reader is told, and by nothing
// else, from the start to the result, in two scripts.
func TestAQuizIsTakenByEarAlone(t *testing.T) {
	t.Parallel()
	words := words(t)
	for _, lang := range []string{"en", "ar"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			fsys := everyType(t, "shuffle: [options]")
			fsys["first-contact/ar/questions.yaml"] = &fstest.MapFile{Data: []byte(arabic)}
			h := start(t, storetest.SQLite().New(t).Open(t), fsys)
			mari := h.enrolled("Mari Tamm")
			mari.lang = lang
			e := &ear{openChrome(t, h, 390, 844, false), lang, words}
			e.do(network.SetCookie("havn", mari.token).WithURL(h.URL), network.SetCookie("havn_lang", lang).WithURL(h.URL))
			e.open("/courses/first-contact/quiz/m1-quiz")
			e.follow("button", e.T("action.start"))
			met := map[course.Type]bool{}
			list := e.questions(mari)
			shown := 0
			for _, q := range list {
				if met[q.Type] = true; q.Type == course.Vignette {
					continue
				}
				shown++
				e.find("heading", e.T("quiz.question", "number", shown, "of", len(list)-1))
				e.answer(q, key(h.publication().Questions[q.ID]))
				e.follow("button", e.T("action.next"))
			}
			allTypes(t, met)
			e.find("heading", e.T("check.title"))
			e.follow("button", e.T("action.submit"))
			e.find("heading", e.T("result.passed", "percent", 100))
		})
	}
}
