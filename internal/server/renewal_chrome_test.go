package server_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/google/uuid"

	"havn/internal/store/sqlite"
)

// The pages of what changed fit a small phone in Arabic and a desk.
func TestThePagesOfWhatChangedFitTheirScreen(t *testing.T) {
	t.Parallel()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, e, sample(t, edited(t, "")))
	mari, _ := h.completed("Mari Tamm")
	h.republish(t, edited(t, "", newKey, newStatus, [3]string{"course.yaml", "pass_mark: 80", "pass_mark: 90"}), "page:m1-status")
	h.Desk.FS = sample(t, edited(t, "", newKey, newStem))
	site := h.admin()
	site.regrade(m{"regrade": uuid.NewString(), "from_version": 1})
	site.regraded()
	for _, s := range []struct {
		name   string
		width  int64
		height int64
		dark   bool
		lang   string
	}{{"small", 320, 640, true, "ar"}, {"desk", 1280, 800, false, "en"}} {
		t.Run(s.name, func(t *testing.T) {
			c := openChrome(t, h, s.width, s.height, s.dark)
			for _, v := range [][3]string{
				{"changed", "/learning/first-contact", mari.token}, {"learning-changed", "/learning", mari.token}, {"course-changed", "/courses/first-contact", mari.token},
				{"lesson-changed", "/courses/first-contact/m1-status?renew=1", mari.token}, {"versions", "/trainer/first-contact/versions?from=1&to=2", site.token}, {"trainer-changes", "/trainer", site.token},
			} {
				c.do(network.ClearBrowserCookies(), network.SetCookie("havn_lang", s.lang).WithURL(h.URL), network.SetCookie("havn", v[2]).WithURL(h.URL))
				c.open(v[1])
				c.js(`document.querySelectorAll("main details").forEach(d => d.open = true)`, nil)
				var wrong []string
				c.js(checks, &wrong)
				if len(wrong) > 0 {
					t.Errorf("%s: %s", v[0], strings.Join(wrong, "\n\t"))
				}
				c.axe(v[0])
				c.whole(s.name + "-" + v[0])
			}
		})
	}
}
