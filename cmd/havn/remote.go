package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"havn/internal/api"
)

// serverFlags name a running server.
type serverFlags struct {
	Server string `env:"HAVN_SERVER" help:"Address of a running server elsewhere."`
	Token  string `env:"HAVN_TOKEN" help:"Token of a trainer there."`
}

// running is the server that runs on a data folder.
func running(data string) (door, bool) {
	var d door
	b, err := os.ReadFile(doorFile(data))
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

// ask sends a request with a zipped folder, or none, to the server's API. What it
// refuses is an error in its own words.
func (f *serverFlags) ask(method, path, lang string, zipped []byte) ([]byte, http.Header, error) {
	req, err := http.NewRequest(method, strings.TrimSuffix(f.Server, "/")+api.Prefix+path, bytes.NewReader(zipped))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	if zipped != nil {
		req.Header.Set("Content-Type", "application/zip")
	} else if method == http.MethodPut {
		req.Header.Set("Content-Type", "application/json")
		req.Body = io.NopCloser(strings.NewReader("{}"))
		req.ContentLength = 2
	}
	req.Header.Set("Accept-Language", lang)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		return nil, nil, err
	}
	if r.StatusCode >= 300 {
		var p api.Problem
		if json.Unmarshal(body, &p) != nil || p.Title == "" {
			return nil, nil, fmt.Errorf("the server answered %s", r.Status)
		}
		for _, e := range p.Errors {
			fmt.Printf("%s: %s\n", e.Field, e.Detail)
		}
		return nil, nil, errors.New(p.Title)
	}
	return body, r.Header, nil
}
