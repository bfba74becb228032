package assessment

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"havn/internal/course"
)

// Every share here was computed by hand from course-format 1, Scores.
func TestGradeFollowsTheScoresOfTheFormat(t *testing.T) {
	none := func(q *course.Question) *course.Question { return partial(q, "none") }
	weighted := with(qSigns, func(q *course.Question) {
		q.Partial, q.Weights = "weights", map[string]float64{"a": 0.7, "b": -0.2, "c": 0.3, "d": -1}
	})
	half := with(qDays, func(q *course.Question) { q.Key.Number, q.Tolerance = 0.3, 0.1 })
	oneStep := with(qSteps, func(q *course.Question) {
		q.Options, q.Key.Order = []string{"a"}, []string{"a"}
	})
	for _, c := range []struct {
		name  string
		q     *course.Question
		r     *Response
		share string
	}{
		{"single, the key", qMeans, choice("a"), "1"},
		{"single, another", qMeans, choice("b"), "0"},
		{"single, unanswered", qMeans, nil, "0"},
		{"true-false, the key", qTrue, choice("false"), "1"},
		{"true-false, the other", qTrue, choice("true"), "0"},
		{"multiple none, the key in another order", none(qSigns), choices("c", "a"), "1"},
		{"multiple none, one of two", none(qSigns), choices("a"), "0"},
		{"multiple none, one too many", none(qSigns), choices("a", "c", "d"), "0"},
		{"multiple by default is none", partial(qSigns, ""), choices("a"), "0"},
		{"multiple per-option, one of two", qSigns, choices("a"), "1/2"},
		{"multiple per-option, two right and one wrong", qSigns, choices("a", "b", "c"), "1/2"},
		{"multiple per-option, one right and one wrong", qSigns, choices("a", "b"), "0"},
		{"multiple per-option, more wrong than right", qSigns, choices("a", "b", "d"), "0"},
		{"multiple per-option, everything chosen", qSigns, choices("a", "b", "c", "d"), "0"},
		{"multiple per-option, nothing chosen", qSigns, choices(), "0"},
		{"multiple per-option, the same twice counts once", qSigns, choices("a", "a"), "1/2"},
		{"multiple weights, the key", weighted, choices("a", "c"), "1"},
		{"multiple weights, a sum of decimals is exact", weighted, choices("a", "b", "c"), "4/5"},
		{"multiple weights, not under nought", weighted, choices("d", "c"), "0"},
		{"multiple weights, not over one", with(weighted, func(q *course.Question) { q.Weights = map[string]float64{"a": 1, "c": 1} }),
			choices("a", "c"), "1"},
		{"single weights, the key", qFirst, choice("a"), "1"},
		{"single weights, half right", qFirst, choice("c"), "1/2"},
		{"single weights, an absent weight", qFirst, choice("b"), "0"},
		{"ordering longest, the key", qSteps, order("c", "a", "d", "b"), "1"},
		{"ordering longest, one moved", qSteps, order("a", "c", "d", "b"), "2/3"}, // c d b
		{"ordering longest, two kept", qSteps, order("a", "b", "c", "d"), "1/3"},  // a b
		{"ordering longest, reversed", qSteps, order("b", "d", "a", "c"), "0"},
		{"ordering none, the key", none(qSteps), order("c", "a", "d", "b"), "1"},
		{"ordering none, one moved", none(qSteps), order("a", "c", "d", "b"), "0"},
		{"ordering longest of one option", oneStep, order("a"), "1"},
		{"matching per-pair, all", qWho, pairs(map[string]string{"l1": "r2", "l2": "r1"}), "1"},
		{"matching per-pair, one", qWho, pairs(map[string]string{"l1": "r2", "l2": "r3"}), "1/2"},
		{"matching per-pair, one still open", qWho, pairs(map[string]string{"l2": "r1"}), "1/2"},
		{"matching per-pair, one target for both", qWho, pairs(map[string]string{"l1": "r1", "l2": "r1"}), "1/2"},
		{"matching none, one", none(qWho), pairs(map[string]string{"l1": "r2"}), "0"},
		{"matching none, all", none(qWho), pairs(map[string]string{"l1": "r2", "l2": "r1"}), "1"},
		{"matching, nothing", qWho, pairs(nil), "0"},
		{"numeric, the key", qDays, number(15), "1"},
		{"numeric, beside it", qDays, number(15.000001), "0"},
		{"numeric, at the edge of the tolerance", half, number(0.4), "1"}, // 0.4−0.3 > 0.1 in floats
		{"numeric, at its lower edge", half, number(0.2), "1"},
		{"numeric, over the edge", half, number(0.41), "0"},
		{"numeric, nought is an answer", with(qDays, func(q *course.Question) { q.Key.Number = 0 }), number(0), "1"},
		{"numeric, no answer is not nought", with(qDays, func(q *course.Question) { q.Key.Number = 0 }), nil, "0"},
		{"date, the key", qLast, date("2026-09-22"), "1"},
		{"date, a day late", qLast, date("2026-09-23"), "0"},
		{"text, accepted", qTerm, text("legal guardian"), "1"},
		{"text, not accepted", qTerm, text("teacher"), "0"},
		{"text, empty", qTerm, text("  "), "0"},
		{"hotspot, both lines", qLines, choices("l4", "l2"), "1"},
		{"hotspot, a line too many", qLines, choices("l2", "l3", "l4"), "1/2"},
		{"scenario, the best path", sDesk, path("n1:a", "n2:a"), "1"},
		{"scenario, half way and delayed", sDesk, path("n1:a", "n2:b"), "1/2"},
		{"scenario, harmful at once", sDesk, path("n1:b"), "0"},
		{"scenario, not come to an end", sDesk, path("n1:a"), "0"},
		{"scenario, no walk at all", sDesk, path("n2:a"), "0"},
		{"an answer in another type's field", qMeans, choices("a"), "0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := Grade(c.q, c.r, "en")
			if got := m.Share.RatString(); got != c.share {
				t.Errorf("share %s, want %s", got, c.share)
			}
			if m.Points.Cmp(m.Share) != 0 || m.Max.Cmp(one) != 0 {
				t.Errorf("points %s of %s", m.Points, m.Max)
			}
		})
	}
}

