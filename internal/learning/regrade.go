package learning

import (
	"context"
	"reflect"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
)

// A key that was wrong is mended by a new version, and by a correction, which
// brings the new keys to what was handed in before. Nothing of it is typed in: an
// attempt is graded again from its answers, and what follows from it is derived
// as from any attempt. What it was before is kept with it, so that a correction
// can be taken back to the byte.
//
// An attempt keeps its texts, its questions and its pass mark. A question is
// graded anew if both versions have it with the same options and the keys (with
// points and weights) differ.

// Correction is that the keys of a version are brought to attempts of earlier ones.
type Correction struct {
	ID     string // of the regrade
	Course string
	// From and To are versions: attempts of From and later ones, before To, are
	// graded by the keys of To.
	From, To int
	// NeverLower leaves an attempt as it is that would come to less.
	NeverLower bool
}

// concerns tells whether an attempt is of the versions that the correction is for.
func (c *Correction) concerns(a *Attempt) bool {
	return a.Course == c.Course && a.Version >= c.From && a.Version < c.To
}

// Regraded is a correction that an attempt has had, and its result before that.
type Regraded struct {
	Regrade string `json:"regrade"`
	Version int    `json:"version"` // whose keys grade it
	Before  Result `json:"before"`
}

// Tally counts what a correction comes to, in attempts.
type Tally struct {
	FailToPass int `json:"fail_to_pass"`
	PassToFail int `json:"pass_to_fail"`
	Raised     int `json:"raised"`    // more points, and passed or not as before
	Lowered    int `json:"lowered"`   // fewer points, and passed or not as before
	Unchanged  int `json:"unchanged"` // the same points
	Kept       int `json:"kept"`      // would have come to less, and stay as they are
	Forgotten  int `json:"forgotten"` // whose answers are not kept any more (KeepAnswers)
}

// Add sums up two tallies.
func (t *Tally) Add(o Tally) {
	t.FailToPass, t.PassToFail, t.Raised, t.Lowered = t.FailToPass+o.FailToPass, t.PassToFail+o.PassToFail, t.Raised+o.Raised, t.Lowered+o.Lowered
	t.Unchanged, t.Kept, t.Forgotten = t.Unchanged+o.Unchanged, t.Kept+o.Kept, t.Forgotten+o.Forgotten
}

// Attempts is how many the correction concerns.
func (t Tally) Attempts() int {
	return t.FailToPass + t.PassToFail + t.Raised + t.Lowered + t.Unchanged + t.Kept + t.Forgotten
}

func (t *Tally) count(before, after *Result) {
	switch d := compare(before, after); {
	case !before.Passed && after.Passed:
		t.FailToPass++
	case before.Passed && !after.Passed:
		t.PassToFail++
	case d < 0:
		t.Raised++
	case d > 0:
		t.Lowered++
	default:
		t.Unchanged++
	}
}

// compare is below 0 where after is more than before, above 0 where it is less.
func compare(before, after *Result) int {
	share := func(r *Result) float64 {
		if r.Max == 0 {
			return 1
		}
		return r.Score / r.Max
	}
	switch a, b := share(before), share(after); {
	case before.Passed != after.Passed && after.Passed, before.Passed == after.Passed && a < b:
		return -1
	case before.Passed != after.Passed, a > b:
		return 1
	}
	return 0
}

// regraded is what an attempt has had of a correction; nil nothing.
func (a *Attempt) regraded(regrade string) *Regraded {
	if i := slices.IndexFunc(a.Regraded, func(r Regraded) bool { return r.Regrade == regrade }); i >= 0 {
		return &a.Regraded[i]
	}
	return nil
}

// keys are the questions that an attempt is graded by, of its own version or of
// one that corrected it, with the publication of each.
type keys []*course.Publication // the newest correction first, the attempt's own last

func (l *Learning) keysOf(ctx context.Context, a *Attempt) (keys, error) {
	var list keys
	for _, r := range slices.Backward(a.Regraded) {
		p, err := l.Library.At(ctx, a.Course, r.Version)
		if err != nil {
			return nil, err
		}
		list = append(list, p.For(a.Country))
	}
	p, _, err := l.publication(ctx, a)
	return append(list, p), err
}

func (k keys) of(id string) (*course.Publication, *course.Question) {
	own := k[len(k)-1]
	for _, p := range k {
		if q := p.Questions[id]; p == own || alike(own.Questions[id], q) {
			return p, q
		}
	}
	return own, own.Questions[id]
}

func (k keys) question(id string) *course.Question {
	_, q := k.of(id)
	return q
}

// alike tells whether an answer to one question is one to the other.
func alike(a, b *course.Question) bool {
	return a != nil && b != nil && a.Type == b.Type && slices.Equal(a.Options, b.Options) && slices.Equal(a.Targets, b.Targets)
}

// weigh is what a correction makes of an attempt: its new result, nil where that
// stays, and how it counts. It is pure but for reading publications.
func (l *Learning) weigh(ctx context.Context, c *Correction, a *Attempt) (result *Result, t Tally, err error) {
	if !c.concerns(a) || a.Result == nil {
		return nil, t, nil
	}
	if had := a.regraded(c.ID); had != nil {
		t.count(&had.Before, a.Result)
		return nil, t, nil
	}
	now, err := l.keysOf(ctx, a)
	if err != nil {
		return nil, t, err
	}
	p, err := l.Library.At(ctx, a.Course, c.To)
	if err != nil {
		return nil, t, err
	}
	then := append(keys{p.For(a.Country)}, now...)
	differs := slices.ContainsFunc(a.Asked, func(q assessment.Asked) bool {
		before, after := now.question(q.ID), then.question(q.ID)
		return before.Type.Graded() && !sameGrading(before, after)
	})
	if !differs {
		return nil, t, nil
	}
	if a.Result.Questions == nil {
		return nil, Tally{Forgotten: 1}, nil
	}
	own := now[len(now)-1]
	quiz, _ := own.Quiz(a.Quiz)
	result = grade(then.question, quiz, a)
	if c.NeverLower && compare(a.Result, result) > 0 {
		return nil, Tally{Kept: 1}, nil
	}
	t.count(a.Result, result)
	return result, t, nil
}

// sameGrading tells whether two versions of a question grade every answer alike.
func sameGrading(a, b *course.Question) bool {
	return reflect.DeepEqual(a.Key, b.Key) && a.Points == b.Points && a.Partial == b.Partial && reflect.DeepEqual(a.Weights, b.Weights) &&
		a.Tolerance == b.Tolerance && reflect.DeepEqual(a.Accept, b.Accept) && a.Start == b.Start && reflect.DeepEqual(a.Nodes, b.Nodes)
}

// regrade lets a correction have its way with an attempt, in memory.
func (l *Learning) regrade(ctx context.Context, c *Correction, a *Attempt) (Tally, error) {
	result, t, err := l.weigh(ctx, c, a)
	if result != nil {
		a.Regraded = append(slices.Clone(a.Regraded), Regraded{c.ID, c.To, *a.Result})
		a.Result = result
	}
	return t, err
}
