package authoring

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/memory"
)

// Bounds of what is looked through for one draft.
const (
	maxVersions = 10  // of its course, the newest
	maxCourses  = 50  // others
	maxPast     = 200 // translations and memories that are kept in memory
)

// pastUnits keeps what was read of publications, which never change. When it is
// full it begins anew.
type pastUnits struct {
	mu       sync.Mutex
	pairs    map[string][]course.Pair  // slug@version:lang
	memories map[string]*memory.Memory // what they were made of, joined
}

// published are the units of a version in a language, none where it has no such
// language.
func (d *Drafts) published(ctx context.Context, slug string, version int, lang string) ([]course.Pair, error) {
	key := fmt.Sprintf("%s@%d:%s", slug, version, lang)
	d.past.mu.Lock()
	pairs, known := d.past.pairs[key]
	d.past.mu.Unlock()
	if known {
		return pairs, nil
	}
	files, err := d.library.Files(ctx, slug, version)
	if err != nil {
		return nil, err
	}
	if t, _ := course.ReadTranslation(slug, files, lang); t != nil {
		pairs = t.Pairs
	}
	d.past.mu.Lock()
	defer d.past.mu.Unlock()
	if d.past.pairs == nil || len(d.past.pairs) >= maxPast {
		d.past.pairs = map[string][]course.Pair{}
	}
	d.past.pairs[key] = pairs
	return pairs, nil
}

// versions are the numbers of the newest publications of a course.
func (d *Drafts) versions(ctx context.Context, slug string) (list []int, err error) {
	if _, known := d.library.Current(slug); !known {
		return nil, nil
	}
	page, err := d.library.Versions(ctx, slug, "", maxVersions)
	for _, r := range page.Items {
		list = append(list, r.Version)
	}
	return list, err
}

// earlier are the source texts of the publications of a draft's course.
func (d *Drafts) earlier(ctx context.Context, x *Draft, t *course.Translation) (exchange.Earlier, error) {
	earlier := exchange.Earlier{}
	list, err := d.versions(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	for _, version := range list {
		pairs, err := d.published(ctx, x.ID, version, t.Lang)
		if err != nil {
			return nil, err
		}
		earlier.Add(pairs)
	}
	return earlier, nil
}

// memory is what was translated from the source language of a draft in earlier
// publications of its course and in other courses as they are published.
func (d *Drafts) memory(ctx context.Context, x *Draft, t *course.Translation) (*memory.Memory, error) {
	type publication struct {
		slug    string
		version int
	}
	var from []publication
	list, err := d.versions(ctx, x.ID)
	if err != nil {
		return nil, err
	}
	for _, version := range list {
		from = append(from, publication{x.ID, version})
	}
	for _, p := range d.library.Courses() {
		if p.Course.Slug != x.ID && p.Course.Source == t.Source && p.Editions[t.Lang] != nil && len(from) < maxVersions+maxCourses {
			from = append(from, publication{p.Course.Slug, p.Version})
		}
	}
	key := t.Lang + " " + strings.Trim(fmt.Sprint(from), "[]")
	d.past.mu.Lock()
	m := d.past.memories[key]
	d.past.mu.Unlock()
	if m != nil {
		return m, nil
	}
	m = &memory.Memory{}
	for _, p := range from {
		pairs, err := d.published(ctx, p.slug, p.version, t.Lang)
		if err != nil {
			return nil, err
		}
		for _, pair := range pairs {
			remember(m, pair, p.slug+" · "+pair.ID)
		}
	}
	d.past.mu.Lock()
	defer d.past.mu.Unlock()
	if d.past.memories == nil || len(d.past.memories) >= maxPast/10 {
		d.past.memories = map[string]*memory.Memory{}
	}
	d.past.memories[key] = m
	return m, nil
}
