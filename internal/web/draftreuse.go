package web

import (
	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/library"
)

// reuseView is what a draft has of other courses, and what it could have of one.
type reuseView struct {
	Course    string
	Lang      string // that the course is written in
	Pages     []outlinePage
	Questions []questionName
	Titles    map[string]string // course → title
	Outdated  []outdated

	From      string // the course that is looked at, "" none
	Courses   []*course.Publication
	Modules   []outlineModule
	Has       []outlinePage
	Asks      []questionName
	UsedPages map[string]bool
	Used      map[string]bool // questions
}

// TitleOf is what a course is called.
func (v reuseView) TitleOf(slug string) string {
	if title := v.Titles[slug]; title != "" {
		return title
	}
	return slug
}

// outdated says of what is reused that it has changed where it comes from.
type outdated struct {
	library.Outdated
	Say string
}

func (w *Web) outdated(c *fiber.Ctx, slug string) (list []outdated, err error) {
	all, err := w.Library.Outdated(c.UserContext(), slug)
	for _, o := range all {
		title := o.Course
		if p, ok := w.Library.Current(o.Course); ok {
			title = gate.Of(c).Edition(p).Title.Plain
		}
		if o.Gone {
			list = append(list, outdated{o, w.t(c, "reuse.gone", "course", title)})
		} else {
			list = append(list, outdated{o, w.t(c, "reuse.changed", "course", title, "from", o.From, "to", o.To)})
		}
	}
	return list, err
}

func (w *Web) draftReuse(c *fiber.Ctx, d *authoring.Draft) error {
	whole, err := w.Drafts.Whole(c.UserContext(), d)
	if err != nil {
		return err
	}
	b, _ := course.ReadBank(d.ID, whole)
	o := course.ReadOutline(d.ID, whole)
	v := reuseView{Course: d.ID, Lang: b.Source, Titles: map[string]string{}, Courses: w.Drafts.Reusable(d), UsedPages: map[string]bool{}, Used: map[string]bool{}}
	v.Modules, _ = outlineOf(o, b)
	for _, p := range w.Library.Courses() {
		v.Titles[p.Course.Slug] = gate.Of(c).Edition(p).Title.Plain
	}
	for _, r := range b.Course.Reuse {
		for _, id := range r.Pages {
			v.Pages, v.UsedPages[id] = append(v.Pages, pageIn(o, b, id)), true
		}
		for _, id := range r.Questions {
			name := questionName{ID: id, From: r.Course}
			if q := b.Question(id); q != nil {
				name = questionNamed(b, q)
			}
			v.Questions, v.Used[id] = append(v.Questions, name), true
		}
	}
	if v.Outdated, err = w.outdated(c, d.ID); err != nil {
		return err
	}
	for _, p := range v.Courses {
		if p.Course.Slug != c.Query("from") {
			continue
		}
		files, err := w.Library.Files(c.UserContext(), p.Course.Slug, p.Version)
		if err != nil {
			return err
		}
		there, _ := course.ReadBank(p.Course.Slug, files)
		outline := course.ReadOutline(p.Course.Slug, files)
		v.From = p.Course.Slug
		for _, m := range there.Course.Modules {
			for _, id := range m.Pages {
				if page := pageIn(outline, there, id); page.From == "" {
					v.Has = append(v.Has, page)
				}
			}
		}
		for _, q := range there.Questions {
			if name := questionNamed(there, q); name.From == "" && !q.Retired {
				v.Asks = append(v.Asks, name)
			}
		}
	}
	return w.show(c, fiber.StatusOK, "draft-reuse", w.page(c, "trainer", w.t(c, "reuse.title"), v))
}

func questionNamed(b *course.Bank, q *course.Question) questionName {
	return questionName{q.ID, q.Type, shorten(bank.Plain(b.Texts[b.Source][q.ID].Stem), 80), b.From["question:"+q.ID]}
}

func pageIn(o *course.Outline, b *course.Bank, id string) outlinePage {
	title := o.Pages[id]
	if title == "" {
		title = id
	}
	return outlinePage{id, title, b.Source + "/" + id + ".md", b.From["page:"+id]}
}

// saveReuse takes a page or a question of another course, or stops using it.
func (w *Web) saveReuse(c *fiber.Ctx, d *authoring.Draft) error {
	by, what := gate.Of(c).Account.ID, authoring.Reused{Course: c.FormValue("from"), Page: c.FormValue("page"), ID: c.FormValue("question")}
	back := "/trainer/" + d.ID + "/draft/reuse"
	if c.FormValue("stop") != "" {
		if err := w.Drafts.StopReuse(c.UserContext(), d, what, by); err != nil {
			return err
		}
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	if err := w.Drafts.Reuse(c.UserContext(), d, what, c.FormValue("module"), by); err != nil {
		return err
	}
	return c.Redirect(back+"?from="+what.Course, fiber.StatusSeeOther)
}
