package web

import (
	"context"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/learning"
)

// row is a block of a page beside the same block of the source.
type row struct{ Here, Source string }

// lessonView is one page of a course.
type lessonView struct {
	Course     string
	ModuleName string
	Module     int
	Number, Of int
	Page       *course.Page
	HTML       template.HTML // of the page, for the country that the reader works in
	Facts      []api.FactItem
	Terms      []api.TermItem
	Source     bool // the reader may compare with the source text
	SourceLang string
	SourceDir  string
	Rows       []row // the text beside its source, nil otherwise
	Note       bool  // shown instead of the text
	Overdue    bool  // a fact of the page should have been checked again
	Back, Next string
	NextIsQuiz bool
	Enrolled   bool
	Where      bool   // the page says something of countries
	Renew      bool   // read again to renew a certificate; Next leads back to that
	Notice     string // of a text that is not what it should be in the reader's language; "" none
}

func (w *Web) lesson(c *fiber.Ctx) error {
	v := gate.Of(c)
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	id := c.Params("page")
	m, ok := p.Module(id)
	if !ok || !slices.Contains(m.Pages, id) {
		return fault.New("not-found")
	}
	e := v.Edition(p)
	page := e.Pages[id]
	n := slices.Index(m.Pages, id)
	data := lessonView{
		Course: p.Course.Slug, ModuleName: e.Modules[m.ID].Plain, Module: moduleNumber(p, m.ID), Number: n + 1, Of: len(m.Pages),
		Page: page, HTML: template.HTML(p.PageHTML(page)), Source: page.Lang != p.Course.Source,
	}
	if data.Source && c.Query("source") == "beside" {
		data.SourceLang, data.SourceDir = p.Course.Source, language.Direction(p.Course.Source)
		data.Rows = beside(page, p.Editions[p.Course.Source].Pages[id])
	}
	for _, t := range page.Terms {
		data.Terms = append(data.Terms, api.TermOf(p, e, t))
	}
	for _, f := range page.Facts {
		data.Facts = append(data.Facts, api.FactOf(p, e, f))
		data.Overdue = data.Overdue || overdue(p.Facts[f], w.Now())
	}
	data.Where = strings.Contains(page.HTML, "data-country")
	data.Back, data.Next, data.NextIsQuiz = around(p, m, n)
	data.Notice = noticeOf(page, e, p.Course.Source)
	if data.Renew = c.Query("renew") != "" && v.Account != nil; data.Renew {
		data.Back, data.Next, data.NextIsQuiz = "/learning/"+p.Course.Slug, "/learning/"+p.Course.Slug, false
	}
	data.Note = page.Note != "" && c.Query("read") == ""
	if v.Account != nil {
		if en, err := w.Learning.Enrolment(c.UserContext(), v.Learner(), p.Course.Slug); err == nil {
			data.Enrolled = true
			_, read := en.Pages[id]
			data.Note = data.Note && !read
		} else if !fault.Is(err, "not-enrolled") {
			return err
		}
	}
	out := w.page(c, "courses", page.Title, data)
	out.Progress, out.Open = 100*(n+1)/len(m.Pages), true
	return w.show(c, 200, "lesson", out)
}

// noticeOf names what is to be said of a page's text: "missing" (another language
// is shown), "original" (it is shown in place of a translation that is older),
// "partly" (the translation lacks something), or the state of the translation.
func noticeOf(page *course.Page, e *course.Edition, source string) string {
	switch {
	case page.State == course.Stale && page.Lang == source:
		return "original"
	case page.State == course.Missing && page.Lang == e.Lang:
		return "partly"
	case page.State == course.LanguageReviewed, page.State == course.ExpertReviewed, page.State == course.Source:
		return ""
	}
	return string(page.State)
}

// beside puts the nth block of a page beside the nth of its source. What stands
// twice on the page then has its id in the reader's language.
func beside(page, source *course.Page) []row {
	rows := make([]row, max(len(page.Blocks), len(source.Blocks)))
	for n, b := range page.Blocks {
		rows[n].Here = b
	}
	for n, b := range source.Blocks {
		rows[n].Source = ids.ReplaceAllString(b, "")
	}
	return rows
}

var ids = regexp.MustCompile(` id="[^"]*"`)

// overdue tells whether a fact should have been checked again before now.
func overdue(f *course.Fact, now time.Time) bool {
	return !f.ReviewBy.IsZero() && !now.Before(f.ReviewBy.AddDate(0, 0, 1))
}

func moduleNumber(p *course.Publication, id string) int {
	return 1 + slices.IndexFunc(p.Course.Modules, func(m course.Module) bool { return m.ID == id })
}

// around is where Back and Next lead from page n of a module.
func around(p *course.Publication, m *course.Module, n int) (back, next string, quiz bool) {
	base := "/courses/" + p.Course.Slug
	back, next = base, base
	if n > 0 {
		back = base + "/" + m.Pages[n-1]
	}
	switch {
	case n+1 < len(m.Pages):
		next = base + "/" + m.Pages[n+1]
	case m.Quiz != nil:
		next, quiz = base+"/quiz/"+m.Quiz.ID, true
	default:
		next = afterModule(p, m.ID)
	}
	return back, next, quiz
}

// afterModule is the first page of the module behind, or the course's own page.
func afterModule(p *course.Publication, id string) string {
	base := "/courses/" + p.Course.Slug
	if i := moduleNumber(p, id); i < len(p.Course.Modules) {
		following := p.Course.Modules[i]
		if len(following.Pages) > 0 {
			return base + "/" + following.Pages[0]
		}
		if following.Quiz != nil {
			return base + "/quiz/" + following.Quiz.ID
		}
	}
	return base
}

// later notes that a hard page was skipped and goes on to the next.
func (w *Web) later(c *fiber.Ctx) error {
	return w.turn(c, w.Learning.LeavePage)
}

// read notes that a page was read and goes on to the next. Whoever is not
// enrolled may read on; nothing is noted then.
func (w *Web) read(c *fiber.Ctx) error {
	return w.turn(c, w.Learning.ReadPage)
}

func (w *Web) turn(c *fiber.Ctx, note func(context.Context, learning.Learner, string, string) error) error {
	v := gate.Of(c)
	slug, id := c.Params("course"), c.Params("page")
	p, err := w.API.Course(v, slug)
	if err != nil {
		return err
	}
	m, ok := p.Module(id)
	if !ok || !slices.Contains(m.Pages, id) {
		return fault.New("not-found")
	}
	if v.Account != nil {
		if err := note(c.UserContext(), v.Learner(), slug, id); err != nil && !fault.Is(err, "not-enrolled") {
			return err
		}
	}
	_, next, _ := around(p, m, slices.Index(m.Pages, id))
	if c.FormValue("renew") != "" {
		next = "/learning/" + slug
	}
	return c.Redirect(next, fiber.StatusSeeOther)
}

// media serves a course's pictures from the publication, by name and never by path.
func (w *Web) media(c *fiber.Ctx) error {
	p, err := w.API.Course(gate.Of(c), c.Params("course"))
	if err != nil {
		return err
	}
	name := c.Params("file")
	src, ok := p.Media[name]
	if !ok {
		return fault.New("not-found")
	}
	return sendPicture(c, name, src, "public, max-age=300")
}
