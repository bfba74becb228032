package server_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// hard is the sample with a content note and terms on its second page.
func hard(t *testing.T, e store.Engine, set func(*server.Config)) *havn {
	t.Helper()
	return startWith(t, e, sample(t, map[string]string{
		"course.yaml":      courseYAML(""),
		"en/glossary.yaml": "guardian: {term: guardian, definition: \"Acts for the child.\"}\n",
		"et/glossary.yaml": "guardian: {term: eestkostja, definition: \"Tegutseb lapse eest.\"}\n",
		"en/m1-status.md":  "# Status\n\n:::content-note\nThis page speaks of violence.\n:::\n\nA [guardian](term:guardian) comes.\n\n## Later\n\nThe end.\n",
		"et/m1-status.md":  "# Staatus\n\n:::content-note\nSee leht räägib vägivallast.\n:::\n\nTuleb [eestkostja](term:guardian).\n\n## Hiljem\n\nLõpp.\n",
	}), set)
}

func unchanged(*server.Config) {}

const hardPage = "/courses/first-contact/m1-status"

func TestAHardPageIsAnnouncedAndMayWait(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := hard(t, e, unchanged)
		mari := h.enrolled("Mari Tamm")
		b := h.browser("mari.tamm@example.org")
		form := url.Values{"csrf": {b.csrf()}}
		b.post("/courses/first-contact/m1-rights/read", form)
		_, _, page := b.get(hardPage)
		if s := string(page); !strings.Contains(s, "speaks of violence") || strings.Contains(s, "The end.") {
			t.Fatalf("instead of the note:\n%s", s)
		}
		if status, to, _ := b.post(hardPage+"/later", form); status != 303 || to != "/courses/first-contact/quiz/m1-quiz" {
			t.Fatalf("skipping leads to %d %q", status, to)
		}
		standing := func() (e struct {
			PagesRead []string `json:"pages_read"`
			Later     []string
		}) {
			mari.want(200, "GET", "/api/v1/enrolments/first-contact", nil).decode(t, &e)
			return e
		}
		if e := standing(); len(e.PagesRead) != 1 || len(e.Later) != 1 || e.Later[0] != "m1-status" {
			t.Errorf("a page that was skipped: %+v", e)
		}
		_, _, page = b.get("/courses/first-contact")
		if !strings.Contains(string(page), `Status</span></a> <span class="tag careful">left for later</span>`) {
			t.Errorf("the course page does not say what waits:\n%s", page)
		}
		a := mari.start("m1-quiz")
		a.answerAll()
		a.submit()
		if _, _, page = b.get("/"); !strings.Contains(string(page), `href="`+hardPage+`"`) {
			t.Error("once all else is done, going on leads to what waits")
		}
		if _, _, page = b.get(hardPage + "?read=1"); !strings.Contains(string(page), "The end.") {
			t.Errorf("the text:\n%s", page)
		}
		b.post(hardPage+"/read", form)
		if e := standing(); len(e.PagesRead) != 2 || len(e.Later) != 0 {
			t.Errorf("after reading: %+v", e)
		}
		if _, _, page = b.get(hardPage); !strings.Contains(string(page), "The end.") {
			t.Error("who has read the page is warned again")
		}
		b.post(hardPage+"/later", form)
		if e := standing(); len(e.PagesRead) != 2 || len(e.Later) != 0 {
			t.Errorf("what was read cannot be unread: %+v", e)
		}
	})
}

func TestATermIsExplainedOnItsPageInBothLanguages(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	b := h.stranger()
	_, _, page := b.get(hardPage + "?read=1&lang=et")
	for _, part := range []string{
		`<a href="#term-guardian" class="term">eestkostja</a>`, `id="term-guardian"`, `<dt lang="et" dir="ltr">eestkostja</dt>`, `<dt lang="en" dir="ltr">guardian</dt>`,
		`<dd lang="et" dir="ltr">Tegutseb lapse eest.</dd>`, `<dd lang="en" dir="ltr">Acts for the child.</dd>`,
	} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the page lacks %s:\n%s", part, page)
		}
	}
	if _, _, page := b.get(hardPage + "?read=1&lang=en"); strings.Count(string(page), "Acts for the child.") != 1 {
		t.Error("in the source's own language the definition stands once")
	}
	var p struct {
		ContentNote string `json:"content_note"`
		Terms       []struct {
			Term   string
			Source *struct{ Term string }
		}
	}
	h.anonymous().want(200, "GET", path("/courses/first-contact/pages/m1-status?lang=et"), nil).decode(t, &p)
	if !strings.Contains(p.ContentNote, "vägivallast") || len(p.Terms) != 1 || p.Terms[0].Term != "eestkostja" || p.Terms[0].Source.Term != "guardian" {
		t.Errorf("by the API: %+v", p)
	}
}

