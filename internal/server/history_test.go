package server_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/people"
	"havn/internal/server"
	"havn/internal/store"
	"havn/internal/store/storetest"
)

// bring takes in a list of completions elsewhere.
func (c *client) bring(o organisation, id string, do bool, lines ...string) (p api.HistoryPlan) {
	c.h.t.Helper()
	file := "person,course,completed on,expires on,reference,origin\n" + strings.Join(lines, "\n")
	c.want(200, "POST", path("/organisations/%s/history?import=%s&dry_run=%t", o.ID, id, !do), file).decode(c.h.t, &p)
	return p
}

// imports waits until no list is under way and gives them, the newest first.
func (c *client) imports(o organisation) (list []api.HistoryImport) {
	c.h.t.Helper()
	c.h.until("the lists have arrived", func() bool {
		var out struct{ Items []api.HistoryImport }
		c.want(200, "GET", path("/organisations/%s/history", o.ID), nil).decode(c.h.t, &out)
		list = out.Items
		return !slices.ContainsFunc(list, func(i api.HistoryImport) bool { return i.State == "pending" || i.State == "undoing" })
	})
	return list
}

// listed is the line of a person in the list of completions.
func (c *client) listed(o organisation, email string) (line api.Completion) {
	c.h.t.Helper()
	var out api.Completions
	c.want(200, "GET", path("/completions?organisation=%s", o.ID), nil).decode(c.h.t, &out)
	for _, l := range out.Items {
		if l.Email == email {
			return l
		}
	}
	return line
}

// upload sends a form with a file from a page.
func (b *browser) upload(page, field, text string) (status int, body string) {
	b.h.t.Helper()
	var sent bytes.Buffer
	form := multipart.NewWriter(&sent)
	_ = form.WriteField("csrf", b.csrf())
	part, _ := form.CreateFormFile(field, "list.csv")
	_, _ = part.Write([]byte(text))
	_ = form.Close()
	res, err := b.http.Post(b.h.URL+page, form.FormDataContentType(), &sent)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	return res.StatusCode, string(got)
}

