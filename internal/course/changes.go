package course

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aymanbagabas/go-udiff/lcs"
	"github.com/goccy/go-yaml"
)

// Kind is what of a course a change touches.
type Kind string

// The kinds. What a key is and what it earns is not told by a change.
const (
	Wording Kind = "text"  // what is read, in the source language
	KeyKind Kind = "key"   // the right answer of a question, and its points
	Rules   Kind = "rules" // structure, and what is said of a quiz, a question or a fact
)

// What happened to a part.
type What string

// What can happen.
const (
	Added   What = "added"
	Changed What = "changed"
	Removed What = "removed"
	Moved   What = "moved" // a block of a page stands elsewhere on it
)

// Change is one difference between two versions.
type Change struct {
	// Unit is named as in translations.lock. What is no text has names of its
	// own: question:<id>.key, question:<id>.rules, quiz:<id>.rules,
	// fact:<id>.source, module:<id>.pages, place:<CC>.rules, course.rules.
	// Of what was removed it is the name in the old version.
	Unit string
	Kind Kind
	What What
	// Before and After are as written, in the source language; rules are YAML;
	// both are "" of a key.
	Before, After string
}

// Whole is what a unit is part of, by which people know it: a page, a question,
// a fact, a module: "page:m1-rights#2" is of "page:m1-rights".
func Whole(unit string) string {
	if whole, _, block := strings.Cut(unit, "#"); block {
		return whole
	}
	whole, _, _ := strings.Cut(unit, ".")
	return whole
}

// part is something that can differ between two versions.
type part struct {
	unit string
	kind Kind
	text string // what is compared and, of a text or rule, told
	key  any    // of a key, compared
}

func (a part) same(b part) bool {
	if a.kind == KeyKind {
		return reflect.DeepEqual(a.key, b.key)
	}
	return a.kind == b.kind && UnitHash(a.text) == UnitHash(b.text)
}

// alone tells whether the part comes and goes by itself, and not with a text.
func (a part) alone() bool {
	return a.kind == Wording || strings.HasPrefix(a.unit, "quiz:") || strings.HasPrefix(a.unit, "place:")
}

func (a part) change(what What, before part) Change {
	c := Change{Unit: a.unit, Kind: a.kind, What: what, Before: before.text, After: a.text}
	if what == Removed {
		c.Before, c.After = a.text, ""
	}
	return c
}

// Changes lists what differs between two publications of one course as they
// stand, in the order of the new one, what is gone behind it. A publication
// without regard to a country counts what countries have of their own too. A
// page is compared block by block, so that a block that was put in between
// changes no other.
func Changes(old, new *Publication) []Change {
	before, after := partsOf(old), partsOf(new)
	was := map[string]part{}
	for _, p := range before {
		was[p.unit] = p
	}
	var out []Change
	is, pages := map[string]bool{}, map[string]bool{}
	for _, p := range after {
		is[p.unit] = true
		if page, ok := pageOf(p); ok {
			if !pages[page] {
				pages[page] = true
				out = append(out, pageChanges(blocksOf(before, page), blocksOf(after, page))...)
			}
			continue
		}
		q, known := was[p.unit]
		switch {
		case !known && p.alone():
			out = append(out, p.change(Added, part{}))
		case known && !p.same(q):
			out = append(out, p.change(Changed, q))
		}
	}
	for _, p := range before {
		if page, ok := pageOf(p); ok {
			if !pages[page] {
				pages[page] = true
				out = append(out, pageChanges(blocksOf(before, page), nil)...)
			}
		} else if !is[p.unit] && p.alone() {
			out = append(out, p.change(Removed, part{}))
		}
	}
	return out
}

func pageOf(p part) (string, bool) {
	page, _, block := strings.Cut(p.unit, "#")
	return page, block && p.kind == Wording
}

func blocksOf(parts []part, page string) []part {
	var out []part
	for _, p := range parts {
		if of, ok := pageOf(p); ok && of == page {
			out = append(out, p)
		}
	}
	return out
}

// pageChanges compares the blocks of a page in order. Where blocks gave way to
// others, the first of the one is the first of the other, changed.
func pageChanges(before, after []part) []Change {
	var out, gone []Change
	for _, d := range lcs.DiffLines(hashes(before), hashes(after)) {
		a, b := before[d.Start:d.End], after[d.ReplStart:d.ReplEnd]
		for i := range max(len(a), len(b)) {
			switch {
			case i < len(a) && i < len(b):
				out = append(out, b[i].change(Changed, a[i]))
			case i < len(b):
				out = append(out, b[i].change(Added, part{}))
			default:
				gone = append(gone, a[i].change(Removed, part{}))
			}
		}
	}
	for i := range out {
		same := slices.IndexFunc(gone, func(c Change) bool { return UnitHash(c.Before) == UnitHash(out[i].After) })
		if out[i].What == Added && same >= 0 {
			out[i].What, out[i].Before = Moved, gone[same].Before
			gone = slices.Delete(gone, same, same+1)
		}
	}
	return append(out, gone...)
}

