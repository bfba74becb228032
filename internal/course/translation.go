package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"havn/internal/language"
)

// Pair is a unit of the source with its translation into one language, and what
// translations.lock knows of it.
type Pair struct {
	ID             string
	Source, Target string // as written; Target is "" where there is none
	State          State
	From           string // hash of the source text that Target was made from; "" not recorded
	By, Date       string // who gave the state, and when; "" not recorded
	Markdown       bool   // otherwise plain text
	File           string // in which the source text stands
	Into           string // in which its translation stands, or will
}

// Translation is a course folder as the translator into one language sees it.
type Translation struct {
	Slug, Source, Lang string
	// Pairs is every unit that the source has a text for, of the course and of its
	// countries, in the order of the course.
	Pairs []Pair

	name    string
	files   Files     // with Lang among the languages
	isNew   bool      // Lang was not among them
	folders []*folder // the course anywhere, then in each country
	in      map[string]*folder
}

// Edit is what a unit's translation shall become.
type Edit struct {
	Text  string
	State State
	By    string // without spaces
}

// ReadTranslation reads a folder that has no errors for its translation into
// lang, which need not be among its languages yet.
func ReadTranslation(name string, files Files, lang string) (*Translation, Problems) {
	t := &Translation{Lang: lang, name: name, files: files}
	if f := read(name, files, ""); f.problems.Errors() == 0 && !slices.Contains(f.course.Languages, lang) && language.Valid(lang) {
		t.isNew, t.files = true, maps.Clone(files)
		src, err := addLanguage(files["course.yaml"], lang)
		if err != nil {
			f.fail(f.at["course"], "yaml-invalid", "reason", err.Error())
			return nil, f.problems
		}
		t.files["course.yaml"] = src
	}
	var problems Problems
	if t.folders, problems = readAll(name, t.files, lang); problems.Errors() > 0 {
		return nil, problems
	}
	t.Slug, t.Source = t.folders[0].course.Slug, t.folders[0].course.Source
	t.in = map[string]*folder{}
	for _, in := range t.folders {
		have, lock := in.unitTexts(lang), in.lock[lang]
		for _, u := range in.units(in.texts[t.Source]) {
			if u.Text == "" || t.in[u.ID] != nil {
				continue
			}
			t.in[u.ID] = in
			e := lock[in.lockID(lang, u.ID)]
			p := Pair{ID: u.ID, Source: u.Text, Target: have[u.ID].Text, State: in.state(lang, u, have[u.ID]), Markdown: isMarkdown(u.ID), File: in.whereText(in.texts[t.Source], u.ID).file, Into: in.whereText(in.texts[lang], u.ID).file}
			if p.Target != "" {
				p.From, p.By, p.Date = e.hash, e.by, e.date
			}
			t.Pairs = append(t.Pairs, p)
		}
	}
	return t, problems
}

// Modules are those of the course, as it stands anywhere.
func (t *Translation) Modules() []Module { return t.folders[0].course.Modules }

// Languages are those of the course, Lang among them.
func (t *Translation) Languages() []string { return t.folders[0].course.Languages }

func isMarkdown(unit string) bool {
	return strings.HasPrefix(unit, "page:") || strings.HasPrefix(unit, "question:") ||
		strings.HasPrefix(unit, "glossary:") && strings.HasSuffix(unit, ".definition")
}

// SameText tells whether two texts are one for Havn: without regard to space
// around them, kinds of line ends and of composed characters.
func SameText(a, b string) bool {
	return a == b || norm.NFC.String(Tidy(a)) == norm.NFC.String(Tidy(b))
}

// Tidy is a text as it is written into a course: \n line ends, no space around.
func Tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"))
}

// Untitled lists the edits of blocks, sorted, whose page would have no title with
// them: it is not there yet, and its title is not among them.
func (t *Translation) Untitled(edits map[string]Edit) (units []string) {
	for unit := range edits {
		page, _, block := blockOf(unit)
		if _, titled := edits[blockID(page, 0)]; block && !titled && t.in[unit] != nil && !t.exists(unit) {
			units = append(units, unit)
		}
	}
	slices.Sort(units)
	return units
}

