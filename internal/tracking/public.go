package tracking

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"havn/internal/protect"
	"havn/internal/store"
)

// Public is what strangers may know: how many are certified, counted once for each
// course. It adds up figures that are told of the organisations at the top, and of
// those who work in none, and nothing else. So whoever takes their own organisation
// off, whose people they know, is left with figures that are told. Organisations
// of which nothing is told are left out: each number is the least there is.
type Public struct {
	At        store.Time
	All       protect.Figure
	Countries []PublicLine // by code, "" where none is said or nobody has an organisation
	Languages []PublicLine // by tag
}

// PublicLine is one country or language.
type PublicLine struct {
	Key string
	protect.Figure
}

// public is kept for a while, so that strangers make nobody count.
type public struct {
	mu   sync.Mutex
	made time.Time // by the clock of this machine
	now  *Public
}

const publicFor = 10 * time.Minute

// Public gives the figures for strangers, at most ten minutes after they were added
// up.
func (t *Tracking) Public(ctx context.Context) (*Public, error) {
	t.public.mu.Lock()
	defer t.public.mu.Unlock()
	if t.public.now != nil && time.Since(t.public.made) < publicFor {
		return t.public.now, nil
	}
	f, err := t.Figures(ctx)
	if err != nil {
		return nil, err
	}
	t.public.now, t.public.made = f.public(t.People.Languages), time.Now()
	return t.public.now, nil
}

func (f *Figures) public(languages []string) *Public {
	var all sum
	countries, spoken := map[string]*sum{}, map[string]*sum{}
	add := func(to map[string]*sum, key string, x protect.Figure) {
		if to[key] == nil {
			to[key] = &sum{}
		}
		to[key].add(x)
	}
	for _, c := range f.courses {
		if !c.Counted() {
			continue
		}
		of := func(country, place string) {
			done := c.At(place).Done
			all.add(done)
			add(countries, country, done)
			for _, l := range languages {
				add(spoken, l, c.Column(place, protect.Languages, l).Done)
			}
		}
		for top, country := range f.countries {
			of(country, f.at(top))
		}
		of("", c.Own(""))
	}
	return &Public{f.At, all.figure(), lines(countries), lines(spoken)}
}

// sum adds up what is told.
type sum struct {
	n      int
	hidden bool
}

func (s *sum) add(x protect.Figure) { s.n, s.hidden = s.n+x.N, s.hidden || !x.Told }

func (s *sum) figure() protect.Figure { return protect.Figure{N: s.n, Told: s.n > 0 || !s.hidden} }

// lines leaves out where nobody is certified.
func lines(of map[string]*sum) (list []PublicLine) {
	for key, s := range of {
		if f := s.figure(); f.N > 0 || !f.Told {
			list = append(list, PublicLine{key, f})
		}
	}
	slices.SortFunc(list, func(a, b PublicLine) int { return cmp.Compare(a.Key, b.Key) })
	return list
}
