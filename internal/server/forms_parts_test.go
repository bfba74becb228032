package server_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"havn/internal/course"
	"havn/internal/store/storetest"
)

// kit is a new course of a trainer, and their browser.
func kit(t *testing.T) (*havn, *client, *client, *browser) {
	t.Helper()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo, _ := h.trainers()
	asta.want(200, "PUT", path("/courses/kit/draft"), m{"title": "Kit", "languages": []string{"en"}})
	return h, asta, bo, h.browserOf(asta)
}

// sends posts a form of the draft and wants it taken; it gives where that leads.
func (b *browser) sends(t *testing.T, to string, fields url.Values) string {
	t.Helper()
	fields.Set("csrf", b.csrf())
	status, next, page := b.post("/trainer/kit/draft"+to, fields)
	if status != 303 {
		t.Fatalf("%s: %d %s", to, status, page)
	}
	return next
}

func (c *client) text(t *testing.T, file string) string {
	t.Helper()
	var f struct{ Text string }
	c.want(200, "GET", path("/courses/kit/draft/file")+"?path="+file, nil).decode(t, &f)
	return f.Text
}

// What an author wrote beside it stays when a form changes a course: comments, the
// order of entries, and every line that the form does not speak of.
func TestFormsKeepWhatStandsBesideThem(t *testing.T) {
	t.Parallel()
	_, asta, _, b := kit(t)
	asta.write("kit", "course.yaml", "# Ours\n"+asta.text(t, "course.yaml")+"# The end\n")
	asta.write("kit", "facts.yaml", "# Read in spring\n- {id: first, instrument: \"A law\", applies_in: all, checked_on: 2026-01-02, review_by: 2026-02-03, status: verified}   # mind the date\n- {id: second, instrument: \"Another\", applies_in: all, status: unverified}\n")
	asta.write("kit", "en/facts.yaml", "# Words\nfirst: First.\nsecond: 'Second.'\n")
	asta.write("kit", "en/m1-page.md", "# Kit\n\nSo it is.[^fact:first]\n")

	b.sends(t, "/about", url.Values{"title": {"Kit and more"}, "summary": {"What to take."}, "minutes": {"45"}, "countries": {"ee no"}, "require": {"all"}, "valid_months": {"24"}})
	now := asta.text(t, "course.yaml")
	for _, line := range []string{"# Ours\n", "# The end\n", "minutes: 45\n", `countries: [EE, "NO"]`, "completion: {require: all, valid_months: 24}\n", "        - question: q-first\n"} {
		if !strings.Contains(now, line) {
			t.Errorf("course.yaml lacks %q: %s", line, now)
		}
	}
	b.sends(t, "/module", url.Values{"id": {"m1"}, "title": {"Things"}, "p.id.0": {"m1-page"}, "p.place.0": {"1"}, "quiz": {"1"}, "pass_mark": {"70"}, "keep": {"last"}, "feedback": {"never"}, "i.question.0": {"q-first"}, "i.place.0": {"1"}, "draw": {"2"}, "draw.tags": {"pool, Kit"}})
	if now = asta.text(t, "course.yaml"); !strings.Contains(now, "pass_mark: 70\n") || !strings.Contains(now, "- draw: 2\n          tags: [pool, kit]\n") || !strings.Contains(now, "# The end") {
		t.Errorf("course.yaml: %s", now)
	}

	_, _, page := b.get("/trainer/kit/draft/facts")
	if !bytes.Contains(page, []byte("review overdue")) || !bytes.Contains(page, []byte("path=en/m1-page.md")) {
		t.Errorf("the register tells neither what is overdue nor what uses it: %s", page)
	}
	before := asta.text(t, "facts.yaml")
	_, _, page = b.get("/trainer/kit/draft/fact?id=second")
	b.sends(t, "/fact", url.Values{"id": {"second"}, "stamp": {between(string(page), `name="stamp" value="`, `"`)}, "statement": {"Second, mended."}, "instrument": {"Another"}, "applies_in": {"EE"}, "checked_on": {"2026-11-23"}, "verified": {"1"}})
	after := asta.text(t, "facts.yaml")
	if head, _, _ := strings.Cut(before, "- {id: second"); !strings.HasPrefix(after, head) || !strings.Contains(after, "applies_in: [EE], checked_on: 2026-11-23, status: verified}") {
		t.Errorf("facts.yaml: %s", after)
	}
	if words := asta.text(t, "en/facts.yaml"); words != "# Words\nfirst: First.\nsecond: \"Second, mended.\"\n" {
		t.Errorf("en/facts.yaml: %s", words)
	}
	stale := url.Values{"csrf": {b.csrf()}, "id": {"second"}, "stamp": {"old"}, "statement": {"Mine."}, "instrument": {"Another"}}
	if status, _, page := b.post("/trainer/kit/draft/fact", stale); status != 409 || !bytes.Contains(page, []byte("Mine.")) || !bytes.Contains(page, []byte("Second, mended.")) {
		t.Errorf("what both wrote is not shown: %d %s", status, page)
	}
	if status, _, _ := b.post("/trainer/kit/draft/fact", url.Values{"csrf": {b.csrf()}, "statement": {"No day."}, "instrument": {"A law"}, "verified": {"1"}}); status != 422 {
		t.Errorf("a fact that was verified on no day: %d", status)
	}
}

