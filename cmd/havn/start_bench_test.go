package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"havn/internal/bench"
)

// BenchmarkColdStart starts the program as it is shipped, on an empty data
// folder with the embedded courses, until it says that it is ready; then looks
// at its memory after a second of rest.
func BenchmarkColdStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "havn")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	size, err := os.Stat(program)
	if err != nil {
		b.Fatal(err)
	}
	var ready time.Duration
	var idle float64
	for b.Loop() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		address := l.Addr().String()
		_ = l.Close()
		cmd := exec.Command(program, "serve", "--listen", address, "--data", b.TempDir())
		began := time.Now()
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		for {
			if r, err := http.Get("http://" + address + "/readyz"); err == nil {
				_ = r.Body.Close()
				break
			}
			if time.Since(began) > 10*time.Second {
				b.Fatal("not ready in 10 s")
			}
			time.Sleep(time.Millisecond)
		}
		ready += time.Since(began)
		time.Sleep(time.Second)
		mb, err := bench.MemoryMB(cmd.Process.Pid)
		if err != nil {
			b.Skip(err) // no /proc
		}
		idle = max(idle, mb)
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(ready.Milliseconds())/float64(b.N), "ms-to-ready")
	b.ReportMetric(idle, "MB-idle-at-most")
	b.ReportMetric(float64(size.Size())/1e6, "MB-binary")
}
