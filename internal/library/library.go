// Package library holds the published courses: every version that ever was, in
// the store, and those in use compiled in memory.
//
// A publication never changes. What a server caches becomes fresh by Refresh,
// which a server calls every two seconds, so that a course published through
// one server is on all of them in that time.
package library

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/store"
)

// Record is a publication as stored: the whole folder as it was, zipped.
type Record struct {
	store.Meta  `bson:",inline"` // id: slug@version
	Slug        string           `json:"slug"`
	Version     int              `json:"version"`
	Hash        string           `json:"hash"`
	PublishedAt store.Time       `json:"published_at"`
	PublishedBy string           `json:"published_by"` // account id; "" for the server's first start
	Owner       string           `json:"owner"`        // path of the organisation whose trainers publish it; "" the site
	Archive     []byte           `json:"archive"`
	// Note and Changes are what the author said of this publication and how each
	// change since the one before was weighed. Again sums up all so far.
	Note    string       `json:"note"`
	Changes []Mark       `json:"changes"`
	Again   course.Again `json:"again"`
}

// maxArchive keeps a record under MongoDB's 16 MB for a document.
const maxArchive = 15 << 20

var schema = store.Schema{Name: "publications", Version: 2, Indexes: []store.Index{
	{Fields: []string{"slug", "version"}},
	{Fields: []string{"published_at"}},
}}

// Library is safe for concurrent use.
type Library struct {
	log     *audit.Log
	records *store.Collection[Record, *Record]
	now     func() time.Time

	mu      sync.RWMutex
	current map[string]*course.Publication
	at      map[string]store.Time          // slug → when the current version was published
	owner   map[string]string              // slug → path of the organisation that it belongs to
	pinned  map[string]*course.Publication // slug@version → a version somebody still needs

	withdrawals *store.Collection[Withdrawal, *Withdrawal]
	withdrawn   map[string]bool
	// assignedOnly are courses that only those may begin who have to take them.
	assignedOnly map[string]bool
}

// Open reads the current publications from the store.
func Open(ctx context.Context, e store.Engine, log *audit.Log, now func() time.Time) (*Library, error) {
	records, err := store.Open[Record](ctx, e, schema)
	if err != nil {
		return nil, err
	}
	withdrawals, err := store.Open[Withdrawal](ctx, e, withdrawalSchema)
	if err != nil {
		return nil, err
	}
	l := &Library{
		withdrawals: withdrawals, records: records, log: log, now: now, current: map[string]*course.Publication{},
		at: map[string]store.Time{}, owner: map[string]string{}, pinned: map[string]*course.Publication{},
	}
	return l, l.Refresh(ctx)
}

// Refresh takes in what was published since, here or by another server.
func (l *Library) Refresh(ctx context.Context) error {
	groups, err := l.records.Count(ctx, store.Query{}, "slug", "version")
	if err != nil {
		return err
	}
	newest := map[string]int{}
	for _, g := range groups {
		var version int
		if _, err := fmt.Sscan(g.Key[1], &version); err != nil {
			return fmt.Errorf("publications: version of %s: %w", g.Key[0], err)
		}
		newest[g.Key[0]] = max(newest[g.Key[0]], version)
	}
	for slug, version := range newest {
		if have, ok := l.Current(slug); ok && have.Version >= version {
			continue
		}
		record, err := l.records.Get(ctx, id(slug, version))
		if err != nil {
			return err
		}
		p, err := unpack(record)
		if err != nil {
			return err
		}
		l.adopt(p, record)
	}
	return l.refreshWithdrawals(ctx)
}

// Courses lists the current publications that are not withdrawn, sorted by slug.
func (l *Library) Courses() []*course.Publication {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := slices.SortedFunc(maps.Values(l.current), func(a, b *course.Publication) int {
		return cmp.Compare(a.Course.Slug, b.Course.Slug)
	})
	return slices.DeleteFunc(list, func(p *course.Publication) bool { return l.withdrawn[p.Course.Slug] })
}

