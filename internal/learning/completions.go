package learning

import (
	"context"

	"havn/internal/store"
)

// Filter selects enrolments for the administrator's list.
type Filter struct {
	Within string // path of an organisation; "" is everywhere
	Course string // "" is all
	Status Status // "" is all
	// Overdue selects those whose day has passed, the longest ago first.
	Overdue bool
	After   string // cursor
	Limit   int    // 1…500; 100 where 0
}

// Completions lists enrolments in the order of enrolment: who is enrolled, who
// completed, when, with which certificate. Answers and scores are not in it.
func (l *Learning) Completions(ctx context.Context, f Filter) (store.Page[Enrolment], error) {
	return l.enrolments.Find(ctx, f.query(l.stamp()))
}

// EachCompletion streams the same list, whole.
func (l *Learning) EachCompletion(ctx context.Context, f Filter, each func(*Enrolment) error) error {
	q := f.query(l.stamp())
	q.Limit, q.After = 0, ""
	return l.enrolments.Each(ctx, q, each)
}

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
	if f.Course != "" {
		q.Where = append(q.Where, store.Is("course", f.Course))
	}
	if f.Status != "" {
		q.Where = append(q.Where, store.Is("status", string(f.Status)))
	}
	if f.Overdue {
		q.Where, q.Sort = append(q.Where, store.Cond{Field: "due_at", Op: store.Lte, Value: now}), "due_at"
	}
	return q
}
