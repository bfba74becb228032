package bank

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"havn/internal/course"
)

type moodleWriter struct {
	w     io.Writer
	begun bool
}

func (m *moodleWriter) start() error {
	if m.begun {
		return nil
	}
	m.begun = true
	_, err := io.WriteString(m.w, xml.Header+"<quiz>\n")
	return err
}

func (m *moodleWriter) end() error {
	if err := m.start(); err != nil {
		return err
	}
	_, err := io.WriteString(m.w, "</quiz>\n")
	return err
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func (m *moodleWriter) add(a asked) error {
	var b strings.Builder
	say := func(element, attributes, text, inner string) {
		fmt.Fprintf(&b, "    <%s%s format=\"markdown\"><text>%s</text>%s</%s>\n", element, attributes, escaped(text), inner, element)
	}
	feedback := func(text string) string {
		if text == "" {
			return ""
		}
		return fmt.Sprintf("<feedback format=\"markdown\"><text>%s</text></feedback>", escaped(text))
	}
	choice := func(weight float64, text, told string) {
		say("answer", fmt.Sprintf(" fraction=\"%s\"", percent(weight)), text, feedback(told))
	}
	kind := ""
	switch a.Type {
	case course.Single, course.Multiple:
		kind = "multichoice"
		fmt.Fprintf(&b, "    <single>%t</single>\n    <shuffleanswers>true</shuffleanswers>\n    <answernumbering>abc</answernumbering>\n", a.Type == course.Single)
		if a.Type == course.Multiple && a.Partial == "none" {
			kind = "multichoiceset"
		}
		for _, o := range a.Question.Options {
			w := a.weight(o)
			if kind == "multichoiceset" && w > 0 {
				w = 1
			}
			choice(w, a.QuestionSource.Options[o], a.Feedback[o])
		}
	case course.TrueFalse:
		kind = "truefalse"
		for _, o := range []string{"true", "false"} {
			w := 0.0
			if o == a.Key.Choice {
				w = 1
			}
			choice(w, o, a.Feedback[o])
		}
	case course.Matching:
		if kind = "matching"; a.Partial != "per-pair" {
			return refuse("pairs that earn all or nothing have no form in Moodle XML")
		}
		for _, o := range a.Question.Options {
			if a.Feedback[o] != "" {
				return refuse("feedback to one pair has no form in Moodle XML")
			}
			say("subquestion", "", a.QuestionSource.Options[o], pairAnswer(a.QuestionSource.Targets[a.Key.Pairs[o]]))
		}
		for _, t := range a.spare() {
			say("subquestion", "", "", pairAnswer(a.QuestionSource.Targets[t]))
		}
	case course.Ordering:
		kind = "ordering"
		grading := map[string]string{"none": "ALL_OR_NOTHING", "longest": "LONGEST_ORDERED_SUBSET"}[a.Partial]
		fmt.Fprintf(&b, "    <selecttype>ALL</selecttype>\n    <gradingtype>%s</gradingtype>\n", grading)
		for n, o := range a.Key.Order {
			choice(float64(n+1)/100, a.QuestionSource.Options[o], a.Feedback[o])
		}
	case course.Numeric:
		kind = "numerical"
		for _, n := range a.numbers() {
			value, tolerance, _ := strings.Cut(n.Text, ":")
			fmt.Fprintf(&b, "    <answer fraction=\"%s\"><text>%s</text><tolerance>%s</tolerance></answer>\n", percent(n.Weight), value, tolerance)
		}
	case course.ShortText:
		kind = "shortanswer"
		capitals := 0
		if slices.Contains(a.Match, "capitals") {
			capitals = 1
		}
		fmt.Fprintf(&b, "    <usecase>%d</usecase>\n", capitals)
		for _, w := range a.typedAnswers() {
			fmt.Fprintf(&b, "    <answer fraction=\"%s\"><text>%s</text></answer>\n", percent(w.Weight), escaped(w.Text))
		}
	case course.Reflection:
		kind = "essay"
	default:
		return refuse("Moodle XML has no question of type %s", a.Type)
	}
	if err := m.start(); err != nil {
		return err
	}
	var head strings.Builder
	fmt.Fprintf(&head, "  <question type=\"%s\">\n    <name><text>%s</text></name>\n    <questiontext format=\"markdown\"><text>%s</text></questiontext>\n", kind, escaped(a.ID), escaped(a.Stem))
	if all := a.Feedback["all"]; all != "" {
		fmt.Fprintf(&head, "    <generalfeedback format=\"markdown\"><text>%s</text></generalfeedback>\n", escaped(all))
	}
	fmt.Fprintf(&head, "    <defaultgrade>%s</defaultgrade>\n", number(a.Points))
	if len(a.Tags) > 0 {
		b.WriteString("    <tags>")
		for _, t := range a.Tags {
			fmt.Fprintf(&b, "<tag><text>%s</text></tag>", escaped(t))
		}
		b.WriteString("</tags>\n")
	}
	_, err := io.WriteString(m.w, head.String()+b.String()+"  </question>\n")
	return err
}

func pairAnswer(target string) string {
	return fmt.Sprintf("<answer format=\"markdown\"><text>%s</text></answer>", escaped(target))
}
