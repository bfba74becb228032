package bank

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"havn/internal/course"
)

// Sheet is a question as a form holds it, of any type: what its author decides, in
// the source language. What a form does not show (translations, shares for other
// answers) is kept beside it.
type Sheet struct {
	ID       string      `json:"id,omitempty"`
	Type     course.Type `json:"type"`
	Stem     string      `json:"stem,omitempty" maxLength:"20000" doc:"Markdown"`
	Feedback string      `json:"feedback,omitempty" maxLength:"20000" doc:"Markdown, shown for any answer"`

	Options   []Option            `json:"options,omitempty" maxItems:"200" doc:"Answers, steps, lines of a transcript, left sides of pairs; labels of a scale"`
	Targets   []Target            `json:"targets,omitempty" maxItems:"200" doc:"Right sides of pairs"`
	Number    float64             `json:"number,omitempty" doc:"numeric"`
	Tolerance float64             `json:"tolerance,omitempty" minimum:"0" doc:"numeric"`
	Date      string              `json:"date,omitempty" maxLength:"10" doc:"date: YYYY-MM-DD"`
	Accept    map[string][]string `json:"accept,omitempty" doc:"text: what is accepted, by language"`
	Match     []string            `json:"match,omitempty" maxItems:"2" enum:"capitals,wildcards" doc:"text"`
	Scale     int                 `json:"scale,omitempty" minimum:"0" maximum:"10" doc:"rating: 2 to 10"`
	Questions []string            `json:"questions,omitempty" maxItems:"50" doc:"vignette: the questions behind it"`
	Start     string              `json:"start,omitempty" maxLength:"100" doc:"scenario"`
	Nodes     []Node              `json:"nodes,omitempty" maxItems:"200" doc:"scenario"`

	Points     float64  `json:"points,omitempty" minimum:"0" maximum:"1000"`
	Partial    string   `json:"partial,omitempty" maxLength:"20"`
	Tags       []string `json:"tags,omitempty" maxItems:"50"`
	Facts      []string `json:"facts,omitempty" maxItems:"50"`
	AppliesIn  []string `json:"applies_in,omitempty" maxItems:"100" doc:"Countries; none: wherever its facts apply"`
	Confidence bool     `json:"confidence,omitempty" doc:"Asks how sure one is"`
	Retired    bool     `json:"retired,omitempty" doc:"Never asked again"`
}

// Option is a part of a question. A new one has no id and gets one; one without
// text is taken out.
type Option struct {
	ID       string  `json:"id,omitempty" maxLength:"100"`
	Text     string  `json:"text,omitempty" maxLength:"20000"`
	Feedback string  `json:"feedback,omitempty" maxLength:"20000"`
	Right    bool    `json:"right,omitempty" doc:"single, multiple, true-false, hotspot"`
	Weight   float64 `json:"weight,omitempty" minimum:"-1" maximum:"1" doc:"Its share, where partial is weights"`
	Place    int     `json:"place,omitempty" doc:"ordering: from 1"`
	Target   string  `json:"target,omitempty" maxLength:"100" doc:"matching: a target's id"`
}

// Target is a right side of pairs.
type Target struct {
	ID   string `json:"id,omitempty" maxLength:"100"`
	Text string `json:"text,omitempty" maxLength:"20000"`
}

// Node is a step of a scenario, or one of its ends.
type Node struct {
	ID       string `json:"id" maxLength:"100"`
	Text     string `json:"text,omitempty" maxLength:"20000"`
	End      string `json:"end,omitempty" enum:",safe,delayed,harmful"`
	Feedback string `json:"feedback,omitempty" maxLength:"20000" doc:"Of an end"`
	Choices  []Way  `json:"choices,omitempty" maxItems:"20"`
}

// Way is a choice, and leads from a step to another.
type Way struct {
	ID     string  `json:"id,omitempty" maxLength:"100"`
	Text   string  `json:"text,omitempty" maxLength:"20000"`
	To     string  `json:"to,omitempty" maxLength:"100"`
	Points float64 `json:"points,omitempty" minimum:"0" maximum:"1000"`
}

// Types are all that a sheet can be of, those used most first.
var Types = []course.Type{
	course.Single, course.Multiple, course.TrueFalse, course.Ordering, course.Matching, course.Numeric, course.Date,
	course.ShortText, course.Hotspot, course.Scenario, course.Vignette, course.Reflection, course.Rating,
}

