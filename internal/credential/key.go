// Package credential makes statements about certificates that anybody can check
// without asking a server, and checks them: an Open Badges 3.0 credential (1EdTech)
// as JSON with a Data Integrity proof and as a VC-JWT, and a compact statement
// that fits into a QR code.
//
// All are signed with one Ed25519 key (RFC 8032), whose public half is the
// issuer's name: a did:key. The package is pure; where the key is kept is its
// caller's business. The JSON-LD contexts are part of the program, so that
// nothing is ever fetched.
package credential

import (
	"crypto/ed25519"
	"errors"
	"strings"

	"github.com/mr-tron/base58"
)

// Key signs.
type Key struct{ private ed25519.PrivateKey }

// NewKey makes a key of a seed of 32 random bytes.
func NewKey(seed []byte) (*Key, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("credential: a seed has 32 bytes")
	}
	return &Key{ed25519.NewKeyFromSeed(seed)}, nil
}

// Sign signs a text of another room, which begins it with a word of its own so
// that no signature is taken for one of something else.
func (k *Key) Sign(text []byte) []byte { return ed25519.Sign(k.private, text) }

// Signed tells whether a text was signed by the key of a did:key.
func Signed(did string, text, signature []byte) bool {
	key, err := publicKey(did)
	return err == nil && ed25519.Verify(key, text, signature)
}

// multicodec 0xed, an Ed25519 public key, as a varint.
var codec = []byte{0xed, 0x01}

const didKey = "did:key:"

// DID is the issuer's name, "did:key:z6Mk…" (W3C CCG, The did:key Method).
func (k *Key) DID() string { return didKey + k.Name() }

// Name is the public key in multibase, "z6Mk…".
func (k *Key) Name() string {
	public, _ := k.private.Public().(ed25519.PublicKey)
	return "z" + base58.Encode(append(append([]byte{}, codec...), public...))
}

// method is the verification method of a did:key: itself.
func method(did string) string { return did + "#" + strings.TrimPrefix(did, didKey) }

// publicKey reads a did:key, with or without its fragment.
func publicKey(did string) (ed25519.PublicKey, error) {
	did, fragment, has := strings.Cut(did, "#")
	name, ok := strings.CutPrefix(did, didKey+"z")
	if !ok || has && fragment != "z"+name {
		return nil, errors.New("credential: the issuer is no did:key")
	}
	b, err := base58.Decode(name)
	if err != nil || len(b) != len(codec)+ed25519.PublicKeySize || b[0] != codec[0] || b[1] != codec[1] {
		return nil, errors.New("credential: the issuer's did:key is no Ed25519 key")
	}
	return b[len(codec):], nil
}
