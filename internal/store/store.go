// Package store keeps Havn's documents: typed, revisioned, found by declared
// indexes, and durable before the call returns.
//
// A document is a Go struct that embeds [Meta] and is written as JSON (SQLite)
// or BSON (MongoDB) under its json field names. A domain room declares a
// [Schema], opens a [Collection] on it, and never learns which engine is
// behind it. Two engines implement [Engine]: store/sqlite (embedded, the
// default) and store/mongo (a replica set); store/storetest holds the one suite
// that both pass.
//
// The promises, which every later promise of Havn rests on:
//
//   - A write that returned nil is on stable storage: fsynced by SQLite, or
//     journalled by a majority of the replica set.
//   - A write is atomic and touches one document. There are no half documents.
//   - Insert fails if the id or a unique index is taken, whoever else is
//     writing, so a key made by the client makes an act exactly-once.
//   - Update is a compare-and-set on the revision: of several writers who saw
//     the same revision one wins, and the others see its result.
//   - [ErrUnknown] means that the outcome is not known. Read by key and decide.
package store

import (
	"errors"
	"fmt"
	"strings"
)

// Errors of the store. An engine wraps them, so compare with errors.Is; the
// messages hold collection names and index names, never values of a document.
var (
	ErrNotFound = errors.New("no such document")
	ErrExists   = errors.New("the id is taken")
	ErrTaken    = errors.New("a unique field is taken")        // see TakenError for which
	ErrConflict = errors.New("the document has changed since") // a Replace that lost
	ErrUnknown  = errors.New("the outcome of the write is not known")
	ErrFull     = errors.New("the storage is full")
	// ErrUnavailable is a database that could not be reached: nothing was
	// read, and nothing was written. Trying again later may work.
	ErrUnavailable = errors.New("the store cannot be reached")
	ErrClosed      = errors.New("the store is closed")
	ErrNewer       = errors.New("the store was written by a newer Havn")
	ErrInUse       = errors.New("another Havn is using this data folder")
	ErrInvalid     = errors.New("the store cannot take this") // NaN, a key with a dot or a dollar, invalid UTF-8, an undeclared field, a broken cursor
)

// TakenError says which unique index refused a write. It matches ErrTaken.
type TakenError struct{ Collection, Index string }

func (e *TakenError) Error() string {
	return fmt.Sprintf("%s: %s: %v", e.Collection, e.Index, ErrTaken)
}
func (e *TakenError) Unwrap() error { return ErrTaken }

// Meta is embedded, first, in each document: store.Meta with the tag
// `bson:",inline"`.
type Meta struct {
	// ID is the key: 1 to 200 bytes of valid UTF-8 without NUL.
	ID string `json:"_id"`
	// Rev counts the writes of this document, from 1. The store sets it.
	Rev int64 `json:"rev"`
	// V is the version of the schema that wrote the document. The store sets it.
	V int `json:"v"`
}

// Base gives the store its handle on the embedded Meta.
func (m *Meta) Base() *Meta { return m }

// Document is a pointer to a struct that embeds Meta.
type Document interface{ Base() *Meta }

// Schema declares a collection: its name, its version and what can be asked of it.
type Schema struct {
	// Name is `[a-z][a-z0-9_]*`.
	Name string
	// Version is that of the documents this program writes, from 1. A stored
	// document with a higher V keeps the fields that this program does not know
	// when it is updated.
	Version int
	Indexes []Index
}

// Index declares that documents can be found, sorted or grouped by Fields, in
// that order. A query may only name fields that some index declares.
type Index struct {
	// Fields are json names; a dot reaches into an object ("result.passed").
	Fields []string
	// Unique refuses a second document with the same values. Documents that
	// lack the first field, which must be text, or hold "" there, are left out
	// of the rule.
	Unique bool
}

// Name is stable and readable: the fields joined by "_", dots as "__".
func (x Index) Name() string {
	return strings.ReplaceAll(strings.Join(x.Fields, "_"), ".", "__")
}

// ErrUnchanged is returned by a change function that has nothing to write.
var ErrUnchanged = errors.New("unchanged")

// IgnoreMissing is nil for what is not there, so that to delete or change what was
// deleted already is no error.
func IgnoreMissing(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
