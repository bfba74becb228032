package web

import (
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/library"
	"havn/internal/people"
	"havn/internal/store"
)

// draftView is what a draft consists of, what is wrong with it, what it would change
// and how far it is.
type draftView struct {
	*authoring.Draft
	Title     string
	Files     []*authoring.DraftFile
	Problems  course.Problems
	Errors    int
	Changes   []library.Mark
	Note      string
	Comments  []authoring.Comment
	Open      int    // comments that are not done
	Own       bool   // the visitor wrote some of it
	Lang      string // that the course is written in
	Modules   []outlineModule
	Pool      []questionName // that no quiz names
	Countries []string
	// Languages are those that the course is translated into.
	Languages []string
	Types     []course.Type // that the form makes
	Formats   []string      // that a bank may be in
	Report    *bank.Report  // of a bank that was just taken over
	Outdated  []outdated    // what is reused and has changed since it was published here
}

// At counts the problems of a file.
func (v draftView) At(path string) (n int) {
	for _, p := range v.Problems {
		if p.File == path {
			n++
		}
	}
	return n
}

func (w *Web) beginDraft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	slug := strings.ToLower(strings.TrimSpace(c.FormValue("course")))
	d, err := w.API.BeginDraft(c.UserContext(), v, slug, func() (course.Files, error) {
		languages := strings.FieldsFunc(c.FormValue("languages"), func(r rune) bool { return r == ',' || r == ' ' })
		return authoring.NewCourse(slug, c.FormValue("title"), languages)
	})
	if err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft", fiber.StatusSeeOther)
}

// onDraft gives a page the draft that its address names, which the visitor may work on.
func (w *Web) onDraft(do func(*fiber.Ctx, *authoring.Draft) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v := gate.Of(c)
		if err := v.May(people.Publish); err != nil {
			return err
		}
		d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
		if err != nil {
			return err
		}
		return do(c, d)
	}
}

func (w *Web) draft(c *fiber.Ctx, d *authoring.Draft) error {
	return w.draftPage(c, d, nil)
}

func (w *Web) draftPage(c *fiber.Ctx, d *authoring.Draft, report *bank.Report) error {
	v := gate.Of(c)
	checked, err := w.Drafts.Check(c.UserContext(), d)
	if err != nil {
		return err
	}
	data := draftView{Draft: d, Title: d.ID, Files: authoring.InOrder(checked.Files), Problems: checked.Problems.Say(w.Locale.In(v.Lang)), Errors: checked.Problems.Errors(), Own: slices.Contains(d.Authors, v.Account.ID)}
	data.Types, data.Formats, data.Report = bank.Types, bank.Formats, report
	if p := checked.Publication; p != nil {
		data.Title = v.Edition(p).Title.Plain
		data.Languages = slices.DeleteFunc(slices.Clone(p.Course.Languages), func(l string) bool { return l == p.Course.Source })
	}
	folder, err := w.Drafts.Whole(c.UserContext(), d)
	if err != nil {
		return err
	}
	o := course.ReadOutline(d.ID, folder)
	b, _ := course.ReadBank(d.ID, folder)
	data.Lang, data.Countries = o.Course.Source, o.Course.Countries
	data.Modules, data.Pool = outlineOf(o, b)
	if data.Note, data.Changes, err = w.Drafts.Changes(c.UserContext(), d, checked); err != nil {
		return err
	}
	if data.Outdated, err = w.outdated(c, d.ID); err != nil {
		return err
	}
	if data.Comments, err = w.Drafts.Comments(c.UserContext(), d); err != nil {
		return err
	}
	for _, x := range data.Comments {
		if !x.Done {
			data.Open++
		}
	}
	return w.show(c, 200, "draft", w.page(c, "trainer", w.t(c, "draft.title"), data))
}

// importBank takes the questions of a file over and shows what became of each.
func (w *Web) importBank(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	data, err := fileOf(c, api.MaxCourse)
	if err != nil {
		return err
	}
	report, err := w.Drafts.Import(c.UserContext(), d, c.FormValue("format"), data, strings.Fields(c.FormValue("tags")), v.Account.ID)
	if err != nil {
		return err
	}
	return w.draftPage(c, d, &report)
}

// draftState brings a draft a step further, or back.
func (w *Web) draftState(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	switch step := c.FormValue("step"); step {
	case "drop":
		if err := w.Drafts.Drop(c.UserContext(), d.ID); err != nil {
			return err
		}
		return c.Redirect("/trainer", fiber.StatusSeeOther)
	case "publish":
		if _, _, err := w.Drafts.Publish(c.UserContext(), d, library.Author{Account: v.Account.ID, Says: saysOf(c)}); err != nil {
			return err
		}
		return c.Redirect("/trainer?published="+d.ID, fiber.StatusSeeOther)
	case "schedule":
		at, err := time.Parse("2006-01-02T15:04", c.FormValue("at"))
		if err != nil {
			return fault.At("date-invalid", "at")
		}
		if _, err := w.Drafts.Schedule(c.UserContext(), d, store.At(at), *saysOf(c)); err != nil {
			return err
		}
	default:
		if _, err := w.API.ReviewDraft(c.UserContext(), v, d, authoring.DraftState(step)); err != nil {
			return err
		}
	}
	return c.Redirect("/trainer/"+d.ID+"/draft", fiber.StatusSeeOther)
}
