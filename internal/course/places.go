package course

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// placesDir holds a folder for each country in which the course differs: pages
// and facts of its own, and in place.yaml what is added and hidden there. The
// course as it stands in a country is read, checked and compiled like any other,
// with those files before the course's own.
const placesDir = "places/"

// placeYAML is the file of a country's folder that says what it adds and hides.
const placeYAML = "place.yaml"

// countriesIn lists the countries that have a folder, and reports folders of
// countries that the course does not answer for.
func (f *folder) countriesIn() []string {
	found := map[string]bool{}
	for name := range f.files {
		if rest, ok := strings.CutPrefix(name, placesDir); ok {
			country, _, _ := strings.Cut(rest, "/")
			found[country] = true
		}
	}
	var out []string
	for _, country := range slices.Sorted(maps.Keys(found)) {
		if slices.Contains(f.course.Countries, country) {
			out = append(out, country)
		} else {
			f.fail(place{file: placesDir + country}, "place-country", "code", clip(country))
		}
	}
	return out
}

// local is the country's own version of a file.
func (f *folder) local(file string) string { return placesDir + f.country + "/" + file }

// findOwn notes which pages have a version of the country's own, in whatever
// language: then no other version of them is shown there.
func (f *folder) findOwn() {
	for name := range f.files {
		rest, ok := strings.CutPrefix(name, f.local(""))
		lang, page, inside := strings.Cut(rest, "/")
		if id, md := strings.CutSuffix(page, ".md"); ok && inside && md && slices.Contains(f.course.Languages, lang) {
			f.own["page:"+id] = true
		}
	}
}

// file is where a page's text in a language stands.
func (f *folder) pageFile(lang, id string) string {
	if f.own["page:"+id] {
		return f.local(join(lang, id+".md"))
	}
	return f.home("page:"+id, join(lang, id+".md"))
}

// ofPlace is the id of a page or fact within the ids of units, which tells a
// country's own version apart.
func (f *folder) ofPlace(kind, id string) string {
	if f.own[kind+":"+id] {
		return f.country + "/" + id
	}
	return id
}

// readPlace reads place.yaml: pages that stand at the end of a module there, and
// pages and questions that are left out.
func (f *folder) readPlace() {
	o := f.yaml(f.local(placeYAML), false).object("add", "hide")
	for _, m := range o["add"].fields() {
		n := slices.Index(f.moduleIDs(), m.name)
		if n < 0 {
			f.fail(m.at, "module-unknown", "module", clip(m.name), "like", nearest(m.name, f.moduleIDs()))
			continue
		}
		for _, p := range m.list() {
			if id := p.text(); f.claim(id, p.at) {
				f.course.Modules[n].Pages = append(f.course.Modules[n].Pages, id)
				f.at["page:"+id], f.own["page:"+id] = p.at, true
			}
		}
	}
	f.hide = o["hide"].list()
}

// hideHere takes out what is hidden, once the questions are known.
func (f *folder) hideHere() {
	for _, v := range f.hide {
		id := v.text()
		if f.questions[id] != nil {
			f.hidden[id] = true
			continue
		}
		found := false
		for n := range f.course.Modules {
			m := &f.course.Modules[n]
			if at := slices.Index(m.Pages, id); at >= 0 {
				m.Pages, found = slices.Delete(slices.Clone(m.Pages), at, at+1), true
			}
		}
		if !found {
			v.fail("hide-unknown", "id", clip(id))
		}
	}
}

// checkPlace reports files of a country's folder that nothing would read.
func (f *folder) checkPlace() {
	for name := range f.files {
		rest, ok := strings.CutPrefix(name, f.local(""))
		if !ok || rest == placeYAML || rest == "facts.yaml" {
			continue
		}
		lang, file, _ := strings.Cut(rest, "/")
		id, md := strings.CutSuffix(file, ".md")
		if !slices.Contains(f.course.Languages, lang) || file != "facts.yaml" && (!md || f.at["page:"+id].file == "") {
			f.fail(place{file: name}, "place-file")
		}
	}
}

