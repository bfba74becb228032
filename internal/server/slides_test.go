package server_test

import (
	"context"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"havn/courses"
	"havn/internal/course"
	"havn/internal/store"
	"havn/internal/store/sqlite"
	"havn/internal/store/storetest"
)

// A facilitator's note is beside the slides of whoever leads rooms, and in nothing
// that a learner gets.
func TestFacilitatorsNotesAreForWhoeverLeads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := start(t, e, sample(t, map[string]string{
			"en/m1-status.md": "# Status\n\nFor all.\n\n:::facilitator\nThe hidden hint.\n:::\n\n## Next\n\nMore.\n",
			"et/m1-status.md": "# Staatus\n\nKõigile.\n\n:::facilitator\nPeidetud vihje.\n:::\n\n## Edasi\n\nVeel.\n",
		}))
		mari := h.learner("Mari Tamm")
		mari.want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
		b := h.browser("mari.tamm@example.org")
		for _, where := range []string{"/courses/first-contact/m1-status", "/courses/first-contact/m1-status?lang=et", "/courses/first-contact/m1-status?lang=et&source=beside", "/api/v1/courses/first-contact/pages/m1-status", "/api/v1/courses/first-contact", "/translations/first-contact"} {
			status, _, body := b.get(where)
			if status != 200 || strings.Contains(string(body), "hidden hint") || strings.Contains(string(body), "Peidetud") {
				t.Errorf("%s: %d\n%s", where, status, body)
			}
		}
		if status, _, _ := b.get("/trainer/first-contact/slides"); status != 403 {
			t.Errorf("a learner opens the slides: %d", status)
		}
		if _, _, body := b.get("/courses/first-contact"); strings.Contains(string(body), "/slides") {
			t.Error("a learner is led to the slides")
		}
		trainer := h.browser(adminEmail)
		for lang, says := range map[string]string{"en": "The hidden hint.", "et": "Peidetud vihje."} {
			if status, _, body := trainer.get("/trainer/first-contact/slides?lang=" + lang); status != 200 || !strings.Contains(string(body), says) {
				t.Errorf("%s: %d\n%s", lang, status, body)
			}
		}
		for _, from := range []string{"/courses/first-contact", "/trainer"} {
			if _, _, body := trainer.get(from); !strings.Contains(string(body), `href="/trainer/first-contact/slides"`) {
				t.Errorf("no way from %s", from)
			}
		}
	})
}

var (
	pdfSheet = regexp.MustCompile(`/Type\s*/Page\b`)
	pdfBox   = regexp.MustCompile(`/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]`)
)

// Each slide of each course is one sheet, A4 across, in each language, with the
// notes and without.
func TestEachSlideIsOneSheet(t *testing.T) {
	t.Parallel()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, e, courses.FS)
	c := openChrome(t, h, 1280, 800, false)
	c.do(network.SetCookie("havn", h.admin().token).WithURL(h.URL))
	langs := []string{"en", "ar"}
	if os.Getenv("HAVN_TEST_SCREENS") == "all" { // every day a script of each direction; .ci/run asks for all
		langs = []string{"en", "et", "sv", "uk", "ar"}
	}
	for _, p := range h.Library.Courses() {
		for _, lang := range langs {
			for notes, shown := range map[string]bool{"": false, "&notes=paper": true} {
				c.open("/trainer/" + p.Course.Slug + "/slides?lang=" + lang + notes)
				var slides, guides int
				c.js(`document.querySelectorAll(".slide").length`, &slides)
				c.do(emulation.SetEmulatedMedia().WithMedia("print"))
				c.js(`[...document.querySelectorAll(".guide")].filter(e => e.offsetHeight).length`, &guides)
				c.do(emulation.SetEmulatedMedia().WithMedia(""))
				if has := slices.ContainsFunc(slices.Collect(maps.Values(p.Edition(lang).Pages)), func(x *course.Page) bool { return len(x.Guides) > 0 }); (guides > 0) != (has && shown) {
					t.Errorf("%s in %s %q: %d notes are printed", p.Course.Slug, lang, notes, guides)
				}
				var paper []byte
				c.do(chromedp.ActionFunc(func(ctx context.Context) (err error) {
					paper, _, err = page.PrintToPDF().WithPreferCSSPageSize(true).Do(ctx)
					return err
				}))
				if dir := os.Getenv("HAVN_TEST_PICTURES"); dir != "" {
					_ = os.WriteFile(dir+"/slides-"+p.Course.Slug+"-"+lang+notes+".pdf", paper, 0o644)
				}
				if n := len(pdfSheet.FindAll(paper, -1)); n != slides || slides < 10 {
					t.Errorf("%s in %s %q: %d slides on %d sheets", p.Course.Slug, lang, notes, slides, n)
				}
				for _, m := range pdfBox.FindAllSubmatch(paper, -1) {
					if !strings.HasPrefix(string(m[1]), "84") || !strings.HasPrefix(string(m[2]), "59") {
						t.Fatalf("a sheet of %s × %s points", m[1], m[2])
					}
				}
			}
		}
	}
}
