package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Collection is a typed view of one collection of an engine. It is safe for
// concurrent use. Its errors begin with the name of the collection.
type Collection[T any, P interface {
	*T
	Document
}] struct {
	engine Engine
	schema Schema
	shape  *shape
}

var name = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Open declares the schema and returns the collection. It refuses, with an
// ErrInvalid that names the field, a T that would not come back the same from
// both engines, and an index on something that T does not have.
func Open[T any, P interface {
	*T
	Document
}](ctx context.Context, e Engine, s Schema) (*Collection[T, P], error) {
	if !name.MatchString(s.Name) || s.Version < 1 {
		return nil, fmt.Errorf("schema %q version %d: %w", s.Name, s.Version, ErrInvalid)
	}
	shape, err := shapeOf(reflect.TypeFor[T](), s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	if err := e.Declare(ctx, s); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Name, err)
	}
	return &Collection[T, P]{e, s, shape}, nil
}

// Insert stores a new document and sets its Rev to 1. Errors: ErrExists if the
// id is taken, ErrTaken if a unique index is, ErrInvalid, ErrFull, ErrUnknown.
func (c *Collection[T, P]) Insert(ctx context.Context, doc *T) error {
	meta := P(doc).Base()
	before := *meta
	meta.Rev, meta.V = 1, c.schema.Version
	err := c.check(doc)
	if err == nil {
		err = c.engine.Insert(ctx, c.schema, P(doc))
	}
	if err != nil {
		*meta = before
	}
	return c.named(err)
}

// Get reads the document with this id, or fails with ErrNotFound.
func (c *Collection[T, P]) Get(ctx context.Context, id string) (*T, error) {
	if err := checkID(id); err != nil {
		return nil, c.named(err)
	}
	doc := new(T)
	if err := c.engine.Get(ctx, c.schema, id, P(doc)); err != nil {
		return nil, c.named(err)
	}
	return doc, nil
}

// Update reads the document, lets change alter it and writes it back with the
// next revision, as one atomic step. On a lost race it starts over, so change
// may run several times and must depend on nothing but the document. An error
// of change is returned as it is and writes nothing; ErrUnchanged writes
// nothing and returns the document as stored. Other errors: ErrNotFound,
// ErrTaken, ErrInvalid, ErrFull, ErrUnknown.
func (c *Collection[T, P]) Update(ctx context.Context, id string, change func(*T) error) (*T, error) {
	if err := checkID(id); err != nil {
		return nil, c.named(err)
	}
	var refused error
	doc, err := c.engine.Update(ctx, c.schema, id,
		func() Document { return P(new(T)) },
		func(d Document) error {
			meta := d.Base()
			stored := *meta
			doc := (*T)(d.(P))
			if refused = change(doc); refused != nil {
				return refused
			}
			*meta = Meta{ID: stored.ID, Rev: stored.Rev + 1, V: max(stored.V, c.schema.Version)}
			return c.check(doc)
		})
	switch {
	case err == nil:
		return (*T)(doc.(P)), nil
	case refused != nil:
		return nil, refused
	}
	return nil, c.named(err)
}

// Replace writes doc in place of the stored document with the same id and
// revision, and sets its Rev to the next. It fails with ErrConflict if the
// stored document has another revision; otherwise as Update does.
func (c *Collection[T, P]) Replace(ctx context.Context, doc *T) error {
	meta := P(doc).Base()
	stored, err := c.Update(ctx, meta.ID, func(d *T) error {
		if P(d).Base().Rev != meta.Rev {
			return c.named(ErrConflict)
		}
		v := P(d).Base().V
		*d = *doc
		P(d).Base().V = v
		return nil
	})
	if err == nil {
		*meta = *P(stored).Base()
	}
	return err
}

// Delete removes the document with this id, or fails with ErrNotFound.
func (c *Collection[T, P]) Delete(ctx context.Context, id string) error {
	err := checkID(id)
	if err == nil {
		err = c.engine.Delete(ctx, c.schema, id)
	}
	return c.named(err)
}

func (c *Collection[T, P]) check(doc *T) error {
	if err := checkID(P(doc).Base().ID); err != nil {
		return err
	}
	return c.shape.check(reflect.ValueOf(doc).Elem())
}

// named puts the name of the collection before an error, unless it says it.
func (c *Collection[T, P]) named(err error) error {
	var taken *TakenError
	if err == nil || errors.As(err, &taken) {
		return err
	}
	return fmt.Errorf("%s: %w", c.schema.Name, err)
}

const maxID = 200 // bytes

func checkID(id string) error {
	if id == "" || len(id) > maxID || !utf8.ValidString(id) || strings.IndexByte(id, 0) >= 0 {
		return fmt.Errorf("the id is not 1 to %d bytes of UTF-8 without NUL: %w", maxID, ErrInvalid)
	}
	return nil
}
