package issuer

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"havn/internal/audit"
	"havn/internal/credential"
	"havn/internal/store"
)

// stored is a key in the store. The keys are numbered, and a key ends when the
// next one is made, so that to rotate is one insert.
type stored struct {
	store.Meta `bson:",inline"` // id: "signing" for the first, then "signing-0002" and so on
	Seed       []byte           `json:"seed"`
	MadeAt     store.Time       `json:"made_at"`
}

// Signing is a key with the time since when it signs.
type Signing struct {
	*credential.Key
	Since time.Time
}

type keyring struct {
	stored *store.Collection[stored, *stored]
	list   atomic.Pointer[[]Signing] // the oldest first
}

func openKeys(ctx context.Context, e store.Engine, now func() time.Time) (*keyring, error) {
	keys, err := store.Open[stored](ctx, e, store.Schema{Name: "keys", Version: 1})
	if err != nil {
		return nil, err
	}
	r := &keyring{stored: keys}
	if err := r.refresh(ctx); err != nil || len(*r.list.Load()) > 0 {
		return r, err
	}
	if err := r.add(ctx, "signing", now()); err != nil && !errors.Is(err, store.ErrExists) { // another server was first
		return nil, err
	}
	return r, r.refresh(ctx)
}

func (r *keyring) add(ctx context.Context, id string, now time.Time) error {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails: crypto/rand ends the program instead
	return r.stored.Insert(ctx, &stored{Meta: store.Meta{ID: id}, Seed: seed, MadeAt: store.At(now)})
}

func (r *keyring) refresh(ctx context.Context) error {
	page, err := r.stored.Find(ctx, store.Query{}) // by id, which is by number
	if err != nil {
		return err
	}
	list := []Signing{}
	for _, s := range page.Items {
		k, err := credential.NewKey(s.Seed)
		if err != nil {
			return err
		}
		list = append(list, Signing{k, s.MadeAt.Time})
	}
	r.list.Store(&list)
	return nil
}

// Refresh takes in a key that was made meanwhile.
func (i *Issuer) Refresh(ctx context.Context) error { return i.keys.refresh(ctx) }

// Rotate makes a new key, which signs from now on. Of two who rotate at once one
// gets an error.
func (i *Issuer) Rotate(ctx context.Context, log *audit.Log, now time.Time) error {
	if err := i.keys.refresh(ctx); err != nil {
		return err
	}
	id := fmt.Sprintf("signing-%04d", len(*i.keys.list.Load())+1)
	if err := i.keys.add(ctx, id, now); err != nil {
		return err
	}
	if err := i.keys.refresh(ctx); err != nil {
		return err
	}
	return log.Add(ctx, audit.Event{Key: "key:" + id, Act: audit.KeyRotated, Detail: i.Key().Name()})
}

// Key is the one that signs now.
func (i *Issuer) Key() *credential.Key {
	list := *i.keys.list.Load()
	return list[len(list)-1].Key
}

// DIDs are the names of all keys, the one that signs now first.
func (i *Issuer) DIDs() []string {
	var out []string
	for _, s := range slices.Backward(*i.keys.list.Load()) {
		out = append(out, s.DID())
	}
	return out
}

// Owns tells whether a did:key is one of this server's.
func (i *Issuer) Owns(did string) bool { return slices.Contains(i.DIDs(), did) }

func (i *Issuer) find(name string) (*credential.Key, bool) {
	for _, s := range *i.keys.list.Load() {
		if s.Name() == name {
			return s.Key, true
		}
	}
	return nil, false
}

// Document names the keys of an issuer and when each ended, in the form of W3C
// Controlled Identifiers v1.0. Whoever got it from the issuer's own address can
// check by it what any of the keys signed.
type Document struct {
	Context []string `json:"@context" nullable:"false"`
	ID      string   `json:"id" doc:"Address of the issuer"`
	Keys    []Method `json:"verificationMethod" nullable:"false"`
	Signs   []string `json:"assertionMethod" nullable:"false" doc:"Every key, for what was signed before it ended"`
}

// Method is one key of a document.
type Method struct {
	ID         string `json:"id" doc:"did:key with its fragment"`
	Type       string `json:"type" enum:"Multikey"`
	Controller string `json:"controller"`
	Public     string `json:"publicKeyMultibase"`
	Expires    string `json:"expires,omitempty" doc:"When it ended; it signs nothing that is dated later"`
}

// Document is this issuer's, the key that signs now first.
func (i *Issuer) Document() Document {
	d := Document{Context: []string{"https://www.w3.org/ns/cid/v1"}, ID: i.Base.String(), Keys: []Method{}, Signs: []string{}}
	ended := ""
	for _, s := range slices.Backward(*i.keys.list.Load()) {
		m := Method{ID: s.DID() + "#" + s.Name(), Type: "Multikey", Controller: d.ID, Public: s.Name(), Expires: ended}
		d.Keys, d.Signs = append(d.Keys, m), append(d.Signs, m.ID)
		ended = s.Since.UTC().Truncate(time.Second).Format(time.RFC3339)
	}
	return d
}

// ReadDocument reads an issuer's document.
func ReadDocument(text []byte) (*Document, error) {
	var d Document
	if err := json.Unmarshal(text, &d); err != nil || len(d.Keys) == 0 {
		return nil, errors.New("the issuer's document cannot be read")
	}
	return &d, nil
}

func (d *Document) method(did string) *Method {
	if d == nil {
		return nil
	}
	for i := range d.Keys {
		if name, _, _ := strings.Cut(d.Keys[i].ID, "#"); name == did && slices.Contains(d.Signs, d.Keys[i].ID) {
			return &d.Keys[i]
		}
	}
	return nil
}

// Has tells whether a did:key is one of the issuer's keys.
func (d *Document) Has(did string) bool { return d.method(did) != nil }

// grace is how long a server may sign by the old key before it takes in the new.
const grace = time.Minute

// Accept says why a credential is not this issuer's, nil where it is: its key is
// another's, or had ended before the day that the credential is dated.
func (d *Document) Accept(f *credential.Finding) error {
	m := d.method(f.Issuer)
	if m == nil {
		return errors.New("another server issued it: " + f.Issuer)
	}
	if m.Expires == "" {
		return nil
	}
	if ended, err := time.Parse(time.RFC3339, m.Expires); err != nil || f.IssuedAt.After(ended.Add(grace)) {
		return errors.New("it is dated after its key had ended")
	}
	return nil
}
