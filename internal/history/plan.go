package history

import (
	"context"
	"errors"
	"strings"
	"time"

	"havn/internal/learning"
	"havn/internal/pending"
	"havn/internal/people"
	"havn/internal/roster"
	"havn/internal/store"
)

// Step is what taking in a line of a list does.
type Step struct {
	Line   int    `json:"line"`
	Person string `json:"person"` // as the list says
	Course string `json:"course"` // slug, or as the list says where it is refused
	On     string `json:"completed_on"`
	EndsOn string `json:"expires_on,omitempty"`
	Does   Does   `json:"does"`
	// Problem is why a line is refused: that of roster.Past, or "person-unknown",
	// "course-unknown", "date-future".
	Problem string `json:"problem,omitempty"`
	Field   string `json:"field,omitempty"`
	Earlier int    `json:"earlier,omitempty"`

	record *Record // nil where nothing is recorded
}

// Does is what becomes of a line.
type Does string

// What there is. Who has completed the course here has Havn's own certificate, and
// a list adds nothing to it.
const (
	Records   Does = "record"
	Same      Does = "same"      // is recorded already
	Certified Does = "certified" // has completed the course here
	Refuse    Does = "refuse"
)

// Plan tells line by line what taking in a list under an id would do, and does none
// of it. Somebody of another organisation is as unknown as somebody who has no
// account.
func (d *Desk) Plan(ctx context.Context, o *people.Organisation, id string, rows []roster.Past) ([]Step, error) {
	members, err := d.members(ctx, o)
	if err != nil {
		return nil, err
	}
	counted, err := d.People.Counted(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := d.People.ZoneAt(ctx, o.Path)
	if err != nil {
		return nil, err
	}
	courses := d.courses()
	today := d.Now().In(zone).Format(time.DateOnly)
	steps := make([]Step, len(rows))
	todo := make([]*Step, 0, len(rows))
	lines := map[string]int{} // by key
	shown := map[*Step]bool{} // whose standing the organisation sees
	for i, r := range rows {
		s := &steps[i]
		*s = Step{Line: r.Line, Person: r.Person, Course: r.Course, On: r.CompletedOn, EndsOn: r.EndsOn, Does: Refuse, Problem: r.Problem, Field: r.Field, Earlier: r.Earlier}
		who, known := members[r.Person]
		slug := courses[fold(r.Course)]
		switch {
		case s.Problem != "":
			continue
		case !known:
			s.Problem, s.Field = "person-unknown", "person"
			continue
		case slug == "":
			s.Problem, s.Field = "course-unknown", "course"
			continue
		case r.CompletedOn > today:
			s.Problem, s.Field = "date-future", "completed_on"
			continue
		}
		rec := &Record{Account: who.id, Course: slug, On: r.CompletedOn, EndsOn: r.EndsOn, Reference: r.Ref, Origin: r.From}
		rec.ID = rec.key()
		if earlier := lines[rec.ID]; earlier != 0 { // by another name of the person or of the course
			s.Problem, s.Field, s.Earlier = "repeated", "person", earlier
			continue
		}
		lines[rec.ID] = r.Line
		s.Course, s.Does, s.record = slug, Records, rec
		shown[s] = !within(who.unit, counted)
		todo = append(todo, s)
	}
	return steps, pending.Each(ctx, pending.AtOnce, todo, func(s *Step) error {
		if had, err := d.records.Get(ctx, s.record.ID); err == nil {
			if had.Import != id {
				s.Does, s.record = Same, nil
			}
			return nil
		} else if !errors.Is(err, store.ErrNotFound) || !shown[s] {
			return store.IgnoreMissing(err)
		}
		e, err := d.Learning.Standing(ctx, s.record.Account, s.Course)
		if err == nil && e != nil && e.Status == learning.Completed {
			s.Does, s.record = Certified, nil
		}
		return err
	})
}

type member struct{ id, unit string }

// members are the people of an organisation and below it, by address and by id.
func (d *Desk) members(ctx context.Context, o *people.Organisation) (map[string]member, error) {
	of := map[string]member{}
	err := d.People.EachMember(ctx, o.Path, "", func(a *people.Account) error {
		m := member{a.ID, a.Unit}
		of[strings.ToLower(a.ID)] = m
		if a.Email != "" {
			of[strings.ToLower(a.Email)] = m
		}
		return nil
	})
	return of, err
}

// courses are those that are published, by slug and by their title in each of
// their languages; a title that two courses have is none.
func (d *Desk) courses() map[string]string {
	of := map[string]string{}
	for _, p := range d.Library.Courses() {
		for _, lang := range p.Offered() {
			title := fold(p.Edition(lang).Title.Plain)
			if slug, ok := of[title]; ok && slug != p.Course.Slug {
				of[title] = ""
			} else {
				of[title] = p.Course.Slug
			}
		}
	}
	for _, p := range d.Library.Courses() {
		of[fold(p.Course.Slug)] = p.Course.Slug
	}
	return of
}

func fold(s string) string { return strings.Join(strings.Fields(strings.ToLower(s)), " ") }

func within(path string, above []string) bool {
	for _, p := range above {
		if people.Within(path, p) {
			return true
		}
	}
	return false
}
