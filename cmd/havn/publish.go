package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
)

type publishCmd struct {
	storeFlags
	messageFlags
	serverFlags
	Dir   string   `arg:"" help:"A course folder."`
	Note  string   `help:"What changed, in words, for trainers."`
	Major []string `placeholder:"UNIT" help:"What says something else now: page:m1-rights#2, question:q-means …"`
	Minor []string `placeholder:"UNIT" help:"What says the same as before. Without all three, changes.yaml in the folder speaks."`
}

// Run publishes through the server that was named, else through the one that
// runs on the data folder, else straight into the store.
func (c *publishCmd) Run() error {
	name, files, err := readFolder(c.Dir)
	if err != nil {
		return err
	}
	if c.Server == "" && c.Store == "sqlite" {
		if d, ok := running(c.Data); ok {
			c.Server, c.Token = d.Address, d.Key
		}
	}
	if c.Server != "" {
		return c.send(name, files)
	}
	ctx := context.Background()
	engine, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	log, err := audit.Open(ctx, engine, time.Now)
	if err != nil {
		return err
	}
	l, err := library.Open(ctx, engine, log, time.Now)
	if err != nil {
		return err
	}
	p, problems, err := l.Publish(ctx, name, files, library.Author{Says: c.says()})
	said, sayErr := c.say(problems)
	if sayErr != nil {
		return sayErr
	}
	for _, x := range said {
		fmt.Println(x)
	}
	if fault.Is(err, "course-has-errors") {
		return errSilent
	}
	if err != nil {
		return err
	}
	fmt.Printf("%s is published as version %d\n", p.Course.Slug, p.Version)
	return nil
}

// says is what the flags say of the changes, nil nothing.
func (c *publishCmd) says() *course.Notes {
	if c.Note == "" && len(c.Major) == 0 && len(c.Minor) == 0 {
		return nil
	}
	return &course.Notes{Note: c.Note, Major: c.Major, Minor: c.Minor}
}

func (c *publishCmd) send(name string, files course.Files) error {
	zipped, err := library.Pack(files)
	if err != nil {
		return err
	}
	path := "/courses/" + name + "/publications"
	if says := c.says(); says != nil {
		path += "?" + url.Values{"note": {says.Note}, "major": says.Major, "minor": says.Minor}.Encode()
	}
	body, _, err := c.ask(http.MethodPost, path, c.Messages, zip(zipped))
	if err != nil {
		return err
	}
	var done struct {
		Course   string
		Version  int
		Problems course.Problems
	}
	if err := json.Unmarshal(body, &done); err != nil {
		return err
	}
	for _, p := range done.Problems {
		fmt.Println(p)
	}
	fmt.Printf("%s is published as version %d\n", done.Course, done.Version)
	return nil
}
