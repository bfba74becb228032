package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"havn/internal/store"
)

// Insert stores a new document.
func (db *DB) Insert(ctx context.Context, s store.Schema, doc store.Document) error {
	text, err := encode(doc)
	if err != nil {
		return err
	}
	id, rev := doc.Base().ID, doc.Base().Rev
	return db.submit(ctx, func(c *conn) error {
		_, err := c.exec(`INSERT INTO `+table(s)+` (id, rev, fields, doc) SELECT ?, ?, `+fieldsOf(s)+`, doc FROM (SELECT ? AS doc)`, id, rev, text)
		return err
	})
}

// Get reads a document by its id.
func (db *DB) Get(ctx context.Context, s store.Schema, id string, into store.Document) error {
	text, err := db.read(ctx, s, id)
	if err != nil {
		return err
	}
	return decode(text, into)
}

func (db *DB) read(ctx context.Context, s store.Schema, id string) (text string, err error) {
	found := false
	err = db.readers.use(ctx, func(c *conn) error {
		// Reading one row is over before a cancellation could reach it.
		return c.query(context.Background(), `SELECT doc FROM `+table(s)+` WHERE id = ?`, func(row []driver.Value) error {
			text, found = row[0].(string), true
			return nil
		}, id)
	})
	if err == nil && !found {
		err = store.ErrNotFound
	}
	return text, translate(err)
}

// Update changes a document by compare-and-set on its revision.
func (db *DB) Update(ctx context.Context, s store.Schema, id string, fresh func() store.Document, change func(store.Document) error) (store.Document, error) {
	key := s.Name + "/" + id
	release, err := db.updates.acquire(ctx, key)
	if err != nil {
		return nil, err
	}
	defer release()
	for {
		stored, known := db.recent.get(key)
		if !known {
			if stored, err = db.read(ctx, s, id); err != nil {
				return nil, err
			}
		}
		doc := fresh()
		var seen int64
		text, indexed, err := edit(s, stored, doc, func(d store.Document) error {
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
		// What no index holds leaves the indexes alone: half the cost of a write.
		set := "rev = ?1, doc = ?2"
		if indexed {
			set += ", fields = (SELECT " + fieldsOf(s) + " FROM (SELECT ?2 AS doc))"
		}
		err = db.submit(ctx, func(c *conn) error {
			return one(c.exec(`UPDATE `+table(s)+` SET `+set+` WHERE id = ?3 AND rev = ?4`, doc.Base().Rev, text, id, seen))
		})
		if err == nil {
			db.recent.put(key, text)
			return doc, nil
		}
		db.recent.drop(key)
		if err != errMissed {
			return nil, err
		}
	}
}

// Delete removes a document.
func (db *DB) Delete(ctx context.Context, s store.Schema, id string) error {
	key := s.Name + "/" + id
	release, err := db.updates.acquire(ctx, key)
	if err != nil {
		return err
	}
	defer release()
	err = db.submit(ctx, func(c *conn) error {
		return one(c.exec(`DELETE FROM `+table(s)+` WHERE id = ?`, id))
	})
	db.recent.drop(key)
	if err == errMissed {
		return store.ErrNotFound
	}
	return err
}

// one turns "no row changed" into errMissed.
func one(changed int64, err error) error {
	if err == nil && changed == 0 {
		return errMissed
	}
	return err
}
