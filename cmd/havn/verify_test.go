package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"havn/internal/credential"
	"havn/internal/issuer"
	"havn/internal/learning"
	"havn/internal/store"
)

// A credential is checked from the command line with no server and no store:
// exit 0 valid, 1 invalid, 3 revoked, in each of its forms.
func TestACredentialIsCheckedWithoutAServer(t *testing.T) {
	t.Parallel()
	key, err := credential.NewKey(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	what := credential.Achievement{
		ID: "https://havn.example/certificates/AAAAA", Course: "https://havn.example/courses/x", Title: "First contact", Description: "d", Criteria: "c", Language: "en",
		Holder: "Mari \x1b[2JTamm", Issuer: "Havn", Home: "https://havn.example", IssuedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour),
		StatusList: "https://havn.example/status/1", StatusIndex: 4711,
	}
	old := what
	old.ExpiresAt = now.Add(-time.Minute)
	badge, err1 := key.Badge(what)
	jwt, err2 := key.JWT(what)
	gone, err3 := key.Badge(old)
	home, err4 := url.Parse("https://havn.example")
	next, err5 := credential.NewKey(bytes.Repeat([]byte{8}, 32))
	i := issuer.Of(home, issuer.Signing{Key: key}, issuer.Signing{Key: next, Since: now.Add(-time.Minute)})
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || err5 != nil {
		t.Fatal(err1, err2, err3, err4, err5)
	}
	dir := t.TempDir()
	file := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("badge.json", badge)
	written := func(name string, v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return file(name, text)
	}
	list := func(name, by string, codes ...string) string {
		var withdrawn []learning.Certificate
		for _, c := range codes {
			withdrawn = append(withdrawn, learning.Certificate{Meta: store.Meta{ID: c}})
		}
		r, ok := i.Revocations(by, withdrawn, now)
		if !ok {
			t.Fatal("no such key")
		}
		return written(name, r)
	}
	empty, with, byNext := list("none.json", key.Name()), list("some.json", key.Name(), "BBBBB", "AAAAA"), list("next.json", "", "AAAAA")
	status := func(name, address string, places ...int) string {
		text, err := key.StatusList(address, learning.StatusEntries, places, now)
		if err != nil {
			t.Fatal(err)
		}
		return file(name, text)
	}
	none, some, other := status("s0.json", what.StatusList, 4710, 4712), status("s1.json", what.StatusList, 4711), status("s2.json", what.StatusList+"1", 4711)
	keys := written("issuer.json", i.Document())
	stranger := written("stranger.json", issuer.Of(home, issuer.Signing{Key: next}).Document())
	late := what
	late.IssuedAt = now.Add(30 * time.Minute) // by a clock that is ahead, after the key had ended
	latest, err := key.Badge(late)
	if err != nil {
		t.Fatal(err)
	}
	byNextKey, err := next.Badge(late)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		exit int
		says string
	}{
		"a badge":           {[]string{good}, 0, "Valid."},
		"a token":           {[]string{file("badge.jwt", []byte(jwt))}, 0, "Valid."},
		"a QR code":         {[]string{key.Statement(what)}, 0, "Valid."},
		"an address":        {[]string{"https://havn.example/verify#" + key.Statement(what)}, 0, "Valid."},
		"of this issuer":    {[]string{"--issuer", key.DID(), "--revocations", empty, good}, 0, "Valid."},
		"revoked":           {[]string{"--revocations", with, good}, 3, "Revoked"},
		"by a status list":  {[]string{"--revocations", some, good}, 3, "Revoked"},
		"not on the list":   {[]string{"--revocations", none, good}, 0, "Valid."},
		"of another list":   {[]string{"--revocations", other, good}, 1, "not the one"},
		"a status list":     {[]string{some}, 1, "no credential of a course"},
		"by an ended key":   {[]string{"--keys", keys, good}, 0, "Valid."},
		"by the next key":   {[]string{"--keys", keys, file("next-key.json", byNextKey)}, 0, "Valid."},
		"dated too late":    {[]string{"--keys", keys, file("late.json", latest)}, 1, "after its key had ended"},
		"not of these keys": {[]string{"--keys", stranger, good}, 1, "another server"},
		"two keys, revoked": {[]string{"--keys", keys, "--revocations", byNext, good}, 3, "Revoked"},
		"as JSON":           {[]string{"--json", good}, 0, `"valid": true`},
		"of another issuer": {[]string{"--issuer", "did:key:z6MkvDqGT54cXesYGvABpF1UapVNwjCqRcafi4Px6Thv5T3X", good}, 1, "another server"},
		"changed":           {[]string{file("changed.json", bytes.Replace(badge, []byte("First"), []byte("Last"), 1))}, 1, "does not fit"},
		"expired":           {[]string{file("old.json", gone)}, 1, "its time is over"},
		"no credential":     {[]string{"hello"}, 1, "Not valid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, exit := havnVerify(t, c.args...)
			if exit != c.exit || !strings.Contains(out, c.says) || strings.Contains(out, "\x1b") {
				t.Errorf("exit %d: %s", exit, out)
			}
		})
	}
}

// havnVerify runs the command in a process of its own.
func havnVerify(t *testing.T, args ...string) (out string, exit int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], append([]string{"verify"}, args...)...)
	cmd.Env = append(os.Environ(), "HAVN_TEST_RUN=1")
	text, _ := cmd.CombinedOutput()
	return string(text), cmd.ProcessState.ExitCode()
}