func TestWhatIsNotGradedHasNoPoints(t *testing.T) {
	for _, c := range []struct {
		q *course.Question
		r *Response
	}{{rWork, text("a thought")}, {cCase, nil}, {gBefore, rating(4)}} {
		q := with(c.q, func(q *course.Question) { q.Points = 1 })
		if m := Grade(q, c.r, "en"); m.Max.Sign() != 0 || m.Points.Sign() != 0 || m.Correct() {
			t.Errorf("%s earned %s of %s", q.Type, m.Points, m.Max)
		}
	}
}

func TestPointsAreTakenAsWritten(t *testing.T) {
	q := with(qSigns, func(q *course.Question) { q.Points = 0.1 })
	m := Grade(q, choices("a"), "en")
	if got := m.Points.RatString(); got != "1/20" {
		t.Errorf("half of 0.1 is %s", got)
	}
	if m.MaxFloat() != 0.1 || m.PointsFloat() != 0.05 || m.ShareFloat() != 0.5 {
		t.Errorf("floats: %v %v %v", m.MaxFloat(), m.PointsFloat(), m.ShareFloat())
	}
}

func TestALearnerIsToldWhichPartsWereRight(t *testing.T) {
	for _, c := range []struct {
		name string
		q    *course.Question
		r    *Response
		want []Part
	}{
		{"single", qMeans, choice("b"), []Part{{"a", Missed}, {"b", Wrong}}},
		{"single, half right", qFirst, choice("c"), []Part{{"a", Missed}, {"c", Partly}}},
		{"multiple", qSigns, choices("b", "a"), []Part{{"a", Right}, {"b", Wrong}, {"c", Missed}}},
		{"multiple, unanswered", qSigns, nil, []Part{{"a", Missed}, {"c", Missed}}},
		{"ordering", qSteps, order("a", "c", "d", "b"),
			[]Part{{"a", Right}, {"b", Right}, {"c", Wrong}, {"d", Right}}},
		{"matching", qWho, pairs(map[string]string{"l1": "r3"}), []Part{{"l1", Wrong}, {"l2", Missed}}},
		{"hotspot", qLines, choices("l2"), []Part{{"l2", Right}, {"l4", Missed}}},
		{"scenario", sDesk, path("n1:a", "n2:b"), []Part{{"n1:a", Right}, {"n2:b", Wrong}}},
		{"date has no parts", qLast, date("2026-09-22"), nil},
	} {
		if diff := cmp.Diff(c.want, Grade(c.q, c.r, "en").Parts); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestTextIsComparedAsPeopleWriteIt(t *testing.T) {
	q := with(qTerm, func(q *course.Question) {
		q.Accept = map[string][]string{"en": {"Legal Guardian", "café"}, "de": {"Straße"}, "ar": {"وصي"}, "et": {"eestkostja"}}
	})
	for _, c := range []struct {
		name, lang, answer string
		want               bool
	}{
		{"capitals", "en", "LEGAL GUARDIAN", true},
		{"space around and between", "en", " \tlegal \u00a0\n guardian ", true},
		{"full-width letters", "en", "ｌｅｇａｌ　ｇｕａｒｄｉａｎ", true},
		{"a ligature", "en", "cafe\u0301", true},
		{"no accent is another word", "en", "cafe", false},
		{"full folding", "de", "STRASSE", true},
		{"presentation forms of Arabic", "ar", "\ufeed\ufebb\ufef2", true},
		{"only the language answered in", "en", "eestkostja", false},
		{"its own list", "et", "Eestkostja", true},
		{"any list where the language has none", "fi", "eestkostja", true},
		{"punctuation counts", "en", "legal guardian.", false},
	} {
		if got := Grade(q, text(c.answer), c.lang).Correct(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestAScenarioIsMeasuredByItsBestPathToAnEnd(t *testing.T) {
	q := with(sDesk, func(q *course.Question) {
		q.Nodes = map[string]course.Node{
			// The way with the most points has no end, and must not be the measure.
			"n1": {Choices: map[string]string{"a": "n2", "b": "n3", "c": "trap"}, Points: map[string]float64{"a": 1, "b": 2, "c": 9}},
			"n2": {Choices: map[string]string{"a": "e"}, Points: map[string]float64{"a": 3}},
			"n3": {Choices: map[string]string{"a": "e"}, Points: map[string]float64{"a": -1}},
			"e":  {End: "safe"}, "trap": {},
		}
	})
	for _, c := range []struct {
		r     *Response
		share string
		parts []Part
	}{
		{path("n1:a", "n2:a"), "1", []Part{{"n1:a", Right}, {"n2:a", Right}}},
		{path("n1:b", "n3:a"), "1/4", []Part{{"n1:b", Partly}, {"n3:a", Right}}},
		{path("n1:c"), "0", []Part{{"n1:c", Partly}}},
	} {
		m := Grade(q, c.r, "en")
		if m.Share.RatString() != c.share || !cmp.Equal(m.Parts, c.parts) {
			t.Errorf("%v: %s %v", *c.r.Path, m.Share.RatString(), m.Parts)
		}
	}
	loop := with(sDesk, func(q *course.Question) {
		q.Nodes = map[string]course.Node{"n1": {Choices: map[string]string{"a": "n1", "b": "e"},
			Points: map[string]float64{"a": 1, "b": 1}}, "e": {End: "safe"}}
	})
	if m := Grade(loop, path("n1:a", "n1:b"), "en"); m.Share.Cmp(one) != 0 {
		t.Errorf("going in a circle earned %s", m.Share)
	}
}

func TestTheKeyAlwaysEarnsEverything(t *testing.T) {
	for _, q := range all {
		if q.Type.Graded() && !Grade(q, key(q), "en").Correct() {
			t.Errorf("%s: the key earns less than all", q.ID)
		}
	}
}

// anyQuestion is a well-formed multiple, hotspot, ordering or matching question.
func anyQuestion(t *rapid.T) *course.Question {
	ids := []string{"a", "b", "c", "d", "e", "f"}[:rapid.IntRange(1, 6).Draw(t, "options")]
	q := &course.Question{ID: "q", Options: ids, Points: rapid.Float64Range(0.1, 10).Draw(t, "points")}
	switch rapid.IntRange(0, 2).Draw(t, "type") {
	case 0:
		q.Type = rapid.SampledFrom([]course.Type{course.Multiple, course.Hotspot}).Draw(t, "type")
		q.Partial = rapid.SampledFrom([]string{"none", "per-option"}).Draw(t, "partial")
		q.Key.Choices = ids[:rapid.IntRange(1, len(ids)).Draw(t, "key")]
	case 1:
		q.Type = course.Ordering
		q.Partial = rapid.SampledFrom([]string{"none", "longest"}).Draw(t, "partial")
		q.Key.Order = rapid.Permutation(ids).Draw(t, "key")
	default:
		q.Type, q.Targets = course.Matching, []string{"r1", "r2", "r3"}
		q.Partial = rapid.SampledFrom([]string{"none", "per-pair"}).Draw(t, "partial")
		q.Key.Pairs = map[string]string{}
		for _, id := range ids {
			q.Key.Pairs[id] = rapid.SampledFrom(q.Targets).Draw(t, "target")
		}
	}
	return q
}

func anyResponse(t *rapid.T, q *course.Question) *Response {
	switch q.Type {
	case course.Ordering:
		return order(rapid.Permutation(q.Options).Draw(t, "order")...)
	case course.Matching:
		return pairs(rapid.MapOf(rapid.SampledFrom(q.Options), rapid.SampledFrom(q.Targets)).Draw(t, "pairs"))
	}
	return choices(rapid.SliceOfDistinct(rapid.SampledFrom(q.Options), rapid.ID[string]).Draw(t, "choices")...)
}

func TestAShareIsNeverUnderNoughtNorOverOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestion(t)
		r := anyResponse(t, q)
		if err := Validate(q, *r); err != nil {
			t.Fatal(err)
		}
		m := Grade(q, r, "en")
		if m.Share.Sign() < 0 || m.Share.Cmp(one) > 0 {
			t.Fatalf("share %s", m.Share)
		}
		if again := Grade(q, r, "en"); !cmp.Equal(m, again, rats) {
			t.Fatal("graded differently the second time")
		}
		if !Grade(q, key(q), "en").Correct() {
			t.Fatal("the key earned less than all")
		}
	})
}

func TestTheOrderOfChoicesNeverMatters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestion(t)
		q.Type, q.Partial, q.Key.Choices = course.Multiple, "per-option", q.Options[:1]
		r := anyResponse(t, q)
		other := choices(rapid.Permutation(*r.Choices).Draw(t, "again")...)
		if !cmp.Equal(Grade(q, r, "en"), Grade(q, other, "en"), rats) {
			t.Fatal("the same choices in another order were graded differently")
		}
	})
}

