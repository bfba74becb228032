// Package sealed opens files that a learner's device has sealed for this server:
// answers that it could not send. The file is a JWE (RFC 7516) in compact form,
// key agreement ECDH-ES on P-256, content A256GCM (RFC 7518 §4.6, §5.3), so that
// nobody who carries it can read or change it.
package sealed

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"

	"github.com/go-jose/go-jose/v4"

	"havn/internal/fault"
	"havn/internal/store"
)

// MaxFile is the largest file that is taken, in bytes.
const MaxFile = 1 << 20

// Box is what files are sealed for. It is safe for concurrent use.
type Box struct {
	key    *ecdsa.PrivateKey
	public string
}

// stored is the key in the store.
type stored struct {
	store.Meta `bson:",inline"`
	Key        []byte `json:"key"` // PKCS #8
}

// Open reads the key, or makes it.
func Open(ctx context.Context, e store.Engine) (*Box, error) {
	keys, err := store.Open[stored](ctx, e, store.Schema{Name: "seals", Version: 1})
	if err != nil {
		return nil, err
	}
	for {
		k, err := keys.Get(ctx, "answers")
		if err == nil {
			return box(k.Key)
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			return nil, err
		}
		err = keys.Insert(ctx, &stored{Meta: store.Meta{ID: "answers"}, Key: der})
		if err != nil && !errors.Is(err, store.ErrExists) { // another server was first
			return nil, err
		}
	}
}

func box(der []byte) (*Box, error) {
	any, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, err
	}
	key, ok := any.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("the key that files are sealed for is of another kind")
	}
	public, err := json.Marshal(jose.JSONWebKey{Key: key.Public()})
	return &Box{key, string(public)}, err
}

// PublicKey is what a device seals with: a JWK (RFC 7517).
func (b *Box) PublicKey() string { return b.public }

// Open gives what is in a file. The fault is "seal-broken" for one that was
// changed, that another server has to open, or that is no such file.
func (b *Box) Open(file string) ([]byte, error) {
	if len(file) > MaxFile {
		return nil, fault.At("seal-broken", "file")
	}
	e, err := jose.ParseEncryptedCompact(file, []jose.KeyAlgorithm{jose.ECDH_ES}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		return nil, fault.At("seal-broken", "file")
	}
	inside, err := e.Decrypt(b.key)
	if err != nil {
		return nil, fault.At("seal-broken", "file")
	}
	return inside, nil
}
