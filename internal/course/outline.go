package course

import (
	"slices"
	"strings"
)

// Outline is a folder as its author works on it: what it consists of and what it is
// called, whatever is wrong with it.
type Outline struct {
	Course  Course
	Title   string
	Summary string
	Modules map[string]string // module → title, in the source language
	Pages   map[string]string // page → title, of those that are written
	Facts   []FactEntry       // as authored, those of countries behind the course's own
	Places  map[string]Place  // by country, those that have a folder
}

// FactEntry is a fact of a register, with what it says and what rests on it.
type FactEntry struct {
	Fact
	Country   string // whose own it is; "" the course's
	Statement string // in the source language
	Pages     []string
	Questions []string
}

// Place is what a country has of its own.
type Place struct {
	Add  map[string][]string // module → pages that stand at its end there
	Hide []string            // pages and questions that are left out
	Own  []string            // pages with a version of the country's own
}

// ReadOutline reads the folder called name as far as it can be read.
func ReadOutline(name string, files Files) *Outline {
	f := read(name, files, "")
	o := &Outline{Course: f.course, Modules: map[string]string{}, Pages: map[string]string{}, Places: map[string]Place{}}
	source := f.texts[f.course.Source]
	if source == nil {
		return o
	}
	o.Title, o.Summary, o.Modules = source.title, source.summary, source.modules
	for id, src := range source.pages {
		o.Pages[id] = titleOf(src)
	}
	o.Facts = f.register("")
	for _, country := range f.countriesIn() {
		in := read(name, files, country)
		o.Facts = append(o.Facts, in.register(country)...)
		place := in.placeAsWritten()
		for _, m := range in.course.Modules {
			for _, id := range m.Pages {
				if in.own["page:"+id] {
					place.Own = append(place.Own, id)
					o.Pages[id] = firstOf(titleOf(in.texts[f.course.Source].pages[id]), o.Pages[id], id)
				}
			}
		}
		o.Places[country] = place
	}
	return o
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// titleOf is what a page's first line says.
func titleOf(src []byte) string {
	line, _, _ := strings.Cut(string(src), "\n")
	title, ok := strings.CutPrefix(line, "# ")
	if !ok {
		return ""
	}
	return strings.TrimSpace(title)
}

// register lists the facts of the course, or those that a country has of its own.
func (f *folder) register(country string) (list []FactEntry) {
	source := f.texts[f.course.Source]
	pages := map[string][]string{}
	for _, m := range f.course.Modules {
		for _, id := range m.Pages {
			for _, c := range parsePage(source.pages[id], f.course.Source).cites {
				if !slices.Contains(pages[c.id], id) {
					pages[c.id] = append(pages[c.id], id)
				}
			}
		}
	}
	for _, id := range f.factOrder {
		if f.own["fact:"+id] != (country != "") {
			continue
		}
		e := FactEntry{Fact: *f.facts[id], Country: country, Statement: source.facts[id], Pages: pages[id]}
		for _, q := range f.order {
			if slices.Contains(f.questions[q].Facts, id) {
				e.Questions = append(e.Questions, q)
			}
		}
		list = append(list, e)
	}
	return list
}

// placeAsWritten is a country's place.yaml.
func (f *folder) placeAsWritten() Place {
	quiet := &folder{files: f.files, country: f.country}
	o := quiet.yaml(f.local(placeYAML), false).object("add", "hide")
	p := Place{Add: map[string][]string{}, Hide: o["hide"].texts()}
	for _, m := range o["add"].fields() {
		p.Add[m.name] = m.texts()
	}
	return p
}