func TestChoosingEverythingDoesNotPay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := anyQuestion(t)
		q.Type, q.Partial, q.Key.Choices = course.Multiple, "per-option", q.Options[:rapid.IntRange(1, len(q.Options)).Draw(t, "key")]
		k, n := len(q.Key.Choices), len(q.Options)
		want := big.NewRat(int64(max(0, 2*k-n)), int64(k)) // k right, n−k wrong
		if got := Grade(q, choices(q.Options...), "en").Share; got.Cmp(want) != 0 {
			t.Fatalf("share %s, want %s", got, want)
		}
	})
}

// An independent reading of "longest subsequence in the key's order": try all.
func TestTheLongestSubsequenceIsReallyTheLongest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := []string{"a", "b", "c", "d", "e", "f", "g"}[:rapid.IntRange(2, 7).Draw(t, "options")]
		key := rapid.Permutation(ids).Draw(t, "key")
		given := rapid.Permutation(ids).Draw(t, "given")
		most := 0
		for set := range 1 << len(ids) {
			var places []int
			for i, id := range given {
				if set&(1<<i) != 0 {
					places = append(places, slices.Index(key, id))
				}
			}
			if slices.IsSorted(places) {
				most = max(most, len(places))
			}
		}
		if got := longest(given, key); len(got) != most {
			t.Fatalf("found %v, but there is one of %d", got, most)
		}
	})
}

