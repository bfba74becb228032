package assessment

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"havn/internal/course"
)

func publication(questions ...*course.Question) *course.Publication {
	p := &course.Publication{Questions: map[string]*course.Question{}}
	for _, q := range questions {
		p.Questions[q.ID] = q
	}
	return p
}

func tagged(id string, tags ...string) *course.Question {
	return &course.Question{ID: id, Type: course.Single, Options: []string{"a", "b"}, Tags: tags, Points: 1}
}

func ids(asked []Asked) (ids []string) {
	for _, a := range asked {
		ids = append(ids, a.ID)
	}
	return ids
}

// The bank has eight questions tagged m1, of which four are also hard and one is
// retired, and a vignette with two questions.
func bank() *course.Publication {
	var qs []*course.Question
	for i := range 8 {
		q := tagged(fmt.Sprintf("q%d", i), "m1")
		if i%2 == 0 {
			q.Tags = append(q.Tags, "hard")
		}
		q.Retired = i == 7
		qs = append(qs, q)
	}
	return publication(append(qs, tagged("v1"), tagged("v2"),
		&course.Question{ID: "v", Type: course.Vignette, Questions: []string{"v1", "v2"}, Tags: []string{"case"}})...)
}

func TestWhatTheQuizListsIsAskedInItsOrder(t *testing.T) {
	quiz := &course.Quiz{ID: "z", Items: []course.Item{{Question: "q3"}, {Question: "v"}, {Question: "q1"}}}
	want := []Asked{{ID: "q3"}, {ID: "v"}, {ID: "v1", Vignette: "v"}, {ID: "v2", Vignette: "v"}, {ID: "q1"}}
	if diff := cmp.Diff(want, Draw(bank(), quiz, 1, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestADrawTakesOnlyWhatCarriesAllTheTags(t *testing.T) {
	quiz := &course.Quiz{ID: "z", Items: []course.Item{{Draw: 9, Tags: []string{"m1", "hard"}}}}
	got := slices.Sorted(slices.Values(ids(Draw(bank(), quiz, 1, nil))))
	if diff := cmp.Diff([]string{"q0", "q2", "q4", "q6"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAQuestionListedByNameIsNotDrawnAsWell(t *testing.T) {
	quiz := &course.Quiz{ID: "z", Items: []course.Item{{Draw: 7, Tags: []string{"m1"}}, {Question: "q0"}, {Draw: 2, Tags: []string{"hard"}}}}
	for seed := range uint64(50) {
		got := ids(Draw(bank(), quiz, seed, nil))
		if len(got) != 7 || got[6] != "q0" {
			t.Fatalf("seed %d asks %v", seed, got)
		}
	}
}

func TestAVignetteCountsAsOneAndKeepsItsQuestions(t *testing.T) {
	pub := bank()
	pub.Questions["v1"].Tags = []string{"case"}
	pub.Questions["v2"].Retired = true
	quiz := &course.Quiz{ID: "z", Shuffle: []string{"questions"}, Items: []course.Item{
		{Draw: 1, Tags: []string{"case"}}, {Draw: 4, Tags: []string{"m1"}}}}
	for seed := range uint64(50) {
		got := Draw(pub, quiz, seed, nil)
		at := slices.Index(got, Asked{ID: "v"})
		if len(got) != 6 || at < 0 || got[at+1] != (Asked{ID: "v1", Vignette: "v"}) {
			t.Fatalf("seed %d asks %v", seed, got)
		}
	}
}

func TestNothingRetiredOrMissingIsAsked(t *testing.T) {
	quiz := &course.Quiz{ID: "z", Items: []course.Item{{Question: "q7"}, {Question: "gone"}, {Draw: 3, Tags: []string{"none"}}}}
	if got := Draw(bank(), quiz, 1, nil); len(got) != 0 {
		t.Errorf("asks %v", got)
	}
}

func TestQuestionsAreShuffledOnlyWhereTheQuizSaysSo(t *testing.T) {
	items := []course.Item{{Question: "q0"}, {Question: "q1"}, {Question: "q2"}, {Question: "q3"}}
	firsts := map[string]bool{}
	for seed := range uint64(40) {
		if got := ids(Draw(bank(), &course.Quiz{ID: "z", Items: items}, seed, nil)); !slices.IsSorted(got) {
			t.Fatalf("unshuffled, but asks %v", got)
		}
		firsts[Draw(bank(), &course.Quiz{ID: "z", Items: items, Shuffle: []string{"questions"}}, seed, nil)[0].ID] = true
	}
	if len(firsts) != 4 {
		t.Errorf("only %v ever come first", firsts)
	}
}

func TestADrawIsDistinctRepeatableAndTakesTheUnseenFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pub := bank()
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(1, 9).Draw(t, "n")
		seen := rapid.MapOf(rapid.SampledFrom([]string{"q0", "q1", "q2", "q3", "q4", "q5", "q6"}), rapid.IntRange(0, 3)).Draw(t, "seen")
		quiz := &course.Quiz{ID: "z", Items: []course.Item{{Draw: n, Tags: []string{"m1"}}}}
		got := ids(Draw(pub, quiz, seed, seen))
		if !cmp.Equal(got, ids(Draw(pub, quiz, seed, seen))) {
			t.Fatal("drawn differently the second time")
		}
		if len(got) != min(n, 7) || len(distinct(got)) != len(got) {
			t.Fatalf("drew %v", got)
		}
		for id, q := range pub.Questions {
			if q.Retired || !slices.Contains(q.Tags, "m1") || slices.Contains(got, id) {
				continue
			}
			for _, drawn := range got {
				if seen[drawn] > seen[id] {
					t.Fatalf("drew %s, seen %d times, before %s, seen %d times", drawn, seen[drawn], id, seen[id])
				}
			}
		}
	})
}

func TestEveryQuestionOfThePoolHasItsTurn(t *testing.T) {
	quiz := &course.Quiz{ID: "z", Items: []course.Item{{Draw: 1, Tags: []string{"m1"}}}}
	count := map[string]int{}
	for seed := range uint64(7000) {
		count[Draw(bank(), quiz, seed, nil)[0].ID]++
	}
	for id, n := range count {
		if n < 850 || n > 1150 {
			t.Errorf("%s came %d times of 7000, which is far from 1000", id, n)
		}
	}
}

func TestTheOrderOfStepsIsNeverTheKey(t *testing.T) {
	for seed := range uint64(500) {
		got := OptionOrder(qSteps, &course.Quiz{}, seed)
		if slices.Equal(got, qSteps.Key.Order) {
			t.Fatalf("seed %d shows the key", seed)
		}
		if !slices.Equal(slices.Sorted(slices.Values(got)), qSteps.Options) {
			t.Fatalf("seed %d shows %v", seed, got)
		}
	}
}

func TestTwoStepsComeInEitherOrder(t *testing.T) {
	two := with(qSteps, func(q *course.Question) { q.Options, q.Key.Order = []string{"a", "b"}, []string{"b", "a"} })
	firsts := map[string]bool{}
	for seed := range uint64(50) {
		firsts[OptionOrder(two, &course.Quiz{}, seed)[0]] = true
	}
	if len(firsts) != 2 {
		t.Error("one order is never shown, which tells the key")
	}
}

func TestOptionsKeepTheirOrderUnlessTheQuizShufflesThem(t *testing.T) {
	shuffled := &course.Quiz{Shuffle: []string{"options"}}
	for _, c := range []struct {
		q     *course.Question
		moves bool
	}{{qMeans, true}, {qSigns, true}, {qWho, true}, {qTrue, false}, {qLines, false}, {gBefore, false}} {
		moved := false
		for seed := range uint64(50) {
			if !slices.Equal(OptionOrder(c.q, &course.Quiz{}, seed), c.q.Options) {
				t.Fatalf("%s moved though the quiz does not shuffle", c.q.ID)
			}
			moved = moved || !slices.Equal(OptionOrder(c.q, shuffled, seed), c.q.Options)
		}
		if moved != c.moves {
			t.Errorf("%s: moved %v", c.q.ID, moved)
		}
	}
	if got := ChoiceOrder(sDesk, "n1", &course.Quiz{}, 1); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("choices stand as %v", got)
	}
}

// If this fails, attempts that are under way would change under the learner.
func TestASeedMeansTheSameForEver(t *testing.T) {
	q := &course.Question{ID: "q-golden", Type: course.Multiple, Options: []string{"a", "b", "c", "d", "e", "f", "g", "h"},
		Targets: []string{"r1", "r2", "r3", "r4", "r5"}}
	quiz := &course.Quiz{ID: "m1-quiz", Shuffle: []string{"options", "questions"},
		Items: []course.Item{{Question: "v"}, {Draw: 3, Tags: []string{"m1"}}, {Question: "q5"}}}
	golden := fmt.Sprint(OptionOrder(q, quiz, 0), OptionOrder(q, quiz, 1<<63+7), TargetOrder(q, 42),
		OptionOrder(qSteps, quiz, 42), ChoiceOrder(sDesk, "n1", quiz, 3), ids(Draw(bank(), quiz, 42, map[string]int{"q1": 1})))
	const want = "[c b f e g d h a] [g f a c b h e d] [r5 r4 r1 r2 r3] [c d b a] [b a] [q5 q0 q4 q3 v v1 v2]"
	if golden != want {
		t.Errorf("got  %s\nwant %s", golden, want)
	}
}
