package bank

import (
	"math/big"
	"strings"
)

// decimal is a number as it was written, so that 0.1 stays one tenth.
type decimal = big.Rat

// parseDecimal reads a number that a course can hold: with a point or a comma
// before its decimals, perhaps with an exponent, up to ±1e12.
func parseDecimal(s string) (*decimal, bool) {
	s = strings.TrimSpace(s)
	if strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	if s == "" || len(s) > 40 || strings.ContainsAny(s, "/_xXpPbBoO") {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(s), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 2 {
		return nil, false
	}
	r, ok := new(big.Rat).SetString(s)
	if !ok || new(big.Rat).Abs(r).Cmp(big.NewRat(1e12, 1)) > 0 {
		return nil, false
	}
	return r, true
}

// plain writes a number with as many decimals as it needs, 15 at most.
func plain(r *decimal) string {
	s := r.FloatString(15)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	if s == "-0" {
		return "0"
	}
	return s
}
