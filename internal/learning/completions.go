package learning

import (
	"context"
	"errors"
	"time"

	"havn/internal/store"
)

// Filter selects enrolments for the administrator's list.
type Filter struct {
	Within string // path of an organisation; "" is everywhere
	// Without are the paths of organisations whose people are left out, so that
	// not even the length of a page tells of them.
	Without []string
	Course  string // "" is all
	Status  Status // "" is all
	// Overdue selects those whose day has passed, the longest ago first.
	Overdue bool
	// Changed sorts by the last change of what the list tells, up to some seconds
	// ago, so that who continues behind the last one later misses nothing.
	Changed bool
	After   string // cursor
	Limit   int    // 1…500; 100 where 0
}

// Completions lists enrolments in the order of enrolment: who is enrolled, who
// completed, when, with which certificate. Answers and scores are not in it.
func (l *Learning) Completions(ctx context.Context, f Filter) (store.Page[Enrolment], error) {
	return l.enrolments.Find(ctx, f.query(l.stamp()))
}

// EachCompletion streams the same list, whole from its cursor on; without a cursor
// those of a unit or course come by unit.
func (l *Learning) EachCompletion(ctx context.Context, f Filter, each func(*Enrolment) error) error {
	q := f.query(l.stamp())
	q.Limit = 0
	if f.After == "" && q.Sort == "enrolled_at" && (f.Within != "" || f.Course != "") {
		q.Sort = "unit" // as an index has them: a page is found without sorting all
	}
	return l.enrolments.Each(ctx, q, each)
}

// CompletionsBy streams the same list by batches, which are read over once each
// has returned.
func (l *Learning) CompletionsBy(ctx context.Context, f Filter, each func([]Enrolment) error) error {
	batch := make([]Enrolment, 0, exported)
	err := l.EachCompletion(ctx, f, func(e *Enrolment) error {
		if batch = append(batch, *e); len(batch) < exported {
			return nil
		}
		err := each(batch)
		batch = batch[:0]
		return err
	})
	if err == nil && len(batch) > 0 {
		err = each(batch)
	}
	return err
}

// exported is how many enrolments make a batch.
const exported = 500

// settled is how long a change waits until it shows in the order of changes: for
// the clocks of several servers, and for writes that are under way.
const settled = 5 * time.Second

// Tally counts enrolments by status.
func (l *Learning) Tally(ctx context.Context, f Filter) (map[Status]int64, error) {
	groups, err := l.enrolments.Count(ctx, store.Query{Where: f.query(l.stamp()).Where}, "status")
	out := map[Status]int64{}
	for _, g := range groups {
		out[Status(g.Key[0])] = g.N
	}
	return out, err
}

func (f Filter) query(now store.Time) store.Query {
	if f.Limit <= 0 || f.Limit > 500 {
		f.Limit = 100
	}
	q := store.Query{Sort: "enrolled_at", After: f.After, Limit: f.Limit}
	q.Where = append(q.Where, store.Begins("unit", f.Within)...)
	for _, path := range f.Without {
		q.Where = append(q.Where, store.Cond{Field: "unit", Op: store.Outside, Value: path})
	}
	if f.Course != "" {
		q.Where = append(q.Where, store.Is("course", f.Course))
	}
	if f.Status != "" {
		q.Where = append(q.Where, store.Is("status", string(f.Status)))
	}
	if f.Overdue {
		q.Where, q.Sort = append(q.Where, store.Cond{Field: "due_at", Op: store.Lte, Value: now}), "due_at"
	}
	if f.Changed {
		q.Where, q.Sort = append(q.Where, store.Cond{Field: "changed_at", Op: store.Lt, Value: store.At(now.Add(-settled))}), "changed_at"
	}
	return q
}

var errEnough = errors.New("enough")

// Changes are the enrolments that lists tell something new of, in the order of their
// last change: those changed after a time, and of that time those behind the one
// with an id; at most so many. Where there are none, nothing has changed up to until.
func (l *Learning) Changes(ctx context.Context, f Filter, after store.Time, behind string, most int) (list []Enrolment, until store.Time, err error) {
	now := l.stamp()
	until = store.At(now.Add(-settled))
	f.Changed, f.After = true, ""
	q := f.query(now)
	q.Limit = 0
	q.Where = append(q.Where, store.Cond{Field: "changed_at", Op: store.Gte, Value: after})
	err = l.enrolments.Each(ctx, q, func(e *Enrolment) error {
		if e.ChangedAt.Equal(after.Time) && e.ID <= behind {
			return nil
		}
		if list = append(list, *e); len(list) == most {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return list, until, err
}
