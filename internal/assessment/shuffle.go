package assessment

import (
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"

	"havn/internal/course"
)

// OptionOrder is the order in which a question's options (a hotspot's lines) are
// shown in the attempt with this seed: as authored, or shuffled where the quiz
// shuffles options. The options of an ordering question are always shuffled, and
// never into the order of the key, so that leaving them as they are is no answer;
// of two options that rule would tell the key, so there either order comes.
// True-false and the lines of a hotspot keep their order, which carries meaning.
func OptionOrder(q *course.Question, quiz *course.Quiz, seed uint64) []string {
	order := slices.Clone(optionsOf(q))
	switch q.Type {
	case course.Ordering:
		c := newChance(seed, q.ID)
		shuffle(c, order)
		for len(order) > 2 && slices.Equal(order, q.Key.Order) {
			shuffle(c, order)
		}
	case course.Single, course.Multiple, course.Matching:
		if quiz.Shuffles("options") {
			shuffle(newChance(seed, q.ID), order)
		}
	}
	return order
}

// TargetOrder is the order in which a matching question's targets are shown. It
// is always shuffled, as the authored order is often that of the key.
func TargetOrder(q *course.Question, seed uint64) []string {
	order := slices.Clone(q.Targets)
	shuffle(newChance(seed, q.ID+"/targets"), order)
	return order
}

// ChoiceOrder is the order in which the choices at a scenario's node are shown:
// by id, or shuffled where the quiz shuffles options.
func ChoiceOrder(q *course.Question, node string, quiz *course.Quiz, seed uint64) []string {
	order := slices.Sorted(maps.Keys(q.Nodes[node].Choices))
	if quiz.Shuffles("options") {
		shuffle(newChance(seed, q.ID+"/"+node), order)
	}
	return order
}

// chance is a stream of numbers that depends on a seed and a name only. PCG-DXSM
// is a published algorithm that math/rand/v2 promises to keep; what is drawn
// from it is computed here, because how rand.Shuffle does so is not promised.
type chance struct{ pcg *rand.PCG }

func newChance(seed uint64, name string) chance {
	h := fnv.New64a()
	h.Write([]byte(name))
	return chance{rand.NewPCG(seed, h.Sum64())}
}

// below is a number from 0 to n−1, each as likely as the other.
func (c chance) below(n int) int {
	bound := uint64(n)
	for fair := math.MaxUint64 - math.MaxUint64%bound; ; {
		if v := c.pcg.Uint64(); v < fair {
			return int(v % bound)
		}
	}
}

// shuffle is that of Fisher and Yates, from the end on.
func shuffle[T any](c chance, s []T) {
	for i := len(s) - 1; i > 0; i-- {
		j := c.below(i + 1)
		s[i], s[j] = s[j], s[i]
	}
}
