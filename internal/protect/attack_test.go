package protect_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"havn/internal/protect"
)

// shape is which kinds of people there can be, and which of them an attacker knows
// before.
type shape struct {
	places            []string // where people work
	languages, skills []string
	weeks             []string
	begun             []bool   // of who is not done
	took, gain        []string // of who is done
	// unnamed is where people work whom nobody sees by name; "" nowhere.
	unnamed string
	// knows tells that the attacker sees all others by name.
	knows bool
}

// hides tells whether the attacker does not know people at a place.
func (s shape) hides(place string) bool { return !s.knows || s.nameless(place) }

func (s shape) nameless(place string) bool {
	return s.unnamed != "" && strings.HasPrefix(place, s.unnamed)
}

// kind is people who are alike in all that can be asked.
type kind struct {
	protect.Cell
	took, gain string
}

func (s shape) kinds() (list []kind) {
	for _, place := range s.places {
		for _, language := range s.languages {
			for _, skill := range s.skills {
				for _, week := range s.weeks {
					for _, state := range []protect.State{protect.Open, protect.Done, protect.Late} {
						c := kind{Cell: protect.Cell{Place: place, Language: language, Profession: skill, Week: week, State: state, Unnamed: s.nameless(place)}}
						if state != protect.Done {
							for _, c.Begun = range s.begun {
								list = append(list, c)
							}
							continue
						}
						c.Begun = true
						for _, c.took = range s.took {
							for _, c.gain = range s.gain {
								list = append(list, c)
							}
						}
					}
				}
			}
		}
	}
	return list
}

// question is a group of people that somebody may ask for, and a way to ask.
type question struct {
	name string
	in   func(kind) bool
	ask  func(*protect.Course) protect.Line
}

// questions are all that there are to ask of a course: every place, alone and by
// each column of each table, in every period.
func (s shape) questions() (list []question) {
	places := map[string]bool{"": true}
	for _, p := range s.places {
		for parts := strings.Split(strings.Trim(p, "/"), "/"); len(parts) > 0 && parts[0] != ""; parts = parts[:len(parts)-1] {
			places["/"+strings.Join(parts, "/")+"/"] = true
		}
	}
	add := func(name, place string, in func(kind) bool, ask func(*protect.Course, string) protect.Line) {
		list = append(list, question{name: place + " " + name, in: func(c kind) bool { return strings.HasPrefix(c.Place, place) && in(c) }, ask: func(c *protect.Course) protect.Line { return ask(c, place) }})
		list = append(list, question{name: place + " itself " + name, in: func(c kind) bool { return c.Place == place && in(c) }, ask: func(c *protect.Course) protect.Line { return ask(c, c.Own(place)) }})
	}
	for place := range places {
		add("", place, func(kind) bool { return true }, func(c *protect.Course, at string) protect.Line { return c.At(at) })
		for _, l := range s.languages {
			add(l, place, func(c kind) bool { return c.Language == l }, func(c *protect.Course, at string) protect.Line { return c.Column(at, protect.Languages, l) })
		}
		for _, p := range s.skills {
			add(p, place, func(c kind) bool { return c.Profession == p }, func(c *protect.Course, at string) protect.Line {
				return c.Column(at, protect.Professions, p)
			})
		}
		if len(s.begun) > 1 {
			add("begun", place, func(c kind) bool { return c.Begun }, func(c *protect.Course, at string) protect.Line { return protect.Line{All: c.Begun(at)} })
		}
		for t, names := range map[protect.Table][]string{protect.Took: s.took, protect.Gain: s.gain} {
			for i, from := range names {
				for _, to := range names[i:] {
					in := func(c kind) bool {
						name := map[protect.Table]string{protect.Took: c.took, protect.Gain: c.gain}[t]
						return c.State == protect.Done && name >= from && name <= to
					}
					add(fmt.Sprint("done ", t, " ", from, "–", to), place, in, func(c *protect.Course, at string) protect.Line { return protect.Line{Done: c.Span(at, t, from, to)} })
				}
			}
		}
		for i, from := range s.weeks {
			for _, to := range s.weeks[i:] {
				add(from+"–"+to, place, func(c kind) bool { return c.Week >= from && c.Week <= to }, func(c *protect.Course, at string) protect.Line { return c.Period(at, from, to) })
			}
		}
	}
	slices.SortFunc(list, func(a, b question) int { return strings.Compare(a.name, b.name) })
	return list
}

// set is a group of people with what was told of it.
type set struct {
	name string
	has  []bool // by kind
	n    int
	told protect.Figure
}

// sets are the three figures of a question.
func (q question) sets(kinds []kind, numbers []int, l protect.Line) []set {
	list := []set{{name: q.name + " all", told: l.All}, {name: q.name + " done", told: l.Done}, {name: q.name + " late", told: l.Late}, {name: q.name + " open"}}
	for i, c := range kinds {
		for s := range list {
			in := q.in(c) && (s == 0 || c.State == []protect.State{0, protect.Done, protect.Late, protect.Open}[s])
			list[s].has = append(list[s].has, in)
			if in {
				list[s].n += numbers[i]
			}
		}
	}
	return list
}