// What people completed elsewhere is recorded by a list: first it says line by line
// what is wrong and what would happen, then it counts in reports and is due for
// renewal by the course's rule, told apart from what was completed here.
func TestCompletionsFromElsewhereAreBroughtInByAList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top, other := site.organisation("Authority", ""), site.organisation("Other Authority", "")
		unit := site.organisation("Harbour Unit", top.ID)
		chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
		mari, jonas := h.newcomer("Mari Tamm", site.invite(unit, 1)), h.newcomer("Jonas Petraitis", site.invite(unit, 1))
		h.newcomer("Oksana Koval", site.invite(other, 1))
		kaja, _ := h.certified("Kaja Kask", site.invite(unit, 1))
		chief.want(200, "PUT", path("/organisations/%s/assignments/%s", top.ID, uuid.NewString()), m{"course": "first-contact", "to": m{"kind": "unit", "id": top.ID}, "due_on": "2026-12-12", "renew_days": 30})
		chief.settled(top)

		lines := []string{
			"Mari.Tamm@example.org,first-contact,2025-11-10,,A-17,Coast School", // line 2
			"jonas.petraitis@example.org,FIRST CONTACT  with a child,1.3.2023,,,",
			"oksana.koval@example.org,first-contact,2025-11-10,,,", // of another authority
			"nobody@example.org,first-contact,2025-11-10,,,",
			"mari.tamm@example.org,sailing,2025-11-10,,,",
			"mari.tamm@example.org,first-contact,2026-11-24,,,", // tomorrow
			"mari.tamm@example.org,first-contact,10/11/2025,,,",
			"mari.tamm@example.org,first-contact,2025-02-30,,,",
			"mari.tamm@example.org,first-contact,2025-11-10,2025-11-09,,",
			`mari.tamm@example.org,first-contact,2025-11-10,,"=HYPERLINK(""http://x"")",`,
			"mari.tamm@example.org,first-contact,10.11.2025,,A-17,Coast School", // as line 2
			mari.id() + ",first-contact,2025-11-10,,A-17,Coast School",          // and again, by id
			"kaja.kask@example.org,first-contact,2025-11-10,,,",                 // has completed it here
		}
		title := h.publication().Edition("en").Title.Plain
		lines[1] = strings.Replace(lines[1], "FIRST CONTACT  with a child", `"`+strings.ToUpper(title)+`"`, 1)
		first := uuid.NewString()
		plan := chief.bring(top, first, false, lines...)
		var said []string
		for _, s := range plan.Steps {
			said = append(said, strings.TrimSpace(fmt.Sprintf("%d %s %s", s.Line, s.Does, s.Problem)))
		}
		if want := []string{"2 record", "3 record", "4 refuse person-unknown", "5 refuse person-unknown", "6 refuse course-unknown", "7 refuse date-future", "8 refuse date-invalid",
			"9 refuse date-invalid", "10 refuse expires-before", "11 refuse formula", "12 refuse repeated", "13 refuse repeated", "14 certified"}; !slices.Equal(said, want) {
			t.Errorf("the dry run says %q", said)
		}
		if plan.Import != nil || mari.due().Status != "assigned" {
			t.Errorf("a dry run has done something: %+v", plan.Import)
		}

		plan = chief.bring(top, first, true, lines...)
		if plan.Import == nil || plan.Import.State != "done" || plan.Import.Recorded != 2 {
			t.Fatalf("%+v", plan.Import)
		}
		// Two years hold, so Mari's ends on 10 November 2027, and is renewed 30 days
		// before; that of Jonas has ended in March 2025.
		if d := mari.due(); d.Status != "recorded" || d.DueOn != "2027-10-11" || d.Overdue {
			t.Errorf("Mari is trained until then: %+v", d)
		}
		if d := jonas.due(); d.Status != "recorded" || d.DueOn != "2025-01-30" || !d.Overdue {
			t.Errorf("what Jonas did has ended: %+v", d)
		}
		line := chief.listed(top, "mari.tamm@example.org")
		if line.Status != "recorded" || line.Certificate != "" || !line.CompletedAt.IsZero() || line.Elsewhere == nil || *line.Elsewhere != (api.Elsewhere{On: "2025-11-10", Reference: "A-17", Origin: "Coast School"}) {
			t.Errorf("the list tells it apart: %+v", line)
		}
		csv := string(chief.want(200, "GET", path("/completions?format=csv&organisation=%s&status=recorded", top.ID), nil).body)
		if strings.Count(csv, "\n") != 3 || !strings.Contains(csv, ",2025-11-10,A-17,Coast School") {
			t.Errorf("the file tells it apart: %s", csv)
		}
		if page := mari.want(200, "GET", path("/certificates"), nil); strings.Contains(string(page.body), "first-contact") {
			t.Errorf("Havn has made a certificate of it: %s", page.body)
		}
		for _, b := range []struct {
			who  *client
			page string
			says []string
		}{
			{mari, "/learning", []string{"Completed elsewhere on 10 November 2025", "Coast School", "Havn has made no certificate of it."}},
			{chief, "/admin/completions?status=recorded&organisation=" + top.ID, []string{"recorded from elsewhere", "A-17"}},
		} {
			_, _, page := h.browserOf(b.who).get(b.page)
			for _, s := range b.says {
				if !bytes.Contains(page, []byte(s)) {
					t.Errorf("%s does not say %q", b.page, s)
				}
			}
		}

		// The same again changes nothing, under its id and as another list.
		before := chief.want(200, "GET", path("/completions?organisation=%s", top.ID), nil).body
		chief.bring(top, first, true, lines...)
		chief.refuse("import-empty", "POST", path("/organisations/%s/history?import=%s&dry_run=false", top.ID, uuid.NewString()), "person,course,completed on,expires on,reference,origin\n"+strings.Join(lines, "\n"))
		if again := chief.bring(top, uuid.NewString(), false, lines...); again.Records != 0 || again.Same != 2 {
			t.Errorf("the same list again: %+v", again)
		}
		if after := chief.want(200, "GET", path("/completions?organisation=%s", top.ID), nil).body; !bytes.Equal(before, after) {
			t.Errorf("the same list again has changed\n%s\ninto\n%s", before, after)
		}
		chief.refuse("import-exists", "POST", path("/organisations/%s/history?import=%s&dry_run=false", top.ID, first), "person,course,date\nmari.tamm@example.org,first-contact,2024-01-01\n")

		// A newer one takes its place, an older one does not; a day on which it ends
		// counts where it is before the course's rule.
		h.clock.advance(time.Minute)
		second := uuid.NewString()
		chief.bring(top, second, true, "mari.tamm@example.org,first-contact,2026-01-15,2026-12-31,,", "mari.tamm@example.org,first-contact,2020-01-15,,,")
		if d := mari.due(); d.DueOn != "2026-12-02" {
			t.Errorf("the newer one ends on 31 December 2026: %+v", d)
		}

		// Whoever completes the course here has Havn's own certificate.
		jonas.want(201, "PUT", path("/enrolments/first-contact"), nil)
		if d := jonas.due(); d.Status != "recorded" {
			t.Errorf("begun, and still trained elsewhere: %+v", d)
		}

		chief.want(200, "DELETE", path("/organisations/%s/history/%s", top.ID, second), nil)
		chief.want(200, "DELETE", path("/organisations/%s/history/%s", top.ID, second), nil)
		if list := chief.imports(top); len(list) != 2 || list[0].State != "undone" || list[1].State != "done" {
			t.Errorf("%+v", list)
		}
		if d := mari.due(); d.DueOn != "2027-10-11" {
			t.Errorf("the first list holds again: %+v", d)
		}
		chief.want(200, "DELETE", path("/organisations/%s/history/%s", top.ID, first), nil)
		chief.imports(top)
		if a, b, c := mari.due(), jonas.due(), kaja.due(); a.Status != "assigned" || a.DueOn != "2026-12-12" || b.Status != "enrolled" || c.Status != "completed" {
			t.Errorf("all is as it was: %+v %+v %+v", a, b, c)
		}
		h.invited("Chief of Other", site.invite(other, 1, "administrator")).refuse("not-found", "DELETE", path("/organisations/%s/history/%s", other.ID, first), nil)
		if chief.bring(top, uuid.NewString(), true, lines[0]).Import.Recorded != 1 {
			t.Error("what was taken back cannot be brought again")
		}
	})
}

