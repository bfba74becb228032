package bank

import (
	"fmt"
	"math/big"
	"strings"
)

// Moodle XML as Moodle exports it (docs.moodle.org, Moodle XML format).

// notTaken says why a kind of question has no place in a course.
var notTaken = map[string]string{
	"description":      "it is a text without a question; put it on a page",
	"calculated":       "it calculates with numbers drawn anew for each learner, which a course cannot",
	"calculatedsimple": "it calculates with numbers drawn anew for each learner, which a course cannot",
	"calculatedmulti":  "it calculates with numbers drawn anew for each learner, which a course cannot",
	"formulas":         "it calculates with numbers drawn anew for each learner, which a course cannot",
	"stack":            "it is graded by a computer algebra system, which a course does not have",
	"coderunner":       "it is graded by running a program",
	"random":           "it draws questions from a bank; let the quiz draw by tag instead",
	"randomsamatch":    "it is made from other questions of its bank",
	"ddmarker":         "it asks for places on a picture",
	"ddimageortext":    "it asks for places on a picture",
	"drawing":          "it asks for a drawing",
	"recordrtc":        "it asks for a recording",
	"regexp":           "it accepts answers by a pattern, and a text question only words",
	"pmatch":           "it accepts answers by a pattern, and a text question only words",
	"wordselect":       "it asks for words in a text, which a course does not know",
	"multianswerwiris": "it needs a formula server",
	"multichoicewiris": "it needs a formula server",
	"shortanswerwiris": "it needs a formula server",
	"essaywiris":       "it needs a formula server",
	"matchwiris":       "it needs a formula server",
	"truefalsewiris":   "it needs a formula server",
}

func readMoodle(data []byte) ([]source, error) {
	var out []source
	var category []string
	inQuiz := false
	err := eachElement(data, strings.ToLower, func(path []string, name string) bool {
		inQuiz = inQuiz || len(path) == 0 && name == "quiz"
		return name == "question" && len(path) == 1 && path[0] == "quiz"
	}, func(_ []string, n *node, err error) {
		kind := strings.ToLower(n.attrs["type"])
		if kind == "category" && err == nil {
			category = tags(n.get("category").plain())
			return
		}
		s := source{line: n.line, refused: err}
		if err == nil {
			s.item, s.refused = moodleQuestion(kind, n)
			s.item.Tags = append(append([]string{}, category...), s.item.Tags...)
		}
		out = append(out, s)
	})
	if u, ok := err.(*Unreadable); ok && len(out) > 0 {
		if len(out) == 0 || out[len(out)-1].line != u.Line {
			out = append(out, source{line: u.Line, refused: refuse("%s; nothing behind this line was read", u.Reason)})
		}
		return out, nil
	}
	if err == nil && !inQuiz {
		err = &Unreadable{1, "this is no Moodle XML: it does not begin with <quiz>"}
	}
	return out, err
}

// moodleText reads `<x format="html"><text>…</text><file …/></x>`.
func moodleText(n *node) (string, error) {
	m := moodleMarkup(n)
	t := n.get("text")
	src := t.markup()
	if src == "" && len(n.all("text")) == 0 {
		src = n.markup()
	}
	if len(n.all("file")) > 0 && strings.Contains(src, "@@PLUGINFILE@@") && !strings.Contains(src, "<") {
		return "", refuse("it uses a file that a question cannot hold")
	}
	return markdown(m, src)
}

func moodleMarkup(n *node) markup {
	switch strings.ToLower(n.attrs["format"]) {
	case "markdown", "4":
		return markdownText
	case "plain_text", "plain", "2":
		return plainText
	case "moodle_auto_format", "0", "":
		return autoText
	}
	return htmlText
}

func moodleQuestion(kind string, n *node) (item Item, err error) {
	item.Points = 1
	item.Name = n.get("name").plain()
	if g := n.get("defaultgrade").plain(); g != "" {
		points, ok := parseDecimal(g)
		if !ok || points.Sign() < 0 {
			return item, refuse("its grade %q is no number of points", clip(g))
		}
		item.Points, _ = points.Float64()
	}
	for _, t := range n.get("tags").all("tag") {
		item.Tags = append(item.Tags, tag(t.plain()))
	}
	read, known := moodleKinds[kind]
	if !known {
		if why, ok := notTaken[kind]; ok {
			return item, refusal(why)
		}
		return item, refuse("the kind %q is not known", clip(kind))
	}
	if len(n.find("file")) > 0 || strings.Contains(n.plain(), "@@PLUGINFILE@@") {
		if u := n.find("file"); len(u) > 0 {
			return item, refuse("it has a picture or another file in it (%s), which a question cannot hold", clip(u[0].attrs["name"]))
		}
	}
	if kind != "cloze" && kind != "gapselect" && kind != "ddwtos" {
		if item.Stem, err = moodleText(n.get("questiontext")); err != nil {
			return item, err
		}
	}
	for _, part := range []struct {
		name string
		to   *string
	}{{"generalfeedback", &item.Feedback}, {"correctfeedback", &item.Right}, {"partiallycorrectfeedback", &item.Partly}, {"incorrectfeedback", &item.Wrong}} {
		if *part.to, err = moodleText(n.get(part.name)); err != nil {
			return item, err
		}
		if stock[strings.TrimSpace(*part.to)] && part.name != "generalfeedback" {
			*part.to = ""
		}
	}
	for _, h := range n.all("hint") {
		if text, err := moodleText(h); err == nil && text != "" {
			item.note("a hint was left out: %q", clip(text))
		}
	}
	return item, read(&item, n)
}

