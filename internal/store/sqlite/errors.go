package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"havn/internal/store"
)

// translate gives SQLite's errors the store's names. It leaves others alone.
func translate(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return store.ErrExists
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE:
		return taken(e)
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE:
		// A quota and a limit on the size of files are write errors to SQLite.
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case sqlite3.SQLITE_IOERR_FSYNC:
		// The log holds the commit, but nobody knows whether the disk does.
		return fmt.Errorf("%w: %w", store.ErrUnknown, err)
	}
	return err
}

// taken reads the index out of "UNIQUE constraint failed: index 'people.email'".
func taken(e *sqlite.Error) error {
	_, rest, _ := strings.Cut(e.Error(), "index '")
	name, _, _ := strings.Cut(rest, "'")
	collection, index, _ := strings.Cut(name, ".")
	return &store.TakenError{Collection: collection, Index: index}
}

// harmless errors are those of one write alone.
func harmless(err error) bool {
	return errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrTaken) || errors.Is(err, errMissed)
}

// errMissed is a write that found no document with the id and revision.
var errMissed = errors.New("no row")

// idle tells that there was no transaction to roll back: SQLite undoes some
// failures by itself.
func idle(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR
}
