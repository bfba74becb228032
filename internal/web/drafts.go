package web

import (
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/library"
	"havn/internal/people"
	"havn/internal/store"
)

// draftView is what a draft consists of, what is wrong with it, what it would change
// and how far it is.
type draftView struct {
	*authoring.Draft
	Title    string
	Files    []*authoring.DraftFile
	Problems course.Problems
	Errors   int
	Changes  []library.Mark
	Note     string
	Comments []authoring.Comment
	Open     int  // comments that are not done
	Own      bool // the visitor wrote some of it
	Quizzes  []string
	Types    []course.Type // that the form makes
	Formats  []string      // that a bank may be in
	Report   *bank.Report  // of a bank that was just taken over
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
	d, err := w.API.BeginDraft(c.UserContext(), v, slug, c.FormValue("title"), strings.FieldsFunc(c.FormValue("languages"), func(r rune) bool { return r == ',' || r == ' ' }))
	if err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft", fiber.StatusSeeOther)
}

func (w *Web) draft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	return w.draftPage(c, d, nil)
}

func (w *Web) draftPage(c *fiber.Ctx, d *authoring.Draft, report *bank.Report) error {
	v := gate.Of(c)
	files, err := w.Drafts.Files(c.UserContext(), d.ID)
	if err != nil {
		return err
	}
	checked, err := w.Drafts.Check(c.UserContext(), d.ID)
	if err != nil {
		return err
	}
	data := draftView{Draft: d, Title: d.ID, Files: authoring.InOrder(files), Problems: checked.Problems.Say(w.Locale.In(v.Lang)), Errors: checked.Problems.Errors(), Own: slices.Contains(d.Authors, v.Account.ID)}
	data.Types, data.Formats, data.Report = bank.FormTypes, bank.Formats, report
	if p := checked.Publication; p != nil {
		data.Title = v.Edition(p).Title.Plain
		for _, m := range p.Course.Modules {
			if m.Quiz != nil {
				data.Quizzes = append(data.Quizzes, m.Quiz.ID)
			}
		}
	}
	if data.Note, data.Changes, err = w.Drafts.Changes(c.UserContext(), d.ID); err != nil {
		return err
	}
	if data.Comments, err = w.Drafts.Comments(c.UserContext(), d.ID); err != nil {
		return err
	}
	for _, x := range data.Comments {
		if !x.Done {
			data.Open++
		}
	}
	return w.show(c, 200, "draft", w.page(c, "trainer", w.t(c, "draft.title"), data))
}

// addQuestion writes a question behind those of a draft.
func (w *Web) addQuestion(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	form := bank.Form{Type: course.Type(c.FormValue("type")), Stem: c.FormValue("stem"), Answers: c.FormValue("answers"), Feedback: c.FormValue("feedback")}
	if _, err := w.Drafts.AddQuestion(c.UserContext(), d.ID, form, c.FormValue("quiz"), v.Account.ID); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/preview?path=questions.yaml", fiber.StatusSeeOther)
}

// importBank takes the questions of a file over and shows what became of each.
func (w *Web) importBank(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	data, err := fileOf(c, api.MaxCourse)
	if err != nil {
		return err
	}
	report, err := w.Drafts.Import(c.UserContext(), d.ID, c.FormValue("format"), data, strings.Fields(c.FormValue("tags")), v.Account.ID)
	if err != nil {
		return err
	}
	return w.draftPage(c, d, &report)
}

