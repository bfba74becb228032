package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"havn/internal/course"
	"havn/internal/gate"
)

// translationsView tells everybody how far the translation of a course is.
type translationsView struct {
	Course string
	Title  course.Text
	States []course.State // the columns, the most trusted first
	Rows   []translationRow
}

// translationRow is one language.
type translationRow struct {
	Lang   string
	Counts map[course.State]int
}

func (w *Web) translations(c *fiber.Ctx) error {
	v := gate.Of(c)
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	data := translationsView{
		Course: p.Course.Slug, Title: v.Edition(p).Title,
		States: []course.State{course.ExpertReviewed, course.LanguageReviewed, course.MachineDraft, course.Stale, course.Missing},
	}
	for _, lang := range p.Course.Languages {
		if lang != p.Course.Source {
			data.Rows = append(data.Rows, translationRow{lang, p.Editions[lang].States()})
		}
	}
	data.States = slices.DeleteFunc(data.States, func(s course.State) bool {
		return !slices.ContainsFunc(data.Rows, func(r translationRow) bool { return r.Counts[s] > 0 })
	})
	return w.show(c, 200, "translations", w.page(c, "courses", w.t(c, "translations.title"), data))
}
