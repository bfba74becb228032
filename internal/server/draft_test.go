package server_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/google/uuid"

	"havn/internal/course"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

type draftOf struct {
	State string
	From  int
	Own   bool
	Files []struct {
		Path string
		Rev  int64
	}
	Problems []struct {
		File, Level, Message string
		Line                 int
	}
	Comments []struct {
		ID, Text string
		Done     bool
	}
}

func (d draftOf) rev(path string) int64 {
	for _, f := range d.Files {
		if f.Path == path {
			return f.Rev
		}
	}
	return 0
}

func (c *client) draft(slug string) (d draftOf) {
	c.h.t.Helper()
	c.want(200, "GET", path("/courses/%s/draft", slug), nil).decode(c.h.t, &d)
	return d
}

// write saves a file of a draft as it stands now.
func (c *client) write(slug, file, text string) answer {
	c.h.t.Helper()
	return c.want(200, "PUT", path("/courses/%s/draft/file", slug), m{"path": file, "rev": c.draft(slug).rev(file), "text": text})
}

// trainers are two of one organisation and one of another.
func (h *havn) trainers() (a, b, other *client) {
	site := h.admin()
	top, foreign := site.organisation("Authority", ""), site.organisation("Another", "")
	return h.invited("Asta Trainer", site.invite(top, 1, "trainer")), h.invited("Bo Trainer", site.invite(top, 1, "trainer")), h.invited("Other Trainer", site.invite(foreign, 1, "trainer"))
}

// An empty course becomes a published one: two trainers write, neither's text is
// lost where they meet, errors are told at their line and kept out of review, one
// who wrote nothing approves, and any change opens it again.
func TestAnEmptyCourseIsWrittenReviewedAndPublished(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo, other := h.trainers()
		draft := path("/courses/first-words/draft")
		asta.refuse("draft-title", "PUT", draft, m{"languages": []string{"en"}})
		asta.refuse("draft-languages", "PUT", draft, m{"title": "First words", "languages": []string{"en", "en"}})
		asta.refuse("draft-slug", "PUT", path("/courses/First_words/draft"), m{"title": "First words", "languages": []string{"en"}})
		for range 2 {
			asta.want(200, "PUT", draft, m{"title": "First words", "languages": []string{"en", "uk"}})
		}
		d := asta.draft("first-words")
		for _, p := range d.Problems {
			if p.Level == "error" {
				t.Errorf("a new course has the error %s:%d %s", p.File, p.Line, p.Message)
			}
		}
		h.anonymous().want(404, "GET", path("/courses/first-words"), nil)

		// Two at one page.
		rev := d.rev("en/m1-page.md")
		asta.want(200, "PUT", draft+"/file", m{"path": "en/m1-page.md", "rev": rev, "text": "# First words\n\nAsta wrote this.\n"})
		bo.refuse("draft-changed", "PUT", draft+"/file", m{"path": "en/m1-page.md", "rev": rev, "text": "# First words\n\nBo wrote this.\n"})
		var file struct {
			Text    string
			Earlier []struct{ Text string }
		}
		bo.want(200, "GET", draft+"/file?path=en/m1-page.md", nil).decode(t, &file)
		if !strings.Contains(file.Text, "Asta") || len(file.Earlier) != 1 || !strings.Contains(file.Earlier[0].Text, "…") {
			t.Errorf("the file is %+v", file)
		}

		// What is wrong is told at its line, and kept.
		var saved struct{ Problems []struct{ Line int } }
		asta.write("first-words", "questions.yaml", "- {id: q-first, type: single, options: [a, b], key: a}\n- {id: q-two, type: single, options: [a, b], key: c}\n").decode(t, &saved)
		if len(saved.Problems) == 0 || saved.Problems[len(saved.Problems)-1].Line != 2 {
			t.Errorf("a key that is no option: %+v", saved)
		}
		asta.refuse("course-has-errors", "PUT", draft+"/review", m{"state": "review"})
		asta.write("first-words", "questions.yaml", "- {id: q-first, type: single, options: [a, b], key: a}\n")
		asta.write("first-words", "en/questions.yaml", "q-first:\n  stem: \"Who speaks first?\"\n  options: {a: \"The child\", b: \"You\"}\n")
		asta.refuse("draft-path", "PUT", draft+"/file", m{"path": "../outside.md", "rev": 0, "text": "x"})

		// What keeps somebody out stops it too, and says where.
		asta.write("first-words", "en/m1-page.md", "# First words\n\n### Too deep\n\nSee [https://example.org](https://example.org).\n")
		if d := asta.draft("first-words"); len(d.Problems) < 2 {
			t.Errorf("a level that is skipped and a link without words: %+v", d.Problems)
		}
		asta.refuse("draft-barriers", "PUT", draft+"/review", m{"state": "review"})
		asta.write("first-words", "en/m1-page.md", "# First words\n\nAsta wrote this.\n")

		// Review by somebody else.
		bo.refuse("draft-not-asked", "PUT", draft+"/review", m{"state": "approved"})
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		asta.refuse("draft-own", "PUT", draft+"/review", m{"state": "approved"})
		comment := uuid.NewString()
		for range 2 {
			bo.want(204, "PUT", draft+"/comments/"+comment, m{"path": "en/m1-page.md", "line": 3, "text": "Who is this for?"})
		}
		bo.refuse("draft-comments", "PUT", draft+"/review", m{"state": "approved"})
		asta.want(204, "PUT", draft+"/comments/"+comment+"/state", m{"done": true})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
		asta.write("first-words", "en/m1-page.md", "# First words\n\nFor guardians.\n")
		asta.refuse("draft-not-approved", "POST", draft+"/publication", nil)
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})

		// Who is of another organisation finds nothing, then may not.
		other.refuse("not-found", "GET", draft, nil)
		asta.want(201, "POST", draft+"/publication?note=The+first", nil)
		asta.refuse("not-found", "GET", draft, nil)
		other.refuse("forbidden", "PUT", draft, m{})
		if got := h.anonymous().want(200, "GET", path("/courses/first-words/pages/m1-page"), nil); !bytes.Contains(got.body, []byte("For guardians.")) {
			t.Errorf("published: %s", got.body)
		}

		// The next draft begins from it; what is published in the meantime is not undone.
		bo.want(200, "PUT", draft, m{})
		if d := bo.draft("first-words"); d.From != 1 || d.Own {
			t.Errorf("the next draft: %+v", d)
		}
		bo.want(204, "DELETE", draft, nil)
	})
}