// draftState brings a draft a step further, or back.
func (w *Web) draftState(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	switch step := c.FormValue("step"); step {
	case "drop":
		if err := w.Drafts.Drop(c.UserContext(), d.ID); err != nil {
			return err
		}
		return c.Redirect("/trainer", fiber.StatusSeeOther)
	case "publish":
		if _, _, err := w.Drafts.Publish(c.UserContext(), d.ID, library.Author{Account: v.Account.ID, Says: saysOf(c)}); err != nil {
			return err
		}
		return c.Redirect("/trainer?published="+d.ID, fiber.StatusSeeOther)
	case "schedule":
		at, err := time.Parse("2006-01-02T15:04", c.FormValue("at"))
		if err != nil {
			return fault.At("date-invalid", "at")
		}
		if _, err := w.Drafts.Schedule(c.UserContext(), d.ID, store.At(at), *saysOf(c)); err != nil {
			return err
		}
	default:
		if _, err := w.API.ReviewDraft(c.UserContext(), v, d.ID, authoring.DraftState(step)); err != nil {
			return err
		}
	}
	return c.Redirect("/trainer/"+d.ID+"/draft", fiber.StatusSeeOther)
}

// editView is one file of a draft while somebody works on it.
type editView struct {
	Course   string
	Path     string
	Rev      int64
	Text     string
	Theirs   string // what somebody else has saved in the meantime
	Markdown bool
	Lang     string // of the text; "" where it is none of a language
	Dir      string
	Problems course.Problems
	Earlier  []authoring.Edit
	Comments []authoring.Comment
	Facts    []string // that may be cited
}

func (w *Web) editDraft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	f, err := w.Drafts.File(c.UserContext(), d.ID, c.Query("path"))
	if err != nil {
		return err
	}
	if !utf8.Valid(f.Body) {
		return fault.New("not-found")
	}
	return w.showEdit(c, f, string(f.Body), "")
}

func (w *Web) showEdit(c *fiber.Ctx, f *authoring.DraftFile, text, theirs string) error {
	v := gate.Of(c)
	checked, err := w.Drafts.Check(c.UserContext(), f.Course)
	if err != nil {
		return err
	}
	data := editView{Course: f.Course, Path: f.Path, Rev: f.Rev, Text: text, Theirs: theirs, Dir: "ltr", Markdown: strings.HasSuffix(f.Path, ".md"), Problems: checked.In(f.Path).Say(w.Locale.In(v.Lang))}
	if folder, _, ok := strings.Cut(f.Path, "/"); ok && language.Valid(folder) {
		data.Lang, data.Dir = folder, language.Direction(folder)
	}
	for _, e := range slices.Backward(f.Earlier) {
		if utf8.Valid(e.Body) {
			data.Earlier = append(data.Earlier, e)
		}
	}
	comments, err := w.Drafts.Comments(c.UserContext(), f.Course)
	if err != nil {
		return err
	}
	for _, x := range comments {
		if x.Path == f.Path {
			data.Comments = append(data.Comments, x)
		}
	}
	if checked.Publication != nil {
		data.Facts = slices.Sorted(maps.Keys(checked.Publication.Facts))
	}
	status := fiber.StatusOK
	if theirs != "" {
		status = fiber.StatusConflict
	}
	c.Set("Content-Security-Policy", strings.Replace(string(c.Response().Header.Peek("Content-Security-Policy")), "default-src 'none';", "default-src 'none'; frame-src 'self';", 1))
	return w.show(c, status, "edit", w.page(c, "trainer", f.Path, data))
}

// saveDraft keeps what was written. Where somebody else has saved in the meantime,
// both texts are shown, and the next one that is saved counts.
func (w *Web) saveDraft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(c.FormValue("rev"), 10, 64)
	name, text := c.FormValue("path"), strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")
	back := "/trainer/" + d.ID + "/draft"
	if c.FormValue("remove") != "" {
		if err := w.Drafts.Remove(c.UserContext(), d.ID, name, rev, v.Account.ID); err != nil {
			return err
		}
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	if rev == 0 && text == "" {
		text = "…\n"
	}
	_, err = w.Drafts.Save(c.UserContext(), d.ID, name, rev, []byte(text), v.Account.ID)
	if fault.Is(err, "draft-changed") {
		f, err := w.Drafts.File(c.UserContext(), d.ID, name)
		if err != nil {
			return err
		}
		return w.showEdit(c, f, text, string(f.Body))
	}
	if err != nil {
		return err
	}
	return c.Redirect(editURL(d.ID, name), fiber.StatusSeeOther)
}

