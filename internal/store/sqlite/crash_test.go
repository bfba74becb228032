package sqlite_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"havn/internal/store"
	"havn/internal/store/sqlite"
)

// The tests below run this test binary again as another process, in one of
// these roles, on a data folder.
const (
	childRole = "HAVN_TEST_CHILD"
	childDir  = "HAVN_TEST_DIR"
)

var children = map[string]func(dir string){
	"open":  tryOpen,
	"write": writeUntilKilled,
	"full":  writeUntilFull,
}

func child(t *testing.T, role, dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), childRole+"="+role, childDir+"="+dir)
	c.Stderr = os.Stderr
	return c
}

func tryOpen(dir string) {
	db, err := sqlite.Open(context.Background(), dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("opened")
	db.Close()
}

// must ends a child that cannot do its work.
func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func openChild(dir string) *store.Collection[attempt, *attempt] {
	db, err := sqlite.Open(context.Background(), dir)
	must(err)
	c, err := store.Open[attempt](context.Background(), db, attempts)
	must(err)
	return c
}

const crashWriters = 16

// writeUntilKilled inserts from many goroutines, and changes what it inserted;
// it prints each act once it is acknowledged.
func writeUntilKilled(dir string) {
	c, ctx := openChild(dir), context.Background()
	run := time.Now().UnixNano()
	var wg sync.WaitGroup
	for w := range crashWriters {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d-%d", run, w, i)
				must(c.Insert(ctx, newAttempt(id, 3)))
				fmt.Println("inserted", id)
				_, err := c.Update(ctx, id, func(a *attempt) error { a.Note = "changed"; return nil })
				must(err)
				fmt.Println("updated", id)
			}
		})
	}
	wg.Wait()
}

// TestKilled kills a writing process several times, each time on the same data.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	acknowledged := map[string]string{} // the last act by id
	for range 6 {
		for id, act := range writeAndKill(t, dir) {
			acknowledged[id] = act
		}
		verify(t, dir, acknowledged)
	}
	if len(acknowledged) < 100 {
		t.Errorf("only %d writes were acknowledged before the kills", len(acknowledged))
	}
	t.Logf("%d documents acknowledged over 6 kills", len(acknowledged))
}

func writeAndKill(t *testing.T, dir string) map[string]string {
	t.Helper()
	c := child(t, "write", dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(time.Duration(150+rand.IntN(400))*time.Millisecond, func() { c.Process.Kill() })
	acknowledged := map[string]string{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		act, id, _ := strings.Cut(lines.Text(), " ")
		acknowledged[id] = act
	}
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	return acknowledged
}

func verify(t *testing.T, dir string, acknowledged map[string]string) {
	t.Helper()
	ctx := context.Background()
	start := time.Now()
	db, err := sqlite.Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("opening after a kill took %v", took)
	}
	c, err := store.Open[attempt](ctx, db, attempts)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]*attempt{}
	if err := c.Each(ctx, store.Query{Sort: "started"}, func(a *attempt) error {
		if stored[a.ID] != nil {
			t.Errorf("%s is there twice", a.ID)
		}
		stored[a.ID] = a
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for id, act := range acknowledged {
		a := stored[id]
		if a == nil || len(a.Answers) != 3 || act == "updated" && (a.Rev != 2 || a.Note != "changed") {
			t.Errorf("%s was %s, but stored is %+v", id, act, a)
		}
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if got := shell(t, dir, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("integrity check: %s", got)
	}
}

// writeUntilFull meets a limit on the size of files, and then none.
func writeUntilFull(dir string) {
	signal.Ignore(syscall.SIGXFSZ) // writing too much is to be an error, not an end
	c, ctx := openChild(dir), context.Background()
	must(c.Insert(ctx, newAttempt("before", 14)))
	var limit syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit))
	info, err := os.Stat(filepath.Join(dir, "havn.db-wal"))
	must(err)
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()) + 500_000, Max: limit.Max}))
	stored := 0
	for ; err == nil; stored++ {
		err = c.Insert(ctx, newAttempt(fmt.Sprint("a", stored), 14))
	}
	stored--
	fmt.Println("full:", errors.Is(err, store.ErrFull), "after some:", stored > 10)
	_, err = c.Update(ctx, "before", func(a *attempt) error { a.Note = strings.Repeat("x", 100_000); return nil })
	fmt.Println("still full:", errors.Is(err, store.ErrFull))
	a, err := c.Get(ctx, "before")
	fmt.Println("reading:", err == nil && a.Note == "")
	must(syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit))
	_, err = c.Update(ctx, "before", func(a *attempt) error { a.Note = "later"; return nil })
	fmt.Println("writing again:", err == nil)
	n, err := c.Count(ctx, store.Query{})
	fmt.Println("as many as acknowledged:", err == nil && n[0].N == int64(stored)+1)
}

// TestNoSpace meets the operating system's refusal to write, which TestDiskFull
// does not.
func TestNoSpace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, err := child(t, "full", dir).Output()
	want := "full: true after some: true\nstill full: true\nreading: true\nwriting again: true\nas many as acknowledged: true\n"
	if err != nil || string(out) != want {
		t.Errorf("error %v, said\n%swant\n%s", err, out, want)
	}
	if got := shell(t, dir, "PRAGMA integrity_check"); got != "ok" {
		t.Errorf("integrity check: %s", got)
	}
}
