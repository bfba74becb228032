package bank

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
)

// Cloze is a text with answers in it, `{2:SHORTANSWER:=guardian#yes}` (docs.moodle.org,
// Embedded Answers). It becomes a case with a question for each gap, which is
// worth what the gap is worth.

var (
	clozeStart = regexp.MustCompile(`^\d*:[A-Z_]+:`)
	clozeGap   = regexp.MustCompile(`(?s)\{(\d*):([A-Z_]+):((?:[^\\}]|\\.)*)\}`)
	clozeRest  = regexp.MustCompile(`\{\d*:[A-Z_]+:`)
)

// cutGaps takes the gaps out of a text that is not converted yet, and leaves
// their numbers.
func cutGaps(src string, m markup) (text string, gaps []Item, err error) {
	text = clozeGap.ReplaceAllStringFunc(src, func(s string) string {
		part := clozeGap.FindStringSubmatch(s)
		gap, fault := clozeItem(part[2], escapedGIFT(part[3]), m)
		if fault != nil && err == nil {
			err = refuse("gap %d: %s", len(gaps)+1, fault)
		}
		if w, ok := parseDecimal(part[1]); ok && w.Sign() > 0 {
			gap.Points, _ = w.Float64()
		}
		gap.Stem = fmt.Sprintf("(%d)", len(gaps)+1)
		gaps = append(gaps, gap)
		return gap.Stem
	})
	switch {
	case err != nil:
	case len(gaps) == 0:
		err = refuse("it has no gap that can be read")
	case clozeRest.MatchString(text):
		err = refuse("a gap is not closed, or has another { in it")
	}
	return text, gaps, err
}

// clozeItem reads one gap.
func clozeItem(kind, inside string, m markup) (Item, error) {
	item := Item{Points: 1}
	switch strings.TrimSuffix(kind, "_S") {
	case "MULTICHOICE", "MC", "MULTICHOICE_V", "MCV", "MULTICHOICE_H", "MCH", "MCS", "MULTICHOICE_VS", "MCVS", "MULTICHOICE_HS", "MCHS":
		item.Kind = Choice
	case "MULTIRESPONSE", "MR", "MULTIRESPONSE_H", "MRH", "MRS", "MULTIRESPONSE_HS", "MRHS":
		item.Kind, item.Many = Choice, true
	case "SHORTANSWER", "SA", "MW":
		item.Kind = Short
	case "SHORTANSWER_C", "SAC", "MWC":
		item.Kind, item.Match = Short, []string{"capitals"}
	case "NUMERICAL", "NM":
		item.Kind = Number
	default:
		return item, refuse("the kind %q is not known", clip(kind))
	}
	for n, part := range strings.Split(inside, "~") {
		if n == 0 && strings.TrimSpace(part) == "" {
			continue
		}
		part = strings.TrimSpace(part)
		rest, right := strings.CutPrefix(part, "=")
		a, text, err := giftAnswer(rest, right, m)
		if err != nil {
			return item, err
		}
		if item.Kind == Choice {
			a.Text, _, err = giftText(text, m)
		} else {
			err = typed(&a, item.Kind, unescapeGIFT(text), m)
		}
		if err != nil {
			return item, err
		}
		item.Answers = append(item.Answers, a)
	}
	return item, nil
}

// typed reads an answer that is typed: words, or a number.
func typed(a *Answer, kind Kind, text string, m markup) (err error) {
	if m != plainText {
		text = unmarked(text)
	}
	if kind == Short {
		a.Text = strings.TrimSpace(text)
		a.Any = a.Text == "*"
		return nil
	}
	if a.Text = strings.TrimSpace(text); a.Text == "*" || a.Text == "" && a.Weight == 0 {
		a.Any = true
		return nil
	}
	a.Low, a.High, err = numberRange(a.Text)
	return err
}

// shares gives each of n gaps its part of the points.
func shares(gaps []Item, points float64) {
	total := 0.0
	for _, g := range gaps {
		total += g.Points
	}
	for n := range gaps {
		f, _ := new(big.Rat).SetString(fmt.Sprintf("%.6f", points*gaps[n].Points/total))
		gaps[n].Points, _ = f.Float64()
	}
}
