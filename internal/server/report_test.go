package server_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/report"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// A reader says what is wrong with a text; the trainers see it, and who said it
// only where the reader allows.
func TestAReaderReportsAProblem(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		mari := h.learner("Mari Tamm")
		account := mari.id()
		queue := func() []api.ReportItem {
			var list struct{ Items []api.ReportItem }
			site.want(200, "GET", path("/reports"), nil).decode(t, &list)
			return list.Items
		}
		said := m{"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": " Article 3 says otherwise. "}
		id := uuid.NewString()
		for range 2 {
			mari.want(204, "PUT", path("/reports/%s", id), said)
		}
		if got := queue(); len(got) != 1 || got[0].Text != "Article 3 says otherwise." || got[0].Name != "" || got[0].Email != "" || got[0].Version != 1 {
			t.Fatalf("%+v", got)
		}
		h.clock.advance(time.Second)
		mari.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": "first-contact", "place": "question:q-means", "kind": "unclear", "text": "What means?", "named": true})
		if got := queue(); len(got) != 2 || got[1].Name != "Mari Tamm" {
			t.Errorf("%+v", got)
		}
		for field, bad := range map[string]m{
			"not-found":   {"course": "first-contact", "place": "page:nowhere", "kind": "fact", "text": "x"},
			"report-text": {"course": "first-contact", "place": "page:m1-rights", "kind": "fact", "text": strings.Repeat("ä", report.MaxText+1)},
		} {
			mari.refuse(field, "PUT", path("/reports/%s", uuid.NewString()), bad)
		}
		for range report.MaxADay - 2 {
			mari.want(204, "PUT", path("/reports/%s", uuid.NewString()), said)
		}
		mari.refuse("too-many-reports", "PUT", path("/reports/%s", uuid.NewString()), said)
		h.clock.advance(24 * time.Hour)
		mari.want(204, "PUT", path("/reports/%s", uuid.NewString()), said)

		site.want(204, "PUT", path("/reports/%s/state", id), m{"done": true})
		if got := queue(); len(got) != report.MaxADay || got[0].ID == id {
			t.Errorf("%d wait", len(got))
		}
		h.clock.advance(91 * 24 * time.Hour)
		if err := h.Reports.Forget(t.Context()); err != nil {
			t.Fatal(err)
		}
		mine, err := h.Reports.Of(t.Context(), account)
		if err != nil || len(mine) != report.MaxADay {
			t.Errorf("%d are left: %v", len(mine), err)
		}
	})
}

// The same on the pages, without a script.
func TestAReportIsWrittenAndDoneInABrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	h.learner("Mari Tamm")
	mari := h.browser("mari.tamm@example.org")
	_, _, lesson := mari.get("/courses/first-contact/m1-rights")
	link := found(t, reportLink, lesson)
	_, _, page := mari.get(strings.ReplaceAll(link, "&amp;", "&"))
	form := url.Values{"csrf": {mari.csrf()}, "id": {found(t, reportID, page)}, "course": {"first-contact"}, "place": {"page:m1-rights"}, "kind": {"translation"}, "text": {""}}
	if status, _, page := mari.post("/report", form); status != 422 || !strings.Contains(string(page), "Say in a few words") {
		t.Errorf("an empty report: %d", status)
	}
	form.Set("text", "It says <b>status</b>.")
	if status, _, page := mari.post("/report", form); status != 200 || !strings.Contains(string(page), "Thank you") {
		t.Fatalf("%d %s", status, page)
	}
	trainer := h.browser(adminEmail)
	_, _, page = trainer.get("/trainer/reports")
	if !strings.Contains(string(page), "It says &lt;b&gt;status&lt;/b&gt;.") || strings.Contains(string(page), "Mari") {
		t.Errorf("%s", page)
	}
	if status, to, _ := trainer.post("/trainer/reports/"+form.Get("id")+"/done", url.Values{"csrf": {trainer.csrf()}}); status != 303 || to != "/trainer/reports" {
		t.Error(status, to)
	}
	if _, _, page = trainer.get("/trainer/reports"); !strings.Contains(string(page), "Nothing waits") {
		t.Errorf("%s", page)
	}
}

var (
	reportLink = regexp.MustCompile(`href="(/report\?[^"]+)"`)
	reportID   = regexp.MustCompile(`name="id" value="([^"]+)"`)
)
