//go:build race

package roster_test

func init() { slow = 10 }
