package credential

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// statementHead begins a compact statement and keeps its signature from being
// taken for one of something else.
const statementHead = "HAVN1"

// statement is what a QR code has room for, in this order as a JSON list.
type statement struct {
	ID, Title, Holder, Issued, Expires, Issuer string
}

// Statement is the compact form: "HAVN1.<statement>.<signature>" in base64url.
// Of the Achievement it holds the address, the title, the holder, the days and
// the issuer's key.
func (k *Key) Statement(a Achievement) string {
	expires := ""
	if !a.ExpiresAt.IsZero() {
		expires = stamp(a.ExpiresAt)
	}
	text, err := json.Marshal([]string{a.ID, a.Title, a.Holder, stamp(a.IssuedAt), expires, k.DID()})
	if err != nil {
		panic(err) // texts can be encoded
	}
	b64 := base64.RawURLEncoding
	signed := statementHead + "." + b64.EncodeToString(text)
	return signed + "." + b64.EncodeToString(ed25519.Sign(k.private, []byte(signed)))
}

func checkStatement(text string) (*statement, error) {
	at := strings.LastIndexByte(text, '.')
	body, ok := strings.CutPrefix(text[:max(at, 0)], statementHead+".")
	if !ok {
		return nil, errors.New("this is no statement of Havn")
	}
	b64 := base64.RawURLEncoding.Strict()
	raw, err1 := b64.DecodeString(body)
	signature, err2 := b64.DecodeString(text[at+1:])
	var list []string
	if errors.Join(err1, err2) != nil || json.Unmarshal(raw, &list) != nil || len(list) != 6 {
		return nil, errors.New("the statement cannot be read")
	}
	s := &statement{list[0], list[1], list[2], list[3], list[4], list[5]}
	key, err := publicKey(s.Issuer)
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(key, []byte(text[:at]), signature) {
		return nil, errors.New("the signature does not fit")
	}
	return s, nil
}

func instant(s string) (t time.Time, err error) {
	if s == "" {
		return t, nil
	}
	return time.Parse(time.RFC3339, s)
}
