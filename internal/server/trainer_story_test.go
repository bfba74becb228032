package server_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/store/storetest"
)

var poEntry = regexp.MustCompile(`(?m)^msgctxt "([^"]+)"\nmsgid ((?:".*"\n)+)msgstr (?:".*"\n?)+`)

// inUkrainian writes a text in the letters of Ukrainian, which is enough to be told
// from the original by whoever looks at scripts. It takes texts without markup.
func inUkrainian(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return []rune("абцдефгхійклмнопярстувшжиз")[r-'a']
		case r >= 'A' && r <= 'Z':
			return []rune("АБЦДЕФГХІЙКЛМНОПЯРСТУВШЖИЗ")[r-'A']
		}
		return r
	}, text)
}

// translated is a PO file whose entries a translator has filled, but for those that
// leave keeps as they are.
func translated(po string, leave func(unit string) bool) string {
	return poEntry.ReplaceAllStringFunc(po, func(entry string) string {
		m := poEntry.FindStringSubmatch(entry)
		if leave(m[1]) {
			return entry
		}
		text := inUkrainian(m[2])
		return "msgctxt \"" + m[1] + "\"\nmsgid " + m[2] + "msgstr " + text
	})
}

// A trainer's weeks, in a real browser: an empty course becomes a published module in
// two languages with six types of question; the source changes, and exactly the
// touched text goes stale; the translator's file comes back; a wrong key is repaired,
// and a learner who had failed passes.
func TestATrainerMakesTranslatesPublishesAndRepairsAModule(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	c := openChrome(t, h, 1280, 900, false)
	as := func(who *client) { c.do(network.SetCookie("havn", who.token).WithURL(h.URL)) }
	as(asta)

	// An empty course, written by forms.
	home := c.newCourse("spoken", "en uk")
	c.fill(`form:has([name=kind][value=page])`, map[string]string{"title": "Speak slowly"})
	c.sent(`form:has([name=kind][value=page]) button`)
	const first, second = "Sit down first.", "A child may have fifteen days."
	c.fill(`#edit`, map[string]string{"text": "# Speak slowly\n\n" + first + "\n\n" + second + "\n"})
	c.sent(`#edit p button`)
	add := func(kind string, fields map[string]string) { t.Helper(); c.addQuestion(home, kind, fields) }
	add("single", map[string]string{"stem": "Who speaks first?", "o.text.0": "You", "o.text.1": "The child", "right=1": "✓"})
	add("multiple", map[string]string{"stem": "What helps?", "o.text.0": "Time", "o.text.1": "Water", "o.text.2": "Noise", "right=0": "✓", "right=1": "✓"})
	add("ordering", map[string]string{"stem": "In which order?", "o.text.0": "Ask", "o.place.0": "2", "o.text.1": "Greet", "o.place.1": "1"})
	add("date", map[string]string{"stem": "Which day?", "date": "2026-09-22"})
	add("numeric", map[string]string{"stem": "How many working days?", "number": "15"}) // which is wrong
	c.open(home + "/module?id=m1")
	c.fill(`form:has([name=pass_mark])`, map[string]string{"pass_mark": "100"})
	c.sent(`form:has([name=pass_mark]) > p:last-child button`)

	// The translator takes the file away and brings it back.
	workbench := home + "/translate/uk"
	exported := func() string {
		return string(asta.want(200, "GET", translations("spoken", "uk")+"/file?format=po", nil).body)
	}
	brings := func(po string) (taken string) {
		t.Helper()
		c.open(workbench)
		c.post(map[string]string{"": workbench + "/file", "format": "po", "stands": "1", "@file": po})
		return c.text(`[aria-labelledby=became]`)
	}
	all := translated(exported(), func(string) bool { return false })
	if said := brings(all); strings.Contains(said, "#") {
		t.Fatalf("refused: %s", said)
	}
	stale := func() (list []string) {
		for _, state := range []string{"stale", "missing"} {
			for _, u := range asta.units("spoken", "uk", "state="+state+"&limit=50").Items {
				list = append(list, u.ID)
			}
		}
		return list
	}
	if left := stale(); len(left) > 0 {
		t.Fatalf("not translated: %v", left)
	}
	publish := func() {
		t.Helper()
		as(asta)
		c.open(home)
		c.sent(`button[name=step][value=review]`)
		as(bo)
		c.open(home)
		c.sent(`button[name=step][value=approved]`)
		c.sent(`button[name=step][value=publish]`)
		as(asta)
	}
	publish()
	p, ok := h.Library.Current("spoken")
	if !ok || p.Version != 1 || !slices.Equal(p.Course.Languages, []string{"en", "uk"}) {
		t.Fatalf("%v %+v", ok, p)
	}
	kinds := map[course.Type]bool{}
	quiz, _ := p.Quiz("m1-quiz")
	for _, i := range quiz.Items {
		kinds[p.Questions[i.Question].Type] = true
	}
	if len(kinds) != 6 {
		t.Errorf("%d types: %v", len(kinds), kinds)
	}

	// A learner reads it in Ukrainian, knows better than the key, and fails.
	mari := h.learner("Mari Tamm")
	mari.want(201, "PUT", "/api/v1/enrolments/spoken", nil)
	phone := openChrome(t, h, 320, 640, false)
	phone.do(network.SetCookie("havn", mari.token).WithURL(h.URL), network.SetCookie("havn_lang", "uk").WithURL(h.URL))
	for _, m := range p.Course.Modules {
		for _, page := range m.Pages {
			phone.open("/courses/spoken/" + page)
			mari.want(204, "PUT", "/api/v1/enrolments/spoken/pages/"+page, nil)
		}
	}
	if text := phone.text("main"); !strings.Contains(text, inUkrainian(second)) {
		t.Errorf("the page is not in Ukrainian: %s", text)
	}
	a := mari.startAt("spoken", "m1-quiz")
	days := ""
	for _, q := range a.Questions {
		r := key(p.Questions[q.ID])
		if q.Type == course.Numeric {
			ten := 10.0
			r, days = &assessment.Response{Number: &ten}, q.ID
		}
		mari.want(200, "PUT", path("/attempts/%s/answers/%s", a.ID, q.ID), m{"response": r})
	}
	if o, _ := a.submit(); o.Passed {
		t.Fatalf("%+v", o)
	}

	// The law changes: one paragraph, and exactly that goes stale.
	as(asta)
	c.open("/trainer")
	c.sent(`form:has([name=course][value=spoken]) button`)
	page := p.Course.Modules[0].Pages[len(p.Course.Modules[0].Pages)-1]
	c.open(home + "/edit?path=en/" + page + ".md")
	c.fill(`#edit`, map[string]string{"text": "# Speak slowly\n\n" + first + "\n\nA child may have ten days.\n"})
	c.sent(`#edit p button`)
	touched := "page:" + page + "#3"
	if left := stale(); !slices.Equal(left, []string{touched}) {
		t.Errorf("stale: %v", left)
	}
	c.open(workbench + "?state=stale")
	if shown := c.text("#units"); !strings.Contains(shown, "ten") || !strings.Contains(shown, "fifteen") || strings.Contains(shown, first) {
		t.Errorf("the workbench shows %s", shown)
	}
	// A file that was made before the change is refused for that text alone.
	if said := brings(all); !strings.Contains(said, touched) {
		t.Errorf("the old file: %s", said)
	}
	if said := brings(translated(exported(), func(unit string) bool { return unit != touched })); strings.Contains(said, touched) {
		t.Errorf("the new file: %s", said)
	}
	if left := stale(); len(left) > 0 {
		t.Errorf("stale after the file came back: %v", left)
	}

	// The key is mended, and those who were right all along are told so.
	c.open(home + "/question?id=" + days)
	c.fill(`#sheet`, map[string]string{"number": "10"})
	c.sent(`#sheet > p:last-child button`)
	publish()
	c.open("/trainer/spoken/versions")
	c.picture("story-versions")
	c.js(`document.querySelectorAll("details").forEach(d => d.open = true)`, nil)
	c.sent(`form[action$="/regrades"] button`)
	if would := c.text("main"); !strings.Contains(would, "1 attempt passes now") {
		t.Fatalf("the dry run says %s", would)
	}
	c.sent(`form:has([name=regrade]) button`)
	asta.h.until("the regrade is done", func() bool { return mari.standingIn("spoken").Status == "completed" })
	if s := mari.standingIn("spoken"); s.Certificate == "" || h.status(s.Certificate) != "valid" {
		t.Errorf("%+v", s)
	}
}
