package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"

	"havn/internal/api"
	"havn/internal/bench"
)

type benchCmd struct {
	Learners int    `default:"300" help:"How many learners take the course."`
	Parallel int    `default:"64" help:"How many of them at once."`
	URL      string `help:"A running server with open sign-up; without it one is started on an empty embedded store."`
	Course   string `help:"The course to take there; without it the first."`
	JSON     bool   `help:"Print the report as JSON."`
}

const benchPassword = "a lantern over the quay"

// Run starts a server as a process of its own, so that its processor time and
// memory are its own, and sends the class.
func (c *benchCmd) Run() error {
	class := &bench.Class{URL: c.URL, Course: c.Course, Learners: c.Learners, Parallel: c.Parallel}
	pid, data := 0, ""
	if c.URL == "" {
		dir, err := os.MkdirTemp("", "havn-bench-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(dir) }()
		data = filepath.Join(dir, "data")
		url, stop, process, err := startServer(dir, data)
		if err != nil {
			return err
		}
		defer stop()
		class.URL, class.Course, pid = url, bench.Slug, process
	}
	if class.Course == "" {
		var list struct{ Items []struct{ Slug string } }
		if err := call(class.URL, "GET", "/courses", nil, &list); err != nil || len(list.Items) == 0 {
			return errors.Join(errors.New("the server has no course"), err)
		}
		class.Course = list.Items[0].Slug
	}
	if err := signInAll(class); err != nil {
		return err
	}
	before, _ := bench.CPU(pid)
	report, err := class.Run()
	if after, e := bench.CPU(pid); e == nil && pid != 0 {
		report.CPUPerLearnerMS = float64((after - before).Microseconds()) / 1000 / float64(c.Learners)
		report.MemoryMB, _ = bench.MemoryMB(pid)
		report.StoreMB = bench.FolderMB(data)
	}
	if c.JSON {
		return errors.Join(json.NewEncoder(os.Stdout).Encode(report), err)
	}
	printReport(report)
	return err
}

func printReport(r *bench.Report) {
	w := tabwriter.NewWriter(os.Stdout, 2, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "request\tcount\tfailed\tp50 ms\tp95 ms\tp99 ms\t\n")
	for _, k := range r.Kinds {
		fmt.Fprintf(w, "%s\t%d\t%d\t%.1f\t%.1f\t%.1f\t\n", k.Kind, k.Requests, k.Failed, k.P50ms, k.P95ms, k.P99ms)
	}
	_ = w.Flush()
	fmt.Printf("\n%d learners, %d at once, in %.2f s: %.0f requests/s, %.0f answers saved/s\n", r.Learners, r.Parallel, r.Seconds, r.RequestsPerSec, r.AnswersPerSec)
	if r.MemoryMB > 0 {
		fmt.Printf("server: %.1f ms of processor time a learner, %.0f MB of memory, %.1f MB of store\n", r.CPUPerLearnerMS, r.MemoryMB, r.StoreMB)
	}
}

// startServer runs this program with the bench course on a free port.
func startServer(dir, data string) (url string, stop func(), pid int, err error) {
	folder := filepath.Join(dir, "courses")
	if err := os.CopyFS(folder, bench.Courses()); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", nil, 0, err
	}
	self, err := os.Executable()
	if err != nil {
		return "", nil, 0, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, 0, err
	}
	address := l.Addr().String()
	_ = l.Close()
	cmd := exec.Command(self, "serve", "--listen", address, "--data", data, "--courses", folder, "--sign-up", "open")
	cmd.Stderr = io.Discard
	if err := cmd.Start(); err != nil {
		return "", nil, 0, err
	}
	stop = func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	url = "http://" + address
	for range 200 {
		if r, err := http.Get(url + "/readyz"); err == nil {
			_ = r.Body.Close()
			return url, stop, cmd.Process.Pid, nil
		}
		time.Sleep(25 * time.Millisecond)
	}
	stop()
	return "", nil, 0, errors.New("the server did not become ready")
}

// signInAll makes the accounts; passwords cost processor time by design, so
// this is done before the watch starts.
func signInAll(c *bench.Class) error {
	run := time.Now().UnixNano()
	for i := range c.Learners {
		email := fmt.Sprintf("bench-%d-%d@example.org", run, i)
		if err := call(c.URL, "POST", "/accounts", map[string]string{"email": email, "password": benchPassword, "name": "Bench Learner"}, nil); err != nil {
			return err
		}
		var s struct{ Token string }
		if err := call(c.URL, "POST", "/sessions", map[string]string{"email": email, "password": benchPassword}, &s); err != nil {
			return err
		}
		c.Tokens = append(c.Tokens, s.Token)
	}
	return nil
}

func call(url, method, path string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequest(method, url+api.Prefix+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	if r.StatusCode >= 300 {
		b, _ := io.ReadAll(io.LimitReader(r.Body, 1000))
		return fmt.Errorf("%s %s: %s %s", method, path, r.Status, b)
	}
	if into == nil {
		return nil
	}
	return json.NewDecoder(r.Body).Decode(into)
}
