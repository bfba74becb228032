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
