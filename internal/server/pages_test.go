package server_test

import (
	"bytes"
	"compress/gzip"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"havn/courses"
	"havn/internal/assessment"
	"havn/internal/store"
	"havn/internal/store/sqlite"
	"havn/internal/store/storetest"
)

var (
	action = regexp.MustCompile(`<form id="answer"[^>]* action="([^"]+)"`)
	kind   = regexp.MustCompile(`name="type" value="([^"]+)"`)
	screen = regexp.MustCompile(`name="q" value="([^"]+)"`)
	next   = regexp.MustCompile(`class="button" name="next" value="([^"]+)"`)
	newID  = regexp.MustCompile(`name="attempt" value="([^"]+)"`)
)

func found(t testing.TB, re *regexp.Regexp, body []byte) string {
	t.Helper()
	m := re.FindSubmatch(body)
	if m == nil {
		t.Fatalf("no %s in the page:\n%s", re, body)
	}
	return html.UnescapeString(string(m[1]))
}

// formOf writes a response the way the page's form does.
func formOf(r *assessment.Response) url.Values {
	f := url.Values{}
	if r == nil {
		return f
	}
	switch {
	case r.Choice != nil:
		f.Set("value", *r.Choice)
	case r.Choices != nil:
		f["choices"] = *r.Choices
	case r.Order != nil:
		for i, id := range *r.Order {
			f.Set("place."+id, strconv.Itoa(i+1))
		}
	case r.Pairs != nil:
		for id, to := range *r.Pairs {
			f.Set("pair."+id, to)
		}
	case r.Number != nil:
		f.Set("value", strconv.FormatFloat(*r.Number, 'f', -1, 64))
	case r.Date != nil:
		f.Set("value", *r.Date)
	case r.Text != nil:
		f.Set("value", *r.Text)
	}
	return f
}

func TestAQuizWorksWithoutJavaScript(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "feedback: after-attempt")
		h.learner("Mari Tamm")
		b := h.browser("mari.tamm@example.org")
		csrf := b.csrf()
		b.post("/courses/first-contact/enrolment", url.Values{"csrf": {csrf}})
		_, _, intro := b.get("/courses/first-contact/quiz/m1-quiz")
		id := found(t, newID, intro)
		begin := url.Values{"csrf": {csrf}, "attempt": {id}}
		_, to, _ := b.post("/courses/first-contact/quiz/m1-quiz/attempts", begin)
		if _, again, _ := b.post("/courses/first-contact/quiz/m1-quiz/attempts", begin); again != to || to != "/attempts/"+id {
			t.Fatalf("a double click leads to %q and %q", to, again)
		}
		for n := 1; !strings.HasSuffix(to, "/check"); n++ {
			if n > 30 {
				t.Fatal("the quiz does not end")
			}
			status, _, page := b.get(to)
			if status != 200 {
				t.Fatalf("%s: %d", to, status)
			}
			post, q := found(t, action, page), screen.FindSubmatch(page)
			question := h.publication().Questions[post[strings.LastIndexByte(post, '/')+1:]]
			form := formOf(key(question))
			form.Set("csrf", csrf)
			form.Set("type", found(t, kind, page))
			form.Set("q", string(q[1]))
			if question.Type == "scenario" {
				for i, s := range []string{"n1:a", "n2:a"} {
					f := url.Values{"csrf": {csrf}, "type": {"scenario"}, "q": {string(q[1])}, "step": {s}}
					f["path"] = []string{"n1:a", "n2:a"}[:i]
					b.post(post, f)
				}
			}
			form.Set("next", found(t, next, page))
			status, to, page = b.post(post, form)
			if status != 303 {
				t.Fatalf("%s: %d\n%s", post, status, page)
			}
		}
		_, to, _ = b.post("/attempts/"+id+"/submission", url.Values{"csrf": {csrf}})
		if _, _, page := b.get(to); !strings.Contains(string(page), "Passed: 100 per cent.") {
			t.Errorf("the result:\n%s", page)
		}
	})
}

func TestAnUnreadableAnswerComesBackWithAReason(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		a := h.enrolled("Mari Tamm").start("m1-quiz")
		b := h.browser("mari.tamm@example.org")
		csrf := b.csrf()
		for name, c := range map[string]struct {
			question string
			form     url.Values
			says     string
		}{
			"a number that is none":  {"q-days", url.Values{"type": {"numeric"}, "value": {"many"}}, "Write a number"},
			"two steps on one place": {"q-steps", url.Values{"type": {"ordering"}, "place.a": {"1"}, "place.b": {"1"}, "place.c": {"2"}, "place.d": {"3"}}, "its own number"},
		} {
			c.form.Set("csrf", csrf)
			c.form.Set("q", "1")
			status, _, page := b.post("/attempts/"+a.ID+"/answers/"+c.question, c.form)
			if status != 422 || !strings.Contains(string(page), c.says) || !strings.Contains(string(page), `role="alert"`) {
				t.Errorf("%s: %d\n%s", name, status, page)
			}
		}
	})
}

func TestPagesAreReadInTheLanguageChosen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		b := h.browser("mari.tamm@example.org")
		if _, _, page := b.get("/?lang=ar"); !strings.Contains(string(page), `<html lang="ar" dir="rtl">`) {
			t.Errorf("not in Arabic:\n%.300s", page)
		}
		if _, _, page := b.get("/help"); !strings.Contains(string(page), `<html lang="ar"`) {
			t.Error("the choice is forgotten on the next page")
		}
		again := h.browser("mari.tamm@example.org")
		if _, _, page := again.get("/help"); !strings.Contains(string(page), `<html lang="ar"`) {
			t.Error("the choice is forgotten on another device")
		}
	})
}

