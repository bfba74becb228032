package course

import (
	"maps"
	"slices"
	"strings"
)

// writing is a translation while edits are written into its files.
type writing struct {
	t     *Translation
	edits map[string]Edit
	files Files
	lock  map[string]lockEntry // of the language, as it becomes
	date  string
}

func (w *writing) write() {
	trees, pages := map[string]*wording{}, []string{}
	for _, p := range w.t.Pairs {
		file := w.file(p.ID)
		e, edited := w.edits[p.ID]
		if id, _, block := blockOf(p.ID); block {
			if edited && !slices.Contains(pages, id) {
				pages = append(pages, id)
			}
			continue
		}
		if trees[file] == nil {
			trees[file] = &wording{}
		}
		at := trees[file].at(yamlPath(p.ID)...)
		if !edited {
			continue
		}
		if e.Text != p.Target {
			at.text = &e.Text
		}
		w.lock[p.ID] = lockEntry{UnitHash(p.Source), e.State, e.By, w.date}
	}
	for file, tree := range trees {
		if tree.set() {
			f := &folder{files: w.files}
			src, _ := f.source(file)
			if edits, err := yamlEdits(src, tree); err == nil { // otherwise differs finds out
				w.files[file] = keepingLines(w.files[file], edits)
			}
		}
	}
	for _, id := range pages {
		w.page(id)
	}
	lock := map[string]map[string]lockEntry{}
	for lang, entries := range w.t.folders[0].lock {
		lock[lang] = entries
	}
	lock[w.t.Lang] = w.lock
	w.files[lockFile] = lockLines(lock)
}

// page writes the blocks of a page that are edited: each in place of the one that
// it translates, or behind the one before it. The lock counts anew.
func (w *writing) page(id string) {
	in := w.t.in[blockID(id, 0)]
	page, file := id[strings.IndexByte(id, '/')+1:], w.file(blockID(id, 0))
	f := &folder{files: w.files}
	src, _ := f.source(file)
	own, lines := blocks(src), lineStarts(src)
	ends := func(b block) (start, end int) { return lines[b.line-1], lines[b.line-1] + len(b.text) }

	var edits []edit
	var entries []*lockEntry // of the blocks as they will stand; nil is not recorded
	for i := range own {
		if e, known := w.lock[blockID(id, i)]; known {
			entries = append(entries, &e)
		} else {
			entries = append(entries, nil)
		}
	}
	maps.DeleteFunc(w.lock, func(unit string, _ lockEntry) bool { return strings.HasPrefix(unit, "page:"+id+"#") })
	_, recorded := in.madeFrom(w.t.Lang, id, len(own))
	previous, added := -1, 0
	var fresh []string
	for i, at := range in.pairs(w.t.Lang, page) {
		unit := blockID(id, i)
		e, edited := w.edits[unit]
		source := in.unitTexts(w.t.Source)[unit]
		entry := &lockEntry{UnitHash(source.Text), e.State, e.By, w.date}
		switch {
		case at >= 0 && edited:
			if start, end := ends(own[at]); e.Text != own[at].text {
				edits = append(edits, edit{start, end, e.Text})
			}
			entries[at+added] = entry
		case edited && len(own) == 0:
			fresh = append(fresh, e.Text)
			entries = append(entries, entry)
		case edited && previous < 0:
			start, _ := ends(own[0])
			edits = append(edits, edit{start, start, e.Text + "\n\n"})
			entries = slices.Insert(entries, added, entry)
			added++
		case edited:
			_, end := ends(own[previous])
			edits = append(edits, edit{end, end, "\n\n" + e.Text})
			entries = slices.Insert(entries, previous+added+1, entry)
			added++
		}
		if at < 0 {
			continue
		}
		previous = at
		// What was paired by number stays so, once the lock knows the whole file.
		if was := entries[at+added]; !edited && !recorded && was != nil && was.hash != UnitHash(source.Text) {
			was.hash, was.state = UnitHash(source.Text), Stale
		}
	}
	if fresh != nil {
		w.files[file] = []byte(strings.Join(fresh, "\n\n") + "\n")
	} else {
		w.files[file] = keepingLines(w.files[file], edits)
	}
	for i, e := range entries {
		if e != nil {
			w.lock[blockID(id, i)] = *e
		}
	}
}

// file is where a unit's translation stands.
func (w *writing) file(unit string) string {
	in := w.t.in[unit]
	return in.whereText(in.texts[w.t.Lang], unit).file
}

// yamlPath is the keys that lead to a unit in its file.
func yamlPath(unit string) []string {
	kind, rest, _ := strings.Cut(unit, ":")
	switch kind {
	case "module":
		return append([]string{"modules"}, strings.Split(rest, ".")...)
	case "topic":
		return []string{"topics", rest}
	case "fact":
		return []string{rest[strings.IndexByte(rest, '/')+1:]}
	case "question", "glossary":
		return strings.Split(rest, ".")
	}
	return []string{strings.TrimPrefix(unit, "course.")}
}
