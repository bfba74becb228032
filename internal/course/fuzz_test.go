package course

import (
	"strings"
	"testing"
)

// FuzzLoad feeds whatever into each kind of file: nothing panics, and every
// refusal names a file of the folder and says something.
func FuzzLoad(f *testing.F) {
	kinds := []string{"course.yaml", "questions.yaml", "facts.yaml", "en/course.yaml", "en/questions.yaml", "en/facts.yaml", "en/glossary.yaml", "en/m1-rights.md", "translations.lock"}
	for i, seed := range []string{"a: [", "- {id: x, type: scenario, start: a, nodes: {a: {choices: {a: a}}}}", "- &a [*a]", "a: {b: {c: {}}}\na: 1", "<<: {}", "# T\n\n:::country EE\n[^fact:x]\n", "et a b c d e", "\xff"} {
		f.Add(i, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, kind int, src []byte) {
		files, _ := readArchive(t, "testdata/format-sample.txtar")
		file := kinds[((kind%len(kinds))+len(kinds))%len(kinds)]
		files[file] = src
		p, problems := Load("first-contact", files)
		if (p == nil) != (problems.Errors() > 0) {
			t.Fatalf("publication %v with %d errors", p != nil, problems.Errors())
		}
		for _, x := range problems {
			if x.File == "" || strings.TrimSpace(x.Code) == "" {
				t.Fatalf("a problem without place or words: %+v", x)
			}
		}
	})
}