// checkCountries warns where a quiz would ask less than it says, and refuses one
// that would ask nothing, because what it rests on does not apply in a country.
func (f *folder) checkCountries(p *Publication) {
	for _, country := range f.course.Countries {
		in := p.For(country)
		for _, m := range in.Course.Modules {
			if m.Quiz == nil {
				continue
			}
			asked, graded := map[string]bool{}, false
			count := func(id string) {
				q := in.Questions[id]
				for _, inner := range append([]string{id}, q.Questions...) {
					asked[inner] = true
					graded = graded || in.Asks(in.Questions[inner]) && in.Questions[inner].Type.Graded()
				}
			}
			for _, item := range m.Quiz.Items {
				if item.Question != "" {
					count(item.Question)
				}
			}
			for n, item := range m.Quiz.Items {
				pool := 0
				for _, id := range f.order {
					if q := in.Questions[id]; item.Draw > 0 && !q.Retired && !asked[id] && q.HasTags(item.Tags) && in.Asks(q) {
						pool++
						graded = graded || q.Type.Graded()
					}
				}
				if pool < item.Draw {
					f.warn(f.at[itemKey(m.Quiz.ID, n)], "place-draw", "country", country, "draws", item.Draw, "there", pool)
				}
			}
			if !graded {
				f.fail(f.at["quiz:"+m.Quiz.ID], "place-quiz", "country", country, "quiz", m.Quiz.ID)
			}
		}
	}
}

// For is the publication as it stands in a country (ISO 3166); "" is the course
// without regard to one. The texts are shared, so it costs little.
func (p *Publication) For(country string) *Publication {
	if country == "" || country == p.Country {
		return p
	}
	if in, ok := p.places[country]; ok {
		return in
	}
	in := *p
	in.Country, in.elsewhere = country, nil
	return &in
}

// Number gives the publication its version and what is to be learned again since
// earlier ones, in every country.
func (p *Publication) Number(version int, again Again) {
	p.Version, p.Again = version, again
	for _, in := range p.places {
		in.Version, in.Again = version, again
	}
}

// Applies tells whether something with this applies_in holds in the country.
func (p *Publication) Applies(appliesIn []string) bool {
	return p.Country == "" || appliesIn == nil || slices.Contains(appliesIn, p.Country)
}

// Asks tells whether a question can be put to somebody who works in the country:
// where it says itself where it applies, that counts, otherwise each of its facts
// must apply. A fact that the country has in a version of its own may have
// another answer, so that what rests on it is not asked.
func (p *Publication) Asks(q *Question) bool {
	switch {
	case p.Country == "":
		return true
	case p.hidden[q.ID]:
		return false
	case slices.ContainsFunc(q.Facts, func(id string) bool { return p.own["fact:"+id] }):
		return false
	case q.AppliesIn != nil:
		return p.Applies(q.AppliesIn)
	}
	return !slices.ContainsFunc(q.Facts, func(id string) bool { return !p.Applies(p.Facts[id].AppliesIn) })
}

// PageHTML is a page's text with what is said of other countries folded.
func (p *Publication) PageHTML(page *Page) string {
	if p.Country == "" {
		return page.HTML
	}
	folded := strings.ReplaceAll(page.HTML, `" open><summary>`, `"><summary>`)
	return strings.Replace(folded, `data-country="`+p.Country+`"><summary>`, `data-country="`+p.Country+`" open><summary>`, 1)
}

// sharing lets go of what is the same in the course itself, so that a country
// costs memory only for what differs.
func (p *Publication) sharing(base *Publication) *Publication {
	p.Media = base.Media
	same := map[string]string{}
	for _, u := range base.units {
		same[u.ID] = u.Text
	}
	for i, u := range p.units {
		if same[u.ID] == u.Text {
			p.units[i].Text = same[u.ID]
		}
	}
	for lang, e := range p.Editions {
		same := base.Editions[lang]
		for id, page := range e.Pages {
			if before := same.Pages[id]; before != nil && reflect.DeepEqual(page, before) {
				e.Pages[id] = before
			}
		}
		for id, q := range e.Questions {
			if before := same.Questions[id]; reflect.DeepEqual(q, before) {
				e.Questions[id] = before
			}
		}
	}
	return p
}
