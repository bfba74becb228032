package memory_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"havn/internal/memory"
)

func TestTheSameTextComesFirstAndWhatIsMuchLikeItBehind(t *testing.T) {
	t.Parallel()
	var m memory.Memory
	for source, target := range map[string]string{
		"The child has the right to be heard.":            "Lapsel on õigus olla ära kuulatud.",
		"The child has the right to a guardian.":          "Lapsel on õigus eestkostjale.",
		"Call the helpline at any hour of the day.":       "Helistage abitelefonile igal ajal.",
		"The child has the right to be heard in a court.": "Lapsel on õigus olla kohtus ära kuulatud.",
		"Nothing like it at all stands here today, no.":   "Muu.",
	} {
		m.Add(memory.Entry{Source: source, Target: target, From: "c"})
	}
	var got []string
	for _, f := range m.Find("the  child has the right\nto be heard.", 3) {
		got = append(got, fmt.Sprintf("%.2f %s", f.Alike, f.Target))
	}
	want := []string{
		"1.00 Lapsel on õigus olla ära kuulatud.",
		"0.75 Lapsel on õigus eestkostjale.", // two of eight words
		"0.64 Lapsel on õigus olla kohtus ära kuulatud.",
	}
	want[2] = fmt.Sprintf("%.2f Lapsel on õigus olla kohtus ära kuulatud.", 1-4.0/11)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := m.Find("…", 3); got != nil {
		t.Error(got)
	}
}

// Whatever texts there are: likeness is that of the definition, the same whichever
// of two texts is looked for, and nothing is told twice.
func TestLikenessIsThatOfItsDefinition(t *testing.T) {
	t.Parallel()
	text := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), 1, 9), func(w []string) string { return strings.Join(w, " ") })
	rapid.Check(t, func(rt *rapid.T) {
		a, b := text.Draw(rt, "a"), text.Draw(rt, "b")
		find := func(from, to string) float64 {
			var m memory.Memory
			m.Add(memory.Entry{Source: from, Target: "x"})
			m.Add(memory.Entry{Source: from, Target: "x"})
			if found := m.Find(to, 9); len(found) == 1 {
				return found[0].Alike
			} else if len(found) > 1 {
				rt.Fatal("told twice")
			}
			return 0
		}
		x, y := strings.Fields(a), strings.Fields(b)
		want := 1 - float64(distance(x, y))/float64(max(len(x), len(y)))
		if want < memory.Least {
			want = 0
		}
		if one, other := find(a, b), find(b, a); math.Abs(one-want) > 1e-9 || math.Abs(other-want) > 1e-9 {
			rt.Errorf("%q and %q: %v, %v, not %v", a, b, one, other, want)
		}
	})
}

// distance as it is defined.
func distance(a, b []string) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	case a[0] == b[0]:
		return distance(a[1:], b[1:])
	}
	return 1 + min(distance(a[1:], b), distance(a, b[1:]), distance(a[1:], b[1:]))
}

func TestTermsOfTheGlossaryAreFoundInAText(t *testing.T) {
	t.Parallel()
	glossary := []memory.Term{{"guardian", "guardian", "eestkostja"}, {"legal", "legal guardian", "seaduslik eestkostja"}, {"border", "border", "piir"}, {"best", "best interests", ""}}
	for text, want := range map[string][]string{
		"A legal guardian decides.":                    {"legal"},
		"Guardians are told; at the border too.":       {"guardian", "border"},
		"**Best interests** of [a guardian](term:x).":  {"best", "guardian"},
		"Borderline guardianship":                      nil,
		"It is legal; the guardian's name is written.": {"guardian"},
	} {
		var got []string
		for _, term := range memory.Terms(glossary, text) {
			got = append(got, term.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", text, diff)
		}
	}
}

// BenchmarkFind looks for a paragraph in a memory that is full of ones alike, the
// dearest there is.
func BenchmarkFind(b *testing.B) {
	var m memory.Memory
	words := strings.Fields(strings.Repeat("the child has a right to be heard by somebody who listens ", 10))
	for i := range memory.MaxEntries {
		w := append([]string{}, words...)
		w[i%len(w)] = fmt.Sprint(i)
		m.Add(memory.Entry{Source: strings.Join(w, " "), Target: fmt.Sprint(i)})
	}
	text := strings.Join(words, " ") + " again"
	for b.Loop() {
		m.Find(text, 3)
	}
}
