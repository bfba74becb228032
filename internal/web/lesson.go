package web

import (
	"html/template"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
)

// lessonView is one page of a course.
type lessonView struct {
	Course     string
	ModuleName string
	Module     int
	Number, Of int
	Page       *course.Page
	HTML       template.HTML // of the page, for the country that the reader works in
	Facts      []api.FactItem
	Terms      []termView
	Source     bool   // the reader may compare with the source text
	SourceTag  string // its language
	Back, Next string
	NextIsQuiz bool
	Enrolled   bool
	Where      bool // the page says something of countries
}

// termView is a word of the glossary, with the source's beside a translation:
// where two legal systems have one word for two things, both have to be seen.
type termView struct {
	ID string
	course.Term
	Source *course.Term
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
	if c.Query("source") != "" {
		e = p.Editions[p.Course.Source]
	}
	page := e.Pages[id]
	n := slices.Index(m.Pages, id)
	data := lessonView{
		Course: p.Course.Slug, ModuleName: e.Modules[m.ID].Plain, Module: moduleNumber(p, m.ID), Number: n + 1, Of: len(m.Pages),
		Page: page, HTML: template.HTML(p.PageHTML(page)), Source: page.Lang != p.Course.Source, SourceTag: p.Course.Source,
	}
	for _, f := range page.Facts {
		data.Facts = append(data.Facts, api.FactOf(p, e, f))
	}
	for _, id := range page.Terms {
		term := termView{ID: id, Term: e.Terms[id]}
		if page.Lang != p.Course.Source {
			source := p.Editions[p.Course.Source].Terms[id]
			term.Source = &source
		}
		data.Terms = append(data.Terms, term)
	}
	data.Where = strings.Contains(page.HTML, "data-country")
	data.Back, data.Next, data.NextIsQuiz = around(p, m, n)
	if v.Account != nil {
		if _, err := w.Learning.Enrolment(c.UserContext(), v.Learner(), p.Course.Slug); err == nil {
			data.Enrolled = true
		} else if !fault.Is(err, "not-enrolled") {
			return err
		}
	}
	out := w.page(c, "courses", page.Title, data)
	out.Progress = 100 * (n + 1) / len(m.Pages)
	return w.show(c, 200, "lesson", out)
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

// read notes that a page was read and goes on to the next. Whoever is not
// enrolled may read on; nothing is noted then.
func (w *Web) read(c *fiber.Ctx) error {
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
		if err := w.Learning.ReadPage(c.UserContext(), v.Learner(), slug, id); err != nil && !fault.Is(err, "not-enrolled") {
			return err
		}
	}
	_, next, _ := around(p, m, slices.Index(m.Pages, id))
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
	kinds := map[string]string{"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "svg": "image/svg+xml"}
	kind, ok := kinds[strings.ToLower(name[strings.LastIndexByte(name, '.')+1:])]
	if !ok {
		kind = "application/octet-stream"
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Set(fiber.HeaderCacheControl, "public, max-age=300")
	return c.Send(src)
}
