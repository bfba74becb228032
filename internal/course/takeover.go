package course

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// TakeOver gives the folder called name with what it reuses of other courses, as
// they are published now: pages and questions with all that they cite, in the
// languages of this course, as far as they are there. The problems are those of the
// reuse alone, for LoadTaken. Whatever was taken over before is made anew.
func TakeOver(name string, files Files, origins Origins) (Files, Problems) {
	own := files.Own()
	if len(own.Reuses()) == 0 {
		return own, nil
	}
	t := &taking{folder: read(name, own, ""), out: maps.Clone(own), facts: map[string]fact{}, terms: map[string]term{}, origins: origins}
	if t.folder.texts[t.course.Source] == nil {
		return own, nil
	}
	t.problems = nil // LoadTaken tells them
	var record []string
	for _, r := range t.course.Reuse {
		at := t.at["reuse:"+r.Course]
		origin, refusal := origins(r.Course)
		switch {
		case refusal == IsWithdrawn:
			t.fail(at, "reuse-withdrawn", "course", r.Course)
			continue
		case refusal == OfOthers:
			t.fail(at, "reuse-foreign", "course", r.Course)
			continue
		case refusal == 0 && t.leadsBack(origin, map[string]bool{}):
			t.fail(at, "reuse-loop", "course", r.Course)
			continue
		}
		from := read(r.Course, origin.Files, "")
		if refusal != 0 || from.texts[from.course.Source] == nil {
			t.fail(at, "reuse-course", "course", r.Course)
			continue
		}
		if from.course.Source != t.course.Source {
			t.fail(at, "reuse-source", "course", r.Course, "lang", from.course.Source, "own", t.course.Source)
			continue
		}
		t.take(r, from)
		record = append(record, fmt.Sprintf("%s %d\n", r.Course, origin.Version))
	}
	slices.Sort(record)
	if len(record) > 0 {
		t.out[reuseFile] = []byte(strings.Join(record, ""))
	}
	size := 0
	for _, src := range t.out {
		size += len(src)
	}
	if size > maxSize || len(t.out) > maxFiles {
		t.fail(place{file: "course.yaml"}, "reuse-large", "files", maxFiles, "mb", maxSize>>20)
		return own, t.problems
	}
	return t.out, t.problems
}

type fact struct {
	Fact
	statement string
}

type term struct{ term, definition string }

// taking is a folder while it takes over of others.
type taking struct {
	*folder
	out     Files
	origins Origins
	facts   map[string]fact // taken over so far
	terms   map[string]term
}

// leadsBack tells whether a course reuses of this one, itself or by others.
func (t *taking) leadsBack(origin Origin, seen map[string]bool) bool {
	for _, r := range origin.Files.Reuses() {
		if r.Course == t.course.Slug {
			return true
		}
		if seen[r.Course] {
			continue
		}
		seen[r.Course] = true
		if next, refusal := t.origins(r.Course); refusal == 0 && t.leadsBack(next, seen) {
			return true
		}
	}
	return false
}

// take takes over what is named of one course.
func (t *taking) take(r Reuse, from *folder) {
	units := map[string]bool{} // "page:m1-rights", with all that is cited
	var questions []string
	for _, id := range r.Pages {
		at := t.at["reused:page:"+id]
		file := join(t.course.Source, id+".md")
		switch {
		case t.files[file] != nil:
			t.fail(place{file: file, line: 1}, "reuse-own", "id", id, "course", r.Course)
		case from.from["page:"+id] != "":
			t.fail(at, "reuse-second-hand", "id", id, "course", r.Course, "origin", from.from["page:"+id])
		case from.at["page:"+id].file == "" || from.files[file] == nil:
			t.fail(at, "reuse-page", "id", id, "course", r.Course, "like", nearest(id, pagesOf(from.course)))
		default:
			units["page:"+id] = true
		}
	}
	for _, id := range r.Questions {
		at := t.at["reused:question:"+id]
		switch {
		case t.folder.questions[id] != nil: // told where it stands
		case from.from["question:"+id] != "":
			t.fail(at, "reuse-second-hand", "id", id, "course", r.Course, "origin", from.from["question:"+id])
		case from.questions[id] == nil:
			t.fail(at, "reuse-question", "id", id, "course", r.Course, "like", nearest(id, from.order))
		default:
			for _, q := range append([]string{id}, from.questions[id].Questions...) {
				if from.questions[q] != nil && from.from["question:"+q] == "" && !units["question:"+q] {
					units["question:"+q] = true
					questions = append(questions, q)
				}
			}
		}
	}
	slices.SortFunc(questions, func(a, b string) int { return cmp.Compare(slices.Index(from.order, a), slices.Index(from.order, b)) })
	said := t.texts(r.Course, from, units, questions)
	facts, terms := t.cited(r.Course, from, questions, said)
	t.rules(r.Course, "questions.yaml", from, questions)
	t.rules(r.Course, "facts.yaml", from, facts)
	for _, id := range facts {
		units["fact:"+id] = true
	}
	for _, id := range terms {
		units["glossary:"+id] = true
	}
	t.register(r.Course, from, facts, terms)
	t.locks(r.Course, from, units)
	t.elsewhere(r.Course, from, units)
	for name, src := range from.files {
		if file := strings.TrimPrefix(name, reusedFile(originOf(name), "")); strings.HasPrefix(file, mediaDir) && strings.Contains(said, file) {
			if own, there := t.files[file]; there && !bytes.Equal(own, src) {
				t.fail(place{file: file}, "reuse-media", "file", file, "course", r.Course)
			}
			t.out[reusedFile(r.Course, file)] = src
		}
	}
}