// attack asks everything, and says which counts of 1 to 4 people follow: those for
// which all populations with these answers, no number of people being below 0, have
// the same. It takes in what hides behind each answer: every group that one can
// ask for, what is missing of a place from the places below it, and of a table
// from its columns.
func attack(s shape, numbers []int, answer func(*protect.Course, question, []kind, []int) protect.Line) (found []string) {
	kinds := s.kinds()
	course := counted(kinds, numbers, func(*kind) {})
	var all []set
	if unnamed := unnamed(kinds, numbers); unnamed < protect.Least { // they are in no figure
		numbers = slices.Clone(numbers)
		for k, c := range kinds {
			if c.Unnamed {
				numbers[k] = 0
			}
		}
	}
	for _, q := range s.questions() {
		all = append(all, q.sets(kinds, numbers, answer(course, q, kinds, numbers))...)
	}
	var a [][]float64
	var b []float64
	seen := map[string]bool{}
	for _, x := range all {
		if !x.told.Told {
			continue
		}
		if x.told.N != x.n {
			return []string{fmt.Sprintf("%s is told as %d, and is %d", x.name, x.told.N, x.n)}
		}
	}
	for i := range all { // whom the attacker knows is taken off
		for k, c := range kinds {
			if all[i].has[k] && !s.hides(c.Place) {
				all[i].has[k], all[i].n = false, all[i].n-numbers[k]
			}
		}
	}
	for _, x := range all {
		if !x.told.Told {
			continue
		}
		if key := fmt.Sprint(x.has); !seen[key] {
			seen[key] = true
			a, b = append(a, vector(x.has)), append(b, float64(x.n))
		}
	}
	all = append(all, remainders(all)...)
	// What is not told, together: an attacker would subtract what is.
	for _, x := range all {
		if x.told.Told && x.n > 0 {
			for _, y := range all {
				if y.told.Told && y.n > 0 && y.n < x.n && within(y.has, x.has) {
					d := set{name: x.name + " less " + y.name, has: minus(x.has, y.has), n: x.n - y.n}
					if d.n < protect.Least {
						return []string{fmt.Sprintf("%s is %d", d.name, d.n)}
					}
				}
			}
		}
	}
	checked := map[string]bool{}
	for _, x := range all {
		if key := fmt.Sprint(x.has); x.n < 1 || x.n >= protect.Least || checked[key] {
			continue
		} else {
			checked[key] = true
		}
		c := vector(x.has)
		low := extreme(a, b, c)
		for i := range c {
			c[i] = -c[i]
		}
		high := -extreme(a, b, c)
		if math.Floor(high+1e-6)-math.Ceil(low-1e-6) < 1 {
			found = append(found, fmt.Sprintf("%s is %d: between %.2f and %.2f", x.name, x.n, low, high))
		}
	}
	return found
}

// counted is what may be told of so many of each kind.
func counted(kinds []kind, numbers []int, change func(*kind)) *protect.Course {
	var cells []protect.Cell
	took, gain := protect.Extra{Table: protect.Took}, protect.Extra{Table: protect.Gain}
	for i, c := range kinds {
		if c.N = numbers[i]; c.N == 0 {
			continue
		}
		change(&c)
		cells = append(cells, c.Cell)
		if c.State == protect.Done {
			c.Column = c.took
			took.Cells = append(took.Cells, c.Cell)
			c.Column = c.gain
			gain.Cells = append(gain.Cells, c.Cell)
		}
	}
	return protect.New(cells, took, gain)
}

func unnamed(kinds []kind, numbers []int) (n int) {
	for k, c := range kinds {
		if c.Unnamed {
			n += numbers[k]
		}
	}
	return n
}

// remainders are what two answers, or three, leave of a third: the groups that
// somebody who subtracts would aim at.
func remainders(all []set) (list []set) {
	for _, x := range all {
		for _, y := range all {
			if x.n == 0 || y.n == 0 || y.n >= x.n || !within(y.has, x.has) || !x.told.Told {
				continue
			}
			rest := set{name: x.name + " less " + y.name, has: minus(x.has, y.has), n: x.n - y.n}
			if rest.n < protect.Least {
				list = append(list, rest)
			}
			for _, z := range all {
				if z.told.Told && z.n > 0 && z.n < rest.n && rest.n-z.n < protect.Least && within(z.has, rest.has) {
					list = append(list, set{name: rest.name + " less " + z.name, has: minus(rest.has, z.has), n: rest.n - z.n})
				}
			}
		}
	}
	return list
}

func vector(has []bool) []float64 {
	v := make([]float64, len(has))
	for i, h := range has {
		if h {
			v[i] = 1
		}
	}
	return v
}

func within(a, b []bool) bool {
	for i := range a {
		if a[i] && !b[i] {
			return false
		}
	}
	return true
}

