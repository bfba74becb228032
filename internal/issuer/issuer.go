// Package issuer words certificates as credentials that anybody can check
// without this server, and keeps the keys that sign them.
//
// The first key is made at the first start, further ones by `havn keys rotate`;
// the latest signs, the earlier ones stay known and sign their own lists of what
// was withdrawn. They lie in the store: whoever can write there could as well
// write certificates. Servers on one store share them.
package issuer

import (
	"bytes"
	"context"
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

// Issuer is the room's door. It is safe for concurrent use.
type Issuer struct {
	Words *locale.Catalog
	Base  *url.URL

	keys *keyring
}

// Open reads the keys, or makes the first.
func Open(ctx context.Context, e store.Engine, words *locale.Catalog, base *url.URL, now func() time.Time) (*Issuer, error) {
	keys, err := openKeys(ctx, e, now)
	return &Issuer{words, base, keys}, err
}

// Of is an issuer with keys that are given, the latest last.
func Of(base *url.URL, keys ...Signing) *Issuer {
	i := &Issuer{Base: base, keys: &keyring{}}
	i.keys.list.Store(&keys)
	return i
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
		StatusList: i.statusAddress(i.Key(), c.StatusList), StatusIndex: c.StatusIndex,
	}
}

// statusAddress is where a key's status list is served. Each key signs lists of
// its own, as some who check want a list by the issuer of the credential.
func (i *Issuer) statusAddress(k *credential.Key, list string) string {
	if list == "" {
		return ""
	}
	return i.Base.JoinPath("api/v1/certificates/status", k.Name(), list).String()
}

// StatusList is a status list by its number, signed by the key of that name;
// false for a key that is not ours. withdrawn are certificates.
func (i *Issuer) StatusList(key, list string, withdrawn []learning.Certificate, now time.Time) ([]byte, bool, error) {
	k, ok := i.find(key)
	if !ok {
		return nil, false, nil
	}
	var places []int
	for _, c := range withdrawn {
		if c.StatusList == list {
			places = append(places, c.StatusIndex)
		}
	}
	text, err := k.StatusList(i.statusAddress(k, list), learning.StatusEntries, places, now)
	return text, true, err
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

// Revocations signs the list of withdrawn certificates by the key of a name, ""
// the one that is used now; false for a key that is not ours.
func (i *Issuer) Revocations(key string, withdrawn []learning.Certificate, now time.Time) (r Revocations, ok bool) {
	k := i.Key()
	if key != "" {
		if k, ok = i.find(key); !ok {
			return r, false
		}
	}
	r = Revocations{Issuer: k.DID(), MadeAt: store.At(now), Revoked: []string{}}
	for _, c := range withdrawn {
		r.Revoked = append(r.Revoked, hashOf(i.ID(c.ID)))
	}
	slices.Sort(r.Revoked)
	r.Signature = base64.RawURLEncoding.EncodeToString(k.Sign(r.text()))
	return r, true
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

// Has tells whether a credential of the same issuer is on the list. keys is the
// issuer's document, which says that several keys are one issuer; nil none.
func (r *Revocations) Has(f *credential.Finding, keys *Document) bool {
	same := r != nil && (r.Issuer == f.Issuer || keys.Has(r.Issuer) && keys.Has(f.Issuer))
	return same && slices.Contains(r.Revoked, hashOf(f.ID))
}
