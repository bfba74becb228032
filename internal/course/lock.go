package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

const lockFile = "translations.lock"

// lockEntry is one line of translations.lock: from which source text a unit
// was translated, how far it was reviewed, by whom and when.
type lockEntry struct {
	hash  string
	state State
	by    string
	date  string
}

// readLock reads translations.lock. A course without the file has
// translations of which nothing is known: they count as machine drafts.
func (f *folder) readLock() {
	f.lock = map[string]map[string]lockEntry{}
	known := map[string]map[string]bool{}
	for _, lang := range f.course.Languages {
		known[lang] = f.lockable(lang)
	}
	for _, file := range f.layers(lockFile) {
		f.readLockFile(file, known)
	}
}

func (f *folder) readLockFile(file string, known map[string]map[string]bool) {
	src, _ := f.source(file)
	for n, line := range strings.Split(string(src), "\n") {
		at := place{file: file, line: n + 1}
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		w := strings.Fields(line)
		if len(w) != 6 {
			f.fail(at, "lock-words")
			continue
		}
		e := lockEntry{hash: w[2], state: State(w[3]), by: w[4], date: w[5]}
		switch {
		case !slices.Contains(f.course.Languages, w[0]):
			f.fail(at, "language-unknown", "lang", clip(w[0]))
		case e.state != MachineDraft && e.state != LanguageReviewed && e.state != ExpertReviewed && e.state != Stale:
			f.fail(at, "lock-state", "state", clip(w[3]))
		case f.lock[w[0]][w[1]] != lockEntry{}:
			f.fail(at, "lock-twice", "unit", clip(w[1]), "lang", w[0])
		default:
			if _, err := time.Parse(time.DateOnly, e.date); err != nil {
				f.fail(at, "date-invalid", "date", clip(e.date))
				continue
			}
			if !known[w[0]][w[1]] && countryOf(w[1]) == f.country {
				f.warn(at, "lock-left-over", "unit", clip(w[1]))
			}
			if f.lock[w[0]] == nil {
				f.lock[w[0]] = map[string]lockEntry{}
			}
			f.lock[w[0]][w[1]] = e
		}
	}
}

// lockable is the units that the lock may speak of: those of the source, but of
// pages those of the language's own file.
func (f *folder) lockable(lang string) map[string]bool {
	known := map[string]bool{}
	source := f.texts[f.course.Source]
	if source == nil {
		return known
	}
	for _, u := range f.units(source) {
		known[u.ID] = u.Text != ""
	}
	for _, m := range f.course.Modules {
		for _, p := range m.Pages {
			for i := range blocks(f.texts[lang].pages[p]) {
				known[blockID(f.ofPlace("page", p), i)] = true
			}
		}
	}
	return known
}

// countryOf is the country whose own version of a page or fact a unit is part
// of, "" for the course's own.
func countryOf(unit string) string {
	_, rest, _ := strings.Cut(unit, ":")
	country, _, inside := strings.Cut(rest, "/")
	if !inside {
		return ""
	}
	return country
}

// state says how far the translation of one unit can be trusted.
func (f *folder) state(lang string, source, translated Unit) State {
	switch {
	case lang == f.course.Source:
		return Source
	case translated.Text == "":
		return Missing
	}
	e, known := f.lock[lang][f.lockID(lang, source.ID)]
	switch {
	case !known:
		return MachineDraft
	case e.hash != UnitHash(source.Text) && !slices.Contains(f.minor[source.ID], e.hash):
		return Stale
	}
	return e.state
}

var trust = []State{Missing, Stale, MachineDraft, LanguageReviewed, ExpertReviewed, Source}

// Worst is the least trusted of the states; Source where there are none.
func Worst(states ...State) State {
	worst := len(trust) - 1
	for _, s := range states {
		worst = min(worst, max(0, slices.Index(trust, s)))
	}
	return trust[worst]
}

// MarkTranslated returns translations.lock with every translated unit of lang
// recorded as made from today's source text, in the given state. The lines of
// other languages stay; lines of units that are gone go.
func MarkTranslated(name string, files Files, lang string, state State, by string, on time.Time) ([]byte, Problems) {
	all, problems := readAll(name, files, lang)
	if problems.Errors() > 0 {
		return nil, problems
	}
	lock, keep := all[0].lock, map[string]bool{}
	if lock[lang] == nil {
		lock[lang] = map[string]lockEntry{}
	}
	for _, in := range all {
		in.oneToOne = true
		have := in.unitTexts(lang)
		maps.Copy(keep, in.lockable(lang))
		for id, u := range in.unitTexts(in.course.Source) {
			if u.Text == "" {
				continue
			}
			own := in.lockID(lang, id)
			if have[id].Text == "" {
				continue
			}
			e := lock[lang][own]
			if hash := UnitHash(u.Text); e.hash != hash || e.state != state {
				lock[lang][own] = lockEntry{hash, state, by, on.Format(time.DateOnly)}
			}
		}
	}
	maps.DeleteFunc(lock[lang], func(id string, _ lockEntry) bool { return !keep[id] })
	return lockLines(lock), nil
}

// readAll reads a folder as it stands anywhere and in each country, for what is
// to be done with a translation.
func readAll(name string, files Files, lang string) ([]*folder, Problems) {
	f := read(name, files, "")
	if f.texts[lang] == nil || lang == f.course.Source {
		f.fail(f.at["course"], "translation-language", "lang", clip(lang))
	}
	all := []*folder{f}
	for _, country := range f.countriesIn() {
		in := read(name, files, country)
		f.problems = append(f.problems, in.problems...)
		all = append(all, in)
	}
	return all, f.problems.sorted()
}

// lockLines is translations.lock as it is written.
func lockLines(lock map[string]map[string]lockEntry) []byte {
	var lines []string
	for l, entries := range lock {
		for id, e := range entries {
			lines = append(lines, fmt.Sprintf("%s %s %s %s %s %s\n", l, id, e.hash, e.state, e.by, e.date))
		}
	}
	slices.Sort(lines)
	return []byte(strings.Join(lines, ""))
}

// unitTexts is the units of one language by id, once all texts are read.
func (f *folder) unitTexts(lang string) map[string]Unit {
	if f.byUnit[lang] == nil {
		f.byUnit[lang] = map[string]Unit{}
		for _, u := range f.units(f.texts[lang]) {
			f.byUnit[lang][u.ID] = u
		}
	}
	return f.byUnit[lang]
}
