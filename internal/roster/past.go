package roster

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"havn/internal/fault"
)

// What a list of completions may hold.
const (
	MaxPastBytes = 8 << 20 // of the file
	MaxPast      = 50_000  // completions
	MaxNote      = 200     // characters of a reference or an origin
)

// The columns of a list of completions, by their fields.
const (
	person    = "person"
	courseOf  = "course"
	completed = "completed_on"
	expires   = "expires_on"
	reference = "reference"
	origin    = "origin"
)

// past is how a list of completions looks.
var past = form{
	fields: []string{person, courseOf, completed, expires, reference, origin}, required: []string{person, courseOf, completed}, words: pastHeaders,
	header: "past-header", maxBytes: MaxPastBytes,
}

var pastHeaders = map[string]map[string][]string{
	"en": {
		person: {"Person", "e-mail", "email address", "mail", "account"}, courseOf: {"Course"}, completed: {"Completed on", "completed", "completion date", "date"},
		expires: {"Expires on", "expires", "valid until", "valid to"}, reference: {"Reference", "certificate", "certificate number"}, origin: {"Origin", "source", "system", "from"},
	},
	"et": {
		person: {"Isik", "e-post", "e-posti aadress", "meil"}, courseOf: {"Kursus", "koolitus"}, completed: {"Läbitud", "läbimise kuupäev", "kuupäev"},
		expires: {"Kehtib kuni", "aegub"}, reference: {"Viide", "tunnistus", "tunnistuse number"}, origin: {"Päritolu", "allikas", "süsteem"},
	},
	"sv": {
		person: {"Person", "e-post", "e-postadress", "mejl"}, courseOf: {"Kurs", "utbildning"}, completed: {"Genomförd", "genomförd den", "datum"},
		expires: {"Giltig till", "upphör", "går ut"}, reference: {"Referens", "intyg", "intygsnummer"}, origin: {"Ursprung", "källa", "system"},
	},
	"uk": {
		person: {"Особа", "електронна пошта", "електронна адреса", "пошта"}, courseOf: {"Курс"}, completed: {"Пройдено", "дата проходження", "дата"},
		expires: {"Дійсне до", "діє до"}, reference: {"Номер", "сертифікат", "номер сертифіката"}, origin: {"Походження", "джерело", "система"},
	},
	"ar": {
		person: {"الشخص", "البريد الإلكتروني", "البريد"}, courseOf: {"الدورة"}, completed: {"تاريخ الإتمام", "أُتمّت في", "التاريخ"},
		expires: {"صالح حتى", "ينتهي في"}, reference: {"المرجع", "الشهادة", "رقم الشهادة"}, origin: {"المصدر", "النظام"},
	},
}

// Past is a course that somebody completed elsewhere.
//
// A row without a Problem holds an address in lower case or an account's id, any
// text as the course, days as "2024-03-01", and EndsOn, Reference and Origin ""
// where not given. A row with a Problem holds what was read, cut to MaxCell
// characters, only to be shown.
type Past struct {
	Line                                           int
	Person, Course, CompletedOn, EndsOn, Ref, From string

	// Problem is "" or the first of these that applies: "cell-too-long",
	// "formula", "person-missing", "course-missing", "date-invalid",
	// "expires-invalid", "expires-before", "note-invalid", "repeated".
	Problem string
	Field   string // the column at fault, in English
	Earlier int    // the line that says the same already, where repeated
}

// ReadPast reads a list of completions by its content as Read does. Faults are
// those of Read with other limits, "past-header" in place of "roster-header" and
// "past-too-long" in place of "roster-too-long".
func ReadPast(data []byte) (rows []Past, err error) {
	book := bytes.HasPrefix(data, []byte("PK"))
	lines := map[Past]int{}
	err = past.read(data, func(line int, columns, cells []string, formulas []int) error {
		if len(rows) == MaxPast {
			return fault.At("past-too-long", "file").With("max", MaxPast)
		}
		r := readPast(columns, cells, formulas, book)
		if r.Problem == "" {
			if r.Earlier = lines[r]; r.Earlier != 0 {
				r.Problem, r.Field = "repeated", person
			} else {
				lines[r] = line
			}
		}
		r.Line = line
		rows = append(rows, r)
		return nil
	})
	if err == nil && rows == nil {
		err = fault.At("roster-empty", "file")
	}
	if err != nil {
		return nil, err
	}
	return rows, nil
}

func readPast(columns, cells []string, formulas []int, book bool) (r Past) {
	field := map[string]*string{person: &r.Person, courseOf: &r.Course, completed: &r.CompletedOn, expires: &r.EndsOn, reference: &r.Ref, origin: &r.From}
	wrong := func(code, field string) {
		if r.Problem == "" {
			r.Problem, r.Field = code, field
		}
	}
	for i, f := range columns {
		if f == "" || i >= len(cells) {
			continue
		}
		text, problem := readCell(cells[i], slices.Contains(formulas, i))
		if *field[f] = text; problem != "" {
			wrong(problem, f)
		}
	}
	if r.Person = strings.ToLower(r.Person); r.Person == "" {
		wrong("person-missing", person)
	}
	if r.Course == "" {
		wrong("course-missing", courseOf)
	}
	var ok bool
	if r.CompletedOn, ok = cleanDay(r.CompletedOn, book); !ok {
		wrong("date-invalid", completed)
	}
	if r.EndsOn != "" {
		if r.EndsOn, ok = cleanDay(r.EndsOn, book); !ok {
			wrong("expires-invalid", expires)
		} else if r.EndsOn < r.CompletedOn {
			wrong("expires-before", expires)
		}
	}
	for _, name := range []string{reference, origin} {
		if text := *field[name]; utf8.RuneCountInString(text) > MaxNote || strings.ContainsFunc(text, hidden) {
			wrong("note-invalid", name)
		}
	}
	return r
}

// epoch is the day before the first of a workbook's days, as they are counted from
// 1 March 1900 on (ISO/IEC 29500-1 §18.17.4.1, the 1900 date base).
var epoch = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)

// cleanDay reads a day as ISO 8601 writes it or with points, the day first; in a
// workbook also as a count of days. Slashes are read in two ways, and so not at all.
// Days before 2000 and after 2100 are refused.
func cleanDay(s string, book bool) (string, bool) {
	for _, layout := range []string{time.DateOnly, "2.1.2006", time.DateTime, time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly), inReason(t)
		}
	}
	if n, err := strconv.ParseFloat(s, 64); err == nil && book && n > 0 && n < 100_000 {
		t := epoch.AddDate(0, 0, int(n))
		return t.Format(time.DateOnly), inReason(t)
	}
	return s, false
}

func inReason(t time.Time) bool { return t.Year() >= 2000 && t.Year() <= 2100 }