// exists tells whether the page of a block is there in the language.
func (t *Translation) exists(unit string) bool {
	id, _, _ := blockOf(unit)
	return len(blocks(t.in[unit].texts[t.Lang].pages[id[strings.IndexByte(id, '/')+1:]])) > 0
}

// Write is the files that change with the edits, translations.lock among them,
// and nothing else of the folder. Where a text stays as it is, only the lock
// changes. Units that cannot be written so that they are read again the same, and
// all else with them as it was, are named in failed.
func (t *Translation) Write(edits map[string]Edit, on time.Time) (changed Files, failed []string) {
	if len(edits) == 0 {
		return Files{}, nil
	}
	w := writing{t: t, edits: edits, files: maps.Clone(t.files), lock: map[string]lockEntry{}, date: on.Format(time.DateOnly)}
	maps.Copy(w.lock, t.folders[0].lock[t.Lang])
	w.write()
	if failed = w.differs(); len(failed) > 0 {
		rest := maps.Clone(edits)
		for _, unit := range failed {
			delete(rest, unit)
		}
		if len(rest) == len(edits) { // what was not to change did
			return Files{}, slices.Sorted(maps.Keys(edits))
		}
		changed, more := t.Write(rest, on)
		failed = append(failed, more...)
		slices.Sort(failed)
		return changed, failed
	}
	changed = Files{}
	for name, content := range w.files {
		if before, ok := t.files[name]; !ok || string(before) != string(content) {
			changed[name] = content
		}
	}
	if t.isNew {
		changed["course.yaml"] = t.files["course.yaml"]
	}
	return changed, nil
}

// differs reads the folder as written: each unit must have the text that it was
// given or that it had.
func (w *writing) differs() (units []string) {
	again, problems := ReadTranslation(w.t.name, w.files, w.t.Lang)
	if again == nil {
		for unit := range w.edits {
			if slices.ContainsFunc(problems, func(p Problem) bool { return p.Level == Error && p.File == w.file(unit) }) {
				units = append(units, unit)
			}
		}
		if units == nil {
			units = slices.Collect(maps.Keys(w.edits))
		}
		slices.Sort(units)
		return units
	}
	for i, p := range w.t.Pairs {
		want := p.Target
		if e, edited := w.edits[p.ID]; edited {
			want = e.Text
		}
		if now := again.Pairs[i]; now.ID != p.ID || now.Source != p.Source || now.Target != want {
			units = append(units, p.ID)
		}
	}
	slices.Sort(units)
	return units
}

// addLanguage puts a language behind the last one of course.yaml.
func addLanguage(file []byte, lang string) ([]byte, error) {
	f := &folder{files: Files{"course.yaml": file}}
	src, _ := f.source("course.yaml")
	w := yamlWriter{src: src, lines: lineStarts(src)}
	list := parseYAML(&f.report, "course.yaml", src).object("format", "slug", "source", "languages", "fallback", "minutes", "audience", "countries", "completion", "stale", "modules")["languages"].list()
	if len(list) == 0 {
		return nil, fmt.Errorf("no languages")
	}
	last := list[len(list)-1].node
	start, err := w.offset(last.GetToken())
	if err != nil {
		return nil, err
	}
	_, end, err := w.extent(last, 0, true)
	if err != nil {
		return nil, err
	}
	text := ", " + lang
	if before := strings.TrimLeft(string(src[w.lineStart(start):start]), " "); before == "- " {
		text = "\n" + string(src[w.lineStart(start):start]) + lang
		end = w.lineEnd(end)
	}
	return keepingLines(file, []edit{{end, end, text}}), nil
}

// Holds tells whether the course passes its checks with changed files as far as
// it does without them.
func (t *Translation) Holds(changed Files) error {
	if len(changed) == 0 {
		return nil
	}
	after := maps.Clone(t.files)
	maps.Copy(after, changed)
	_, problems := Load(t.name, after)
	if problems.Errors() == 0 {
		return nil
	}
	// Lines move, so they are not compared.
	name := func(p Problem) string { return fmt.Sprint(p.File, p.Code, p.Params) }
	known := map[string]bool{}
	_, before := Load(t.name, t.files)
	for _, p := range before {
		known[name(p)] = true
	}
	for _, p := range problems {
		if p.Level == Error && !known[name(p)] {
			return fmt.Errorf("the course would have an error: %s", p)
		}
	}
	return nil
}
