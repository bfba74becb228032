package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"havn/internal/api"
	"havn/internal/audit"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
)

type publishCmd struct {
	storeFlags
	messageFlags
	Dir    string   `arg:"" help:"A course folder."`
	Note   string   `help:"What changed, in words, for trainers."`
	Major  []string `placeholder:"UNIT" help:"What says something else now: page:m1-rights#2, question:q-means …"`
	Minor  []string `placeholder:"UNIT" help:"What says the same as before. Without all three, changes.yaml in the folder speaks."`
	Server string   `env:"HAVN_SERVER" help:"Address of a running server elsewhere."`
	Token  string   `env:"HAVN_TOKEN" help:"Token of a trainer there."`
}

// Run publishes through the server that was named, else through the one that
// runs on the data folder, else straight into the store.
func (c *publishCmd) Run() error {
	name, files, err := readFolder(c.Dir)
	if err != nil {
		return err
	}
	if c.Server == "" && c.Store == "sqlite" {
		if d, ok := c.running(); ok {
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

func (c *publishCmd) running() (door, bool) {
	var d door
	b, err := os.ReadFile(doorFile(c.Data))
	if err != nil || json.Unmarshal(b, &d) != nil {
		return d, false
	}
	r, err := http.Get(d.Address + "/livez")
	if err != nil {
		return d, false
	}
	_ = r.Body.Close()
	return d, true
}

func (c *publishCmd) send(name string, files course.Files) error {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range slices.Sorted(maps.Keys(files)) {
		w, err := z.Create(f)
		if err != nil {
			return err
		}
		if _, err := w.Write(files[f]); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	address := strings.TrimSuffix(c.Server, "/") + api.Prefix + "/courses/" + name + "/publications"
	if says := c.says(); says != nil {
		address += "?" + url.Values{"note": {says.Note}, "major": says.Major, "minor": says.Minor}.Encode()
	}
	req, err := http.NewRequest(http.MethodPost, address, &b)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", "application/zip")
	req.Header.Set("Accept-Language", c.Messages)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return err
	}
	if r.StatusCode != http.StatusCreated {
		var p api.Problem
		if json.Unmarshal(body, &p) != nil || p.Title == "" {
			return fmt.Errorf("the server answered %s", r.Status)
		}
		for _, e := range p.Errors {
			fmt.Printf("%s: %s\n", e.Field, e.Detail)
		}
		return errors.New(p.Title)
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
