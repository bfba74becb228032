package server_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"havn/internal/machine"
	"havn/internal/server"
	"havn/internal/store/storetest"
)

// translator is a machine-translation service that answers as it is told.
func (h *havn) translator(t *testing.T, answer func(q []string) any) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Q []string }
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, &asked)
		switch out := answer(asked.Q).(type) {
		case nil: // it never answers
			<-r.Context().Done()
		case string:
			_, _ = io.WriteString(w, out)
		default:
			_ = json.NewEncoder(w).Encode(m{"translatedText": out})
		}
	}))
	t.Cleanup(s.Close)
	var err error
	if h.Drafts.Machine, err = machine.New(s.URL, "", 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
}

func each(q []string, change func(string) string) []string {
	out := []string{}
	for _, s := range q {
		out = append(out, change(s))
	}
	return out
}

// A machine drafts what is missing and never more; its drafts say what they are,
// and one that breaks something is refused.
func TestAMachineDraftsWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := startWith(t, storetest.SQLite().New(t).Open(t), sample(t, nil), func(*server.Config) {})
	asta, bo := h.written("words")
	ask := translations("words", "uk") + "/machine"
	asta.refuse("machine-off", "POST", ask, m{})
	asta.translate("words", "uk", "course.title", "Перші слова")

	for name, answer := range map[string]func([]string) any{
		"slow":  func([]string) any { return nil },
		"huge":  func([]string) any { return `{"translatedText": ["` + strings.Repeat("x", 2<<20) + `"]}` },
		"other": func([]string) any { return `{"error": "no"}` },
		"fewer": func(q []string) any { return q[1:] },
	} {
		h.translator(t, answer)
		if got := asta.do("POST", ask, m{}); got.code() != "machine-unavailable" || got.status != 503 {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	var said struct {
		Last   string
		Report struct {
			Taken   []struct{ Unit, Now string }
			Refused []struct{ Unit, Reason, Message string }
		}
	}
	h.translator(t, func(q []string) any { // it lies: what has a token loses it, and a link comes to one word
		return each(q, func(s string) string {
			if s == "Speak slowly and clearly to the child." {
				return "Див. https://example.org/evil"
			}
			return inUkrainian(strings.Replace(s, "⟦1⟧", "", 1))
		})
	})
	asta.want(200, "POST", ask, m{}).decode(t, &said)
	refused := map[string]string{}
	for _, r := range said.Report.Refused {
		refused[r.Unit] = r.Reason
	}
	if diff := cmp.Diff(map[string]string{"page:m1-page#2": "machine-broken", "page:m1-page#3": "broken-link"}, refused); diff != "" {
		t.Error(diff)
	}
	for _, u := range said.Report.Taken {
		if u.Now != "machine-draft" || u.Unit == "course.title" {
			t.Errorf("%+v", u)
		}
	}
	if u := asta.unit("words", "uk", "course.title"); u.Target != "Перші слова" {
		t.Errorf("what a person wrote: %+v", u)
	}
	h.translator(t, func(q []string) any { return each(q, func(s string) string { return "Укр. " + inUkrainian(s) }) })
	asta.want(200, "POST", ask, m{"unit": "page:m1-page#2"}).decode(t, &said)
	u := asta.unit("words", "uk", "page:m1-page#2")
	if u.Target != "Укр. "+inUkrainian("Ask ")+"["+inUkrainian("the guardian")+"](term:guardian)"+inUkrainian(" first. ")+"{{name}}" || u.State != "machine-draft" || u.Own {
		t.Errorf("%+v", u)
	}
	// Nobody has read it, so nobody can be the second to do so; whoever says that it
	// is right is the first.
	bo.refuse("unit-not-translated", "PUT", translations("words", "uk")+"/review", reviewOf(u))
	if s := bo.translate("words", "uk", u.ID, u.Target); s.State != "language-reviewed" {
		t.Errorf("%+v", s)
	}
	bo.refuse("unit-own", "PUT", translations("words", "uk")+"/review", reviewOf(bo.unit("words", "uk", u.ID)))
	asta.want(200, "PUT", translations("words", "uk")+"/review", reviewOf(asta.unit("words", "uk", u.ID)))
	// Behind the last there is no more.
	asta.want(200, "POST", ask, m{"after": "glossary:guardian.definition"}).decode(t, &said)
	if said.Last != "" {
		t.Errorf("%+v", said)
	}
	// The same by buttons, in a language that is new.
	h.translator(t, func(q []string) any { return each(q, func(s string) string { return "Lt. " + s }) })
	b, lt := h.browserOf(asta), "/trainer/words/draft/translate/lt"
	b.get(lt)
	title := asta.unit("words", "lt", "course.title")
	if status, to, page := b.post(lt, url.Values{"csrf": {b.csrf()}, "unit": {title.ID}, "hash": {title.Hash}, "seen": {title.Seen}, "act": {"machine"}}); status != 303 || !strings.Contains(to, "saved=course.title") {
		t.Errorf("%d %s %s", status, to, page)
	}
	if status, _, page := b.post(lt+"/machine", url.Values{"csrf": {b.csrf()}}); status != 200 || !bytes.Contains(page, []byte("9 taken")) || !bytes.Contains(page, []byte("Draft the next ones")) {
		t.Errorf("%d %s", status, page)
	}
	if n := asta.units("words", "lt", "").Count; n["machine-draft"] != 10 || n["missing"] != 0 {
		t.Errorf("%+v", n)
	}
	h.publishedBy("words", asta, bo)
	p, _ := h.Library.Current("words")
	if state := p.Editions["uk"].Glossary["guardian"].Term.State; state != "machine-draft" {
		t.Errorf("the mark did not travel: %s", state)
	}
}
