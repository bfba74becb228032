package bank

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// GIFT as Moodle reads it (docs.moodle.org, GIFT format), more patient where the
// meaning is plain: blank lines inside braces, no blank line between questions,
// and braces in a question's text that hold no answer.

// giftBlock is the lines of one question.
type giftBlock struct {
	line  int
	text  string
	tags  []string
	fault string
}

var (
	giftCategory = regexp.MustCompile(`^\$CATEGORY:\s*(.*)$`)
	giftComment  = regexp.MustCompile(`\[(tag|id):((?:[^\]\\]|\\.)*)\]`)
)

func readGIFT(data []byte) ([]source, error) {
	all, err := lines(data)
	if err != nil {
		return nil, err
	}
	var out []source
	for _, b := range giftBlocks(all) {
		s := source{line: b.line}
		switch {
		case b.fault != "":
			s.refused = refusal(b.fault)
		case !utf8.ValidString(b.text):
			s.refused = refuse("it is not in UTF-8; save the file as UTF-8")
		default:
			s.item, s.refused = giftQuestion(b.text)
		}
		s.item.Tags = append(s.item.Tags, b.tags...)
		out = append(out, s)
	}
	return out, nil
}

// giftBlocks cuts a file into questions.
func giftBlocks(all []string) []giftBlock {
	var out []giftBlock
	var b giftBlock
	var category, noted []string
	var text strings.Builder
	depth, answered := 0, false
	flush := func(fault string) {
		if b.text = strings.TrimSpace(text.String()); b.text != "" {
			if depth > 0 && fault == "" {
				fault = "a { is never closed; write \\{ where a brace is meant"
			}
			b.fault, b.tags = fault, append(append([]string{}, category...), noted...)
			out = append(out, b)
			noted = nil
		}
		b, depth, answered = giftBlock{}, 0, false
		text.Reset()
	}
	for n, l := range all {
		t := strings.TrimSpace(l)
		if strings.HasPrefix(t, "//") {
			for _, m := range giftComment.FindAllStringSubmatch(t, -1) {
				if m[1] == "tag" {
					noted = append(noted, tag(strings.ReplaceAll(m[2], `\`, "")))
				}
			}
			continue
		}
		if m := giftCategory.FindStringSubmatch(t); m != nil && depth == 0 {
			flush("")
			category = tags(unescapeGIFT(escapedGIFT(m[1])))
			continue
		}
		switch {
		case t == "" && depth == 0:
			flush("")
			continue
		case strings.HasPrefix(t, "::") && depth > 0 && strings.Count(t, "::") > 1:
			flush("a { is never closed before the next question; write \\{ where a brace is meant")
		case strings.HasPrefix(t, "::") && text.Len() > 0 && (answered || strings.Count(t, "::") > 1):
			flush("")
		}
		if text.Len() == 0 {
			b.line = n + 1
		}
		for _, c := range escapedGIFT(t) {
			switch c {
			case '{':
				depth++
			case '}':
				depth, answered = max(0, depth-1), true
			}
		}
		text.WriteString(strings.TrimRight(l, " \t") + "\n")
	}
	flush("")
	return out
}

// escaped characters are kept apart from the signs of GIFT by moving them into a
// private plane of Unicode.
const (
	giftEscapable = `\:#={}~`
	privatePlane  = 0x100000
)

var (
	giftHide = strings.NewReplacer(`\\`, string(rune(privatePlane+'\\')), `\:`, string(rune(privatePlane+':')), `\#`, string(rune(privatePlane+'#')),
		`\=`, string(rune(privatePlane+'=')), `\{`, string(rune(privatePlane+'{')), `\}`, string(rune(privatePlane+'}')), `\~`, string(rune(privatePlane+'~')), `\n`, string(rune(privatePlane+'\n')))
	giftShow = strings.NewReplacer(pairsOf(giftEscapable+"\n", func(c rune) (string, string) { return string(privatePlane + c), string(c) })...)
)

func pairsOf(chars string, pair func(rune) (string, string)) []string {
	var out []string
	for _, c := range chars {
		a, b := pair(c)
		out = append(out, a, b)
	}
	return out
}

func escapedGIFT(s string) string  { return giftHide.Replace(s) }
func unescapeGIFT(s string) string { return giftShow.Replace(s) }

var giftFormat = regexp.MustCompile(`^\[(html|moodle|plain|markdown)\]`)

// giftText reads a text with the sign of its format, or in the question's.
func giftText(s string, m markup) (string, markup, error) {
	s = strings.TrimSpace(s)
	if f := giftFormat.FindStringSubmatch(s); f != nil {
		s = s[len(f[0]):]
		m = map[string]markup{"html": htmlText, "moodle": autoText, "plain": plainText, "markdown": markdownText}[f[1]]
	}
	md, err := markdown(m, unescapeGIFT(s))
	return md, m, err
}

// giftQuestion reads one question.
func giftQuestion(raw string) (Item, error) {
	item := Item{Points: 1}
	s := escapedGIFT(raw)
	if rest, ok := strings.CutPrefix(s, "::"); ok {
		name, text, ok := strings.Cut(rest, "::")
		if !ok {
			return item, refuse("its title does not end with ::")
		}
		item.Name, s = strings.TrimSpace(unescapeGIFT(name)), strings.TrimSpace(text)
	}
	groups, err := giftGroups(s)
	if err != nil {
		return item, err
	}
	places := giftPlaces(s, groups)
	switch {
	case len(groups) == 0:
		return item, refuse("it is a text without an answer in braces; put it on a page or into a question")
	case len(places) == 0:
		return item, refuse("what stands in its braces is no answer")
	case len(places) > 1 || clozeStart.MatchString(strings.TrimSpace(s[places[0][0]+1:places[0][1]])):
		item.Kind = Gaps
		if s, item.Gaps, err = giftGaps(s, places); err == nil {
			item.Stem, _, err = giftText(s, autoText)
		}
		return item, err
	}
	stem, answers := giftAround(s, places[0])
	var m markup
	if item.Stem, m, err = giftText(stem, autoText); err != nil {
		return item, err
	}
	if strings.Trim(item.Stem, `\_ `) == "" {
		return item, refuse("the question has no text")
	}
	return item, giftAnswers(&item, answers, m)
}

// giftGroups finds what stands in braces, outermost.
func giftGroups(s string) ([][2]int, error) {
	var out [][2]int
	depth, from := 0, 0
	for i, c := range s {
		switch c {
		case '{':
			if depth == 0 {
				from = i
			}
			depth++
		case '}':
			if depth--; depth < 0 {
				return nil, refuse("a } has no { before it; write \\} where a brace is meant")
			}
			if depth == 0 {
				out = append(out, [2]int{from, i})
			}
		}
	}
	return out, nil
}

// gapWord stands where an answer was in the middle of a text.
const gapWord = "_____"

// giftPlaces tells which braces hold answers.
func giftPlaces(s string, groups [][2]int) [][2]int {
	var out [][2]int
	for _, g := range groups {
		inside := strings.TrimSpace(s[g[0]+1 : g[1]])
		if len(groups) == 1 || giftLooksRight(inside) || clozeStart.MatchString(inside) {
			out = append(out, g)
		}
	}
	return out
}

// giftGaps reads a text with several places for answers, each a question of its own.
func giftGaps(s string, places [][2]int) (text string, gaps []Item, err error) {
	at := 0
	for n, g := range places {
		inside := strings.TrimSpace(s[g[0]+1 : g[1]])
		gap := Item{Points: 1}
		if clozeStart.MatchString(inside) {
			var found []Item
			if _, found, err = cutGaps("{"+inside+"}", autoText); err == nil {
				gap = found[0]
			}
		} else {
			err = giftAnswers(&gap, inside, autoText)
		}
		if err != nil {
			return "", nil, refuse("gap %d: %s", n+1, strings.TrimPrefix(err.Error(), "gap 1: "))
		}
		gap.Stem = fmt.Sprintf("(%d)", n+1)
		gaps = append(gaps, gap)
		text += s[at:g[0]] + gap.Stem
		at = g[1] + 1
	}
	return text + s[at:], gaps, nil
}

// giftAround is the text around the one place for answers, and what is in it.
func giftAround(s string, g [2]int) (stem, answers string) {
	before, after := strings.TrimSpace(s[:g[0]]), strings.TrimSpace(s[g[1]+1:])
	answers = s[g[0]+1 : g[1]]
	if after == "" {
		return before, answers
	}
	glue := " "
	if strings.IndexAny(after, ".,;:!?") == 0 {
		glue = ""
	}
	return strings.TrimSpace(before + " " + gapWord + glue + after), answers
}

func giftLooksRight(inside string) bool {
	if inside == "" {
		return true
	}
	word, _, _ := strings.Cut(inside, "#")
	switch strings.ToUpper(strings.TrimSpace(word)) {
	case "T", "TRUE", "F", "FALSE":
		return true
	}
	return strings.ContainsRune("=~#", rune(inside[0]))
}
