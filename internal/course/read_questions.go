package course

import (
	"slices"
	"strconv"
	"strings"
)

// common are the keys that may stand on any question.
var common = []string{"id", "type", "points", "tags", "facts", "applies_in", "confidence", "retired"}

// keysOf says which keys each type adds to the common ones.
var keysOf = map[Type][]string{
	Single:     {"options", "key", "partial", "weights"},
	TrueFalse:  {"key"},
	Multiple:   {"options", "key", "partial", "weights"},
	Ordering:   {"options", "key", "partial"},
	Matching:   {"options", "targets", "key", "partial"},
	Numeric:    {"key", "tolerance", "also"},
	Date:       {"key"},
	ShortText:  {"accept", "match", "also"},
	Hotspot:    {"options", "key", "partial"},
	Scenario:   {"start", "nodes"},
	Reflection: {},
	Vignette:   {"questions"},
	Rating:     {"scale"},
}

// partials says which ways of partial credit each type knows; the first is the default.
var partials = map[Type][]string{
	Single:   {"none", "weights"},
	Multiple: {"none", "per-option", "weights"},
	Hotspot:  {"none", "per-option"},
	Ordering: {"none", "longest"},
	Matching: {"none", "per-pair"},
}

var allTypes = []string{
	string(Single), string(TrueFalse), string(Multiple), string(Ordering), string(Matching), string(Numeric),
	string(Date), string(ShortText), string(Hotspot), string(Scenario), string(Reflection), string(Vignette), string(Rating),
}

// readQuestions reads questions.yaml, which a course without quizzes may lack.
func (f *folder) readQuestions() {
	for _, file := range f.layers("questions.yaml") {
		before := f.problems.Errors()
		v := f.yaml(file, false)
		f.questionsBroken = f.questionsBroken || f.problems.Errors() > before
		for _, v := range v.list() {
			f.readQuestion(v)
		}
	}
}

func (f *folder) readQuestion(v value) {
	known := slices.Clone(common)
	for _, t := range allTypes {
		for _, k := range keysOf[Type(t)] {
			if !slices.Contains(known, k) {
				known = append(known, k)
			}
		}
	}
	o := v.object(known...)
	if o["id"].absent() {
		v.fail("question-id")
		return
	}
	q := &Question{ID: o["id"].text()}
	origin := originOf(v.file)
	if reused := origin != "" && f.from["question:"+q.ID] == origin; !reused && !f.claim(q.ID, o["id"].at) {
		return
	}
	if origin != "" {
		f.from["question:"+q.ID] = origin
	}
	f.at["question:"+q.ID] = o["id"].at
	if o["type"].absent() {
		v.fail("type-missing", "question", q.ID, "known", strings.Join(allTypes, ", "))
		return
	}
	q.Type = Type(o["type"].text())
	if !slices.Contains(allTypes, string(q.Type)) {
		o["type"].fail("type-unknown", "type", clip(string(q.Type)), "like", nearest(string(q.Type), allTypes), "known", strings.Join(allTypes, ", "))
		return
	}
	for _, k := range known {
		if !o[k].absent() && !slices.Contains(common, k) && !slices.Contains(keysOf[q.Type], k) {
			o[k].fail("field-of-other-type", "field", k, "type", q.Type)
			o[k] = value{r: v.r, file: v.file, at: v.at}
		}
	}
	f.readCommon(q, o)
	f.readAnswer(q, v, o)
	f.questions[q.ID] = q
	f.order = append(f.order, q.ID)
}

func (f *folder) readCommon(q *Question, o map[string]value) {
	q.Points = 1
	if !o["points"].absent() {
		if q.Points = o["points"].number(); q.Points < 0 {
			o["points"].fail("points-negative")
		}
	}
	if !q.Type.Graded() {
		if !o["points"].absent() && q.Points != 0 {
			o["points"].fail("points-ungraded", "type", q.Type)
		}
		q.Points = 0
	}
	q.Tags = o["tags"].texts()
	q.Confidence = o["confidence"].flag()
	q.Retired = o["retired"].flag()
	q.AppliesIn, _ = f.countries(o["applies_in"])
	for _, v := range o["facts"].list() {
		q.Facts = append(q.Facts, v.text())
		f.at["cites:"+q.ID+":"+v.text()] = v.at
	}
}

