package mongo

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"

	"havn/internal/store"
)

func (db *DB) in(s store.Schema) *mongo.Collection { return db.db.Collection(s.Name) }

func byID(id string) bson.D { return bson.D{{Key: "_id", Value: id}} }

// Insert stores a new document. If the answer is lost, finding it, mark and
// all, settles that it was written; another one in its place, that it was not.
func (db *DB) Insert(ctx context.Context, s store.Schema, doc store.Document) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	raw, err := encode(doc)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err = db.in(s).InsertOne(ctx, raw)
	if !unsettled(err) {
		return translate(err)
	}
	stored, readErr := db.settle(ctx, s, doc.Base().ID)
	switch {
	case readErr != nil:
		return unknown(err)
	case bytes.Equal(stored, raw):
		return nil
	}
	return store.ErrExists
}

// Get reads a document by its id.
func (db *DB) Get(ctx context.Context, s store.Schema, id string, into store.Document) error {
	raw, err := db.read(ctx, s, id)
	if err != nil {
		return err
	}
	return decode(raw, into)
}

func (db *DB) read(ctx context.Context, s store.Schema, id string) (bson.Raw, error) {
	raw, err := db.in(s).FindOne(ctx, byID(id)).Raw()
	return raw, translate(err)
}

// settle reads a document after the answer to a write of it was lost. If the
// context has ended with that, there is a little time left for this.
func (db *DB) settle(ctx context.Context, s store.Schema, id string) (bson.Raw, error) {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
	}
	return db.read(ctx, s, id)
}

// bounded gives a write a deadline if it has none.
func (db *DB) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, db.timeout)
}

// Update changes a document by compare-and-set on its revision.
func (db *DB) Update(ctx context.Context, s store.Schema, id string, fresh func() store.Document, change func(store.Document) error) (store.Document, error) {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	for races := 0; ; races++ {
		if err := pause(ctx, races); err != nil {
			return nil, err
		}
		stored, err := db.read(ctx, s, id)
		if err != nil {
			return nil, err
		}
		doc := fresh()
		var seen int64
		raw, err := edit(s, stored, doc, func(d store.Document) error {
			seen = d.Base().Rev
			return change(d)
		})
		if errors.Is(err, store.ErrUnchanged) {
			doc = fresh()
			return doc, decode(stored, doc)
		}
		if err != nil {
			return nil, err
		}
		if won, err := db.replace(ctx, s, id, seen, raw); won || err != nil {
			return doc, err
		}
	}
}

// attempts is how often a replacement whose answer was lost is sent.
const attempts = 3

// replace puts raw in place of the document if that still has the revision
// seen, and tells whether it did.
//
// If the answer is lost, the document tells. It is raw, mark and all: it was
// written. It has the revision seen: sending again is safe, for only one of the
// two can match. It has the next revision: another write took the place. It is
// further on, or gone: nobody can tell.
func (db *DB) replace(ctx context.Context, s store.Schema, id string, seen int64, raw bson.Raw) (bool, error) {
	filter := append(byID(id), bson.E{Key: "rev", Value: seen})
	var lost error
	for range attempts {
		if err := ctx.Err(); err != nil && lost == nil {
			return false, err
		}
		result, err := db.in(s).ReplaceOne(ctx, filter, raw)
		switch {
		case err == nil && result.MatchedCount == 1:
			return true, nil
		case lost == nil && !unsettled(err):
			return false, translate(err) // a race lost, or a refusal
		case lost == nil:
			lost = err
		}
		stored, err := db.settle(ctx, s, id)
		if err != nil {
			return false, unknown(lost)
		}
		rev, _ := stored.Lookup("rev").AsInt64OK()
		switch {
		case bytes.Equal(stored, raw):
			return true, nil
		case rev == seen+1:
			return false, nil
		case rev != seen || ctx.Err() != nil:
			return false, unknown(lost)
		}
	}
	return false, unknown(lost)
}

// pause lets the winners get ahead before a loser tries again: not at first,
// then a random time up to 32 ms, so that many losers do not keep in step.
func pause(ctx context.Context, races int) error {
	if races == 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(rand.N(time.Millisecond << min(races, 5))):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Delete removes a document. If the answer is lost, its absence settles that it
// is removed.
func (db *DB) Delete(ctx context.Context, s store.Schema, id string) error {
	ctx, cancel := db.bounded(ctx)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	result, err := db.in(s).DeleteOne(ctx, byID(id))
	switch {
	case unsettled(err):
		if _, readErr := db.settle(ctx, s, id); errors.Is(readErr, store.ErrNotFound) {
			return nil
		}
		return unknown(err)
	case err != nil:
		return translate(err)
	case result.DeletedCount == 0:
		return store.ErrNotFound
	}
	return nil
}
