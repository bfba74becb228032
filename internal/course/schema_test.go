package course

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The schemas of courses/schema are for editors; Load is stricter. They must
// never refuse what Load takes, and should refuse the gravest of what it refuses.
func TestTheSchemasAgreeWithTheChecker(t *testing.T) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range []string{"course", "questions", "facts"} {
		s, err := c.Compile("../../courses/schema/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		schemas[name+".yaml"] = s
	}
	valid := func(t *testing.T, file string, src []byte) error {
		t.Helper()
		var doc any
		if err := yaml.Unmarshal(src, &doc); err != nil {
			return err
		}
		return schemas[file].Validate(plain(doc))
	}
	good, _ := readArchive(t, "testdata/format-sample.txtar")
	for file := range schemas {
		if err := valid(t, file, good[file]); err != nil {
			t.Errorf("the format's own %s: %v", file, err)
		}
	}
	for _, c := range []struct{ archive, file string }{{"yaml", "course.yaml"}, {"questions", "questions.yaml"}, {"syntax", "facts.yaml"}} {
		files, _ := readArchive(t, filepath.Join("testdata/bad", c.archive+".txtar"))
		if err := valid(t, c.file, files[c.file]); err == nil {
			t.Errorf("the %s of %s passes its schema", c.file, c.archive)
		}
	}
	for _, change := range [][2]string{
		{"key: a, points: 1", "points: 1"}, {"partial: longest", "partial: per-pair"}, {"type: numeric,  key: 15", "type: numeric,  key: many"}, {"scale: 4", "scale: 1"}, {"end: harmful", "end: sad"},
	} {
		src := strings.Replace(string(good["questions.yaml"]), change[0], change[1], 1)
		if src == string(good["questions.yaml"]) {
			t.Fatalf("%q is not in the sample", change[0])
		}
		if valid(t, "questions.yaml", []byte(src)) == nil {
			t.Errorf("%q in place of %q passes the schema", change[1], change[0])
		}
	}
}

// plain turns what the YAML library decodes into what the schema library knows.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = plain(v[k])
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	case uint64:
		return float64(v)
	case int64:
		return float64(v)
	}
	return v
}
