package bank

import (
	"testing"

	"havn/internal/course"
)

// A question that is written by hand, one answer a line, stands in the course with
// its key; what is missing is said in a sentence.
func TestAQuestionIsWrittenByHand(t *testing.T) {
	t.Parallel()
	files := course.Files{
		"course.yaml":       []byte("format: 1\nslug: c\nsource: en\nlanguages: [en]\nmodules:\n  - id: m1\n    pages: [p]\n"),
		"questions.yaml":    []byte("[]\n"),
		"en/course.yaml":    []byte("title: C\nsummary: C.\nmodules: {m1: {title: M}}\n"),
		"en/p.md":           []byte("# P\n\nText.\n"),
		"en/questions.yaml": []byte("{}\n"),
	}
	delete(files, "questions.yaml")
	delete(files, "en/questions.yaml")
	files["questions.yaml"], files["en/questions.yaml"] = []byte("- {id: q-old, type: reflection}\n"), []byte("q-old: {stem: Old}\n")
	for _, f := range []struct {
		form Form
		says string // refused with; "" taken
		key  func(*course.Question, map[string]string) bool
	}{
		{Form{Type: course.Single, Stem: "Who?", Answers: "You\n* The child\n"}, "", func(q *course.Question, text map[string]string) bool { return text[q.Key.Choice] == "The child" }},
		{Form{Type: course.Multiple, Stem: "Which?", Answers: "*One\n*Two\nThree"}, "", func(q *course.Question, text map[string]string) bool { return len(q.Key.Choices) == 2 }},
		{Form{Type: course.TrueFalse, Stem: "So?", Answers: "false"}, "", func(q *course.Question, text map[string]string) bool { return q.Key.Choice == "false" }},
		{Form{Type: course.ShortText, Stem: "Name it", Answers: "guardian\nlegal guardian"}, "", func(q *course.Question, text map[string]string) bool { return len(q.Accept["en"]) == 2 }},
		{Form{Type: course.Numeric, Stem: "Days?", Answers: "14..16"}, "", func(q *course.Question, text map[string]string) bool { return q.Key.Number == 15 && q.Tolerance == 1 }},
		{Form{Type: course.Ordering, Stem: "Order", Answers: "First\nThen\nLast"}, "", func(q *course.Question, text map[string]string) bool {
			return len(q.Key.Order) == 3 && text[q.Key.Order[0]] == "First"
		}},
		{Form{Type: course.Matching, Stem: "Pairs", Answers: "a = x\nb = y"}, "", func(q *course.Question, text map[string]string) bool { return len(q.Key.Pairs) == 2 }},
		{Form{Type: course.Reflection, Stem: "Think"}, "", func(q *course.Question, text map[string]string) bool { return q.Type == course.Reflection }},
		{Form{Type: course.Single, Stem: "Who?", Answers: "You\nThe child"}, "write two answers or more, each in a line, and * before what is right", nil},
		{Form{Type: course.Single, Stem: " ", Answers: "*You\nThe child"}, "write the question", nil},
		{Form{Type: course.Numeric, Stem: "Days?", Answers: "many"}, "write one number, or a range such as 14..16", nil},
		{Form{Type: course.Matching, Stem: "Pairs", Answers: "a\nb = y"}, "write two pairs or more as left = right, each in a line", nil},
		{Form{Type: course.Scenario, Stem: "Story"}, "this type is written in questions.yaml", nil},
	} {
		known, _ := course.ReadBank("c", files)
		taken, err := f.form.Make(Into{Lang: "en", IDs: known.IDs})
		if err != nil || f.says != "" {
			if err == nil || err.Error() != f.says {
				t.Errorf("%s %q: %v", f.form.Type, f.form.Answers, err)
			}
			continue
		}
		out, err := Append("c", files, []Taken{taken})
		if err != nil {
			t.Fatal(f.form.Type, err)
		}
		for name, src := range out {
			files[name] = src
		}
		after, problems := course.ReadBank("c", files)
		if problems.Errors() > 0 {
			t.Fatal(f.form.Type, problems)
		}
		if q := after.Questions[len(after.Questions)-1]; q.Type != f.form.Type || !f.key(q, after.Texts["en"][q.ID].Options) {
			t.Errorf("%s: written as %+v", f.form.Type, q)
		}
	}
}
