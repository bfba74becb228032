package server_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"

	"havn/internal/store/storetest"
)

// What a device cannot send any more leaves as a file, which nobody but the
// server can open, and is handed in from another device: once, twice, by its
// owner only.
func TestUnsentAnswersAreHandedInAsAFile(t *testing.T) {
	t.Parallel()
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	mari := h.enrolled("Mari Tamm")
	a := mari.start("m1-quiz")
	c := openChrome(t, h, 390, 844, false)
	c.do(network.SetCookie("havn", h.signIn("mari.tamm@example.org").token).WithURL(h.URL))
	c.open("/attempts/" + a.ID + "?q=2")
	var api, value string
	c.js(`document.getElementById("answer").dataset.api`, &api)
	question := api[strings.LastIndexByte(api, '/')+1:]
	c.cut(true)
	c.js(`(() => { const first = document.querySelector("#answer [name=value]"); first.click(); return first.value; })()`, &value)
	c.until("waiting", `!document.getElementById("seal").hidden`)
	c.js(`(() => { window.URL.createObjectURL = blob => { blob.text().then(text => { window.file = text; }); return "#"; }; document.querySelector("#seal button").click(); })()`, nil)
	c.until("sealed", `window.file !== undefined`)
	c.picture("sealed-offer")
	var file string
	c.js(`window.file`, &file)
	if strings.Contains(file, question) || strings.Count(file, ".") != 4 {
		t.Fatalf("the file is no JWE: %s", file)
	}

	jonas := h.learner("Jonas Petraitis")
	jonas.refuse("seal-not-yours", "POST", "/api/v1/me/sealed-answers", file)
	at := len(file) - 30
	changed := file[:at] + strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, file[at:at+1]) + file[at+1:]
	mari.refuse("seal-broken", "POST", "/api/v1/me/sealed-answers", changed)
	mari.refuse("seal-broken", "POST", "/api/v1/me/sealed-answers", "no file of ours")
	other := withRules(t, storetest.SQLite().New(t).Open(t), "")
	other.enrolled("Mari Tamm").refuse("seal-broken", "POST", "/api/v1/me/sealed-answers", file)

	if got := a.saved(question); got != "" {
		t.Fatalf("it was sent already: %q", got)
	}
	for _, verdict := range []string{"accepted", "duplicate"} {
		var told struct {
			Items []struct{ Attempt, Question, Verdict string }
		}
		mari.want(200, "POST", "/api/v1/me/sealed-answers", file).decode(t, &told)
		if len(told.Items) != 1 || told.Items[0].Verdict != verdict || told.Items[0].Attempt != a.ID || told.Items[0].Question != question {
			t.Errorf("%+v instead of %s", told, verdict)
		}
	}
	if got := a.saved(question); got != value {
		t.Errorf("the server has %q instead of %q", got, value)
	}

	b := h.browserOf(mari)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("csrf", b.csrf())
	part, _ := form.CreateFormFile("file", "havn-answers.jwe")
	_, _ = part.Write([]byte(file))
	_ = form.Close()
	a.submit()
	res, err := b.http.Post(h.URL+"/answers/file", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var page bytes.Buffer
	_, _ = page.ReadFrom(res.Body)
	if res.StatusCode != http.StatusOK || !strings.Contains(page.String(), "Not taken: 1") || !strings.Contains(page.String(), "handed in") {
		t.Errorf("after handing in: %d %s", res.StatusCode, page.String())
	}

	// Back on the network the device finds that nothing is missing.
	c.cut(false)
	c.open("/")
	c.until("nothing waits", `document.getElementById("waiting").hidden`)
}
