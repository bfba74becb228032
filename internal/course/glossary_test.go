package course

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func withGlossary(t *testing.T) Files {
	t.Helper()
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	for name, text := range map[string]string{
		"en/glossary.yaml": "guardian: {term: guardian, definition: \"Acts for the *child*.\"}\nrelative: {term: relative, definition: \"Of the family.\"}\n",
		"et/glossary.yaml": "guardian: {term: eestkostja, definition: \"Tegutseb lapse eest.\"}\n",
		"en/m1-status.md":  "# Status\n\n:::content-note\nThis page speaks of violence.\n:::\n\nA [guardian](term:guardian), a [relative](term:relative) and the [Guardian](term:guardian).\n\n- one\n- two\n",
		"et/m1-status.md":  "# Staatus\n\n:::content-note\nSee leht räägib vägivallast.\n:::\n\n[Eestkostja](term:guardian).\n\n- üks\n- kaks\n",
	} {
		files[name] = []byte(text)
	}
	return files
}

func TestATermIsExplainedInEachLanguage(t *testing.T) {
	files := withGlossary(t)
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatal(problems)
	}
	en, et := p.Editions["en"], p.Editions["et"]
	page := en.Pages["m1-status"]
	if diff := cmp.Diff([]string{"guardian", "relative"}, page.Terms); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(page.HTML, `<a href="#term-guardian" class="term">guardian</a>`) {
		t.Errorf("no link to the list of words:\n%s", page.HTML)
	}
	if got := en.Glossary["guardian"].Definition.HTML; got != "Acts for the <em>child</em>." {
		t.Error(got)
	}
	if got := et.Glossary["guardian"]; got.Term.Plain != "eestkostja" || got.Term.Lang != "et" || got.Term.State != MachineDraft {
		t.Errorf("%+v", got)
	}
	if got := et.Glossary["relative"].Term; got.Lang != "en" || got.State != Missing {
		t.Errorf("a term without translation is shown in the fallback: %+v", got)
	}
	if warned := strings.Count(strings.Join(codes(problems), " "), "text-missing@et/glossary.yaml"); warned != 1 {
		t.Errorf("%d warnings for the missing term: %v", warned, codes(problems))
	}

	lock, problems := MarkTranslated("first-contact", files, "et", LanguageReviewed, "m-tamm", time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	if lock == nil {
		t.Fatal(problems)
	}
	files["translations.lock"] = lock
	files["en/glossary.yaml"] = []byte(strings.Replace(string(files["en/glossary.yaml"]), "Acts for", "Speaks for", 1))
	p, _ = Load("first-contact", files)
	if got := p.Editions["et"].Glossary["guardian"].Definition.State; got != Stale {
		t.Errorf("after the source changed the definition is %s", got)
	}
}

func TestAHardPageBeginsWithANoteApartFromItsText(t *testing.T) {
	p, problems := Load("first-contact", withGlossary(t))
	if p == nil {
		t.Fatal(problems)
	}
	page := p.Editions["en"].Pages["m1-status"]
	if !strings.Contains(page.Note, "speaks of violence") || strings.Contains(page.HTML, "violence") {
		t.Errorf("note %q, text %q", page.Note, page.HTML)
	}
	if other := p.Editions["et"].Pages["m1-status"]; len(page.Blocks) != 2 || len(other.Blocks) != 2 {
		t.Errorf("blocks that lie beside each other: %q %q", page.Blocks, other.Blocks)
	}
	if strings.Join(page.Blocks, "") == page.HTML || !strings.Contains(page.HTML, `<ul id="b2">`) {
		t.Errorf("blocks can be led to: %s", page.HTML)
	}
}

func TestATermInAQuestionIsItsWord(t *testing.T) {
	if got := inlineHTML("Ask the [*guardian*](term:guardian) first.", "en"); got != "Ask the <em>guardian</em> first." {
		t.Error(got)
	}
}

func codes(ps Problems) (list []string) {
	for _, p := range ps {
		list = append(list, p.Code+"@"+p.File)
	}
	return list
}
