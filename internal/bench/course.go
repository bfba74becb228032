package bench

import (
	"fmt"
	"io/fs"
	"strings"
	"testing/fstest"
)

// Slug and QuizID name the course that a benchmark takes on a server of its own.
const (
	Slug   = "bench"
	QuizID = "quiz"
	Pages  = 6
	Asked  = 16
)

// Courses is a folder with one course: six pages of the usual length and a quiz
// of sixteen questions whose right answer is always "a".
func Courses() fs.FS {
	var pages []string
	fsys := fstest.MapFS{}
	put := func(name, text string) { fsys[Slug+"/"+name] = &fstest.MapFile{Data: []byte(text)} }
	paragraph := strings.Repeat("A child is a child first, whatever the papers say, and so is helped first. ", 6)
	for i := range Pages {
		id := fmt.Sprintf("page-%d", i+1)
		pages = append(pages, id)
		put("en/"+id+".md", fmt.Sprintf("# Page %d\n\n%s\n\n## Then\n\n%s\n\n:::note\n%s\n:::\n", i+1, paragraph, paragraph, paragraph))
	}
	var items, questions, texts strings.Builder
	for i := range Asked {
		fmt.Fprintf(&items, "        - question: q-%d\n", i+1)
		fmt.Fprintf(&questions, "- {id: q-%d, type: single, options: [a, b, c], key: a}\n", i+1)
		fmt.Fprintf(&texts, "q-%d: {stem: \"What comes first, %d?\", options: {a: The child, b: The papers, c: The queue}, feedback: {all: The child comes first.}}\n", i+1, i+1)
	}
	put("course.yaml", `format: 1
slug: bench
source: en
languages: [en]
completion: {require: all, valid_months: 24}
modules:
  - id: m1
    pages: [`+strings.Join(pages, ", ")+`]
    quiz:
      id: quiz
      pass_mark: 80
      items:
`+items.String())
	put("questions.yaml", questions.String())
	put("en/course.yaml", "title: Bench\nsummary: A course to measure with.\nmodules: {m1: {title: One}}\n")
	put("en/questions.yaml", texts.String())
	return fsys
}
