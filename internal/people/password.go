package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	zxcvbn "github.com/ccojocar/zxcvbn-go"
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

// argonHead begins every hash of today's cost.
var argonHead = fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$", argon2.Version, memoryKiB, passes, lanes)

// hashPassword refuses what is short, long or among the first that a guesser
// tries (words of who it is for are such), and hashes the rest.
func hashPassword(ctx context.Context, password, email, name string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword || isCommon(password, email, name):
		return "", fault.At("password-short", "password").With("min", MinPassword)
	case n > MaxPassword || !utf8.ValidString(password):
		return "", fault.At("password-long", "password").With("max", MaxPassword)
	}
	return hashNow(ctx, password)
}

func hashNow(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	key, err := derive(ctx, password, salt, memoryKiB, passes, lanes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding.EncodeToString
	return argonHead + b64(salt) + "$" + b64(key), nil
}

// nobody is the hash that a sign-in with an unknown address is checked against,
// so that it takes as long as one with a known address.
var nobody = argonHead + strings.Repeat("A", 22) + "$" + strings.Repeat("A", 43)

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

// judged is how much of a password is looked at: the estimate takes time that
// grows with the square of it, and what is longer is long enough.
const judged = 64

// isCommon tells whether a guesser would come to the password early: 30,000
// passwords and 60,000 words and names, with digits for letters, runs of the
// keyboard, repeats and dates (zxcvbn: Wheeler, USENIX Security 2016, whose score
// of 2 stands for more than a hundred million guesses), the address and the name.
func isCommon(password, email, name string) bool {
	about := strings.FieldsFunc(strings.ToLower(email+" "+name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if r := []rune(password); len(r) > judged {
		password = string(r[:judged])
	}
	return zxcvbn.PasswordStrength(password, append(about, email, "havn")).Score < 2
}
