// Package mongod gives tests a real MongoDB.
//
// Two variables of the environment say where it comes from:
//
//   - HAVN_TEST_MONGOD is the path of a mongod binary (4.0 or later). Each test
//     binary starts it as a replica set on free ports of the loopback, and it
//     ends with the test binary, however that ends.
//   - HAVN_TEST_MONGO_URI is the address of a replica set that runs already, so
//     that all packages share one. `go run ./internal/store/storetest/withmongod
//     go test ./...` starts one, sets the variable, and ends it afterwards.
//     Tests that kill servers still start their own, from HAVN_TEST_MONGOD, and
//     are skipped if there is only the address.
//
// Without either all are skipped, with a sentence; if CI is true they fail,
// since nobody reads what was skipped there.
package mongod

import (
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

const (
	envBinary = "HAVN_TEST_MONGOD"
	envURI    = "HAVN_TEST_MONGO_URI"
)

var (
	mu   sync.Mutex
	sets = map[int]*Set{} // by number of members
)

// URI returns an address with the name of a database that nobody else uses, on
// the server that all packages share or else on a set of this test binary with
// so many members.
func URI(t testing.TB, members int) string {
	t.Helper()
	if uri := os.Getenv(envURI); uri != "" {
		return withDatabase(t, uri)
	}
	return Own(t, members).NewDatabase(t)
}

// Own returns a replica set that belongs to this test binary, so that its
// members may be killed. It is started once for each number of members.
func Own(t testing.TB, members int) *Set {
	t.Helper()
	binary := os.Getenv(envBinary)
	if binary == "" {
		missing(t)
	}
	mu.Lock()
	defer mu.Unlock()
	if sets[members] == nil {
		set, err := Start(binary, members)
		if err != nil {
			t.Fatalf("starting mongod: %v", err)
		}
		sets[members] = set
	}
	return sets[members]
}

func missing(t testing.TB) {
	t.Helper()
	const help = "MongoDB is not tested: set " + envBinary + " to the path of a mongod binary, or " + envURI + " to the address of a replica set"
	if os.Getenv(envURI) != "" {
		t.Skip("this test needs servers that it may kill: set " + envBinary + " to the path of a mongod binary")
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(help)
	}
	t.Skip(help)
}

// NewDatabase returns the address of a set with a database that nobody uses.
func (s *Set) NewDatabase(t testing.TB) string { return withDatabase(t, s.URI) }

func withDatabase(t testing.TB, uri string) string {
	t.Helper()
	// Several hosts with commas are no URL to net/url, so only the path and the
	// query are taken apart.
	scheme, rest, _ := strings.Cut(uri, "://")
	rest, query, _ := strings.Cut(rest, "?")
	hosts, database, _ := strings.Cut(rest, "/")
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatalf("%s: %v", envURI, err)
	}
	if strings.Contains(hosts, "@") && values.Get("authSource") == "" {
		if database == "" {
			database = "admin"
		}
		values.Set("authSource", database)
	}
	if values.Get("timeoutMS") == "" {
		// The suite makes and drops many databases; on a slow disk that stalls all
		// others for longer than a program would wait in life.
		values.Set("timeoutMS", "60000")
	}
	return scheme + "://" + hosts + "/havn_test_" + strings.ToLower(rand.Text()[:12]) + "?" + values.Encode()
}
