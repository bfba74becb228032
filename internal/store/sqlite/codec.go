package sqlite

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unsafe"

	json "github.com/go-json-experiment/json/v1"

	"havn/internal/store"
)

// maxDocument is in bytes of JSON. MongoDB takes 16 MB; what is stored here
// must be able to move there.
const maxDocument = 15 << 20

// encode writes a value as compact JSON.
func encode(value any) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return "", fmt.Errorf("encoding: %w: %w", store.ErrInvalid, err)
	}
	if b.Len() > maxDocument {
		return "", fmt.Errorf("%d bytes of JSON: %w", b.Len(), store.ErrInvalid)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	return unsafe.String(unsafe.SliceData(text), len(text)), nil // nobody else has b
}

// decode fills a document. It does not keep the text.
func decode(text string, into any) error {
	return json.Unmarshal(unsafe.Slice(unsafe.StringData(text), len(text)), into)
}

// edit makes the next text of a document out of the one stored: it decodes it,
// lets change alter it, and encodes it. Fields that only a newer Havn knows
// are carried over. indexed tells whether a field of an index may have changed.
func edit(s store.Schema, stored string, doc store.Document, change func(store.Document) error) (text string, indexed bool, err error) {
	if err := decode(stored, doc); err != nil {
		return "", false, err
	}
	if doc.Base().V > s.Version {
		text, err := editNewer(stored, doc, change)
		return text, true, err
	}
	before := store.Declared(s, doc)
	if err := change(doc); err != nil {
		return "", false, err
	}
	text, err = encode(doc)
	return text, !slices.Equal(before, store.Declared(s, doc)), err
}

func editNewer(stored string, doc store.Document, change func(store.Document) error) (string, error) {
	before, err := encode(doc)
	if err != nil {
		return "", err
	}
	if err := change(doc); err != nil {
		return "", err
	}
	after, err := encode(doc)
	if err != nil {
		return "", err
	}
	var trees [3]any
	for i, text := range []string{stored, before, after} {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber() // numbers keep their digits
		if err := d.Decode(&trees[i]); err != nil {
			return "", err
		}
	}
	return encode(store.Merge(trees[0], trees[1], trees[2]))
}
