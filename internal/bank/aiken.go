package bank

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Aiken: a question, its answers behind letters, and `ANSWER: B` (docs.moodle.org,
// Aiken format). A question may run over several lines.

var (
	aikenOption = regexp.MustCompile(`^([A-Za-z])\s*[.)]\s*(.*)$`)
	aikenKey    = regexp.MustCompile(`(?i)^ANSWER\s*:\s*(.*)$`)
)

func readAiken(data []byte) ([]source, error) {
	all, err := lines(data)
	if err != nil {
		return nil, err
	}
	var out []source
	var q aikenQuestion
	flush := func(key string) {
		if q.line > 0 {
			s := source{line: q.line}
			s.item, s.refused = q.item(key)
			out = append(out, s)
		}
		q = aikenQuestion{}
	}
	for n, l := range all {
		t := strings.TrimSpace(l)
		if t == "" {
			continue
		}
		if m := aikenKey.FindStringSubmatch(t); m != nil && q.line > 0 {
			flush(m[1])
			continue
		}
		if q.line == 0 {
			q.line = n + 1
		}
		switch m := aikenOption.FindStringSubmatch(t); {
		case m != nil && len(q.stem) > 0 && strings.ToUpper(m[1]) == string(rune('A'+len(q.options))):
			q.options = append(q.options, m[2])
		case len(q.options) > 0:
			q.stray = t
		default:
			q.stem = append(q.stem, t)
		}
	}
	flush("")
	return out, nil
}

type aikenQuestion struct {
	line          int
	stem, options []string
	stray         string
}

func (q aikenQuestion) item(key string) (Item, error) {
	item := Item{Kind: Choice, Points: 1}
	key = strings.ToUpper(strings.Trim(key, " .)"))
	switch {
	case !utf8.ValidString(strings.Join(append(q.options, q.stem...), "")):
		return item, refuse("it is not in UTF-8; save the file as UTF-8")
	case key == "":
		return item, refuse("it has no line that begins with ANSWER:")
	case q.stray != "":
		return item, refuse("the line %q stands among its answers", clip(q.stray))
	case len(key) != 1 || int(key[0]-'A') >= len(q.options):
		return item, refuse("ANSWER: %s names no answer of it", clip(key))
	}
	var err error
	if item.Stem, err = markdown(plainText, strings.Join(q.stem, "\n")); err != nil {
		return item, err
	}
	for n, o := range q.options {
		a := Answer{}
		if a.Text, err = markdown(plainText, o); err != nil {
			return item, err
		}
		if n == int(key[0]-'A') {
			a.Weight = 1
		}
		item.Answers = append(item.Answers, a)
	}
	return item, nil
}
