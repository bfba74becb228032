package authoring

import (
	"context"
	"slices"

	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/fault"
	"havn/internal/machine"
)

// DraftByMachine asks the machine-translation service for one unit, or, where unit
// is "", for those that are missing behind another ("" from the first), as many as
// it takes at once. They become machine drafts. last is the last one that was
// asked for, "" none. Faults: "machine-off", "machine-unavailable", "not-found",
// those of Translation.
func (d *Drafts) DraftByMachine(ctx context.Context, x *Draft, lang, unit, after, by string) (report exchange.Report, last string, err error) {
	if d.Machine == nil {
		return report, "", fault.New("machine-off")
	}
	t, err := d.Translation(ctx, x, lang)
	if err != nil {
		return report, "", err
	}
	var asked []course.Pair
	var texts []string
	behind := after == ""
	for _, p := range t.Pairs {
		if wanted := unit == p.ID || unit == "" && behind && p.State == course.Missing; wanted && len(asked) < machine.MaxTexts {
			asked, texts, last = append(asked, p), append(texts, p.Source), p.ID
		}
		behind = behind || p.ID == after
	}
	if unit != "" && len(asked) == 0 {
		return report, "", fault.At("not-found", "unit")
	}
	said, err := d.Machine.Translate(ctx, texts, t.Source, lang)
	if err != nil {
		return report, "", &fault.Error{Code: "machine-unavailable", Err: err}
	}
	var doc exchange.Document
	var broken []string
	for i, p := range asked {
		if said[i] == "" {
			broken = append(broken, p.ID)
			continue
		}
		doc.Units = append(doc.Units, exchange.Unit{ID: p.ID, Source: p.Source, Hash: course.UnitHash(p.Source), Target: course.Tidy(said[i]), State: course.MachineDraft})
	}
	report, err = d.take(ctx, x, lang, by, exchange.PO, exchange.Options{By: byMachine, State: course.MachineDraft}, func(now *course.Translation) (exchange.Document, error) {
		doc.Units = slices.DeleteFunc(doc.Units, func(u exchange.Unit) bool { // somebody was quicker
			return slices.ContainsFunc(now.Pairs, func(p course.Pair) bool {
				return p.ID == u.ID && !slices.ContainsFunc(asked, func(q course.Pair) bool { return q.ID == p.ID && q.Target == p.Target })
			})
		})
		return doc, nil
	})
	for _, id := range broken {
		report.Refuse(id, "machine-broken")
	}
	return report, last, err
}
