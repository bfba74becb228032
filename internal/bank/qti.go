package bank

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"
)

// QTI 2.1, 2.2 and 3.0 (1EdTech, Question and Test Interoperability): one item, a
// document with several, or a content package. Both spellings of the names,
// choiceInteraction and qti-choice-interaction, are read as choice-interaction.

// What a package may unpack into.
const (
	maxEntries  = 20_000
	maxUnpacked = 128 << 20
)

var capital = regexp.MustCompile(`[a-z0-9][A-Z]`)

// qtiName brings the spellings of 2.x and 3.0 together.
func qtiName(s string) string {
	s = capital.ReplaceAllStringFunc(s, func(m string) string { return m[:1] + "-" + m[1:] })
	return strings.TrimPrefix(strings.ToLower(s), "qti-")
}

func readQTI(data []byte) ([]source, error) {
	if !bytes.HasPrefix(data, []byte("PK")) {
		return qtiDocument(data, map[string]int{})
	}
	files, err := qtiPackage(data)
	if err != nil {
		return nil, err
	}
	var out []source
	seen := map[string]int{}
	for _, f := range files {
		found, err := qtiDocument(f, seen)
		var broken *Unreadable
		if errors.As(err, &broken) && len(found) == 0 {
			found = []source{{refused: refuse("line %d of its file: %s", broken.Line, broken.Reason)}}
		}
		for _, s := range found { // lines of the files would say nothing: the item's number in the package
			s.line = len(out) + 1
			out = append(out, s)
		}
	}
	return out, nil
}

