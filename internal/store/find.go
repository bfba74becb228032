package store

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Find returns the documents that match, at most Limit, and the cursor that
// continues behind them. It fails with ErrInvalid for an undeclared field, a
// value that the field cannot hold, or a cursor that is not of this order.
func (c *Collection[T, P]) Find(ctx context.Context, q Query) (Page[T], error) {
	scan, err := c.scan(q)
	if err != nil {
		return Page[T]{}, c.named(err)
	}
	page, _, err := c.page(ctx, scan)
	return page, err
}

// stride is how many documents Each reads at a time.
const stride = 500

// Each calls f for every match, in order, until f fails; that error is
// returned as it is. It reads by pages and holds nothing in the engine while f
// runs, so f may take its time and may write. Documents that stay in place
// are met exactly once; those that come or go meanwhile may be met or not.
func (c *Collection[T, P]) Each(ctx context.Context, q Query, f func(*T) error) error {
	scan, err := c.scan(q)
	if err != nil {
		return c.named(err)
	}
	for left := q.Limit; ; {
		scan.Limit = stride
		if q.Limit > 0 {
			scan.Limit = min(stride, left)
		}
		page, last, err := c.page(ctx, scan)
		if err != nil {
			return err
		}
		for i := range page.Items {
			if err := f(&page.Items[i]); err != nil {
				return err
			}
		}
		left -= len(page.Items)
		if page.Next == "" || q.Limit > 0 && left == 0 {
			return nil
		}
		scan.After = last
	}
}

// page reads one page and the position of its last document. It asks for one
// document more than wanted, to know whether there is a next page.
func (c *Collection[T, P]) page(ctx context.Context, q Scan) (Page[T], *Position, error) {
	page := Page[T]{Items: []T{}}
	limit, more := q.Limit, false
	if limit > 0 {
		q.Limit++
	}
	var last any
	err := c.engine.Find(ctx, c.schema, q, func(key any, decode func(Document) error) error {
		if limit > 0 && len(page.Items) == limit {
			more = true
			return nil
		}
		last = key
		page.Items = append(page.Items, *new(T))
		return decode(P(&page.Items[len(page.Items)-1]))
	})
	if err != nil || len(page.Items) == 0 {
		return page, nil, c.named(err)
	}
	at := &Position{ID: P(&page.Items[len(page.Items)-1]).Base().ID}
	if !q.ByID() {
		at.Key = c.shape.fields[q.Sort].restore(last)
	}
	page.End, err = encodeCursor(q, at)
	if more {
		page.Next = page.End
	}
	return page, at, c.named(err)
}

// Count counts the matches of q, grouped by the declared fields in by, inside
// the engine. Without by it returns one group. Sorted by key; only the
// conditions of q matter.
func (c *Collection[T, P]) Count(ctx context.Context, q Query, by ...string) ([]Group, error) {
	where, err := c.shape.where(q.Where)
	if err != nil {
		return nil, c.named(err)
	}
	for _, name := range by {
		if _, err := c.shape.field(name); err != nil {
			return nil, c.named(err)
		}
	}
	tallies, err := c.engine.Count(ctx, c.schema, where, by)
	if err != nil {
		return nil, c.named(err)
	}
	// A missing field and "" are one group, so tallies can fall together.
	groups := make(map[string]*Group, len(tallies))
	for _, t := range tallies {
		key := make([]string, len(by))
		for i, name := range by {
			key[i] = text(c.shape.fields[name].restore(t.Key[i]))
		}
		joined := strings.Join(key, "\x00")
		if groups[joined] == nil {
			groups[joined] = &Group{Key: key}
		}
		groups[joined].N += t.N
	}
	if len(by) == 0 && len(groups) == 0 {
		return []Group{{Key: []string{}}}, nil
	}
	out := make([]Group, 0, len(groups))
	for _, g := range groups {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int { return slices.Compare(a.Key, b.Key) })
	return out, nil
}

// text is how a group's key shows a value.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case Time:
		return v.Format(TimeLayout)
	}
	return fmt.Sprint(v)
}

// scan checks a query and makes it ready for the engine.
func (c *Collection[T, P]) scan(q Query) (Scan, error) {
	where, err := c.shape.where(q.Where)
	if err != nil {
		return Scan{}, err
	}
	if q.Limit < 0 || q.Limit == math.MaxInt {
		return Scan{}, fmt.Errorf("limit %d: %w", q.Limit, ErrInvalid)
	}
	scan := Scan{Where: where, Sort: q.Sort, Desc: q.Desc, Limit: q.Limit}
	by, err := c.shape.field(cmp.Or(q.Sort, "_id"))
	if err != nil {
		return Scan{}, err
	}
	if q.After != "" {
		scan.After, err = decodeCursor(scan, by, q.After)
	}
	return scan, err
}

func (s *shape) field(name string) (*field, error) {
	if f := s.fields[name]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("field %q is not declared by an index: %w", name, ErrInvalid)
}

// where checks conditions and brings their values to the engine's types.
func (s *shape) where(conds []Cond) ([]Cond, error) {
	out := make([]Cond, len(conds))
	for i, cond := range conds {
		f, err := s.field(cond.Field)
		if err != nil {
			return nil, err
		}
		switch cond.Op {
		case Eq, Gt, Gte, Lt, Lte:
		case Outside:
			if prefix, ok := cond.Value.(string); !ok || prefix == "" || prefix[len(prefix)-1] >= utf8.RuneSelf-1 {
				return nil, fmt.Errorf("field %q: no prefix: %w", cond.Field, ErrInvalid)
			}
		default:
			return nil, fmt.Errorf("field %q: operator %q: %w", cond.Field, cond.Op, ErrInvalid)
		}
		value, ok := f.adopt(cond.Value)
		if !ok {
			return nil, fmt.Errorf("field %q is compared with a value that it cannot hold: %w", cond.Field, ErrInvalid)
		}
		out[i] = Cond{cond.Field, cond.Op, value}
	}
	return out, nil
}

// adopt brings a value given by a caller to the type of the field.
func (f *field) adopt(value any) (any, bool) {
	if t, ok := value.(Time); ok {
		return At(t.Time), f.kind == kindTime && !t.IsZero()
	}
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return nil, false
	case v.Kind() == reflect.String:
		s := v.String()
		return s, f.kind == kindText && utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
	case v.Kind() == reflect.Bool:
		return v.Bool(), f.kind == kindBool
	case v.CanInt() && f.kind == kindFloat:
		return float64(v.Int()), true
	case v.CanInt():
		return v.Int(), f.kind == kindInt
	case v.CanFloat():
		x := v.Float()
		return x, f.kind == kindFloat && !math.IsNaN(x) && !math.IsInf(x, 0)
	}
	return nil, false
}

// restore brings a value read by an engine to the type of the field.
func (f *field) restore(value any) any {
	switch v := value.(type) {
	case int64:
		switch f.kind {
		case kindBool:
			return v != 0
		case kindFloat:
			return float64(v)
		}
	case string:
		if f.kind == kindTime {
			var t Time
			if t.UnmarshalJSON(strconv.AppendQuote(nil, v)) == nil {
				return t
			}
		}
	}
	return value
}