func hashes(parts []part) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = UnitHash(p.text)
	}
	return out
}

// partsOf is all that can differ, texts first, in a fixed order.
func partsOf(p *Publication) []part {
	var out []part
	for _, u := range append(slices.Clone(p.units), p.elsewhere...) {
		if u.Text != "" {
			out = append(out, part{unit: u.ID, kind: Wording, text: u.Text})
		}
	}
	rules := func(unit string, v any) { out = append(out, part{unit: unit, kind: Rules, text: asYAML(v)}) }
	c := &p.Course
	rules("course.rules", yaml.MapSlice{
		{Key: "completion", Value: c.Completion}, {Key: "minutes", Value: c.Minutes}, {Key: "audience", Value: c.Audience},
		{Key: "countries", Value: c.Countries}, {Key: "stale", Value: c.Stale}, {Key: "modules", Value: moduleIDs(c)},
	})
	for _, m := range c.Modules {
		rules("module:"+m.ID+".pages", m.Pages)
		if m.Quiz != nil {
			rules("quiz:"+m.Quiz.ID+".rules", m.Quiz)
		}
	}
	for _, id := range p.order {
		q := p.Questions[id]
		rules("question:"+id+".rules", yaml.MapSlice{
			{Key: "type", Value: q.Type}, {Key: "options", Value: q.Options}, {Key: "targets", Value: q.Targets}, {Key: "questions", Value: q.Questions}, {Key: "scale", Value: q.Scale},
			{Key: "tags", Value: q.Tags}, {Key: "facts", Value: q.Facts}, {Key: "applies_in", Value: q.AppliesIn}, {Key: "confidence", Value: q.Confidence}, {Key: "retired", Value: q.Retired},
		})
		out = append(out, part{unit: "question:" + id + ".key", kind: KeyKind, key: []any{
			q.Key, q.Points, q.Partial, q.Weights, q.Tolerance, q.Accept[c.Source], q.Match, q.Also, q.Start, q.Nodes,
		}})
	}
	for _, id := range slices.Sorted(maps.Keys(p.Facts)) {
		rules("fact:"+p.UnitOf("fact", id)+".source", sourceOf(p.Facts[id]))
	}
	if p.Country != "" {
		return out
	}
	for _, country := range slices.Sorted(maps.Keys(p.places)) {
		in := p.places[country]
		pages := yaml.MapSlice{}
		for _, m := range in.Course.Modules {
			pages = append(pages, yaml.MapItem{Key: m.ID, Value: m.Pages})
		}
		rules("place:"+country+".rules", yaml.MapSlice{{Key: "pages", Value: pages}, {Key: "hide", Value: slices.Sorted(maps.Keys(in.hidden))}})
		for _, id := range slices.Sorted(maps.Keys(in.Facts)) {
			if in.own["fact:"+id] {
				rules("fact:"+country+"/"+id+".source", sourceOf(in.Facts[id]))
			}
		}
	}
	return out
}

func moduleIDs(c *Course) []string {
	var ids []string
	for _, m := range c.Modules {
		ids = append(ids, m.ID)
	}
	return ids
}

func sourceOf(f *Fact) yaml.MapSlice {
	day := func(name string, t time.Time) yaml.MapItem {
		if t.IsZero() {
			return yaml.MapItem{Key: name}
		}
		return yaml.MapItem{Key: name, Value: t.Format(time.DateOnly)}
	}
	return yaml.MapSlice{
		{Key: "instrument", Value: f.Instrument}, {Key: "article", Value: f.Article}, {Key: "url", Value: f.URL}, {Key: "applies_in", Value: f.AppliesIn},
		day("valid_from", f.ValidFrom), day("checked_on", f.CheckedOn), day("review_by", f.ReviewBy),
		{Key: "verified", Value: f.Verified},
	}
}

func asYAML(v any) string {
	b, err := yaml.MarshalWithOptions(v, yaml.OmitEmpty(), yaml.AutoInt())
	if err != nil {
		panic("course: its own structure is no YAML: " + err.Error())
	}
	return strings.TrimSpace(string(b))
}
