// Package history takes in what people completed before Havn, or beside it: a list
// from another system says who completed which course, when, and until when that
// holds.
//
// What an administrator decides is one document under an id that the client made
// (Import). The completions that it brings are one document each (Record), under a
// key that follows from what is said: person, course, day, origin and reference. So
// the same list twice changes nothing, and neither does the same line of two lists.
// Work brings them into the enrolments, which learning knows how to do
// (learning.Elsewhere), from where it broke off; taking an import back is pending in
// the same way. One server at a time, by a lease.
//
// It stands in the enrolment, and not in a course's attempts or certificates: it is
// no certificate of Havn, anybody who reads a list sees the difference by the status
// "recorded", and reports count it by the same index as all else.
//
// An administrator learns nothing from it about people of organisations that show
// counts only: of these a plan does not tell who has completed the course here.
package history

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/library"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
)

// Import is a list that was taken in.
type Import struct {
	store.Meta   `bson:",inline"` // id: a UUID that the client made
	Organisation string           `json:"organisation"` // path
	Digest       string           `json:"digest"`       // of the list, so that the id is of no other list
	CreatedAt    store.Time       `json:"created_at"`
	Rows         int              `json:"rows"`     // completions that it brings
	Recorded     int              `json:"recorded"` // of those, as far as it has come
	// It is pending while it is being brought to enrolments; Behind is the last record
	// that has been, from where it goes on.
	pending.Decision `bson:",inline"`
	Behind           string `json:"behind"`
}

// Record is one completion that an import brought, or is to bring.
type Record struct {
	store.Meta `bson:",inline"` // id: the key that the enrolment has it under
	Account    string           `json:"account"`
	Course     string           `json:"course"`
	Import     string           `json:"import"`
	On         string           `json:"on"`
	EndsOn     string           `json:"ends_on"`
	Reference  string           `json:"reference"`
	Origin     string           `json:"origin"`
}

