package mongo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	driver "go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"

	"havn/internal/store"
	"havn/internal/store/mongo"
	"havn/internal/store/storetest"
	"havn/internal/store/storetest/mongod"
)

func TestConformance(t *testing.T) { storetest.Run(t, storetest.Mongo(3)) }

// counter is the document of the tests in this package.
type counter struct {
	store.Meta `bson:",inline"`
	N          int64    `json:"n"`
	By         []string `json:"by"`
}

var counters = store.Schema{Name: "counters", Version: 1}

func open(t testing.TB, uri string) *store.Collection[counter, *counter] {
	t.Helper()
	db, err := mongo.Open(context.Background(), uri)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := store.Open[counter](context.Background(), db, counters)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNewerStoreRefused(t *testing.T) {
	uri, ctx := mongod.URI(t, 3), context.Background()
	open(t, uri)
	address, err := connstring.Parse(uri)
	if err != nil {
		t.Fatal(err)
	}
	client, err := driver.Connect(ctx, options.Client().ApplyURI(uri))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Disconnect(ctx)
	db := client.Database(address.Database)
	defer db.Drop(ctx)
	if _, err := db.Collection("havn_meta").UpdateByID(ctx, "layout", bson.D{{Key: "$set", Value: bson.D{{Key: "value", Value: 1000}}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := mongo.Open(ctx, uri); !errors.Is(err, store.ErrNewer) {
		t.Errorf("got error %v, want %v", err, store.ErrNewer)
	}
}

func TestUnreachable(t *testing.T) {
	start := time.Now()
	_, err := mongo.Open(context.Background(), "mongodb://user:geheim@127.0.0.1:1/havn")
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("got error %v, want %v", err, store.ErrUnavailable)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	_, bad := mongo.Open(context.Background(), "mongodb://user:geheim@host:port:port/%zz")
	for _, err := range []error{err, bad} {
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("no error, or one with the password: %v", err)
		}
	}
}

func TestStandaloneRefused(t *testing.T) {
	address := mongod.Standalone(t)
	_, err := mongo.Open(context.Background(), "mongodb://"+address+"/havn")
	if err == nil || !strings.Contains(err.Error(), "replica set") {
		t.Errorf("got error %v, want one that asks for a replica set", err)
	}
}