// SheetOf is the question with an id as its form shows it.
func SheetOf(b *course.Bank, id string) (Sheet, bool) {
	q := b.Question(id)
	if q == nil {
		return Sheet{}, false
	}
	text := b.Texts[b.Source][id]
	s := Sheet{
		ID: id, Type: q.Type, Stem: text.Stem, Feedback: text.Feedback["all"],
		Number: q.Key.Number, Tolerance: q.Tolerance, Date: q.Key.Date, Accept: q.Accept, Match: q.Match, Scale: q.Scale, Questions: q.Questions, Start: q.Start,
		Points: q.Points, Partial: q.Partial, Tags: q.Tags, Facts: q.Facts, AppliesIn: q.AppliesIn, Confidence: q.Confidence, Retired: q.Retired,
	}
	for _, o := range q.Options {
		s.Options = append(s.Options, Option{
			ID: o, Text: text.Options[o], Feedback: text.Feedback[o], Right: q.Key.Has(o), Weight: q.Weights[o], Place: slices.Index(q.Key.Order, o) + 1, Target: q.Key.Pairs[o],
		})
	}
	if q.Type == course.Ordering {
		slices.SortStableFunc(s.Options, byPlace)
	}
	for _, t := range q.Targets {
		s.Targets = append(s.Targets, Target{t, text.Targets[t]})
	}
	for _, n := range b.Nodes[id] {
		node := Node{ID: n, Text: text.Nodes[n].Text, End: q.Nodes[n].End, Feedback: text.Feedback[n]}
		for _, c := range slices.Sorted(maps.Keys(q.Nodes[n].Choices)) {
			node.Choices = append(node.Choices, Way{c, text.Nodes[n].Choices[c], q.Nodes[n].Choices[c], q.Nodes[n].Points[c]})
		}
		s.Nodes = append(s.Nodes, node)
	}
	return s, true
}

// byPlace puts those with a place before those without.
func byPlace(a, b Option) int {
	if (a.Place == 0) != (b.Place == 0) {
		return cmp.Compare(b.Place, a.Place)
	}
	return cmp.Compare(a.Place, b.Place)
}

// written is a question as it is to stand in a course.
type written struct {
	q     course.Question
	text  course.QuestionSource
	nodes []string // in their order
}

// question makes the question of a sheet. before is what it was, nil for a new one,
// of which what a sheet does not hold is kept. used are ids that its parts had once.
// The error is a sentence.
func (s Sheet) question(before *written, used map[string]bool) (written, error) {
	w := written{q: course.Question{ID: s.ID, Type: s.Type}, text: course.QuestionSource{Feedback: map[string]string{}}}
	if before != nil {
		w.q.Also = before.q.Also
		if before.q.Type != s.Type {
			return w, refuse("a question keeps its type")
		}
	}
	if !slices.Contains(Types, s.Type) {
		return w, refuse("the type is not known")
	}
	q, text := &w.q, &w.text
	text.Stem = clean(s.Stem)
	text.Feedback["all"] = clean(s.Feedback)
	q.Tags, q.Facts, q.AppliesIn, q.Confidence, q.Retired = tidyList(s.Tags), tidyList(s.Facts), tidyList(s.AppliesIn), s.Confidence, s.Retired
	if q.Type.Graded() {
		q.Points = s.Points
	}
	for _, p := range []float64{s.Points, s.Tolerance} {
		if p < 0 || p > 1e6 {
			return w, refuse("points and tolerance lie between 0 and a million")
		}
	}
	if words := course.Partials(q.Type); len(words) > 0 {
		if q.Partial = cmp.Or(s.Partial, words[0]); !slices.Contains(words, q.Partial) {
			return w, refuse("points in part are given as one of %s", strings.Join(words, ", "))
		}
	}
	if err := s.answers(&w, before, used); err != nil {
		return w, err
	}
	maps.DeleteFunc(text.Feedback, func(_, t string) bool { return t == "" })
	for _, t := range texts(w) {
		if len(t.Text) > maxText {
			return w, refuse("a text is longer than %d bytes", maxText)
		}
	}
	return w, nil
}

func (s Sheet) answers(w *written, before *written, used map[string]bool) error {
	q := &w.q
	switch q.Type {
	case course.TrueFalse:
		q.Options = []string{"true", "false"}
		for _, o := range s.Options {
			if slices.Contains(q.Options, o.ID) {
				w.text.Feedback[o.ID] = clean(o.Feedback)
				if o.Right {
					q.Key.Choice = o.ID
				}
			}
		}
	case course.Rating:
		if q.Scale = s.Scale; q.Scale < 2 || q.Scale > 10 {
			return refuse("a scale has 2 to 10 degrees")
		}
		w.text.Options = map[string]string{}
		for n := range q.Scale {
			q.Options = append(q.Options, strconv.Itoa(n+1))
		}
		for _, o := range s.Options {
			if t := clean(o.Text); t != "" && slices.Contains(q.Options, o.ID) {
				w.text.Options[o.ID] = t
			}
		}
	case course.Single, course.Multiple, course.Hotspot, course.Ordering, course.Matching:
		return s.options(w, before, used)
	case course.Numeric:
		q.Key.Number, q.Tolerance = s.Number, s.Tolerance
	case course.Date:
		if _, err := time.Parse(time.DateOnly, s.Date); s.Date != "" && err != nil {
			return refuse("write the date as 2026-09-22")
		}
		q.Key.Date = s.Date
	case course.ShortText:
		q.Accept, q.Match = map[string][]string{}, s.Match
		for lang, words := range s.Accept {
			if words = tidyList(words); len(words) > 0 {
				q.Accept[lang] = words
			}
		}
	case course.Vignette:
		q.Questions = tidyList(s.Questions)
	case course.Scenario:
		return s.story(w, before, used)
	}
	return nil
}

func clean(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

func tidyList(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
