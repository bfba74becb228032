package server_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"havn/internal/store"
	"havn/internal/store/storetest"
)

// Each bad request is refused with a problem document that names the field,
// repeats nothing that was sent, and leaves what was saved as it is.
func TestBadInputIsRefusedByName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		mari := h.enrolled("Mari Tamm")
		a := mari.start("m1-quiz")
		a.answerAll()
		before := mari.want(200, "GET", path("/attempts/%s", a.ID), nil)
		const secret = "SECRET-7342"
		for _, c := range []struct {
			what, question, body, code, field string
		}{
			{"a response of another type", "q-means", `{"response":{"number":1}}`, "wrong-response-type", "number"},
			{"no response", "q-means", `{"response":{}}`, "wrong-response-type", "choice"},
			{"two responses", "q-means", `{"response":{"choice":"a","text":"` + secret + `"}}`, "wrong-response-type", "text"},
			{"an option that does not exist", "q-means", `{"response":{"choice":"` + secret + `"}}`, "unknown-option", "choice"},
			{"an option named twice", "q-signs", `{"response":{"choices":["a","a"]}}`, "invalid-response", "choices"},
			{"an order that leaves some out", "q-steps", `{"response":{"order":["a"]}}`, "invalid-response", "order"},
			{"a pair with no such target", "q-who", `{"response":{"pairs":{"l1":"` + secret + `"}}}`, "unknown-option", "pairs"},
			{"a date that is none", "q-last", `{"response":{"date":"2026-02-30"}}`, "invalid-response", "date"},
			{"a path that jumps", "s-desk", `{"response":{"path":["n2:a"]}}`, "invalid-response", "path"},
			{"a text that is too long", "q-term", `{"response":{"text":"` + strings.Repeat("x", 2001) + `"}}`, "invalid-response", "text"},
			{"a number that is a text", "q-days", `{"response":{"number":"` + secret + `"}}`, "invalid-field", "response.number"},
			{"an operator in place of a value", "q-means", `{"response":{"choice":{"$ne":""}}}`, "invalid-field", "response.choice"},
			{"an unknown field", "q-means", `{"response":{"choice":"a"},"score":100}`, "invalid-field", "score"},
			{"an unknown word of confidence", "q-means", `{"response":{"choice":"a","confidence":"` + secret + `"}}`, "", "confidence"},
			{"a question that is not asked", "q-nowhere", `{"response":{"choice":"a"}}`, "unknown-question", "question"},
			{"a vignette", "c-case", `{"response":{"choice":"a"}}`, "unknown-question", "question"},
			{"no JSON", "q-means", `{"response":`, "bad-request", ""},
			{"nothing", "q-means", ``, "", ""},
		} {
			got := mari.do("PUT", path("/attempts/%s/answers/%s", a.ID, c.question), c.body)
			var p struct {
				Code   string
				Errors []struct{ Field, Detail string }
			}
			if err := json.Unmarshal(got.body, &p); err != nil || got.status < 400 || got.status >= 500 {
				t.Errorf("%s: %d %s", c.what, got.status, got.body)
				continue
			}
			if c.code != "" && p.Code != c.code {
				t.Errorf("%s: %q instead of %q: %s", c.what, p.Code, c.code, got.body)
			}
			if c.field != "" && (len(p.Errors) == 0 || !strings.Contains(p.Errors[0].Field, c.field)) {
				t.Errorf("%s: does not name %s: %s", c.what, c.field, got.body)
			}
			if bytes.Contains(got.body, []byte(secret)) {
				t.Errorf("%s: repeats what was sent: %s", c.what, got.body)
			}
		}
		if after := mari.want(200, "GET", path("/attempts/%s", a.ID), nil); !bytes.Equal(before.body, after.body) {
			t.Error("a refused answer changed the attempt")
		}
	})
}