// elsewhere warns of what the other course says otherwise in countries of this one:
// that stays there, and this course has nothing of its own in its place.
func (t *taking) elsewhere(slug string, from *folder, units map[string]bool) {
	said := maps.Clone(units)
	for unit := range units {
		if id, ok := strings.CutPrefix(unit, "question:"); ok {
			for _, fact := range from.questions[id].Facts {
				said["fact:"+fact] = true
			}
		}
	}
	for _, country := range from.countriesIn() {
		if !slices.Contains(t.course.Countries, country) {
			continue
		}
		in, here := read(slug, from.files, country), read(t.name, t.files, country)
		for _, unit := range slices.Sorted(maps.Keys(said)) {
			if in.own[unit] && !here.own[unit] {
				t.warn(t.at["reuse:"+slug], "reuse-place", "course", slug, "country", country, "unit", unit)
			}
		}
	}
}

func pagesOf(c Course) (ids []string) {
	for _, m := range c.Modules {
		ids = append(ids, m.Pages...)
	}
	return ids
}

// texts takes over what pages and questions say, and gives all of it in one.
func (t *taking) texts(slug string, from *folder, units map[string]bool, questions []string) string {
	var said strings.Builder
	for _, lang := range t.course.Languages {
		texts := from.texts[lang]
		if texts == nil {
			t.warn(t.at["reuse:"+slug], "reuse-language", "course", slug, "lang", lang)
			continue
		}
		for unit := range units {
			id, page := strings.CutPrefix(unit, "page:")
			if src := from.files[from.pageFile(lang, id)]; page && src != nil {
				t.out[reusedFile(slug, join(lang, id+".md"))] = src
				said.Write(src)
			}
		}
		tree := &wording{}
		for _, id := range questions {
			for _, u := range questionUnits(from.questions[id], texts.questions[id]) {
				tree.say(u)
				said.WriteString(u.Text + "\n")
			}
		}
		t.write(slug, join(lang, "questions.yaml"), tree)
	}
	return said.String()
}

func (w *wording) say(u Unit) {
	if at := w.at(yamlPath(u.ID)...); u.Text != "" {
		at.text = &u.Text
	}
}

func (t *taking) write(slug, file string, tree *wording) {
	if tree.set() {
		var b strings.Builder
		writeBlock(&b, tree, 0)
		t.out[reusedFile(slug, file)] = []byte(b.String())
	}
}

var termLinks = regexp.MustCompile(`\(term:([a-z0-9-]{1,100})`)

// cited are the facts and terms that go with what is said, but for those that this
// course has already and says the same of.
func (t *taking) cited(slug string, from *folder, questions []string, said string) (facts, terms []string) {
	wanted := map[string]bool{}
	for _, id := range questions {
		for _, f := range from.questions[id].Facts {
			wanted[f] = true
		}
	}
	for _, c := range citations.FindAllStringSubmatch(said, -1) {
		wanted[c[1]] = true
	}
	for _, id := range from.factOrder {
		if !wanted[id] {
			continue
		}
		is := fact{*from.facts[id], from.texts[from.course.Source].facts[id]}
		at := t.at["fact:"+id]
		have, known := t.facts[id]
		if own := t.folder.facts[id]; own != nil {
			have, known = fact{*own, t.folder.texts[t.course.Source].facts[id]}, true
		} else {
			at = t.at["reuse:"+slug]
		}
		switch {
		case !known:
			t.facts[id] = is
			facts = append(facts, id)
		case !reflect.DeepEqual(have, is):
			t.fail(at, "reuse-fact", "fact", id, "course", slug)
		}
	}
	linked := map[string]bool{}
	for _, l := range termLinks.FindAllStringSubmatch(said, -1) {
		linked[l[1]] = true
	}
	for _, id := range from.terms {
		if !linked[id] {
			continue
		}
		is, at := term(*from.texts[from.course.Source].glossary[id]), t.at["id:"+id]
		have, known := t.terms[id]
		if own := t.folder.texts[t.course.Source].glossary[id]; own != nil {
			have, known = term(*own), true
		} else {
			at = t.at["reuse:"+slug]
		}
		switch {
		case !known:
			t.terms[id] = is
			terms = append(terms, id)
		case have != is:
			t.fail(at, "reuse-term", "term", id, "course", slug)
		}
	}
	return facts, terms
}

