package tracking

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
)

// Follow derives for a person in which cohorts they are and what they have to
// take, and writes that down. A repeat is harmless.
func (t *Tracking) Follow(ctx context.Context, a *people.Account) error {
	if err := t.belong(ctx, a); err != nil {
		return err
	}
	return t.oblige(ctx, a)
}

// belong brings memberships up to date: by rule they follow the person, by hand
// they end when the person leaves the organisation.
func (t *Tracking) belong(ctx context.Context, a *people.Account) error {
	mine, err := t.mine(ctx, a.ID, AsMember)
	if err != nil {
		return err
	}
	in := map[string]bool{}
	for _, m := range mine {
		in[m.Cohort] = true
		c, err := t.cohorts.Get(ctx, m.Cohort)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		keep := err == nil && !c.Removed && people.Within(a.Unit, c.Organisation)
		if keep && c.Kind == ByRule {
			if keep, err = t.belongs(ctx, c, a); err != nil {
				return err
			}
		}
		if !keep {
			if err := t.unbind(ctx, m.Cohort, AsMember, a.ID); err != nil {
				return err
			}
		}
	}
	for path := range above(a.Unit) {
		rules, err := t.cohorts.Find(ctx, store.Query{Where: []store.Cond{store.Is("organisation", path), store.Is("kind", string(ByRule))}})
		if err != nil {
			return err
		}
		for i := range rules.Items {
			c := &rules.Items[i]
			if in[c.ID] || c.Removed {
				continue
			}
			if is, err := t.belongs(ctx, c, a); err != nil {
				return err
			} else if is {
				if _, err := t.bind(ctx, c.ID, AsMember, a.ID); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (t *Tracking) belongs(ctx context.Context, c *Cohort, a *people.Account) (bool, error) {
	r := c.Rule
	if err := t.locate(ctx, c.Organisation, &r); err != nil {
		if fault.Is(err, "unit-unknown") {
			return false, nil
		}
		return false, err
	}
	return r.fits(a), nil
}

// above walks from the organisation at a path to the top.
func above(path string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(path) > 1 {
			if !yield(path) {
				return
			}
			path = path[:strings.LastIndexByte(strings.TrimSuffix(path, "/"), '/')+1]
		}
	}
}

func (t *Tracking) mine(ctx context.Context, account string, as As) (list []Membership, err error) {
	page, err := t.memberships.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", account)}})
	for _, m := range page.Items {
		if m.As == as {
			list = append(list, m)
		}
	}
	return list, err
}

// oblige writes what a person has to take into their enrolments.
func (t *Tracking) oblige(ctx context.Context, a *people.Account) error {
	type source struct {
		to    Target
		since time.Time
	}
	sources := []source{{TargetOf(ToPerson, a.ID), time.Time{}}}
	for path := range above(a.Unit) {
		sources = append(sources, source{TargetOf(ToUnit, people.IDOf(path)), a.JoinedAt.Time})
	}
	mine, err := t.mine(ctx, a.ID, AsMember)
	if err != nil {
		return err
	}
	for _, m := range mine {
		c, err := t.Cohort(ctx, m.Cohort)
		if fault.Is(err, "not-found") {
			continue
		} else if err != nil {
			return err
		}
		sources = append(sources, source{TargetOf(ToCohort, m.Cohort), later(m.Since, c.Starts).Time})
	}
	duties := map[string]map[string]learning.Duty{}
	for _, s := range sources {
		list, err := t.AssignedTo(ctx, s.to)
		if err != nil {
			return err
		}
		for _, as := range list {
			if !people.Within(a.Unit, as.Organisation) {
				continue
			}
			zone, err := t.People.ZoneAt(ctx, as.Organisation)
			if err != nil {
				return err
			}
			if duties[as.Course] == nil {
				duties[as.Course] = map[string]learning.Duty{}
			}
			duties[as.Course][as.ID] = as.duty(s.since, zone)
		}
	}
	return t.Learning.Follow(ctx, t.Learner(a), duties)
}

// Work brings pending decisions to the people whom they touch. It goes on where
// it broke off; several servers at once do no harm.
func (t *Tracking) Work(ctx context.Context) error {
	t.working.Lock()
	defer t.working.Unlock()
	pending := store.Query{Where: []store.Cond{store.Is("pending", "1")}}
	cohorts, err := t.cohorts.Find(ctx, pending)
	if err != nil {
		return err
	}
	var failed error // one that fails does not keep the others
	for i := range cohorts.Items {
		failed = errors.Join(failed, t.settle(ctx, &cohorts.Items[i]))
	}
	assignments, err := t.assignments.Find(ctx, pending)
	if err != nil {
		return err
	}
	for i := range assignments.Items {
		failed = errors.Join(failed, t.bring(ctx, &assignments.Items[i]))
	}
	return failed
}

// settle derives who belongs to a cohort and what follows for them.
func (t *Tracking) settle(ctx context.Context, c *Cohort) error {
	if c.Removed {
		list, err := t.AssignedTo(ctx, TargetOf(ToCohort, c.ID))
		if err != nil {
			return err
		}
		for _, a := range list {
			if err := t.withdraw(ctx, a.ID); err != nil {
				return err
			}
		}
	}
	touched := func(ids []string) error { return t.followAll(ctx, ids) }
	// Who was in it, may be out of it; and who is in the organisation, in it.
	if err := t.batches(ctx, "", t.eachMember(c.ID), touched); err != nil {
		return err
	}
	if c.Kind == ByRule && !c.Removed {
		if err := t.batches(ctx, "", t.eachIn(c.Organisation), touched); err != nil {
			return err
		}
	}
	if c.Removed {
		return gone(t.cohorts.Delete(ctx, c.ID))
	}
	_, err := t.cohorts.Update(ctx, c.ID, func(x *Cohort) error {
		if x.Rev != c.Rev { // changed meanwhile: once more
			return store.ErrUnchanged
		}
		x.Pending = ""
		return nil
	})
	return gone(err)
}

// bring lets an assignment, or its end, reach its people.
func (t *Tracking) bring(ctx context.Context, a *Assignment) error {
	rev := a.Rev
	walk := t.eachMember("")
	switch kind, id := a.Target().Split(); kind {
	case ToCohort:
		walk = t.eachMember(id)
	case ToUnit:
		o, err := t.People.Organisation(ctx, id)
		if err != nil {
			return err
		}
		walk = t.eachIn(o.Path)
	case ToPerson:
		walk = func(_ context.Context, _ string, each func(string) error) error { return each(id) }
	}
	keep := func(change func(*Assignment)) error {
		x, err := t.assignments.Update(ctx, a.ID, func(x *Assignment) error {
			if x.Rev != rev { // changed meanwhile: it starts anew
				return store.ErrUnchanged
			}
			change(x)
			return nil
		})
		if err == nil && x.Rev == rev+1 {
			rev++
		} else if err == nil {
			err = errChanged
		}
		return err
	}
	err := t.batches(ctx, a.Behind, walk, func(ids []string) error {
		if err := t.followAll(ctx, ids); err != nil {
			return err
		}
		return keep(func(x *Assignment) { x.Reached, x.Behind = x.Reached+len(ids), ids[len(ids)-1] })
	})
	if err == nil {
		err = keep(func(x *Assignment) { x.Pending, x.Behind = "", "" })
	}
	if errors.Is(err, errChanged) {
		t.wake()
		return nil
	}
	return gone(err)
}

var errChanged = errors.New("the assignment has changed")

// walk calls each for ids of accounts in a fixed order, from behind one.
type walk func(ctx context.Context, behind string, each func(id string) error) error

func (t *Tracking) eachMember(cohort string) walk {
	return func(ctx context.Context, behind string, each func(string) error) error {
		where := []store.Cond{store.Is("cohort", cohort), store.Is("as", string(AsMember))}
		if behind != "" {
			where = append(where, store.Cond{Field: "_id", Op: store.Gt, Value: membershipID(cohort, AsMember, behind)})
		}
		return t.memberships.Each(ctx, store.Query{Where: where}, func(m *Membership) error { return each(m.Account) })
	}
}

func (t *Tracking) eachIn(path string) walk {
	return func(ctx context.Context, behind string, each func(string) error) error {
		return t.People.EachIDWithin(ctx, path, behind, each)
	}
}

// batch is how many people are followed between two notes of how far it came.
const batch = 500

func (t *Tracking) batches(ctx context.Context, behind string, w walk, do func(ids []string) error) error {
	ids := make([]string, 0, batch)
	err := w(ctx, behind, func(id string) error {
		if ids = append(ids, id); len(ids) < batch {
			return nil
		}
		err := do(ids)
		ids = ids[:0]
		return err
	})
	if err == nil && len(ids) > 0 {
		err = do(ids)
	}
	return err
}

func (t *Tracking) followAll(ctx context.Context, ids []string) error {
	return each(ctx, ids, func(id string) error {
		a, err := t.People.Account(ctx, id)
		if fault.Is(err, "not-found") {
			return nil
		} else if err != nil {
			return err
		}
		return t.Follow(ctx, a)
	})
}

// atOnce is how many people are followed at the same time: the store commits the
// writes of many together.
const atOnce = 64

func each[T any](ctx context.Context, list []T, f func(T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var failed error
	todo := make(chan T)
	var all sync.WaitGroup
	for range min(atOnce, len(list)) {
		all.Go(func() {
			for x := range todo {
				if err := f(x); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					cancel()
				}
			}
		})
	}
	for _, x := range list {
		select {
		case todo <- x:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(todo)
	all.Wait()
	if failed == nil {
		failed = ctx.Err()
	}
	return failed
}

// Repair follows everybody, so that what was cut off is made good.
func (t *Tracking) Repair(ctx context.Context) error {
	return t.batches(ctx, "", t.eachIn(""), func(ids []string) error { return t.followAll(ctx, ids) })
}
