package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// cursor is what Page.Next holds: the order that it belongs to and a place in
// it. It is not secret and not signed; whoever forges one gets a page of a
// query that they could have asked anyway.
type cursor struct {
	Sort string          `json:"s"`
	Desc bool            `json:"d,omitempty"`
	Key  json.RawMessage `json:"k,omitempty"`
	ID   string          `json:"i"`
}

func encodeCursor(q Scan, at *Position) (string, error) {
	key, err := json.Marshal(at.Key)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(cursor{q.Sort, q.Desc, key, at.ID})
	return base64.RawURLEncoding.EncodeToString(b), err
}

func decodeCursor(q Scan, by *field, s string) (*Position, error) {
	broken := fmt.Errorf("the cursor is not one of this list: %w", ErrInvalid)
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, broken
	}
	var c cursor
	if json.Unmarshal(b, &c) != nil || c.Sort != q.Sort || c.Desc != q.Desc || checkID(c.ID) != nil {
		return nil, broken
	}
	at := &Position{ID: c.ID}
	if q.ByID() || string(c.Key) == "null" {
		return at, nil
	}
	var ok bool
	if at.Key, ok = by.parse(c.Key); !ok {
		return nil, broken
	}
	return at, nil
}

// parse reads a value of the field from JSON.
func (f *field) parse(b []byte) (any, bool) {
	switch f.kind {
	case kindText:
		return parse[string](f, b)
	case kindBool:
		return parse[bool](f, b)
	case kindInt:
		return parse[int64](f, b)
	case kindFloat:
		return parse[float64](f, b)
	default:
		return parse[Time](f, b)
	}
}

func parse[V any](f *field, b []byte) (any, bool) {
	var v V
	if json.Unmarshal(b, &v) != nil {
		return nil, false
	}
	return f.adopt(v)
}
