package bank

import (
	"fmt"
	"io"
	"strings"

	"havn/internal/course"
)

type giftWriter struct{ w io.Writer }

func (*giftWriter) end() error { return nil }

var giftEscape = strings.NewReplacer(pairsOf(giftEscapable, func(c rune) (string, string) { return string(c), `\` + string(c) })...)

// giftOut escapes the signs of GIFT in a text of one line.
func giftOut(s string) string { return strings.ReplaceAll(giftEscape.Replace(s), "\n", `\n`) }

// giftSay is giftOut for Markdown, which must not look as if it named its format.
func giftSay(s string) string {
	if giftFormat.MatchString(s) {
		s = "[markdown]" + s
	}
	return giftOut(s)
}

func (g *giftWriter) add(a asked) error {
	var b strings.Builder
	line := func(sign string, weight float64, text, feedback string) {
		share := ""
		if plain := sign == "=" && weight == 1 || sign == "~" && weight == 0; !plain || strings.HasPrefix(text, "%") {
			share = "%" + percent(weight) + "%"
		}
		fmt.Fprintf(&b, "\t%s%s%s", sign, share, text)
		if feedback != "" {
			b.WriteString("#" + giftSay(feedback))
		}
		b.WriteString("\n")
	}
	switch a.Type {
	case course.Single:
		for _, o := range a.Question.Options {
			sign := "~"
			if a.weight(o) >= 1 {
				sign = "="
			}
			line(sign, a.weight(o), giftSay(a.QuestionSource.Options[o]), a.Feedback[o])
		}
	case course.Multiple:
		if a.Partial == "none" && len(a.Question.Options) > 1 {
			return refuse("several answers that earn all or nothing have no form in GIFT")
		}
		for _, o := range a.Question.Options {
			line("~", a.weight(o), giftSay(a.QuestionSource.Options[o]), a.Feedback[o])
		}
	case course.TrueFalse:
		other := map[string]string{"true": "false", "false": "true"}[a.Key.Choice]
		b.WriteString("\t" + strings.ToUpper(a.Key.Choice))
		if a.Feedback["true"]+a.Feedback["false"] != "" {
			b.WriteString("#" + giftSay(a.Feedback[other]) + "#" + giftSay(a.Feedback[a.Key.Choice]))
		}
		b.WriteString("\n")
	case course.Matching:
		if a.Partial != "per-pair" {
			return refuse("pairs that earn all or nothing have no form in GIFT")
		}
		for _, o := range a.Question.Options {
			left, right := a.QuestionSource.Options[o], a.QuestionSource.Targets[a.Key.Pairs[o]]
			if strings.Contains(left+right, "->") {
				return refuse("a pair has -> in its text, which GIFT takes for its own")
			}
			line("=", 1, giftSay(left)+" -> "+giftOut(right), a.Feedback[o])
		}
		for _, t := range a.spare() {
			line("=", 1, " -> "+giftOut(a.QuestionSource.Targets[t]), "")
		}
	case course.Numeric:
		b.WriteString("\t#\n")
		for _, n := range a.numbers() {
			fmt.Fprintf(&b, "\t=%%%s%%%s\n", percent(n.Weight), n.Text)
		}
	case course.ShortText:
		for _, m := range a.Match {
			if m == "capitals" {
				return refuse("GIFT does not tell capitals from small letters")
			}
		}
		for _, w := range a.typedAnswers() {
			line("=", w.Weight, giftOut(w.Text), "")
		}
	case course.Reflection:
	default:
		return refuse("GIFT has no question of type %s", a.Type)
	}
	if all := a.Feedback["all"]; all != "" && a.Type != course.Reflection {
		b.WriteString("\t####" + giftSay(all) + "\n")
	} else if all != "" {
		return refuse("GIFT has no feedback where nothing is graded")
	}
	var tags string
	for _, t := range a.Tags {
		tags += " [tag:" + strings.ReplaceAll(t, "]", `\]`) + "]"
	}
	if tags != "" {
		tags = "//" + tags + "\n"
	}
	inside := b.String()
	if inside != "" {
		inside = "\n" + inside
	}
	_, err := fmt.Fprintf(g.w, "%s::%s::[markdown]%s{%s}\n\n", tags, a.ID, giftOut(a.Stem), inside)
	return err
}