func TestAccountsAreRefusedByField(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		h.learner("Mari Tamm")
		good := map[string]string{"email": "x@example.org", "password": password, "name": "X", "language": "en"}
		for _, c := range []struct{ field, value, code string }{
			{"email", "nobody", "email-invalid"},
			{"email", "MARI.TAMM@example.org", "email-taken"},
			{"email", "Mari <x@example.org>", "email-invalid"},
			{"password", "short", "password-short"},
			{"password", "aaaaaaaaaaaaaaa", "password-short"},
			{"password", strings.Repeat("långt ", 60), "password-long"},
			{"name", " ", "name-invalid"},
			{"name", "Mari\u202eTamm", "name-invalid"},
			{"name", strings.Repeat("x", 500), "name-invalid"},
			{"language", "xx", "language-unknown"},
		} {
			body := map[string]string{}
			for k, v := range good {
				body[k] = v
			}
			body[c.field] = c.value
			got := h.anonymous().refuse(c.code, "POST", path("/accounts"), body)
			if !bytes.Contains(got.body, []byte(`"field":"`+c.field+`"`)) {
				t.Errorf("%s does not name the field: %s", c.code, got.body)
			}
		}
		h.anonymous().refuse("wrong-credentials", "POST", path("/sessions"), map[string]string{"email": "mari.tamm@example.org", "password": "wrong wrong wrong"})
		h.anonymous().refuse("wrong-credentials", "POST", path("/sessions"), map[string]string{"email": "nobody@example.org", "password": password})
	})
}

// What is wrong with a field is said in the reader's language, whoever found it.
func TestAFieldIsRefusedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		for _, c := range []struct{ body, field, lang, detail string }{
			{`{"password":"x"}`, "email", "en", "This field is missing. Send it too."},
			{`{"password":"x"}`, "email", "sv", "Fältet saknas. Skicka med det."},
			{`{"email":"a@example.org","password":7}`, "password", "uk", "Тут має бути текст."},
			{`{"email":"a@example.org","password":"x","role":"administrator"}`, "role", "et", "Seda välja siin ei tunta. Jäta see välja."},
			{`{"email":"` + strings.Repeat("a", 2000) + `","password":"x"}`, "email", "ar", "أكبر عدد من الأحرف: "},
			{`{"email":}`, "body", "en", "This is not as expected here. The documentation of the API says how."},
		} {
			req, _ := http.NewRequest("POST", h.URL+"/api/v1/sessions", strings.NewReader(c.body))
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Accept-Language", c.lang)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			var p struct {
				Errors []struct{ Field, Detail string }
			}
			err = json.NewDecoder(res.Body).Decode(&p)
			_ = res.Body.Close()
			if err != nil || len(p.Errors) != 1 || p.Errors[0].Field != c.field || !strings.HasPrefix(p.Errors[0].Detail, c.detail) {
				t.Errorf("%.60s in %s: %+v %v", c.body, c.lang, p, err)
			}
		}
	})
}

func TestLargeAndCompressedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		big := `{"email":"` + strings.Repeat("x", 10<<20) + `"}`
		if got := h.anonymous().refuse("too-large", "POST", path("/accounts"), big); got.status != 413 {
			t.Errorf("10 MB: %d", got.status)
		}
		req, _ := http.NewRequest("POST", h.URL+path("/accounts"), strings.NewReader("\x1f\x8b"))
		req.Header.Set("Content-Encoding", "gzip")
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != 415 || res.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("a compressed body: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
		}
		h.anonymous().refuse("not-found", "GET", "/api/v1/nowhere", nil)
		h.anonymous().refuse("not-found", "GET", "/api/nowhere", nil)
		if got := h.anonymous().do("DELETE", path("/courses"), nil); got.code() != "method-not-allowed" && got.code() != "not-found" {
			t.Errorf("a method that is not there: %d %s", got.status, got.body)
		}
	})
}

func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	_ = z.Close()
	return b.String()
}