// An approved draft is published by itself at its time, once however many servers
// run, and not before.
func TestAnApprovedDraftIsPublishedAtItsTime(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		asta, bo, _ := h.trainers()
		draft := path("/courses/later/draft")
		asta.want(200, "PUT", draft, m{"title": "Later", "languages": []string{"en"}})
		at := h.clock.now().Add(time.Hour)
		asta.refuse("draft-not-approved", "PUT", draft+"/schedule", m{"publish_at": at})
		asta.want(200, "PUT", draft+"/review", m{"state": "review"})
		bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
		asta.refuse("draft-past", "PUT", draft+"/schedule", m{"publish_at": h.clock.now().Add(-time.Minute)})
		asta.want(200, "PUT", draft+"/schedule", m{"publish_at": at, "note": "For spring"})
		work := func() {
			for range 2 {
				if err := h.Drafts.Work(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		work()
		h.anonymous().want(404, "GET", path("/courses/later"), nil)
		h.clock.advance(time.Hour)
		work()
		h.anonymous().want(200, "GET", path("/courses/later"), nil)
		list, err := h.Library.Versions(context.Background(), "later", "", 0)
		if err != nil || len(list.Items) != 1 || list.Items[0].Note != "For spring" {
			t.Errorf("%d versions: %+v, %v", len(list.Items), list.Items, err)
		}
	})
}

// A draft leaves as a folder and comes back, forwards only: what somebody else
// saved in the meantime is not written over.
func TestADraftGoesOutAsAFolderAndComesBack(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	draft := path("/courses/folder/draft")
	asta.want(200, "PUT", draft, m{"title": "Folder", "languages": []string{"en"}})
	pulled := asta.want(200, "GET", draft+"/archive", nil)
	base := strings.Trim(pulled.header.Get("ETag"), `"`)
	files := unzipped(t, pulled.body)
	files["en/m1-page.md"] = []byte("# Folder\n\nWritten elsewhere.\n")
	files["en/more.md"] = []byte("# More\n\nMore.\n")
	push := func(c *client, base string, files course.Files) answer {
		return c.send("PUT", draft+"/archive?base="+base, "application/zip", zipOf(t, files))
	}
	var pushed struct {
		Hash  string
		Saved int
	}
	got := push(asta, base, files)
	if got.decode(t, &pushed); got.status != 200 || pushed.Saved != 2 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if again := push(asta, base, files); again.status != 200 { // the answer was lost on the way
		t.Errorf("a repeat: %d %s", again.status, again.body)
	}
	bo.write("folder", "en/m1-page.md", "# Folder\n\nWritten here.\n")
	files["en/more.md"] = []byte("# More\n\nStill more.\n")
	if got := push(asta, pushed.Hash, files); got.code() != "draft-changed" {
		t.Errorf("over what somebody else wrote: %d %s", got.status, got.body)
	}
	if file := bo.want(200, "GET", draft+"/file?path=en/m1-page.md", nil); !bytes.Contains(file.body, []byte("Written here.")) {
		t.Errorf("lost: %s", file.body)
	}
	var bomb bytes.Buffer
	w := zip.NewWriter(&bomb)
	f, _ := w.Create("../../outside")
	_, _ = f.Write([]byte("x"))
	_ = w.Close()
	if got := asta.send("PUT", draft+"/archive?base="+base, "application/zip", bomb.Bytes()); got.code() != "bad-request" {
		t.Errorf("a name that leaves the folder: %d %s", got.status, got.body)
	}
}

// Questions come by a form, one answer a line, and from a file of another system;
// what cannot be taken is told with its line, and the quiz that was named asks them.
func TestQuestionsAreAddedByAFormAndFromAFile(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	draft := path("/courses/asked/draft")
	asta.want(200, "PUT", draft, m{"title": "Asked", "languages": []string{"en"}})
	var made struct{ ID string }
	asta.want(201, "POST", draft+"/questions", m{"type": "single", "stem": "Who speaks first?", "answers": "You\n*The child", "quiz": "m1-quiz", "feedback": "Listen."}).decode(t, &made)
	asta.refuse("question-incomplete", "POST", draft+"/questions", m{"type": "single", "stem": "Who?", "answers": "You\nThe child"})
	asta.refuse("draft-quiz", "POST", draft+"/questions", m{"type": "reflection", "stem": "Think.", "quiz": "no-quiz"})
	var report struct {
		Taken   []struct{ ID string }
		Refused []struct {
			SourceLine int `json:"source_line"`
			Reason     string
		}
	}
	got := asta.send("POST", draft+"/bank?format=aiken", "application/octet-stream", []byte("Who decides?\nA. You\nB. The child\nANSWER: B\n\nWho else?\nA. You\nB. They\nANSWER: F\n"))
	got.decode(t, &report)
	if got.status != 200 || len(report.Taken) != 1 || len(report.Refused) != 1 || report.Refused[0].SourceLine != 6 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	if got := asta.send("POST", draft+"/bank?format=qti", "application/octet-stream", []byte("no xml")); got.code() != "bank-unreadable" {
		t.Errorf("no bank: %d %s", got.status, got.body)
	}
	asta.want(200, "PUT", draft+"/review", m{"state": "review"})
	bo.want(200, "PUT", draft+"/review", m{"state": "approved"})
	asta.want(201, "POST", draft+"/publication", nil)
	p, _ := h.Library.Current("asked")
	if q, ok := p.Quiz("m1-quiz"); !ok || len(q.Items) != 2 || q.Items[1].Question != made.ID {
		t.Errorf("the quiz asks %+v", q)
	}

	b := h.browserOf(asta)
	_, to, _ := b.post("/trainer/drafts", url.Values{"csrf": {b.csrf()}, "course": {"asked"}})
	if _, _, page := b.get(to); !bytes.Contains(page, []byte("/draft/question\"")) {
		t.Fatalf("%s", page)
	}
	status, to, page := b.post("/trainer/asked/draft/question", url.Values{"csrf": {b.csrf()}, "type": {"true-false"}, "stem": {"So it is."}, "points": {"1"}, "o.id.0": {"true"}, "o.id.1": {"false"}, "right": {"0"}, "quiz": {"m1-quiz"}})
	if status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	if _, _, page := b.get(to); !bytes.Contains(page, []byte("So it is.")) {
		t.Errorf("the form: %s", page)
	}
}

func unzipped(t *testing.T, b []byte) course.Files {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files := course.Files{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

func zipOf(t *testing.T, files course.Files) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name := range maps.Keys(files) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write(files[name])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send sends bytes of a kind.
func (c *client) send(method, address, kind string, body []byte) answer {
	c.h.t.Helper()
	req, err := http.NewRequest(method, c.h.URL+address, bytes.NewReader(body))
	if err != nil {
		c.h.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Authorization", "Bearer "+c.token)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		c.h.t.Fatal(err)
	}
	defer func() { _ = r.Body.Close() }()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		c.h.t.Fatal(err)
	}
	return answer{r.StatusCode, r.Header, text}
}

// In a browser a page is saved while it is written, shown beside as a learner will
// see it, and what is wrong stands at its line. Where somebody else has saved it in
// the meantime, both texts are there.
func TestAPageIsWrittenInABrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	c := openChrome(t, h, 1280, 900, false)
	c.do(network.SetCookie("havn", asta.token).WithURL(h.URL))
	c.open("/trainer")
	c.js(`document.querySelector("details.card").open = true`, nil)
	c.js(`for (const [name, value] of Object.entries({title: "Words", course: "words", languages: "en, uk"})) document.querySelector("[name=" + name + "]").value = value`, nil)
	c.click(`form[action="/trainer/drafts"] button`)
	c.until("the draft", `location.pathname === "/trainer/words/draft"`)
	c.picture("draft")
	c.open("/trainer/words/draft/edit?path=en/m1-page.md")
	type_ := func(text string) {
		quoted, _ := json.Marshal(text)
		c.js(`(() => { const box = document.querySelector("[name=text]"); box.focus(); box.value = `+string(quoted)+`; box.dispatchEvent(new Event("input")); })()`, nil)
	}
	type_("# Words\n\nSpeak **slowly**.\n\n[^fact:nowhere]\n")
	c.until("what is wrong", `document.querySelector("#problems [data-line-of]")?.textContent === "5"`)
	c.picture("edit-wrong")
	type_("# Words\n\nSpeak **slowly**.\n")
	c.until("nothing wrong", `!document.querySelector("#problems [data-line-of]") && document.querySelector(".saved .good") !== null`)
	c.until("the preview", `document.querySelector("iframe.preview").contentDocument?.querySelector("article strong")?.textContent === "slowly"`)
	c.js(`document.querySelector(".tools [data-box]").click()`, nil)
	c.until("the box is saved", `document.querySelector("iframe.preview").contentDocument?.querySelector("article aside, article .note") !== null`)
	c.picture("edit")
	bo.write("words", "en/m1-page.md", "# Words\n\nBo was here.\n")
	type_("# Words\n\nAsta was here.\n")
	c.until("that somebody saved", `document.querySelector(".saved .careful") !== null`)
	c.click(`#edit button:not([type])`)
	c.until("both texts", `document.querySelector(".notice pre")?.textContent.includes("Bo was here.") && document.querySelector("[name=text]").value.includes("Asta was here.")`)
	c.picture("edit-conflict")
	c.click(`#edit button:not([type])`)
	c.until("that it is saved", `location.search.includes("path=") && !document.querySelector(".notice pre")`)
	var d struct{ Text string }
	asta.want(200, "GET", path("/courses/words/draft/file?path=en/m1-page.md"), nil).decode(t, &d)
	if !strings.Contains(d.Text, "Asta was here.") {
		t.Errorf("saved: %q", d.Text)
	}
}
