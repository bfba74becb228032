package protect_test

import "math"

// extreme is the least value of c·x over all x ≥ 0 with Ax = b, by the simplex
// method in two phases with Bland's rule (Bland 1977). There has to be such an x.
func extreme(a [][]float64, b, c []float64) float64 {
	const eps = 1e-7
	m, n := len(a), len(c)
	t := make([][]float64, m) // n columns, m artificial ones, the right side
	basis := make([]int, m)
	for i := range a {
		t[i] = make([]float64, n+m+1)
		sign := 1.0
		if b[i] < 0 {
			sign = -1
		}
		for j, v := range a[i] {
			t[i][j] = sign * v
		}
		t[i][n+i], t[i][n+m], basis[i] = 1, sign*b[i], n+i
	}
	run := func(cost []float64, columns int) float64 {
		z := make([]float64, n+m+1) // reduced costs
		copy(z, cost)
		for i, k := range basis {
			if f := z[k]; f != 0 {
				for j := range z {
					z[j] -= f * t[i][j]
				}
			}
		}
		for {
			in := -1
			for j := range columns {
				if z[j] < -eps {
					in = j
					break
				}
			}
			if in < 0 {
				return -z[n+m]
			}
			out, ratio := -1, math.Inf(1)
			for i := range t {
				if t[i][in] > eps {
					if r := t[i][n+m] / t[i][in]; r < ratio-eps || r < ratio+eps && (out < 0 || basis[i] < basis[out]) {
						out, ratio = i, r
					}
				}
			}
			if out < 0 {
				return math.Inf(-1)
			}
			pivot(t, z, out, in)
			basis[out] = in
		}
	}
	first := make([]float64, n+m+1)
	for j := n; j < n+m; j++ {
		first[j] = 1
	}
	run(first, n+m)
	for i, k := range basis { // artificial variables that stayed at 0
		if k >= n {
			for j := range n {
				if math.Abs(t[i][j]) > eps {
					pivot(t, make([]float64, n+m+1), i, j)
					basis[i] = j
					break
				}
			}
		}
	}
	second := make([]float64, n+m+1)
	copy(second, c)
	return run(second, n)
}

func pivot(t [][]float64, z []float64, row, column int) {
	f := t[row][column]
	for j := range t[row] {
		t[row][j] /= f
	}
	for i := range t {
		if g := t[i][column]; i != row && g != 0 {
			for j := range t[i] {
				t[i][j] -= g * t[row][j]
			}
		}
	}
	if g := z[column]; g != 0 {
		for j := range z {
			z[j] -= g * t[row][j]
		}
	}
}
