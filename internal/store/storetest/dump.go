package storetest

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"go.mongodb.org/mongo-driver/x/mongo/driver/connstring"
	_ "modernc.org/sqlite" // to look into the file from outside
)

// Dump is all that stands in the database, read past the store: the documents
// as text, by collection. It is for tests of what is not there any more.
func (d *Database) Dump(t testing.TB) map[string][]string {
	t.Helper()
	if strings.HasPrefix(d.Address, "mongodb") {
		return d.dumpMongo(t)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(d.Address, "havn.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	out := map[string][]string{}
	for _, table := range column(t, db, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name != 'havn_meta'`) {
		out[table] = column(t, db, `SELECT id || fields || doc FROM "`+table+`"`)
	}
	return out
}

func column(t testing.TB, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *Database) dumpMongo(t testing.TB) map[string][]string {
	t.Helper()
	ctx := context.Background()
	address, err := connstring.Parse(d.Address)
	if err != nil {
		t.Fatal(err)
	}
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(d.Address))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Disconnect(ctx) }()
	db := client.Database(address.Database)
	names, err := db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]string{}
	for _, name := range names {
		cursor, err := db.Collection(name).Find(ctx, bson.D{})
		if err != nil {
			t.Fatal(err)
		}
		for out[name] = nil; cursor.Next(ctx); {
			out[name] = append(out[name], cursor.Current.String())
		}
		if err := cursor.Err(); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
