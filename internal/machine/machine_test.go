package machine_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"havn/internal/machine"
)

// said is what a service was asked.
type said struct {
	Q                      []string
	Source, Target, Format string
	Key                    string `json:"api_key"`
}

// service answers with each text as change makes it.
func service(t testing.TB, asked *said, change func(string) string) *machine.Service {
	t.Helper()
	return at(t, func(w http.ResponseWriter, r *http.Request) {
		*asked = said{}
		if err := json.NewDecoder(r.Body).Decode(asked); err != nil || r.URL.Path != "/mt/translate" || r.Method != "POST" {
			http.Error(w, `{"error": "bad"}`, http.StatusBadRequest)
			return
		}
		out := []string{}
		for _, q := range asked.Q {
			out = append(out, change(q))
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"translatedText": out})
	})
}

func at(t testing.TB, answer http.HandlerFunc) *machine.Service {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	m, err := machine.New(s.URL+"/mt/", "secret", 300*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOnlyWordsLeaveAndAllElseComesBackAsItWas(t *testing.T) {
	t.Parallel()
	var asked said
	m := service(t, &asked, strings.ToUpper)
	texts := []string{
		"# The first word",
		"Ask [the guardian](term:guardian), see `code` at https://example.org/a?b=c. {{name}}[^fact:f1]",
		":::note Careful\n- **one** | two\n- three\n:::",
		"| a | b |\n|---|---|\n| c | d |",
		"```\nstays as it is\n```",
	}
	got, err := m.Translate(t.Context(), texts, "en", "sv-FI")
	want := []string{
		"# THE FIRST WORD",
		"ASK [THE GUARDIAN](term:guardian), SEE `code` AT https://example.org/a?b=c. {{name}}[^fact:f1]",
		":::note Careful\n- **ONE** | TWO\n- THREE\n:::",
		"| A | B |\n|---|---|\n| C | D |",
		"```\nstays as it is\n```",
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if asked.Source != "en" || asked.Target != "sv" || asked.Format != "text" || asked.Key != "secret" {
		t.Errorf("%+v", asked)
	}
	for _, q := range asked.Q {
		if strings.Contains(q, "example.org") || strings.Contains(q, "{{") || strings.Contains(q, "stays") || strings.Contains(q, ":::") {
			t.Errorf("this left: %q", q)
		}
	}
}

// Whatever text there is, a service that changes nothing gives it back to the byte,
// or it is said that it cannot be put together.
func TestAnyTextComesBackOrIsRefused(t *testing.T) {
	t.Parallel()
	var asked said
	m := service(t, &asked, func(s string) string { return s })
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringMatching(`[a-z #*\-\[\]()^:|>.{}!\n`+"`"+`]{1,60}`).Draw(rt, "text")
		got, err := m.Translate(t.Context(), []string{text}, "en", "uk")
		fields := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if err != nil || got[0] != "" && fields(got[0]) != fields(text) {
			rt.Errorf("%q became %q, %v", text, got, err)
		}
	})
}

func TestWhatAServiceLosesIsNotPutTogether(t *testing.T) {
	t.Parallel()
	var asked said
	for name, change := range map[string]func(string) string{
		"a token lost":    func(s string) string { return strings.Replace(s, "⟦1⟧", "", 1) },
		"a token twice":   func(s string) string { return s + "⟦1⟧" },
		"a token more":    func(s string) string { return s + "⟦99⟧" },
		"another line":    func(s string) string { return s + "\nand more" },
		"nothing at all":  func(string) string { return "  " },
		"a token cut off": func(s string) string { return strings.Replace(s, "⟦1⟧", "⟦1", 1) },
	} {
		got, err := service(t, &asked, change).Translate(t.Context(), []string{"See {{name}} there", "Plain {{name}}"}, "en", "uk")
		if err != nil || !slices.Equal(got, []string{"", ""}) {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestAServiceThatIsSlowHugeOrNoServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"slow": func(_ http.ResponseWriter, r *http.Request) { // until whoever asked gives up
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"huge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"translatedText": ["`)
			for range 64 {
				_, _ = io.WriteString(w, strings.Repeat("x", 1<<16))
			}
			_, _ = io.WriteString(w, `"]}`)
		},
		"no JSON":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"one string": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"translatedText": "x"}`) },
		"too many": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"translatedText": ["x", "y"]}`)
		},
		"refused": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"error": "no key"}`, http.StatusForbidden)
		},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
		},
	} {
		if got, err := at(t, answer).Translate(t.Context(), []string{"Hello"}, "en", "uk"); !errors.Is(err, machine.ErrUnavailable) || got != nil {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	var asked said
	m := service(t, &asked, strings.ToUpper)
	if _, err := m.Translate(t.Context(), slices.Repeat([]string{"a"}, machine.MaxTexts+1), "en", "uk"); !errors.Is(err, machine.ErrTooMuch) {
		t.Error(err)
	}
	for _, address := range []string{"", "ftp://example.org", "https://user:word@example.org", "https://example.org/?q=1", "translate.example.org"} {
		if _, err := machine.New(address, "", 0); err == nil {
			t.Errorf("%q is taken", address)
		}
	}
}
