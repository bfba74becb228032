package bank

import (
	"bytes"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"havn/courses"
	"havn/internal/course"
)

func realCourse(t *testing.T) course.Files {
	t.Helper()
	sub, err := fs.Sub(courses.FS, "children-on-the-move")
	if err != nil {
		t.Fatal(err)
	}
	files, err := course.ReadFiles(sub)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func sampleCourse(t *testing.T) course.Files {
	t.Helper()
	a, err := txtar.ParseFile("../course/testdata/format-sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := course.Files{}
	for _, f := range a.Files {
		files[f.Name] = f.Data
	}
	return files
}

func sheet(t *testing.T, name string, files course.Files, id string) Sheet {
	t.Helper()
	b, _ := course.ReadBank(name, files)
	s, ok := SheetOf(b, id)
	if !ok {
		t.Fatal("no question", id)
	}
	return s
}

// rewrite writes a sheet and gives the folder as it then is.
func rewrite(t *testing.T, name string, files course.Files, s Sheet) (after, changed course.Files, id string) {
	t.Helper()
	changed, id, err := Rewrite(name, files, s, nil)
	if err != nil {
		t.Fatalf("%s: %v", s.ID, err)
	}
	after = maps.Clone(files)
	maps.Copy(after, changed)
	return after, changed, id
}

// Every question of both courses, of all thirteen types, is read into its form and
// written back: unchanged it changes no byte. What is changed and changed back (of
// the real course one of each type) is the file it was in the real course, which is
// in the form that is written; in the sample only lines of that question differ, and
// they say the same.
func TestAQuestionGoesThroughItsFormUnchanged(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]course.Files{"children-on-the-move": realCourse(t), "first-contact": sampleCourse(t)} {
		maps.DeleteFunc(files, func(file string, _ []byte) bool { // neither pages nor every language matter here
			return strings.HasSuffix(file, ".md") || strings.HasPrefix(file, "uk/") || strings.HasPrefix(file, "ar/") || strings.HasPrefix(file, "sv/")
		})
		b, _ := course.ReadBank(name, files)
		types := map[course.Type]bool{}
		for _, q := range b.Questions {
			seen := types[q.Type]
			types[q.Type] = true
			s := sheet(t, name, files, q.ID)
			if _, changed, _ := rewrite(t, name, files, s); len(changed) > 0 {
				t.Errorf("%s %s: written back unchanged, it changes %v", name, q.ID, slices.Collect(maps.Keys(changed)))
			}
			if seen && name == "children-on-the-move" { // one of each type is enough of a large file
				continue
			}
			s.Confidence = !s.Confidence
			other, changed, _ := rewrite(t, name, files, s)
			if _, ok := changed["questions.yaml"]; !ok || len(changed) != 1 {
				t.Fatalf("%s %s: a rule changes %v", name, q.ID, slices.Collect(maps.Keys(changed)))
			}
			s.Confidence = !s.Confidence
			back, _, _ := rewrite(t, name, other, s)
			if name == "children-on-the-move" && !bytes.Equal(back["questions.yaml"], files["questions.yaml"]) {
				t.Errorf("%s: changed and changed back, the file is another:\n%s", q.ID, difference(files["questions.yaml"], back["questions.yaml"]))
			}
			first, last := course.Lines(files["questions.yaml"], "", q.ID)
			was, is := bytes.Split(files["questions.yaml"], []byte("\n")), bytes.Split(back["questions.yaml"], []byte("\n"))
			if len(was) != len(is) {
				t.Fatalf("%s %s: other lines", name, q.ID)
			}
			for n := range was {
				if n+1 >= first && n+1 <= last {
					continue
				}
				if !bytes.Equal(was[n], is[n]) {
					t.Errorf("%s %s: line %d is of another question", name, q.ID, n+1)
				}
			}
			again, _ := course.ReadBank(name, back)
			if !reflect.DeepEqual(again.Questions, b.Questions) || !reflect.DeepEqual(again.Texts, b.Texts) {
				t.Errorf("%s %s: it says something else", name, q.ID)
			}
		}
		if len(types) != len(Types) {
			t.Errorf("%s has %d of %d types", name, len(types), len(Types))
		}
	}
}

func difference(a, b []byte) string {
	var out []string
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for n := range min(len(x), len(y)) {
		if x[n] != y[n] {
			out = append(out, "- "+x[n], "+ "+y[n])
		}
	}
	return strings.Join(out, "\n")
}

// A text that changes is one place of one file: comments, other texts and how they
// are written stay.
func TestAChangedTextIsASmallDifference(t *testing.T) {
	t.Parallel()
	files := realCourse(t)
	for _, q := range []string{"m1-q-case-child", "m1-s-desk", "m1-q-roles", "m1-g-before", "m1-q-case-lines"} {
		s := sheet(t, "children-on-the-move", files, q)
		s.Stem += " Look \"twice\": #1."
		after, changed, _ := rewrite(t, "children-on-the-move", files, s)
		if len(changed) != 1 || changed["en/questions.yaml"] == nil {
			t.Fatalf("%s: %v", q, slices.Collect(maps.Keys(changed)))
		}
		if d := strings.Count(difference(files["en/questions.yaml"], after["en/questions.yaml"]), "\n"); d != 1 {
			t.Errorf("%s: more than one line differs", q)
		}
		if now := sheet(t, "children-on-the-move", after, q); !reflect.DeepEqual(now, s) {
			t.Errorf("%s: reads %+v", q, now)
		}
	}
}

// An answer that is taken out goes from the rules and from every language, and its
// id is not given to the next one.
func TestAnAnswerIsTakenOutAndAnotherComes(t *testing.T) {
	t.Parallel()
	files := realCourse(t)
	s := sheet(t, "children-on-the-move", files, "m1-q-case-child")
	s.Options[0].Text = ""
	s.Options = append(s.Options, Option{Text: "Ask Idris to stay."}, Option{Text: " "})
	after, changed, _ := rewrite(t, "children-on-the-move", files, s)
	for _, lang := range []string{"en", "et", "sv", "uk", "ar"} {
		if _, ok := changed[lang+"/questions.yaml"]; !ok {
			t.Errorf("%s keeps what is gone", lang)
		}
	}
	_, problems := course.Load("children-on-the-move", after)
	if problems.Errors() > 0 {
		t.Fatal(problems)
	}
	now := sheet(t, "children-on-the-move", after, "m1-q-case-child")
	if len(now.Options) != 4 || now.Options[3].ID != "a" || now.Options[0].ID == "brought" {
		t.Errorf("%+v", now.Options)
	}
	used, _, err := Rewrite("children-on-the-move", files, s, []string{"a"})
	if err != nil || !bytes.Contains(used["questions.yaml"], []byte("options: [cousin-cares, child-alone, wait, b]")) {
		t.Errorf("an id is used again: %v", err)
	}
}

// A new question of each type comes behind the others, and one that lacks something
// is kept for the checker to speak of.
func TestAQuestionOfEachTypeIsMadeByItsForm(t *testing.T) {
	t.Parallel()
	abc := []Option{{Text: "One", Right: true, Place: 3, Feedback: "Yes."}, {Text: "Two", Place: 1}, {Text: "Three: #3", Place: 2}}
	for _, s := range []Sheet{
		{Type: course.Single, Options: abc}, {Type: course.Multiple, Options: abc, Partial: "per-option"}, {Type: course.Hotspot, Options: abc},
		{Type: course.Single, Partial: "weights", Options: []Option{{Text: "One", Right: true, Weight: 1}, {Text: "Two", Weight: -0.25}}},
		{Type: course.Ordering, Options: abc, Partial: "longest"},
		{Type: course.Matching, Options: []Option{{Text: "Left", Target: "r2"}, {Text: "Lower", Target: "r1"}}, Targets: []Target{{"r1", "R"}, {"r2", "S"}, {"", "T"}}},
		{Type: course.TrueFalse, Options: []Option{{ID: "true", Feedback: "No."}, {ID: "false", Right: true}}},
		{Type: course.Numeric, Number: 15, Tolerance: 1}, {Type: course.Date, Date: "2026-09-22"},
		{Type: course.ShortText, Accept: map[string][]string{"en": {"guardian", "Legal: guardian", "no"}, "et": {"eestkostja"}}, Match: []string{"capitals"}},
		{Type: course.Reflection}, {Type: course.Vignette, Questions: []string{"q-means"}}, {Type: course.Rating, Scale: 3, Options: []Option{{ID: "1", Text: "not at all"}}},
		{Type: course.Scenario, Start: "n1", Nodes: []Node{{ID: "n1", Text: "She waits.", Choices: []Way{{Text: "Talk", To: "e-1", Points: 1}}}, {ID: "e-1", Text: "Safe.", End: "safe", Feedback: "Well done."}}},
	} {
		files := sampleCourse(t)
		s.Stem, s.Feedback, s.Tags, s.Facts, s.AppliesIn = "What now?\n\n- first\n- then", "Because.", []string{"m1"}, []string{"palermo-3c"}, []string{"EE", "NO"}
		if s.Type.Graded() {
			s.Points = 2
		}
		before := slices.Clone(files["questions.yaml"])
		after, changed, id := rewrite(t, "first-contact", files, s)
		if !bytes.HasPrefix(changed["questions.yaml"], bytes.TrimRight(before, "\n")) {
			t.Errorf("%s: what was there is not what it was", s.Type)
		}
		if _, problems := course.Load("first-contact", after); problems.Errors() > 0 {
			t.Errorf("%s: %v\n%s", s.Type, problems, changed["questions.yaml"])
		}
		now := sheet(t, "first-contact", after, id)
		if now.Stem != s.Stem || now.Points != s.Points || !slices.Equal(now.AppliesIn, s.AppliesIn) {
			t.Errorf("%s: %+v", s.Type, now)
		}
		if _, changed, _ := rewrite(t, "first-contact", after, now); len(changed) > 0 {
			t.Errorf("%s: %v", s.Type, changed)
		}
		if s.Type == course.Ordering && (now.Options[0].Text != "Two" || now.Options[2].Text != "One") {
			t.Errorf("the order is %+v", now.Options)
		}
	}
	for _, s := range []Sheet{
		{Type: course.Single, Options: []Option{{Text: "One"}}}, {Type: course.Multiple}, {Type: course.Date}, {Type: course.ShortText}, {Type: course.Vignette}, {Type: course.Scenario},
		{Type: course.Scenario, Start: "n1", Nodes: []Node{{ID: "n1"}, {ID: "n2", Choices: []Way{{Text: "Back", To: "n2"}, {Text: "Away", To: ""}}}}},
	} {
		s.Stem = "Not whole"
		after, _, id := rewrite(t, "first-contact", sampleCourse(t), s)
		_, problems := course.Load("first-contact", after)
		first, last := course.Lines(after["questions.yaml"], "", id)
		told := slices.ContainsFunc(problems, func(p course.Problem) bool { return p.File == "questions.yaml" && p.Line >= first && p.Line <= last })
		if !told {
			t.Errorf("%s: nothing says what it lacks: %v", s.Type, problems)
		}
	}
}

// Whatever an author types into a form is kept as it is: no text is taken for YAML.
func TestTextsOfAFormAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"a: b # c", "- one\n- two", "[", "}{", "null", "true", "'", `"`, `\`, "|", "> quoted\n> more", "%", "@you", "&a *b !c", "\ttab", "two\n\nparts", "  in\n    further", "ends \nso", "2026-09-22", "0x1f", "…", "ж\u00a0ж", "a\u2028b", "مرحبا", "👩‍👧", "<<: *a", "---", "? x", strings.Repeat("long ", 900), strings.Repeat("[", 60),
	} {
		for _, id := range []string{"q-means", "q-steps", "s-desk"} {
			files := sampleCourse(t)
			s := sheet(t, "first-contact", files, id)
			s.Stem, s.Feedback = text, text
			if len(s.Options) > 0 {
				s.Options[0].Text, s.Options[1].Feedback = text, text
			} else {
				s.Nodes[0].Text, s.Nodes[0].Choices[0].Text, s.Nodes[4].Feedback = text, text, text
			}
			after, _, _ := rewrite(t, "first-contact", files, s)
			now, want := sheet(t, "first-contact", after, id), strings.TrimSpace(text)
			if now.Stem != want || now.Feedback != want || len(s.Options) > 0 && now.Options[0].Text != want || len(s.Nodes) > 0 && now.Nodes[0].Choices[0].Text != want {
				t.Errorf("%s %q reads %q", id, text, now.Stem)
			}
		}
	}
}
