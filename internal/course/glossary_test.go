package course

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPageExplainsItsWords(t *testing.T) {
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	files["en/glossary.yaml"] = []byte("guardian: {term: guardian, definition: Acts for the child in law.}\nrepresentative: {term: representative, definition: Assists until protection is decided.}\n")
	files["et/glossary.yaml"] = []byte("guardian: {term: eestkostja, definition: Tegutseb lapse eest.}\nrepresentative: {term: esindaja}\n")
	files["en/m1-status.md"] = []byte("# Status\n\nA [representative](term:representative), later a [guardian](term:guardian), and again a [representative](term:representative).\n")
	p, problems := Load("first-contact", files)
	if p == nil {
		t.Fatal(problems)
	}
	page := p.Editions["en"].Pages["m1-status"]
	if diff := cmp.Diff([]string{"representative", "guardian"}, page.Terms); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(page.HTML, `<a href="#term-guardian" class="term">guardian</a>`) {
		t.Error(page.HTML)
	}
	et := p.Editions["et"].Terms
	if g := et["guardian"]; g.Term.Plain != "eestkostja" || g.Definition.Lang != "et" {
		t.Errorf("%+v", g)
	}
	if r := et["representative"]; r.Term.Lang != "en" || r.Definition.Lang != "en" {
		t.Errorf("a word that is not translated whole comes whole from the source: %+v", r)
	}
	var missing []string
	for _, x := range problems {
		if x.Level == Warning && strings.HasPrefix(x.Params["text"], "glossary:") {
			missing = append(missing, x.Params["lang"]+" "+x.Params["text"])
		}
	}
	if diff := cmp.Diff([]string{"ar glossary:guardian.definition", "ar glossary:guardian.term", "ar glossary:representative.definition", "ar glossary:representative.term", "et glossary:representative.definition"}, missing); diff != "" {
		t.Error(diff)
	}
}