func TestGradingAnyResponseToAnyQuestionDoesNotPanic(t *testing.T) {
	odd := []*Response{nil, {}, choice("zz"), choices("zz", "zz"), order("zz"), order("c"), pairs(map[string]string{"zz": "zz"}),
		number(math.NaN()), number(math.Inf(1)), number(math.MaxFloat64), date("x"), text("\xff"), path("zz", ":"), rating(-1)}
	for _, q := range append(all, &course.Question{}, &course.Question{Type: course.Scenario}, &course.Question{Type: course.Matching}) {
		for _, r := range odd {
			if m := Grade(q, r, ""); m.Share.Sign() < 0 || m.Share.Cmp(one) > 0 {
				t.Errorf("%s: share %s", q.ID, m.Share)
			}
		}
	}
}

var rats = cmp.Comparer(func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })

func BenchmarkGrade(b *testing.B) {
	for _, q := range all {
		if !q.Type.Graded() {
			continue
		}
		b.Run(string(q.Type)+"/"+q.ID, func(b *testing.B) {
			r := key(q)
			b.ReportAllocs()
			for b.Loop() {
				Grade(q, r, "en")
			}
		})
	}
}

func TestATextMayTellCapitalsAndTakeAStarForAnything(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		match    []string
		accepted string
		right    []string
		wrong    []string
	}{
		{nil, "guard*n", []string{"guard*n", "GUARD*N"}, []string{"guardian"}},
		{[]string{"capitals"}, "EU  law", []string{"EU law", " EU law"}, []string{"eu law", "EU Law"}},
		{[]string{"wildcards"}, "guardian*", []string{"guardian", "Guardianship", "guardian ad litem"}, []string{"a guardian", "guard"}},
		{[]string{"wildcards"}, "*best*interests*", []string{"the best interests", "best of interests of the child"}, []string{"interests best", ""}},
		{[]string{"wildcards"}, "a*a", []string{"aa", "aba"}, []string{"a"}},
		{[]string{"wildcards"}, `5\*3`, []string{"5*3"}, []string{"5 times 3", "5\\*3"}},
		{[]string{"wildcards", "capitals"}, "Eurodac*", []string{"Eurodac", "Eurodac II"}, []string{"eurodac"}},
	} {
		q := with(qTerm, func(q *course.Question) {
			q.Match, q.Accept = x.match, map[string][]string{"en": {"nothing of it", x.accepted}}
		})
		for share, answers := range map[string][]string{"1": x.right, "0": x.wrong} {
			for _, a := range answers {
				if got := Grade(q, text(a), "en").Share.RatString(); got != share {
					t.Errorf("%v %q: %q earns %s instead of %s", x.match, x.accepted, a, got, share)
				}
			}
		}
	}
}

