package assessment

import "math/big"

// Result is what a whole attempt came to.
type Result struct {
	Score   *big.Rat // Σ points × share
	Max     *big.Rat // Σ points
	Percent *big.Rat // 100 × Score ÷ Max, not rounded; 100 if there is nothing graded
}

// Total adds up the marks of all questions that an attempt asked, in any order,
// with those left unanswered among them. A quiz that grades nothing, such as one
// of self-ratings only, comes to 100 per cent: handing it in passes it.
func Total(marks []Mark) Result {
	r := Result{Score: new(big.Rat), Max: new(big.Rat), Percent: big.NewRat(100, 1)}
	for _, m := range marks {
		if m.Points != nil && m.Max != nil {
			r.Score.Add(r.Score, m.Points)
			r.Max.Add(r.Max, m.Max)
		}
	}
	if r.Max.Sign() > 0 {
		r.Percent.Mul(r.Percent, r.Score)
		r.Percent.Quo(r.Percent, r.Max)
	}
	return r
}

// Passed compares the unrounded percentage with the pass mark, in per cent of
// the points, 0…100: equal is passed.
func (r Result) Passed(passMark float64) bool {
	return r.Percent.Cmp(rat(passMark)) >= 0
}

// Shown is the percentage as people read it: rounded down to a whole number, so
// that 79.9 is never shown as 80.
func (r Result) Shown() int {
	return int(new(big.Int).Quo(r.Percent.Num(), r.Percent.Denom()).Int64())
}

// ScoreFloat is the points earned as the nearest float, for display.
func (r Result) ScoreFloat() float64 { return float(r.Score) }

// MaxFloat is the points that could be earned as the nearest float.
func (r Result) MaxFloat() float64 { return float(r.Max) }

// PercentFloat is the percentage as the nearest float. It must not be compared
// with a pass mark; use Passed.
func (r Result) PercentFloat() float64 { return float(r.Percent) }
