package learning

// What reports tell of how long a course took and of what was gained stands in the
// enrolment in bands, so that the store counts it by an index. Bands sort as text in
// their order. "" is not known: not completed here, one attempt only, not rated twice.

// Band is a part of a scale.
type Band struct {
	Code     string
	From, To int // both within; of the last of days, To is 0: no end
}

// Days are the bands of how many days it took from beginning to completing. The
// first has those too who completed it elsewhere.
var Days = []Band{{"001", 0, 1}, {"007", 2, 7}, {"014", 8, 14}, {"030", 15, 30}, {"060", 31, 60}, {"090", 61, 90}, {"999", 91, 0}}

// Gains are the bands of how many points of a hundred the last attempt at a quiz is
// above the first, on average over the quizzes that were tried twice.
var Gains = []Band{{"a", -100, -5}, {"b", -4, 4}, {"c", 5, 19}, {"d", 20, 39}, {"e", 40, 100}}

// Unknown is the band of whom it is not known.
const Unknown = "-"

// RatedBands are how the self-rating after stands to the one before: lower, the
// same, higher.
var RatedBands = []string{"a", "b", "c"}

// took is the band of how long the course took.
func (e *Enrolment) took() string {
	if e.CompletedAt.IsZero() || e.EnrolledAt.IsZero() {
		return ""
	}
	return bandOf(Days, int(e.CompletedAt.Sub(e.EnrolledAt.Time).Hours()/24))
}

func bandOf(bands []Band, n int) string {
	for _, b := range bands[:len(bands)-1] {
		if n <= b.To {
			return b.Code
		}
	}
	return bands[len(bands)-1].Code
}

// gainOf is the band of what was gained.
func gainOf(quizzes map[string]Standing) string {
	sum, n := 0, 0
	for _, s := range quizzes {
		if s.Attempts > 1 {
			sum, n = sum+s.Last-s.First, n+1
		}
	}
	if n == 0 {
		return ""
	}
	return bandOf(Gains, sum/n)
}

// band is how the second rating stands to the first.
func (r *Ratings) band() string {
	switch {
	case r.After < r.Before:
		return RatedBands[0]
	case r.After == r.Before:
		return RatedBands[1]
	}
	return RatedBands[2]
}
