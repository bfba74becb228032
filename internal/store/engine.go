package store

import "context"

// Engine is what a database must do for Havn. Only Collection calls it.
//
// An engine checks nothing that Collection already checks (ids, documents,
// queries). Every method honours the context; a write whose context ends
// before the answer comes returns an error that matches ErrUnknown unless the
// engine knows that nothing was written.
type Engine interface {
	// Declare makes the collection and its indexes if they are missing.
	Declare(ctx context.Context, s Schema) error
	Insert(ctx context.Context, s Schema, doc Document) error
	Get(ctx context.Context, s Schema, id string, into Document) error
	// Update reads the document into fresh(), lets change alter it (its
	// revision too), and writes it back if its revision is still the one read,
	// as one atomic step. On a lost race it starts over, so change may run
	// several times. An error of change is returned as it is and writes
	// nothing; ErrUnchanged writes nothing and is not an error. The document
	// as stored is returned. A document with a V above that of the schema goes
	// through Merge.
	Update(ctx context.Context, s Schema, id string, fresh func() Document, change func(Document) error) (Document, error)
	Delete(ctx context.Context, s Schema, id string) error
	// Find calls each for every match in the order of the scan. key is the
	// stored value of the field sorted by: nil, text, int64, float64, bool or
	// Time, or what the engine keeps a bool (0, 1) and a Time (text) as.
	// decode fills a document; it is valid only during the call.
	Find(ctx context.Context, s Schema, q Scan, each func(key any, decode func(into Document) error) error) error
	// Count counts the matches, grouped by the fields in by, inside the
	// engine and in any order. Without by there is one tally.
	Count(ctx context.Context, s Schema, where []Cond, by []string) ([]Tally, error)
	// Size is what the store takes on disk, in bytes.
	Size(ctx context.Context) (int64, error)
	// Ping tells whether a read would be answered now.
	Ping(ctx context.Context) error
	Close() error
}

// Scan is a Query made ready for an engine: fields are declared, values are
// string, bool, int64, float64 or Time, and the cursor is read.
type Scan struct {
	Where []Cond
	Sort  string // "" or "_id" is by id
	Desc  bool
	After *Position
	Limit int // 0 is none
}

// ByID tells whether the order is that of the ids.
func (q Scan) ByID() bool { return q.Sort == "" || q.Sort == "_id" }

// Position is a place between documents: behind the one with this sort value
// and id. A nil Key is a document that lacks the field sorted by.
type Position struct {
	Key any
	ID  string
}

// Tally is one group as an engine counts it; see Engine.Find for the values.
type Tally struct {
	Key []any
	N   int64
}
