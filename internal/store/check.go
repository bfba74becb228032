package store

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/bson"
)

// checker refuses a value that cannot be stored. It is nil for types all of
// whose values can be.
type checker func(reflect.Value) error

// checkers builds one checker for each type. The pointer lets a type that
// holds itself refer to its own checker before that is made.
type checkers map[reflect.Type]*checker

// of makes the checker of a type, or refuses, naming the field, a type that
// would not come back the same from JSON and from BSON.
func (cs checkers) of(t reflect.Type) (checker, error) {
	if c := cs[t]; c != nil {
		return func(v reflect.Value) error {
			if *c == nil {
				return nil
			}
			return (*c)(v)
		}, nil
	}
	c := new(checker)
	cs[t] = c
	var err error
	*c, err = cs.build(t)
	return *c, err
}

func (cs checkers) build(t reflect.Type) (checker, error) {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return nil, fmt.Errorf("is a time.Time; store.Time is what both engines keep: %w", ErrInvalid)
	case t == reflect.TypeFor[json.RawMessage]():
		return func(v reflect.Value) error {
			if b := v.Bytes(); len(b) > 0 && !json.Valid(b) {
				return fmt.Errorf("is not JSON: %w", ErrInvalid)
			}
			return nil
		}, nil
	case marshals[bson.ValueMarshaler](t) && marshals[json.Marshaler](t):
		return nil, nil // as Time does
	case marshals[bson.ValueMarshaler](t), marshals[json.Marshaler](t), marshals[encoding.TextMarshaler](t):
		return nil, fmt.Errorf("is a %s, which has a form of its own in one of JSON and BSON only: %w", t, ErrInvalid)
	}
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return nil, nil
	case reflect.Uint, reflect.Uint64:
		return checkUint, nil
	case reflect.Float32, reflect.Float64:
		return checkFloat, nil
	case reflect.String:
		return checkText, nil
	case reflect.Pointer:
		elem, err := cs.of(t.Elem())
		if elem == nil || err != nil {
			return nil, err
		}
		return func(v reflect.Value) error {
			if v.IsNil() {
				return nil
			}
			return elem(v.Elem())
		}, nil
	case reflect.Slice, reflect.Array:
		elem, err := cs.of(t.Elem())
		if elem == nil || err != nil {
			return nil, err
		}
		return func(v reflect.Value) error {
			for i := range v.Len() {
				if err := elem(v.Index(i)); err != nil {
					return err
				}
			}
			return nil
		}, nil
	case reflect.Map:
		return cs.buildMap(t)
	case reflect.Struct:
		return cs.buildStruct(t)
	}
	return nil, fmt.Errorf("is a %s, which does not come back the same from every engine: %w", t, ErrInvalid)
}

func (cs checkers) buildMap(t reflect.Type) (checker, error) {
	if t.Key().Kind() != reflect.String {
		return nil, fmt.Errorf("is a map whose keys are not text: %w", ErrInvalid)
	}
	elem, err := cs.of(t.Elem())
	return func(v reflect.Value) error {
		for entries := v.MapRange(); entries.Next(); {
			if err := checkKey(entries.Key().String()); err != nil {
				return err
			}
			if elem == nil {
				continue
			}
			if err := elem(entries.Value()); err != nil {
				return err
			}
		}
		return nil
	}, err
}

func (cs checkers) buildStruct(t reflect.Type) (checker, error) {
	type member struct {
		index int
		name  string
		check checker
	}
	var members []member
	for f := range t.Fields() {
		name, options := jsonTag(f)
		inline := f.Anonymous && name == ""
		switch {
		case name == "-" && options == "", !f.IsExported() && !f.Anonymous:
			continue
		case inline && (f.Type.Kind() != reflect.Struct || f.Tag.Get("bson") != ",inline"):
			return nil, fmt.Errorf("%s is embedded, which needs a struct and the tag `bson:\",inline\"`: %w", f.Name, ErrInvalid)
		case !inline && name == "", strings.Contains(options, "string"):
			return nil, fmt.Errorf("%s needs a json name, without the option string: %w", f.Name, ErrInvalid)
		case !inline && checkKey(name) != nil:
			return nil, fmt.Errorf("%s: %w", f.Name, checkKey(name))
		}
		check, err := cs.of(f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if check != nil {
			members = append(members, member{f.Index[0], f.Name, check})
		}
	}
	if len(members) == 0 {
		return nil, nil
	}
	return func(v reflect.Value) error {
		for _, m := range members {
			if err := m.check(v.Field(m.index)); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
		return nil
	}, nil
}

func marshals[I any](t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[I]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[I]())
}

func checkText(v reflect.Value) error {
	if !utf8.ValidString(v.String()) {
		return fmt.Errorf("is not valid UTF-8: %w", ErrInvalid)
	}
	return nil
}

func checkFloat(v reflect.Value) error {
	if x := v.Float(); math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Errorf("is not a finite number: %w", ErrInvalid)
	}
	return nil
}

func checkUint(v reflect.Value) error {
	if v.Uint() > math.MaxInt64 {
		return fmt.Errorf("is above %d: %w", math.MaxInt64, ErrInvalid)
	}
	return nil
}
