package store

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestRefusedTypes gives Open types that would not come back the same from both
// engines, and indexes on what a document does not have.
func TestRefusedTypes(t *testing.T) {
	type inner struct {
		Name string `json:"name"`
	}
	index := func(fields ...string) []Index { return []Index{{Fields: fields}} }
	for name, c := range map[string]struct {
		doc     any
		indexes []Index
		names   string // what the error names
	}{
		"any": {struct {
			X any `json:"x"`
		}{}, nil, "X"},
		"any below": {struct {
			X map[string][]any `json:"x"`
		}{}, nil, "X"},
		"time.Time": {struct {
			X time.Time `json:"x"`
		}{}, nil, "store.Time"},
		"without a name": {struct{ X string }{}, nil, "X"},
		"keys of a map": {struct {
			X map[int]string `json:"x"`
		}{}, nil, "X"},
		"a name with a dot": {struct {
			X string `json:"a.b"`
		}{}, nil, "X"},
		"a number as text": {struct {
			X int `json:"x,string"`
		}{}, nil, "X"},
		"embedded without bson": {struct{ Meta }{}, nil, "Meta"},
		"one form of its own": {struct {
			X *jsonOnly `json:"x"`
		}{}, nil, "X"},
		"no such field": {struct {
			X string `json:"x"`
		}{}, index("y"), `"y"`},
		"no such field below": {struct {
			X inner `json:"x"`
		}{}, index("x.nome"), `"x.nome"`},
		"a list": {struct {
			X []string `json:"x"`
		}{}, index("x"), `"x"`},
		"zero is left out": {struct {
			X int `json:"x,omitzero"`
		}{}, index("x"), `"x"`},
		"unique number": {struct {
			X int `json:"x"`
		}{}, []Index{{Fields: []string{"x"}, Unique: true}}, `"x"`},
		"no fields": {struct {
			X int `json:"x"`
		}{}, []Index{{}}, "index"},
	} {
		_, err := shapeOf(reflect.TypeOf(withID(c.doc)), Schema{Indexes: c.indexes})
		if !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: got error %v, want one that names %s", name, err, c.names)
		}
	}
}

// withID gives a struct the field _id.
func withID(v any) any {
	fields := []reflect.StructField{{Name: "ID", Type: reflect.TypeFor[string](), Tag: `json:"_id"`}}
	for f := range reflect.TypeOf(v).Fields() {
		f.Offset, f.Index = 0, nil
		if f.Anonymous {
			f.Anonymous, f.Tag = false, "" // StructOf has no embedding with methods; a field without a name is refused alike
		}
		fields = append(fields, f)
	}
	return reflect.Zero(reflect.StructOf(fields)).Interface()
}

type jsonOnly struct{ hidden int }

func (j *jsonOnly) MarshalJSON() ([]byte, error) { return json.Marshal(j.hidden) }

type tree struct {
	Name string           `json:"name"`
	Subs []*tree          `json:"subs"`
	By   map[string]*tree `json:"by"`
	Size float64          `json:"size"`
	N    uint64           `json:"n"`
	Raw  json.RawMessage  `json:"raw,omitempty"`
}

// TestCheck looks into types that hold themselves.
func TestCheck(t *testing.T) {
	check, err := checkers{}.of(reflect.TypeFor[tree]())
	if err != nil {
		t.Fatal(err)
	}
	deep := func(leaf tree) tree {
		return tree{Subs: []*tree{nil, {By: map[string]*tree{"x": nil, "k": {Subs: []*tree{&leaf}}}}}}
	}
	for name, c := range map[string]struct {
		leaf tree
		ok   bool
	}{
		"good":     {tree{Name: "å", Size: 1, N: math.MaxInt64, Raw: json.RawMessage(`{"a":[1]}`)}, true},
		"text":     {tree{Name: "\xff"}, false},
		"key":      {tree{By: map[string]*tree{"a.b": nil}}, false},
		"float":    {tree{Size: math.NaN()}, false},
		"uint":     {tree{N: math.MaxInt64 + 1}, false},
		"raw JSON": {tree{Raw: json.RawMessage(`{`)}, false},
	} {
		err := check(reflect.ValueOf(deep(c.leaf)))
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got error %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "\xff") {
			t.Errorf("%s: the error holds a value of the document: %q", name, err)
		}
	}
}

func TestIndexName(t *testing.T) {
	if got := (Index{Fields: []string{"result.passed", "course"}}).Name(); got != "result__passed_course" {
		t.Errorf("got %q", got)
	}
}

func TestTime(t *testing.T) {
	zone := time.FixedZone("", 2*3600)
	for _, c := range []struct{ in, want string }{
		{`"2026-11-23T17:00:00Z"`, `"2026-11-23T17:00:00.000Z"`},
		{`"2026-11-23T17:00:00.1239+02:00"`, `"2026-11-23T15:00:00.123Z"`},
		{`null`, `null`},
	} {
		var at Time
		if err := json.Unmarshal([]byte(c.in), &at); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(at); err != nil || string(got) != c.want {
			t.Errorf("%s became %s, want %s (error %v)", c.in, got, c.want, err)
		}
	}
	if got := At(time.Date(2026, 1, 1, 2, 0, 0, 999999, zone)); !got.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || got.Location() != time.UTC {
		t.Errorf("rounded to %v", got)
	}
}

// FuzzCursor gives anything for a cursor: it is refused, or means a place.
func FuzzCursor(f *testing.F) {
	by := &field{name: "started", kind: kindTime}
	good, err := encodeCursor(Scan{Sort: "started"}, &Position{Now(), "a"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add("e30")
	f.Fuzz(func(t *testing.T, s string) {
		at, err := decodeCursor(Scan{Sort: "started"}, by, s)
		if (at == nil) == (err == nil) || err != nil && !errors.Is(err, ErrInvalid) {
			t.Fatalf("%q: %+v, error %v", s, at, err)
		}
		if _, ok := at.key().(Time); err == nil && at.Key != nil && !ok {
			t.Fatalf("%q holds a %T", s, at.Key)
		}
	})
}

func (p *Position) key() any {
	if p == nil {
		return nil
	}
	return p.Key
}