// commentDraft keeps what a reviewer says, or marks it as done.
func (w *Web) commentDraft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	if id := c.FormValue("comment"); id != "" {
		err = w.Drafts.Settle(c.UserContext(), d.ID, id, c.FormValue("done") != "")
	} else {
		line, _ := strconv.Atoi(c.FormValue("line"))
		err = w.Drafts.Comment(c.UserContext(), &authoring.Comment{
			Meta: store.Meta{ID: uuid.NewString()}, Course: d.ID, Path: c.FormValue("path"), Line: min(max(line, 0), 100000), Text: c.FormValue("text"), By: v.Account.ID,
		})
	}
	if err != nil {
		return err
	}
	return c.Redirect(editURL(d.ID, c.FormValue("path")), fiber.StatusSeeOther)
}

func editURL(slug, path string) string {
	return "/trainer/" + slug + "/draft/edit?path=" + template.URLQueryEscaper(path)
}

// previewView is a page of a draft as a learner will see it.
type previewView struct {
	Page      *course.Page
	HTML      template.HTML
	Facts     []api.FactItem
	Questions []previewQuestion
}

// previewQuestion is a question with its key, for its author.
type previewQuestion struct {
	ID, Type string
	Text     *course.QuestionText
	Options  []string // ids, in the author's order
	Right    []string // ids of what the key holds
}

// Is tells whether an option is in the key.
func (q previewQuestion) Is(id string) bool { return slices.Contains(q.Right, id) }

// Option is an option's text.
func (q previewQuestion) Option(id string) string { return q.Text.Options[id] }

func (w *Web) previewDraft(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	d, err := w.API.Draft(c.UserContext(), v, c.Params("course"))
	if err != nil {
		return err
	}
	f, err := w.Drafts.File(c.UserContext(), d.ID, c.Query("path"))
	if err != nil {
		return err
	}
	folder, name, _ := strings.Cut(f.Path, "/")
	if name == "" {
		folder, name = "", f.Path
	}
	checked, err := w.Drafts.Check(c.UserContext(), d.ID)
	if err != nil {
		return err
	}
	data, p := previewView{}, checked.Publication
	id, isPage := strings.CutSuffix(name, ".md")
	switch {
	case isPage && p != nil && p.Editions[folder] != nil && p.Editions[folder].Pages[id] != nil:
		e := p.Editions[folder]
		data.Page = e.Pages[id]
		data.HTML = template.HTML(p.PageHTML(data.Page))
		for _, fact := range data.Page.Facts {
			data.Facts = append(data.Facts, api.FactOf(p, e, fact))
		}
	case isPage: // by itself: something else of the draft is not whole yet
		data.Page = course.Sketch(f.Body, folder)
		data.HTML = template.HTML(data.Page.HTML)
	case name == "questions.yaml" && p != nil:
		lang := folder
		if p.Editions[lang] == nil {
			lang = p.Course.Source
		}
		data.Questions = questionsOf(p, lang)
	}
	c.Set("Content-Security-Policy", strings.Replace(string(c.Response().Header.Peek("Content-Security-Policy")), "frame-ancestors 'none'", "frame-ancestors 'self'", 1))
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	out := w.page(c, "trainer", f.Path, data)
	out.Progress = 50
	return w.show(c, 200, "preview", out)
}

func questionsOf(p *course.Publication, lang string) (list []previewQuestion) {
	for _, id := range p.QuestionOrder() {
		q := p.Questions[id]
		list = append(list, previewQuestion{ID: id, Type: string(q.Type), Text: p.Editions[lang].Questions[id], Options: q.Options, Right: rightOf(q)})
	}
	return list
}

// rightOf are the ids that the key of a question with options holds.
func rightOf(q *course.Question) []string {
	switch q.Type {
	case course.Single, course.TrueFalse:
		return []string{q.Key.Choice}
	case course.Multiple, course.Hotspot:
		return q.Key.Choices
	}
	return nil
}
