package authoring

import (
	"context"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// SaveFact writes a fact and what it says in the source language, in the register of
// the course or of a country. A new one has no id and gets one of its instrument and
// article. seen is the stamp under which it was seen. Faults: "fact-incomplete",
// "draft-changed", "not-found", "draft-form", those of Save.
func (d *Drafts) SaveFact(ctx context.Context, x *Draft, e course.FactEntry, seen, by string) (id string, err error) {
	e.Instrument, e.Article, e.URL, e.Statement = oneLine(e.Instrument), oneLine(e.Article), strings.TrimSpace(e.URL), oneLine(e.Statement)
	if field := lacking(e); field != "" {
		return "", fault.At("fact-incomplete", field)
	}
	err = d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		if e.Country != "" && !slices.Contains(b.Course.Countries, e.Country) {
			return nil, fault.New("not-found")
		}
		if e.ID == "" {
			e.ID = factID(b.IDs, e)
		} else if now := FactIn(course.ReadOutline(x.ID, folder), e.ID, e.Country); now == nil && (e.Country == "" || seen != "") {
			return nil, fault.New("not-found")
		} else if now != nil && FactStamp(now) != seen {
			return nil, fault.New("draft-changed")
		}
		id = e.ID
		rules, words := "facts.yaml", path.Join(b.Source, "facts.yaml")
		if e.Country != "" {
			rules, words = path.Join("places", e.Country, rules), path.Join("places", e.Country, words)
		}
		register, err := course.PutItem(folder[rules], "", e.ID, factEntry(e))
		if err != nil {
			return nil, err
		}
		said, err := course.PutTexts(folder[words], []course.TextAt{{Path: []string{e.ID}, Text: e.Statement}}, nothing)
		return course.Files{rules: register, words: said}, err
	})
	return id, err
}

// lacking is the field that a fact has to have and has not.
func lacking(e course.FactEntry) string {
	u, err := url.Parse(e.URL)
	switch {
	case e.Instrument == "":
		return "instrument"
	case e.Statement == "":
		return "statement"
	case e.URL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == ""):
		return "url"
	case e.Verified && e.CheckedOn.IsZero():
		return "checked_on"
	case len(e.Instrument)+len(e.Article)+len(e.URL) > 3000 || len(e.Statement) > 20000:
		return "statement"
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func factID(used map[string]bool, e course.FactEntry) string {
	id := strings.Trim(bank.Slug(e.Instrument)+"-"+bank.Slug(e.Article), "-")
	if id == "" {
		id = "fact"
	}
	if !used[id] {
		return id
	}
	return freeID(used, id+"-", 2)
}

// FactIn is a fact of a register, nil where it is not there.
func FactIn(o *course.Outline, id, country string) *course.FactEntry {
	for n := range o.Facts {
		if f := &o.Facts[n]; f.ID == id && f.Country == country {
			return f
		}
	}
	return nil
}

// FactStamp names what a fact says, to be told when it is saved.
func FactStamp(e *course.FactEntry) string {
	return stamp([]any{e.Fact, e.Statement})
}

// factEntry writes a fact as an entry of facts.yaml.
func factEntry(e course.FactEntry) string {
	fields := []string{"id: " + e.ID, "instrument: " + bank.Quote(e.Instrument)}
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	if e.Article != "" {
		add("article", bank.Quote(e.Article))
	}
	if e.URL != "" {
		add("url", bank.Quote(e.URL))
	}
	if e.Country == "" {
		add("applies_in", bank.Countries(e.AppliesIn))
	}
	for _, d := range []struct {
		name string
		day  time.Time
	}{{"valid_from", e.ValidFrom}, {"checked_on", e.CheckedOn}, {"review_by", e.ReviewBy}} {
		if !d.day.IsZero() {
			add(d.name, d.day.Format(time.DateOnly))
		}
	}
	add("status", map[bool]string{true: "verified", false: "unverified"}[e.Verified])
	return "- {" + strings.Join(fields, ", ") + "}"
}
