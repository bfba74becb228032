package code_test

import (
	"regexp"
	"strings"
	"testing"

	"havn/internal/code"
)

func TestACodeSurvivesBeingReadAloudAndTyped(t *testing.T) {
	shape := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){4}$`)
	seen := map[string]bool{}
	for range 200 {
		c := code.New(5)
		if !shape.MatchString(c) || seen[c] {
			t.Fatalf("%q", c)
		}
		seen[c] = true
		for _, typed := range []string{strings.ToLower(c), strings.ReplaceAll(c, "-", ""), strings.ReplaceAll(c, "-", " "), strings.NewReplacer("0", "O", "1", "l").Replace(c)} {
			if got := code.Normal(typed); got != c {
				t.Errorf("%q typed as %q becomes %q", c, typed, got)
			}
		}
	}
}