func TestAnAnswerBesideTheKeyEarnsItsShare(t *testing.T) {
	t.Parallel()
	word := with(qTerm, func(q *course.Question) {
		q.Also = []course.Also{{Lang: "en", Text: "caretaker", Share: 0.5}, {Lang: "et", Text: "hooldaja", Share: 0.25}, {Lang: "en", Text: "guardian", Share: 0.1}}
	})
	days := with(qDays, func(q *course.Question) {
		q.Also = []course.Also{{Number: q.Key.Number, Tolerance: 5, Share: 0.3}, {Number: q.Key.Number, Tolerance: 2, Share: 0.5}, {Number: 100, Share: 1}}
	})
	for _, x := range []struct {
		q    *course.Question
		r    *Response
		lang string
		want string
	}{
		{word, text("Caretaker"), "en", "1/2"}, {word, text("hooldaja"), "en", "0"}, {word, text("hooldaja"), "et", "1/4"},
		{word, text("hooldaja"), "fi", "1/4"}, {word, text("guardian"), "en", "1"}, {word, text("nobody"), "en", "0"}, {word, text(""), "en", "0"},
		{days, number(days.Key.Number), "en", "1"}, {days, number(days.Key.Number + 2), "en", "1/2"}, {days, number(days.Key.Number - 5), "en", "3/10"},
		{days, number(100), "en", "1"}, {days, number(99), "en", "0"}, {days, nil, "en", "0"},
	} {
		if got := Grade(x.q, x.r, x.lang).Share.RatString(); got != x.want {
			t.Errorf("%+v in %s earns %s instead of %s", x.r, x.lang, got, x.want)
		}
	}
}
