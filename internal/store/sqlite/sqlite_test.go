package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"havn/internal/store"
	"havn/internal/store/sqlite"
	"havn/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if role := children[os.Getenv(childRole)]; role != nil {
		role(os.Getenv(childDir))
		return
	}
	os.Exit(m.Run())
}

func TestConformance(t *testing.T) { storetest.Run(t, storetest.SQLite()) }

func TestNewerStoreRefused(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	db, err := sqlite.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	shell(t, dir, "UPDATE havn_meta SET value = '1000' WHERE key = 'layout'")
	for range 2 { // the folder is free again after a refusal
		if _, err := sqlite.Open(ctx, dir); !errors.Is(err, store.ErrNewer) {
			t.Errorf("got error %v, want %v", err, store.ErrNewer)
		}
	}
}

func TestSecondProcessRefused(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	db, err := sqlite.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := sqlite.Open(ctx, dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("in this process: got error %v, want %v", err, store.ErrInUse)
	}
	out, err := child(t, "open", dir).Output()
	if err != nil || !strings.Contains(string(out), store.ErrInUse.Error()) {
		t.Errorf("another process said %q, error %v", out, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	out, err = child(t, "open", dir).Output()
	if err != nil || strings.TrimSpace(string(out)) != "opened" {
		t.Errorf("after Close another process said %q, error %v", out, err)
	}
}

// TestPrivate looks at who may read the data.
func TestPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	db, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) < 3 {
		t.Fatalf("files %v, error %v", files, err)
	}
	for _, path := range append(files, dir) {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", filepath.Base(path), info.Mode())
		}
	}
}

// TestReadable reads a document with plain SQL, as the sqlite3 shell would.
func TestReadable(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), context.Background()
	db, err := sqlite.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	type person struct {
		store.Meta `bson:",inline"`
		Email      string `json:"email"`
	}
	people, err := store.Open[person](ctx, db, store.Schema{Name: "people", Version: 3, Indexes: []store.Index{{Fields: []string{"email"}, Unique: true}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := people.Insert(ctx, &person{Meta: store.Meta{ID: "p1"}, Email: "<ana>@example.org"}); err != nil {
		t.Fatal(err)
	}
	if got, want := shell(t, dir, "SELECT doc FROM people"), `{"_id":"p1","rev":1,"v":3,"email":"<ana>@example.org"}`; got != want {
		t.Errorf("stored is %s, want %s", got, want)
	}
}

// shell runs one statement on a connection that knows nothing of this package,
// and returns the last column of the first row.
func shell(t *testing.T, dir, statement string) string {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, "havn.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		return ""
	}
	values := make([]any, len(columns))
	var last string
	for i := range values {
		values[i] = new(any)
	}
	values[len(values)-1] = &last
	if err := rows.Scan(values...); err != nil {
		t.Fatal(err)
	}
	return last
}
