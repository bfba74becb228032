// Command withmongod runs a command beside a MongoDB replica set that it starts
// and ends, so that the tests of all packages share one:
//
//	HAVN_TEST_MONGOD=path/to/mongod go run ./internal/store/storetest/withmongod go test ./...
//
// The command finds the address in HAVN_TEST_MONGO_URI. Its exit status is that
// of withmongod.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"havn/internal/store/storetest/mongod"
)

func main() {
	status, err := run(os.Getenv("HAVN_TEST_MONGOD"), os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "withmongod:", err)
	}
	os.Exit(status)
}

func run(binary string, command []string) (status int, err error) {
	if binary == "" || len(command) == 0 {
		return 2, errors.New("usage: HAVN_TEST_MONGOD=path/to/mongod withmongod command [argument ...]")
	}
	set, err := mongod.Start(binary, 1)
	if err != nil {
		return 1, err
	}
	c := exec.Command(command[0], command[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = append(os.Environ(), "HAVN_TEST_MONGO_URI="+set.URI)
	err = errors.Join(c.Run(), set.Stop())
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
