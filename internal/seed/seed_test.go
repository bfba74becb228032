package seed_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/seed"
	"havn/internal/store"
	"havn/internal/store/storetest"
	"havn/internal/tracking"
)

var until = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

func plan(n uint64) seed.Plan {
	return seed.Plan{Learners: 200, Courses: 3, Seed: n, Until: until}
}

// all is every document of a collection, by id.
func all[T any, P interface {
	*T
	store.Document
}](t *testing.T, e store.Engine, schema store.Schema) (docs []T) {
	t.Helper()
	c, err := store.Open[T, P](t.Context(), e, schema)
	if err == nil {
		err = c.Each(t.Context(), store.Query{}, func(d *T) error { docs = append(docs, *d); return nil })
	}
	if err != nil || len(docs) == 0 {
		t.Fatalf("%s: %d documents, %v", schema.Name, len(docs), err)
	}
	return docs
}

// The same seed gives the same people, in both stores; another gives others.
func TestTheSameSeedGivesTheSameData(t *testing.T) {
	t.Parallel()
	for _, kind := range storetest.Engines() {
		t.Run(kind.Name, func(t *testing.T) {
			t.Parallel()
			var made []map[string]any
			for _, n := range []uint64{7, 7, 8} {
				e := kind.New(t).Open(t)
				if _, err := seed.Fill(t.Context(), e, plan(n), nil); err != nil {
					t.Fatal(err)
				}
				made = append(made, map[string]any{
					"accounts":      all[people.Account](t, e, people.AccountSchema),
					"organisations": all[people.Organisation](t, e, people.OrganisationSchema),
					"assignments":   all[tracking.Assignment](t, e, tracking.AssignmentSchema),
					"enrolments":    all[learning.Enrolment](t, e, learning.EnrolmentSchema),
					"certificates":  all[learning.Certificate](t, e, learning.CertificateSchema),
				})
			}
			unexported := cmpopts.IgnoreUnexported(people.Account{})
			if diff := cmp.Diff(made[0], made[1], unexported); diff != "" {
				t.Errorf("the same seed: %.2000s", diff)
			}
			for name := range made[0] {
				if cmp.Equal(made[0][name], made[2][name], unexported) {
					t.Errorf("%s: another seed gives the same", name)
				}
			}
		})
	}
}

// People are of several countries, languages and professions; some have
// completed, some are late, some have not begun, over two years.
func TestPeopleAreOfManyKinds(t *testing.T) {
	t.Parallel()
	e := storetest.SQLite().New(t).Open(t)
	n, err := seed.Fill(t.Context(), e, plan(7), nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]map[string]int{"country": {}, "language": {}, "profession": {}, "status": {}, "week": {}, "course": {}, "due": {}}
	list := all[learning.Enrolment](t, e, learning.EnrolmentSchema)
	for _, e := range list {
		kinds["country"][e.Country]++
		kinds["language"][e.Language]++
		kinds["profession"][e.Profession]++
		kinds["status"][string(e.Status)]++
		kinds["week"][e.SinceWeek]++
		kinds["course"][e.Course]++
		if e.Overdue(until) {
			kinds["due"]["late"]++
		}
	}
	if len(list) != n.Enrolments || n.People != 200 {
		t.Fatalf("%d enrolments, said to be %+v", len(list), n)
	}
	for kind, least := range map[string]int{"country": 2, "language": 3, "profession": 8, "status": 3, "week": 50, "course": 3, "due": 1} {
		if len(kinds[kind]) < least {
			t.Errorf("%s: %v", kind, kinds[kind])
		}
	}
}

// A store that holds people is left alone unless one says so.
func TestAStoreThatIsNotEmptyIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, e store.Engine) {
		accounts, err := store.Open[people.Account](t.Context(), e, people.AccountSchema)
		if err != nil {
			t.Fatal(err)
		}
		if err := accounts.Insert(t.Context(), &people.Account{Meta: store.Meta{ID: "somebody"}, Email: "mari@example.org"}); err != nil {
			t.Fatal(err)
		}
		p := plan(7)
		if _, err := seed.Fill(t.Context(), e, p, nil); !errors.Is(err, seed.ErrNotEmpty) {
			t.Fatalf("%v", err)
		}
		p.Add = true
		if _, err := seed.Fill(t.Context(), e, p, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := seed.Fill(t.Context(), e, p, nil); !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrTaken) {
			t.Errorf("the same again: %v", err)
		}
	})
}
