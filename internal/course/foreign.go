package course

import (
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"golang.org/x/text/language"
)

// langBox marks a passage in another language: `:::lang uk` … `:::`.
const langBox = "lang"

// foreignWords is how many words in a row count as a passage. Fewer are names,
// which WCAG 2.2 (3.1.2) leaves out.
const foreignWords = 3

// scripts are those that can be told apart by their letters. A passage in another
// language of the same script cannot be.
var scripts = map[string]*unicode.RangeTable{
	"Latn": unicode.Latin, "Cyrl": unicode.Cyrillic, "Arab": unicode.Arabic, "Grek": unicode.Greek, "Hebr": unicode.Hebrew, "Ethi": unicode.Ethiopic,
	"Armn": unicode.Armenian, "Geor": unicode.Georgian, "Deva": unicode.Devanagari, "Beng": unicode.Bengali, "Thai": unicode.Thai, "Hang": unicode.Hangul,
	"Hani": unicode.Han, "Hira": unicode.Hiragana, "Kana": unicode.Katakana, "Taml": unicode.Tamil, "Mymr": unicode.Myanmar, "Khmr": unicode.Khmer,
}

// scriptsOf are the scripts that a language is written in; nil where that is not known.
func scriptsOf(lang string) []string {
	script, confidence := language.Make(lang).Script()
	if confidence == language.No {
		return nil
	}
	switch s := script.String(); s {
	case "Jpan":
		return []string{"Hani", "Hira", "Kana"}
	case "Kore":
		return []string{"Hang", "Hani"}
	case "Hans", "Hant":
		return []string{"Hani"}
	default:
		if scripts[s] == nil {
			return nil
		}
		return []string{s}
	}
}

func scriptOf(word string) string {
	for _, c := range word {
		for name, table := range scripts {
			if unicode.Is(table, c) {
				return name
			}
		}
	}
	return ""
}

// foreign finds the first passage of a block that is written in another script than
// its language: foreignWords words of it in a row. "" where there is none.
func foreign(text, lang string) string {
	known := scriptsOf(lang)
	if known == nil {
		return ""
	}
	var run []string
	was := ""
	for _, word := range strings.FieldsFunc(text, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.Is(unicode.M, c) && c != '\'' && c != '’'
	}) {
		script := scriptOf(word)
		if script == "" {
			continue
		}
		own := false
		for _, k := range known {
			own = own || k == script
		}
		if own || script != was {
			run, was = nil, script
		}
		if !own {
			if run = append(run, word); len(run) == foreignWords {
				return strings.Join(run, " ")
			}
		}
	}
	return ""
}

// foreignIn finds the passages of a page that are marked with no language of their own.
func foreignIn(doc ast.Node, src []byte, lang string, line func(int) int) (found []pageLink) {
	var walk func(n ast.Node, lang string)
	walk = func(n ast.Node, lang string) {
		if b, ok := n.(*box); ok && b.name == langBox {
			lang = b.arg
		}
		if n.Type() == ast.TypeBlock && n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeInline {
			if words := foreign(plainText(n, src), lang); words != "" {
				found = append(found, pageLink{text: words, line: line(offsetOf(n))})
			}
			return
		}
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			walk(c, lang)
		}
	}
	walk(doc, lang)
	return found
}
