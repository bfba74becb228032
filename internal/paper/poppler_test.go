package paper

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// poppler runs one of poppler's tools on a document.
func poppler(t *testing.T, pdf []byte, tool string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is needed in CI: install poppler-utils", tool)
		}
		t.Skipf("skipped: %s is not installed (package poppler-utils)", tool)
	}
	file := filepath.Join(t.TempDir(), "document.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if tool == "pdftotext" {
		args = append(args, file, "-")
	} else {
		args = append(args, file)
	}
	var complaints bytes.Buffer
	cmd := exec.Command(tool, args...)
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s: %v %s", tool, err, complaints.Bytes())
	}
	return string(out)
}
