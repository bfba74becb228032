package mongo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"havn/internal/store"
)

// Find reads the matches in order. A scan behind a cursor takes one or two
// queries, since a document without the sort field lies before all others.
func (db *DB) Find(ctx context.Context, s store.Schema, q store.Scan, each func(any, func(store.Document) error) error) error {
	key, dir := "_id", 1
	if q.Desc {
		dir = -1
	}
	sort := bson.D{{Key: "_id", Value: dir}}
	if !q.ByID() {
		key = q.Sort
		sort = bson.D{{Key: key, Value: dir}, {Key: "_id", Value: dir}}
	}
	n := 0
	for _, part := range parts(q, key) {
		o := options.Find().SetSort(sort)
		if q.Limit > 0 {
			if n >= q.Limit {
				return nil
			}
			o.SetLimit(int64(q.Limit - n))
		}
		cursor, err := db.in(s).Find(ctx, filter(q.Where, part...), o)
		if err != nil {
			return translate(err)
		}
		err = drain(ctx, cursor, func(raw bson.Raw) error {
			n++
			v, _ := raw.LookupErr(strings.Split(key, ".")...) // missing is null
			return each(value(v), func(into store.Document) error { return decode(raw, into) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Count groups the matches in the database.
func (db *DB) Count(ctx context.Context, s store.Schema, where []store.Cond, by []string) ([]store.Tally, error) {
	id := bson.D{}
	for i, name := range by {
		id = append(id, bson.E{Key: fmt.Sprint("k", i), Value: "$" + name})
	}
	cursor, err := db.in(s).Aggregate(ctx, mongo.Pipeline{
		{{Key: "$match", Value: filter(where)}},
		{{Key: "$group", Value: bson.D{{Key: "_id", Value: id}, {Key: "n", Value: bson.D{{Key: "$sum", Value: int64(1)}}}}}},
	}, options.Aggregate().SetAllowDiskUse(true))
	if err != nil {
		return nil, translate(err)
	}
	var out []store.Tally
	err = drain(ctx, cursor, func(raw bson.Raw) error {
		t := store.Tally{Key: make([]any, len(by)), N: raw.Lookup("n").AsInt64()}
		for i := range by {
			v, _ := raw.LookupErr("_id", fmt.Sprint("k", i)) // missing is null
			t.Key[i] = value(v)
		}
		out = append(out, t)
		return nil
	})
	return out, err
}

func drain(ctx context.Context, cursor *mongo.Cursor, each func(bson.Raw) error) error {
	defer cursor.Close(context.WithoutCancel(ctx))
	for cursor.Next(ctx) {
		if err := each(cursor.Current); err != nil {
			return err
		}
	}
	return translate(cursor.Err())
}

// operators are all that a filter is made of.
var operators = map[store.Op]string{
	store.Eq: "$eq", store.Gt: "$gt", store.Gte: "$gte", store.Lt: "$lt", store.Lte: "$lte",
}

func filter(where []store.Cond, more ...bson.D) bson.D {
	all := bson.A{}
	for _, cond := range where {
		if prefix, ok := cond.Value.(string); ok && cond.Op == store.Outside {
			all = append(all, bson.D{{Key: "$or", Value: bson.A{term(cond.Field, "$lt", prefix), term(cond.Field, "$gte", store.Behind(prefix))}}})
			continue
		}
		all = append(all, term(cond.Field, operators[cond.Op], cond.Value))
	}
	for _, d := range more {
		all = append(all, d)
	}
	if len(all) == 0 {
		return bson.D{}
	}
	return bson.D{{Key: "$and", Value: all}}
}

func term(field, operator string, value any) bson.D {
	return bson.D{{Key: field, Value: bson.D{{Key: operator, Value: value}}}}
}

// parts says which documents lie behind the cursor of q, in the order to read
// them; the terms of a part must all hold.
func parts(q store.Scan, key string) [][]bson.D {
	if q.After == nil {
		return [][]bson.D{nil}
	}
	beyond := map[bool]string{false: "$gt", true: "$lt"}[q.Desc]
	behindID := term("_id", beyond, q.After.ID)
	missing, present := term(key, "$eq", nil), term(key, "$ne", nil)
	switch {
	case q.ByID():
		return [][]bson.D{{behindID}}
	case q.After.Key != nil:
		behind := []bson.D{
			term(key, beyond+"e", q.After.Key),
			{{Key: "$or", Value: bson.A{term(key, beyond, q.After.Key), behindID}}},
		}
		if q.Desc {
			return [][]bson.D{behind, {missing}}
		}
		return [][]bson.D{behind}
	case q.Desc:
		return [][]bson.D{{missing, behindID}}
	default:
		return [][]bson.D{{missing, behindID}, {present}}
	}
}

// value brings a stored value to the types of store.Engine.Find.
func value(v bson.RawValue) any {
	switch v.Type {
	case bson.TypeString:
		return v.StringValue()
	case bson.TypeBoolean:
		return v.Boolean()
	case bson.TypeInt32, bson.TypeInt64:
		return v.AsInt64()
	case bson.TypeDouble:
		return v.Double()
	case bson.TypeDateTime:
		return store.At(time.UnixMilli(v.DateTime()))
	}
	return nil
}
