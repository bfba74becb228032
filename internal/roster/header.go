package roster

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The columns of a list of people, by their fields.
const (
	email        = "email"
	name         = "name"
	lang         = "language"
	role         = "role"
	organisation = "organisation"
)

// languages are those in which a header is known, the first where another is asked for.
var languages = []string{"en", "et", "sv", "uk", "ar"}

// headers are the words for each column, the first of which a template shows.
var headers = map[string]map[string][]string{
	"en": {
		email: {"E-mail", "email address", "mail"}, name: {"Name", "full name"}, lang: {"Language"},
		role: {"Role"}, organisation: {"Organisation", "organization", "unit"},
	},
	"et": {
		email: {"E-post", "e-posti aadress", "meil", "e-mail", "meiliaadress"}, name: {"Nimi", "täisnimi", "ees- ja perekonnanimi"}, lang: {"Keel"},
		role: {"Roll"}, organisation: {"Organisatsioon", "asutus", "üksus"},
	},
	"sv": {
		email: {"E-post", "e-postadress", "mejl", "mejladress"}, name: {"Namn", "fullständigt namn", "för- och efternamn"}, lang: {"Språk"},
		role: {"Roll"}, organisation: {"Organisation", "enhet"},
	},
	"uk": {
		email: {"Електронна пошта", "електронна адреса", "адреса електронної пошти", "ел. пошта", "пошта", "імейл"}, name: {"Ім’я", "повне ім’я", "прізвище та ім’я", "ім’я та прізвище", "ПІБ"}, lang: {"Мова"},
		role: {"Роль"}, organisation: {"Організація", "установа", "підрозділ"},
	},
	"ar": {
		email: {"البريد الإلكتروني", "بريد إلكتروني", "عنوان البريد الإلكتروني", "البريد", "الإيميل"}, name: {"الاسم", "الاسم الكامل"}, lang: {"اللغة", "لغة"},
		role: {"الدور", "الصفة"}, organisation: {"المؤسسة", "المنظمة", "الجهة", "الوحدة"},
	},
}

// roleWords leave out words that could also mean a lesser role, such as "manager".
var roleWords = map[string][]string{
	"learner":       {"learner", "participant", "õppija", "osaleja", "deltagare", "учень", "учениця", "учасник", "учасниця", "слухач", "слухачка", "متعلم", "متعلمة", "متدرب", "متدربة"},
	"tutor":         {"tutor", "tuutor", "juhendaja", "handledare", "тьютор", "тьюторка", "куратор", "кураторка", "наставник", "наставниця", "مرشد", "مرشدة"},
	"trainer":       {"trainer", "koolitaja", "utbildare", "тренер", "тренерка", "مدرب", "مدربة"},
	"administrator": {"administrator", "admin", "haldur", "administraator", "administratör", "адміністратор", "адміністраторка", "مسؤول", "مسؤولة"},
}

// roles are found by folded words.
var roles = func() map[string]string {
	r := map[string]string{}
	for role, words := range roleWords {
		for _, w := range words {
			r[fold(w)] = role
		}
	}
	return r
}()

// fold makes words alike that people write differently: capitals, spaces,
// hyphens, apostrophes, marks of direction, Arabic vowel signs and the seats of hamza.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToLower(s)) {
		switch {
		case unicode.IsSpace(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Bidi_Control, r), strings.ContainsRune("-‐‑_.'’ʼ‘`ـ", r):
		case strings.ContainsRune("أإآ", r):
			b.WriteRune('ا')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// printable is the text as far as it can be shown in a sentence.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60])
	}
	return strings.TrimSpace(s)
}
