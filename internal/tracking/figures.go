package tracking

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"havn/internal/people"
	"havn/internal/protect"
	"havn/internal/store"
)

// Figures is what may be told of all courses, as people stood at one time.
type Figures struct {
	At      store.Time
	courses map[string]*protect.Course
	// countries are those of the organisations at the top, by the paths of these.
	countries map[string]string

	took time.Duration
	made time.Time // by the clock of this machine
}

// Course is what may be told of a course, nil where nobody has it.
func (f *Figures) Course(slug string) *protect.Course { return f.courses[slug] }

// at is where protect has an organisation: below the country of the one at the top.
func (f *Figures) at(path string) string {
	if path == "" {
		return ""
	}
	top := path[:strings.IndexByte(path[1:], '/')+2]
	return countryPath(f.countries[top]) + path[1:]
}

// countryPath is where protect has a country, "" none.
func countryPath(code string) string { return "/" + cmp.Or(code, "-") + "/" }

// Took is how long counting took.
func (f *Figures) Took() time.Duration { return f.took }

// Courses are those that anybody has.
func (f *Figures) Courses() []string {
	var slugs []string
	for slug := range f.courses {
		slugs = append(slugs, slug)
	}
	slices.Sort(slugs)
	return slugs
}

// figures are kept in memory. They are counted anew from the enrolments, never
// counted up: so they are right after a crash, on each server, whatever was
// changed by whom.
type figures struct {
	mu       sync.Mutex // of now and counting
	now      *Figures
	counting bool
	count    sync.Mutex // one counts at a time
}

// Counting takes a time that grows with the enrolments (4 s for 500,000 in the
// embedded store), answering does not. So figures are kept for keep times as long
// as counting took, but for those that are counted at once; who asks meanwhile
// gets them as they are, while they are counted anew.
const (
	keep   = 20
	oldest = time.Hour
)

// Figures gives what may be told, some time old where there are many people.
func (t *Tracking) Figures(ctx context.Context) (*Figures, error) {
	t.figures.mu.Lock()
	f := t.figures.now
	age := time.Duration(0)
	if f != nil {
		age = time.Since(f.made)
	}
	if f == nil || f.took < t.CountWithin || age > oldest {
		t.figures.mu.Unlock()
		return t.countFigures(ctx, f)
	}
	if age > keep*f.took && !t.figures.counting {
		t.figures.counting = true
		go func() {
			if _, err := t.countFigures(context.WithoutCancel(ctx), f); err != nil && !errors.Is(err, store.ErrClosed) {
				slog.Warn("figures could not be counted anew", "error", err)
			}
			t.figures.mu.Lock()
			t.figures.counting = false
			t.figures.mu.Unlock()
		}()
	}
	t.figures.mu.Unlock()
	return f, nil
}

// countFigures counts everybody, unless somebody else has since the figures before
// where that takes long.
func (t *Tracking) countFigures(ctx context.Context, before *Figures) (*Figures, error) {
	t.figures.count.Lock()
	defer t.figures.count.Unlock()
	t.figures.mu.Lock()
	now := t.figures.now
	t.figures.mu.Unlock()
	if now != before && now.took >= t.CountWithin {
		return now, nil
	}
	f := &Figures{At: t.stamp(), courses: map[string]*protect.Course{}, countries: map[string]string{}, made: time.Now()}
	slugs, err := t.Learning.Known(ctx)
	if err != nil {
		return nil, err
	}
	organisations, err := t.People.Organisations(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, o := range organisations {
		if o.Parent() == "" {
			f.countries[o.Path] = o.Country
		}
	}
	counted, err := t.People.Counted(ctx)
	if err != nil {
		return nil, err
	}
	for _, slug := range slugs {
		census, err := t.Learning.Census(ctx, slug)
		if err != nil {
			return nil, err
		}
		cells := make([]protect.Cell, len(census))
		for i, a := range census {
			cells[i] = protect.Cell{Place: f.at(a.Unit), Language: a.Language, Profession: a.Profession, Week: a.Week, Begun: a.Begun, N: a.N}
			cells[i].Unnamed = slices.ContainsFunc(counted, func(path string) bool { return people.Within(a.Unit, path) })
			switch {
			case a.Late:
				cells[i].State = protect.Late
			case a.Completed:
				cells[i].State = protect.Done
			}
		}
		gained, err := t.Learning.Gained(ctx, slug)
		if err != nil {
			return nil, err
		}
		f.courses[slug] = protect.New(cells, f.extras(gained, counted)...)
	}
	f.took = time.Since(f.made)
	t.figures.mu.Lock()
	t.figures.now = f
	t.figures.mu.Unlock()
	return f, nil
}
