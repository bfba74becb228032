package store

import (
	"reflect"
	"sync"
)

// declared keeps, for a document type and a list of indexes, the fields that
// they name.
var declared sync.Map // declaredKey → []*field

type declaredKey struct {
	t     reflect.Type
	first *Index // of the schema's list, which stands for the list
}

// Declared reads the fields that the schema's indexes declare, in a fixed
// order. An engine compares two readings to tell whether a change of the
// document touches an index; most do not, and those are much cheaper to write.
func Declared(s Schema, doc Document) []any {
	if len(s.Indexes) == 0 {
		return nil
	}
	v := reflect.ValueOf(doc).Elem()
	key := declaredKey{v.Type(), &s.Indexes[0]}
	known, ok := declared.Load(key)
	if !ok {
		var fields []*field
		for _, x := range s.Indexes {
			for _, name := range x.Fields {
				if f, err := fieldOf(key.t, name); err == nil { // Open has refused others
					fields = append(fields, f)
				}
			}
		}
		known, _ = declared.LoadOrStore(key, fields)
	}
	fields := known.([]*field)
	out := make([]any, len(fields))
	for i, f := range fields {
		out[i] = f.read(v)
	}
	return out
}

// read is the field's value; nil if it is not there.
func (f *field) read(v reflect.Value) any {
	for _, i := range f.path {
		for v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return nil
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	return v.Interface()
}
