package locale_test

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"havn/internal/fault"
	"havn/internal/locale"
	"havn/locales"
)

// categories are the plural forms of CLDR that a language's file must have for
// each message that counts (unicode-org/cldr, common/supplemental/plurals.xml,
// commit 004469dc, cardinals).
var categories = map[string][]string{
	"ar": {"zero", "one", "two", "few", "many", "other"},
	"da": {"one", "other"}, "de": {"one", "other"}, "en": {"one", "other"}, "et": {"one", "other"}, "fi": {"one", "other"},
	"is": {"one", "other"}, "lt": {"one", "few", "many", "other"}, "lv": {"zero", "one", "other"}, "nb": {"one", "other"},
	"pl": {"one", "few", "many", "other"}, "ru": {"one", "few", "many", "other"}, "sv": {"one", "other"}, "uk": {"one", "few", "many", "other"},
}

// files reads every language as id → text, or form → text for one that counts.
func files(t *testing.T) map[string]map[string]any {
	t.Helper()
	names, err := fs.Glob(locales.FS, "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("no languages", err)
	}
	out := map[string]map[string]any{}
	for _, n := range names {
		src, err := fs.ReadFile(locales.FS, n)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := yaml.Unmarshal(src, &m); err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		out[strings.TrimSuffix(n, ".yaml")] = m
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{[^}]*\}\}`)

func placeholders(s string) []string {
	p := placeholder.FindAllString(s, -1)
	slices.Sort(p)
	return slices.Compact(p)
}

func TestEachLanguageSaysEverythingThatEnglishSays(t *testing.T) {
	all := files(t)
	for _, want := range []string{"en", "et", "sv", "uk", "ar"} {
		if all[want] == nil {
			t.Errorf("locales/%s.yaml is missing", want)
		}
	}
	for lang, messages := range all {
		for id, source := range all["en"] {
			text, ok := messages[id]
			if !ok {
				t.Errorf("%s lacks %s", lang, id)
				continue
			}
			checkMessage(t, lang, id, source, text)
		}
		for id := range messages {
			if _, ok := all["en"][id]; !ok {
				t.Errorf("%s has %s, which English does not", lang, id)
			}
		}
	}
}

func checkMessage(t *testing.T, lang, id string, source, text any) {
	t.Helper()
	forms, counts := text.(map[string]any)
	sourceForms, sourceCounts := source.(map[string]any)
	if counts != sourceCounts {
		t.Errorf("%s: %s counts in one language and not in the other", lang, id)
		return
	}
	if !counts {
		a, b := placeholders(source.(string)), placeholders(text.(string))
		if !slices.Equal(a, b) {
			t.Errorf("%s: %s has the placeholders %v instead of %v", lang, id, b, a)
		}
		if strings.TrimSpace(text.(string)) == "" || strings.ContainsAny(strings.ReplaceAll(text.(string), "![", "["), "!\u202a\u202b\u202c\u202d\u202e") {
			t.Errorf("%s: %s is empty, shouts or holds bidi controls", lang, id)
		}
		return
	}
	want, known := categories[lang]
	if !known {
		t.Fatalf("the plural forms of %s are not in this test: look them up in CLDR", lang)
	}
	if got := slices.Sorted(maps.Keys(forms)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("%s: %s has the forms %v instead of %v", lang, id, got, want)
	}
	for form, s := range forms {
		extra := slices.DeleteFunc(placeholders(s.(string)), func(p string) bool {
			return slices.Contains(placeholders(sourceForms["other"].(string)), p)
		})
		if len(extra) > 0 {
			t.Errorf("%s: %s (%s) has the unknown placeholders %v", lang, id, form, extra)
		}
		// In these languages the form is also that of 21 or 31, so it must print the number.
		if !strings.Contains(s.(string), "{{.n}}") && lang != "ar" {
			t.Errorf("%s: %s (%s) does not print its number", lang, id, form)
		}
	}
}

func TestEachNumberFindsItsForm(t *testing.T) {
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	for lang, messages := range files(t) {
		for id, m := range messages {
			forms, counts := m.(map[string]any)
			if !counts {
				continue
			}
			for _, n := range []int{0, 1, 2, 3, 5, 10, 11, 12, 20, 21, 22, 25, 100, 101, 102, 111, 1000000} {
				got := c.T(lang, id, "n", n)
				found := false
				for _, s := range forms {
					if strings.ReplaceAll(s.(string), "{{.n}}", c.Number(lang, n)) == got {
						found = true
					}
				}
				if !found {
					t.Errorf("%s: %s for %d is %q", lang, id, n, got)
				}
			}
		}
	}
}

func TestPluralsFollowCLDR(t *testing.T) {
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	all := files(t)
	for lang, cases := range map[string]map[int]string{
		"en": {0: "other", 1: "one", 2: "other", 21: "other"},
		"uk": {1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 22: "few", 25: "many", 111: "many"},
		"ar": {0: "zero", 1: "one", 2: "two", 3: "few", 10: "few", 11: "many", 99: "many", 100: "other", 102: "other", 103: "few"},
	} {
		for n, want := range cases {
			text := all[lang]["course.minutes"].(map[string]any)[want].(string)
			if got := c.T(lang, "course.minutes", "n", n); got != strings.ReplaceAll(text, "{{.n}}", c.Number(lang, n)) {
				t.Errorf("%s: %d is %q, which is not the form %q", lang, n, got, want)
			}
		}
	}
}

func TestEachProblemHasASentence(t *testing.T) {
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range fault.Codes() {
		if !c.Has("problem." + code) {
			t.Errorf("no sentence for %s", code)
		}
	}
	known := map[string]bool{}
	for _, code := range fault.Codes() {
		known["problem."+code] = true
	}
	for id := range files(t)["en"] {
		if strings.HasPrefix(id, "problem.") && !known[id] {
			t.Errorf("%s is the sentence of no code", id)
		}
	}
}

// checkCodes are the codes of everything that the checker of courses may say.
func checkCodes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../course/*.go")
	if err != nil || len(files) == 0 {
		t.Fatal("no checker", err)
	}
	code := regexp.MustCompile(`\b(?:fail|warn)\((?:|.*?, )"([a-z0-9-]+)"`)
	codes := []string{"did-you-mean"}
	for _, f := range files {
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range code.FindAllStringSubmatch(string(src), -1) {
			codes = append(codes, m[1])
		}
	}
	return codes
}

// exchangeReasons are why an import refuses a unit, or says more of it.
func exchangeReasons(t *testing.T) (reasons []string) {
	t.Helper()
	src, err := os.ReadFile("../exchange/sentences.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\t"([a-z-]+)":`).FindAllStringSubmatch(string(src), -1) {
		reasons = append(reasons, m[1])
	}
	if len(reasons) == 0 {
		t.Fatal("no reasons")
	}
	return reasons
}

