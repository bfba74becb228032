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

// sent is what a request carries.
type sent struct {
	kind string // media type; "" nothing
	body []byte
}

func zip(folder []byte) sent { return sent{"application/zip", folder} }

// ask sends a request to the server's API. What it refuses is an error in its own
// words.
func (f *serverFlags) ask(method, path, lang string, what sent) ([]byte, http.Header, error) {
	req, err := http.NewRequest(method, strings.TrimSuffix(f.Server, "/")+api.Prefix+path, bytes.NewReader(what.body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+f.Token)
	if what.kind != "" {
		req.Header.Set("Content-Type", what.kind)
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
