package assessment

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"havn/internal/course"
)

func TestThePassMarkIsComparedUnrounded(t *testing.T) {
	mark := func(share string, points float64) Mark {
		s, _ := new(big.Rat).SetString(share)
		return Mark{Share: s, Max: rat(points), Points: new(big.Rat).Mul(s, rat(points))}
	}
	for _, c := range []struct {
		name     string
		marks    []Mark
		passMark float64
		shown    int
		passed   bool
	}{
		{"four of five", []Mark{mark("1", 1), mark("1", 1), mark("1", 1), mark("1", 1), mark("0", 1)}, 80, 80, true},
		{"just under is not shown as reached", []Mark{mark("7999/10000", 1)}, 80, 79, false},
		{"three thirds are one", []Mark{mark("1/3", 1), mark("1/3", 1), mark("1/3", 1)}, 33.3333, 33, true},
		{"two thirds against 66.6", []Mark{mark("2/3", 1)}, 66.6, 66, true},
		{"two thirds against 66.7", []Mark{mark("2/3", 1)}, 66.7, 66, false},
		{"points weigh", []Mark{mark("1", 3), mark("0", 1)}, 75, 75, true},
		{"ten tenths", []Mark{mark("1", 0.1), mark("1", 0.2), mark("0", 0.7)}, 30, 30, true},
		{"everything", []Mark{mark("1", 1)}, 100, 100, true},
		{"nothing", []Mark{mark("0", 1)}, 0, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Total(c.marks)
			if r.Shown() != c.shown || r.Passed(c.passMark) != c.passed {
				t.Errorf("shown %d, passed %v (%s)", r.Shown(), r.Passed(c.passMark), r.Percent)
			}
		})
	}
}

func TestAQuizThatGradesNothingIsPassedByHandingItIn(t *testing.T) {
	for _, marks := range [][]Mark{nil, {Grade(rWork, text("x"), "en"), Grade(gBefore, nil, "en")}, {{}}} {
		if r := Total(marks); !r.Passed(100) || r.Shown() != 100 || r.Max.Sign() != 0 {
			t.Errorf("came to %s per cent", r.Percent)
		}
	}
}

func TestTheTotalDoesNotDependOnTheOrderOfQuestions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		marks := rapid.SliceOf(rapid.Custom(func(t *rapid.T) Mark {
			q := anyQuestion(t)
			return Grade(q, anyResponse(t, q), "en")
		})).Draw(t, "marks")
		a, b := Total(marks), Total(rapid.Permutation(marks).Draw(t, "permuted"))
		if a.Percent.Cmp(b.Percent) != 0 || a.Score.Cmp(b.Score) != 0 {
			t.Fatalf("%s and %s", a.Percent, b.Percent)
		}
		if a.Percent.Sign() < 0 || a.Percent.Cmp(big.NewRat(100, 1)) > 0 {
			t.Fatalf("%s per cent", a.Percent)
		}
	})
}

func TestAnAttemptOfTheFormatsOwnQuestions(t *testing.T) {
	// 1 + 1/2 + 2/3 + 0 of 4 points: 54 and a sixth per cent.
	r := Total([]Mark{
		Grade(qMeans, choice("a"), "en"), Grade(qSigns, choices("a"), "en"),
		Grade(qSteps, order("a", "c", "d", "b"), "en"), Grade(qDays, nil, "en"), Grade(cCase, nil, "en"),
	})
	if got := r.Percent.RatString(); got != "325/6" || r.Shown() != 54 || r.ScoreFloat() <= 2 || r.MaxFloat() != 4 {
		t.Errorf("%s, shown %d", got, r.Shown())
	}
	if q := with(qMeans, func(q *course.Question) { q.Points = 2 }); !Total([]Mark{Grade(q, choice("a"), "en"), Grade(qDays, nil, "en")}).Passed(66) {
		t.Error("two of three points are more than 66 per cent")
	}
}
