package assessment

import (
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"havn/internal/course"
)

// gradeText compares a text with the accepted answers of the language answered
// in, and then with those beside them that earn a share. A language without a
// list of its own, as when a question is shown in the fallback language, takes
// the answers of any language.
func gradeText(q *course.Question, text, lang string) *big.Rat {
	best := new(big.Rat)
	if normal(text) == "" {
		return best
	}
	same := matcher(q.Match)
	own := len(q.Accept[lang]) > 0
	for l, list := range q.Accept {
		if (l == lang || !own) && slices.ContainsFunc(list, func(a string) bool { return same(a, text) }) {
			return whole(true)
		}
	}
	for _, a := range q.Also {
		if share := rat(a.Share); (a.Lang == lang || !own) && same(a.Text, text) && share.Cmp(best) > 0 {
			best = share
		}
	}
	return clamp(best)
}

// matcher compares an accepted answer with a text: capitals count if the question
// says so, and with wildcards a * in the answer stands for anything, a \* for
// itself.
func matcher(match []string) func(accepted, text string) bool {
	form := normal
	if slices.Contains(match, "capitals") {
		form = spaced
	}
	if !slices.Contains(match, "wildcards") {
		return func(accepted, text string) bool { return form(accepted) == form(text) }
	}
	return func(accepted, text string) bool {
		var parts []string
		for _, p := range strings.Split(strings.ReplaceAll(form(accepted), `\*`, "\x00"), "*") {
			parts = append(parts, strings.ReplaceAll(p, "\x00", "*"))
		}
		return fits(parts, form(text))
	}
}

// fits tells whether the parts stand in a text in their order, the first at its
// beginning and the last at its end.
func fits(parts []string, text string) bool {
	if len(parts) == 1 {
		return text == parts[0]
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, p := range parts[1 : len(parts)-1] {
		if _, rest, ok = strings.Cut(rest, p); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

// normal is course-format 1, Scores: Unicode NFKC, case folding, trimmed and
// single spaces. Folding can undo the normal form, so that is made twice
// (Unicode 16, 3.13.5, D146).
func normal(s string) string {
	return spaced(cases.Fold().String(norm.NFKC.String(s)))
}

// spaced is normal without case folding.
func spaced(s string) string { return strings.Join(strings.Fields(norm.NFKC.String(s)), " ") }