// stock is what Moodle itself writes where nobody said anything; a course tells
// what was right by itself.
var stock = map[string]bool{
	"Your answer is correct.": true, "Your answer is partially correct.": true, "Your answer is incorrect.": true,
}

var moodleKinds map[string]func(*Item, *node) error

func init() {
	moodleKinds = map[string]func(*Item, *node) error{
		"multichoice": moodleChoice, "multichoiceset": moodleSet, "truefalse": moodleTruth,
		"shortanswer": moodleWords, "numerical": moodleNumbers, "matching": moodlePairs, "match": moodlePairs, "ddmatch": moodlePairs,
		"essay": moodleEssay, "ordering": moodleOrder, "order": moodleOrder, "cloze": moodleCloze, "multianswer": moodleCloze,
		"gapselect": moodleGaps, "ddwtos": moodleGaps, "oumultiresponse": moodleResponse,
	}
}

func yes(n *node) bool {
	switch strings.ToLower(n.plain()) {
	case "1", "true", "yes":
		return true
	}
	return false
}

// moodleAnswer reads weight and feedback of an answer.
func moodleAnswer(n *node) (a Answer, err error) {
	fraction := n.attrs["fraction"]
	if fraction == "" {
		fraction = n.get("fraction").plain()
	}
	if fraction == "" {
		fraction = "0"
	}
	r, ok := parseDecimal(fraction)
	if !ok {
		return a, refuse("%q is no weight", clip(fraction))
	}
	a.Weight, _ = new(big.Rat).Quo(r, big.NewRat(100, 1)).Float64()
	a.Feedback, err = moodleText(n.get("feedback"))
	return a, err
}

