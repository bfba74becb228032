package history

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/pending"
	"havn/internal/store"
)

// batch is how many records are brought between two notes of how far it came.
const batch = 500

// Work brings pending imports to the enrolments that they concern, the oldest first,
// each from where it broke off.
func (d *Desk) Work(ctx context.Context) error {
	d.working.Lock()
	defer d.working.Unlock()
	list, err := pending.All(ctx, d.imports)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b Import) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	var failed error
	for i := range list {
		failed = errors.Join(failed, d.bring(ctx, list[i].ID))
	}
	return failed
}

// bring takes an import on and lets it reach everybody.
func (d *Desk) bring(ctx context.Context, id string) error {
	return pending.Bring(ctx, d.imports, id, d.Now, d.bell.Ring, func(i *Import, keep func(func(*Import)) error) error {
		return d.batches(ctx, i, func(list []Record) error {
			var kept atomic.Int64
			err := pending.Each(ctx, pending.AtOnce, list, func(r Record) error {
				if i.Undone {
					return d.takeBack(ctx, r)
				}
				ok, err := d.record(ctx, r)
				if ok {
					kept.Add(1)
				}
				return err
			})
			if err != nil {
				return err
			}
			return keep(func(x *Import) { x.Behind, x.Recorded = list[len(list)-1].ID, x.Recorded+int(kept.Load()) })
		})
	}, func(x *Import) { x.Behind = "" })
}

// batches calls do for the records that an import has not reached yet.
func (d *Desk) batches(ctx context.Context, i *Import, do func([]Record) error) error {
	where := []store.Cond{store.Is("import", i.ID)}
	if i.Behind != "" {
		where = append(where, store.Cond{Field: "_id", Op: store.Gt, Value: i.Behind})
	}
	for {
		page, err := d.records.Find(ctx, store.Query{Where: where, Limit: batch})
		if err != nil || len(page.Items) == 0 {
			return err
		}
		if err := do(page.Items); err != nil {
			return err
		}
		last := store.Cond{Field: "_id", Op: store.Gt, Value: page.Items[len(page.Items)-1].ID}
		where = []store.Cond{where[0], last}
	}
}

// record brings one to the person's enrolment. Who is gone is left out, and so is
// what is beyond that which is kept of one.
func (d *Desk) record(ctx context.Context, r Record) (kept bool, err error) {
	a, err := d.People.Account(ctx, r.Account)
	if fault.Is(err, "not-found") {
		return false, store.IgnoreMissing(d.records.Delete(ctx, r.ID))
	}
	if err != nil {
		return false, err
	}
	kept, err = d.Learning.Record(ctx, d.Learner(a), r.Course, r.ID, learning.Elsewhere{On: r.On, EndsOn: r.EndsOn, Reference: r.Reference, Origin: r.Origin, Import: r.Import})
	if fault.Is(err, "too-many-records") {
		return false, store.IgnoreMissing(d.records.Delete(ctx, r.ID))
	}
	return kept, err
}

func (d *Desk) takeBack(ctx context.Context, r Record) error {
	if err := d.Learning.TakeBack(ctx, r.Account, r.Course, r.ID, r.Import); err != nil {
		return err
	}
	return store.IgnoreMissing(d.records.Delete(ctx, r.ID))
}
