package web

import (
	"cmp"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"havn/internal/assessment"
	"havn/internal/fault"
	"havn/internal/learning"
)

// responseForm is a saved response as the fields of a form show it.
type responseForm struct {
	Choice     string
	Chosen     map[string]bool
	Place      map[string]int    // ordering: option → place from 1
	Pair       map[string]string // matching: option → target
	Text       string            // number, date or text
	Rating     string
	Confidence string
	Path       []string
}

// Count is how many options are chosen.
func (f responseForm) Count() int { return len(f.Chosen) }

func formOf(q *learning.QuestionView) responseForm {
	f := responseForm{Chosen: map[string]bool{}, Place: map[string]int{}, Pair: map[string]string{}}
	r := q.Response
	if r == nil {
		return f
	}
	f.Confidence = string(r.Confidence)
	switch {
	case r.Choice != nil:
		f.Choice = *r.Choice
	case r.Choices != nil:
		for _, id := range *r.Choices {
			f.Chosen[id] = true
		}
	case r.Order != nil:
		for i, id := range *r.Order {
			f.Place[id] = i + 1
		}
	case r.Pairs != nil:
		f.Pair = *r.Pairs
	case r.Number != nil:
		f.Text = strconv.FormatFloat(*r.Number, 'f', -1, 64)
	case r.Date != nil:
		f.Text = *r.Date
	case r.Text != nil:
		f.Text = *r.Text
	case r.Rating != nil:
		f.Rating = strconv.Itoa(*r.Rating)
	case r.Path != nil:
		f.Path = *r.Path
	}
	return f
}

// readResponse makes a response of a posted form. given is false where nothing
// was answered. The field "type" says which of the fields count.
func readResponse(form url.Values) (r assessment.Response, given bool, err error) {
	r.Confidence = assessment.Confidence(form.Get("confidence"))
	invalid := func(field string) error { return fault.At("invalid-response", "response."+field) }
	switch value := strings.TrimSpace(form.Get("value")); form.Get("type") {
	case "single", "true-false":
		if value != "" {
			r.Choice, given = &value, true
		}
	case "multiple", "hotspot":
		choices := form["choices"]
		if len(choices) > 0 || form.Get("none") != "" {
			r.Choices, given = &choices, true
		}
	case "ordering":
		order, ok, some := places(form)
		if some && !ok {
			return r, false, fault.At("order-incomplete", "response.order")
		}
		if some {
			r.Order, given = &order, true
		}
	case "matching":
		pairs := map[string]string{}
		for name, v := range form {
			if id, ok := strings.CutPrefix(name, "pair."); ok && v[0] != "" {
				pairs[id] = v[0]
			}
		}
		if len(pairs) > 0 {
			r.Pairs, given = &pairs, true
		}
	case "numeric":
		if value == "" {
			break
		}
		n, err := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64)
		if err != nil {
			return r, false, fault.At("number-needed", "response.number")
		}
		r.Number, given = &n, true
	case "date":
		if value != "" {
			r.Date, given = &value, true
		}
	case "text":
		if value != "" {
			r.Text, given = &value, true
		}
	case "rating":
		if value == "" {
			break
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return r, false, invalid("rating")
		}
		r.Rating, given = &n, true
	case "scenario":
		path := form["path"]
		if s := form.Get("step"); s != "" {
			path = append(path, s)
		}
		if len(path) > 0 {
			r.Path, given = &path, true
		}
	}
	return r, given, nil
}

// places reads the numbers that were given to the options of an ordering. ok is
// false unless each option has a number of its own, from 1 without a gap.
func places(form url.Values) (order []string, ok, some bool) {
	type place struct {
		id string
		n  int
	}
	var list []place
	ok = true
	for name, v := range form {
		id, is := strings.CutPrefix(name, "place.")
		if !is {
			continue
		}
		n, err := strconv.Atoi(v[0])
		if v[0] != "" {
			some = true
		}
		ok = ok && err == nil
		list = append(list, place{id, n})
	}
	slices.SortFunc(list, func(a, b place) int { return cmp.Compare(a.n, b.n) })
	for i, p := range list {
		ok = ok && p.n == i+1
		order = append(order, p.id)
	}
	return order, ok, some
}

func asFault(err error, f **fault.Error) bool { return errors.As(err, f) }