// Reports count who was trained elsewhere among the certified, by the week in which
// they were.
func TestReportsCountWhoWasTrainedElsewhere(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	var lines []string
	for _, address := range h.staff(top, 12) {
		lines = append(lines, address+",first-contact,2026-03-02,,,")
	}
	site.assignDue(top, "2026-12-12")
	site.report("by=course&unit=" + top.ID)["first-contact"].says(t, "before", 12, 0, 0)
	site.bring(top, uuid.NewString(), true, lines[:6]...)
	site.report("by=course&unit=" + top.ID)["first-contact"].says(t, "six of twelve", 12, 6, 0)
	site.report("by=week&from=2026-03-02&to=2026-03-08&unit=" + top.ID)["2026-W10"].says(t, "in their week", 6, 6, 0)
}

// A long list is brought in the background by one of several servers, each line
// once, and whoever takes it back while it is under way takes all of it.
func TestALongListIsBroughtOnceBySeveralServers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		site := h.admin()
		top := site.organisation("Authority", "")
		const n = 130
		var lines []string
		for i, address := range h.staff(top, n) {
			for year := range 6 {
				lines = append(lines, fmt.Sprintf("%s,first-contact,%d-01-%02d,,,", address, 2019+year, 1+i%28))
			}
		}
		startWith(t, e, sample(t, nil), func(c *server.Config) { c.Now = h.clock.now })
		startWith(t, e, sample(t, nil), func(c *server.Config) { c.Now = h.clock.now })
		id := uuid.NewString()
		site.bring(top, id, true, lines...)
		site.bring(top, id, true, lines...)
		list := site.imports(top)
		if len(list) != 1 || list[0].Recorded != 6*n || list[0].Rows != 6*n {
			t.Errorf("%+v", list)
		}
		all := func() (people, records int) {
			for next := ""; ; {
				var out api.Completions
				site.want(200, "GET", path("/completions?organisation=%s&status=recorded&cursor=%s", top.ID, url.QueryEscape(next)), nil).decode(t, &out)
				for _, l := range out.Items {
					if l.Elsewhere.On[:4] == "2024" {
						records++
					}
				}
				people += len(out.Items)
				if next = out.Next; next == "" {
					return people, records
				}
			}
		}
		if people, newest := all(); people != n || newest != n {
			t.Errorf("%d people, %d with the newest of theirs", people, newest)
		}
		site.want(200, "DELETE", path("/organisations/%s/history/%s", top.ID, id), nil)
		site.imports(top)
		again := uuid.NewString()
		site.bring(top, again, true, lines...)
		site.want(200, "DELETE", path("/organisations/%s/history/%s", top.ID, again), nil)
		site.imports(top)
		if people, _ := all(); people != 0 {
			t.Errorf("%d are left of what was taken back", people)
		}
	})
}

