package server_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"havn/internal/store/storetest"
)

// A verifier that knows nothing of Havn accepts the credential, in any language,
// and refuses it with one word changed. HAVN_TEST_VC names a folder of Node
// modules with the verifier; .ci/run installs them.
func TestAnIndependentVerifierAcceptsTheCredential(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("HAVN_TEST_VC")
	if modules == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("HAVN_TEST_VC is not set")
		}
		t.Skip("HAVN_TEST_VC names no verifier")
	}
	h := withRules(t, storetest.SQLite().New(t).Open(t), "")
	site := h.admin()
	c, code := h.certified("Kaja Kask", site.invite(site.organisation("Authority", ""), 1))
	h.clock.advance(time.Hour)
	verdict := func(credential []byte) string {
		file := filepath.Join(t.TempDir(), "credential.json")
		if err := os.WriteFile(file, credential, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), "node", "testdata/verify.mjs", modules, file, h.clock.now().Format(time.RFC3339)).Output()
		if err != nil {
			t.Fatalf("the verifier does not run: %v", err)
		}
		return strings.TrimSpace(string(out))
	}
	for _, lang := range []string{"en", "ar"} {
		c.want(200, "PATCH", path("/certificates/%s", code), m{"shows": "name", "language": lang})
		credential := c.want(200, "GET", path("/certificates/%s/credential", code), nil).body
		if got := verdict(credential); got != "true" {
			t.Errorf("%s: %s\n%s", lang, got, credential)
		}
		changed := bytes.Replace(credential, []byte("Kaja Kask"), []byte("Kaja Kusk"), 1)
		if got := verdict(changed); got != "false" || bytes.Equal(changed, credential) {
			t.Errorf("%s, with another name: %s", lang, got)
		}
	}
}
