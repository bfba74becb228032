package course

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Again says since which version a page, a question or a fact is to be learned
// again: "page:m1-rights" → the version of its last major change. Under "cited:"
// and a fact stands the version in which a block that cites it changed so.
type Again map[string]int

// Next is what holds after a publication as this version, whose changes are
// weighed by weight.
func (a Again) Next(version int, changes []Change, weight func(Change) Weight) Again {
	next := maps.Clone(a)
	if next == nil {
		next = Again{}
	}
	for _, c := range changes {
		if weight(c) != Major {
			continue
		}
		whole := Whole(c.Unit)
		kind, id, _ := strings.Cut(whole, ":")
		switch kind {
		case "question", "fact":
			next[whole] = version
		case "page":
			next[whole] = version
			country, _, inside := strings.Cut(id, "/")
			for _, text := range []string{c.Before, c.After} {
				for _, cite := range citations.FindAllStringSubmatch(text, -1) {
					if inside {
						next["cited:"+country+"/"+cite[1]] = version
					} else {
						next["cited:"+cite[1]] = version
					}
				}
			}
		}
	}
	return next
}

// After tells whether anything changed in a version after this one.
func (a Again) After(version int) bool {
	for _, since := range a {
		if since > version {
			return true
		}
	}
	return false
}

// UnitOf is how a page or fact is named in units: a country's own version of it
// is another text.
func (p *Publication) UnitOf(kind, id string) string {
	if p.Country != "" && p.own[kind+":"+id] {
		return p.Country + "/" + id
	}
	return id
}

// PageSince is the version since which a page is to be read again, 0 none.
func (p *Publication) PageSince(id string) int { return p.Again["page:"+p.UnitOf("page", id)] }

// QuestionSince is the version since which a question is to be asked again, 0
// none: of its last major change, of that of the case that it stands behind, of
// a fact that it cites, of a block that cites such a fact, or of a page that it
// carries as a tag.
func (p *Publication) QuestionSince(id string) int {
	q := p.Questions[id]
	since := p.Again["question:"+id]
	for _, other := range p.order {
		if v := p.Questions[other]; v.Type == Vignette && slices.Contains(v.Questions, id) {
			since = max(since, p.Again["question:"+other])
		}
	}
	for _, f := range q.Facts {
		since = max(since, p.Again["fact:"+p.UnitOf("fact", f)], p.Again["cited:"+f])
		if p.Country != "" {
			since = max(since, p.Again["cited:"+p.Country+"/"+f])
		}
	}
	for _, tag := range q.Tags {
		if _, ok := p.Editions[p.Course.Source].Pages[tag]; ok {
			since = max(since, p.PageSince(tag))
		}
	}
	return since
}

// minorFile is generated when a course is published: `<unit> <hash>`, one line
// for each earlier text of a unit that only minor changes lie behind. What was
// translated from it stays as good as it was.
const minorFile = "minor.lock"

// Publishable is the folder as it is kept when it is published after before
// (nil: the first), with minor.lock written anew.
func Publishable(files Files, p, before *Publication, changes []Change, weight func(Change) Weight) Files {
	out := maps.Clone(files)
	delete(out, minorFile)
	if before == nil {
		return out
	}
	minor := map[string]string{} // unit → hash of the text before
	for _, c := range changes {
		if c.Kind == Wording && c.What == Changed && weight(c) == Minor {
			minor[c.Unit] = UnitHash(c.Before)
		}
	}
	was := map[string]string{}
	for _, u := range append(slices.Clone(before.units), before.elsewhere...) {
		was[u.ID] = UnitHash(u.Text)
	}
	var lines []string
	for _, u := range append(slices.Clone(p.units), p.elsewhere...) {
		hash, known := was[u.ID]
		if same := hash == UnitHash(u.Text); !known || !same && minor[u.ID] != hash {
			continue // new, moved here, or another text
		} else if !same {
			lines = append(lines, fmt.Sprintf("%s %s\n", u.ID, hash))
		}
		for _, earlier := range before.minor[u.ID] {
			lines = append(lines, fmt.Sprintf("%s %s\n", u.ID, earlier))
		}
	}
	if slices.Sort(lines); len(lines) > 0 {
		out[minorFile] = []byte(strings.Join(slices.Compact(lines), ""))
	}
	return out
}

func (f *folder) readMinor() {
	f.minor = map[string][]string{}
	for _, file := range f.layers(minorFile) {
		src, _ := f.source(file)
		for line := range strings.Lines(string(src)) {
			if w := strings.Fields(line); len(w) == 2 {
				f.minor[w[0]] = append(f.minor[w[0]], w[1])
			}
		}
	}
}