// Every message that a template or handler names is there, and none is left over.
func TestTheProgramSaysNothingThatIsNotInTheFiles(t *testing.T) {
	messages := files(t)["en"]
	used := map[string]bool{}
	name := regexp.MustCompile(`"([a-z][a-z-]*\.[a-z0-9.-]+)[" ]`)
	prefix := regexp.MustCompile(`\(print "([a-z.-]+)"`)
	var prefixes []string
	for _, pattern := range []string{"../web/templates/*.html", "../web/*.go", "../server/*.go", "../api/*.go", "locale.go"} {
		list, err := filepath.Glob(pattern)
		if err != nil || len(list) == 0 {
			t.Fatal(pattern, err)
		}
		for _, f := range list {
			src, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range name.FindAllStringSubmatch(string(src), -1) {
				used[m[1]] = true
			}
			for _, m := range prefix.FindAllStringSubmatch(string(src), -1) {
				prefixes = append(prefixes, m[1])
			}
		}
	}
	prefixes = append(prefixes, "problem.", "mail.", "reminder.", "audit.act-", "date.month.", "privacy.field-", "privacy.purpose-", "privacy.keep-")
	for _, code := range checkCodes(t) {
		used["check."+code] = true
		if _, ok := messages["check."+code]; !ok {
			t.Errorf("the checker says %s, which is in no file", code)
		}
	}
	for _, reason := range exchangeReasons(t) {
		used["exchange."+reason] = true
		if _, ok := messages["exchange."+reason]; !ok {
			t.Errorf("an import says %s, which is in no file", reason)
		}
	}
	for id := range messages {
		whole := used[id] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }) ||
			strings.HasSuffix(id, ".title") // of the account forms, by the page's name
		if !whole {
			t.Errorf("nothing says %s", id)
		}
	}
	call := regexp.MustCompile(`(?:\$?\.T|\bt\(c,|\bt\() ?\(?"([a-z][a-z0-9.-]+)"`)
	for _, pattern := range []string{"../web/templates/*.html", "../web/*.go"} {
		list, _ := filepath.Glob(pattern)
		for _, f := range list {
			src, _ := os.ReadFile(f)
			for _, m := range call.FindAllStringSubmatch(string(src), -1) {
				if _, ok := messages[m[1]]; !ok && strings.Contains(m[1], ".") {
					t.Errorf("%s says %s, which is in no file", filepath.Base(f), m[1])
				}
			}
		}
	}
}

func TestDatesAreWrittenOut(t *testing.T) {
	c, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 12, 12, 0, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{
		"en": "12 December 2026", "et": "12. detsember 2026", "sv": "12 december 2026", "uk": "12 грудня 2026 р.", "ar": "12 ديسمبر 2026",
	} {
		if got := c.Date(lang, day); got != want {
			t.Errorf("%s: %q instead of %q", lang, got, want)
		}
	}
	if got := c.Number("sv", 4012); got != "4\u00a0012" {
		t.Errorf("a number in Swedish: %q", got)
	}
	if got := c.Number("ar", 15); got != "15" {
		t.Errorf("digits in Arabic are western here: %q", got)
	}
}
