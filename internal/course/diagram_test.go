package course

import (
	"encoding/xml"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const twoQuestions = ":::diagram sum A child: two questions\n- **Act**: moved & housed?\n- Purpose: less < more?\n- Look closer\n:::\n"

// A diagram is drawn from its list, and the list is there for who hears it.
func TestADiagramIsDrawnAndRead(t *testing.T) {
	t.Parallel()
	html := renderMarkdown([]byte(twoQuestions), "en", true).html
	for _, want := range []string{
		"<figcaption>A child: two questions</figcaption>", `<ol class="hidden"><li>Act: moved &amp; housed?</li><li>Purpose: less &lt; more?</li><li>Look closer</li></ol>`,
		`aria-hidden="true"`, `>Act: moved &amp; housed?</tspan>`, `<rect class="last"`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("without %s:\n%s", want, html)
		}
	}
	if n := strings.Count(html, "<rect"); n != 3 {
		t.Errorf("%d boxes", n)
	}
}

// What is first stands on the side where reading begins.
func TestAChoiceIsMirroredWithTheScript(t *testing.T) {
	t.Parallel()
	const choice = ":::diagram choice Which?\n- One or two?\n- one\n- two\n:::\n"
	at := func(lang, word string) int {
		html := renderMarkdown([]byte(choice), lang, true).html
		m := regexp.MustCompile(`<tspan x="(\d+)" y="\d+">` + word + `<`).FindStringSubmatch(html)
		if m == nil {
			t.Fatalf("no %s in %s", word, html)
		}
		x, _ := strconv.Atoi(m[1])
		return x
	}
	if at("en", "one") >= at("en", "two") || at("ar", "one") <= at("ar", "two") {
		t.Errorf("en %d %d, ar %d %d", at("en", "one"), at("en", "two"), at("ar", "one"), at("ar", "two"))
	}
}

// Whatever an author writes, the figure is sound XML that keeps within its width.
func TestADiagramHoldsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOfN(rapid.StringMatching(`[a-zA-Zäß<>&"' .іщءب]{1,60}`), 2, 3).Draw(t, "items")
		kind := rapid.SampledFrom([]string{"steps", "sum", "choice"}).Draw(t, "kind")
		var src strings.Builder
		src.WriteString(":::diagram " + kind + " Title\n")
		for _, item := range items {
			src.WriteString("- x" + item + "\n")
		}
		src.WriteString(":::\n")
		html := renderMarkdown([]byte(src.String()), "en", true).html
		d := xml.NewDecoder(strings.NewReader(html))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%v in %s", err, html)
			}
			if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
				at := map[string]int{}
				for _, a := range e.Attr {
					at[a.Name.Local], _ = strconv.Atoi(a.Value)
				}
				if at["x"] < 1 || at["x"]+at["width"] > diagramWidth-1 {
					t.Fatalf("a box is outside: %s", html)
				}
			}
		}
	})
}

func TestWhatIsNoDiagramIsRefused(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]diagramFault{
		":::diagram pie Title\n- a\n- b\n:::\n":                                     noDiagramKind,
		":::diagram steps\n- a\n- b\n:::\n":                                         noDiagramKind,
		":::diagram steps Title\nno list\n:::\n":                                    noDiagramList,
		":::diagram steps Title\n- only one\n:::\n":                                 noDiagramList,
		":::diagram choice Title\n- a\n- b\n- c\n- d\n:::\n":                        noDiagramList,
		":::diagram steps Title\n- " + strings.Repeat("long ", 40) + "\n- b\n:::\n": noDiagramList,
		":::diagram steps Title\n- a\n- b\n\nAnd a paragraph.\n:::\n":               noDiagramList,
		twoQuestions: drawable,
	} {
		boxes := parsePage([]byte("# T\n\n"+src), "en").boxes
		if len(boxes) != 1 || boxes[0].diagram != want {
			t.Errorf("%q: %+v instead of %v", src, boxes, want)
		}
	}
}
