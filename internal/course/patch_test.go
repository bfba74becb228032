package course

import (
	"errors"
	"testing"
)

// One place of a file is written and every other byte stays, whatever the style of
// the file, its line ends and its comments; what cannot be found is refused.
func TestOnePlaceOfAFileIsWritten(t *testing.T) {
	t.Parallel()
	const list = "# Above\n- {id: a, n: 1}   # beside\n\n# Between\n- id: b\n  n: 2\n  of: [x,\n    y]\n# Below\n"
	item := func(under, id, text string) func([]byte) ([]byte, error) {
		return func(src []byte) ([]byte, error) { return PutItem(src, under, id, text) }
	}
	key := func(name, text string) func([]byte) ([]byte, error) {
		return func(src []byte) ([]byte, error) { return PutKey(src, name, text) }
	}
	texts := func(gone string, list ...TextAt) func([]byte) ([]byte, error) {
		return func(src []byte) ([]byte, error) {
			return PutTexts(src, list, func(path []string) bool { return path[len(path)-1] == gone })
		}
	}
	for _, c := range []struct {
		what      string
		src, want string
		do        func([]byte) ([]byte, error)
	}{
		{"the first of a list", list, "# Above\n- {id: a, n: 9}   # beside\n\n# Between\n- id: b\n  n: 2\n  of: [x,\n    y]\n# Below\n", item("", "a", "- {id: a, n: 9}")},
		{"the last, of several lines", list, "# Above\n- {id: a, n: 1}   # beside\n\n# Between\n- {id: b}\n# Below\n", item("", "b", "- {id: b}\n")},
		{"a new one", list, "# Above\n- {id: a, n: 1}   # beside\n\n# Between\n- id: b\n  n: 2\n  of: [x,\n    y]\n- {id: c}\n# Below\n", item("", "c", "- {id: c}")},
		{"one is taken out", list, "# Above\n\n# Between\n- id: b\n  n: 2\n  of: [x,\n    y]\n# Below\n", item("", "a", "")},
		{"the first there is", "# Nothing yet\n", "# Nothing yet\n- {id: a}\n", item("", "a", "- {id: a}")},
		{"of an empty list", "[]\n", "- {id: a}\n", item("", "a", "- {id: a}")},
		{"no end of line", "- {id: a}", "- {id: a}\n- {id: b}", item("", "b", "- {id: b}")},
		{"as Windows writes", "- {id: a}\r\n- {id: b}\r\n", "- id: a\r\n  n: 1\r\n- {id: b}\r\n", item("", "a", "- id: a\n  n: 1")},
		{"under a key", "x: 1\nlist:\n  - id: a\n    n: 1\ny: 2\n", "x: 1\nlist:\n  - id: a\n    n: 9\ny: 2\n", item("list", "a", "- id: a\n  n: 9")},
		{"under a key that is not there", "x: 1\n", "x: 1\nlist:\n  - id: a\n    n: 1\n", item("list", "a", "- id: a\n  n: 1")},
		{"a key", "a: 1 # one\nb: [x, y]\n", "a: 1 # one\nb: [z]\n", key("b", "b: [z]")},
		{"a new key", "a: 1\n", "a: 1\nb: 2\n", key("b", "b: 2")},
		{"a key goes", "a: 1\nb:\n  - x\nc: 3\n", "a: 1\nc: 3\n", key("b", "")},
		{"a text", "q: {stem: \"One\", options: {a: A, b: 'B'}} # why\n", "q: {stem: \"One\", options: {a: \"Z\", b: 'B'}} # why\n", texts("", TextAt{[]string{"q", "options", "a"}, "Z"})},
		{"a text goes from between braces", "q: {options: {a: A, b: B}}\n", "q: {options: {b: B}}\n", texts("a")},
		{"the last of them takes its mapping along", "q:\n  stem: S\n  feedback:\n    a: A\nr: R\n", "q:\n  stem: S\nr: R\n", texts("a")},
	} {
		got, err := c.do([]byte(c.src))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%q\n%q", c.what, err, got, c.want)
		}
	}
	for what, do := range map[string]func() ([]byte, error){
		"a list in brackets": func() ([]byte, error) { return PutItem([]byte("[{id: a}]\n"), "", "a", "- {id: a}") },
		"no list":            func() ([]byte, error) { return PutItem([]byte("a: 1\n"), "", "a", "- {id: a}") },
		"no YAML":            func() ([]byte, error) { return PutKey([]byte("a: [\n"), "a", "a: 1") },
		"two documents":      func() ([]byte, error) { return PutKey([]byte("a: 1\n---\nb: 2\n"), "a", "a: 2") },
	} {
		if _, err := do(); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
