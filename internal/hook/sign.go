package hook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// Prefix marks a secret (Standard Webhooks, "Signature scheme").
const Prefix = "whsec_"

// newSecret makes one of 32 random bytes; the specification asks for 24 to 64.
func newSecret(random func(int) []byte) string {
	return Prefix + base64.StdEncoding.EncodeToString(random(32))
}

// Sign is the header webhook-signature of a message: for each secret "v1," and the
// HMAC-SHA256 of id, seconds since 1970 and body, joined by points, in Base64
// (Standard Webhooks 1.0).
func Sign(id string, at time.Time, body []byte, secrets ...string) (string, error) {
	var out []string
	for _, s := range secrets {
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(s, Prefix))
		if err != nil {
			return "", err
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
		mac.Write(body)
		out = append(out, "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	}
	return strings.Join(out, " "), nil
}
