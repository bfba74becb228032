package learning

import (
	"context"
	"time"

	"havn/internal/store"
)

// Alike are people who stand alike in a course and tell of themselves the same.
// Completed is here or elsewhere.
type Alike struct {
	Unit, Language, Profession string
	Completed, Late            bool
	Begun                      bool
	// Week is that in which they came to stand so: see Week.
	Week string
	N    int
}

// Census counts everybody who has a course or has to take it, by all that reports
// ask for. The store counts, by one index; what is late is counted apart, since it
// depends on the time.
func (l *Learning) Census(ctx context.Context, slug string) ([]Alike, error) {
	where := []store.Cond{store.Is("course", slug)}
	by := []string{"unit", "status", "language", "profession", "since_week", "done_week"}
	all, err := l.enrolments.Count(ctx, store.Query{Where: where}, by...)
	if err != nil {
		return nil, err
	}
	where = append(where, store.Cond{Field: "due_at", Op: store.Lte, Value: l.stamp()})
	late, err := l.enrolments.Count(ctx, store.Query{Where: where}, append(by, "due_on")...)
	if err != nil {
		return nil, err
	}
	var list []Alike
	of := map[[6]string]int{} // how many of a group are late
	add := func(key []string, n int, late bool, week string) {
		if s := Status(key[1]); n > 0 && s != Exempt && s != Released {
			list = append(list, Alike{key[0], key[2], key[3], s.Trained(), late, s == Enrolled || s.Trained(), week, n})
		}
	}
	for _, g := range late {
		of[[6]string(g.Key)] += int(g.N)
		due, err := time.Parse(time.DateOnly, g.Key[6])
		if err != nil {
			return nil, err
		}
		add(g.Key, int(g.N), true, Week(due))
	}
	for _, g := range all {
		week := g.Key[4]
		if Status(g.Key[1]).Trained() {
			week = g.Key[5]
		}
		add(g.Key, int(g.N)-of[[6]string(g.Key)], false, week)
	}
	return list, nil
}

// Gained is people who completed a course, are behind with nothing, and are alike in
// how long it took and in what they gained; the bands are "" where not known.
type Gained struct {
	Unit              string
	Took, Gain, Rated string
	N                 int
}

// Gained counts them.
func (l *Learning) Gained(ctx context.Context, slug string) (list []Gained, err error) {
	late := store.Cond{Field: "due_at", Op: store.Lte, Value: l.stamp()}
	n := map[[4]string]int{}
	for _, status := range []Status{Recorded, Completed} {
		where := []store.Cond{store.Is("course", slug), store.Is("status", string(status))}
		for sign, where := range map[int][]store.Cond{1: where, -1: append(where, late)} {
			groups, err := l.enrolments.Count(ctx, store.Query{Where: where}, "unit", "took", "gain", "rated")
			if err != nil {
				return nil, err
			}
			for _, g := range groups {
				n[[4]string(g.Key)] += sign * int(g.N)
			}
		}
	}
	for key, n := range n {
		if n > 0 {
			list = append(list, Gained{key[0], key[1], key[2], key[3], n})
		}
	}
	return list, nil
}

// Known are the courses that anybody has or has to take.
func (l *Learning) Known(ctx context.Context) (slugs []string, err error) {
	groups, err := l.enrolments.Count(ctx, store.Query{}, "course")
	for _, g := range groups {
		slugs = append(slugs, g.Key[0])
	}
	return slugs, err
}
