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
			v.fail("fact-id")
			continue
		}
		if !f.claim(fact.ID, o["id"].at) {
			continue
		}
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
		if o["applies_in"].absent() {
			v.fail("fact-applies", "fact", fact.ID)
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
		v.fail("date-invalid", "date", clip(s))
	}
	return t
}
