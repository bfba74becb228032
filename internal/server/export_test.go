package server_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// The list leaves as CSV and as a workbook with the same rows, in which nothing
// is a formula, and the API says what each column is.
func TestTheListLeavesAsAFile(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		o := site.organisation("Authority", "")
		h.crowd(e, o, "en", "police", 3, 2, 1)
		h.enrolled("=cmd Tamm")

		text := site.want(200, "GET", path("/completions?format=csv"), nil)
		rows, err := csv.NewReader(bytes.NewReader(text.body)).ReadAll()
		if err != nil || len(rows) != 8 {
			t.Fatalf("%v %q", err, rows)
		}
		book := site.want(200, "GET", path("/completions?format=xlsx"), nil)
		if got := book.header.Get("Content-Disposition"); got != `attachment; filename="completions.xlsx"` {
			t.Error(got)
		}
		f, err := excelize.OpenReader(bytes.NewReader(book.body))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		cells, err := f.GetRows("Sheet1")
		if err != nil || len(cells) != len(rows) {
			t.Fatalf("%v %q", err, cells)
		}
		for i := range rows {
			for j, want := range rows[i] {
				got := ""
				if j < len(cells[i]) {
					got = cells[i][j]
				}
				if strings.HasPrefix(want, "'=") {
					want = want[1:] // a text needs no apostrophe
				}
				if got != want {
					t.Errorf("row %d: %q instead of %q", i, got, want)
				}
			}
		}
		doc := site.want(200, "GET", "/api/v1/openapi.json", nil)
		for _, column := range rows[0] {
			if !bytes.Contains(doc.body, []byte("- `"+column+"`: ")) {
				t.Errorf("the API does not say what %s is", column)
			}
		}
	})
}

// A personnel system asks again with the cursor that it got and gets what has
// changed since, each change at least once.
func TestChangesComeByCursor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		mari, jonas := h.enrolled("Mari Tamm"), h.enrolled("Jonas Petraitis")
		var page struct {
			Items []struct{ Account, Status, Completed string }
			Next  string
		}
		var who []string
		ask := func() []string {
			t.Helper()
			cursor := page.Next
			page.Items, who = nil, nil
			site.want(200, "GET", path("/completions?delta=true&cursor=%s", cursor), nil).decode(t, &page)
			for _, i := range page.Items {
				who = append(who, i.Account+" "+i.Status)
			}
			slices.Sort(who)
			return who
		}
		if got := ask(); len(got) != 0 || page.Next != "" {
			t.Errorf("changes that are not settled: %v", got)
		}
		h.clock.advance(10 * time.Second)
		want := []string{mari.id() + " enrolled", jonas.id() + " enrolled"}
		slices.Sort(want)
		if got := ask(); !slices.Equal(got, want) || page.Next == "" {
			t.Errorf("%v instead of %v, then %q", got, want, page.Next)
		}
		if got := ask(); len(got) != 0 || page.Next == "" {
			t.Errorf("nothing has changed, but %v, then %q", got, page.Next)
		}
		jonas.want(200, "PATCH", path("/me"), m{"profession": "police"})
		for _, p := range h.publication().Course.Modules[0].Pages {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", p), nil)
		}
		a := mari.start("m1-quiz")
		a.answerAll()
		a.submit()
		h.clock.advance(10 * time.Second)
		if got := ask(); !slices.Contains(got, mari.id()+" completed") {
			t.Errorf("a completion does not come: %v", got)
		}
	})
}
