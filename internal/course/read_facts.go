package course

import (
	"net/url"
	"time"
)

// readFacts reads facts.yaml, which a course without legal claims may lack.
func (f *folder) readFacts() {
	for _, v := range f.yaml("facts.yaml", false).list() {
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
			v.fail("the fact has no id; add one")
			continue
		}
		if !f.claim("fact", fact.ID, o["id"].at) {
			continue
		}
		f.at["fact:"+fact.ID] = o["id"].at
		if fact.Instrument == "" {
			v.fail("the fact %q names no instrument; say which law or paper it stands in", fact.ID)
		}
		if o["status"].absent() {
			v.fail("the fact %q has no status; write verified or unverified", fact.ID)
		}
		if fact.Verified && fact.CheckedOn.IsZero() {
			v.fail("the fact %q is verified but has no checked_on; say when the source was read", fact.ID)
		}
		if u, err := url.Parse(fact.URL); fact.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
			o["url"].fail("url must be a whole address beginning with https://")
		}
		if o["applies_in"].absent() {
			v.fail("the fact %q has no applies_in; write all or a list of country codes", fact.ID)
		}
		fact.AppliesIn, _ = f.countries(o["applies_in"])
		f.facts[fact.ID] = fact
		f.factOrder = append(f.factOrder, fact.ID)
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
		v.fail("%q is no date; write it as 2026-09-22", clip(s))
	}
	return t
}
