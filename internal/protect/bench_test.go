package protect_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"havn/internal/protect"
)

// BenchmarkNew works out what may be told of a course that many people have, in
// as many units as there are in the whole country, over two years.
func BenchmarkNew(b *testing.B) {
	for _, people := range []int{10_000, 60_000} {
		r := rand.New(rand.NewPCG(1, 2))
		cells := make([]protect.Cell, people)
		for i := range cells {
			unit := r.IntN(people / 50)
			cells[i] = protect.Cell{
				Place: fmt.Sprintf("/%d/%d/%d/", unit%6, unit%24, unit), State: protect.State(r.IntN(3)), N: 1,
				Language: []string{"en", "et", "sv", "uk", "ar"}[min(4, int(r.ExpFloat64()))], Profession: fmt.Sprint(min(10, int(2*r.ExpFloat64()))),
				Week: fmt.Sprintf("%d-W%02d", 2025+r.IntN(2), 1+r.IntN(52)),
			}
		}
		b.Run(fmt.Sprint(people), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				protect.New(cells)
			}
		})
	}
}
