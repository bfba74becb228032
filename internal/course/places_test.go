package course

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// inEstonia is the sample with a folder for Estonia.
func inEstonia(t *testing.T) (Files, *Publication) {
	t.Helper()
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	for name, text := range map[string]string{
		"places/EE/place.yaml":      "add: {m1: [ee-calls]}\nhide: [m1-status, q-days]\n",
		"places/EE/facts.yaml":      "- {id: palermo-3c, instrument: Penal Code, article: \"133\", checked_on: 2026-11-23, status: verified}\n- {id: ee-116, instrument: Child Protection Act, checked_on: 2026-11-23, status: verified}\n",
		"places/EE/en/facts.yaml":   "palermo-3c: In Estonia, section 133.\nee-116: \"The number is 116 111.\"\n",
		"places/EE/en/m1-rights.md": "# Rights in Estonia\n\nSection 133.[^fact:palermo-3c]\n",
		"places/EE/en/ee-calls.md":  "# Whom to call in Estonia\n\n116 111.[^fact:ee-116]\n",
		"places/EE/et/ee-calls.md":  "# Kellele Eestis helistada\n\n116 111.[^fact:ee-116]\n",
		"en/m1-rights.md":           "# Rights, not status\n\nA child is a child.[^fact:palermo-3c]\n\n:::country EE\nIn Estonia.\n:::\n\n:::country FI\nIn Finland.\n:::\n",
	} {
		files[name] = []byte(text)
	}
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatal(problems)
	}
	return files, p
}

func TestACountryHasItsOwnPagesAndFacts(t *testing.T) {
	_, p := inEstonia(t)
	ee := p.For("EE")
	if diff := cmp.Diff([]string{"m1-rights", "ee-calls"}, ee.Course.Modules[0].Pages); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"m1-rights", "m1-status"}, p.Course.Modules[0].Pages); diff != "" {
		t.Error("elsewhere nothing changes:", diff)
	}
	if e := ee.Editions["en"]; e.Pages["m1-rights"].Title != "Rights in Estonia" || e.Facts["palermo-3c"].Plain != "In Estonia, section 133." || ee.Facts["palermo-3c"].Article != "133" {
		t.Errorf("%+v", e.Pages["m1-rights"])
	}
	if e := ee.Editions["et"]; e.Pages["m1-rights"].Lang != "en" || e.Pages["ee-calls"].Lang != "et" {
		t.Error("a page that Estonia has of its own is never shown in the course's own version")
	}
	if got := p.Editions["en"].Facts["palermo-3c"].Plain; got != "For a child no means need be shown." {
		t.Error(got)
	}
	if p.Editions["en"].Questions["q-days"] != ee.Editions["en"].Questions["q-days"] {
		t.Error("what is the same is kept twice")
	}
}

func TestWhatHoldsElsewhereIsFolded(t *testing.T) {
	_, p := inEstonia(t)
	page := p.Editions["en"].Pages["m1-rights"]
	if n := strings.Count(p.PageHTML(page), " open>"); n != 2 {
		t.Errorf("without a country %d of 2 are open", n)
	}
	fi := p.For("FI")
	if html := fi.PageHTML(page); strings.Count(html, " open>") != 1 || !strings.Contains(html, `data-country="FI" open><summary>Finland`) {
		t.Error(html)
	}
}

func TestOnlyWhatAppliesIsAsked(t *testing.T) {
	_, p := inEstonia(t)
	fi, ee := p.For("FI"), p.For("EE")
	asks := func(p *Publication, id string) bool { return p.Asks(p.Questions[id]) }
	if !asks(p, "q-days") || !asks(fi, "q-days") || asks(ee, "q-days") {
		t.Error("a question that Estonia hides")
	}
	if !asks(fi, "q-means") || asks(ee, "q-means") {
		t.Error("a question on a fact that Estonia has in a version of its own")
	}
	for _, c := range []struct {
		fact, question []string
		want           bool
	}{
		{[]string{"EE"}, nil, false}, {[]string{"EE", "FI"}, nil, true}, {nil, nil, true},
		{nil, []string{"EE"}, false}, {[]string{"EE"}, []string{"FI"}, true},
	} {
		fi.Facts["palermo-3c"].AppliesIn, fi.Questions["q-means"].AppliesIn = c.fact, c.question
		if got := asks(fi, "q-means"); got != c.want {
			t.Errorf("fact in %v, question in %v: asked in Finland: %v", c.fact, c.question, got)
		}
	}
}

func TestACountrysTranslationsAreMarkedApart(t *testing.T) {
	files, _ := inEstonia(t)
	lock, problems := MarkTranslated("first-contact", files, "et", MachineDraft, "deepl", day(t, "2026-11-24"))
	if lock == nil {
		t.Fatal(problems)
	}
	if !strings.Contains(string(lock), "et page:EE/ee-calls#2 ") {
		t.Errorf("%s", lock)
	}
	files[lockFile] = lock
	files["places/EE/en/ee-calls.md"] = []byte("# Whom to call in Estonia\n\n116 111, day and night.[^fact:ee-116]\n")
	p, _ := Load("first-contact", files)
	if got := p.For("EE").Editions["et"].Pages["ee-calls"].State; got != Stale {
		t.Error(got)
	}
}

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
