package assessment

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"havn/internal/course"
)

func TestEveryAnswerLooksTheSameInJSON(t *testing.T) {
	for _, c := range []struct {
		json string
		want *Response
	}{
		{`{"choice":"a"}`, choice("a")},
		{`{"choices":["a","c"]}`, choices("a", "c")},
		{`{"choices":[]}`, choices()},
		{`{"order":["c","a"]}`, order("c", "a")},
		{`{"pairs":{"left":"right"}}`, pairs(map[string]string{"left": "right"})},
		{`{"pairs":{}}`, pairs(map[string]string{})},
		{`{"number":15}`, number(15)},
		{`{"number":0}`, number(0)},
		{`{"date":"2026-09-22"}`, date("2026-09-22")},
		{`{"text":""}`, text("")},
		{`{"path":["n1:a","n2:b"]}`, path("n1:a", "n2:b")},
		{`{"rating":3}`, rating(3)},
		{`{"choice":"a","confidence":"sure"}`, choice("a").sure()},
		{`{}`, &Response{}},
	} {
		var got Response
		if err := json.Unmarshal([]byte(c.json), &got); err != nil {
			t.Fatal(c.json, err)
		}
		if diff := cmp.Diff(*c.want, got); diff != "" {
			t.Errorf("%s: %s", c.json, diff)
		}
		if out, _ := json.Marshal(got); string(out) != c.json {
			t.Errorf("%s came back as %s", c.json, out)
		}
	}
}

func TestAnAnswerThatCanBeSavedIsAccepted(t *testing.T) {
	for _, c := range []struct {
		q *course.Question
		r *Response
	}{
		{qMeans, choice("b")}, {qMeans, choice("b").sure()}, {qTrue, choice("true")},
		{with(qTrue, func(q *course.Question) { q.Options = nil }), choice("true")},
		{qSigns, choices()}, {qSigns, choices("d", "a")},
		{qSteps, order("a", "b", "c", "d")},
		{qWho, pairs(map[string]string{})}, {qWho, pairs(map[string]string{"l1": "r1", "l2": "r1"})},
		{qDays, number(0)}, {qDays, number(-1.5)}, {qLast, date("2024-02-29")},
		{qTerm, text("")}, {rWork, text("one\nline\tand\r\nanother")}, {rWork, text(strings.Repeat("ї", MaxText))},
		{qLines, choices("l1")}, {sDesk, path()}, {sDesk, path("n1:a")}, {sDesk, path("n1:a", "n2:b")},
		{gBefore, rating(1)}, {gBefore, rating(4)},
	} {
		if err := Validate(c.q, *c.r); err != nil {
			t.Errorf("%s: %v", c.q.ID, err)
		}
	}
}

