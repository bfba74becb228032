package web

import (
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/store"
)

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
	Pictures []string // that may be shown
}

func (w *Web) editDraft(c *fiber.Ctx, d *authoring.Draft) error {
	f, err := w.Drafts.File(c.UserContext(), d, c.Query("path"))
	if err != nil {
		return err
	}
	if !utf8.Valid(f.Body) {
		return fault.New("not-found")
	}
	return w.showEdit(c, d, f, string(f.Body), "")
}

func (w *Web) showEdit(c *fiber.Ctx, d *authoring.Draft, f *authoring.DraftFile, text, theirs string) error {
	v := gate.Of(c)
	checked, err := w.Drafts.Check(c.UserContext(), d)
	if err != nil {
		return err
	}
	data := editView{Course: d.ID, Path: f.Path, Rev: f.Rev, Text: text, Theirs: theirs, Dir: "ltr", Markdown: strings.HasSuffix(f.Path, ".md"), Problems: checked.In(f.Path).Say(w.Locale.In(v.Lang))}
	if folder, _, ok := strings.Cut(f.Path, "/"); ok && language.Valid(folder) {
		data.Lang, data.Dir = folder, language.Direction(folder)
	}
	for _, e := range slices.Backward(f.Earlier) {
		if utf8.Valid(e.Body) {
			data.Earlier = append(data.Earlier, e)
		}
	}
	comments, err := w.Drafts.Comments(c.UserContext(), d)
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
	for _, x := range authoring.InOrder(checked.Files) {
		if strings.HasPrefix(x.Path, "media/") {
			data.Pictures = append(data.Pictures, x.Path)
		}
	}
	status := fiber.StatusOK
	if theirs != "" {
		status = fiber.StatusConflict
	}
	gate.LetFrame(c)
	return w.show(c, status, "edit", w.page(c, "trainer", f.Path, data))
}

// saveDraft keeps what was written. Where somebody else has saved in the meantime,
// both texts are shown, and the next one that is saved counts.
func (w *Web) saveDraft(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	rev, _ := strconv.ParseInt(c.FormValue("rev"), 10, 64)
	name, text := c.FormValue("path"), strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")
	back := "/trainer/" + d.ID + "/draft"
	if c.FormValue("remove") != "" {
		if err := w.Drafts.Remove(c.UserContext(), d, name, rev, v.Account.ID); err != nil {
			return err
		}
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	if rev == 0 && text == "" {
		text = "…\n"
	}
	_, err := w.Drafts.Save(c.UserContext(), d, name, rev, []byte(text), v.Account.ID)
	if fault.Is(err, "draft-changed") {
		f, err := w.Drafts.File(c.UserContext(), d, name)
		if err != nil {
			return err
		}
		return w.showEdit(c, d, f, text, string(f.Body))
	}
	if err != nil {
		return err
	}
	return c.Redirect(editURL(d.ID, name), fiber.StatusSeeOther)
}

// commentDraft keeps what a reviewer says, or marks it as done.
func (w *Web) commentDraft(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	var err error
	if id := c.FormValue("comment"); id != "" && c.FormValue("accept") != "" {
		err = w.Drafts.Accept(c.UserContext(), d, id, v.Account.ID)
	} else if id != "" {
		err = w.Drafts.Settle(c.UserContext(), d, id, c.FormValue("done") != "")
	} else {
		line, _ := strconv.Atoi(c.FormValue("line"))
		err = w.Drafts.Comment(c.UserContext(), d, &authoring.Comment{
			Meta: store.Meta{ID: uuid.NewString()}, Path: c.FormValue("path"), Line: min(max(line, 0), 100000), Text: c.FormValue("text"), Suggests: c.FormValue("suggests"), By: v.Account.ID,
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

func (w *Web) previewDraft(c *fiber.Ctx, d *authoring.Draft) error {
	f, err := w.Drafts.File(c.UserContext(), d, c.Query("path"))
	if err != nil {
		return err
	}
	folder, name, _ := strings.Cut(f.Path, "/")
	if name == "" {
		folder, name = "", f.Path
	}
	checked, err := w.Drafts.Check(c.UserContext(), d)
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
		if one := c.Query("question"); one != "" {
			data.Questions = slices.DeleteFunc(data.Questions, func(q previewQuestion) bool { return q.ID != one })
		}
	}
	gate.LetBeFramed(c)
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
