// Package storetest holds the suite that each engine of the store passes, and
// gives the tests of other rooms an engine to work with:
//
//	storetest.Each(t, func(t *testing.T, e store.Engine) { … })
//
// runs a test on SQLite and, where there is one, on MongoDB; package mongod
// tells where it comes from.
package storetest

import (
	"context"
	"testing"

	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"havn/internal/store"
	mongostore "havn/internal/store/mongo"
	"havn/internal/store/sqlite"
	"havn/internal/store/storetest/mongod"
)

// Kind is an engine to test with.
type Kind struct {
	Name string
	// New makes a fresh, empty database that lasts as long as the test. It
	// skips the test if this machine does not have what the engine needs.
	New func(t testing.TB) *Database
}

// Database can be opened, and after Close opened again.
type Database struct {
	Address string // what the engine's Open takes: a folder or a URI
	open    func(ctx context.Context, address string) (store.Engine, error)
}

// Engines returns the kinds of engine that there are.
func Engines() []Kind {
	return []Kind{SQLite(), Mongo(1)}
}

// SQLite makes databases in temporary folders.
func SQLite() Kind {
	return Kind{"sqlite", func(t testing.TB) *Database {
		return &Database{t.TempDir(), func(ctx context.Context, dir string) (store.Engine, error) {
			return sqlite.Open(ctx, dir)
		}}
	}}
}

// Mongo makes databases on the server that all packages share, or else on a
// replica set of this test binary with so many members.
func Mongo(members int) Kind {
	return Kind{"mongo", func(t testing.TB) *Database {
		d := &Database{mongod.URI(t, members), func(ctx context.Context, address string) (store.Engine, error) {
			return mongostore.Open(ctx, address)
		}}
		t.Cleanup(func() { drop(t, d.Address) })
		return d
	}}
}

// Open opens the database until the test ends.
func (d *Database) Open(t testing.TB) store.Engine {
	t.Helper()
	e, err := d.open(context.Background(), d.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// TryOpen opens the database, for tests of what refuses that.
func (d *Database) TryOpen(ctx context.Context) (store.Engine, error) {
	return d.open(ctx, d.Address)
}

// Each runs a test on every engine, in parallel and on a fresh database each.
func Each(t *testing.T, f func(t *testing.T, e store.Engine)) {
	t.Helper()
	for _, kind := range Engines() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			f(t, kind.New(t).Open(t))
		})
	}
}

func drop(t testing.TB, uri string) {
	ctx := context.Background()
	address, err := connstring.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(ctx)
	if err := client.Database(address.Database).Drop(ctx); err != nil {
		t.Error(err)
	}
}