func TestAnAnswerThatCannotBeReadIsRefusedByName(t *testing.T) {
	both := choice("a")
	both.Text = new("x")
	doubt := choice("a")
	doubt.Confidence = "certain"
	for _, c := range []struct {
		name        string
		q           *course.Question
		r           *Response
		field, code string
	}{
		{"nothing", qMeans, &Response{}, "response.choice", CodeMissing},
		{"confidence alone", qMeans, (&Response{}).sure(), "response.choice", CodeMissing},
		{"another type's field", qMeans, choices("a"), "response.choices", CodeWrongField},
		{"two answers", qMeans, both, "response.text", CodeWrongField},
		{"an option that is not there", qMeans, choice("z"), "response.choice", CodeUnknown},
		{"an empty option", qMeans, choice(""), "response.choice", CodeUnknown},
		{"neither true nor false", qTrue, choice("yes"), "response.choice", CodeUnknown},
		{"chosen twice", qSigns, choices("a", "a"), "response.choices", CodeDuplicate},
		{"an order with a gap", qSteps, order("a", "b", "c"), "response.order", CodeIncomplete},
		{"an empty order", qSteps, order(), "response.order", CodeIncomplete},
		{"an order with a repeat", qSteps, order("a", "b", "c", "c"), "response.order", CodeDuplicate},
		{"a pair from nowhere", qWho, pairs(map[string]string{"l9": "r1"}), "response.pairs", CodeUnknown},
		{"a pair to nowhere", qWho, pairs(map[string]string{"l1": "r9"}), "response.pairs", CodeUnknown},
		{"not a number", qDays, number(math.NaN()), "response.number", CodeNotNumber},
		{"infinite", qDays, number(math.Inf(-1)), "response.number", CodeNotNumber},
		{"no day of the calendar", qLast, date("2026-02-29"), "response.date", CodeNotDate},
		{"a date with a time", qLast, date("2026-09-22T00:00:00Z"), "response.date", CodeNotDate},
		{"a date the other way round", qLast, date("22.9.2026"), "response.date", CodeNotDate},
		{"too long", rWork, text(strings.Repeat("a", MaxText+1)), "response.text", CodeTooLong},
		{"control characters", qTerm, text("a\x00b"), "response.text", CodeCharacters},
		{"an escape sequence", rWork, text("\x1b[31m"), "response.text", CodeCharacters},
		{"broken UTF-8", qTerm, text("\xff"), "response.text", CodeCharacters},
		{"a path that starts elsewhere", sDesk, path("n2:a"), "response.path", CodeNotWalk},
		{"a path that jumps", sDesk, path("n1:b", "n2:a"), "response.path", CodeNotWalk},
		{"a path beyond the end", sDesk, path("n1:b", "e-bad:a"), "response.path", CodeNotWalk},
		{"a step without a choice", sDesk, path("n1"), "response.path", CodeNotWalk},
		{"a rating of nought", gBefore, rating(0), "response.rating", CodeRange},
		{"a rating over the scale", gBefore, rating(5), "response.rating", CodeRange},
		{"an unknown confidence", qMeans, doubt, "response.confidence", CodeUnknown},
		{"an answer to a vignette", cCase, choice("a"), "response", CodeNoAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got *Invalid
			if err := Validate(c.q, *c.r); !errors.As(err, &got) {
				t.Fatalf("accepted: %v", err)
			}
			if got.Field != c.field || got.Code != c.code || !strings.HasSuffix(got.Detail, ".") {
				t.Errorf("%s, %s: %s", got.Field, got.Code, got.Detail)
			}
		})
	}
}

func TestARefusalNeverRepeatsWhatWasSubmitted(t *testing.T) {
	const secret = "Amina, 15, from Homs"
	for _, q := range all {
		for _, r := range []*Response{choice(secret), choices(secret), order(secret), date(secret), path(secret), path("n1:" + secret),
			text(secret + "\x00"), pairs(map[string]string{secret: secret}), {Confidence: secret}} {
			if err := Validate(q, *r); err != nil && strings.Contains(err.Error(), "Amina") {
				t.Errorf("%s repeats it: %v", q.ID, err)
			}
		}
	}
}

func TestFollowSaysWhereTheStoryStands(t *testing.T) {
	for _, c := range []struct {
		path []string
		node string
	}{{nil, "n1"}, {[]string{"n1:a"}, "n2"}, {[]string{"n1:a", "n2:b"}, "e-late"}} {
		if node, err := Follow(sDesk, c.path); err != nil || node != c.node {
			t.Errorf("%v leads to %s, %v", c.path, node, err)
		}
	}
}

func FuzzAnyJSONIsValidatedAndGradedWithoutPanic(f *testing.F) {
	for _, s := range []string{`{"choice":"a"}`, `{"choices":[]}`, `{"order":["a","b","c","d"]}`, `{"pairs":{"l1":"r1"}}`, `{"number":1e308}`,
		`{"date":"2026-09-22"}`, `{"text":"\u0000"}`, `{"path":["n1:a","n2:b"]}`, `{"rating":3,"confidence":"guess"}`, `{"choices":null}`, `[]`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r Response
		if json.Unmarshal(data, &r) != nil {
			return
		}
		for _, q := range all {
			err := Validate(q, r)
			m := Grade(q, &r, "en")
			if m.Share.Sign() < 0 || m.Share.Cmp(one) > 0 {
				t.Fatalf("%s: share %s", q.ID, m.Share)
			}
			if err != nil {
				continue
			}
			again, _ := json.Marshal(r)
			var back Response
			if json.Unmarshal(again, &back) != nil || Validate(q, back) != nil {
				t.Fatalf("%s: saved as %s, which cannot be read again", q.ID, again)
			}
		}
	})
}
