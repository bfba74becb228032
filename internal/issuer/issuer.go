// Package issuer words certificates as credentials that anybody can check
// without this server, and keeps the key that signs them.
//
// The key is made at the first start and stays in the store: whoever can write
// there could as well write certificates. Servers on one store share it.
package issuer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"havn/internal/course"
	"havn/internal/credential"
	"havn/internal/learning"
	"havn/internal/locale"
	"havn/internal/store"
)

// stored is the key in the store.
type stored struct {
	store.Meta `bson:",inline"`
	Seed       []byte     `json:"seed"`
	MadeAt     store.Time `json:"made_at"`
}

// Issuer is the room's door.
type Issuer struct {
	*credential.Key
	Words *locale.Catalog
	Base  *url.URL
}

// Open reads the key, or makes it.
func Open(ctx context.Context, e store.Engine, words *locale.Catalog, base *url.URL, now func() time.Time) (*Issuer, error) {
	keys, err := store.Open[stored](ctx, e, store.Schema{Name: "keys", Version: 1})
	if err != nil {
		return nil, err
	}
	for {
		k, err := keys.Get(ctx, "signing")
		if err == nil {
			key, err := credential.NewKey(k.Seed)
			return &Issuer{key, words, base}, err
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		seed := make([]byte, ed25519.SeedSize)
		_, _ = rand.Read(seed) // never fails: crypto/rand ends the program instead
		err = keys.Insert(ctx, &stored{Meta: store.Meta{ID: "signing"}, Seed: seed, MadeAt: store.At(now())})
		if err != nil && !errors.Is(err, store.ErrExists) { // another server was first
			return nil, err
		}
	}
}

// ID is the address by which a certificate is known: that of its check page.
func (i *Issuer) ID(code string) string { return i.Base.JoinPath("certificates", code).String() }

// Achievement words a certificate in a language. holder is the name to show.
func (i *Issuer) Achievement(c *learning.Certificate, p *course.Publication, e *course.Edition, holder string) credential.Achievement {
	t := i.Words.In(e.Lang)
	return credential.Achievement{
		ID: i.ID(c.ID), Course: i.Base.JoinPath("courses", c.Course).String(), Title: e.Title.Plain, Description: t("certificate.note"),
		Criteria: t("certificate.heading") + ". " + t("certificate.version", "version", c.Version), Language: e.Title.Lang, Version: c.Version,
		Holder: holder, Issuer: "Havn", Home: i.Base.String(), IssuedAt: c.IssuedAt.Time, ExpiresAt: c.ExpiresAt.Time,
	}
}

// Revocations is a list of certificates that were withdrawn, for those who check
// without asking the server. It names them by a hash, so that it tells nothing
// to who does not have the certificate.
type Revocations struct {
	Issuer    string     `json:"issuer" doc:"did:key"`
	MadeAt    store.Time `json:"made_at"`
	Revoked   []string   `json:"revoked" nullable:"false" doc:"SHA-256 of the certificate's address, in hex"`
	Signature string     `json:"signature" doc:"Ed25519 over the list without it, in base64url"`
}

// Revocations signs the list of codes.
func (i *Issuer) Revocations(codes []string, now time.Time) Revocations {
	r := Revocations{Issuer: i.DID(), MadeAt: store.At(now), Revoked: []string{}}
	for _, code := range codes {
		r.Revoked = append(r.Revoked, hashOf(i.ID(code)))
	}
	slices.Sort(r.Revoked)
	r.Signature = base64.RawURLEncoding.EncodeToString(i.Sign(r.text()))
	return r
}

func (r Revocations) text() []byte {
	return []byte(strings.Join(append([]string{"havn-revocations", r.Issuer, r.MadeAt.UTC().Format(time.RFC3339Nano)}, r.Revoked...), "\n"))
}

func hashOf(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// ReadRevocations reads a list and makes sure that it is its issuer's.
func ReadRevocations(text []byte) (*Revocations, error) {
	var r Revocations
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		return nil, errors.New("the list of revocations cannot be read")
	}
	signature, err := base64.RawURLEncoding.DecodeString(r.Signature)
	if err != nil || !credential.Signed(r.Issuer, r.text(), signature) {
		return nil, errors.New("the list of revocations is not signed by its issuer")
	}
	return &r, nil
}

// Has tells whether a credential of the same issuer is on the list.
func (r *Revocations) Has(f *credential.Finding) bool {
	return r != nil && r.Issuer == f.Issuer && slices.Contains(r.Revoked, hashOf(f.ID))
}
