package credential

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// StatusList writes which of the credentials that name the list by its address
// were withdrawn, as a credential of its own (W3C, Bitstring Status List v1.0):
// a bit for each of entries places, the first one leftmost, compressed. entries
// is at least 131,072, so that who fetches the list tells nobody which credential
// they look at.
func (k *Key) StatusList(address string, entries int, withdrawn []int, now time.Time) ([]byte, error) {
	list := make([]byte, (entries+7)/8)
	for _, i := range withdrawn {
		list[i/8] |= 0x80 >> (i % 8)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(list); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return k.prove(object{
		"@context": contexts[:1], "id": address, "type": []any{"VerifiableCredential", "BitstringStatusListCredential"},
		"issuer": k.DID(), "validFrom": stamp(now),
		"credentialSubject": object{
			"id": address + "#list", "type": "BitstringStatusList", "statusPurpose": "revocation",
			"encodedList": "u" + base64.RawURLEncoding.EncodeToString(b.Bytes()),
		},
	}, now)
}

// Status is a list that was read and is signed by its issuer.
type Status struct {
	Address, Issuer string
	bits            []byte
}

// maxBits is the longest list that is unpacked, in bytes.
const maxBits = 16 << 20

// ReadStatus reads a status list and checks its proof.
func ReadStatus(text []byte) (*Status, error) {
	doc, did, err := checkBadge(text)
	if err != nil {
		return nil, err
	}
	subject, _ := doc["credentialSubject"].(object)
	kinds, _ := doc["type"].([]any)
	address, _ := doc["id"].(string)
	encoded, _ := subject["encodedList"].(string)
	packed, ok := strings.CutPrefix(encoded, "u")
	if !ok || !slices.Contains(kinds, any("BitstringStatusListCredential")) || subject["type"] != "BitstringStatusList" || subject["statusPurpose"] != "revocation" {
		return nil, errors.New("it is no list of withdrawn credentials")
	}
	raw, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil {
		return nil, errors.New("the list cannot be read")
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, errors.New("the list cannot be unpacked")
	}
	list, err := io.ReadAll(io.LimitReader(z, maxBits+1))
	if err != nil || len(list) > maxBits {
		return nil, errors.New("the list cannot be unpacked")
	}
	return &Status{Address: address, Issuer: did, bits: list}, nil
}

// Covers tells whether a credential names this list, so that it answers.
func (s *Status) Covers(f *Finding) bool {
	return f.StatusList != "" && f.StatusList == s.Address && f.Issuer == s.Issuer && f.StatusIndex >= 0 && f.StatusIndex < 8*len(s.bits)
}

// Withdrawn tells whether the list has a credential that it covers.
func (s *Status) Withdrawn(f *Finding) bool {
	return s.Covers(f) && s.bits[f.StatusIndex/8]&(0x80>>(f.StatusIndex%8)) != 0
}

// Count is how many the list has.
func (s *Status) Count() (n int) {
	for _, b := range s.bits {
		n += bits.OnesCount8(b)
	}
	return n
}
