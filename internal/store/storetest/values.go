package storetest

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"havn/internal/store"
)

// texts are hard to keep as they are.
var texts = map[string]string{
	"plain":       "Ana",
	"lithuanian":  "Šarūnė Žąsytė",
	"ukrainian":   "Їжак",
	"arabic":      "مركز اللجوء",
	"bidi marks":  "a\u202eb\u202c\u200f",
	"emoji":       "👩🏽‍⚕️🇱🇹",
	"combining":   "e\u0301 is not \u00e9",
	"separators":  "a\u2028b\u2029c\ufeff",
	"replacement": "\ufffd",
	"controls":    "\x01\t\r\n\x7f",
	"nul":         "a\x00b",
	"html":        `<a href="x">&amp;'</a>`,
	"json":        `{"$gt":""}\u0000\\`,
	"operator":    "$where",
	"path":        "result.passed",
	"sql":         `'); DROP TABLE attempts; --`,
	"long":        strings.Repeat("å", 100_000),
}

func roundTrip(t *testing.T, d *Database) {
	c := openAttempts(t, d)
	second := store.At(time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC))
	docs := map[string]attempt{
		"zero": {},
		"empty": {
			Answers: map[string]answer{}, Notes: []string{},
		},
		"nested": {
			Result: &result{Passed: true, On: store.At(time.Date(2026, 3, 29, 1, 59, 59, 1e6, time.UTC)), Second: &second},
			Answers: map[string]answer{
				"q-1":  {Options: []string{"a", ""}, At: store.Now()},
				"ключ": {Options: nil},
			},
			Notes: []string{"", "$", "."}, Photo: []byte{0, 255, '"'},
		},
		"greatest":      {Answered: math.MaxInt64, Score: math.MaxFloat64},
		"least":         {Answered: math.MinInt64, Score: -math.MaxFloat64},
		"exact integer": {Answered: 1<<53 + 1, Score: math.SmallestNonzeroFloat64},
		"third":         {Score: 1.0 / 3, Open: true},
		"whole float":   {Score: 2},
		"far future":    {Started: store.At(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))},
		"long ago":      {Started: store.At(time.Date(1, 1, 1, 0, 0, 0, 1e6, time.UTC))},
		"other zone":    {Started: store.At(time.Date(2026, 6, 1, 3, 0, 0, 123456789, time.FixedZone("", 3*3600)))},
	}
	for name, text := range texts {
		docs["text "+name] = attempt{Notes: []string{text}, Answers: map[string]answer{"q": {Options: []string{text}}}}
		if len(text) < 200 && name != "nul" {
			docs["indexed "+name] = attempt{Learner: text, Course: "indexed"}
		}
	}
	for key, a := range docs {
		a.ID = key
		insert(t, c, a)
		a.Rev, a.V = 1, 1
		if diff := cmp.Diff(&a, get(t, c, key)); diff != "" {
			t.Errorf("%s (- inserted, + read):\n%s", key, diff)
		}
		_, err := c.Update(context.Background(), key, func(stored *attempt) error { stored.Open = !a.Open; return nil })
		if err != nil {
			t.Errorf("%s: %v", key, err)
		}
		a.Rev, a.Open = 2, !a.Open
		if diff := cmp.Diff(&a, get(t, c, key)); diff != "" {
			t.Errorf("%s (- updated, + read):\n%s", key, diff)
		}
		if a.Course != "indexed" {
			continue
		}
		found, err := c.Find(context.Background(), store.Query{Where: []store.Cond{store.Is("course", "indexed"), store.Is("learner", a.Learner)}})
		if err != nil || len(found.Items) != 1 || found.Items[0].ID != key {
			t.Errorf("%s is not found by its text: %d found, error %v", key, len(found.Items), err)
		}
	}
}

func refusedValues(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	insert(t, c, attempt{Meta: id("stored"), Learner: "Ana"})
	keys := func(key string) map[string]answer { return map[string]answer{key: {}} }
	for name, a := range map[string]attempt{
		"not a number":           {Score: math.NaN()},
		"infinity":               {Score: math.Inf(1)},
		"minus infinity":         {Score: math.Inf(-1)},
		"invalid UTF-8":          {Notes: []string{"a\xff"}},
		"half a surrogate":       {Learner: "\xed\xa0\x80"},
		"invalid UTF-8 below":    {Answers: map[string]answer{"q": {Options: []string{"\xc3"}}}},
		"key with a dot":         {Answers: keys("a.b")},
		"key with a dollar":      {Answers: keys("$set")},
		"key with NUL":           {Answers: keys("a\x00")},
		"empty key":              {Answers: keys("")},
		"invalid key":            {Answers: keys("\xff")},
		"NUL in an indexed text": {Learner: "a\x00b"},
		"long indexed text":      {Learner: strings.Repeat("x", 701)},
		"very large":             {Notes: []string{strings.Repeat("x", 16<<20)}},
	} {
		a.ID = "new"
		wantError(t, "insert of "+name, c.Insert(ctx, &a), store.ErrInvalid)
		if a.Rev != 0 {
			t.Errorf("%s: refused, but at revision %d", name, a.Rev)
		}
		_, err := c.Update(ctx, "stored", func(stored *attempt) error { a.Meta = stored.Meta; *stored = a; return nil })
		wantError(t, "update to "+name, err, store.ErrInvalid)
	}
	if _, err := c.Get(ctx, "new"); err == nil {
		t.Error("a refused document is stored")
	}
	if a := get(t, c, "stored"); a.Learner != "Ana" || a.Rev != 1 {
		t.Errorf("a refused update is stored: %+v", a.Meta)
	}
}

func refusedIDs(t *testing.T, d *Database) {
	c, ctx := openAttempts(t, d), context.Background()
	for _, bad := range []string{"", "a\x00b", "\xff", strings.Repeat("x", 201)} {
		wantError(t, "insert", c.Insert(ctx, &attempt{Meta: store.Meta{ID: bad}}), store.ErrInvalid)
		_, err := c.Get(ctx, bad)
		wantError(t, "get", err, store.ErrInvalid)
		_, err = c.Update(ctx, bad, func(*attempt) error { return nil })
		wantError(t, "update", err, store.ErrInvalid)
		wantError(t, "delete", c.Delete(ctx, bad), store.ErrInvalid)
	}
	for _, good := range []string{"a.b", "$a", "a/b'\"", "🇱🇹", strings.Repeat("x", 200), " ", "A", "a"} {
		insert(t, c, attempt{Meta: store.Meta{ID: good}, Learner: good})
		if a := get(t, c, good); a.Learner != good {
			t.Errorf("under %q lies %q", good, a.Learner)
		}
	}
}
