package mongod

import (
	"os"
	"testing"
)

// Standalone starts a server that is no member of a replica set, for as long as
// the test runs, and returns its address.
func Standalone(t testing.TB) string {
	t.Helper()
	binary := os.Getenv(envBinary)
	if binary == "" {
		missing(t)
	}
	s := &Set{binary: binary, dir: t.TempDir()}
	m := &member{}
	var err error
	if m.address, err = freeAddress(); err != nil {
		t.Fatal(err)
	}
	if err := s.run(m, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.kill(m) })
	return m.address
}
