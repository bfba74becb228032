package server_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/library"
	"havn/internal/paper"
	"havn/internal/people"
	"havn/internal/store/storetest"
)

// scripts are texts that would run in a browser if any of them were taken for
// markup: each way to call a function, in each place where texts are put.
func scripts() []string {
	calls := []string{"pwned(1)", "window['pwned'](1)", "pwned`1`", "top.pwned(1)", "setTimeout(pwned)"}
	frames := []string{
		"<script>%s</script>", "<ScRiPt>%s</sCrIpT>", "<script/x>%s</script>", "<img src=x onerror=%s>", "<img src=x onerror=\"%s\">", "<svg onload=%s>", "<svg><script>%s</script></svg>",
		"<body onload=%s>", "<details open ontoggle=%s>", "<video><source onerror=%s>", "<input autofocus onfocus=%s>", "<math><mtext><img src onerror=%s></math>",
		"\"><script>%s</script>", "'><img src=x onerror=%s>", "\" onmouseover=%s x=\"", "' autofocus onfocus=%s x='", "</title><script>%s</script>", "</textarea><svg onload=%s>",
		"</script><script>%s</script>", "--><img src=x onerror=%s>", "]]><script>%s</script>", "<a href=javascript:%s>x</a>", "<a href='java\tscript:%s'>x</a>", "<iframe srcdoc='<script>%s</script>'>",
		"<form><button formaction=javascript:%s>x", "<object data=javascript:%s>", "<embed src=javascript:%s>", "<meta http-equiv=refresh content='0;url=javascript:%s'>", "<base href=javascript:%s//>",
		"&lt;script&gt;%s&lt;/script&gt;", "\\u003cscript\\u003e%s\\u003c/script\\u003e", "%%3Cscript%%3E%s%%3C/script%%3E", "{{constructor.constructor('%s')()}}", "${%s}", "javascript:%s", "[x](javascript:%s)",
		"![x](x \"onerror=%s)", "<x onclick=%s tabindex=1 autofocus>", "<style>@import'javascript:%s'</style>", "<link rel=stylesheet href=javascript:%s>", "<noscript><p title=\"</noscript><img src=x onerror=%s>\">",
		"<table background=javascript:%s>", "<svg><animate onbegin=%s attributeName=x dur=1s>", "<marquee onstart=%s>", "<xss style='animation:x' onanimationstart=%s>", "<template><script>%s</script></template>",
		"<select autofocus onfocus=%s>", "<keygen autofocus onfocus=%s>", "<audio src onerror=%s>", "=cmd|'/c %s'!A1", "@SUM(%s)", "+%s", "-%s", "\";%s//", "');%s//", "<%%= %s %%>", "<!--#exec cmd=%s-->", "<plaintext>%s",
		"<img/src/onerror=%s>", "<svg/onload=%s>", "<a/href=javascript:%s>", "<script>%s", "<<script>%s//<</script>", "<img src=`x` onerror=%s>",
	}
	var out []string
	for _, f := range frames {
		for _, c := range calls {
			out = append(out, fmt.Sprintf(f, c))
		}
	}
	return out
}

// Row 11: whatever text somebody sets, no browser runs it, even one that takes
// no notice of the content security policy. Row 16: no spreadsheet does.
func TestNoTextBecomesAProgram(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	chief, err := h.People.ByEmail(t.Context(), adminEmail)
	if err != nil {
		t.Fatal(err)
	}
	texts := scripts()
	if len(texts) < 300 {
		t.Fatalf("only %d texts", len(texts))
	}
	top := site.organisation("Authority", "")
	taken := 0
	for i, text := range texts {
		if _, err := h.People.AddOrganisation(t.Context(), chief, top.ID, text, ""); err == nil {
			taken++
		}
		if i%8 > 0 { // a password costs time on purpose
			continue
		}
		o, err := h.People.Organisation(t.Context(), top.ID)
		if err != nil {
			t.Fatal(err)
		}
		a, err := h.People.Create(t.Context(), people.NewAccount{Email: fmt.Sprintf("x%d@example.org", i), Name: text, Password: password, Unit: o.Path})
		if err != nil {
			t.Fatal(err)
		}
		token, _, err := h.People.OpenSession(t.Context(), a, "program")
		if err != nil {
			t.Fatal(err)
		}
		(&client{h: h, token: token}).want(201, "PUT", "/api/v1/enrolments/first-contact", nil)
	}
	if taken < 300 {
		t.Fatalf("only %d names were taken", taken)
	}

	a := site.want(200, "GET", "/api/v1/completions?format=csv", nil)
	rows, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a spreadsheet would run %q", cell)
			}
		}
	}

	c := openChrome(t, h, 1280, 800, false)
	c.counts()
	c.do(network.SetCookie("havn", site.token).WithURL(h.URL))
	_, err = h.People.SetMember(t.Context(), chief, chief.ID, mustOrganisation(t, h, top.ID), []people.Role{people.Administrator})
	if err != nil {
		t.Fatal(err)
	}
	c.open("/organisations")
	var seen, control int
	c.js(`document.body.innerText.split("pwned").length - 1`, &seen)
	if seen < 300 {
		t.Fatalf("the page shows only %d of the texts", seen)
	}
	c.js(`(() => { const s = document.createElement("script"); s.textContent = "pwned(1)"; document.body.append(s); return window.ran })()`, &control)
	if control != 1 {
		t.Fatal("this browser would not have run a script either")
	}
	c.runsNothing("/organisations", "/organisations/"+top.ID, "/admin/completions", "/account", "/?next="+texts[12], "/sign-in?next="+texts[15], "/nowhere/"+texts[0],
		"/certificates/"+texts[3], "/join?code="+strings.ReplaceAll(texts[60], " ", "+"), "/api/v1/docs", "/sign-up?code="+strings.ReplaceAll(texts[61], " ", "+"))
}