// readAnswer reads what the type adds: options, key, weights, story.
func (f *folder) readAnswer(q *Question, v value, o map[string]value) {
	if words, ok := partials[q.Type]; ok {
		q.Partial = o["partial"].oneOf(words...)
	}
	switch q.Type {
	case Single, Multiple, Ordering, Matching, Hotspot:
		q.Options = optionIDs(v, o["options"], "options", q.ID)
	}
	if slices.Contains(keysOf[q.Type], "key") && o["key"].absent() {
		v.fail("key-missing", "question", q.ID)
		return
	}
	key := o["key"]
	switch q.Type {
	case Single:
		q.Key.Choice = member(key, q.Options, "options")
	case TrueFalse:
		q.Options = []string{"true", "false"}
		if key.flag() {
			q.Key.Choice = "true"
		} else {
			q.Key.Choice = "false"
		}
	case Multiple, Hotspot:
		q.Key.Choices = members(key, q.Options)
		if len(q.Key.Choices) == 0 {
			key.fail("key-empty", "question", q.ID)
		}
	case Ordering:
		q.Key.Order = members(key, q.Options)
		if len(q.Options) < 2 {
			v.fail("order-short", "question", q.ID)
		} else if len(q.Key.Order) != len(q.Options) {
			key.fail("key-order", "question", q.ID)
		}
	case Matching:
		f.readPairs(q, v, o)
	case Numeric:
		q.Key.Number = key.number()
		if q.Tolerance = o["tolerance"].number(); q.Tolerance < 0 {
			o["tolerance"].fail("tolerance-negative")
		}
		for _, v := range o["also"].list() {
			q.Also = append(q.Also, readNear(v))
		}
	case Date:
		if !key.day().IsZero() {
			q.Key.Date = key.text()
		}
	case ShortText:
		f.readAccept(q, v, o["accept"])
		for _, m := range o["match"].list() {
			q.Match = append(q.Match, m.oneOf("capitals", "wildcards"))
		}
		for _, l := range o["also"].fields() {
			if !slices.Contains(f.course.Languages, l.name) {
				if originOf(l.file) != "" {
					continue
				}
				f.fail(l.at, "language-unknown", "lang", clip(l.name))
				continue
			}
			for _, a := range l.fields() {
				q.Also = append(q.Also, Also{Lang: l.name, Text: a.name, Share: a.share()})
			}
		}
	case Scenario:
		f.readScenario(q, v, o)
	case Vignette:
		if q.Questions = o["questions"].texts(); len(q.Questions) == 0 {
			v.fail("vignette-empty", "question", q.ID)
		}
	case Rating:
		if q.Scale = o["scale"].whole(2, 10); q.Scale == 0 && o["scale"].absent() {
			v.fail("scale-missing", "question", q.ID)
		}
		for i := range q.Scale {
			q.Options = append(q.Options, strconv.Itoa(i+1))
		}
	}
	if q.Type == Single || q.Type == Multiple {
		f.readWeights(q, o["weights"])
	}
}

