package bank

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 40

// slug makes small letters, digits and hyphens of a text; "" where it has no
// Latin letter or digit.
func slug(s string) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case unicode.Is(unicode.Mn, c):
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	out := strings.Trim(b.String(), "-")
	if len(out) > maxSlug {
		out = out[:maxSlug]
		if i := strings.LastIndexByte(out, '-'); i > maxSlug/2 {
			out = out[:i]
		}
	}
	return strings.Trim(out, "-")
}

// newID makes an id of a text that nothing in the course has, and takes it.
func (into Into) newID(text string) string {
	base := slug(text)
	if base == "" {
		base = "question"
	}
	base = "q-" + strings.TrimPrefix(base, "q-")
	id := base
	for into.IDs[id] {
		into.next[base] = max(2, into.next[base]+1)
		id = fmt.Sprintf("%s-%d", base, into.next[base])
	}
	into.IDs[id] = true
	return id
}

// tags makes tags of a path such as "$course$/top/Guardians": one for each part.
func tags(path string) []string {
	var out []string
	for _, part := range strings.Split(strings.ReplaceAll(path, "//", "\x00"), "/") {
		part = strings.TrimSpace(strings.ReplaceAll(part, "\x00", "/"))
		if part == "" || part == "top" || strings.HasPrefix(part, "$") && strings.HasSuffix(part, "$") {
			continue
		}
		out = append(out, tag(part))
	}
	return out
}

// tag is the slug of a word, or the word where it is not in Latin letters.
func tag(word string) string {
	if s := slug(word); s != "" {
		return s
	}
	return clip(word)
}

// Slug makes what can be part of an id of a text; "" where it has no Latin letter or
// digit.
func Slug(s string) string { return slug(s) }

// Words makes tags of what somebody types into a line.
func Words(line string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(line, func(c rune) bool { return unicode.IsSpace(c) || c == ',' }) {
		out = append(out, tag(w))
	}
	return uniq(out)
}
