package course

import (
	"bytes"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"havn/internal/locale"
	"havn/locales"
)

// desk is a course in two languages that takes a page, two questions and a case of
// the format's sample.
const desk = `
-- course.yaml --
format: 1
slug: at-the-desk
source: en
languages: [en, et]
fallback: [en]
completion: {require: all}
reuse:
  - course: first-contact
    pages: [m1-status]
    questions: [q-days, q-term, s-desk, c-case]
modules:
  - id: d1
    pages: [d1-own, m1-status]
    quiz:
      id: d1-quiz
      pass_mark: 80
      items:
        - question: q-days
        - draw: 2
          tags: [m1]
-- en/course.yaml --
title: At the desk
summary: What to do there.
modules: {d1: {title: Desk}}
-- en/d1-own.md --
# Our own

As the protocol says.[^fact:palermo-3c] Then read [on](m1-status).
-- et/course.yaml --
title: Laua taga
`

func deskFiles() Files {
	files := Files{}
	for _, f := range txtar.Parse([]byte(desk)).Files {
		files[f.Name] = f.Data
	}
	return files
}

// published are courses by their slug, as version 3.
func published(courses map[string]Files) Origins {
	return func(slug string) (Origin, Refusal) {
		if files, ok := courses[slug]; ok {
			return Origin{3, files}, 0
		}
		return Origin{}, NotPublished
	}
}

func sample(t *testing.T) Files {
	files, _ := readArchive(t, "testdata/format-sample.txtar")
	return files
}

func TestWhatIsReusedIsWholeInThePublication(t *testing.T) {
	t.Parallel()
	origin := sample(t)
	origin["et/m1-status.md"] = []byte("# Staatus\n\nJälle.[^fact:palermo-3c]\n\n:::whom-do-i-call\n**Kellele ma helistan?** 112.\n:::\n")
	var problems Problems
	origin[lockFile], problems = MarkTranslated("first-contact", origin, "et", ExpertReviewed, "m-tamm", day(t, "2026-11-24"))
	if problems.Errors() > 0 {
		t.Fatal(problems)
	}
	there, problems := Load("first-contact", origin)
	if there == nil {
		t.Fatal(problems)
	}
	own := deskFiles()
	files, told := TakeOver("at-the-desk", own, published(map[string]Files{"first-contact": origin}))
	p, problems := LoadTaken("at-the-desk", files, told)
	if p == nil {
		t.Fatal(problems)
	}
	for _, id := range []string{"q-days", "q-term", "s-desk", "c-case", "q-means", "q-signs"} { // a case brings its questions
		want := *there.Questions[id]
		if want.Accept != nil {
			want.Accept = map[string][]string{"en": want.Accept["en"], "et": want.Accept["et"]}
		}
		if diff := cmp.Diff(&want, p.Questions[id]); diff != "" {
			t.Errorf("%s is another question here:\n%s", id, diff)
		}
		for _, lang := range []string{"en", "et"} {
			if diff := cmp.Diff(there.Editions[lang].Questions[id], p.Editions[lang].Questions[id]); diff != "" {
				t.Errorf("%s reads otherwise in %s:\n%s", id, lang, diff)
			}
		}
	}
	for _, lang := range []string{"en", "et"} {
		if diff := cmp.Diff(there.Editions[lang].Pages["m1-status"], p.Editions[lang].Pages["m1-status"]); diff != "" {
			t.Errorf("the page reads otherwise in %s:\n%s", lang, diff)
		}
	}
	if got := p.Editions["et"].Pages["m1-status"]; got.State != ExpertReviewed || got.Title != "Staatus" {
		t.Errorf("the review of the translation does not come along: %s %s", got.State, got.Title)
	}
	if p.Questions["q-true"] != nil || p.Editions["en"].Pages["m1-rights"] != nil {
		t.Error("what is not named comes along")
	}
	if diff := cmp.Diff([]Taken{{"first-contact", 3}}, p.Taken); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(own, files.Own()); diff != "" {
		t.Errorf("the author's files are others:\n%s", diff)
	}
	again, _ := Load("at-the-desk", files) // as it is read from the store
	if again == nil || again.Hash != p.Hash {
		t.Error("the publication does not stand by itself")
	}
}

