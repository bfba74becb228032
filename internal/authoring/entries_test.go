package authoring

import (
	"bytes"
	"io/fs"
	"testing"

	"havn/courses"
	"havn/internal/course"
)

// What forms write is the form that the real course is in: each of its modules and
// facts, written anew, changes no byte, and moving a module away and back neither.
func TestModulesAndFactsAreWrittenAsTheCourseHasThem(t *testing.T) {
	t.Parallel()
	const name = "children-on-the-move"
	sub, err := fs.Sub(courses.FS, name)
	if err != nil {
		t.Fatal(err)
	}
	files, err := course.ReadFiles(sub)
	if err != nil {
		t.Fatal(err)
	}
	o := course.ReadOutline(name, files)
	if len(o.Course.Modules) < 2 || len(o.Facts) < 10 {
		t.Fatalf("%d modules, %d facts", len(o.Course.Modules), len(o.Facts))
	}
	same := func(file string, after []byte, err error, what string) {
		t.Helper()
		if err != nil || !bytes.Equal(after, files[file]) {
			t.Errorf("%s changes %s: %v", what, file, err)
		}
	}
	for _, m := range o.Course.Modules {
		after, err := course.PutItem(files["course.yaml"], "modules", m.ID, moduleEntry(m))
		same("course.yaml", after, err, m.ID)
	}
	for _, f := range o.Facts {
		after, err := course.PutItem(files["facts.yaml"], "", f.ID, factEntry(f))
		same("facts.yaml", after, err, f.ID)
	}
	last := o.Course.Modules[len(o.Course.Modules)-1].ID
	moved, err := course.MoveItem(files["course.yaml"], "modules", last, -1)
	if err != nil || bytes.Equal(moved, files["course.yaml"]) {
		t.Fatal("the module does not move", err)
	}
	back, err := course.MoveItem(moved, "modules", last, 1)
	same("course.yaml", back, err, "moved and moved back")
}