// register takes over what facts and terms say.
func (t *taking) register(slug string, from *folder, facts, terms []string) {
	for _, lang := range t.course.Languages {
		texts := from.texts[lang]
		if texts == nil {
			continue
		}
		statements, words := &wording{}, &wording{}
		for _, id := range facts {
			statements.say(Unit{ID: "fact:" + id, Text: texts.facts[id]})
		}
		for _, id := range terms {
			if w := texts.glossary[id]; w != nil {
				words.say(Unit{ID: "glossary:" + id + ".term", Text: w.term})
				words.say(Unit{ID: "glossary:" + id + ".definition", Text: w.definition})
			}
		}
		t.write(slug, join(lang, "facts.yaml"), statements)
		t.write(slug, join(lang, "glossary.yaml"), words)
	}
}

// rules takes over entries of questions.yaml or facts.yaml as they are written.
func (t *taking) rules(slug, file string, from *folder, ids []string) {
	var b strings.Builder
	written := map[string]string{}
	for _, layer := range from.layers(file) {
		src, _ := from.source(layer)
		maps.Copy(written, entriesOf(src))
	}
	for _, id := range ids {
		text, ok := written[id]
		if !ok {
			t.fail(t.at["reuse:"+slug], "reuse-form", "id", id, "course", slug)
			continue
		}
		b.WriteString(text)
	}
	if b.Len() == 0 {
		return
	}
	t.out[reusedFile(slug, file)] = []byte(b.String())
	again := newFolder("", Files{file: []byte(b.String())}, "")
	again.course.Languages, again.course.Source = from.course.Languages, from.course.Source
	again.readQuestions()
	again.readFacts("facts.yaml")
	for _, id := range ids { // what was not cut out right would be another key
		if !reflect.DeepEqual(again.questions[id], from.questions[id]) || !reflect.DeepEqual(again.facts[id], from.facts[id]) {
			t.fail(t.at["reuse:"+slug], "reuse-form", "id", id, "course", slug)
		}
	}
}

// entriesOf are the entries of a list by their ids, each as the entry of a list of
// its own.
func entriesOf(src []byte) map[string]string {
	out := map[string]string{}
	p, err := patchOf(src)
	if err != nil {
		return out
	}
	for _, v := range p.values() {
		start, end, err := p.extent(v, 0, false)
		if err != nil {
			continue
		}
		column := p.column(start)
		lines := strings.Split(string(p.src[start:end]), "\n")
		for n := 1; n < len(lines); n++ {
			in := len(lines[n]) - len(strings.TrimLeft(lines[n], " "))
			lines[n] = "  " + lines[n][min(in, column):]
		}
		out[idOf(v)] = "- " + strings.Join(lines, "\n") + "\n"
	}
	return out
}

// locks takes over what is known of the translations of units, and of their
// earlier texts that say the same.
func (t *taking) locks(slug string, from *folder, units map[string]bool) {
	lock := map[string]map[string]lockEntry{}
	for _, lang := range t.course.Languages {
		for unit, e := range from.lock[lang] {
			if units[Whole(unit)] {
				if lock[lang] == nil {
					lock[lang] = map[string]lockEntry{}
				}
				lock[lang][unit] = e
			}
		}
	}
	if len(lock) > 0 {
		t.out[reusedFile(slug, lockFile)] = lockLines(lock)
	}
	var minor []string
	for unit, earlier := range from.minor {
		for _, hash := range earlier {
			if units[Whole(unit)] {
				minor = append(minor, unit+" "+hash+"\n")
			}
		}
	}
	if slices.Sort(minor); len(minor) > 0 {
		t.out[reusedFile(slug, minorFile)] = []byte(strings.Join(minor, ""))
	}
}