func TestATranslatorSeesWhatIsTheCoursesOwn(t *testing.T) {
	t.Parallel()
	tr, problems := ReadTranslation("at-the-desk", deskFiles(), "et")
	if tr == nil {
		t.Fatal(problems)
	}
	for _, p := range tr.Pairs {
		if strings.Contains(p.ID, "m1-status") || strings.Contains(p.ID, "q-days") {
			t.Errorf("%s is translated here, too", p.ID)
		}
	}
	b, _ := ReadBank("at-the-desk", deskFiles())
	if !b.IDs["q-days"] {
		t.Error("the id of a reused question is free for another")
	}
}

func TestAMinorChangeOfTheOriginKeepsTranslationsReviewed(t *testing.T) {
	t.Parallel()
	origin := sample(t)
	origin[lockFile] = []byte("et question:q-days.stem " + UnitHash("How many?") + " expert-reviewed m-tamm 2026-11-24\n")
	before, problems := Load("first-contact", origin)
	if before == nil {
		t.Fatal(problems)
	}
	changed := maps.Clone(origin)
	changed["en/questions.yaml"] = []byte(strings.Replace(string(origin["en/questions.yaml"]), `"How many?"`, `"How many days?"`, 1))
	after, problems := Load("first-contact", changed)
	if after == nil {
		t.Fatal(problems)
	}
	changes := Changes(before, after)
	if len(changes) != 1 {
		t.Fatalf("%d changes: %v", len(changes), changes)
	}
	kept := Publishable(changed, after, before, changes, func(Change) Weight { return Minor })
	files, told := TakeOver("at-the-desk", deskFiles(), published(map[string]Files{"first-contact": kept}))
	p, problems := LoadTaken("at-the-desk", files, told)
	if p == nil {
		t.Fatal(problems)
	}
	if got := p.Editions["et"].Questions["q-days"].State; got != ExpertReviewed {
		t.Errorf("the translation is %s", got)
	}
}

