package store

import (
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsontype"
)

// Time is an instant in UTC with millisecond precision: the finest that both
// engines keep. Its JSON form has a fixed width, so that text order is time
// order in an index. The zero Time is stored as null.
type Time struct{ time.Time }

// TimeLayout is the JSON form of a Time, for package time.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// At rounds t down to what can be stored.
func At(t time.Time) Time {
	if t.IsZero() {
		return Time{}
	}
	return Time{t.UTC().Truncate(time.Millisecond)}
}

// Earliest lies before every time that is set, and after the zero Time: a query for
// what is later leaves out the documents that have no time there.
var Earliest = At(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC))

// MarshalJSON writes RFC 3339 with exactly three decimals, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + t.UTC().Format(TimeLayout) + `"`), nil
}

// UnmarshalJSON reads RFC 3339 or null.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = Time{}
		return nil
	}
	var u time.Time
	if err := u.UnmarshalJSON(b); err != nil {
		return err
	}
	*t = At(u)
	return nil
}

// MarshalBSONValue writes a BSON date, or null.
func (t Time) MarshalBSONValue() (bsontype.Type, []byte, error) {
	if t.IsZero() {
		return bson.TypeNull, nil, nil
	}
	return bson.MarshalValue(t.Time)
}

// UnmarshalBSONValue reads a BSON date or null.
func (t *Time) UnmarshalBSONValue(kind bsontype.Type, b []byte) error {
	if kind == bson.TypeNull {
		*t = Time{}
		return nil
	}
	var u time.Time
	if err := bson.UnmarshalValue(kind, b, &u); err != nil {
		return err
	}
	*t = At(u)
	return nil
}

// Now is the present instant as it can be stored.
func Now() Time { return At(time.Now()) }
