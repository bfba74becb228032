package server_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"havn/internal/course"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// fill writes into the fields of the form that is open, by their names: a text, the
// option of a menu, or "✓" for a box or a choice with that value ("name=value").
func (c *chrome) fill(form string, fields map[string]string) {
	c.t.Helper()
	text, err := json.Marshal(fields)
	if err != nil {
		c.t.Fatal(err)
	}
	var missing []string
	c.js(`((form, fields) => Object.entries(fields).flatMap(([name, value]) => {
		const [key, of] = name.split("=");
		const field = [...form.elements].find(e => e.name === key && (of === undefined || e.value === of));
		if (!field) return [name];
		if (value === "✓") field.checked = true;
		else field.value = value;
		return field.value === value || value === "✓" || field.tagName === "TEXTAREA" ? [] : [name + " does not take " + value];
	}))(document.querySelector(`+"`"+form+"`"+`), `+string(text)+`)`, &missing)
	if len(missing) > 0 {
		c.t.Fatalf("the form lacks %v", missing)
	}
}

// sent presses a button and waits for the next page.
func (c *chrome) sent(button string) {
	c.t.Helper()
	c.js(`document.documentElement.dataset.old = "yes"`, nil)
	c.click(button)
	c.turn()
	var said string
	c.js(`document.querySelector("[role=alert]")?.textContent || ""`, &said)
	if said != "" {
		c.t.Fatalf("refused: %s", said)
	}
}

// newCourse begins a course by the form, and tells where its draft is.
func (c *chrome) newCourse(slug, languages string) (home string) {
	c.t.Helper()
	c.open("/trainer")
	c.js(`document.querySelector("details.card").open = true`, nil)
	c.fill(`form[action="/trainer/drafts"]`, map[string]string{"title": "First words", "course": slug, "languages": languages})
	c.sent(`form[action="/trainer/drafts"] button`)
	return "/trainer/" + slug + "/draft"
}

// addQuestion adds a question to the first quiz of a draft by its form.
func (c *chrome) addQuestion(home, kind string, fields map[string]string) {
	c.t.Helper()
	c.open(home)
	form := `form:has([name=quiz][value=m1-quiz])`
	c.fill(form, map[string]string{"type": kind})
	c.sent(form + ` button`)
	c.fill(`#sheet`, fields)
	c.sent(`#sheet > p:last-child button`)
}

// A trainer who knows no YAML makes a course of two modules with seven types of
// question, one of them a story, adds a fact and changes a question, all by forms in
// a browser; somebody else approves it, and it is published.
func TestACourseIsMadeByFormsAlone(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	c := openChrome(t, h, 1280, 900, false)
	c.do(network.SetCookie("havn", asta.token).WithURL(h.URL))
	home := c.newCourse("spoken", "en")
	c.fill(`form:has([name=kind][value=module])`, map[string]string{"title": "Listening"})
	c.sent(`form:has([name=kind][value=module]) button`)
	c.fill(`form:has([name=kind][value=page])`, map[string]string{"title": "Speak slowly"})
	c.sent(`form:has([name=kind][value=page]) button`)
	c.fill(`#edit`, map[string]string{"text": "# Speak slowly\n\nSit down first.\n"})
	c.sent(`#edit p button`)

	add := func(kind string, fields map[string]string) { t.Helper(); c.addQuestion(home, kind, fields) }
	add("single", map[string]string{"stem": "Who speaks first?", "o.text.0": "You", "o.text.1": "The child", "right=1": "✓", "o.feedback.1": "Yes.", "quiz": "m1-quiz"})
	add("multiple", map[string]string{"stem": "What helps?", "o.text.0": "Time", "o.text.1": "Water", "o.text.2": "Noise", "right=0": "✓", "right=1": "✓", "partial": "per-option"})
	add("ordering", map[string]string{"stem": "In which order?", "o.text.0": "Ask", "o.place.0": "2", "o.text.1": "Greet", "o.place.1": "1"})
	add("matching", map[string]string{"stem": "What belongs together?", "t.text.0": "calms", "t.text.1": "hurries", "o.text.0": "A pause", "o.target.0": "r1", "o.text.1": "A clock", "o.target.1": "r2"})
	add("date", map[string]string{"stem": "Which day?", "date": "2026-09-22"})
	add("hotspot", map[string]string{"stem": "Which line hurts?", "o.text.0": "A: Hello", "o.text.1": "B: Hurry", "right=1": "✓", "points": "2"})
	add("scenario", map[string]string{"stem": "At the door", "n.text.0": "A girl knocks.", "c.text.0.0": "Open", "c.to.0.0": "+", "c.points.0.0": "1"})
	c.until("the new step", `document.getElementById("node-n2") !== null`)
	var dead bool
	c.js(`document.querySelector("#node-n2 h2 .careful") !== null && document.querySelectorAll(".map svg .spot").length === 2 && document.querySelector(".map + details a[href='#node-n2']") !== null`, &dead)
	if !dead {
		t.Error("the dead end is not at its place, or the map lacks a step")
	}
	c.picture("forms-dead-end")
	c.fill(`#sheet`, map[string]string{"n.text.1": "She is safe.", "n.end.1": "safe", "c.text.0.1": "Wait", "c.to.0.1": "n1"})
	c.sent(`#sheet > p:last-child button`)
	var loop bool
	c.js(`document.querySelector("#node-n1 h2 .careful") !== null && document.querySelector(".map svg .way.back") !== null && document.querySelector("#wrong + .problems a[href='#node-n1']") !== null`, &loop)
	if !loop {
		t.Error("the loop is not at its place")
	}
	c.picture("forms-loop")
	c.fill(`#sheet`, map[string]string{"c.to.0.1": "+"})
	c.sent(`#sheet > p:last-child button`)
	c.fill(`#sheet`, map[string]string{"n.text.2": "She is gone.", "n.end.2": "harmful"})
	c.sent(`#sheet > p:last-child button`)
	c.picture("forms-story")

	c.open(home + "/fact")
	c.fill(`form:has([name=statement])`, map[string]string{"statement": "A child is heard.", "instrument": "UN Convention on the Rights of the Child", "article": "12", "checked_on": "2026-11-23", "verified": "✓"})
	c.sent(`form:has([name=statement]) > p button`)

	c.open(home)
	c.js(`[...document.querySelectorAll("a")].find(a => a.textContent === "Who speaks first?").click()`, nil)
	c.until("the question", `document.querySelector("#sheet [name=id]")?.value === "q-who-speaks-first"`)
	c.fill(`#sheet`, map[string]string{"o.text.1": "The child, always", "facts=un-convention-on-the-rights-of-the-child-12": "✓", "confidence": "✓"})
	c.sent(`#sheet > p:last-child button`)
	c.until("how a learner sees it", `document.querySelector("iframe.preview").contentDocument?.body?.textContent.includes("The child, always")`)
	c.picture("forms-question")

	asta.want(200, "PUT", path("/courses/spoken/draft/review"), m{"state": "review"})
	bo.want(200, "PUT", path("/courses/spoken/draft/review"), m{"state": "approved"})
	asta.want(201, "POST", path("/courses/spoken/draft/publication"), nil)
	p, ok := h.Library.Current("spoken")
	if !ok {
		t.Fatal("it is not published")
	}
	quiz, _ := p.Quiz("m1-quiz")
	var types []course.Type
	for _, i := range quiz.Items {
		types = append(types, p.Questions[i.Question].Type)
	}
	want := []course.Type{course.TrueFalse, course.Single, course.Multiple, course.Ordering, course.Matching, course.Date, course.Hotspot, course.Scenario}
	if !slices.Equal(types, want) || len(p.Course.Modules) != 2 || len(p.Course.Modules[0].Pages) != 2 {
		t.Errorf("%v in %+v", types, p.Course.Modules)
	}
	q := p.Questions[quiz.Items[1].Question]
	if text := p.Editions["en"].Questions[q.ID]; q.ID != "q-who-speaks-first" || text.Options[q.Key.Choice] != "The child, always" || !q.Confidence || len(q.Facts) != 1 {
		t.Errorf("%+v", q)
	}
	if s := p.Questions[quiz.Items[7].Question]; s.Points != 1 || course.MostPoints(s) != 1 || len(s.Nodes) != 3 {
		t.Errorf("the story is %+v", s)
	}
}

