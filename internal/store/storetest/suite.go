package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"havn/internal/store"
)

// Run runs the whole suite on one kind of engine, each case on a fresh database.
func Run(t *testing.T, kind Kind) {
	for _, c := range []struct {
		name string
		test func(*testing.T, *Database)
	}{
		{"one of twenty writers of a revision wins", oneReplaceWins},
		{"no update of a counter is lost", noUpdateLost},
		{"one of twenty inserts of an id wins", oneInsertWins},
		{"one of twenty owners of a certificate number wins", oneOwnerWins},
		{"a unique field that is blank or absent is left out", blankIsNotUnique},
		{"a unique field can move on and be used again", uniqueMoves},
		{"a revision counts the writes", revisions},
		{"an update that changes nothing writes nothing", unchanged},
		{"an update that is refused writes nothing", refusedUpdate},
		{"a document that is not there is not found", notFound},
		{"every value comes back as it was", roundTrip},
		{"what cannot be stored is refused", refusedValues},
		{"ids are checked", refusedIDs},
		{"conditions select", conditions},
		{"operators in values are only values", injection},
		{"only declared fields can be asked for", declaredOnly},
		{"lists are ordered, and by id where equal", order},
		{"pages meet each row that stays exactly once", pagesUnderChange},
		{"cursors from outside are checked", cursors},
		{"ten thousand documents stream", streaming},
		{"counts are grouped", counts},
		{"queries agree with a model", model},
		{"a context that has ended writes nothing", cancelled},
		{"fields of a newer schema survive an update", newerSchema},
		{"a declaration can change", redeclared},
		{"what was written is there after reopening", reopen},
		{"a closed store says so", closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, kind.New(t))
		})
	}
}

// attempt is a document such as Havn stores.
type attempt struct {
	store.Meta `bson:",inline"`

	Learner     string            `json:"learner"`
	Course      string            `json:"course"`
	Certificate string            `json:"certificate,omitempty"`
	Started     store.Time        `json:"started"`
	Answered    int64             `json:"answered"`
	Score       float64           `json:"score"`
	Open        bool              `json:"open"`
	Result      *result           `json:"result,omitempty"`
	Answers     map[string]answer `json:"answers"`
	Notes       []string          `json:"notes"`
	Photo       []byte            `json:"photo,omitempty"`
}

type result struct {
	Passed bool        `json:"passed"`
	On     store.Time  `json:"on"`
	Second *store.Time `json:"second,omitempty"`
}

type answer struct {
	Options []string   `json:"options"`
	At      store.Time `json:"at"`
}

var schema = store.Schema{Name: "attempts", Version: 1, Indexes: []store.Index{
	{Fields: []string{"course", "learner"}},
	{Fields: []string{"course", "started"}},
	{Fields: []string{"course", "answered"}},
	{Fields: []string{"course", "score"}},
	{Fields: []string{"course", "open"}},
	{Fields: []string{"started"}},
	{Fields: []string{"result.passed"}},
	{Fields: []string{"certificate"}, Unique: true},
}}

type attempts = store.Collection[attempt, *attempt]

func openAttempts(t testing.TB, d *Database) *attempts {
	t.Helper()
	return declare(t, d.Open(t), schema)
}

func declare(t testing.TB, e store.Engine, s store.Schema) *attempts {
	t.Helper()
	c, err := store.Open[attempt](context.Background(), e, s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func insert(t testing.TB, c *attempts, docs ...attempt) {
	t.Helper()
	for i := range docs {
		if err := c.Insert(context.Background(), &docs[i]); err != nil {
			t.Fatalf("insert %s: %v", docs[i].ID, err)
		}
	}
}

func get(t testing.TB, c *attempts, id string) *attempt {
	t.Helper()
	a, err := c.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func id(s string, args ...any) store.Meta { return store.Meta{ID: fmt.Sprintf(s, args...)} }

// wantError fails unless err is of the kind wanted.
func wantError(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// race runs f in n goroutines at once and returns their errors.
func race(n int, f func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = f(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// oneWinner fails unless one error is nil and the others are of a kind.
func oneWinner(t testing.TB, errs []error, others error) (winner int) {
	t.Helper()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winners++
			winner = i
		} else {
			wantError(t, "a loser", err, others)
		}
	}
	if winners != 1 {
		t.Fatalf("%d of %d won", winners, len(errs))
	}
	return winner
}
