package bank

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"havn/internal/workbook"
)

// The sheet has a header and a question in each row: type, question, a, b, c …,
// key, points, tags and feedback. What stands in the columns a, b, c … and in key
// is told in courses/README.md.

// maxColumns is how many columns a sheet may have: options and all around them.
const maxColumns = 64

func readXLSX(data []byte) ([]source, error) {
	var out []source
	var header []string
	err := workbook.Read(data, maxColumns, func(line int, cells []string, formulas []int) error {
		if strings.TrimSpace(strings.Join(cells, "")) == "" && len(formulas) == 0 {
			return nil
		}
		if header == nil {
			for _, c := range cells {
				header = append(header, strings.ToLower(strings.TrimSpace(c)))
			}
			if !slices.Contains(header, "type") || !slices.Contains(header, "question") {
				return &Unreadable{line, "the first row must name the columns: type, question, a, b, c …, key, points, tags, feedback"}
			}
			return nil
		}
		if len(out) > MaxQuestions {
			return &Unreadable{line, fmt.Sprintf("there are more than %d questions", MaxQuestions)}
		}
		s := source{line: line}
		if len(formulas) > 0 {
			s.refused = refuse("a cell is a formula; write its value")
		} else {
			s.item, s.refused = sheetRow(header, cells)
		}
		out = append(out, s)
		return nil
	})
	var wide *workbook.WideError
	var u *Unreadable
	switch {
	case errors.As(err, &u):
		return nil, u
	case errors.Is(err, workbook.ErrTooLarge):
		return nil, &Unreadable{1, "the workbook unpacks into too much"}
	case errors.As(err, &wide):
		return nil, &Unreadable{1, "there are more columns than a question has; the last that is filled is " + wide.Column}
	case errors.Is(err, workbook.ErrSheets):
		return nil, &Unreadable{1, "there is something on more than one sheet; put all questions on the first"}
	case err != nil:
		return nil, &Unreadable{1, "this is no XLSX workbook, or a broken one, an encrypted one or one with macros"}
	}
	return out, nil
}

func sheetRow(header, cells []string) (item Item, err error) {
	item.Points = 1
	var kind, key string
	var options []string
	for n, c := range cells {
		if c = strings.TrimSpace(c); c == "" {
			continue
		}
		name := ""
		if n < len(header) {
			name = header[n]
		}
		switch {
		case name == "type":
			kind = strings.ToLower(c)
		case name == "question":
			item.Stem, err = markdown(markdownText, c)
		case name == "key":
			key = c
		case name == "feedback":
			item.Feedback, err = markdown(markdownText, c)
		case name == "tags":
			for _, t := range strings.FieldsFunc(c, func(r rune) bool { return r == ',' || r == ';' }) {
				item.Tags = append(item.Tags, tag(strings.TrimSpace(t)))
			}
		case name == "points":
			p, ok := parseDecimal(c)
			if !ok || p.Sign() < 0 {
				return item, refuse("%q is no number of points", clip(c))
			}
			item.Points, _ = p.Float64()
		case len(name) == 1 && name[0] >= 'a' && name[0] <= 'z':
			if int(name[0]-'a') != len(options) {
				return item, refuse("column %s is filled but one before it is empty", name)
			}
			options = append(options, c)
		default:
			return item, refuse("the column %q is not known", clip(name))
		}
		if err != nil {
			return item, err
		}
	}
	return item, sheetAnswers(&item, kind, options, key)
}

func sheetAnswers(item *Item, kind string, options []string, key string) error {
	switch kind {
	case "single", "multiple":
		return sheetChoice(item, kind == "multiple", options, key)
	case "true-false":
		item.Kind = TrueFalse
		item.Answers = []Answer{{}, {}}
		switch strings.ToLower(key) {
		case "true", "1":
			item.Answers[0].Weight = 1
		case "false", "0":
			item.Answers[1].Weight = 1
		default:
			return refuse("its key must be true or false, not %q", clip(key))
		}
	case "ordering", "matching":
		item.Kind = Order
		for _, o := range options {
			left, right, pair := strings.Cut(o, "->")
			if kind == "matching" {
				if item.Kind = Match; !pair {
					return refuse("%q has no -> between its sides", clip(o))
				}
			} else {
				left, right = o, ""
			}
			a, err := markdown(markdownText, left)
			if err != nil {
				return err
			}
			b, err := markdown(markdownText, right)
			if err != nil {
				return err
			}
			if kind == "matching" && a == "" {
				item.Extra = append(item.Extra, b)
				continue
			}
			item.Answers = append(item.Answers, Answer{Text: a, Target: b})
		}
	case "numeric":
		item.Kind = Number
		low, high, err := numberRange(strings.NewReplacer("±", ":", "+-", ":").Replace(key))
		if err != nil {
			return err
		}
		item.Answers = []Answer{{Text: key, Weight: 1, Low: low, High: high}}
	case "text":
		item.Kind = Short
		for _, w := range strings.Split(key, "|") {
			item.Answers = append(item.Answers, Answer{Text: strings.ReplaceAll(strings.TrimSpace(w), "*", `\*`), Weight: 1})
		}
	case "reflection":
		item.Kind = Essay
	default:
		return refuse("the type %q is not one of single, multiple, true-false, ordering, matching, numeric, text, reflection", clip(kind))
	}
	return nil
}

func sheetChoice(item *Item, many bool, options []string, key string) error {
	item.Kind, item.Many, item.Partial = Choice, many, "none"
	right := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	if !many && len(right) != 1 {
		return refuse("its key must name one column, such as b")
	}
	for n, o := range options {
		a := Answer{}
		var err error
		if a.Text, err = markdown(markdownText, o); err != nil {
			return err
		}
		if slices.Contains(right, letter(n)) {
			a.Weight = 1 / float64(len(right))
		}
		item.Answers = append(item.Answers, a)
	}
	for _, r := range right {
		if len(r) != 1 || r[0] < 'a' || int(r[0]-'a') >= len(options) {
			return refuse("its key names %q, which is no filled column", clip(r))
		}
	}
	return nil
}
