package regrade

import (
	"context"
	"errors"
	"slices"
	"sync"

	"havn/internal/fault"
	"havn/internal/learning"
	"havn/internal/mail"
	"havn/internal/pending"
	"havn/internal/people"
)

// batch is how many attempts are regraded between two notes of how far it came.
const batch = 500

// Work brings pending regrades to the attempts that they concern, the oldest first,
// each from where it broke off.
func (d *Desk) Work(ctx context.Context) error {
	d.working.Lock()
	defer d.working.Unlock()
	list, err := pending.All(ctx, d.regrades)
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b Regrade) int { return a.CreatedAt.Compare(b.CreatedAt.Time) })
	var failed error
	for i := range list {
		failed = errors.Join(failed, d.bring(ctx, list[i].ID))
	}
	return failed
}

// bring takes a regrade on and lets it reach everybody.
func (d *Desk) bring(ctx context.Context, id string) error {
	return pending.Bring(ctx, d.regrades, id, d.Now, d.bell.Ring, func(r *Regrade, keep func(func(*Regrade)) error) error {
		return d.batches(ctx, r, func(list []*learning.Attempt) error {
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
	}, func(x *Regrade) { x.Reached, x.Behind = 0, "" })
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
	err = pending.Each(ctx, pending.AtOnce, accounts, func(account string) error {
		one, n, err := d.person(ctx, r, account, by[account])
		mu.Lock()
		defer mu.Unlock()
		t.Add(one)
		restored += n
		return err
	})
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