// qtiPackage unpacks the documents of a package that hold items, in memory.
func qtiPackage(data []byte) ([][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Unreadable{1, "the package is no zip file, or a broken one"}
	}
	if len(z.File) > maxEntries {
		return nil, &Unreadable{1, "the package has too many files"}
	}
	var out [][]byte
	left := int64(maxUnpacked)
	for _, f := range z.File {
		switch {
		case path.IsAbs(f.Name) || slices.Contains(strings.Split(strings.ReplaceAll(f.Name, `\`, "/"), "/"), ".."):
			return nil, &Unreadable{1, "the package has a file outside of it: " + clip(f.Name)}
		case f.FileInfo().IsDir():
			continue
		case !f.Mode().IsRegular():
			return nil, &Unreadable{1, "the package has a link in it: " + clip(f.Name)}
		case !strings.HasSuffix(strings.ToLower(f.Name), ".xml") || strings.EqualFold(path.Base(f.Name), "imsmanifest.xml"):
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, &Unreadable{1, "a file of the package cannot be unpacked: " + clip(f.Name)}
		}
		content, err := io.ReadAll(io.LimitReader(r, left+1))
		_ = r.Close()
		if left -= int64(len(content)); left < 0 {
			return nil, &Unreadable{1, "the package unpacks into too much"}
		}
		if err != nil {
			return nil, &Unreadable{1, "a file of the package cannot be unpacked: " + clip(f.Name)}
		}
		if bytes.Contains(content, []byte("assessment-item")) || bytes.Contains(content, []byte("assessmentItem")) {
			out = append(out, content)
		}
	}
	return out, nil
}

func qtiDocument(data []byte, seen map[string]int) ([]source, error) {
	var out []source
	root := ""
	err := eachElement(data, qtiName, func(at []string, name string) bool {
		if len(at) == 0 {
			root = name
		}
		return name == "assessment-item"
	}, func(_ []string, n *node, err error) {
		s := source{line: n.line, refused: err}
		if err == nil {
			s.item, s.refused = qtiItem(n)
		}
		if id := n.attrs["identifier"]; id != "" && s.refused == nil {
			if first, twice := seen[id]; twice {
				s.refused = refuse("its identifier %q is that of another question already (line %d)", clip(id), first)
			}
			seen[id] = n.line
		}
		out = append(out, s)
	})
	if err != nil && len(out) > 0 {
		return out, nil
	}
	if err == nil && len(out) == 0 && root != "assessment-test" {
		err = &Unreadable{1, "this is no QTI 2 or 3: there is no assessment item in it"}
	}
	return out, err
}

var qtiInteractions = []string{
	"choice-interaction", "order-interaction", "match-interaction", "text-entry-interaction", "extended-text-interaction", "inline-choice-interaction",
	"associate-interaction", "gap-match-interaction", "graphic-gap-match-interaction", "graphic-order-interaction", "graphic-associate-interaction",
	"hotspot-interaction", "hottext-interaction", "select-point-interaction", "position-object-interaction", "slider-interaction", "drawing-interaction",
	"upload-interaction", "media-interaction", "custom-interaction", "portable-custom-interaction", "end-attempt-interaction",
}

func qtiItem(n *node) (Item, error) {
	item := Item{Name: n.attrs["title"], Points: 1}
	body := n.get("item-body")
	asked := body.find(qtiInteractions...)
	switch {
	case len(asked) == 0:
		return item, refuse("it is a text without a question; put it on a page")
	case len(asked) > 1:
		return item, refuse("it has %d places for answers; make a question of each", len(asked))
	case n.attrs["adaptive"] == "true" || len(n.find("template-declaration")) > 0:
		return item, refuse("it changes while it is answered, which a course cannot")
	}
	in := asked[0]
	declared := &node{}
	for _, d := range n.all("response-declaration") {
		if d.attrs["identifier"] == in.attrs["response-identifier"] {
			declared = d
		}
	}
	r := qtiResponse{in: in, processing: n.get("response-processing"), mapping: declared.get("mapping"), kind: declared.attrs["base-type"]}
	for _, v := range declared.get("correct-response").all("value") {
		r.correct = append(r.correct, v.plain())
	}
	read, known := map[string]func(*Item, qtiResponse) error{
		"choice-interaction": qtiChoice, "order-interaction": qtiOrder, "match-interaction": qtiMatch,
		"text-entry-interaction": qtiEntry, "extended-text-interaction": qtiEssay, "inline-choice-interaction": qtiChoice,
	}[in.name]
	if !known {
		return item, refuse("the kind %q is not known to a course", in.name)
	}
	if err := r.scored(); err != nil && in.name != "extended-text-interaction" {
		return item, err
	}
	if err := read(&item, r); err != nil {
		return item, err
	}
	var err error
	if item.Stem, err = qtiText(qtiStem(body, in)); err != nil {
		return item, err
	}
	return item, qtiFeedback(&item, n)
}

// qtiResponse is what an item says of the right answer.
type qtiResponse struct {
	in, mapping, processing *node
	correct                 []string
	kind                    string
}

// scored refuses response processing that is not one of the two templates of the
// standard, match_correct and map_response, or says the same at length.
func (r qtiResponse) scored() error {
	template := r.processing.attrs["template"]
	switch {
	case strings.Contains(template, "map_response_point"):
		return refuse("it asks for places on a picture")
	case strings.Contains(template, "map_response") && len(r.mapping.all("map-entry")) == 0:
		return refuse("no answer is right: it has no weights")
	case template == "" && len(r.processing.find("sum", "product", "random", "custom-operator", "lookup-outcome-value", "subtract", "divide")) > 0:
		return refuse("it is graded by rules of its own, which a course cannot")
	}
	return nil
}

// mapped tells whether the weights count, and not the one right answer.
func (r qtiResponse) mapped() bool {
	template := r.processing.attrs["template"]
	if strings.Contains(template, "match_correct") {
		return false
	}
	return len(r.mapping.all("map-entry")) > 0 && (strings.Contains(template, "map_response") || len(r.processing.find("map-response")) > 0 || len(r.correct) == 0)
}

// weights are those of the mapping, as shares of the most that can be had.
func (r qtiResponse) weights() (map[string]float64, float64, error) {
	out := map[string]float64{}
	most, best := 0.0, 0.0
	for _, e := range r.mapping.all("map-entry") {
		w, ok := parseDecimal(e.attrs["mapped-value"])
		if !ok {
			return nil, 0, refuse("%q is no weight", clip(e.attrs["mapped-value"]))
		}
		out[e.attrs["map-key"]], _ = w.Float64()
		best = max(best, out[e.attrs["map-key"]])
		most += max(0, out[e.attrs["map-key"]])
	}
	if r.in.attrs["max-choices"] == "1" || r.in.name == "text-entry-interaction" || r.in.name == "inline-choice-interaction" {
		most = best
	}
	if u, ok := parseDecimal(r.mapping.attrs["upper-bound"]); ok {
		bound, _ := u.Float64()
		most = min(most, bound)
	}
	if d, ok := parseDecimal(r.mapping.attrs["default-value"]); ok && d.Sign() != 0 {
		out[""], _ = d.Float64()
	}
	most = math.Round(most*1e9) / 1e9 // 0.15 and 2.85 are 3
	if most <= 0 {
		return nil, 0, refuse("no answer is right: none has a weight over 0")
	}
	for k := range out {
		out[k] /= most
	}
	return out, most, nil
}

// qtiStem is what is to read of the body: the interaction gives its prompt, or a
// line where it stands in a text.
func qtiStem(n, in *node) []*node {
	var out []*node
	for _, c := range n.children {
		switch {
		case c == in && (in.name == "text-entry-interaction" || in.name == "inline-choice-interaction"):
			if n.plain() != "" { // alone in its paragraph, it is no gap in a text
				out = append(out, &node{text: " " + gapWord + " "})
			}
		case c == in:
			if prompt := in.get("prompt"); prompt.name != "" {
				out = append(out, &node{name: "p", children: prompt.children})
			}
		case c.name == "" || c.name == "rubric-block" || c.name == "feedback-block" || c.name == "feedback-inline":
			if c.name == "" {
				out = append(out, c)
			}
		default:
			out = append(out, &node{name: c.name, attrs: c.attrs, children: qtiStem(c, in)})
		}
	}
	return out
}

func qtiText(nodes []*node) (string, error) {
	n := &node{name: "div", children: nodes}
	if !slices.ContainsFunc(nodes, func(c *node) bool { return c.name != "" }) {
		return markdown(plainText, strings.Join(strings.Fields(n.plain()), " "))
	}
	return markdown(htmlText, n.markup())
}

// qtiFeedback reads feedback about the whole answer.
func qtiFeedback(item *Item, n *node) error {
	for _, f := range append(n.all("modal-feedback"), n.get("item-body").find("feedback-block")...) {
		nodes := f.children
		if c := f.get("content-body"); c.name != "" {
			nodes = c.children
		}
		text, err := qtiText(nodes)
		if err != nil {
			return err
		}
		switch id := strings.ToLower(f.attrs["identifier"]); {
		case text == "":
		case id == "general" || id == "all":
			item.Feedback = paragraphs(item.Feedback, text)
		case id == "correct" || id == "right":
			item.Right = paragraphs(item.Right, text)
		case id == "incorrect" || id == "wrong":
			item.Wrong = paragraphs(item.Wrong, text)
		default:
			item.note("feedback for one outcome was left out: %q", clip(text))
		}
	}
	return nil
}
