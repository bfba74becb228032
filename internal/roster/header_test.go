package roster_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"havn/internal/fault"
	"havn/internal/roster"
)

func TestHeadersAreKnownInEachLanguage(t *testing.T) {
	t.Parallel()
	row := []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A", Language: "en", Role: "learner", Organisation: "U"}}
	for _, header := range []string{
		"email,name,language,role,organisation", "E-Mail Address,FULL NAME, Language ,Role,Organization",
		"e-post,nimi,keel,roll,organisatsioon", "E-posti aadress,Täisnimi,Keel,Roll,Asutus",
		"e-post,namn,språk,roll,organisation", "E-postadress,Namn,Spra\u030ak,Roll,Enhet",
		"Електронна пошта,Ім’я,Мова,Роль,Організація", "ел. пошта,Ім'я,мова,роль,підрозділ",
		"البريد الإلكتروني,الاسم,اللغة,الدور,المؤسسة", "\u200fالبريد الالكتروني,الإسم,لغة,الدَّور,المنظمة",
	} {
		want(t, []byte(header+"\na@b.ee,A,en,learner,U\n"), row)
	}
	want(t, []byte("role,NAME,email\n,A,a@b.ee\n"), []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A"}})
	for role, words := range map[string]string{"learner": "Õppija deltagare учень متعلم", "tutor": "juhendaja handledare тьютор مرشد", "trainer": "koolitaja UTBILDARE тренер مدرّب", "administrator": "haldur administratör адміністратор مسؤول"} {
		for _, w := range append(strings.Fields(words), role) {
			want(t, []byte("email,name,role\na@b.ee,A,"+w), []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A", Role: role}})
		}
	}
}

func TestAWrongHeaderIsNamed(t *testing.T) {
	t.Parallel()
	for csv, x := range map[string][2]string{
		"email,role\na@b.ee,learner":                      {"missing", "name"},
		"name\nA":                                         {"missing", "email"},
		"anna@example.org,Anna\nb@example.org,B":          {"missing", "email"},
		"email,name,Personal code\na@b.ee,A,4":            {"unknown", "Personal code"},
		"email,name,Nimi\na@b.ee,A,B":                     {"twice", "Nimi"},
		"email,name,=email\na@b.ee,A,B":                   {"unknown", "=email"},
		"email,name," + strings.Repeat("\u202Eä\x07", 99): {"unknown", strings.Repeat("ä", 60)},
	} {
		wantFault(t, []byte(csv), "roster-header", map[string]any{"reason": x[0], "column": x[1]})
	}
	for _, csv := range []string{"email,name\na@b.ee,A\nb@b.ee,B,secret", "email,name,\na@b.ee,A,\nb@b.ee,B,secret"} {
		wantFault(t, []byte(csv), "roster-header", map[string]any{"reason": "unknown", "column": "C", "line": 3})
	}
	want(t, []byte("email;name;;\na@b.ee;A;;\n"), []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A"}})
}

func TestATemplateIsReadBackOnceItIsFilled(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"en", "et", "sv", "uk", "ar", "fi"} {
		empty, err := roster.Template(lang, "csv")
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, empty, "roster-empty", nil)
		row := []roster.Row{{Line: 2, Email: "a@b.ee", Name: "A", Language: "et", Role: "tutor", Organisation: "U"}}
		filled := "a@b.ee;A;et;tutor;U\r\n"
		if lang == "en" || lang == "fi" {
			filled = strings.ReplaceAll(filled, ";", ",")
		}
		want(t, append(empty, filled...), row)

		empty, err = roster.Template(lang, "xlsx")
		if err != nil {
			t.Fatal(err)
		}
		wantFault(t, empty, "roster-empty", nil)
		f, err := excelize.OpenReader(bytes.NewReader(empty))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", "A2", &[]string{"a@b.ee", "A", "et", "tutor", "U"}); err != nil {
			t.Fatal(err)
		}
		b, err := f.WriteToBuffer()
		if err != nil {
			t.Fatal(err)
		}
		want(t, b.Bytes(), row)
	}
	if _, err := roster.Template("en", "ods"); !fault.Is(err, "invalid-field") {
		t.Error(err)
	}
}
