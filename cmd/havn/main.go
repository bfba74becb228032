// Command havn serves training courses, and does what goes with them from the
// command line. Without a command it serves.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/alecthomas/kong"
)

// version is set by the release build.
var version = "dev"

// cli is every command; what a command needs stands with it, as flag and as
// environment variable.
type cli struct {
	Serve     serveCmd     `cmd:"" default:"withargs" help:"Serve the courses (the default)."`
	Check     checkCmd     `cmd:"" help:"Check course folders; exit 1 if one has errors."`
	Publish   publishCmd   `cmd:"" help:"Publish a course folder, on a running server or into the store."`
	Translate translateCmd `cmd:"" help:"Keep translations.lock, and exchange files with translators."`
	Course    courseCmd    `cmd:"" help:"Keep a course folder and the draft that trainers work on in step."`
	Questions questionsCmd `cmd:"" help:"Take question banks over, and give them back."`
	Verify    verifyCmd    `cmd:"" help:"Check a certificate's credential without a server; exit 1 if it does not hold, 3 if it was revoked."`
	Keys      keysCmd      `cmd:"" help:"The keys that sign certificates."`
	Health    healthCmd    `cmd:"" help:"Ask the server on this machine whether it is ready; exit 1 if not."`
	Bench     benchCmd     `cmd:"" help:"Send a class of learners through a course and measure."`
	Seed      seedCmd      `cmd:"" help:"Fill an empty store with fictional people and their learning."`
	Version   versionCmd   `cmd:"" help:"Print the version."`
}

type versionCmd struct{}

func (versionCmd) Run() error {
	_, err := fmt.Println("havn " + version)
	return err
}

func main() { os.Exit(run(os.Args[1:])) }

// run is main without the process, so that scripts can test the command line.
func run(args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("havn"), kong.UsageOnError(),
		kong.Description("Training for those who meet children on the move."))
	if err != nil {
		fmt.Fprintln(os.Stderr, "havn:", err)
		return 2
	}
	ctx, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(os.Stderr, "havn:", err)
		return 2
	}
	if err := ctx.Run(); err != nil {
		if !errors.Is(err, errSilent) {
			fmt.Fprintln(os.Stderr, "havn:", err)
		}
		if code := exitCode(0); errors.As(err, &code) {
			return int(code)
		}
		return 1
	}
	return 0
}
