package seed

import (
	"fmt"
	"strings"

	"havn/internal/course"
)

// titles are those of the first courses; there may be more courses than titles.
var titles = []string{
	"First contact", "Signs of trafficking", "Talking through an interpreter", "Age, and what is not known",
	"Guardians and representatives", "Reception that is safe", "Finding families", "Across a border together",
}

// Slug names a course that is made here.
func Slug(i int) string { return fmt.Sprintf("seed-course-%02d", i+1) }

const (
	pageOne, pageTwo, quiz = "one", "two", "quiz"
	validMonths            = 24
)

// files is the folder of a course: two pages and a quiz of one question.
func files(i int) course.Files {
	title := titles[i%len(titles)]
	if n := i / len(titles); n > 0 {
		title = fmt.Sprintf("%s, part %d", title, n+1)
	}
	text := strings.Repeat("A child is a child first, whatever the papers say, and so is helped first. ", 3)
	return course.Files{
		"course.yaml": []byte(fmt.Sprintf(`format: 1
slug: %s
source: en
languages: [en]
completion: {require: all, valid_months: %d}
modules:
  - id: m1
    pages: [%s, %s]
    quiz: {id: %s, pass_mark: 80, items: [{question: q-first}]}
`, Slug(i), validMonths, pageOne, pageTwo, quiz)),
		"questions.yaml":        []byte("- {id: q-first, type: single, options: [a, b, c], key: a}\n"),
		"en/course.yaml":        []byte(fmt.Sprintf("title: %q\nsummary: Made up, to look at reports with.\nmodules: {m1: {title: One}}\n", title)),
		"en/questions.yaml":     []byte("q-first: {stem: What comes first?, options: {a: The child, b: The papers, c: The queue}, feedback: {all: The child comes first.}}\n"),
		"en/" + pageOne + ".md": []byte("# Before\n\n" + text + "\n"),
		"en/" + pageTwo + ".md": []byte("# After\n\n" + text + "\n"),
	}
}
