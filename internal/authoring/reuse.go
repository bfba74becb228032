package authoring

import (
	"context"
	"slices"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
)

// Whole is a draft as it would be published: with what it reuses of other courses,
// as far as that can be had.
func (d *Drafts) Whole(ctx context.Context, x *Draft) (course.Files, error) {
	folder, err := d.Folder(ctx, x)
	if err != nil {
		return nil, err
	}
	whole, _, err := d.library.TakeOver(ctx, x.ID, x.Owner, folder)
	return whole, err
}

// Reusable lists the courses that a draft may take of.
func (d *Drafts) Reusable(x *Draft) []*course.Publication {
	return slices.DeleteFunc(d.library.Courses(), func(p *course.Publication) bool {
		return p.Course.Slug == x.ID || !library.MayReuse(x.Owner, d.library.Owner(p.Course.Slug))
	})
}

// Reused names a page or a question of another course.
type Reused struct {
	Course   string
	Page, ID string // one of them: the id of a page, or of a question
}

func (r Reused) in(e *course.Reuse) (list *[]string, id string) {
	if r.Page != "" {
		return &e.Pages, r.Page
	}
	return &e.Questions, r.ID
}

// Reuse takes a page or a question of another course to the end of a module, or of
// its quiz; without a module a question is there for draws only. What is reused
// already stays where it is. Faults: "not-found", "draft-form", those of Save.
func (d *Drafts) Reuse(ctx context.Context, x *Draft, what Reused, module, by string) error {
	at := slices.IndexFunc(d.Reusable(x), func(p *course.Publication) bool { return p.Course.Slug == what.Course && has(p, what) })
	if at < 0 {
		return fault.New("not-found")
	}
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		m := moduleOf(b.Course, module)
		if m == nil && (module != "" || what.Page != "") {
			return nil, fault.New("not-found")
		}
		reuse := slices.Clone(b.Course.Reuse)
		n := slices.IndexFunc(reuse, func(r course.Reuse) bool { return r.Course == what.Course })
		if n < 0 {
			n, reuse = len(reuse), append(reuse, course.Reuse{Course: what.Course})
		}
		list, id := what.in(&reuse[n])
		if slices.Contains(*list, id) {
			return nil, nil
		}
		*list = append(slices.Clone(*list), id)
		src := folder["course.yaml"]
		var err error
		switch {
		case what.Page != "":
			m.Pages = append(slices.Clone(m.Pages), id)
		case m != nil && m.Quiz != nil:
			q := *m.Quiz
			q.Items = append(slices.Clone(q.Items), course.Item{Question: id})
			m.Quiz = &q
		default:
			m = nil
		}
		if m != nil {
			if src, err = course.PutItem(src, "modules", m.ID, moduleEntry(*m)); err != nil {
				return nil, err
			}
		}
		src, err = course.PutKey(src, "reuse", reuseEntry(reuse))
		return course.Files{"course.yaml": src}, err
	})
}

// has tells whether a course has a page or a question itself.
func has(p *course.Publication, what Reused) bool {
	for _, r := range p.Course.Reuse {
		if slices.Contains(r.Pages, what.Page) || slices.Contains(r.Questions, what.ID) {
			return false
		}
	}
	if what.Page == "" {
		return p.Questions[what.ID] != nil && !p.Questions[what.ID].Retired
	}
	return slices.ContainsFunc(p.Course.Modules, func(m course.Module) bool { return slices.Contains(m.Pages, what.Page) })
}

// StopReuse takes a page or a question of another course out of a draft, wherever
// it stands. Faults: "draft-form", those of Save.
func (d *Drafts) StopReuse(ctx context.Context, x *Draft, what Reused, by string) error {
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		var reuse []course.Reuse
		gone := ""
		for _, r := range b.Course.Reuse {
			if list, id := what.in(&r); r.Course == what.Course && slices.Contains(*list, id) {
				gone = id
				*list = slices.DeleteFunc(slices.Clone(*list), func(s string) bool { return s == id })
			}
			if len(r.Pages)+len(r.Questions) > 0 {
				reuse = append(reuse, r)
			}
		}
		if gone == "" {
			return nil, nil
		}
		src := folder["course.yaml"]
		var err error
		for _, m := range b.Course.Modules {
			was := moduleEntry(m)
			m.Pages = slices.DeleteFunc(slices.Clone(m.Pages), func(id string) bool { return id == gone })
			if m.Quiz != nil {
				q := *m.Quiz
				q.Items = slices.DeleteFunc(slices.Clone(q.Items), func(i course.Item) bool { return i.Question == gone })
				m.Quiz = &q
			}
			if entry := moduleEntry(m); entry != was {
				if src, err = course.PutItem(src, "modules", m.ID, entry); err != nil {
					return nil, err
				}
			}
		}
		src, err = course.PutKey(src, "reuse", reuseEntry(reuse))
		return course.Files{"course.yaml": src}, err
	})
}

// reuseEntry writes what is reused as an entry of course.yaml.
func reuseEntry(list []course.Reuse) string {
	if len(list) == 0 {
		return ""
	}
	text := "reuse:\n"
	for _, r := range list {
		text += "  - course: " + r.Course + "\n"
		if len(r.Pages) > 0 {
			text += "    pages: " + bank.Flow(r.Pages) + "\n"
		}
		if len(r.Questions) > 0 {
			text += "    questions: " + bank.Flow(r.Questions) + "\n"
		}
	}
	return text
}