func optionIDs(parent, v value, list, question string) []string {
	if v.absent() {
		parent.fail("parts-missing", "question", question, "list", list)
		return nil
	}
	var out []string
	for _, x := range v.list() {
		switch id := x.text(); {
		case !IsID(id):
			x.fail("part-id", "id", clip(id))
		case slices.Contains(out, id):
			x.fail("part-twice", "id", id, "list", list)
		default:
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		v.fail("parts-missing", "question", question, "list", list)
	}
	return out
}

func member(v value, of []string, list string) string {
	s := v.text()
	if !slices.Contains(of, s) {
		v.fail("key-unknown", "id", clip(s), "list", list, "known", strings.Join(of, ", "))
		return ""
	}
	return s
}

func members(v value, of []string) []string {
	var out []string
	for _, x := range v.list() {
		s := member(x, of, "options")
		if slices.Contains(out, s) {
			x.fail("key-twice", "id", s)
		} else if s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (f *folder) readPairs(q *Question, v value, o map[string]value) {
	q.Targets = optionIDs(v, o["targets"], "targets", q.ID)
	q.Key.Pairs = map[string]string{}
	for _, p := range o["key"].fields() {
		if !slices.Contains(q.Options, p.name) {
			f.fail(p.at, "option-unknown", "id", clip(p.name), "known", strings.Join(q.Options, ", "))
			continue
		}
		if t := member(p.value, q.Targets, "targets"); t != "" {
			q.Key.Pairs[p.name] = t
		}
	}
	for _, id := range q.Options {
		if _, ok := q.Key.Pairs[id]; !ok {
			o["key"].fail("pair-missing", "question", q.ID, "option", id)
		}
	}
}

func (f *folder) readAccept(q *Question, v, accept value) {
	if accept.absent() {
		v.fail("accept-missing", "question", q.ID, "lang", f.course.Source)
		return
	}
	q.Accept = map[string][]string{}
	for _, l := range accept.fields() {
		if !slices.Contains(f.course.Languages, l.name) {
			if originOf(l.file) != "" {
				continue
			}
			f.fail(l.at, "language-unknown", "lang", clip(l.name))
			continue
		}
		if q.Accept[l.name] = l.texts(); len(q.Accept[l.name]) == 0 {
			l.fail("accept-empty", "lang", l.name)
		}
	}
	for _, lang := range f.course.Languages {
		if len(q.Accept[lang]) > 0 {
			continue
		}
		if lang == f.course.Source {
			accept.fail("accept-source", "question", q.ID, "lang", lang)
		} else {
			f.warn(accept.at, "accept-untranslated", "question", q.ID, "lang", lang)
		}
	}
}

// readWeights reads weights −1…1 per option; the key must reach 1 (course-format 1, Scores).
func (f *folder) readWeights(q *Question, v value) {
	if q.Partial != "weights" {
		if !v.absent() {
			v.fail("weights-unused", "partial", q.Partial)
		}
		return
	}
	q.Weights = map[string]float64{}
	for _, w := range v.fields() {
		n := w.number()
		switch {
		case !slices.Contains(q.Options, w.name):
			f.fail(w.at, "option-unknown", "id", clip(w.name), "known", strings.Join(q.Options, ", "))
		case n < -1 || n > 1:
			w.fail("weight-range")
		default:
			q.Weights[w.name] = n
		}
	}
	sum := 0.0
	for _, id := range append(slices.Clone(q.Key.Choices), q.Key.Choice) {
		sum += q.Weights[id]
	}
	if sum < 1-1e-9 {
		v.fail("weights-sum", "sum", sum)
	}
}

// readNear reads a number beside the key that earns a share.
func readNear(v value) Also {
	o := v.object("key", "tolerance", "share")
	for _, k := range []string{"key", "share"} {
		if o[k].absent() {
			o[k].fail("number-needed")
		}
	}
	a := Also{Number: o["key"].number(), Tolerance: o["tolerance"].number()}
	if a.Tolerance < 0 {
		o["tolerance"].fail("tolerance-negative")
	}
	if !o["share"].absent() {
		a.Share = o["share"].share()
	}
	return a
}

func (v value) share() float64 {
	n := v.number()
	if n <= 0 || n > 1 {
		v.fail("share-range")
	}
	return n
}

// Partials are the ways in which a type gives a part of the points, the default
// first; nil where it gives all or nothing.
func Partials(t Type) []string { return partials[t] }