func TestACourseIsPublishedAndABadOneIsNot(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		admin := h.admin()
		send := func(files map[string]string) answer {
			req, _ := http.NewRequest("POST", h.URL+path("/courses/first-contact/publications"), strings.NewReader(zipped(t, files)))
			req.Header.Set("Authorization", "Bearer "+admin.token)
			req.Header.Set("Content-Type", "application/zip")
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = res.Body.Close() }()
			var b bytes.Buffer
			_, _ = b.ReadFrom(res.Body)
			return answer{res.StatusCode, res.Header, b.Bytes()}
		}
		folder := map[string]string{}
		fsys := sample(t, map[string]string{"course.yaml": courseYAML("")})
		names := []string{"course.yaml", "questions.yaml", "facts.yaml", "en/course.yaml", "en/questions.yaml", "en/facts.yaml", "en/m1-rights.md", "en/m1-status.md"}
		for _, n := range names {
			f, err := fsys.Open("first-contact/" + n)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			_, _ = b.ReadFrom(f)
			folder[n] = b.String()
		}
		folder["en/m1-status.md"] += "\nOne more sentence.\n"
		if got := send(folder); got.status != 201 || !bytes.Contains(got.body, []byte(`"version":2`)) {
			t.Fatalf("a changed folder: %d %s", got.status, got.body)
		}
		if got := send(folder); got.status != 201 || !bytes.Contains(got.body, []byte(`"version":2`)) {
			t.Errorf("the same folder again: %d %s", got.status, got.body)
		}
		folder["questions.yaml"] = strings.Replace(folder["questions.yaml"], "key: a, points: 1", "key: z, points: 1", 1)
		got := send(folder)
		if got.code() != "course-has-errors" || !bytes.Contains(got.body, []byte(`questions.yaml:1`)) {
			t.Errorf("a key that names no option: %d %s", got.status, got.body)
		}
		if p := h.publication(); p.Version != 2 {
			t.Errorf("the last good version is %d", p.Version)
		}
		for name, files := range map[string]map[string]string{
			"a name that leaves the folder": {"../evil.md": "x"},
			"an absolute name":              {"/etc/evil.md": "x"},
			"a backslash":                   {`..\evil.md`: "x"},
		} {
			if got := send(files); got.status < 400 || got.status >= 500 {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
		if got := send(map[string]string{"en/bomb.md": strings.Repeat("a", 65<<20)}); got.code() != "too-large" {
			t.Errorf("a bomb: %d %s", got.status, got.body)
		}
	})
}

func TestAnAdministratorSeesCompletionAndNoMore(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		h := withRules(t, e, "")
		formula := h.enrolled("=cmd Tamm")
		mari := h.enrolled("Mari Tamm")
		for _, page := range []string{"m1-rights", "m1-status"} {
			mari.want(204, "PUT", path("/enrolments/first-contact/pages/%s", page), nil)
		}
		a := mari.start("m1-quiz")
		a.answerAll()
		a.submit()
		_ = formula
		admin := h.admin()
		var list struct {
			Items []map[string]any
			Next  string
		}
		got := admin.want(200, "GET", path("/completions?course=first-contact"), nil)
		got.decode(t, &list)
		if len(list.Items) != 2 {
			t.Fatalf("%s", got.body)
		}
		for _, word := range []string{"percent", "score", "answers", "attempt", "passed"} {
			if bytes.Contains(got.body, []byte(word)) {
				t.Errorf("the list tells %q: %s", word, got.body)
			}
		}
		admin.want(200, "GET", path("/completions?status=completed"), nil).decode(t, &list)
		if len(list.Items) != 1 || list.Items[0]["name"] != "Mari Tamm" || list.Items[0]["certificate"] == "" {
			t.Errorf("who completed: %v", list.Items)
		}
		var page struct {
			Items []map[string]any
			Next  string
		}
		admin.want(200, "GET", path("/completions?limit=1"), nil).decode(t, &page)
		if len(page.Items) != 1 || page.Next == "" {
			t.Fatalf("a page of one: %+v", page)
		}
		first := page.Items[0]["name"]
		admin.want(200, "GET", path("/completions?limit=1&cursor=%s", page.Next), nil).decode(t, &page)
		if len(page.Items) != 1 || page.Items[0]["name"] == first {
			t.Errorf("the next page: %+v", page)
		}
		csv := admin.want(200, "GET", path("/completions?format=csv"), nil)
		if lines := strings.Split(strings.TrimSpace(string(csv.body)), "\n"); len(lines) != 3 || strings.Contains(string(csv.body), ",=cmd") || !strings.Contains(string(csv.body), "'=cmd Tamm") {
			t.Errorf("CSV:\n%s", csv.body)
		}
		admin.refuse("invalid-field", "GET", path("/completions?status=perfect"), nil)
		admin.refuse("bad-request", "GET", path("/completions?cursor=@@@"), nil)
	})
}