func TestTheSourceStandsBesideItsTranslation(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	_, _, page := h.stranger().get(hardPage + "?lang=et&read=1&source=beside")
	var at int
	for _, part := range []string{
		`<div lang="et" dir="ltr"><p>Tuleb`, `<div lang="en" dir="ltr"><p>A <a`, `id="b2"`, `<div lang="et" dir="ltr"><h2>Hiljem`, `<div lang="en" dir="ltr"><h2>Later`, `Lõpp.`, `The end.`,
	} {
		i := strings.Index(string(page[at:]), part)
		if i < 0 {
			t.Fatalf("%s does not follow in\n%s", part, page)
		}
		at += i
	}
	if _, _, page := h.stranger().get(hardPage + "?lang=en&read=1&source=beside"); strings.Contains(string(page), `class="sides`) {
		t.Error("the source has no source")
	}
}

func TestAWishForLargerTextIsKeptWithoutJavaScript(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	a := h.enrolled("Mari Tamm").start("m1-quiz")
	b := h.browser("mari.tamm@example.org")
	csrf := b.csrf()
	if status, to, _ := b.post("/reading", url.Values{"csrf": {csrf}, "reading": {"text-3"}, "back": {hardPage + "?read=1"}}); status != 303 || to != hardPage+"?read=1" {
		t.Fatalf("%d %s", status, to)
	}
	// On a question the same buttons save what is chosen.
	q := a.Questions[0]
	form := url.Values{"csrf": {csrf}, "type": {string(q.Type)}, "q": {"1"}, "value": {"true"}, "reading": {"wide-1"}}
	if status, to, page := b.post("/attempts/"+a.ID+"/answers/"+q.ID, form); status != 303 || !strings.HasSuffix(to, "?q=1") {
		t.Fatalf("%d %s %s", status, to, page)
	}
	if a.saved(q.ID) != "true" {
		t.Error("what was chosen is lost")
	}
	for _, p := range []string{hardPage, "/account", "/attempts/" + a.ID + "?q=1"} {
		if _, _, page := b.get(p); !strings.Contains(string(page), `<html lang="en" dir="ltr" data-text="3" data-wide="1">`) {
			t.Errorf("%s is not as wished:\n%.200s", p, page)
		}
	}
	b.post("/reading", url.Values{"csrf": {csrf}, "reading": {"text-99"}, "back": {"//evil.example"}})
	if _, _, page := b.get("/"); !strings.Contains(string(page), `data-text="3"`) {
		t.Error("a size that there is not is taken")
	}
}

func TestTheLanguageOfAQuestionChangesNothingElse(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	a := h.enrolled("Mari Tamm").start("m1-quiz")
	b := h.browser("mari.tamm@example.org")
	csrf := b.csrf()
	order := func(page []byte) (ids []string) {
		for _, part := range strings.Split(string(page), `name="place.`)[1:] {
			id, _, _ := strings.Cut(part, `"`)
			ids = append(ids, id)
		}
		return ids
	}
	n := 0
	for i, q := range a.Questions {
		if q.ID == "q-steps" {
			n = i + 1
		}
	}
	here := fmt.Sprintf("/attempts/%s?q=%d", a.ID, n)
	_, _, before := b.get(here)
	form := url.Values{"csrf": {csrf}, "type": {"ordering"}, "q": {fmt.Sprint(n)}, "switch": {"ar"}}
	for i, id := range order(before) {
		form.Set("place."+id, fmt.Sprint(4-i))
	}
	_, to, _ := b.post("/attempts/"+a.ID+"/answers/q-steps", form)
	_, _, after := b.get(to)
	if !strings.Contains(string(after), `lang="ar" dir="rtl"`) || len(order(after)) != 4 {
		t.Errorf("%v before, %v after at %s", order(before), order(after), to)
	}
	for i, id := range order(after) { // in the order that was given
		if want := order(before)[3-i]; id != want {
			t.Errorf("place %d has %s instead of %s", i+1, id, want)
		}
	}
}