// The same for what is said around a course: names of cohorts, notes of
// publications, reflections that are shared and reports of readers.
func TestNothingThatIsSaidAroundACourseBecomesAProgram(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	texts := scripts()
	top := site.organisation("Authority", "")
	mari := h.invited("Mari Tamm", site.invite(top, 1))
	cohort := site.cohort(top, "2026-11-01", "2026-12-31", mari)
	tutor := h.tutor("Tutor Kask", site, top, cohort)
	h.clock.advance(time.Minute)

	named := 0
	for _, text := range texts {
		if site.do("PUT", path("/organisations/%s/cohorts/%s", top.ID, uuid.NewString()), m{"name": text, "kind": "hand"}).status == 200 {
			named++
		}
	}
	if named < 300 {
		t.Fatalf("only %d names were taken", named)
	}
	last := uuid.NewString()
	site.want(200, "PUT", path("/organisations/%s/cohorts/%s", top.ID, last), m{"name": texts[0], "kind": "hand"})
	site.want(204, "PUT", path("/cohorts/%s/members/%s", last, mari.id()), nil)
	site.want(204, "PUT", path("/cohorts/%s/tutors/%s", last, tutor.id()), nil)
	tutor = h.signIn("tutor.kask@example.org")
	for i, text := range inChunks(texts, 3900) {
		h.Desk.FS = sample(t, map[string]string{"course.yaml": courseYAML(""), "en/m1-rights.md": fmt.Sprintf("# Rights\n\nEdition %d.\n", i)})
		if _, problems, err := h.Desk.PublishAs(t.Context(), "first-contact", library.Author{Says: &course.Notes{Note: text}}); err != nil {
			t.Fatal(err, problems)
		}
	}
	var shared, results []string
	for _, text := range inChunks(texts, assessment.MaxText) {
		a := mari.start("m1-quiz")
		if got := a.save("r-work", assessment.Response{Text: &text, Shared: true}); got.status != 200 {
			t.Fatal(string(got.body))
		}
		a.submit()
		shared = append(shared, "/cohorts/"+cohort+"/members/"+mari.id()+"/attempts/"+a.ID)
		results = append(results, "/attempts/"+a.ID+"/result")
	}
	reporters := h.invited("Reporter", site.invite(top, 1))
	for i, text := range inChunks(texts, 1000) {
		if i == 9 { // one person may write only so many
			reporters = mari
		}
		reporters.want(204, "PUT", path("/reports/%s", uuid.NewString()), m{"course": "first-contact", "place": "question:q-means", "kind": "unclear", "text": text, "named": true})
	}

	c := openChromeFor(t, 3*time.Minute, h, 1280, 800, false)
	c.counts()
	for _, v := range []struct {
		as    *client
		shows []string // each with many of the texts
		also  []string
	}{
		{site, []string{"/organisations/" + top.ID + "/cohorts", "/trainer/first-contact/versions", "/trainer/reports"}, []string{"/organisations/" + top.ID + "/cohorts/" + last, "/organisations/" + top.ID, "/trainer"}},
		{tutor, shared, []string{"/cohorts", "/cohorts/" + last, "/cohorts/" + cohort + "/members/" + mari.id()}},
		{mari, nil, append(results, "/learning", "/courses/first-contact", "/privacy", "/account")},
	} {
		c.do(network.SetCookie("havn", v.as.token).WithURL(h.URL))
		for _, address := range v.shows {
			c.open(address)
			var seen int
			c.js(`document.body.textContent.split("pwned").length - 1`, &seen)
			if seen < 20 {
				t.Errorf("%s shows only %d of the texts", address, seen)
			}
			c.runsNothing(address)
		}
		c.runsNothing(v.also...)
	}
}

