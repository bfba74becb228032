package bank

import (
	"fmt"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"

	"havn/internal/course"
)

// Rewrite puts a question of a sheet in the place of the one with its id, or behind
// the others where it has none yet, and gives the files that change anew. Other
// questions, comments and the order of the files stay byte for byte; of the texts
// only those are written that are others. The rules of a question that change are
// written in one form: a line, and a scenario with a line for each of its nodes.
// Translations lose what was taken out of the question. used are ids that parts of
// the question had once, and that no new part gets.
//
// What is written may have faults that the checker tells at their place; the error
// is a sentence about what cannot be written at all.
func Rewrite(name string, files course.Files, s Sheet, used []string) (out course.Files, id string, err error) {
	b, _ := course.ReadBank(name, files)
	var before *written
	if s.ID != "" {
		if before = writtenIn(b, s.ID); before == nil {
			return nil, "", refuse("the question is not there any more")
		}
	}
	w, err := s.question(before, usedIn(before, used))
	if err != nil {
		return nil, "", err
	}
	if before == nil {
		w.q.ID = Into{IDs: b.IDs, next: map[string]int{}}.newID(readableStem(w.text.Stem))
	}
	keepUnseen(&w, before)
	out = course.Files{}
	r := rewriting{b: b, files: files, out: out}
	if err := r.rules(w, before); err != nil {
		return nil, "", err
	}
	if err := r.texts(w); err != nil {
		return nil, "", err
	}
	if err := r.proof(name, w); err != nil {
		return nil, "", err
	}
	return out, w.q.ID, nil
}

func writtenIn(b *course.Bank, id string) *written {
	q := b.Question(id)
	if q == nil {
		return nil
	}
	return &written{*q, b.Texts[b.Source][id], b.Nodes[id]}
}

// usedIn are ids that no new part of a question may have.
func usedIn(w *written, more []string) map[string]bool {
	used := map[string]bool{}
	for _, id := range more {
		used[id] = true
	}
	if w != nil {
		for _, id := range slices.Concat(w.q.Options, w.q.Targets) {
			used[id] = true
		}
	}
	return used
}

// keepUnseen keeps explanations that no form shows, such as that of a choice of a
// scenario.
func keepUnseen(w, before *written) {
	if before == nil || w.q.Type != course.Scenario {
		return
	}
	for id, t := range before.text.Feedback {
		_, node := before.q.Nodes[id]
		for _, n := range w.q.Nodes {
			if _, choice := n.Choices[id]; choice && !node && id != "all" {
				w.text.Feedback[id] = t
			}
		}
	}
}

type rewriting struct {
	b          *course.Bank
	files, out course.Files
}

func (r rewriting) now(file string) []byte {
	if src, ok := r.out[file]; ok {
		return src
	}
	return r.files[file]
}

// set keeps a file that changed.
func (r rewriting) set(file string, src []byte, err error) error {
	if err != nil {
		return fmt.Errorf("%s is written in a form that only a hand can change", file)
	}
	if string(src) != string(r.now(file)) {
		r.out[file] = src
	}
	return nil
}

const rulesFile = "questions.yaml"

func (r rewriting) rules(w written, before *written) error {
	after := item(w, r.b.Course.Languages)
	if before != nil && item(*before, r.b.Course.Languages) == after {
		return nil
	}
	src, err := course.PutItem(r.now(rulesFile), "", w.q.ID, after)
	return r.set(rulesFile, src, err)
}

// texts writes the source's and takes out of every language what is gone.
func (r rewriting) texts(w written) error {
	wanted := texts(w)
	parts := map[string]bool{}
	for _, t := range wanted {
		parts[strings.Join(t.Path, "\x00")] = true
	}
	for _, lang := range r.b.Course.Languages {
		file := path.Join(lang, rulesFile)
		if lang != r.b.Source && r.now(file) == nil {
			continue
		}
		list, gone := wanted, func(at []string) bool { return at[0] == w.q.ID && !parts[strings.Join(at, "\x00")] }
		if lang != r.b.Source {
			list, gone = nil, func(at []string) bool { return at[0] == w.q.ID && !partOf(w, at[1:]) }
		}
		src, err := course.PutTexts(r.now(file), list, gone)
		if err := r.set(file, src, err); err != nil {
			return err
		}
	}
	return nil
}

// partOf tells whether a question has the part that a text speaks of.
func partOf(w written, at []string) bool {
	if len(at) < 2 {
		return true
	}
	switch at[0] {
	case "options":
		return slices.Contains(w.q.Options, at[1])
	case "targets":
		return slices.Contains(w.q.Targets, at[1])
	case "feedback":
		if at[1] == "all" || slices.Contains(w.q.Options, at[1]) {
			return true
		}
		for id, n := range w.q.Nodes {
			if _, choice := n.Choices[at[1]]; choice || id == at[1] {
				return true
			}
		}
		return false
	case "nodes":
		n, ok := w.q.Nodes[at[1]]
		if len(at) == 4 && ok {
			_, ok = n.Choices[at[3]]
		}
		return ok
	}
	return true
}

// texts are those of a question in the order in which they are written.
func texts(w written) (list []course.TextAt) {
	add := func(text string, path ...string) {
		if text != "" {
			list = append(list, course.TextAt{Path: append([]string{w.q.ID}, path...), Text: text})
		}
	}
	add(w.text.Stem, "stem")
	for _, id := range w.q.Options {
		add(w.text.Options[id], "options", id)
	}
	for _, id := range w.q.Targets {
		add(w.text.Targets[id], "targets", id)
	}
	told := slices.Concat(w.q.Options, w.nodes)
	for _, n := range w.nodes {
		add(w.text.Nodes[n].Text, "nodes", n, "text")
		for _, c := range slices.Sorted(maps.Keys(w.q.Nodes[n].Choices)) {
			add(w.text.Nodes[n].Choices[c], "nodes", n, "choices", c)
			if !slices.Contains(told, c) {
				told = append(told, c)
			}
		}
	}
	for _, id := range append(told, "all") {
		add(w.text.Feedback[id], "feedback", id)
	}
	return list
}

// proof reads what was written: it says what was wanted, and all else what it said.
func (r rewriting) proof(name string, w written) error {
	all := maps.Clone(r.files)
	maps.Copy(all, r.out)
	after, _ := course.ReadBank(name, all)
	langs := after.Course.Languages
	for _, q := range r.b.Questions {
		now := writtenIn(after, q.ID)
		if q.ID != w.q.ID && (now == nil || item(*now, langs) != item(*writtenIn(r.b, q.ID), langs) || !reflect.DeepEqual(now.text, r.b.Texts[r.b.Source][q.ID])) {
			return fmt.Errorf("another question would change: %s", q.ID)
		}
	}
	now := writtenIn(after, w.q.ID)
	if now == nil || item(*now, langs) != item(w, langs) {
		return fmt.Errorf("the rules of %s cannot be written", w.q.ID)
	}
	if !reflect.DeepEqual(texts(*now), texts(w)) {
		return fmt.Errorf("the texts of %s cannot be written", w.q.ID)
	}
	return nil
}
