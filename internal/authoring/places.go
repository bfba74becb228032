package authoring

import (
	"context"
	"path"
	"slices"
	"strings"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// SetPlace says what is left out in a country: pages and questions by their ids.
// Faults: "not-found" (the course does not answer for the country), "draft-form",
// those of Save.
func (d *Drafts) SetPlace(ctx context.Context, x *Draft, country string, hide []string, by string) error {
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		o := course.ReadOutline(x.ID, folder)
		if !slices.Contains(o.Course.Countries, country) {
			return nil, fault.New("not-found")
		}
		if slices.Equal(hide, o.Places[country].Hide) {
			return nil, nil
		}
		file := path.Join("places", country, "place.yaml")
		text, err := course.PutKey(folder[file], "hide", list("hide", bank.Flow(hide), hide))
		if len(strings.TrimSpace(string(text))) == 0 {
			text = nil
		}
		return course.Files{file: text}, err
	})
}

// OwnPage makes a country's own version of a page, from the course's own, in the
// source language, or with a title a page that stands at the end of a module there.
// It gives the path of its file. Faults: "not-found", "draft-form", those of Save.
func (d *Drafts) OwnPage(ctx context.Context, x *Draft, country, page, module, title, by string) (file string, err error) {
	err = d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		o := course.ReadOutline(x.ID, folder)
		if !slices.Contains(o.Course.Countries, country) {
			return nil, fault.New("not-found")
		}
		home := path.Join("places", country)
		if page != "" {
			file = path.Join(home, b.Source, page+".md")
			if folder[file] != nil {
				return nil, nil
			}
			src, ok := folder[path.Join(b.Source, page+".md")]
			if !ok {
				return nil, fault.New("not-found")
			}
			return course.Files{file: src}, nil
		}
		if title = oneLine(title); title == "" {
			return nil, fault.At("draft-title", "title")
		}
		if moduleOf(o.Course, module) == nil {
			return nil, fault.New("not-found")
		}
		for _, ids := range o.Places[country].Add {
			for _, id := range ids {
				b.IDs[id] = true
			}
		}
		id := newID(b.IDs, strings.ToLower(country), title)
		add := map[string][]string{module: nil}
		for m, ids := range o.Places[country].Add {
			add[m] = slices.Clone(ids)
		}
		add[module] = append(add[module], id)
		var parts []string
		for _, m := range o.Course.Modules {
			if len(add[m.ID]) > 0 {
				parts = append(parts, m.ID+": "+bank.Flow(add[m.ID]))
			}
		}
		file = path.Join(home, b.Source, id+".md")
		rules := path.Join(home, "place.yaml")
		text, err := course.PutKey(folder[rules], "add", "add: {"+strings.Join(parts, ", ")+"}")
		return course.Files{rules: text, file: sketch(title)}, err
	})
	return file, err
}
