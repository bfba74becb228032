package storetest

import (
	"cmp"
	"strings"

	"havn/internal/store"
)

// The model's idea of order and matching: what the documentation of
// store.Query says, in the plainest way.

// field compares a field of a with that of b, and says whether a has it.
func field(a, b attempt, name string) (order int, has bool) {
	switch name {
	case "learner":
		return strings.Compare(a.Learner, b.Learner), true
	case "answered":
		return cmp.Compare(a.Answered, b.Answered), true
	case "score":
		return cmp.Compare(a.Score, b.Score), true
	case "started":
		return a.Started.Compare(b.Started.Time), !a.Started.IsZero()
	case "open":
		return cmp.Compare(rank(a.Open), rank(b.Open)), true
	}
	return 0, true
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func compare(a, b attempt, q store.Query) int {
	order, _ := field(a, b, q.Sort)
	order = cmp.Or(order, strings.Compare(a.ID, b.ID))
	if q.Desc {
		return -order
	}
	return order
}

func matches(a attempt, where []store.Cond) bool {
	for _, c := range where {
		var other attempt
		switch v := c.Value.(type) {
		case string:
			other.Learner = v
		case int:
			other.Answered = int64(v)
		case float64:
			other.Score = v
		case store.Time:
			other.Started = v
		case bool:
			other.Open = v
		}
		order, has := field(a, other, c.Field)
		holds := map[store.Op]bool{
			store.Eq: order == 0, store.Gt: order > 0, store.Gte: order >= 0, store.Lt: order < 0, store.Lte: order <= 0,
			store.Outside: !strings.HasPrefix(a.Learner, other.Learner),
		}[c.Op]
		if !has || !holds {
			return false
		}
	}
	return true
}
