package mongo

import (
	"bytes"
	"fmt"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/bsonrw"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/x/bsonx/bsoncore"

	"havn/internal/store"
)

// maxDocument is in bytes of BSON; MongoDB itself takes 16 MB.
const maxDocument = 15 << 20

// mark is a field of each stored document, new with each write: it tells a
// write whose answer was lost from another one that wrote the same.
const mark = "_w"

// encode writes a document under its json field names, with a new mark.
func encode(value any) (bson.Raw, error) {
	raw, err := marshal(value)
	if err != nil {
		return nil, err
	}
	start, out := bsoncore.AppendDocumentStart(make([]byte, 0, len(raw)+32))
	out = append(out, raw[4:len(raw)-1]...) // the elements, without length and end
	out = bsoncore.AppendObjectIDElement(out, mark, primitive.NewObjectID())
	out, err = bsoncore.AppendDocumentEnd(out, start)
	return out, err
}

func marshal(value any) (bson.Raw, error) {
	var b bytes.Buffer
	w, err := bsonrw.NewBSONValueWriter(&b)
	if err != nil {
		return nil, err
	}
	e, err := bson.NewEncoder(w)
	if err != nil {
		return nil, err
	}
	e.UseJSONStructTags()
	if err := e.Encode(value); err != nil {
		return nil, fmt.Errorf("encoding: %w: %w", store.ErrInvalid, err)
	}
	if b.Len() > maxDocument {
		return nil, fmt.Errorf("%d bytes of BSON: %w", b.Len(), store.ErrInvalid)
	}
	return b.Bytes(), nil
}

func decode(raw bson.Raw, into any) error {
	d, err := bson.NewDecoder(bsonrw.NewBSONDocumentReader(raw))
	if err != nil {
		return err
	}
	d.UseJSONStructTags()
	return d.Decode(into)
}

// edit makes the next form of a document out of the one stored: it decodes it,
// lets change alter it, and encodes it. Fields that only a newer Havn knows
// are carried over.
func edit(s store.Schema, stored bson.Raw, doc store.Document, change func(store.Document) error) (bson.Raw, error) {
	if err := decode(stored, doc); err != nil {
		return nil, err
	}
	if doc.Base().V <= s.Version {
		if err := change(doc); err != nil {
			return nil, err
		}
		return encode(doc)
	}
	before, err := marshal(doc)
	if err != nil {
		return nil, err
	}
	if err := change(doc); err != nil {
		return nil, err
	}
	after, err := marshal(doc)
	if err != nil {
		return nil, err
	}
	var trees [3]any
	for i, raw := range []bson.Raw{stored, before, after} {
		if trees[i], err = tree(raw); err != nil {
			return nil, err
		}
	}
	return encode(store.Merge(trees[0], trees[1], trees[2]))
}

// tree is a document as store.Merge wants it.
func tree(raw bson.Raw) (any, error) {
	d, err := bson.NewDecoder(bsonrw.NewBSONDocumentReader(raw))
	if err != nil {
		return nil, err
	}
	d.DefaultDocumentM()
	var m primitive.M
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	delete(m, mark)
	return plain(m), nil
}

func plain(v any) any {
	switch v := v.(type) {
	case primitive.M:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = plain(value)
		}
		return out
	case primitive.A:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = plain(value)
		}
		return out
	}
	return v
}
