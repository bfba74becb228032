package regrade

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/people"
	"havn/internal/store"
)

// batch is how many attempts are regraded between two notes of how far it came,
// and atOnce how many people at the same time: the store commits the writes of
// many together.
const (
	batch  = 500
	atOnce = 64
)

// lease is how long a server has for a batch before another goes on in its place.
// Two at once would derive a standing from what the other is changing.
const lease = time.Minute

// Work brings pending regrades to the attempts that they concern, the oldest first,
// each from where it broke off.
func (d *Desk) Work(ctx context.Context) error {
	d.working.Lock()
	defer d.working.Unlock()
	page, err := d.regrades.Find(ctx, store.Query{Where: []store.Cond{store.Is("pending", "1")}})
	if err != nil {
		return err
	}
	slices.SortFunc(page.Items, func(a, b Regrade) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	var failed error
	for i := range page.Items {
		failed = errors.Join(failed, d.bring(ctx, page.Items[i].ID))
	}
	return failed
}

var errElsewhere = errors.New("another server has the regrade, or it was decided anew")

// bring takes a regrade on and lets it reach everybody.
func (d *Desk) bring(ctx context.Context, id string) error {
	held := store.At(d.Now().Add(lease))
	r, err := d.regrades.Update(ctx, id, func(r *Regrade) error {
		if r.Pending == "" || d.Now().Before(r.LeasedTo.Time) {
			return errElsewhere
		}
		r.LeasedTo = held
		return nil
	})
	if errors.Is(err, errElsewhere) {
		return nil
	}
	if err != nil {
		return err
	}
	rev := r.Rev
	keep := func(change func(*Regrade)) error {
		next := store.At(d.Now().Add(lease))
		x, err := d.regrades.Update(ctx, id, func(x *Regrade) error {
			if x.Rev != rev {
				return errElsewhere
			}
			x.LeasedTo = next
			change(x)
			return nil
		})
		if err == nil {
			rev, held = x.Rev, next
		}
		return err
	}
	err = d.batches(ctx, r, func(list []*learning.Attempt) error {
		t, n, err := d.reach(ctx, r, list)
		if err != nil {
			return err
		}
		return keep(func(x *Regrade) {
			x.Tally.Add(t)
			last := list[len(list)-1]
			x.Restored, x.Reached, x.Behind = x.Restored+n, last.Version, last.ID
		})
	})
	if err == nil {
		err = keep(func(x *Regrade) { x.Pending, x.Reached, x.Behind, x.LeasedTo = "", 0, "", store.Time{} })
	}
	if err == nil {
		return nil
	}
	// Whoever goes on need not wait for the lease to end.
	_, released := d.regrades.Update(context.WithoutCancel(ctx), id, func(x *Regrade) error {
		if !x.LeasedTo.Equal(held.Time) {
			return store.ErrUnchanged
		}
		x.LeasedTo = store.Time{}
		return nil
	})
	if errors.Is(err, errElsewhere) {
		d.wake()
		err = nil
	}
	return errors.Join(err, released)
}

// batches calls do for the attempts that a regrade has not reached yet.
func (d *Desk) batches(ctx context.Context, r *Regrade, do func([]*learning.Attempt) error) error {
	var list []*learning.Attempt
	err := d.Learning.EachConcerned(ctx, r.correction(), r.Reached, r.Behind, func(a *learning.Attempt) error {
		if list = append(list, a); len(list) < batch {
			return nil
		}
		err := do(list)
		list = nil
		return err
	})
	if err == nil && len(list) > 0 {
		err = do(list)
	}
	return err
}

// reach regrades a batch of attempts, or restores the learners behind them: each
// learner by one worker, so that what follows is derived from all of it.
func (d *Desk) reach(ctx context.Context, r *Regrade, list []*learning.Attempt) (t learning.Tally, restored int, err error) {
	by := map[string][]*learning.Attempt{}
	var accounts []string
	for _, a := range list {
		if by[a.Account] == nil {
			accounts = append(accounts, a.Account)
		}
		by[a.Account] = append(by[a.Account], a)
	}
	var mu sync.Mutex
	todo := make(chan string)
	var all sync.WaitGroup
	for range min(atOnce, len(accounts)) {
		all.Go(func() {
			for account := range todo {
				one, n, failed := d.person(ctx, r, account, by[account])
				mu.Lock()
				t.Add(one)
				restored += n
				err = errors.Join(err, failed)
				mu.Unlock()
			}
		})
	}
	for _, account := range accounts {
		todo <- account
	}
	close(todo)
	all.Wait()
	return t, restored, err
}

// person brings a regrade, or its end, to one learner.
func (d *Desk) person(ctx context.Context, r *Regrade, id string, attempts []*learning.Attempt) (t learning.Tally, restored int, err error) {
	a, err := d.People.Account(ctx, id)
	if fault.Is(err, "not-found") {
		return t, 0, nil // the person is gone
	}
	if err != nil {
		return t, 0, err
	}
	who, c := d.Learner(a), r.correction()
	if r.Undone {
		told, err := d.Learning.WasTold(ctx, id, c)
		if err == nil && told {
			err = d.tell(ctx, a, r, mail.RegradeUndone)
		}
		if err != nil {
			return t, 0, err
		}
		restored, err = d.Learning.Restore(ctx, who, c)
		return t, restored, err
	}
	t, tell, err := d.Learning.Correct(ctx, who, c, attempts)
	if err != nil || !tell {
		return t, 0, err
	}
	if err := d.tell(ctx, a, r, mail.Regraded); err != nil {
		return t, 0, err
	}
	return t, 0, d.Learning.Told(ctx, id, c)
}

// tell writes to a learner, in their language, once.
func (d *Desk) tell(ctx context.Context, a *people.Account, r *Regrade, kind mail.Kind) error {
	if a.Email == "" || a.Disabled {
		return nil
	}
	title := r.Course
	if p, ok := d.Library.Current(r.Course); ok {
		title = p.Edition(a.Language).Title.Plain
	}
	return d.Letters.PutOnce(ctx, string(kind)+":"+r.ID+":"+a.ID, mail.Letter{
		Kind: kind, To: a.Email, Account: a.ID, Language: a.Language, About: title, Path: "/learning",
	})
}
