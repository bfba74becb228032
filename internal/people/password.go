package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"havn/internal/fault"
)

// The cost of argon2id: OWASP Password Storage Cheat Sheet, first choice.
const (
	memoryKiB = 19 * 1024
	passes    = 2
	lanes     = 1
	keyBytes  = 32
	saltBytes = 16
)

// hashing lets two hashes run at a time, so that a crowd at the door takes at
// most 40 MB and leaves a core for those who are inside.
var hashing = make(chan struct{}, 2)

func hashPassword(ctx context.Context, password, email string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword || isCommon(password, email):
		return "", fault.At("password-short", "password").With("min", MinPassword)
	case n > MaxPassword || !utf8.ValidString(password):
		return "", fault.At("password-long", "password").With("max", MaxPassword)
	}
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key, err := derive(ctx, password, salt, memoryKiB, passes, lanes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes, b64(salt), b64(key)), nil
}

// nobody is the hash that a sign-in with an unknown address is checked against,
// so that it takes as long as one with a known address.
var nobody = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memoryKiB, passes, lanes,
	strings.Repeat("A", 22), strings.Repeat("A", 43))

// verify compares a password with a PHC string of hashPassword.
func verify(ctx context.Context, phc, password string) (bool, error) {
	if utf8.RuneCountInString(password) > MaxPassword {
		password = "" // as slow as any other wrong one
	}
	var version, m, t, p int
	part := strings.Split(phc, "$")
	if len(part) != 6 || part[1] != "argon2id" {
		return false, fmt.Errorf("people: a stored password is no argon2id hash")
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &m, &t, &p); err != nil {
		return false, fmt.Errorf("people: a stored password has unreadable parameters")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	want, err2 := base64.RawStdEncoding.DecodeString(part[5])
	if err1 != nil || err2 != nil || len(want) != keyBytes {
		return false, fmt.Errorf("people: a stored password is damaged")
	}
	got, err := derive(ctx, password, salt, uint32(m), uint32(t), uint8(p))
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

func derive(ctx context.Context, password string, salt []byte, m, t uint32, p uint8) ([]byte, error) {
	select {
	case hashing <- struct{}{}:
		defer func() { <-hashing }()
	case <-ctx.Done():
		return nil, fault.New("busy")
	}
	return argon2.IDKey([]byte(password), salt, t, m, p, keyBytes), nil
}

// isCommon refuses what a guesser tries first: one repeated character, a run of
// the keyboard, the address itself.
func isCommon(password, email string) bool {
	lower := strings.ToLower(password)
	name, _, _ := strings.Cut(email, "@")
	if strings.Trim(lower, lower[:1]) == "" || lower == email || lower == name {
		return true
	}
	for _, c := range []string{"password", "qwertyuiop", "12345678", "letmein", "iloveyou"} {
		if strings.HasPrefix(lower, c) && len(lower) <= len(c)+4 {
			return true
		}
	}
	return false
}
