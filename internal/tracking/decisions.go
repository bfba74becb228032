package tracking

import (
	"context"
	"sync"
	"time"

	"havn/internal/fault"
	"havn/internal/store"
)

// decisions are what administrators have decided, each read once for as long as a
// batch of people is followed: most of it is the same for all of them.
type decisions struct {
	t  *Tracking
	mu sync.Mutex

	targets map[Target][]Assignment
	cohorts map[string]*Cohort // nil: not there, or being taken apart
	byRule  map[string][]*Cohort
	zones   map[string]*time.Location
}

// once reads what is not in the map yet.
func once[K comparable, V any](d *decisions, m *map[K]V, key K, read func() (V, error)) (V, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v, ok := (*m)[key]; ok {
		return v, nil
	}
	v, err := read()
	if err != nil {
		return v, err
	}
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[key] = v
	return v, nil
}

func (d *decisions) assigned(ctx context.Context, to Target) ([]Assignment, error) {
	return once(d, &d.targets, to, func() ([]Assignment, error) { return d.t.AssignedTo(ctx, to) })
}

func (d *decisions) zone(ctx context.Context, path string) (*time.Location, error) {
	return once(d, &d.zones, path, func() (*time.Location, error) { return d.t.People.ZoneAt(ctx, path) })
}

// cohort is one with its rule ready, nil where it is not there any more.
func (d *decisions) cohort(ctx context.Context, id string) (*Cohort, error) {
	return once(d, &d.cohorts, id, func() (*Cohort, error) {
		c, err := d.t.Cohort(ctx, id)
		if fault.Is(err, "not-found") {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		return c, d.ready(ctx, c)
	})
}

// rules are the cohorts by rule of the organisation at a path itself.
func (d *decisions) rules(ctx context.Context, path string) ([]*Cohort, error) {
	return once(d, &d.byRule, path, func() (list []*Cohort, err error) {
		page, err := d.t.cohorts.Find(ctx, store.Query{Where: []store.Cond{store.Is("organisation", path), store.Is("kind", string(ByRule))}})
		for i := range page.Items {
			c := &page.Items[i]
			if c.Removed {
				continue
			}
			if err := d.ready(ctx, c); err != nil {
				return nil, err
			}
			list = append(list, c)
		}
		return list, err
	})
}

func (d *decisions) ready(ctx context.Context, c *Cohort) error {
	err := d.t.locate(ctx, c.Organisation, &c.Rule)
	if fault.Is(err, "unit-unknown") { // others of its units may be there
		return nil
	}
	return err
}
