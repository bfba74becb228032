package tracking

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/store"
)

// Follow derives for a person in which cohorts they are and what they have to
// take, and writes that down. A repeat is harmless.
func (t *Tracking) Follow(ctx context.Context, a *people.Account) error {
	return t.follow(ctx, &decisions{t: t}, a)
}

func (t *Tracking) follow(ctx context.Context, d *decisions, a *people.Account) error {
	write, err := t.following(ctx, d, a)
	if err != nil {
		return err
	}
	return write()
}

// following reads all that Follow needs, and gives what then has to be written.
func (t *Tracking) following(ctx context.Context, d *decisions, a *people.Account) (write func() error, err error) {
	in, bind, err := t.belong(ctx, d, a)
	if err != nil {
		return nil, err
	}
	oblige, err := t.oblige(ctx, d, a, in)
	return func() error {
		if err := bind(); err != nil {
			return err
		}
		return oblige()
	}, err
}

// belong tells in which cohorts a person belongs: by rule they follow the person,
// by hand they end when the person leaves the organisation.
func (t *Tracking) belong(ctx context.Context, d *decisions, a *people.Account) (in []Membership, write func() error, err error) {
	mine, err := t.mine(ctx, a.ID, AsMember)
	if err != nil {
		return nil, nil, err
	}
	had := map[string]bool{}
	var comes, goes []string
	for _, m := range mine {
		had[m.Cohort] = true
		c, err := d.cohort(ctx, m.Cohort)
		if err != nil {
			return nil, nil, err
		}
		if c != nil && people.Within(a.Unit, c.Organisation) && (c.Kind == ByHand || c.Rule.fits(a)) {
			in = append(in, m)
		} else {
			goes = append(goes, m.Cohort)
		}
	}
	for path := range above(a.Unit) {
		rules, err := d.rules(ctx, path)
		if err != nil {
			return nil, nil, err
		}
		for _, c := range rules {
			if !had[c.ID] && c.Rule.fits(a) {
				in = append(in, Membership{Cohort: c.ID, Account: a.ID, As: AsMember, Since: t.stamp()})
				comes = append(comes, c.ID)
			}
		}
	}
	return in, func() error {
		for _, c := range goes {
			if err := t.unbind(ctx, c, AsMember, a.ID); err != nil {
				return err
			}
		}
		for _, c := range comes {
			if err := t.bind(ctx, c, AsMember, a.ID); err != nil {
				return err
			}
		}
		return nil
	}, nil
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

// oblige tells what a person has to take, to be written into their enrolments.
func (t *Tracking) oblige(ctx context.Context, d *decisions, a *people.Account, in []Membership) (write func() error, err error) {
	duties := map[string]map[string]learning.Duty{}
	take := func(list []Assignment, since time.Time) error {
		for i := range list {
			as := &list[i]
			if !people.Within(a.Unit, as.Organisation) {
				continue
			}
			zone, err := d.zone(ctx, as.Organisation)
			if err != nil {
				return err
			}
			if duties[as.Course] == nil {
				duties[as.Course] = map[string]learning.Duty{}
			}
			duties[as.Course][as.ID] = as.Duty(since, zone)
		}
		return nil
	}
	alone, err := t.AssignedTo(ctx, TargetOf(ToPerson, a.ID))
	if err == nil {
		err = take(alone, time.Time{})
	}
	if err != nil {
		return nil, err
	}
	for path := range above(a.Unit) {
		list, err := d.assigned(ctx, TargetOf(ToUnit, people.IDOf(path)))
		if err == nil {
			err = take(list, a.JoinedAt.Time)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, m := range in {
		c, err := d.cohort(ctx, m.Cohort)
		if err != nil || c == nil {
			return nil, err
		}
		list, err := d.assigned(ctx, TargetOf(ToCohort, m.Cohort))
		if err == nil {
			err = take(list, later(m.Since, c.Starts).Time)
		}
		if err != nil {
			return nil, err
		}
	}
	return t.Learning.Following(ctx, t.Learner(a), duties)
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
	touched := func(list []*people.Account) error { return t.followAll(ctx, list) }
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
		return store.IgnoreMissing(t.cohorts.Delete(ctx, c.ID))
	}
	_, err := t.cohorts.Update(ctx, c.ID, func(x *Cohort) error {
		if x.Rev != c.Rev { // changed meanwhile: once more
			return store.ErrUnchanged
		}
		x.Pending = ""
		return nil
	})
	return store.IgnoreMissing(err)
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
		walk = func(ctx context.Context, _ string, each func(*people.Account) error) error {
			return t.one(ctx, id, each)
		}
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
	err := t.batches(ctx, a.Behind, walk, func(list []*people.Account) error {
		if err := t.followAll(ctx, list); err != nil {
			return err
		}
		return keep(func(x *Assignment) { x.Reached, x.Behind = x.Reached+len(list), list[len(list)-1].ID })
	})
	if err == nil {
		err = keep(func(x *Assignment) { x.Pending, x.Behind = "", "" })
	}
	if errors.Is(err, errChanged) {
		t.bell.Ring()
		return nil
	}
	return store.IgnoreMissing(err)
}

var errChanged = errors.New("the assignment has changed")

// walk calls each for people in the order of their ids, from behind one.
type walk func(ctx context.Context, behind string, each func(*people.Account) error) error

func (t *Tracking) eachMember(cohort string) walk {
	return func(ctx context.Context, behind string, each func(*people.Account) error) error {
		where := []store.Cond{store.Is("cohort", cohort), store.Is("as", string(AsMember))}
		if behind != "" {
			where = append(where, store.Cond{Field: "_id", Op: store.Gt, Value: membershipID(cohort, AsMember, behind)})
		}
		return t.memberships.Each(ctx, store.Query{Where: where}, func(m *Membership) error { return t.one(ctx, m.Account, each) })
	}
}

func (t *Tracking) eachIn(path string) walk {
	return func(ctx context.Context, behind string, each func(*people.Account) error) error {
		return t.People.EachMember(ctx, path, behind, each)
	}
}

// one calls each for a person who is there.
func (t *Tracking) one(ctx context.Context, id string, each func(*people.Account) error) error {
	a, err := t.People.Account(ctx, id)
	if fault.Is(err, "not-found") {
		return nil
	} else if err != nil {
		return err
	}
	return each(a)
}

// batch is how many people are followed between two notes of how far it came.
const batch = 500

func (t *Tracking) batches(ctx context.Context, behind string, w walk, do func([]*people.Account) error) error {
	list := make([]*people.Account, 0, batch)
	err := w(ctx, behind, func(a *people.Account) error {
		if list = append(list, a); len(list) < batch {
			return nil
		}
		err := do(list)
		list = list[:0]
		return err
	})
	if err == nil && len(list) > 0 {
		err = do(list)
	}
	return err
}

// followAll follows a batch by what is decided when it begins. What is decided
// while it runs is pending itself.
func (t *Tracking) followAll(ctx context.Context, list []*people.Account) error {
	d := &decisions{t: t}
	var mu sync.Mutex
	var writes []func() error
	// All is read before anything is written: the embedded store forgets what it
	// has at hand of its file with each write.
	err := pending.Each(ctx, pending.AtOnce, list, func(a *people.Account) error {
		write, err := t.following(ctx, d, a)
		mu.Lock()
		defer mu.Unlock()
		writes = append(writes, write)
		return err
	})
	if err != nil {
		return err
	}
	return pending.Each(ctx, pending.AtOnce, writes, func(write func() error) error { return write() })
}

// Repair follows everybody, so that what was cut off is made good.
func (t *Tracking) Repair(ctx context.Context) error {
	return t.batches(ctx, "", t.eachIn(""), func(list []*people.Account) error { return t.followAll(ctx, list) })
}