// Each fault of what is reused is told at its place, and all in one run.
func TestEachFaultOfReuseIsToldAtItsPlace(t *testing.T) {
	t.Parallel()
	words, err := locale.Load(locales.FS)
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(Files)) Files {
		files := deskFiles()
		change(files)
		return files
	}
	reuse := func(text string) Files {
		return with(func(f Files) {
			before, rest, _ := strings.Cut(string(f["course.yaml"]), "reuse:\n")
			_, modules, _ := strings.Cut(rest, "modules:\n")
			f["course.yaml"] = []byte(before + "modules:\n" + modules + "reuse:\n" + text)
		})
	}
	var many []string
	for n := range maxReused + 1 {
		many = append(many, fmt.Sprint("q", n))
	}
	hung := sample(t)
	hung["media/door.svg"] = []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)
	hung["en/m1-status.md"] = append(hung["en/m1-status.md"], "\n![A door](media/door.svg)\n"...)
	heavy := maps.Clone(hung)
	heavy["media/door.svg"] = make([]byte, maxSize)
	for _, c := range []struct {
		name    string
		files   Files
		courses map[string]Files
		want    string
	}{
		{"no course", deskFiles(), nil, `course.yaml:8: there is no course "first-contact"`},
		{"no page", reuse("  - {course: first-contact, pages: [m1-statu]}\n"), nil, `course.yaml:18: "first-contact" has no page "m1-statu". Did you mean "m1-status"?`},
		{"no question", reuse("  - {course: first-contact, questions: [q-day]}\n"), nil, `course.yaml:18: "first-contact" has no question "q-day". Did you mean "q-days"?`},
		{"own page", with(func(f Files) { f["en/m1-status.md"] = []byte("# Mine\n") }), nil, `en/m1-status.md:1: the page "m1-status" comes from "first-contact"`},
		{"own question", with(func(f Files) { f["questions.yaml"] = []byte("- {id: q-days, type: numeric, key: 3}\n") }), nil, `questions.yaml:1: the id "q-days" is already used in course.yaml:10`},
		{"own fact", with(func(f Files) {
			f["facts.yaml"] = []byte("- {id: palermo-3c, instrument: Another, applies_in: all, status: unverified}\n")
			f["en/facts.yaml"] = []byte("palermo-3c: Otherwise.\n")
		}), nil, `facts.yaml:1: the fact "palermo-3c" comes from "first-contact", where it says something else`},
		{"own picture", with(func(f Files) { f["media/door.svg"] = []byte("<svg/>") }), map[string]Files{"first-contact": hung}, `media/door.svg:1: media/door.svg is another picture in "first-contact"`},
		{"another source", with(func(f Files) {
			f["course.yaml"] = bytes.Replace(f["course.yaml"], []byte("source: en"), []byte("source: et"), 1)
		}), nil, `course.yaml:8: "first-contact" is written in en and this course in et`},
		{"too large", deskFiles(), map[string]Files{"first-contact": heavy}, `course.yaml:1: with what it reuses the course is too large`},
		{"itself", reuse("  - {course: at-the-desk, pages: [d1-own]}\n"), nil, `course.yaml:18: "at-the-desk" reuses of this course`},
		{"path", reuse("  - {course: ../first-contact, pages: [m1-status]}\n"), nil, `course.yaml:18: "../first-contact" is no id`},
		{"path of a page", reuse("  - {course: first-contact, pages: [../../etc/passwd]}\n"), nil, `course.yaml:18: "../../etc/passwd" is no id`},
		{"twice", reuse("  - {course: first-contact, pages: [m1-status, m1-status]}\n"), nil, `course.yaml:18: "m1-status" stands twice`},
		{"a course twice", reuse("  - {course: first-contact, pages: [m1-status]}\n  - {course: first-contact, questions: [q-days]}\n"), nil, `course.yaml:19: "first-contact" stands twice`},
		{"nothing", reuse("  - {course: first-contact}\n"), nil, `course.yaml:18: names no page and no question of "first-contact"`},
		{"too much", reuse("  - {course: first-contact, questions: [" + strings.Join(many, ", ") + "]}\n"), nil, `course.yaml:18: a course may reuse at most 500 pages and questions`},
		{"not a key", reuse("  - {course: first-contact, pages: [m1-status], version: 1}\n"), nil, `course.yaml:18: "version" is not known here`},
		{"a link out", with(func(f Files) {
			f["course.yaml"] = bytes.ReplaceAll(f["course.yaml"], []byte("m1-status"), []byte("m1-rights"))
		}), nil, `course.yaml:8: en/m1-rights.md of "first-contact" leads to`},
		{"a loop", deskFiles(), map[string]Files{"first-contact": {"course.yaml": []byte("format: 1\nslug: first-contact\nreuse:\n  - {course: far, pages: [x]}\n")}, "far": {"course.yaml": []byte("reuse:\n  - {course: at-the-desk, pages: [d1-own]}\n")}}, `course.yaml:8: "first-contact" reuses of this course, itself or by others`},
	} {
		courses := c.courses
		if courses == nil && c.name != "no course" {
			courses = map[string]Files{"first-contact": sample(t)}
		}
		files, told := TakeOver("at-the-desk", c.files, published(courses))
		p, problems := LoadTaken("at-the-desk", files, told)
		var said []string
		for _, x := range problems.Say(words.In("en")) {
			said = append(said, x.String())
			if originOf(x.File) != "" {
				t.Errorf("%s: told of a file that the author has not: %s", c.name, x)
			}
		}
		if all := "\n" + strings.Join(said, "\n"); p != nil || !strings.Contains(all, "\n"+c.want) {
			t.Errorf("%s: lacks %s:%s", c.name, c.want, all)
		}
	}
}

func TestWhatAnotherCourseHasFromElsewhereIsReusedThere(t *testing.T) {
	t.Parallel()
	origins := map[string]Files{"first-contact": sample(t)}
	middle, told := TakeOver("at-the-desk", deskFiles(), published(origins))
	if p, problems := LoadTaken("at-the-desk", middle, told); p == nil {
		t.Fatal(problems)
	}
	origins["at-the-desk"] = middle
	far := deskFiles()
	far["course.yaml"] = []byte(strings.NewReplacer("slug: at-the-desk", "slug: far", "course: first-contact", "course: at-the-desk").Replace(string(far["course.yaml"])))
	_, told = TakeOver("far", far, published(origins))
	if len(told) == 0 || told[0].Code != "reuse-second-hand" || told[0].Line != 9 || told[0].Params["origin"] != "first-contact" {
		t.Errorf("%v", told)
	}
}