func minus(a, b []bool) []bool {
	d := slices.Clone(a)
	for i := range b {
		d[i] = d[i] && !b[i]
	}
	return d
}

// protected is what the package answers.
func protected(c *protect.Course, q question, _ []kind, _ []int) protect.Line {
	return q.ask(c)
}

// naive hides what is small and nothing else.
func naive(_ *protect.Course, q question, kinds []kind, numbers []int) protect.Line {
	var figures [3]protect.Figure
	for i, s := range q.sets(kinds, numbers, protect.Line{})[:3] {
		if s.n == 0 || s.n >= protect.Least {
			figures[i] = protect.Figure{N: s.n, Told: true}
		}
	}
	return protect.Line{All: figures[0], Done: figures[1], Late: figures[2]}
}

// population draws how many there are of each kind: crowds, a few, or nobody.
func population(r *rand.Rand, s shape) []int {
	numbers := make([]int, len(s.kinds()))
	crowd, few := r.IntN(30), 10+r.IntN(40)
	for i := range numbers {
		switch n := r.IntN(100); {
		case n < crowd:
			numbers[i] = 5 + r.IntN(15)
		case n < crowd+few:
			numbers[i] = 1 + r.IntN(4)
		}
	}
	return numbers
}

// shapes are small worlds, each with other things that can be crossed.
func shapes(r *rand.Rand) shape {
	trees := [][]string{
		{"/a/", "/b/"},
		{"/a/", "/b/", "/c/", ""},
		{"/a/x/", "/a/y/", "/b/x/"},
		{"/a/", "/a/x/", "/a/y/", "/b/"},
		{"/a/x/", "/a/y/", "/a/z/", "/b/x/", "/b/y/"},
	}
	s := shape{places: trees[r.IntN(len(trees))], languages: []string{"en"}, skills: []string{"police"}, weeks: []string{"2026-W01"}, unnamed: []string{"", "/a/", "/b/", "/a/x/"}[r.IntN(4)], begun: []bool{true}, took: []string{""}, gain: []string{""}}
	switch r.IntN(9) {
	case 0:
		s.languages = []string{"en", "et", "uk"}
	case 1:
		s.languages, s.skills = []string{"en", "et"}, []string{"police", "guardian"}
	case 2:
		s.weeks = []string{"2026-W01", "2026-W02", "2026-W03"}
	case 3:
		s.languages, s.weeks = []string{"en", "et"}, []string{"2026-W01", "2026-W02"}
	case 4:
		s.languages, s.skills, s.weeks = []string{"en", "et"}, []string{"police", "guardian"}, []string{"2026-W01", "2026-W02"}
	case 5:
		s.begun, s.took = []bool{true, false}, []string{"007", "030", "090"}
	case 6:
		s.begun, s.gain, s.took = []bool{true, false}, []string{"-", "b-same", "c-higher"}, []string{"007", "030"}
	case 7:
		s.begun, s.languages = []bool{true, false}, []string{"en", "et"}
	case 8:
		s.took, s.weeks = []string{"007", "030"}, []string{"2026-W01", "2026-W02"}
	}
	return s
}

// Whatever is asked, and however the answers are added, subtracted and bounded,
// no number of 1 to 4 people comes out.
func TestNoSmallNumberFollowsFromAllAnswers(t *testing.T) {
	t.Parallel()
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := shapes(r)
		numbers := population(r, s)
		for _, s.knows = range []bool{false, true} {
			found := attack(s, numbers, protected)
			if len(found) > 0 {
				t.Errorf("world %d, %+v:\n%s", seed, s, strings.Join(found, "\n"))
			}
		}
	}
}

// Who is not said to be unnamed is not protected from those who know the others:
// the attack with names is one, too.
func TestTheAttackWithNamesFindsWhatIsProtectedFromStrangersOnly(t *testing.T) {
	t.Parallel()
	strangers := func(_ *protect.Course, q question, kinds []kind, numbers []int) protect.Line {
		return q.ask(counted(kinds, numbers, func(c *kind) { c.Unnamed = false }))
	}
	broken := 0
	for seed := range uint64(worlds / 5) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := shapes(r)
		numbers := population(r, s)
		s.knows = true
		if len(attack(s, numbers, strangers)) > 0 {
			broken++
		}
	}
	if broken < worlds/50 {
		t.Errorf("of %d worlds %d were broken", worlds/5, broken)
	}
}

const worlds = 500

// The attack is one: where only what is small is hidden, it finds it.
func TestTheAttackFindsWhatIsOnlyHidden(t *testing.T) {
	t.Parallel()
	broken := 0
	for seed := range uint64(worlds) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := shapes(r)
		if len(attack(s, population(r, s), naive)) > 0 {
			broken++
		}
	}
	if broken < worlds/2 {
		t.Errorf("of %d worlds that hide only what is small, %d were broken", worlds, broken)
	}
}
