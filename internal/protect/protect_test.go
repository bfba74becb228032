package protect_test

import (
	"testing"

	"havn/internal/protect"
)

// people are so many who are alike but for their states.
func people(place, language, week string, open, done, late int) []protect.Cell {
	c := protect.Cell{Place: place, Language: language, Profession: "police", Week: week}
	var list []protect.Cell
	for state, n := range []int{open, done, late} {
		if n > 0 {
			c.State, c.N = protect.State(state), n
			list = append(list, c)
		}
	}
	return list
}

func join(lists ...[]protect.Cell) (all []protect.Cell) {
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

func says(t *testing.T, what string, got protect.Line, all, done, late int) {
	t.Helper()
	for name, x := range map[string]struct {
		f protect.Figure
		n int
	}{"all": {got.All, all}, "done": {got.Done, done}, "late": {got.Late, late}} {
		if x.n < 0 && x.f.Told || x.n >= 0 && x.f != (protect.Figure{N: x.n, Told: true}) {
			t.Errorf("%s: %s is %+v instead of %d", what, name, x.f, x.n)
		}
	}
}

const hidden = -1

// Where there are people enough, every figure is told as it is.
func TestFiguresOfCrowdsAreTold(t *testing.T) {
	t.Parallel()
	c := protect.New(join(
		people("/a/x/", "en", "2026-W01", 10, 50, 5), people("/a/x/", "et", "2026-W02", 20, 60, 6),
		people("/a/y/", "en", "2026-W02", 30, 70, 7), people("/a/y/", "et", "2026-W01", 40, 80, 8),
		people("/b/", "en", "2026-W01", 0, 0, 9),
	))
	says(t, "all", c.At(""), 395, 260, 35)
	says(t, "an authority", c.At("/a/"), 386, 260, 26)
	says(t, "a unit", c.At("/a/x/"), 151, 110, 11)
	says(t, "one where nobody is", c.At("/a/z/"), 0, 0, 0)
	says(t, "a language", c.Column("", protect.Languages, "en"), 181, 120, 21)
	says(t, "a language of a unit", c.Column("/a/y/", protect.Languages, "et"), 128, 80, 8)
	says(t, "one that nobody reads", c.Column("/a/", protect.Languages, "uk"), 0, 0, 0)
	says(t, "a profession", c.Column("/b/", protect.Professions, "police"), 9, 0, 9)
	says(t, "a week", c.Period("/a/x/", "2026-W01", "2026-W01"), 65, 50, 5)
	says(t, "until a week", c.Period("", "", "2026-W01"), 202, 130, 22)
}

// Few people are not told of, nor another group that would give them away; what
// does not is told.
func TestFewPeopleAreHiddenWithTheOneThatGivesThemAway(t *testing.T) {
	t.Parallel()
	c := protect.New(join(people("/a/", "en", "2026-W01", 0, 3, 0), people("/b/", "en", "2026-W01", 0, 9, 0), people("/c/", "en", "2026-W01", 0, 30, 0)))
	says(t, "all", c.At(""), 42, 42, 0)
	says(t, "few", c.At("/a/"), hidden, hidden, hidden)
	says(t, "the one beside them", c.At("/b/"), hidden, hidden, hidden)
	says(t, "the others", c.At("/c/"), 30, 30, 0)
	says(t, "below what is hidden", c.At("/a/x/"), hidden, hidden, hidden)
}

// Where few are not done yet, who is done is not told: the difference would be
// theirs.
func TestFewInAStateHideThatState(t *testing.T) {
	t.Parallel()
	c := protect.New(people("/a/", "en", "2026-W01", 2, 40, 0))
	says(t, "two are not done", c.At(""), 42, hidden, 0)
	c = protect.New(people("/a/", "en", "2026-W01", 3, 40, 2))
	says(t, "five are not done", c.At(""), 45, 40, hidden)
}

// A course of fewer than five is not told of at all.
func TestACourseOfFewIsNotTold(t *testing.T) {
	t.Parallel()
	c := protect.New(people("/a/", "en", "2026-W01", 2, 2, 0))
	says(t, "four", c.At(""), hidden, hidden, hidden)
	if c.Counted() {
		t.Error("it counts in sums")
	}
}

// unnamedAt are people whom nobody sees by name.
func unnamedAt(place string, done int) []protect.Cell {
	list := people(place, "en", "2026-W01", 0, done, 0)
	list[0].Unnamed = true
	return list
}

// Where nobody sees some people by name, nothing is told from which somebody who
// sees the others could take these off, and have fewer than five.
func TestWhoKnowsAllOthersDoesNotFindTheUnnamed(t *testing.T) {
	t.Parallel()
	c := protect.New(join(people("/a/", "en", "2026-W01", 0, 30, 0), people("/b/", "en", "2026-W01", 0, 40, 0), unnamedAt("/b/x/", 3), unnamedAt("/c/", 20), unnamedAt("/d/", 8)))
	says(t, "all", c.At(""), 101, 101, 0)
	says(t, "where nobody is unnamed", c.At("/a/"), 30, 30, 0)
	says(t, "43 with three unnamed", c.At("/b/"), hidden, hidden, hidden)
	says(t, "those that would give them away", c.At("/c/"), hidden, hidden, hidden)
	says(t, "others", c.At("/d/"), 8, 8, 0)
}

// Fewer than five unnamed in all of a course are in none of its figures, and it is
// not said of their place that nobody is there.
func TestFewUnnamedAreInNoFigure(t *testing.T) {
	t.Parallel()
	c := protect.New(join(people("/a/", "en", "2026-W01", 0, 30, 0), unnamedAt("/b/", 4)))
	says(t, "all", c.At(""), 30, 30, 0)
	says(t, "one place", c.At("/a/"), 30, 30, 0)
	says(t, "that of four", c.At("/b/"), hidden, hidden, hidden)
}
