package mongo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"

	"havn/internal/store"
)

// Declare makes the indexes of a collection; MongoDB makes the collection with
// them or with its first document. An index that is declared otherwise than
// before is built anew; one that is not declared any more stays.
func (db *DB) Declare(ctx context.Context, s store.Schema) error {
	indexes := db.in(s).Indexes()
	for _, x := range s.Indexes {
		model := index(x)
		_, err := indexes.CreateOne(ctx, model)
		if redeclared(err) {
			if _, err := indexes.DropOne(ctx, x.Name()); err != nil {
				return fmt.Errorf("index %s: %w", x.Name(), translate(err))
			}
			_, err = indexes.CreateOne(ctx, model)
		}
		if err != nil {
			return fmt.Errorf("index %s: %w", x.Name(), translate(err))
		}
	}
	return nil
}

// index ends with the id, so that paging by a key reads it in order; a unique
// one cannot.
func index(x store.Index) mongo.IndexModel {
	o := options.Index().SetName(x.Name())
	var keys bson.D
	for _, f := range x.Fields {
		keys = append(keys, bson.E{Key: f, Value: 1})
	}
	if x.Unique {
		o.SetUnique(true).SetPartialFilterExpression(bson.D{{Key: x.Fields[0], Value: bson.D{{Key: "$gt", Value: ""}}}})
	} else if !slices.Contains(x.Fields, "_id") {
		keys = append(keys, bson.E{Key: "_id", Value: 1})
	}
	return mongo.IndexModel{Keys: keys, Options: o}
}

func redeclared(err error) bool {
	var server mongo.ServerError
	return errors.As(err, &server) && (server.HasErrorCode(codeIndexExists) || server.HasErrorCode(codeIndexKeys))
}