// inChunks joins texts, each chunk at most so many bytes long.
func inChunks(texts []string, most int) (chunks []string) {
	for _, text := range texts {
		if last := len(chunks) - 1; last >= 0 && len(chunks[last])+1+len(text) <= most {
			chunks[last] += "\n" + text
		} else {
			chunks = append(chunks, text)
		}
	}
	return chunks
}

// runsNothing opens pages and touches all that is on them.
func (c *chrome) runsNothing(addresses ...string) {
	c.t.Helper()
	for _, address := range addresses {
		c.open(strings.NewReplacer("<", "%3C", ">", "%3E", "\"", "%22", " ", "%20", "`", "%60", "\t", "%09").Replace(address))
		c.js(`for (const e of document.querySelectorAll("main *")) { e.dispatchEvent(new Event("mouseover")); e.dispatchEvent(new Event("focus")); }`, nil)
		var ran, made int
		c.js(`window.ran`, &ran)
		c.js(`document.querySelectorAll("main script, main img, main iframe, main object, main embed, main video, main audio, main [onerror], main [onload], main [onfocus], main a[href^='javascript']").length`, &made)
		if ran > 0 || made > 0 && address != "/api/v1/docs" {
			c.t.Errorf("%s ran %d of the texts and made %d elements of them", address, ran, made)
		}
	}
}

var streams = regexp.MustCompile(`(?s)/FlateDecode.*?\nendstream`)

// What somebody calls an organisation stands in letters, and what they call
// themselves on a certificate; neither becomes a program there.
func TestNoTextBecomesAProgramInALetterOrOnPaper(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	chief, err := h.People.ByEmail(t.Context(), adminEmail)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	sent := 0
	for i, text := range scripts() {
		o, err := h.People.AddOrganisation(t.Context(), chief, "", text, "")
		if err != nil {
			continue
		}
		address := fmt.Sprintf("x%d@example.org", i)
		if err := h.People.InviteByMail(t.Context(), chief, o, address, "en", people.Learner); err != nil {
			t.Fatal(err)
		}
		if sent++; sent%90 == 0 {
			if err := h.Letters.Work(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		letter, _ := h.letter(address, 1)
		if strings.ContainsAny(letter.Subject+letter.To, "\r\n") {
			t.Errorf("a header of two lines: %q", letter.Subject)
		}
		_, body, _ := strings.Cut(letter.HTML, "<body")
		all.WriteString("<div" + strings.ReplaceAll(body, "</html>", ""))
		if i%5 > 0 { // drawing takes time
			continue
		}
		var pdf bytes.Buffer
		if err := paper.Render(&pdf, paper.Certificate{Lang: "en", Dir: "ltr", Heading: text, Holder: text, CourseTitle: text, Code: "A", CheckURL: "https://havn.example"}); err != nil {
			t.Fatal(err)
		}
		plain := streams.ReplaceAll(pdf.Bytes(), nil)
		for _, danger := range []string{"/JavaScript", "/JS", "/OpenAction", "/Launch", "/AA <<", "/AA<<", "<script", "<img", "<svg"} {
			if bytes.Contains(plain, []byte(danger)) {
				t.Errorf("%q puts %s into the file", text, danger)
			}
		}
	}
	if sent < 300 {
		t.Fatalf("only %d letters", sent)
	}
	file := filepath.Join(t.TempDir(), "letters.html")
	if err := os.WriteFile(file, []byte("<!doctype html><title>x</title>"+all.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c := openChrome(t, h, 800, 600, false)
	c.counts()
	c.do(chromedp.Navigate("file://" + file))
	var ran, made, seen int
	c.js(`window.ran`, &ran)
	c.js(`document.querySelectorAll("script, img, iframe, object, embed, svg, video, audio, form, input, [onerror], [onload], [onfocus], a[href^='javascript']").length`, &made)
	c.js(`document.body.innerText.split("pwned").length - 1`, &seen)
	if ran > 0 || made > 0 || seen < 300 {
		t.Errorf("%d ran, %d elements were made, %d texts are seen", ran, made, seen)
	}
}

// counts lets every page count how often it is taken in, whatever its content
// security policy says.
func (c *chrome) counts() {
	c.t.Helper()
	c.do(page.Enable(), page.SetBypassCSP(true), chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument(`window.ran = 0; window.pwned = () => { window.ran++ }`).Do(ctx)
		return err
	}))
}

func mustOrganisation(t *testing.T, h *havn, id string) *people.Organisation {
	t.Helper()
	o, err := h.People.Organisation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