// Current is the newest publication of a course.
func (l *Library) Current(slug string) (*course.Publication, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	p, ok := l.current[slug]
	return p, ok
}

// Owner is the path of the organisation that a course belongs to, "" the site.
func (l *Library) Owner(slug string) string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.owner[slug]
}

// PublishedAt is when the current version came out.
func (l *Library) PublishedAt(slug string) time.Time {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.at[slug].Time
}

// At is one version of a course, compiled anew if it is not in memory. The
// fault "not-found" says that there never was such a version.
func (l *Library) At(ctx context.Context, slug string, version int) (*course.Publication, error) {
	l.mu.RLock()
	p := l.current[slug]
	if p == nil || p.Version != version {
		p = l.pinned[id(slug, version)]
	}
	l.mu.RUnlock()
	if p != nil {
		return p, nil
	}
	p, err := l.read(ctx, slug, version)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pinned[id(slug, version)] = p
	return p, nil
}

// Author is who publishes.
type Author struct {
	Account string // "" for the server's first start
	// Owner is the path of the organisation that a new course belongs to.
	Owner string
	// May tells whether the author may publish a course of an owner; nil is yes.
	May func(owner string) error
	// Says is what the author says of the changes; nil leaves it to changes.yaml in
	// the folder.
	Says *course.Notes
}

// Publish makes the folder called name the newest version of its course. A folder that is
// published already gives that publication again. One with errors gives the
// fault "course-has-errors"; the problems tell what to mend, and what was
// published before stays in place. A course belongs to the organisation of whoever
// published it first. What the editors of countries have published stays, unless the
// folder has a folder of that country itself. What the folder reuses of other
// courses is taken over as they are published now. The fault "change-unknown" names
// what the author spoke of and nothing changed.
func (l *Library) Publish(ctx context.Context, name string, files course.Files, by Author) (*course.Publication, course.Problems, error) {
	return l.publish(ctx, name, by, func(owner string, before course.Files) (course.Files, course.Problems, error) {
		return l.TakeOver(ctx, name, owner, keeping(before, files))
	})
}

// PublishPlace publishes a course with other files in the folder of a country,
// which are named as they stand in that folder (none: the folder goes), and
// everything else as it is. Faults are those of Publish, and "not-found".
func (l *Library) PublishPlace(ctx context.Context, slug, country string, local course.Files, by Author) (*course.Publication, course.Problems, error) {
	if _, ok := l.Current(slug); !ok {
		return nil, nil, fault.New("not-found")
	}
	return l.publish(ctx, slug, by, func(_ string, before course.Files) (course.Files, course.Problems, error) {
		folder := "places/" + country + "/"
		maps.DeleteFunc(before, func(name string, _ []byte) bool { return strings.HasPrefix(name, folder) })
		for name, src := range local {
			before[folder+name] = src
		}
		return before, nil, nil
	})
}