func TestNoPageNamesAnotherHost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		b := h.browser(adminEmail)
		loads := regexp.MustCompile(`(?:src|href)="(https?:)?//[^"]*"`)
		inline := regexp.MustCompile(`<script(?:[^>]*)>[^<]|<style|\son[a-z]+=|style="`)
		for _, p := range []string{"/", "/courses/first-contact", "/courses/first-contact/m1-status", "/help", "/account", "/admin/completions", "/trainer", "/certificates", "/api/v1/docs", "/nowhere"} {
			_, header, page := b.get(p)
			if !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s has no content security policy", p)
			}
			if m := inline.Find(page); m != nil {
				t.Errorf("%s holds inline code or style: %s", p, m)
			}
			for _, m := range loads.FindAll(page, -1) {
				if !strings.Contains(string(m), "example.org") { // a fact's source, which the reader may follow
					t.Errorf("%s: %s", p, m)
				}
			}
		}
	})
}

// The budget is that of a phone on a bad line: bytes as they travel, in every
// language. Warm is a page that is opened again; next is a new page of a course
// that is open, so that style and scripts are there already.
func TestALessonIsLight(t *testing.T) {
	t.Parallel()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, e, courses.FS)
	token := h.session(t)
	travels := func(path, tag string) (int, *http.Response, string) {
		req, _ := http.NewRequest("GET", h.URL+path, nil)
		req.Header.Set("Accept-Encoding", "gzip") // set by hand, so that the client does not unpack
		req.Header.Set("Cookie", "havn="+token)
		req.Header.Set("If-None-Match", tag)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode >= 400 {
			t.Fatalf("%s: %d %v", path, res.StatusCode, err)
		}
		plain := ""
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			b, _ := io.ReadAll(z)
			plain = string(b)
		}
		return len(body), res, plain
	}
	p, _ := h.Library.Current("children-on-the-move")
	for _, lang := range p.Course.Languages {
		var largest, sum, pages int
		for _, m := range p.Course.Modules {
			for _, id := range m.Pages {
				path := "/courses/children-on-the-move/" + id + "?lang=" + lang
				next, res, page := travels(path, "")
				warm, again, _ := travels(path, res.Header.Get("ETag"))
				cold, requests := next, 1
				for _, m := range regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`).FindAllStringSubmatch(page, -1) {
					n, asset, _ := travels(m[1], "")
					if !strings.Contains(asset.Header.Get("Cache-Control"), "immutable") {
						t.Errorf("%s is not kept by the browser", m[1])
					}
					cold, requests = cold+n, requests+1
				}
				if cold > 60<<10 || requests > 6 || requests < 3 || next > 9<<10 || warm > 0 || again.StatusCode != 304 {
					t.Errorf("%s in %s: %d bytes in %d requests cold, %d next, %d warm (%d)", id, lang, cold, requests, next, warm, again.StatusCode)
				}
				largest, sum, pages = max(largest, next), sum+next, pages+1
			}
		}
		t.Logf("%s: a further page is %d bytes on average, %d at most", lang, sum/pages, largest)
	}
}

func TestTheTrainerPublishesAChangedFolderWithoutARestart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		b := h.browser(adminEmail)
		csrf := b.csrf()
		if _, _, page := b.get("/trainer"); !strings.Contains(string(page), "published as it is") {
			t.Errorf("nothing changed:\n%s", page)
		}
		h.Desk.FS = sample(t, map[string]string{"course.yaml": courseYAML(""), "en/m1-status.md": "# Status\n\nNew words.\n"})
		if _, _, page := b.get("/trainer"); !strings.Contains(string(page), "changed since it was published") {
			t.Errorf("a changed folder:\n%s", page)
		}
		if status, to, _ := b.post("/trainer/first-contact/publications", url.Values{"csrf": {csrf}}); status != 303 || !strings.HasPrefix(to, "/trainer?published=") {
			t.Fatalf("%d %s", status, to)
		}
		if _, _, page := b.get("/courses/first-contact/m1-status"); !strings.Contains(string(page), "New words.") {
			t.Error("the old page is served still")
		}
		h.Desk.FS = sample(t, map[string]string{"course.yaml": courseYAML(""), "questions.yaml": "- {id: q, type: single, options: [a], key: z}\n"})
		if _, _, page := b.get("/trainer"); !strings.Contains(string(page), "questions.yaml:1") || strings.Contains(string(page), `/publications"`) {
			t.Errorf("a broken folder can be published, or nothing is said of it:\n%s", page)
		}
		b.post("/trainer/first-contact/publications", url.Values{"csrf": {csrf}})
		if h.publication().Version != 2 {
			t.Errorf("the last good version is %d", h.publication().Version)
		}
		h.learner("Mari Tamm")
		m := h.browser("mari.tamm@example.org")
		for _, p := range []string{"/trainer", "/admin/completions"} {
			if status, _, _ := m.get(p); status != 403 {
				t.Errorf("a learner at %s: %d", p, status)
			}
		}
	})
}

func TestARedirectStaysOnThisServer(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		b := h.browser("mari.tamm@example.org")
		for _, to := range []string{
			"//evil.example", `/\evil.example`, `\\evil.example`, "https://evil.example", "https:evil.example", "/%09/evil.example\r\nX: y",
			"javascript:alert(1)", "///evil.example", "evil.example", "/\t/evil.example", "", "@evil.example", "http:/evil.example",
		} {
			_, location, _ := b.post("/sign-in", url.Values{"csrf": {b.csrf()}, "email": {"mari.tamm@example.org"}, "password": {password}, "next": {to}})
			if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.ContainsAny(location, "\\\r\n\t") {
				t.Errorf("%q leads to %q", to, location)
			}
		}
	})
}
