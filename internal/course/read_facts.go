package course

import (
	"net/url"
	"slices"
	"time"
)

// readFacts reads facts.yaml, which a course without legal claims may lack, or
// that of a country, whose facts go before the course's own and apply there.
func (f *folder) readFacts(file string) {
	origin := originOf(file)
	local := origin == "" && file != "facts.yaml"
	for _, v := range f.yaml(file, false).list() {
		o := v.object("id", "instrument", "article", "url", "applies_in", "valid_from", "checked_on", "review_by", "status")
		fact := &Fact{
			ID:         o["id"].text(),
			Instrument: o["instrument"].text(),
			Article:    o["article"].text(),
			URL:        o["url"].text(),
			ValidFrom:  o["valid_from"].day(),
			CheckedOn:  o["checked_on"].day(),
			ReviewBy:   o["review_by"].day(),
			Verified:   o["status"].oneOf("unverified", "verified") == "verified",
		}
		if o["id"].absent() {
			v.fail("fact-id")
			continue
		}
		known := f.facts[fact.ID] != nil
		if !(local && known && !f.own["fact:"+fact.ID]) && !f.claim(fact.ID, o["id"].at) {
			continue
		}
		if origin != "" {
			f.from["fact:"+fact.ID] = origin
		}
		f.own["fact:"+fact.ID] = local
		f.at["fact:"+fact.ID] = o["id"].at
		if fact.Instrument == "" {
			v.fail("fact-instrument", "fact", fact.ID)
		}
		if o["status"].absent() {
			v.fail("fact-status", "fact", fact.ID)
		}
		if fact.Verified && fact.CheckedOn.IsZero() {
			v.fail("fact-checked", "fact", fact.ID)
		}
		if u, err := url.Parse(fact.URL); fact.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			o["url"].fail("url-invalid")
		}
		fact.AppliesIn, _ = f.countries(o["applies_in"])
		switch {
		case local && o["applies_in"].absent():
			fact.AppliesIn = []string{f.country}
		case local && !slices.Equal(fact.AppliesIn, []string{f.country}):
			o["applies_in"].fail("place-applies", "country", f.country)
		case o["applies_in"].absent():
			v.fail("fact-applies", "fact", fact.ID)
		}
		f.facts[fact.ID] = fact
		if !known {
			f.factOrder = append(f.factOrder, fact.ID)
		}
	}
}

// day reads a calendar date, ISO 8601; the zero time where absent.
func (v value) day() time.Time {
	s := v.text()
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		v.fail("date-invalid", "date", clip(s))
	}
	return t
}
