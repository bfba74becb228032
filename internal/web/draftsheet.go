package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// withBlanks adds empty rows for what comes.
func withBlanks(s bank.Sheet) bank.Sheet {
	switch s.Type {
	case course.TrueFalse:
		if len(s.Options) == 0 {
			s.Options = []bank.Option{{ID: "true"}, {ID: "false"}}
		}
	case course.Rating:
		s.Options = slices.DeleteFunc(slices.Clone(s.Options), func(o bank.Option) bool { n, err := strconv.Atoi(o.ID); return err != nil || n > s.Scale })
		for n := len(s.Options) + 1; n <= s.Scale; n++ {
			s.Options = append(s.Options, bank.Option{ID: strconv.Itoa(n)})
		}
	case course.Matching:
		for range blankRows {
			s.Targets = append(s.Targets, bank.Target{ID: freeTarget(s.Targets)})
		}
		fallthrough
	case course.Single, course.Multiple, course.Ordering, course.Hotspot:
		s.Options = append(slices.Clone(s.Options), make([]bank.Option, blankRows)...)
	case course.Scenario:
		s.Nodes = slices.Clone(s.Nodes)
		for n := range s.Nodes {
			if s.Nodes[n].End == "" {
				s.Nodes[n].Choices = append(slices.Clone(s.Nodes[n].Choices), bank.Way{})
			}
		}
	}
	return s
}

func freeTarget(list []bank.Target) string {
	for n := 1; ; n++ {
		id := "r" + strconv.Itoa(n)
		if !slices.ContainsFunc(list, func(t bank.Target) bool { return t.ID == id }) {
			return id
		}
	}
}

func freeNode(list []bank.Node) string {
	for n := 1; ; n++ {
		id := "n" + strconv.Itoa(n)
		if !slices.ContainsFunc(list, func(x bank.Node) bool { return x.ID == id }) {
			return id
		}
	}
}

// newStep is what a choice leads to whose step is yet to be written.
const newStep = "+"

// withNewSteps makes the steps that choices ask for.
func withNewSteps(s bank.Sheet) bank.Sheet {
	nodes := s.Nodes
	for n := range nodes {
		for c := range nodes[n].Choices {
			if w := &nodes[n].Choices[c]; w.To == newStep {
				if w.To = ""; strings.TrimSpace(w.Text) != "" {
					w.To = freeNode(s.Nodes)
					s.Nodes = append(s.Nodes, bank.Node{ID: w.To})
				}
			}
		}
	}
	return s
}

// most bounds how many rows a form is read for.
const most = 200

// sheetFrom reads the form.
func sheetFrom(c *fiber.Ctx) (s bank.Sheet, err error) {
	args := c.Request().PostArgs()
	get := func(format string, a ...any) string {
		return string(args.Peek(fmt.Sprintf(format, a...)))
	}
	all := func(name string) (list []string) {
		for _, v := range args.PeekMulti(name) {
			list = append(list, string(v))
		}
		return list
	}
	decimal := func(text string) float64 {
		if text = strings.TrimSpace(text); text == "" {
			return 0
		}
		n, bad := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
		if bad != nil || n != n || n > 1e12 || n < -1e12 {
			err = fault.At("number-needed", "number")
			return 0
		}
		return n
	}
	s = bank.Sheet{
		ID: get("id"), Type: course.Type(get("type")), Stem: get("stem"), Feedback: get("feedback"), Number: decimal(get("number")), Tolerance: decimal(get("tolerance")),
		Date: strings.TrimSpace(get("date")), Match: all("match"), Questions: all("questions"), Start: get("start"), Points: decimal(get("points")), Partial: get("partial"),
		Tags: bank.Words(get("tags")), Facts: all("facts"), AppliesIn: all("applies_in"), Confidence: get("confidence") != "", Retired: get("retired") != "",
	}
	s.Scale, _ = strconv.Atoi(get("scale"))
	right := all("right")
	for n := range most {
		if !args.Has(fmt.Sprintf("o.id.%d", n)) {
			break
		}
		o := bank.Option{ID: get("o.id.%d", n), Text: get("o.text.%d", n), Feedback: get("o.feedback.%d", n), Weight: decimal(get("o.weight.%d", n)), Target: get("o.target.%d", n), Right: slices.Contains(right, strconv.Itoa(n))}
		o.Place, _ = strconv.Atoi(get("o.place.%d", n))
		s.Options = append(s.Options, o)
	}
	for n := range most {
		if !args.Has(fmt.Sprintf("t.id.%d", n)) {
			break
		}
		s.Targets = append(s.Targets, bank.Target{ID: get("t.id.%d", n), Text: get("t.text.%d", n)})
	}
	if s.Type == course.ShortText {
		s.Accept = map[string][]string{}
		for _, lang := range all("lang") {
			s.Accept[lang] = strings.Split(get("accept.%s", lang), "\n")
		}
	}
	for n := range most {
		if !args.Has(fmt.Sprintf("n.id.%d", n)) {
			break
		}
		if get("n.gone.%d", n) != "" {
			continue
		}
		node := bank.Node{ID: get("n.id.%d", n), Text: get("n.text.%d", n), End: get("n.end.%d", n), Feedback: get("n.feedback.%d", n)}
		for k := range most {
			if !args.Has(fmt.Sprintf("c.id.%d.%d", n, k)) {
				break
			}
			node.Choices = append(node.Choices, bank.Way{ID: get("c.id.%d.%d", n, k), Text: get("c.text.%d.%d", n, k), To: get("c.to.%d.%d", n, k), Points: decimal(get("c.points.%d.%d", n, k))})
		}
		s.Nodes = append(s.Nodes, node)
	}
	// The rows that nobody filled in are not part of it.
	s.Options = slices.DeleteFunc(s.Options, func(o bank.Option) bool { return o.ID == "" && strings.TrimSpace(o.Text) == "" })
	s.Targets = slices.DeleteFunc(s.Targets, func(t bank.Target) bool { return strings.TrimSpace(t.Text) == "" })
	for n := range s.Nodes {
		s.Nodes[n].Choices = slices.DeleteFunc(s.Nodes[n].Choices, func(w bank.Way) bool { return w.ID == "" && strings.TrimSpace(w.Text) == "" })
	}
	return s, err
}
