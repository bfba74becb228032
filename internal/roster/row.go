package roster

import (
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	tags "golang.org/x/text/language"

	"havn/internal/language"
)

// readRow reads one person and finds the first thing that is wrong.
func readRow(columns, cells []string, formulas []int) Row {
	var r Row
	field := map[string]*string{email: &r.Email, name: &r.Name, lang: &r.Language, role: &r.Role, organisation: &r.Organisation}
	wrong := func(code, field string) {
		if r.Problem == "" {
			r.Problem, r.Field = code, field
		}
	}
	for i, f := range columns {
		if f == "" {
			continue
		}
		var raw string
		if i < len(cells) {
			raw = cells[i]
		}
		text, problem := readCell(raw, slices.Contains(formulas, i))
		*field[f] = text
		if problem != "" {
			wrong(problem, f)
		}
	}
	var ok bool
	if r.Email, ok = cleanEmail(r.Email); !ok {
		wrong("email-invalid", email)
	}
	if r.Name, ok = cleanName(r.Name); !ok {
		wrong("name-invalid", name)
	}
	if r.Language, ok = cleanLanguage(r.Language); !ok {
		wrong("language-unknown", lang)
	}
	if r.Role != "" {
		if known, ok := roles[fold(r.Role)]; ok {
			r.Role = known
		} else {
			wrong("role-unknown", role)
		}
	}
	return r
}

// readCell trims a cell and undoes the escape.
func readCell(raw string, formula bool) (text, problem string) {
	text = strings.TrimSpace(strings.ToValidUTF8(raw, "\uFFFD"))
	if utf8.RuneCountInString(text) > MaxCell {
		return strings.TrimSpace(string([]rune(text)[:MaxCell])), "cell-too-long"
	}
	if rest, ok := strings.CutPrefix(text, "'"); ok && runs(rest) && !formula {
		return strings.TrimSpace(rest), ""
	}
	if formula || runs(raw) || runs(text) {
		return text, "formula"
	}
	return text, ""
}

// runs tells whether a spreadsheet may take the text for a formula (OWASP, CSV
// Injection).
func runs(s string) bool { return s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) }

// cleanEmail and cleanName refuse all that the account's own rules refuse
// (package people), so that a row without a problem can become an account.
func cleanEmail(s string) (string, bool) {
	s = strings.ToLower(s)
	a, err := mail.ParseAddress(s)
	return s, err == nil && a.Address == s && len(s) <= 254 && !strings.ContainsFunc(s, hidden)
}

func cleanName(s string) (string, bool) {
	if strings.ContainsFunc(s, hidden) {
		return s, false
	}
	s = strings.Join(strings.Fields(s), " ")
	n := utf8.RuneCountInString(s)
	return s, n > 0 && n <= MaxName
}

// hidden are control characters and those that turn text about: Unicode's
// property Bidi_Control (UAX #9).
func hidden(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// cleanLanguage brings a tag into its canonical form. RFC 5646 §4.4.1: 35
// characters are enough for any tag in use.
func cleanLanguage(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if len(s) > 35 || !language.Valid(s) {
		return s, false
	}
	return tags.Make(s).String(), true
}
