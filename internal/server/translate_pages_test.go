package server_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp/kb"

	"havn/internal/store/storetest"
)

// Without scripts each unit is a form: what is refused keeps its text and says why,
// what is taken from memory stands in the field, and the filter stays.
func TestAUnitIsTranslatedWithoutScripts(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo := h.written("words")
	b := h.browserOf(asta)
	here := "/trainer/words/draft/translate/uk"
	if _, header, _ := b.get("/trainer/words/draft/translate?language=uk"); header.Get("Location") != here {
		t.Errorf("it leads to %q", header.Get("Location"))
	}
	_, _, page := b.get(here + "?state=missing")
	if !bytes.Contains(page, []byte(`lang="uk" dir="ltr"`)) || !bytes.Contains(page, []byte("Speak slowly and clearly to every child.")) {
		t.Fatalf("%s", page)
	}
	send := func(id, text string, more ...string) (int, string, []byte) {
		u := asta.unit("words", "uk", id)
		form := url.Values{"csrf": {b.csrf()}, "unit": {id}, "hash": {u.Hash}, "seen": {u.Seen}, "text": {text}, "state": {"missing"}, "act": {"save"}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return b.post(here, form)
	}
	status, to, _ := send("page:m1-page#1", "# Перші слова")
	if status != 303 || !strings.Contains(to, "state=missing") || !strings.Contains(to, "#u-page-m1-page-1") {
		t.Errorf("%d %s", status, to)
	}
	status, _, page = send("page:m1-page#2", "Спитайте когось. {{nobody}}")
	if status != 422 || !bytes.Contains(page, []byte("Спитайте когось. {{nobody}}")) || !bytes.Contains(page, []byte("Each link must lead where the original")) || !bytes.Contains(page, []byte("Keep each placeholder")) {
		t.Errorf("%d %s", status, page)
	}
	status, _, page = send("page:m1-page#3", "", "take", "З пам’яті.")
	if status != 200 || !bytes.Contains(page, []byte("\nЗ пам’яті.</textarea>")) {
		t.Errorf("%d %s", status, page)
	}
	u := asta.unit("words", "uk", "course.title")
	bo.translate("words", "uk", "course.title", "Слова Бо")
	status, _, page = b.post(here, url.Values{"csrf": {b.csrf()}, "unit": {u.ID}, "hash": {u.Hash}, "seen": {u.Seen}, "text": {"Слова Асти"}})
	if status != 409 || !bytes.Contains(page, []byte("Слова Бо</pre>")) || !bytes.Contains(page, []byte("Слова Асти</textarea>")) {
		t.Errorf("%d %s", status, page)
	}
	if _, _, page := b.get(here + "?state=language-reviewed"); !bytes.Contains(page, []byte("Mark as reviewed")) {
		t.Errorf("what Bo wrote cannot be reviewed: %s", page)
	}
	if _, _, page := b.get("/trainer/words/draft/translate/ar"); !bytes.Contains(page, []byte(`lang="ar" dir="rtl"`)) {
		t.Errorf("%s", page)
	}
	if status, _, _ := b.get("/trainer/words/draft/translate/uk/file?format=po"); status != 200 {
		t.Errorf("the file: %d", status)
	}
}

// A course of 600 units is shown some at a time, each once.
func TestALongCourseIsTranslatedPageByPage(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, _ := h.written("words")
	var text strings.Builder
	text.WriteString("# First words\n")
	for n := range 600 {
		fmt.Fprintf(&text, "\nParagraph %d says a thing of its own.\n", n)
	}
	asta.write("words", "en/m1-page.md", text.String())
	var seen []string
	for after := ""; ; {
		page := asta.units("words", "uk", "part=page:m1-page&after="+url.QueryEscape(after))
		if len(page.Items) > 20 {
			t.Fatalf("%d at once", len(page.Items))
		}
		for _, u := range page.Items {
			seen = append(seen, u.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if sorted := slices.Compact(slices.Sorted(slices.Values(seen))); len(seen) != 601 || len(sorted) != 601 {
		t.Errorf("%d units, %d of them different", len(seen), len(sorted))
	}
	_, _, page := h.browserOf(asta).get("/trainer/words/draft/translate/uk")
	if bytes.Count(page, []byte("<article")) != 20 || len(page) > 100<<10 {
		t.Errorf("%d units in %d bytes", bytes.Count(page, []byte("<article")), len(page))
	}
}

// In a browser a translator writes a missing text by keyboard, it is saved when they
// leave the field, a colleague reviews it, and everybody sees that at the course's
// status.
func TestATranslatorAndAColleagueInABrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	asta, bo := h.written("words")
	asta.translate("words", "uk", "course.summary", "Як почати розмову.")
	c := openChrome(t, h, 1280, 900, false)
	c.do(network.SetCookie("havn", asta.token).WithURL(h.URL))
	c.open("/trainer/words/draft/translate/uk?state=missing")
	write := func(id, text string) {
		c.js(`(() => { const box = document.querySelector("#`+id+` textarea"); box.focus(); box.select(); })()`, nil)
		c.press(text)
		c.press(kb.Tab)
	}
	const first, second = "u-course-title", "u-page-m1-page-1"
	write(first, "Перші слова")
	c.until("that it is saved", `document.querySelector("#`+first+` .saved .good") !== null && document.querySelector("#`+first+` .state").textContent === "translated"`)
	write(second, "Без позначки")
	c.until("what is wrong", `document.querySelector("#`+second+` .wrong li") !== null && document.querySelector("#`+second+` textarea").value === "Без позначки"`)
	c.picture("translate-wrong")
	write(second, "# Перші слова")
	c.until("that it is saved too", `document.querySelector("#`+second+` .saved .good") !== null && document.querySelector("#`+second+` .wrong").hidden`)
	if u := asta.unit("words", "uk", "page:m1-page#1"); u.Target != "# Перші слова" {
		t.Errorf("%+v", u)
	}
	c.open("/trainer/words/draft/translate/uk?state=language-reviewed")
	c.until("that she cannot review it", `document.querySelector("#`+first+`") !== null && document.querySelector("[value=review]") === null`)

	c.do(network.SetCookie("havn", bo.token).WithURL(h.URL))
	c.open("/trainer/words/draft/translate/uk?state=language-reviewed")
	c.js(`document.querySelector("#`+first+` [value=review]").click()`, nil)
	c.until("that it is reviewed", `document.querySelector("#`+first+` .state").textContent === "reviewed by a second person"`)
	c.picture("translate-reviewed")

	h.publishedBy("words", asta, bo)
	c.open("/translations/words")
	var cells []string
	c.js(`[...document.querySelectorAll("tbody tr td")].map(e => e.textContent)`, &cells)
	var heads []string
	c.js(`[...document.querySelectorAll("thead th")].slice(1).map(e => e.textContent)`, &heads)
	at := slices.Index(heads, "reviewed by a professional")
	if at < 0 || cells[at] != "1" {
		t.Errorf("the status says %q under %q", cells, heads)
	}
}