func moodleChoice(item *Item, n *node) error {
	item.Kind = Choice
	single := n.get("single")
	item.Many = single.name != "" && !yes(single)
	if s := n.get("shuffleanswers"); s.name != "" && !yes(s) {
		item.note("its answers keep their order; do not let its quiz shuffle options")
	}
	for _, c := range answersOf(n) {
		a, err := moodleAnswer(c)
		if err != nil {
			return err
		}
		if a.Text, err = moodleText(c); err != nil {
			return err
		}
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// moodleSet is all or nothing.
func moodleSet(item *Item, n *node) error {
	if err := moodleChoice(item, n); err != nil {
		return err
	}
	return allOrNothing(item)
}

// moodleResponse gives each right choice the same and takes as much for each wrong one.
func moodleResponse(item *Item, n *node) error {
	if err := moodleChoice(item, n); err != nil {
		return err
	}
	if err := allOrNothing(item); err != nil {
		return err
	}
	item.Partial = ""
	for i, a := range item.Answers {
		if a.Weight == 0 {
			item.Answers[i].Weight = -rightShare(item)
		}
	}
	item.note("wrong choices take away as much as right ones give")
	return nil
}

func allOrNothing(item *Item) error {
	item.Many, item.Partial = true, "none"
	for i, a := range item.Answers {
		item.Answers[i].Weight = 0
		if a.Weight > slack {
			item.Answers[i].Weight = 1
		}
	}
	share := rightShare(item)
	for i, a := range item.Answers {
		if a.Weight > 0 {
			item.Answers[i].Weight = share
		}
	}
	return nil
}

func rightShare(item *Item) float64 {
	right := 0
	for _, a := range item.Answers {
		if a.Weight > 0 {
			right++
		}
	}
	return 1 / float64(max(1, right))
}

func moodleTruth(item *Item, n *node) error {
	item.Kind = TrueFalse
	answers := [2]*Answer{}
	for _, c := range answersOf(n) {
		a, err := moodleAnswer(c)
		if err != nil {
			return err
		}
		switch word := strings.ToLower(unmarked(plainAnswer(c))); word {
		case "true":
			answers[0] = &a
		case "false":
			answers[1] = &a
		default:
			return refuse("its answers are not true and false but %q", clip(word))
		}
	}
	for _, a := range answers {
		if a == nil {
			a = &Answer{}
		}
		item.Answers = append(item.Answers, *a)
	}
	return nil
}

func moodleWords(item *Item, n *node) error {
	item.Kind = Short
	if yes(n.get("usecase")) {
		item.Match = []string{"capitals"}
	}
	for _, c := range answersOf(n) {
		a, err := moodleAnswer(c)
		if err != nil {
			return err
		}
		if err := typed(&a, Short, plainAnswer(c), autoText); err != nil {
			return err
		}
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// answersOf lists the answers, which some write into an element of their own.
func answersOf(n *node) []*node {
	return append(n.all("answer"), n.get("answers").all("answer")...)
}

// plainAnswer is what is to be answered: in <text>, or beside the other elements.
func plainAnswer(n *node) string {
	if len(n.all("text")) > 0 {
		return n.get("text").plain()
	}
	var own strings.Builder
	for _, c := range n.children {
		switch c.name {
		case "feedback", "tolerance", "fraction":
		case "":
			own.WriteString(c.text)
		default:
			own.WriteString(c.plain())
		}
	}
	return strings.TrimSpace(own.String())
}

func moodleNumbers(item *Item, n *node) error {
	item.Kind = Number
	units := n.get("units").all("unit")
	if kind := n.get("unitgradingtype").plain(); len(units) > 0 && n.get("showunits").plain() != "3" && (len(units) > 1 || kind != "" && kind != "0") {
		return refuse("it asks for a unit beside the number, which a course cannot")
	} else if len(units) == 1 {
		unit, _ := fromPlain(units[0].get("unit_name").plain())
		if m, ok := parseDecimal(units[0].get("multiplier").plain()); ok && m.Cmp(big.NewRat(1, 1)) != 0 {
			return refuse("it converts units, which a course cannot")
		}
		if unit != "" {
			item.Stem = paragraphs(item.Stem, fmt.Sprintf("(%s)", unit))
		}
	}
	for _, c := range answersOf(n) {
		a, err := moodleAnswer(c)
		if err != nil {
			return err
		}
		text := unmarked(plainAnswer(c))
		if tolerance := c.get("tolerance").plain(); tolerance != "" && text != "*" {
			text += ":" + tolerance
		}
		if err := typed(&a, Number, text, plainText); err != nil {
			return err
		}
		a.Text, _, _ = strings.Cut(a.Text, ":")
		item.Answers = append(item.Answers, a)
	}
	return nil
}

func moodlePairs(item *Item, n *node) error {
	item.Kind = Match
	for _, c := range append(n.all("subquestion"), n.get("subquestions").all("subquestion")...) {
		var a Answer
		var err error
		if a.Text, err = moodleText(c); err != nil {
			return err
		}
		target := c.get("answer")
		m := moodleMarkup(target)
		if target.attrs["format"] == "" {
			m = autoText
		}
		if a.Target, err = markdown(m, target.get("text").markup()); err != nil {
			return err
		}
		switch {
		case a.Text == "" && a.Target != "":
			item.Extra = append(item.Extra, a.Target)
		case a.Text != "" || a.Target != "":
			item.Answers = append(item.Answers, a)
		}
	}
	return nil
}

func moodleEssay(item *Item, n *node) error {
	item.Kind = Essay
	for _, part := range []struct{ name, what string }{{"graderinfo", "notes for graders"}, {"responsetemplate", "a template for the answer"}} {
		text, err := moodleText(n.get(part.name))
		if err != nil {
			return err
		}
		if text != "" {
			item.note("%s left out: %q", part.what, clip(text))
		}
	}
	if n.get("responseformat").plain() == "noinline" {
		return refuse("it asks for a file to be handed in, which a course cannot")
	}
	item.note("it was graded by a person; here it is for the learner alone and earns no points")
	return nil
}

func moodleOrder(item *Item, n *node) error {
	item.Kind = Order
	for _, c := range answersOf(n) {
		text, err := moodleText(c)
		if err != nil {
			return err
		}
		feedback, err := moodleText(c.get("feedback"))
		if err != nil {
			return err
		}
		item.Answers = append(item.Answers, Answer{Text: text, Feedback: feedback})
	}
	switch kind := strings.ToUpper(n.get("gradingtype").plain()); kind {
	case "ALL_OR_NOTHING", "-1":
	default:
		item.Partial = "longest"
		item.note("part of the points go to the longest run in the right order")
	}
	switch kind := strings.ToUpper(n.get("selecttype").plain()); kind {
	case "", "ALL", "0":
	default:
		item.note("it asked for some of its steps only; here for all")
	}
	return nil
}

func moodleCloze(item *Item, n *node) error {
	item.Kind = Gaps
	q := n.get("questiontext")
	m := moodleMarkup(q)
	text, gaps, err := cutGaps(q.get("text").markup(), m)
	if err != nil {
		return err
	}
	item.Gaps = gaps
	item.Stem, err = markdown(m, text)
	return err
}
