package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

// The operating system ends a program that writes past its limit; a full disk
// only refuses, and that is what is tried here.
func init() {
	if os.Getenv("HAVN_TEST_RUN") != "" {
		signal.Ignore(syscall.SIGXFSZ)
	}
}

// once sends a request and takes whatever answer comes.
func (p *process) once(token, method, path string, body any) (int, []byte) {
	text, _ := json.Marshal(body)
	req, _ := http.NewRequest(method, "http://"+p.address+"/api/v1"+path, bytes.NewReader(text))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+token)
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer func() { _ = r.Body.Close() }()
	b, _ := io.ReadAll(r.Body)
	return r.StatusCode, b
}

// No room is left under a learner who answers: each answer is refused in plain
// words, what was saved before can be read, and goes on when there is room.
func TestAFullDiskRefusesAnswersAndLosesNone(t *testing.T) {
	t.Parallel()
	p := newProcess(t)
	who := map[string]string{"email": "mari@example.org", "password": benchPassword, "name": "Mari Tamm"}
	p.until("", "POST", "/accounts", who)
	_, b := p.until("", "POST", "/sessions", map[string]string{"email": who["email"], "password": benchPassword})
	var s struct{ Token string }
	if err := json.Unmarshal(b, &s); err != nil {
		t.Fatal(string(b))
	}
	p.until(s.Token, "PUT", "/enrolments/bench", nil)
	attempt := "/attempts/" + uuid.NewString()
	p.until(s.Token, "PUT", attempt, map[string]string{"course": "bench", "quiz": "quiz"})

	var size int64
	files, _ := filepath.Glob(filepath.Join(p.data, "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			size = max(size, info.Size())
		}
	}
	var before unix.Rlimit
	limit := unix.Rlimit{Cur: uint64(size) + 200_000}
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &before); err != nil {
		t.Fatal(err)
	}
	limit.Max = before.Max
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Fatal(err)
	}

	save := func(n int) (string, int, []byte) {
		choice := string("abc"[n%3])
		status, b := p.once(s.Token, "PUT", attempt+"/answers/q-1", map[string]any{"response": map[string]string{"choice": choice}})
		return choice, status, b
	}
	told, refused := "", 0
	for n := range 5000 {
		choice, status, b := save(n)
		switch {
		case status == 200:
			told = choice
		case status == 507 && strings.Contains(string(b), `"code":"storage-full"`):
			refused++
		default:
			t.Fatalf("answer %d: %d %s", n, status, b)
		}
		if refused == 5 {
			break
		}
	}
	if refused < 5 || told == "" {
		t.Fatalf("%d answers were refused, the last saved is %q", refused, told)
	}
	kept := func() string {
		status, b := p.once(s.Token, "GET", attempt, nil)
		if status != 200 {
			t.Fatalf("reading: %d %s", status, b)
		}
		var a struct {
			Questions []struct{ Response struct{ Choice string } }
		}
		if err := json.Unmarshal(b, &a); err != nil {
			t.Fatal(err)
		}
		return a.Questions[0].Response.Choice
	}
	if got := kept(); got != told {
		t.Errorf("told %q, kept %q", told, got)
	}
	if err := unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &before, nil); err != nil {
		t.Fatal(err)
	}
	choice, status, b := save(1)
	if status != 200 || kept() != choice {
		t.Errorf("with room again: %d %s, kept %q", status, b, kept())
	}
	p.kill()
	p.start()
	if got := kept(); got != choice {
		t.Errorf("after a restart: told %q, kept %q", choice, got)
	}
}
