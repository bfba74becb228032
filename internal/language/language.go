// Package language knows what Havn must know of a human language whatever is
// written in it: its tag, its direction, its own name, and which of several
// languages suits a reader best.
package language

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// rightToLeft lists the scripts that are written from right to left and in use
// (Unicode 16, Script property and Bidi_Class R or AL).
var rightToLeft = []string{"Adlm", "Arab", "Hebr", "Nkoo", "Rohg", "Syrc", "Thaa"}

// Valid tells whether tag is a well-formed BCP 47 tag of a known language.
func Valid(tag string) bool {
	_, err := language.Parse(tag)
	return err == nil && tag != "und"
}

// Direction is "rtl" or "ltr", the value of HTML's dir attribute.
func Direction(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return "ltr"
	}
	script, _ := t.Script()
	if slices.Contains(rightToLeft, script.String()) {
		return "rtl"
	}
	return "ltr"
}

// names holds each language's name in itself. x/text's own table lacks some of
// them (Dari among others) and adds 2 MB.
var names = map[string]string{
	"ar": "العربية", "be": "Беларуская", "da": "Dansk", "de": "Deutsch", "en": "English",
	"es": "Español", "et": "Eesti", "fa": "فارسی", "fa-AF": "دری", "fi": "Suomi",
	"fr": "Français", "is": "Íslenska", "ku": "Kurdî", "lt": "Lietuvių", "lv": "Latviešu",
	"nb": "Norsk bokmål", "nn": "Norsk nynorsk", "no": "Norsk", "pl": "Polski", "ps": "پښتو",
	"ru": "Русский", "se": "Davvisámegiella", "so": "Soomaali", "sv": "Svenska",
	"sv-FI": "Svenska (Finland)", "ti": "ትግርኛ", "tr": "Türkçe", "uk": "Українська",
	"ur": "اردو", "vi": "Tiếng Việt",
}

// Name is the language's name in itself, or the tag where none is known.
func Name(tag string) string {
	if n, ok := names[tag]; ok {
		return n
	}
	base, _, _ := strings.Cut(tag, "-")
	if n, ok := names[base]; ok {
		return n + " (" + tag + ")"
	}
	return tag
}

// Match picks the one of have that suits the wishes best, in their order. Each
// wish is a tag or an Accept-Language list. Without a match it is have[0].
func Match(have []string, wishes ...string) string {
	for _, w := range wishes {
		if slices.Contains(have, w) {
			return w
		}
		if t, ok := matchList(have, w); ok {
			return t
		}
	}
	return have[0]
}

func matchList(have []string, list string) (string, bool) {
	if list == "" || len(list) > 200 {
		return "", false
	}
	wanted, _, err := language.ParseAcceptLanguage(list)
	if err != nil || len(wanted) == 0 {
		return "", false
	}
	tags := make([]language.Tag, len(have))
	for i, h := range have {
		tags[i] = language.Make(h)
	}
	// The index is used, not the tag: the matcher's tag carries extensions.
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	return have[i], confidence >= language.High
}

// Country tells whether code is an ISO 3166-1 alpha-2 code in capitals.
func Country(code string) bool {
	if len(code) != 2 || strings.ToUpper(code) != code {
		return false
	}
	r, err := language.ParseRegion(code)
	return err == nil && r.IsCountry()
}
