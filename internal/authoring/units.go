package authoring

import (
	"context"
	"slices"
	"strings"

	"havn/internal/course"
	"havn/internal/memory"
)

// TranslationUnit is a unit as somebody translates it.
type TranslationUnit struct {
	course.Pair
	Hash string // of the source text, to be told when it is saved
	Seen string // of the translation, likewise
	Own  bool   // whoever looks wrote the translation in this draft
	// Before is the source text that the translation was made from, where it is
	// another and known.
	Before string
	Found  []memory.Match // translations of the same text, or one much like it
	Terms  []memory.Term
}

// UnitFilter says which units are wanted; zero values are no limit.
type UnitFilter struct {
	State course.State
	// Part is "module:<id>" (its title, pages and quiz), "page:<id>", "questions",
	// "facts", "glossary" or "course" (titles and topics).
	Part  string
	After string // the id of the unit before the first
	Limit int    // 1…50, 20 where 0
}

// UnitPage is a page of units, in the order of the course.
type UnitPage struct {
	*course.Translation
	Items []TranslationUnit
	Next  string               // for UnitFilter.After; "" at the end
	Count map[course.State]int // of the part
	Total int                  // of the part
}

const found = 3 // matches that are told of a unit

// Units are the units of a draft with their translations, and what helps to
// translate them, as an account sees them. Faults are those of Translation.
func (d *Drafts) Units(ctx context.Context, x *Draft, lang, by string, f UnitFilter) (*UnitPage, error) {
	files, err := d.settled(ctx, x)
	if err != nil {
		return nil, err
	}
	t, err := translationOf(x, files, lang)
	if err != nil {
		return nil, err
	}
	if f.Limit <= 0 || f.Limit > 50 {
		f.Limit = 20
	}
	page := &UnitPage{Translation: t, Items: []TranslationUnit{}, Count: map[course.State]int{}}
	own, in := ownUnits(t, files, by), partOf(t, f.Part)
	behind := f.After == ""
	for _, p := range t.Pairs {
		if !in(p.ID) {
			continue
		}
		page.Count[p.State]++
		page.Total++
		switch wanted := behind && (f.State == "" || f.State == p.State); {
		case wanted && len(page.Items) == f.Limit && page.Next == "":
			page.Next = page.Items[f.Limit-1].ID
		case wanted && len(page.Items) < f.Limit:
			page.Items = append(page.Items, TranslationUnit{Pair: p, Hash: course.UnitHash(p.Source), Seen: course.UnitHash(p.Target), Own: own[p.ID]})
		}
		behind = behind || p.ID == f.After
	}
	return page, d.help(ctx, x, t, page.Items)
}

// partOf tells which units belong to a part.
func partOf(t *course.Translation, part string) func(unit string) bool {
	kind, id, _ := strings.Cut(part, ":")
	begins := func(prefix ...string) func(string) bool {
		return func(unit string) bool {
			return slices.ContainsFunc(prefix, func(p string) bool { return strings.HasPrefix(unit, p) })
		}
	}
	switch kind {
	case "module":
		var prefixes []string
		for _, m := range t.Modules() {
			if m.ID != id {
				continue
			}
			prefixes = append(prefixes, "module:"+id+".")
			for _, p := range m.Pages {
				prefixes = append(prefixes, "page:"+p+"#")
			}
			if m.Quiz == nil {
				continue
			}
			for _, i := range m.Quiz.Items {
				if i.Question != "" {
					prefixes = append(prefixes, "question:"+i.Question+".")
				}
			}
		}
		return begins(prefixes...)
	case "page":
		return begins(part + "#")
	case "questions", "facts":
		return begins(strings.TrimSuffix(kind, "s") + ":")
	case "glossary":
		return begins("glossary:")
	case "course":
		return begins("course.", "module:", "topic:")
	}
	return func(string) bool { return true }
}

// help finds for units what the source said before, what was translated already,
// and the terms in them.
func (d *Drafts) help(ctx context.Context, x *Draft, t *course.Translation, units []TranslationUnit) error {
	earlier, err := d.earlier(ctx, x, t)
	if err != nil {
		return err
	}
	base, err := d.memory(ctx, x, t)
	if err != nil {
		return err
	}
	var own memory.Memory
	var glossary []memory.Term
	for _, p := range t.Pairs {
		remember(&own, p, p.ID)
		if id, ok := strings.CutPrefix(p.ID, "glossary:"); ok && strings.HasSuffix(id, ".term") {
			glossary = append(glossary, memory.Term{ID: strings.TrimSuffix(id, ".term"), Source: p.Source, Target: p.Target})
		}
	}
	for i := range units {
		u := &units[i]
		if u.State == course.Stale {
			u.Before = earlier[u.From]
		}
		if !strings.HasPrefix(u.ID, "glossary:") {
			u.Terms = memory.Terms(glossary, u.Source)
		}
		if u.State == course.LanguageReviewed || u.State == course.ExpertReviewed {
			continue
		}
		u.Found = merge(u.Pair, own.Find(u.Source, found+1), base.Find(u.Source, found+1))
	}
	return nil
}

// merge takes the best matches of two memories, and no text that the unit has.
func merge(p course.Pair, lists ...[]memory.Match) (out []memory.Match) {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b memory.Match) int {
		switch {
		case a.Alike > b.Alike:
			return -1
		case a.Alike < b.Alike:
			return 1
		}
		return 0
	})
	for _, m := range all {
		if len(out) < found && !course.SameText(m.Target, p.Target) && !slices.ContainsFunc(out, func(o memory.Match) bool { return course.SameText(o.Target, m.Target) }) {
			out = append(out, m)
		}
	}
	return out
}

// remember keeps a translation that is true of its source.
func remember(m *memory.Memory, p course.Pair, from string) {
	if p.State != course.Missing && p.State != course.Stale {
		m.Add(memory.Entry{Source: p.Source, Target: p.Target, From: from, State: string(p.State)})
	}
}