// A fact that both courses have and say the same of stands once, and what cannot come
// along is told.
func TestWhatBothCoursesHaveStandsOnce(t *testing.T) {
	t.Parallel()
	origin, own := sample(t), deskFiles()
	own["course.yaml"] = bytes.Replace(own["course.yaml"], []byte("languages: [en, et]"), []byte("languages: [en, et, sv]\ncountries: [EE]"), 1)
	own["facts.yaml"], own["en/facts.yaml"] = origin["facts.yaml"], origin["en/facts.yaml"]
	own["sv/course.yaml"] = []byte("title: Vid disken\n")
	origin["places/EE/facts.yaml"] = []byte("- {id: palermo-3c, instrument: Penal code, checked_on: 2026-11-23, status: verified}\n")
	origin["places/EE/en/facts.yaml"] = []byte("palermo-3c: Otherwise in Estonia.\n")
	own["en/glossary.yaml"] = []byte("guardian: {term: guardian, definition: Who acts for the child.}\n")
	origin["en/glossary.yaml"] = own["en/glossary.yaml"]
	origin["en/m1-status.md"] = append(origin["en/m1-status.md"], "\nA [guardian](term:guardian).\n"...)
	files, told := TakeOver("at-the-desk", own, published(map[string]Files{"first-contact": origin}))
	p, problems := LoadTaken("at-the-desk", files, told)
	if p == nil {
		t.Fatal(problems)
	}
	if p.Facts["palermo-3c"] == nil || files[reusedFile("first-contact", "facts.yaml")] != nil || files[reusedFile("first-contact", "en/glossary.yaml")] != nil {
		t.Error("what the course has itself comes along again")
	}
	var codes []string
	for _, x := range told {
		codes = append(codes, fmt.Sprint(x.Level, " ", x.Code, " ", x.Line))
	}
	if diff := cmp.Diff([]string{"warning reuse-language 9", "warning reuse-place 9"}, codes); diff != "" {
		t.Error(diff)
	}
	own["places/EE/facts.yaml"], own["places/EE/en/facts.yaml"] = origin["places/EE/facts.yaml"], origin["places/EE/en/facts.yaml"]
	if _, told = TakeOver("at-the-desk", own, published(map[string]Files{"first-contact": origin})); len(told) != 1 {
		t.Errorf("what the country has of its own here is warned of: %v", told)
	}
	delete(own, "places/EE/facts.yaml")
	delete(own, "places/EE/en/facts.yaml")
	delete(own, "facts.yaml")
	delete(own, "en/facts.yaml")
	own["en/glossary.yaml"] = []byte("guardian: {term: guardian, definition: Who guards.}\n")
	_, told = TakeOver("at-the-desk", own, published(map[string]Files{"first-contact": origin}))
	codes = nil
	for _, x := range told {
		codes = append(codes, fmt.Sprint(x.File, " ", x.Level, " ", x.Code))
	}
	if diff := cmp.Diff([]string{"course.yaml warning reuse-language", "en/glossary.yaml error reuse-term", "course.yaml warning reuse-place"}, codes); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAFolderSaysToHaveBeenTakenOverIsNotBelieved(t *testing.T) {
	t.Parallel()
	origins := published(map[string]Files{"first-contact": sample(t)})
	honest, _ := TakeOver("at-the-desk", deskFiles(), origins)
	forged := deskFiles()
	forged[reusedFile("first-contact", "questions.yaml")] = []byte("- {id: q-days, type: numeric, key: 1}\n")
	forged[reusedFile("elsewhere", "media/x.svg")] = []byte("<svg/>")
	forged[reuseFile] = []byte("first-contact 99\n")
	got, _ := TakeOver("at-the-desk", forged, origins)
	if diff := cmp.Diff(honest, got); diff != "" {
		t.Error(diff)
	}
}