// publish makes the newest version of a course from the files of the one before,
// nil where there is none, for the course's owner. build is asked again if another
// server is first.
func (l *Library) publish(ctx context.Context, name string, by Author, build func(owner string, before course.Files) (course.Files, course.Problems, error)) (*course.Publication, course.Problems, error) {
	for {
		if err := l.Refresh(ctx); err != nil {
			return nil, nil, err
		}
		now, known := l.Current(name)
		next := 1
		var before course.Files
		if known {
			by.Owner = l.Owner(name)
			if by.May != nil {
				if err := by.May(by.Owner); err != nil {
					return nil, nil, err
				}
			}
			next = now.Version + 1
			var err error
			if before, err = l.Files(ctx, name, now.Version); err != nil {
				return nil, nil, err
			}
		}
		files, told, err := build(by.Owner, maps.Clone(before))
		if err != nil {
			return nil, nil, err
		}
		p, problems := course.LoadTaken(name, files, told)
		if p == nil {
			return nil, problems, fault.New("course-has-errors").With("errors", problems.Errors())
		}
		if known && now.Hash == p.Hash {
			return now, problems, nil
		}
		notes, changes, err := weighed(now, p, before, files, by.Says)
		if err != nil {
			return nil, problems, err
		}
		var again course.Again
		if known {
			again = now.Again
		}
		again = again.Next(next, changes, notes.Weight)
		files = course.Publishable(files, p, now, changes, notes.Weight)
		if p, _ = course.Load(name, files); p == nil {
			return nil, problems, fmt.Errorf("%s does not compile as it is published", name)
		}
		archive, err := Pack(files)
		if err != nil {
			return nil, problems, err
		}
		record := &Record{
			Meta: store.Meta{ID: id(name, next)}, Slug: name, Version: next, Hash: p.Hash,
			PublishedAt: store.At(l.now()), PublishedBy: by.Account, Owner: by.Owner, Archive: archive,
			Note: notes.Note, Changes: marksOf(changes, notes), Again: again,
		}
		logged := audit.Event{Key: "publication:" + record.ID + ":" + p.Hash, Act: audit.CoursePublished, Actor: by.Account, Subject: record.ID, Organisation: by.Owner}
		if err := l.log.Add(ctx, logged); err != nil {
			return nil, problems, err
		}
		err = l.records.Insert(ctx, record)
		if errors.Is(err, store.ErrExists) {
			continue // another server was first with this number
		}
		if err != nil {
			return nil, problems, err
		}
		p.Number(next, again)
		l.adopt(p, record)
		return p, problems, nil
	}
}

// Files is the folder of a version as it was published.
func (l *Library) Files(ctx context.Context, slug string, version int) (course.Files, error) {
	record, err := l.records.Get(ctx, id(slug, version))
	if err != nil {
		return nil, err
	}
	return filesOf(record)
}

// keeping is a folder with what the editors of countries have published, unless it
// has a folder of that country itself.
func keeping(before, files course.Files) course.Files {
	country := func(name string) string {
		rest, ok := strings.CutPrefix(name, "places/")
		if !ok {
			return ""
		}
		code, _, _ := strings.Cut(rest, "/")
		return code
	}
	own := map[string]bool{"": true}
	for name := range files {
		own[country(name)] = true
	}
	all := maps.Clone(files)
	for name, src := range before {
		if !own[country(name)] {
			all[name] = src
		}
	}
	return all
}

// adopt makes p current and keeps the version before for those who are on it.
func (l *Library) adopt(p *course.Publication, r *Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	slug := p.Course.Slug
	if before := l.current[slug]; before != nil {
		if before.Version >= p.Version {
			return
		}
		l.pinned[id(slug, before.Version)] = before
	}
	l.current[slug], l.at[slug], l.owner[slug] = p, r.PublishedAt, r.Owner
}

func id(slug string, version int) string { return fmt.Sprintf("%s@%d", slug, version) }

func unpack(r *Record) (*course.Publication, error) {
	files, err := filesOf(r)
	if err != nil {
		return nil, err
	}
	p, problems := course.Load("", files)
	if p == nil {
		return nil, fmt.Errorf("publication %s does not compile any more: %v", r.ID, problems[0])
	}
	p.Number(r.Version, r.Again)
	return p, nil
}

func filesOf(r *Record) (course.Files, error) {
	z, err := zip.NewReader(bytes.NewReader(r.Archive), int64(len(r.Archive)))
	if err != nil {
		return nil, fmt.Errorf("publication %s: %w", r.ID, err)
	}
	files := course.Files{}
	for _, f := range z.File {
		rc, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("publication %s: %w", r.ID, err)
		}
		src, err := io.ReadAll(rc)
		_ = rc.Close()
		if err != nil {
			return nil, fmt.Errorf("publication %s: %w", r.ID, err)
		}
		files[f.Name] = src
	}
	return files, nil
}