// Two trainers change one question: what both wrote is shown, and nothing is lost.
// Two questions of one file do not get into each other's way.
func TestTwoTrainersInOneFileOfQuestions(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo, _ := h.trainers()
		asta.want(200, "PUT", path("/courses/two/draft"), m{"title": "Two", "languages": []string{"en"}})
		asta.want(201, "POST", path("/courses/two/draft/questions"), m{"type": "numeric", "stem": "Days", "answers": "14"})
		a, b := h.browserOf(asta), h.browserOf(bo)
		form := func(br *browser, id, stem string) url.Values {
			_, _, page := br.get("/trainer/two/draft/question?id=" + id)
			return url.Values{"csrf": {br.csrf()}, "id": {id}, "type": {"true-false"}, "stem": {stem}, "points": {"1"}, "o.id.0": {"true"}, "o.id.1": {"false"}, "right": {"0"}, "stamp": {between(string(page), `name="stamp" value="`, `"`)}}
		}
		const to = "/trainer/two/draft/question"
		mine, theirs := form(a, "q-first", "Asta's words."), form(b, "q-first", "Bo's words.")
		other := url.Values{}
		_, _, page := b.get(to + "?id=q-days")
		for k, v := range map[string]string{"csrf": b.csrf(), "id": "q-days", "type": "numeric", "stem": "How many days?", "points": "1", "number": "15", "stamp": between(string(page), `name="stamp" value="`, `"`)} {
			other.Set(k, v)
		}
		if status, _, page := a.post(to, mine); status != 303 {
			t.Fatalf("%d %s", status, page)
		}
		if status, _, page := b.post(to, other); status != 303 {
			t.Fatalf("another question: %d %s", status, page)
		}
		status, _, page := b.post(to, theirs)
		if status != 409 || !strings.Contains(string(page), "Asta&#39;s words.") || !strings.Contains(string(page), "Bo&#39;s words.") {
			t.Fatalf("%d %s", status, page)
		}
		theirs.Set("stamp", between(string(page), `name="stamp" value="`, `"`))
		if status, _, page := b.post(to, theirs); status != 303 {
			t.Fatalf("%d %s", status, page)
		}
		var f struct{ Text string }
		asta.want(200, "GET", path("/courses/two/draft/file?path=en/questions.yaml"), nil).decode(t, &f)
		if !strings.Contains(f.Text, "Bo's words.") || !strings.Contains(f.Text, "How many days?") {
			t.Errorf("saved: %s", f.Text)
		}
	})
}

func between(s, before, after string) string {
	_, s, _ = strings.Cut(s, before)
	s, _, _ = strings.Cut(s, after)
	return s
}
