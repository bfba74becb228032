package credential

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

func key(t testing.TB, n byte) *Key {
	t.Helper()
	k, err := NewKey(bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

var (
	issued = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	later  = issued.AddDate(1, 0, 0)
	what   = Achievement{
		ID: "https://havn.example/certificates/K3T7M", Course: "https://havn.example/courses/first-contact", Title: "Kohtumine lapsega – أول لقاء", Description: "d", Criteria: "c",
		Language: "et", Version: 2, Holder: "Mari Tamm", Issuer: "Havn", Home: "https://havn.example/",
		IssuedAt: issued, ExpiresAt: issued.AddDate(2, 0, 0),
	}
)

// forms are the three that a certificate has.
func forms(t testing.TB, k *Key, a Achievement) map[string]string {
	t.Helper()
	badge, err := k.Badge(a)
	if err != nil {
		t.Fatal(err)
	}
	jwt, err := k.JWT(a)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"badge": string(badge), "jwt": jwt, "statement": k.Statement(a), "address": "https://havn.example/verify#" + k.Statement(a)}
}

func TestEachFormIsCheckedWithoutAServer(t *testing.T) {
	t.Parallel()
	k := key(t, 7)
	for name, text := range forms(t, k, what) {
		f, err := Verify(text, k.DID(), later)
		if err != nil || f.ID != what.ID || f.Title != what.Title || f.Holder != "Mari Tamm" || !f.IssuedAt.Equal(issued) || !f.ExpiresAt.Equal(what.ExpiresAt) {
			t.Errorf("%s: %+v %v", name, f, err)
		}
		if _, err := Verify(text, key(t, 8).DID(), later); err == nil || !strings.Contains(err.Error(), "another server") {
			t.Errorf("%s: of another server: %v", name, err)
		}
		if _, err := Verify(text, "", issued.AddDate(3, 0, 0)); !errors.Is(err, ErrExpired) {
			t.Errorf("%s: after its time: %v", name, err)
		}
		if _, err := Verify(text, "", issued.AddDate(0, 0, -5)); err == nil {
			t.Errorf("%s: before its time", name)
		}
	}
	if n := len(k.Statement(what)); n > 500 {
		t.Errorf("a statement of %d characters is too long for a QR code on paper", n)
	}
}

// Whatever is changed in a statement or a token, one bit in each byte, shows.
func TestOneBitShows(t *testing.T) {
	t.Parallel()
	k := key(t, 7)
	for name, text := range forms(t, k, what) {
		if name == "badge" || name == "address" {
			continue
		}
		for i := range len(text) {
			b := []byte(text)
			b[i] ^= 1
			if f, err := Verify(string(b), k.DID(), later); err == nil {
				t.Errorf("%s: a flipped bit in byte %d (%q) goes unseen: %+v", name, i, text[i], f)
			}
		}
	}
}

// In the JSON form each value, name and added field is signed.
func TestEachFieldOfABadgeIsSigned(t *testing.T) {
	t.Parallel()
	k := key(t, 7)
	good := forms(t, k, what)["badge"]
	for name, change := range map[string]func(m object){
		"title":     func(m object) { m["name"] = "Another course" },
		"id":        func(m object) { m["id"] = "https://havn.example/certificates/OTHER" },
		"holder":    func(m object) { identifier(m)["identityHash"] = "Jonas Petraitis" },
		"no holder": func(m object) { delete(m["credentialSubject"].(object), "identifier") },
		"until":     func(m object) { m["validUntil"] = "2099-01-01T00:00:00Z" },
		"no until":  func(m object) { delete(m, "validUntil") },
		"issuer":    func(m object) { m["issuer"].(object)["id"] = key(t, 8).DID() },
		"status":    func(m object) { m["credentialStatus"] = object{"id": "https://evil.example"} },
		"unknown":   func(m object) { m["somethingElse"] = "x" },
		"context":   func(m object) { m["@context"] = append(m["@context"].([]any), "https://evil.example/context") },
		"inline": func(m object) {
			m["@context"] = append(m["@context"].([]any), object{"name": "https://evil.example/name"})
		},
		"created": func(m object) { m["proof"].(object)["created"] = "2020-01-01T00:00:00Z" },
		"purpose": func(m object) { m["proof"].(object)["proofPurpose"] = "authentication" },
		"suite":   func(m object) { m["proof"].(object)["cryptosuite"] = "none" },
		"another key": func(m object) {
			m["proof"].(object)["verificationMethod"] = method(key(t, 8).DID())
		},
		"no proof": func(m object) { delete(m, "proof") },
	} {
		var m object
		if err := json.Unmarshal([]byte(good), &m); err != nil {
			t.Fatal(err)
		}
		change(m)
		text, _ := json.Marshal(m)
		if f, err := Verify(string(text), "", later); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
	var m object
	_ = json.Unmarshal([]byte(good), &m)
	text, _ := json.Marshal(m)
	if _, err := Verify(string(text), "", later); err != nil {
		t.Errorf("the same in one line: %v", err)
	}
}

func identifier(m object) object {
	return m["credentialSubject"].(object)["identifier"].([]any)[0].(object)
}

func FuzzVerify(f *testing.F) {
	for _, text := range forms(f, key(f, 7), what) {
		f.Add(text)
	}
	f.Add("HAVN1..")
	f.Add("{\"proof\":{}}")
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = Verify(text, "", later)
	})
}
