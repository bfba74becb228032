// Package mongo keeps Havn's documents in a MongoDB replica set, for servers
// that must outlive a machine, and for several servers on one store.
//
// A write is acknowledged when a majority of the members has it in its journal;
// reads come from the primary and see only what a majority has. Both are set
// here, whatever the address says. MongoDB 4.0 and later will do.
//
// An update reads, changes, and replaces by id and revision. When the answer to
// a write is lost (a time-out, a fail-over), the document is read again by its
// id; only if that does not settle the matter is the outcome store.ErrUnknown.
//
// Filters are built from declared fields and typed values alone, so that
// nothing from outside can become an operator.
package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/mongo/readconcern"
	"go.mongodb.org/mongo-driver/mongo/readpref"
	"go.mongodb.org/mongo-driver/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"havn/internal/store"
)

const (
	// timeout is for a call whose context has no deadline, retries included; the
	// address may give another as timeoutMS.
	timeout = 10 * time.Second
	// selection is how long a call waits for a primary to be there: short, so
	// that a request is refused while somebody still waits for the answer.
	selection = 2 * time.Second
	// patience is for reading what became of a write whose time has run out.
	patience = time.Second
	// layout is the version of how documents and indexes are laid out. A
	// program refuses a database with a higher one.
	layout = 1
	// database is the name used if the address has none.
	database = "havn"
)

// DB is an open database. It implements store.Engine.
type DB struct {
	client  *mongo.Client
	db      *mongo.Database
	timeout time.Duration
}

var _ store.Engine = (*DB)(nil)

// Open connects to the database named in a mongodb:// or mongodb+srv:// address
// (havn if it names none). It fails with store.ErrUnavailable if no primary can
// be reached, with store.ErrNewer if a newer Havn wrote the database, and in a
// sentence of its own if the server is no member of a replica set.
func Open(ctx context.Context, uri string) (*DB, error) {
	address, err := connstring.ParseAndValidate(uri)
	if err != nil {
		// Not wrapped: it may repeat the password.
		return nil, errors.New("the store's address is not a valid mongodb:// URI")
	}
	name := address.Database
	if name == "" {
		name = database
	}
	patient := timeout
	if address.TimeoutSet {
		patient = address.Timeout
	}
	journalled := *writeconcern.Majority()
	journalled.Journal = new(true)
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri).
		SetAppName("havn").
		SetWriteConcern(&journalled).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetRetryWrites(true).
		SetRetryReads(true).
		SetTimeout(patient).
		SetServerSelectionTimeout(selection))
	if err != nil {
		return nil, fmt.Errorf("mongodb: %w", err)
	}
	db := &DB{client, client.Database(name), patient}
	if err := db.claim(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("mongodb: %w", err), db.Close())
	}
	return db, nil
}

// claim refuses a server that cannot keep the promises and a database that is
// newer than this program, and marks a fresh one.
func (db *DB) claim(ctx context.Context) error {
	var hello struct {
		Set string `bson:"setName"`
		Msg string `bson:"msg"`
	}
	if err := db.db.RunCommand(ctx, bson.D{{Key: "isMaster", Value: 1}}).Decode(&hello); err != nil {
		return translate(err)
	}
	if hello.Set == "" && hello.Msg != "isdbgrid" {
		return errors.New("the server is no member of a replica set, without which a write cannot be made safe: start mongod with --replSet, run rs.initiate() once (one member is enough), and try again")
	}
	meta := db.db.Collection("havn_meta")
	var have struct{ Value int }
	err := meta.FindOneAndUpdate(ctx, bson.D{{Key: "_id", Value: "layout"}},
		bson.D{{Key: "$setOnInsert", Value: bson.D{{Key: "value", Value: layout}}}},
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Decode(&have)
	if mongo.IsDuplicateKeyError(err) { // another Havn marked it first
		err = meta.FindOne(ctx, bson.D{{Key: "_id", Value: "layout"}}).Decode(&have)
	}
	if err == nil && have.Value > layout {
		return fmt.Errorf("its layout is %d and this Havn knows up to %d: %w", have.Value, layout, store.ErrNewer)
	}
	return translate(err)
}

// Close waits a moment for calls under way and closes the connections.
func (db *DB) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := db.client.Disconnect(ctx); err != nil && !errors.Is(err, mongo.ErrClientDisconnected) {
		return err
	}
	return nil
}

// Ping asks the primary.
func (db *DB) Ping(ctx context.Context) error {
	return translate(db.client.Ping(ctx, readpref.Primary()))
}

// Size is what documents and indexes take on the primary's disk, in bytes.
func (db *DB) Size(ctx context.Context) (int64, error) {
	var stats struct {
		Storage float64 `bson:"storageSize"`
		Index   float64 `bson:"indexSize"`
	}
	err := db.db.RunCommand(ctx, bson.D{{Key: "dbStats", Value: 1}}).Decode(&stats)
	return int64(stats.Storage + stats.Index), translate(err)
}
