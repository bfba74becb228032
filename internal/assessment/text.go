package assessment

import (
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// accepts compares a text with the accepted answers of the language answered
// in. A language without a list of its own, as when a question is shown in the
// fallback language, takes any accepted answer of any language.
func accepts(accept map[string][]string, text, lang string) bool {
	text = normal(text)
	if text == "" {
		return false
	}
	if own := accept[lang]; len(own) > 0 {
		return has(own, text)
	}
	for _, list := range accept {
		if has(list, text) {
			return true
		}
	}
	return false
}

func has(list []string, normalised string) bool {
	for _, a := range list {
		if normal(a) == normalised {
			return true
		}
	}
	return false
}

// normal is course-format 1, Scores: Unicode NFKC, case folding, trimmed and
// single spaces. Folding can undo the normal form, so that is made twice
// (Unicode 16, 3.13.5, D146).
func normal(s string) string {
	s = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	return strings.Join(strings.Fields(s), " ")
}
