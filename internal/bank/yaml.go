package bank

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"havn/internal/course"
)

// style is how texts are written: several lines as such, or all between quotes.
type style struct{ quoted bool }

// text writes a text behind a key; its further lines stand indent spaces further in.
func (s style) text(t string, indent int) string {
	if s.quoted || !strings.Contains(t, "\n") || !asLines.MatchString(t) || !course.Balanced(t) {
		return quote(t)
	}
	pad := strings.Repeat(" ", indent)
	return "|-\n" + pad + strings.ReplaceAll(strings.ReplaceAll(t, "\n", "\n"+pad), "\n"+pad+"\n", "\n\n")
}

// asLines are texts that a literal block holds without loss.
var asLines = regexp.MustCompile(`^[^\s#%\-](?:[^\n\t\p{C}]*[^\s\p{C}])?(?:\n|\n {0,40}[^\s\-](?:[^\n\t\p{C}]*[^\s\p{C}])?|\n- [^\n\t\p{C}]*[^\s\p{C}])*$`)

// quote writes a text between double quotes, where YAML knows all that JSON does.
// Brackets without partner are written by number: a course counts them (see
// course, tooDeep).
func quote(t string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(t); err != nil {
		panic("bank: a text is no JSON: " + err.Error())
	}
	out := strings.TrimSuffix(b.String(), "\n")
	if !course.Balanced(t) {
		out = strings.NewReplacer("[", `\x5b`, "]", `\x5d`, "{", `\x7b`, "}", `\x7d`).Replace(out)
	}
	return out
}

var (
	bare     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	reserved = regexp.MustCompile(`^(y|n|yes|no|on|off|true|false|null)$`)
)

// scalar writes a word bare where YAML takes it for nothing else.
func scalar(s string) string {
	if bare.MatchString(s) && !reserved.MatchString(s) || s == "true" || s == "false" {
		return s
	}
	return quote(s)
}

func flow(list []string) string {
	var out []string
	for _, s := range list {
		out = append(out, scalar(s))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// words writes what is read as words: bare where it begins with a letter of any
// script and holds nothing that YAML could take for something else.
func words(list []string) string {
	var out []string
	for _, s := range list {
		if !asWord.MatchString(s) || reserved.MatchString(strings.ToLower(s)) {
			s = quote(s)
		}
		out = append(out, s)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

var asWord = regexp.MustCompile(`^\pL[\pL\p{M}]*([ -][\pL\p{M}]+)*$`)

// Countries writes ISO 3166 codes, or all.
func Countries(codes []string) string {
	if codes == nil {
		return "all"
	}
	var out []string
	for _, c := range codes {
		if reserved.MatchString(strings.ToLower(c)) {
			c = quote(c)
		}
		out = append(out, c)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// Flow writes ids or words as a list in brackets.
func Flow(list []string) string { return flow(list) }

// Quote writes a text between double quotes.
func Quote(t string) string { return quote(t) }