// A country has pages and facts of its own, made by forms from the course's, and
// leaves out others.
func TestACountryDiffersByForms(t *testing.T) {
	t.Parallel()
	h, asta, bo, b := kit(t)
	b.sends(t, "/about", url.Values{"title": {"Kit"}, "summary": {"Kit."}, "countries": {"EE FI"}, "require": {"all"}})
	b.sends(t, "/fact", url.Values{"statement": {"It takes 15 days."}, "instrument": {"A law"}, "article": {"23"}})
	b.sends(t, "/parts", url.Values{"kind": {"page"}, "module": {"m1"}, "title": {"Only elsewhere"}})
	b.sends(t, "/place", url.Values{"country": {"EE"}, "hide": {"m1-only-elsewhere"}})
	edit := b.sends(t, "/place", url.Values{"country": {"EE"}, "kind": {"add"}, "module": {"m1"}, "title": {"Whom to call"}})
	if !strings.Contains(edit, "places%2FEE%2Fen%2Fee-whom-to-call.md") {
		t.Errorf("the page is written at %s", edit)
	}
	b.sends(t, "/place", url.Values{"country": {"EE"}, "kind": {"own"}, "page": {"m1-page"}})
	asta.write("kit", "places/EE/en/m1-page.md", "# Kit in Estonia\n\nHere.\n")
	_, _, page := b.get("/trainer/kit/draft/fact?id=a-law-23&country=EE")
	if !bytes.Contains(page, []byte("It takes 15 days.")) {
		t.Errorf("a country's own fact does not begin as the course's: %s", page)
	}
	b.sends(t, "/fact", url.Values{"id": {"a-law-23"}, "country": {"EE"}, "statement": {"It takes 10 days."}, "instrument": {"A law"}, "article": {"23"}})
	asta.want(200, "PUT", path("/courses/kit/draft/review"), m{"state": "review"})
	bo.want(200, "PUT", path("/courses/kit/draft/review"), m{"state": "approved"})
	asta.want(201, "POST", path("/courses/kit/draft/publication"), nil)
	p, _ := h.Library.Current("kit")
	here, there := p.For("EE"), p.For("FI")
	if got := strings.Join(here.Course.Modules[0].Pages, " "); got != "m1-page ee-whom-to-call" || here.Editions["en"].Pages["m1-page"].Title != "Kit in Estonia" || here.Editions["en"].Facts["a-law-23"].Plain != "It takes 10 days." {
		t.Errorf("in Estonia: %s %+v", got, here.Editions["en"].Facts)
	}
	if got := strings.Join(there.Course.Modules[0].Pages, " "); got != "m1-page m1-only-elsewhere" || there.Editions["en"].Facts["a-law-23"].Plain != "It takes 15 days." {
		t.Errorf("in Finland: %s", got)
	}
}

// uploads sends a picture by the form.
func (b *browser) uploads(t *testing.T, name string, data []byte, fields map[string]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("csrf", b.csrf())
	for k, v := range fields {
		_ = w.WriteField(k, v)
	}
	file, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = file.Write(data)
	_ = w.Close()
	res, err := b.http.Post(b.h.URL+"/trainer/kit/draft/media", w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	page, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(page)
}

// A picture comes into a page with words for who does not see it, in one step. One
// that runs something is refused, and one whose text is pale stops the review.
func TestAPictureComesIntoAPageWithItsWords(t *testing.T) {
	t.Parallel()
	_, asta, _, b := kit(t)
	var door bytes.Buffer
	if err := png.Encode(&door, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		t.Fatal(err)
	}
	into := map[string]string{"page": "en/m1-page.md", "alternative": "An open [door]"}
	if status, page := b.uploads(t, "Our Door.PNG", door.Bytes(), into); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	if text := asta.text(t, "en/m1-page.md"); !strings.HasSuffix(text, "\n\n![An open (door)](media/our-door.png)\n") {
		t.Errorf("the page: %q", text)
	}
	if status, _, got := b.get("/trainer/kit/draft/media/our-door.png"); status != 200 || !bytes.Equal(got, door.Bytes()) {
		t.Errorf("the picture: %d", status)
	}
	if _, _, page := b.get("/trainer/kit/draft/preview?path=en/m1-page.md"); !bytes.Contains(page, []byte(`alt="An open (door)"`)) {
		t.Errorf("the preview: %s", page)
	}
	if status, _ := b.uploads(t, "door.png", door.Bytes(), map[string]string{"page": "en/m1-page.md", "alternative": " "}); status != 422 {
		t.Errorf("without words: %d", status)
	}
	if status, page := b.uploads(t, "bad.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), into); status != 422 || !strings.Contains(page, "runs or moves") {
		t.Errorf("a script: %d %s", status, page)
	}
	if status, page := b.uploads(t, "pale.svg", []byte(paleDoor), into); status != 303 {
		t.Fatalf("%d %s", status, page)
	}
	asta.refuse("draft-barriers", "PUT", path("/courses/kit/draft/review"), m{"state": "review"})
	if n := len(course.CheckPicture("media/pale.svg", []byte(paleDoor)).Barriers()); n != 1 {
		t.Errorf("%d barriers", n)
	}
}
