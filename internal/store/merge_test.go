package store

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMerge(t *testing.T) {
	for name, c := range map[string]struct{ stored, before, after, want string }{
		"unknown field stays":         {`{"a":1,"new":2}`, `{"a":1}`, `{"a":3}`, `{"a":3,"new":2}`},
		"known field is removed":      {`{"a":1,"b":1,"new":2}`, `{"a":1,"b":1}`, `{"a":1}`, `{"a":1,"new":2}`},
		"field is added":              {`{"a":1}`, `{"a":1}`, `{"a":1,"b":2}`, `{"a":1,"b":2}`},
		"below an object":             {`{"o":{"a":1,"new":2}}`, `{"o":{"a":1}}`, `{"o":{"a":3}}`, `{"o":{"a":3,"new":2}}`},
		"an object is removed":        {`{"o":{"a":1,"new":2}}`, `{"o":{"a":1}}`, `{"o":null}`, `{"o":null}`},
		"an object becomes known":     {`{"o":null}`, `{"o":null}`, `{"o":{"a":1}}`, `{"o":{"a":1}}`},
		"an element is changed":       {`[{"a":1,"new":1},{"a":2,"new":2}]`, `[{"a":1},{"a":2}]`, `[{"a":1},{"a":3}]`, `[{"a":1,"new":1},{"a":3,"new":2}]`},
		"an element is added":         {`[{"a":1,"new":1}]`, `[{"a":1}]`, `[{"a":1},{"a":2}]`, `[{"a":1,"new":1},{"a":2}]`},
		"an element is removed":       {`[{"a":1,"new":1},{"a":2,"new":2}]`, `[{"a":1},{"a":2}]`, `[{"a":2}]`, `[{"a":2,"new":2}]`},
		"removed and changed at once": {`[{"a":1,"new":1},{"a":2,"new":2}]`, `[{"a":1},{"a":2}]`, `[{"a":3}]`, `[{"a":3}]`},
		"another kind":                {`{"a":{"new":1}}`, `{"a":{}}`, `{"a":"text"}`, `{"a":"text"}`},
	} {
		got := Merge(parsed(t, c.stored), parsed(t, c.before), parsed(t, c.after))
		if diff := cmp.Diff(parsed(t, c.want), got); diff != "" {
			t.Errorf("%s (- want, + got)\n%s", name, diff)
		}
	}
}

func parsed(t *testing.T, s string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatal(err)
	}
	return v
}
