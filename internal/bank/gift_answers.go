package bank

import (
	"math/big"
	"regexp"
	"strings"
)

// giftAnswers reads what stands in the braces. What kind of question it is
// follows from the signs, in the order in which Moodle looks for them.
func giftAnswers(item *Item, s string, m markup) (err error) {
	if at := strings.LastIndex(s, "####"); at >= 0 {
		if item.Feedback, _, err = giftText(s[at+4:], m); err != nil {
			return err
		}
		s = s[:at]
	}
	s = strings.TrimSpace(s)
	if at := giftOperator.FindStringIndex(s); at != nil && !strings.HasPrefix(s, "#") {
		return refuse("it has %q in an answer; write \\= and \\~ where these signs are text", clip(unescapeGIFT(s[at[0]:at[1]])))
	}
	word, comments, _ := strings.Cut(s, "#")
	switch truth := strings.ToUpper(strings.TrimSpace(word)); {
	case s == "":
		item.Kind = Essay
		return nil
	case s[0] == '#':
		item.Kind = Number
		return giftNumbers(item, s[1:], m)
	case strings.Contains(s, "~"):
		item.Kind = Choice
		item.Many = !strings.Contains(s, "=")
		return giftChoices(item, s, m)
	case strings.Contains(s, "=") && strings.Contains(s, "->"):
		item.Kind = Match
		return giftPairs(item, s, m)
	case truth == "T" || truth == "TRUE" || truth == "F" || truth == "FALSE":
		item.Kind = TrueFalse
		return giftTruth(item, truth[0] == 'T', comments, m)
	}
	item.Kind = Short
	return giftWords(item, s, m)
}

// giftAnswer cuts `%50%text#feedback`. sign is the answer's own, = or ~.
func giftAnswer(s string, right bool, m markup) (a Answer, text string, err error) {
	s = strings.TrimSpace(s)
	if right {
		a.Weight = 1
	}
	if w := giftWeight.FindStringSubmatch(s); w != nil {
		r, ok := parseDecimal(w[1])
		if !ok {
			return a, "", refuse("%q is no weight", clip(w[0]))
		}
		a.Weight, _ = new(big.Rat).Quo(r, big.NewRat(100, 1)).Float64()
		s = s[len(w[0]):]
	}
	text, feedback, _ := strings.Cut(s, "#")
	a.Feedback, _, err = giftText(feedback, m)
	return a, strings.TrimSpace(text), err
}

func giftChoices(item *Item, s string, m markup) error {
	for _, part := range splitAt(bothSigns.ReplaceAllString(s, "="), "=~") {
		a, text, err := giftAnswer(part[1:], part[0] == '=', m)
		if err != nil {
			return err
		}
		if a.Text, _, err = giftText(text, m); err != nil {
			return err
		}
		item.Answers = append(item.Answers, a)
	}
	if first := strings.TrimSpace(s[:strings.IndexAny(s, "=~")]); first != "" {
		return refuse("%q stands before the first = or ~", clip(unescapeGIFT(first)))
	}
	return nil
}

// splitAt cuts before each of the signs; what comes before the first is left out.
func splitAt(s, signs string) []string {
	var out []string
	from := -1
	for i, c := range s {
		if strings.ContainsRune(signs, c) {
			if from >= 0 {
				out = append(out, s[from:i])
			}
			from = i
		}
	}
	if from >= 0 {
		out = append(out, s[from:])
	}
	return out
}

func giftPairs(item *Item, s string, m markup) error {
	for _, part := range splitAt(s, "=") {
		a, text, err := giftAnswer(part[1:], true, m)
		if err != nil {
			return err
		}
		left, right, ok := strings.Cut(text, "->")
		if !ok {
			return refuse("%q has no -> between its sides", clip(unescapeGIFT(text)))
		}
		if a.Weight != 1 {
			return refuse("a pair is worth %s per cent, but each pair counts alike", percent(a.Weight))
		}
		if a.Text, _, err = giftText(left, m); err != nil {
			return err
		}
		if a.Target, err = markdown(plainOf(m), strings.TrimSpace(unescapeGIFT(right))); err != nil {
			return err
		}
		if a.Text == "" {
			item.Extra = append(item.Extra, a.Target)
			continue
		}
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// plainOf is how short words are written, which never hold tags.
func plainOf(m markup) markup {
	if m == htmlText {
		return autoText
	}
	return m
}

// giftTruth reads `#what a wrong answer is told#what a right one is`.
func giftTruth(item *Item, truth bool, comments string, m markup) error {
	wrong, right, _ := strings.Cut(comments, "#")
	answers := [2]Answer{} // true, false
	key := 1
	if truth {
		key = 0
	}
	answers[key].Weight = 1
	var err error
	if answers[key].Feedback, _, err = giftText(right, m); err != nil {
		return err
	}
	if answers[1-key].Feedback, _, err = giftText(wrong, m); err != nil {
		return err
	}
	item.Answers = answers[:]
	return nil
}

func giftWords(item *Item, s string, m markup) error {
	parts := splitAt(s, "=")
	if len(parts) == 0 {
		parts = []string{"=" + s}
	}
	for _, part := range parts {
		a, text, err := giftAnswer(part[1:], true, m)
		if err != nil {
			return err
		}
		a.Text = strings.TrimSpace(unescapeGIFT(text))
		a.Any = a.Text == "*"
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// giftNumbers reads `15`, `15:2`, `13..17`, or several of them behind =.
func giftNumbers(item *Item, s string, m markup) error {
	parts := splitAt(s, "=~")
	if len(parts) == 0 {
		parts = []string{"=" + s}
	}
	for _, part := range parts {
		a, text, err := giftAnswer(part[1:], part[0] == '=', m)
		if err != nil {
			return err
		}
		if a.Text = unescapeGIFT(text); a.Text == "" || a.Text == "*" {
			if a.Any = true; part[0] == '=' && a.Text == "" {
				return refuse("it has no number")
			}
			item.Answers = append(item.Answers, a)
			continue
		}
		if a.Low, a.High, err = numberRange(a.Text); err != nil {
			return err
		}
		item.Answers = append(item.Answers, a)
	}
	return nil
}

// numberRange reads a number, a number with its tolerance, or a range.
func numberRange(s string) (low, high *decimal, err error) {
	if from, to, ok := strings.Cut(s, ".."); ok {
		low, okLow := parseDecimal(from)
		high, okHigh := parseDecimal(to)
		if !okLow || !okHigh {
			return nil, nil, refuse("%q is no range of numbers", clip(s))
		}
		return low, high, nil
	}
	value, by, ok := strings.Cut(s, ":")
	n, fine := parseDecimal(value)
	tolerance := new(big.Rat)
	if ok && strings.TrimSpace(by) != "" {
		var isNumber bool
		tolerance, isNumber = parseDecimal(by)
		fine = fine && isNumber
	}
	if !fine {
		return nil, nil, refuse("%q is no number", clip(s))
	}
	tolerance = new(big.Rat).Abs(tolerance)
	return new(big.Rat).Sub(n, tolerance), new(big.Rat).Add(n, tolerance), nil
}

var (
	giftWeight = regexp.MustCompile(`^%\s*(-?[0-9]+(?:[.,][0-9]+)?)\s*%`)
	// giftOperator are signs that nobody writes who means a new answer.
	bothSigns    = regexp.MustCompile(`~\s*=`) // of habit from Cloze
	giftOperator = regexp.MustCompile(`[!<>:+*/^|&-]=|=[="]`)
)
