package course

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func load(t rapidOrTest, files Files) *Publication {
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatalf("refused:\n%v", problems)
	}
	return p
}

type rapidOrTest interface {
	Fatalf(format string, args ...any)
}

func sampleFiles(t *testing.T) Files {
	t.Helper()
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	return files
}

// told is a change without its texts.
func told(changes []Change) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s %s", c.Unit, c.What))
	}
	return out
}

// Each edit of the sample is found, and nothing else is.
func TestEachChangeIsFoundExactly(t *testing.T) {
	old := load(t, sampleFiles(t))
	for name, c := range map[string]struct {
		file, old, new string
		want           []string
	}{
		"nothing":                 {"en/m1-rights.md", "Read on.", "Read on.", nil},
		"space at the end":        {"en/m1-status.md", "112.\n:::", "112.\n:::\n\n\n", nil},
		"wording of a block":      {"en/m1-status.md", "Again.", "Once more.", []string{"page:m1-status#2 changed"}},
		"a block in between":      {"en/m1-rights.md", "| right | article |", "New.\n\n| right | article |", []string{"page:m1-rights#4 added"}},
		"a block less":            {"en/m1-rights.md", "Read on.[^a]\n\n", "", []string{"page:m1-rights#5 removed"}},
		"blocks change places":    {"en/m1-rights.md", "A child is a child.[^fact:palermo-3c] See [the next page](m1-status).\n\n:::country EE\nUntil the assessment ends, the person is treated as a child.\n:::", ":::country EE\nUntil the assessment ends, the person is treated as a child.\n:::\n\nA child is a child.[^fact:palermo-3c] See [the next page](m1-status).", []string{"page:m1-rights#2 moved"}},
		"a stem":                  {"en/questions.yaml", "How many?", "How many of them?", []string{"question:q-days.stem changed"}},
		"an option":               {"en/questions.yaml", "b: Force", "b: Violence", []string{"question:q-means.options.b changed"}},
		"new feedback":            {"en/questions.yaml", "feedback: {a: Right,", "feedback: {a: Right, b: No,", []string{"question:q-means.feedback.b added"}},
		"a choice of a story":     {"en/questions.yaml", "b: Shout", "b: Wait", []string{"question:s-desk.nodes.n1.choices.b changed"}},
		"a key":                   {"questions.yaml", "key: 15", "key: 16", []string{"question:q-days.key changed"}},
		"points":                  {"questions.yaml", "key: a, points: 1", "key: a, points: 2", []string{"question:q-means.key changed"}},
		"another accepted word":   {"questions.yaml", "en: [guardian,", "en: [warden, guardian,", []string{"question:q-term.key changed"}},
		"a word of a translation": {"questions.yaml", "et: [eestkostja]", "et: [eestkostja, hooldaja]", nil},
		"where a choice leads":    {"questions.yaml", "a: e-good, b: e-late", "a: e-late, b: e-good", []string{"question:s-desk.key changed"}},
		"a tag":                   {"questions.yaml", "key: 15, tolerance: 0", "key: 15, tolerance: 0, tags: [m1]", []string{"question:q-days.rules changed"}},
		"a pass mark":             {"course.yaml", "pass_mark: 80", "pass_mark: 90", []string{"quiz:m1-quiz.rules changed"}},
		"validity":                {"course.yaml", "valid_months: 24", "valid_months: 12", []string{"course.rules changed"}},
		"a day of checking":       {"facts.yaml", "checked_on: 2026-11-23", "checked_on: 2026-11-24", []string{"fact:palermo-3c.source changed"}},
		"a statement":             {"en/facts.yaml", "no means", "no such means", []string{"fact:palermo-3c changed"}},
		"a translation":           {"et/questions.yaml", "Mitu?", "Kui palju?", nil},
		"a question that is gone": {"questions.yaml", "- {id: r-work, type: reflection}", "", []string{"question:r-work.stem removed"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := sampleFiles(t)
			text := strings.Replace(string(files[c.file]), c.old, c.new, 1)
			if text == string(files[c.file]) && c.old != c.new {
				t.Fatalf("%q is not in the sample", c.old)
			}
			files[c.file] = []byte(text)
			if c.want != nil && strings.Contains(c.want[0], "r-work") {
				files["en/questions.yaml"] = []byte(strings.Replace(string(files["en/questions.yaml"]), `r-work: {stem: "What makes it hard where you work?"}`, "", 1))
			}
			if diff := cmp.Diff(append([]string{}, c.want...), told(Changes(old, load(t, files)))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Whatever is done to the blocks of a page, the changes turn the old page into
// the new one; a course is no different from itself, and one edit is one change.
func TestChangesOfAnyPageAreExact(t *testing.T) {
	page := func(blocks []string) *Publication {
		return &Publication{units: pageUnits("m1-status", []byte("# Status\n\n"+strings.Join(blocks, "\n\n")+"\n"))}
	}
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-d]{1,2}`)
		before := rapid.SliceOfN(word, 1, 8).Draw(t, "before")
		old := page(before)
		if again := Changes(old, page(before)); len(again) > 0 {
			t.Fatalf("no difference, but %v", told(again))
		}
		after := slices.Clone(before)
		edits := rapid.IntRange(0, 4).Draw(t, "edits")
		for range edits {
			at := rapid.IntRange(0, len(after)-1).Draw(t, "at")
			switch rapid.IntRange(0, 2).Draw(t, "edit") {
			case 0:
				after = slices.Insert(after, at, word.Draw(t, "new"))
			case 1:
				after[at] = word.Draw(t, "other")
			case 2:
				if len(after) > 1 {
					after = slices.Delete(after, at, at+1)
				}
			}
		}
		changes := Changes(old, page(after))
		if len(changes) > 2*edits {
			t.Fatalf("%d edits, %v", edits, told(changes))
		}
		balance := map[string]int{} // how often each text is there more than before
		for _, b := range before {
			balance[b]--
		}
		for _, b := range after {
			balance[b]++
		}
		for _, c := range changes {
			if Whole(c.Unit) != "page:m1-status" || c.Kind != Wording {
				t.Fatalf("somewhere else: %+v", c)
			}
			if c.Before != "" {
				balance[c.Before]++
			}
			if c.After != "" {
				balance[c.After]--
			}
			var a, b strings.Builder
			for _, piece := range c.Pieces() {
				if piece.What != Added {
					a.WriteString(piece.Text)
				}
				if piece.What != Removed {
					b.WriteString(piece.Text)
				}
			}
			if strings.TrimSpace(a.String()) != c.Before || strings.TrimSpace(b.String()) != c.After {
				t.Fatalf("%+v is shown as %q and %q", c, a.String(), b.String())
			}
		}
		for text, n := range balance {
			if n != 0 {
				t.Fatalf("%q: %+d after %v became %v by %v", text, n, before, after, told(changes))
			}
		}
	})
}

// What countries have of their own counts for the course, and for them alone.
func TestACountrysOwnTextChangesForItAlone(t *testing.T) {
	files := sampleFiles(t)
	files["places/EE/en/m1-status.md"] = []byte("# Status\n\nIn Estonia.[^fact:palermo-3c]\n")
	old := load(t, files)
	files["places/EE/en/m1-status.md"] = []byte("# Status\n\nIn all Estonia.[^fact:palermo-3c]\n")
	now := load(t, files)
	changes := Changes(old, now)
	if diff := cmp.Diff([]string{"page:EE/m1-status#2 changed"}, told(changes)); diff != "" {
		t.Error(diff)
	}
	if got := told(Changes(old.For("EE"), now.For("EE"))); len(got) != 1 {
		t.Errorf("in Estonia: %v", got)
	}
	if got := told(Changes(old.For("FI"), now.For("FI"))); len(got) != 0 {
		t.Errorf("in Finland: %v", got)
	}
	now.Number(2, Again(nil).Next(2, changes, func(Change) Weight { return Major }))
	if here, there := now.For("EE").QuestionSince("q-means"), now.For("FI").QuestionSince("q-means"); here != 2 || there != 0 {
		t.Errorf("a question on a fact that the page cites: since %d, elsewhere %d", here, there)
	}
	if here, there := now.For("EE").PageSince("m1-status"), now.For("FI").PageSince("m1-status"); here != 2 || there != 0 {
		t.Errorf("the page: since %d, elsewhere %d", here, there)
	}
}

func TestADiffIsWhatAReaderSees(t *testing.T) {
	c := Change{Kind: Wording, What: Changed, Before: "It says **no** means.[^fact:palermo-3c]", After: "It says [no](m1-status) *such* means.[^fact:palermo-3c]"}
	var got []string
	for _, p := range c.Pieces() {
		got = append(got, string(p.What)+":"+strings.Join(strings.Fields(p.Text), " "))
	}
	if diff := cmp.Diff([]string{":It says no", "added:such", ":means. 1"}, got); diff != "" {
		t.Error(diff)
	}
}

// Notes outweigh the rule, the unit its whole, and a name that nothing bears is told.
func TestWhatAnAuthorSaysOfChanges(t *testing.T) {
	change := func(unit string, what What, kind Kind) Change { return Change{Unit: unit, What: what, Kind: kind} }
	for _, c := range []struct {
		notes  Notes
		change Change
		want   Weight
	}{
		{Notes{}, change("page:m1#2", Changed, Wording), Minor},
		{Notes{}, change("page:m1#2", Added, Wording), Major},
		{Notes{}, change("page:m1#2", Removed, Wording), Minor},
		{Notes{}, change("page:m1#2", Moved, Wording), Minor},
		{Notes{}, change("question:q.key", Changed, KeyKind), Major},
		{Notes{}, change("question:q.feedback.a", Added, Wording), Minor},
		{Notes{}, change("quiz:q.rules", Changed, Rules), Minor},
		{Notes{Major: []string{"page:m1"}}, change("page:m1#2", Changed, Wording), Major},
		{Notes{Major: []string{"page:m1"}, Minor: []string{"page:m1#2"}}, change("page:m1#2", Changed, Wording), Minor},
		{Notes{Minor: []string{"question:q"}}, change("question:q.key", Changed, KeyKind), Minor},
	} {
		if got := c.notes.Weight(c.change); got != c.want {
			t.Errorf("%+v is %s by %+v", c.change, got, c.notes)
		}
	}
	n := Notes{Major: []string{"page:m1", "page:m2"}}
	if got := n.Unknown([]Change{change("page:m1#3", Changed, Wording)}); got != "page:m2" {
		t.Errorf("unknown is %q", got)
	}
}

// A minor change leaves a translation in the state it was in, however many
// follow; a major one makes it stale, or has the original shown.
func TestAMinorChangeKeepsTheTranslation(t *testing.T) {
	files := sampleFiles(t)
	files["et/m1-status.md"] = []byte("# Staatus\n\nVeel kord.[^fact:palermo-3c]\n\n:::whom-do-i-call\n112\n:::\n")
	lock, problems := MarkTranslated("first-contact", files, "et", LanguageReviewed, "m-tamm", load(t, files).Facts["palermo-3c"].CheckedOn)
	if problems.Errors() > 0 {
		t.Fatal(problems)
	}
	files[lockFile] = lock
	now := load(t, files)
	step := func(old, new string, weight Weight) {
		t.Helper()
		text := strings.Replace(string(files["en/m1-status.md"]), old, new, 1)
		files["en/m1-status.md"] = []byte(text)
		draft := load(t, files)
		if got := draft.Editions["et"].Pages["m1-status"].State; got != Stale {
			t.Errorf("a trainer does not see that the translation is older: %s", got)
		}
		changes := Changes(now, draft)
		now = load(t, Publishable(files, draft, now, changes, func(Change) Weight { return weight }))
	}
	state := func() State { return now.Editions["et"].Pages["m1-status"].State }
	step("Again.", "Once more.", Minor)
	if got := state(); got != LanguageReviewed {
		t.Errorf("after a minor change: %s", got)
	}
	step("Once more.", "And once more.", Minor)
	if got := state(); got != LanguageReviewed {
		t.Errorf("after two: %s", got)
	}
	step("And once more.", "Never again.", Major)
	if got := state(); got != Stale {
		t.Errorf("after a major one: %s", got)
	}
	step("Never again.", "Never, ever again.", Minor)
	if got := state(); got != Stale {
		t.Errorf("a minor change behind a major one: %s", got)
	}
	files["course.yaml"] = []byte(strings.Replace(string(files["course.yaml"]), "fallback: [en]", "fallback: [en]\nstale: source", 1))
	page := load(t, files).Editions["et"].Pages["m1-status"]
	if page.Lang != "en" || page.State != Stale || !strings.Contains(page.HTML, "Never, ever") {
		t.Errorf("where the course wishes the original: %s %s %s", page.Lang, page.State, page.HTML)
	}
}