func TestABreakLosesNothingAndLeadsBack(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), func(c *server.Config) { c.ExitURL = "https://weather.example/" })
	h.enrolled("Mari Tamm")
	b := h.browser("mari.tamm@example.org")
	_, _, page := b.get("/courses/first-contact/m1-rights")
	if !strings.Contains(string(page), `href="/break?back=%2fcourses%2ffirst-contact%2fm1-rights"`) && !strings.Contains(string(page), `href="/break?back=%2Fcourses%2Ffirst-contact%2Fm1-rights"`) {
		t.Errorf("no way to a break:\n%s", page)
	}
	_, _, page = b.get("/break?back=%2Fcourses%2Ffirst-contact%2Fm1-rights")
	for _, part := range []string{"Nothing is lost", "Rights, not status", `href="/courses/first-contact/m1-rights"`, "112"} {
		if !strings.Contains(string(page), part) {
			t.Errorf("the break lacks %s", part)
		}
	}
	if _, _, page = b.get("/break?back=https://evil.example"); !strings.Contains(string(page), `class="button" href="/"`) {
		t.Error("a break leads to another site")
	}
	// On a question, the button saves first.
	a := h.signIn("mari.tamm@example.org").start("m1-quiz")
	q := a.Questions[0]
	form := url.Values{"csrf": {b.csrf()}, "type": {string(q.Type)}, "q": {"1"}, "value": {"true"}, "next": {"/break?back=/attempts/" + a.ID + "%3Fq%3D1"}}
	if status, to, _ := b.post("/attempts/"+a.ID+"/answers/"+q.ID, form); status != 303 || !strings.HasPrefix(to, "/break") || a.saved(q.ID) != "true" {
		t.Errorf("%d %s, saved %q", status, to, a.saved(q.ID))
	}
	status, header, _ := b.get("/leave")
	if status != 303 || header.Get("Location") != "https://weather.example/" || header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("leaving: %d %v", status, header)
	}
}

func TestAFactWhoseReviewIsOverdueSaysSo(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	says := func() (banner, tag bool) {
		_, _, page := h.stranger().get("/courses/first-contact/m1-rights")
		return strings.Contains(string(page), "should have been checked again"), strings.Contains(string(page), "review overdue")
	}
	h.clock.advance(time.Date(2027, 11, 23, 23, 0, 0, 0, time.UTC).Sub(h.clock.now()))
	if banner, tag := says(); banner || tag {
		t.Error("on the last day the review is not overdue")
	}
	h.clock.advance(2 * time.Hour)
	if banner, tag := says(); !banner || !tag {
		t.Errorf("on the day after: banner %v, tag %v", banner, tag)
	}
}

func TestGoingOnLeadsToTheFirstThingNotDoneOnAnyDevice(t *testing.T) {
	t.Parallel()
	h := hard(t, storetest.SQLite().New(t).Open(t), unchanged)
	mari := h.enrolled("Mari Tamm")
	phone, desk := h.browser("mari.tamm@example.org"), h.browser("mari.tamm@example.org")
	form := url.Values{"csrf": {phone.csrf()}}
	leads := func(b *browser, to string) {
		t.Helper()
		for _, from := range []string{"/", "/courses/first-contact"} {
			if _, _, page := b.get(from); !strings.Contains(string(page), `class="button" href="`+to+`">Continue`) {
				t.Errorf("%s does not lead on to %s", from, to)
			}
		}
	}
	leads(desk, "/courses/first-contact/m1-rights")
	phone.post("/courses/first-contact/m1-rights/read", form)
	leads(desk, hardPage)
	phone.post(hardPage+"/read", form)
	leads(desk, "/courses/first-contact/quiz/m1-quiz")
	a := mari.start("m1-quiz")
	leads(desk, "/attempts/"+a.ID)
	if got := a.save(a.Questions[0].ID, *key(h.publication().Questions[a.Questions[0].ID])); got.status != 200 {
		t.Fatal(string(got.body))
	}
	if _, _, page := desk.get("/attempts/" + a.ID); !strings.Contains(string(page), "Question 2 of") {
		t.Errorf("the running attempt opens at\n%.3000s", page)
	}
}