// Where an organisation shows counts only, a list does not tell who has completed
// the course here.
func TestAListDoesNotTellWhoCompletedWhereOnlyCountsAreShown(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	chief := h.invited("Chief Kask", site.invite(top, 1, "administrator"))
	h.certified("Kaja Kask", site.invite(top, 1))
	h.newcomer("Mari Tamm", site.invite(top, 1))
	site.set(top, m{"sees": people.SeesCounts})
	lines := []string{"kaja.kask@example.org,first-contact,2025-11-10,,,", "mari.tamm@example.org,first-contact,2025-11-10,,,"}
	id := uuid.NewString()
	if p := chief.bring(top, id, false, lines...); p.Records != 2 || p.Certified != 0 {
		t.Errorf("%+v", p)
	}
	if p := chief.bring(top, id, true, lines...); p.Import.Recorded != 2 {
		t.Errorf("%+v", p.Import)
	}
}

// The same in a browser: see what would happen, do it, take it back.
func TestHistoryInTheBrowser(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	top := site.organisation("Authority", "")
	mari := h.newcomer("Mari Tamm", site.invite(top, 1))
	b := h.browser(adminEmail)
	page := "/organisations/" + top.ID + "/history"
	status, body := b.upload(page, "file", "person;course;date\nmari.tamm@example.org;first-contact;10.11.2025\nnobody@example.org;first-contact;2025-11-10\n")
	if status != 200 || !strings.Contains(body, "nobody in your organisation has this address") {
		t.Fatalf("%d %s", status, body)
	}
	if mari.due().Status != "" {
		t.Error("it has happened already")
	}
	form := url.Values{"csrf": {b.csrf()}}
	for _, name := range []string{"secret", "import"} {
		_, rest, _ := strings.Cut(body, `name="`+name+`" value="`)
		value, _, _ := strings.Cut(rest, `"`)
		form.Set(name, value)
	}
	if status, to, body := b.post(page, form); status != 303 || to != page {
		t.Fatalf("%d %s %s", status, to, body)
	}
	if d := mari.due(); d.Status != "recorded" {
		t.Errorf("%+v", d)
	}
	if _, _, body := b.get(page); !bytes.Contains(body, []byte("1 of 1 lines recorded")) {
		t.Errorf("%s", body)
	}
	if status, _, body := b.post(page, form); status != 422 || !bytes.Contains(body, []byte("role=\"alert\"")) {
		t.Errorf("a second press: %d %s", status, body)
	}
	if status, _, _ := b.post(page+"/end", form); status != 303 {
		t.Errorf("taking it back: %d", status)
	}
	site.imports(top)
	if d := mari.due(); d.Status != "" {
		t.Errorf("%+v", d)
	}
	if status, header, file := b.get("/history.xlsx"); status != 200 || !bytes.HasPrefix(file, []byte("PK")) {
		t.Errorf("the empty list: %d %v", status, header)
	}
}
