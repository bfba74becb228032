package server_test

import (
	"fmt"
	"testing"

	"havn/courses"
	"havn/internal/store/storetest"
)

// BenchmarkPreviewOfAChangedPage changes a page of the real course and looks at it:
// what an author waits for after each pause in writing (wanted: 100 ms).
func BenchmarkPreviewOfAChangedPage(b *testing.B) {
	h := start(b, storetest.SQLite().New(b).Open(b), courses.FS)
	site := h.admin()
	draft := path("/courses/%s/draft", realCourse)
	site.want(200, "PUT", draft, m{})
	var file struct {
		Rev  int64
		Text string
	}
	site.want(200, "GET", draft+"/file?path=en/m1-words.md", nil).decode(b, &file)
	browser := h.browserOf(site)
	n := 0
	for b.Loop() {
		n++
		var saved struct{ Rev int64 }
		site.want(200, "PUT", draft+"/file", m{"path": "en/m1-words.md", "rev": file.Rev, "text": fmt.Sprintf("%s\nEdition %d.\n", file.Text, n)}).decode(b, &saved)
		file.Rev = saved.Rev
		if status, _, _ := browser.get("/trainer/" + realCourse + "/draft/preview?path=en/m1-words.md"); status != 200 {
			b.Fatal(status)
		}
	}
}

// BenchmarkTranslating opens the translation of the real course and saves one unit
// of it, which is what a translator waits for at each text.
func BenchmarkTranslating(b *testing.B) {
	h := start(b, storetest.SQLite().New(b).Open(b), courses.FS)
	site := h.admin()
	site.want(200, "PUT", path("/courses/%s/draft", realCourse), m{})
	browser := h.browserOf(site)
	here := "/trainer/" + realCourse + "/draft/translate/uk"
	browser.get(here) // what was published is read once
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			if status, _, page := browser.get(here); status != 200 {
				b.Fatalf("%d %s", status, page)
			}
		}
	})
	b.Run("save", func(b *testing.B) {
		u := site.unit(realCourse, "uk", "course.title")
		n := 0
		for b.Loop() {
			n++
			var saved savedUnit
			site.want(200, "PUT", translations(realCourse, "uk")+"/unit", m{"unit": u.ID, "hash": u.Hash, "seen": u.Seen, "text": fmt.Sprint("Назва ", n)}).decode(b, &saved)
			if u.Seen = saved.Seen; !saved.Saved {
				b.Fatalf("%+v", saved)
			}
		}
	})
}
