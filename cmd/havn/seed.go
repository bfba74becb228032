package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"havn/internal/seed"
)

type seedCmd struct {
	storeFlags
	Learners int       `default:"1000" help:"How many people."`
	Courses  int       `default:"3" help:"How many courses."`
	Seed     uint64    `default:"1" help:"The same seed gives the same people."`
	Until    time.Time `format:"2006-01-02" placeholder:"DAY" help:"Day on which the two years end that are made up; today where it is left out."`
	Add      bool      `help:"Put them into a store that holds people already."`
}

// Run fills the store with fictional people. The first administrator is made when
// the server starts, as ever.
func (c *seedCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	engine, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	if c.Until.IsZero() {
		c.Until = time.Now().UTC().Truncate(24 * time.Hour)
	}
	began := time.Now()
	n, err := seed.Fill(ctx, engine, seed.Plan{Learners: c.Learners, Courses: c.Courses, Seed: c.Seed, Until: c.Until, Add: c.Add}, func(people int) {
		fmt.Fprintf(os.Stderr, "%d people, %.0f s\n", people, time.Since(began).Seconds())
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d people in %d organisations, %d courses, %d assignments, %d enrolments, %d completions (%.0f s)\n",
		n.People, n.Organisations, n.Courses, n.Assignments, n.Enrolments, n.Completions, time.Since(began).Seconds())
	return nil
}
