package store

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"
)

// shape is what is known of a document type: how to check a value of it, and
// the fields that queries may name. It is worked out once, by Open.
type shape struct {
	checks  checker
	fields  map[string]*field
	indexes [][]*field // the text fields of each index
}

type kind int

const (
	kindText kind = iota
	kindBool
	kindInt
	kindFloat
	kindTime
)

// field is one that an index declares.
type field struct {
	name string
	kind kind
	path []int // struct field numbers from the document down
}

// maxIndexed is how much text one index can hold of one document, in bytes.
// MongoDB before 4.2 refuses index keys above 1,024 bytes, the id included.
const maxIndexed = 700

// shapeOf works out the shape of document type t for a schema.
func shapeOf(t reflect.Type, s Schema) (*shape, error) {
	check, err := checkers{}.of(t)
	if err != nil {
		return nil, err
	}
	sh := &shape{checks: check, fields: map[string]*field{}}
	if sh.fields["_id"], err = fieldOf(t, "_id"); err != nil {
		return nil, err
	}
	for _, x := range s.Indexes {
		var texts []*field
		for _, name := range x.Fields {
			f, err := fieldOf(t, name)
			if err != nil {
				return nil, err
			}
			if f.kind == kindText {
				texts = append(texts, f)
			}
			sh.fields[name] = f
		}
		if len(x.Fields) == 0 || x.Unique && sh.fields[x.Fields[0]].kind != kindText {
			return nil, fmt.Errorf("index %q: a unique index begins with a text field: %w", x.Name(), ErrInvalid)
		}
		if len(texts) > 0 {
			sh.indexes = append(sh.indexes, texts)
		}
	}
	return sh, nil
}

// check refuses a document that an engine would refuse, or alter.
func (s *shape) check(doc reflect.Value) error {
	if s.checks != nil {
		if err := s.checks(doc); err != nil {
			return err
		}
	}
	for _, fields := range s.indexes {
		size := 0
		for _, f := range fields {
			text := f.text(doc)
			if strings.IndexByte(text, 0) >= 0 {
				return fmt.Errorf("field %q: NUL in an indexed text: %w", f.name, ErrInvalid)
			}
			if size += len(text); size > maxIndexed {
				return fmt.Errorf("field %q: more than %d bytes of indexed text: %w", f.name, maxIndexed, ErrInvalid)
			}
		}
	}
	return nil
}

// text reads a text field from a document; "" if it is not there.
func (f *field) text(v reflect.Value) string {
	for _, i := range f.path {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return ""
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	return v.String()
}

// fieldOf finds the field that a dotted json name reaches in struct type t.
func fieldOf(t reflect.Type, name string) (*field, error) {
	f := &field{name: name}
	at := t
	for part := range strings.SplitSeq(name, ".") {
		path, next, ok := member(deref(at), part)
		if !ok || strings.ContainsAny(part, `$"'`) {
			return nil, fmt.Errorf("field %q is not one of %s (or has omitzero): %w", name, t, ErrInvalid)
		}
		f.path = append(f.path, path...)
		at = next
	}
	switch at = deref(at); {
	case at == reflect.TypeFor[Time]():
		f.kind = kindTime
	case at.Kind() == reflect.String:
		f.kind = kindText
	case at.Kind() == reflect.Bool:
		f.kind = kindBool
	case reflect.Zero(at).CanInt(), reflect.Zero(at).CanUint():
		f.kind = kindInt
	case reflect.Zero(at).CanFloat():
		f.kind = kindFloat
	default:
		return nil, fmt.Errorf("field %q is a %s, which cannot be indexed: %w", name, at, ErrInvalid)
	}
	return f, nil
}

// member finds the struct field with a json name, also in embedded structs.
func member(t reflect.Type, name string) (path []int, _ reflect.Type, ok bool) {
	if t.Kind() != reflect.Struct {
		return nil, nil, false
	}
	for f := range t.Fields() {
		tag, options := jsonTag(f)
		switch {
		case f.Anonymous && tag == "" && f.Type.Kind() == reflect.Struct:
			if path, t, ok := member(f.Type, name); ok {
				return append([]int{f.Index[0]}, path...), t, true
			}
		case tag == name && name != "-":
			return f.Index, f.Type, f.IsExported() && !strings.Contains(options, "omitzero")
		}
	}
	return nil, nil, false
}

func jsonTag(f reflect.StructField) (name, options string) {
	name, options, _ = strings.Cut(f.Tag.Get("json"), ",")
	return name, options
}

func deref(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// checkKey refuses a map key that one of the engines could take for a path or
// an operator.
func checkKey(key string) error {
	if key == "" || key[0] == '$' || strings.ContainsAny(key, ".\x00") || !utf8.ValidString(key) {
		return fmt.Errorf("a key is empty, begins with a dollar, or holds a dot, NUL or invalid UTF-8: %w", ErrInvalid)
	}
	return nil
}