// key follows from what is said.
func (r *Record) key() string {
	h := sha256.New()
	for _, s := range []string{r.Account, r.Course, r.On, r.Origin, r.Reference} {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Options are what the room is given from outside.
type Options struct {
	People   *people.People
	Learning *learning.Learning
	Library  *library.Library
	Log      *audit.Log
	Now      func() time.Time
	// Learner is an account as the learning room knows people.
	Learner func(*people.Account) learning.Learner
}

// Desk is the room's door. It is safe for concurrent use, and by several servers
// on one store.
type Desk struct {
	Options
	imports *store.Collection[Import, *Import]
	records *store.Collection[Record, *Record]
	bell    pending.Bell
	working sync.Mutex
}

// Open declares the collections.
func Open(ctx context.Context, e store.Engine, o Options) (*Desk, error) {
	d := &Desk{Options: o, bell: pending.NewBell()}
	var errs [2]error
	d.imports, errs[0] = store.Open[Import](ctx, e, store.Schema{Name: "imports", Version: 1, Indexes: []store.Index{
		{Fields: []string{"organisation"}}, {Fields: []string{"pending"}},
	}})
	d.records, errs[1] = store.Open[Record](ctx, e, store.Schema{Name: "records", Version: 1, Indexes: []store.Index{
		{Fields: []string{"account"}}, {Fields: []string{"import"}},
	}})
	return d, errors.Join(errs[:]...)
}

// Begin takes in what a plan records, under an id that the client made. A repeat is
// harmless. Faults: "id-invalid"; "import-exists" where the id is of another list;
// "import-empty" where there is nothing to record.
func (d *Desk) Begin(ctx context.Context, by *people.Account, id string, o *people.Organisation, steps []Step) (*Import, error) {
	if u, err := uuid.Parse(id); err != nil || u.String() != id {
		return nil, fault.At("id-invalid", "import")
	}
	digest := sha256.New()
	var list []*Record
	for i := range steps {
		s := &steps[i]
		fmt.Fprintf(digest, "%d %q %q %q %q\n", s.Line, s.Person, s.Course, s.On, s.EndsOn)
		if s.record != nil {
			list = append(list, s.record)
		}
	}
	i := &Import{Meta: store.Meta{ID: id}, Organisation: o.Path, CreatedAt: store.At(d.Now()), Digest: hex.EncodeToString(digest.Sum(nil)), Rows: len(list)}
	had, err := d.imports.Get(ctx, id)
	switch {
	case err == nil && (had.Organisation != o.Path || had.Digest != i.Digest):
		return nil, fault.At("import-exists", "import")
	case err == nil && (had.Pending != "" || had.Undone || had.Behind != "" || had.Recorded > 0):
		return had, nil
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return nil, err
	case len(list) == 0:
		return nil, fault.At("import-empty", "file")
	}
	if err := d.Log.Add(ctx, audit.Event{Key: "import:" + id, Act: audit.HistoryImported, Actor: by.ID, Subject: o.ID, Organisation: o.Path}); err != nil {
		return nil, err
	}
	// It is pending only when all that it brings is there.
	if err := d.imports.Insert(ctx, i); err != nil && !errors.Is(err, store.ErrExists) {
		return nil, err
	}
	if err := pending.Each(ctx, pending.AtOnce, list, func(r *Record) error {
		r.Import = id
		if err := d.records.Insert(ctx, r); !errors.Is(err, store.ErrExists) {
			return err
		}
		return nil
	}); err != nil {
		return nil, err
	}
	if i, err = d.imports.Update(ctx, id, func(i *Import) error {
		if i.Undone || i.Behind != "" || i.Recorded > 0 {
			return store.ErrUnchanged
		}
		i.Decide()
		return nil
	}); err != nil {
		return nil, err
	}
	if len(list) > pending.AtOnce {
		d.bell.Ring()
		return i, nil
	}
	if err := d.bring(ctx, id); err != nil {
		return nil, err
	}
	return d.imports.Get(ctx, id)
}

// Undo takes an import back: what it brought is gone, and what was learned here
// stays. A repeat is harmless. The fault is "not-found".
func (d *Desk) Undo(ctx context.Context, by *people.Account, i *Import) (*Import, error) {
	if i.Undone {
		return i, nil
	}
	if err := d.Log.Add(ctx, audit.Event{Key: "import-undone:" + i.ID, Act: audit.HistoryTakenBack, Actor: by.ID, Subject: people.IDOf(i.Organisation), Organisation: i.Organisation}); err != nil {
		return nil, err
	}
	now := store.At(d.Now())
	defer d.bell.Ring()
	return d.imports.Update(ctx, i.ID, func(i *Import) error {
		if i.Undone {
			return store.ErrUnchanged
		}
		i.Undo(now)
		i.Behind = ""
		return nil
	})
}

// Import finds one. The fault is "not-found".
func (d *Desk) Import(ctx context.Context, id string) (*Import, error) {
	i, err := d.imports.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, fault.New("not-found")
	}
	return i, err
}

// Imports are those of organisations at and below a path, the newest first.
func (d *Desk) Imports(ctx context.Context, within string) ([]Import, error) {
	page, err := d.imports.Find(ctx, store.Query{Where: store.Begins("organisation", within)})
	slices.SortFunc(page.Items, func(a, b Import) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return page.Items, err
}

// Of is what is recorded of a person.
func (d *Desk) Of(ctx context.Context, account string) ([]Record, error) {
	page, err := d.records.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	return page.Items, err
}

// Merge makes what is recorded of one account another's of the same person; learning
// has it under the same keys. A repeat is harmless.
func (d *Desk) Merge(ctx context.Context, from, into string) error {
	list, err := d.Of(ctx, from)
	for _, r := range list {
		_, failed := d.records.Update(ctx, r.ID, func(r *Record) error {
			r.Account = into
			return nil
		})
		err = errors.Join(err, store.IgnoreMissing(failed))
	}
	return err
}

// Erase forgets a person. A repeat is harmless.
func (d *Desk) Erase(ctx context.Context, account string) error {
	list, err := d.Of(ctx, account)
	for i := range list {
		err = errors.Join(err, store.IgnoreMissing(d.records.Delete(ctx, list[i].ID)))
	}
	return err
}

// Waiting tells when there is Work on this server.
func (d *Desk) Waiting() <-chan struct{} { return d.bell }
