package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"sync"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
)

// CourseItem is a course in a list.
type CourseItem struct {
	Slug      string         `json:"slug"`
	Title     string         `json:"title"`
	Summary   string         `json:"summary"`
	Lang      string         `json:"lang" doc:"The language of title and summary"`
	Dir       string         `json:"dir" enum:"ltr,rtl"`
	Languages []LanguageItem `json:"languages" nullable:"false"`
	Version   int            `json:"version"`
	Minutes   int            `json:"minutes"`
}

// LanguageItem says how far a language of a course can be trusted.
type LanguageItem struct {
	Tag   string       `json:"tag"`
	State course.State `json:"state" enum:"source,expert-reviewed,language-reviewed,machine-draft,stale,missing"`
}

// Course is a course with its structure.
type Course struct {
	CourseItem
	Audience []string     `json:"audience" nullable:"false"`
	Modules  []ModuleItem `json:"modules" nullable:"false"`
}

// ModuleItem is a module of a course.
type ModuleItem struct {
	ID    string     `json:"id"`
	Title string     `json:"title"`
	Pages []PageItem `json:"pages" nullable:"false"`
	Quiz  *QuizItem  `json:"quiz,omitempty"`
}

// PageItem names a page.
type PageItem struct {
	ID    string       `json:"id"`
	Title string       `json:"title"`
	State course.State `json:"state"`
}

// QuizItem is what a learner may know of a quiz before it begins.
type QuizItem struct {
	ID               string  `json:"id"`
	Questions        int     `json:"questions" doc:"How many questions an attempt asks"`
	PassMark         float64 `json:"pass_mark" doc:"Per cent of the points"`
	Attempts         int     `json:"attempts" doc:"0: no limit"`
	CoolDownMinutes  int     `json:"cool_down_minutes"`
	TimeLimitMinutes int     `json:"time_limit_minutes" doc:"0: none"`
	Keep             string  `json:"keep" enum:"best,last,first"`
	Feedback         string  `json:"feedback" enum:"after-answer,after-attempt,after-pass,never"`
}

// LangIn is the wish for a language; the gate reads it. Exported, as huma passes
// over embedded types that are not.
type LangIn struct {
	Lang string `query:"lang" maxLength:"35" doc:"BCP 47 tag; before Accept-Language"`
}

type coursesOut struct {
	ContentLanguage string `header:"Content-Language"`
	Vary            string `header:"Vary"`
	Body            struct {
		Items []CourseItem `json:"items" nullable:"false"`
	}
}

func itemOf(p *course.Publication, e *course.Edition) CourseItem {
	item := CourseItem{
		Slug: p.Course.Slug, Title: e.Title.Plain, Summary: e.Summary.Plain, Lang: e.Title.Lang, Dir: e.Title.Dir,
		Languages: []LanguageItem{}, Version: p.Version, Minutes: p.Course.Minutes,
	}
	for _, tag := range p.Course.Languages {
		item.Languages = append(item.Languages, LanguageItem{tag, p.Editions[tag].State})
	}
	return item
}

func (a *API) listCourses(_ context.Context, v *gate.Visitor, _ *LangIn) (*coursesOut, error) {
	out := &coursesOut{ContentLanguage: v.Lang, Vary: "Accept-Language"}
	out.Body.Items = []CourseItem{}
	for _, p := range a.Library.Courses() {
		out.Body.Items = append(out.Body.Items, itemOf(p, v.Edition(p)))
	}
	return out, nil
}

// Course is the newest publication of a course, as it stands in the country that
// the visitor works in.
func (a *API) Course(v *gate.Visitor, slug string) (*course.Publication, error) {
	p, ok := a.Library.Current(slug)
	if !ok {
		return nil, fault.New("not-found")
	}
	if a.Library.Withdrawn(slug) {
		return nil, fault.New("course-withdrawn")
	}
	return p.For(v.Country), nil
}

type courseIn struct {
	Course string `path:"course" maxLength:"100"`
	LangIn
}

type courseOut struct {
	ContentLanguage string `header:"Content-Language"`
	Vary            string `header:"Vary"`
	Body            Course
}

func (a *API) getCourse(_ context.Context, v *gate.Visitor, in *courseIn) (*courseOut, error) {
	p, err := a.Course(v, in.Course)
	if err != nil {
		return nil, err
	}
	e := v.Edition(p)
	out := &courseOut{ContentLanguage: e.Lang, Vary: "Accept-Language"}
	out.Body = Course{CourseItem: itemOf(p, e), Audience: p.Course.Audience, Modules: []ModuleItem{}}
	for _, m := range p.Course.Modules {
		item := ModuleItem{ID: m.ID, Title: e.Modules[m.ID].Plain, Pages: []PageItem{}}
		for _, id := range m.Pages {
			item.Pages = append(item.Pages, PageItem{id, e.Pages[id].Title, e.Pages[id].State})
		}
		if q := m.Quiz; q != nil {
			item.Quiz = &QuizItem{
				ID: q.ID, Questions: assessment.Count(p, q), PassMark: q.PassMark, Attempts: q.Attempts,
				CoolDownMinutes: q.CoolDownMinutes, TimeLimitMinutes: q.TimeLimitMinutes, Keep: q.Keep, Feedback: q.Feedback,
			}
		}
		out.Body.Modules = append(out.Body.Modules, item)
	}
	return out, nil
}

// Page is a lesson page.
type Page struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	HTML        string       `json:"html"`
	Lang        string       `json:"lang"`
	Dir         string       `json:"dir" enum:"ltr,rtl"`
	State       course.State `json:"state"`
	Version     int          `json:"version"`
	Facts       []FactItem   `json:"facts" nullable:"false" doc:"In the order of their numbers on the page"`
	ContentNote string       `json:"content_note,omitempty" doc:"HTML to show before the text of a hard page"`
	Terms       []TermItem   `json:"terms" nullable:"false" doc:"Words that the text links to as #term-<id>"`
}

// TermItem is a term of the glossary in the reader's language and in the source's.
type TermItem struct {
	ID         string `json:"id"`
	Term       string `json:"term"`
	Definition string `json:"definition" doc:"HTML"`
	Lang       string `json:"lang"`
	Dir        string `json:"dir" enum:"ltr,rtl"`
	// Source is absent where the reader's is the source's.
	Source *TermItem `json:"source,omitempty" doc:"The same in the language that the course was written in"`
}

func termOf(e *course.Edition, id string) TermItem {
	t := e.Glossary[id]
	return TermItem{ID: id, Term: t.Term.Plain, Definition: t.Definition.HTML, Lang: t.Term.Lang, Dir: t.Term.Dir}
}

// TermOf shows a term in an edition, and beside it in the course's source.
func TermOf(p *course.Publication, e *course.Edition, id string) TermItem {
	item := termOf(e, id)
	if item.Lang != p.Course.Source {
		source := termOf(p.Editions[p.Course.Source], id)
		item.Source = &source
	}
	return item
}

// FactItem is a claim with its source.
type FactItem struct {
	ID         string   `json:"id"`
	Statement  string   `json:"statement"`
	Instrument string   `json:"instrument"`
	Article    string   `json:"article,omitempty"`
	URL        string   `json:"url,omitempty"`
	AppliesIn  []string `json:"applies_in,omitempty" doc:"ISO 3166 codes; absent: everywhere"`
	CheckedOn  string   `json:"checked_on,omitempty"`
	ReviewBy   string   `json:"review_by,omitempty"`
	Verified   bool     `json:"verified"`
	// Elsewhere tells that it does not apply where the reader works.
	Elsewhere bool `json:"elsewhere,omitempty" doc:"It does not apply in the country that you work in"`
}

// FactOf shows a fact in an edition.
func FactOf(p *course.Publication, e *course.Edition, id string) FactItem {
	f := p.Facts[id]
	item := FactItem{
		ID: id, Statement: e.Facts[id].Plain, Instrument: f.Instrument, Article: f.Article, URL: f.URL,
		AppliesIn: f.AppliesIn, Verified: f.Verified, Elsewhere: !p.Applies(f.AppliesIn),
	}
	if !f.CheckedOn.IsZero() {
		item.CheckedOn = f.CheckedOn.Format("2006-01-02")
	}
	if !f.ReviewBy.IsZero() {
		item.ReviewBy = f.ReviewBy.Format("2006-01-02")
	}
	return item
}

type pageIn struct {
	Course      string `path:"course" maxLength:"100"`
	Page        string `path:"page" maxLength:"100"`
	IfNoneMatch string `header:"If-None-Match" maxLength:"200"`
	LangIn
}

type pageOut struct {
	Status          int
	ContentType     string `header:"Content-Type"`
	ContentLanguage string `header:"Content-Language"`
	ETag            string `header:"ETag"`
	Vary            string `header:"Vary"`
	CacheControl    string `header:"Cache-Control"`
	Body            []byte
}

func (a *API) getPage(_ context.Context, v *gate.Visitor, in *pageIn) (*pageOut, error) {
	p, err := a.Course(v, in.Course)
	if err != nil {
		return nil, err
	}
	e := v.Edition(p)
	ready, ok := a.pages.get(p, e, in.Page)
	if !ok {
		return nil, fault.New("not-found")
	}
	out := &pageOut{
		Status: 200, ContentType: "application/json", ContentLanguage: ready.lang, ETag: ready.etag,
		Vary: "Accept-Language", CacheControl: "no-cache", Body: ready.body,
	}
	if in.IfNoneMatch == ready.etag {
		out.Status, out.Body, out.ContentType = 304, nil, ""
	}
	return out, nil
}

// pageCache keeps encoded pages. A publication never changes, so what is kept
// for one is never stale; when a course is published anew, its pages are dropped.
type pageCache struct {
	mu    sync.RWMutex
	pages map[pageKey]*encodedPage
}

type pageKey struct {
	slug, country, lang, page string
}

type encodedPage struct {
	of         *course.Page
	body       []byte
	etag, lang string
}

func (c *pageCache) get(p *course.Publication, e *course.Edition, id string) (*encodedPage, bool) {
	page, ok := e.Pages[id]
	if !ok {
		return nil, false
	}
	key := pageKey{p.Course.Slug, p.Country, e.Lang, id}
	c.mu.RLock()
	ready := c.pages[key]
	c.mu.RUnlock()
	if ready != nil && ready.of == page {
		return ready, true
	}
	out := Page{ID: page.ID, Title: page.Title, HTML: p.PageHTML(page), Lang: page.Lang, Dir: page.Dir, State: page.State, Version: p.Version, Facts: []FactItem{}, ContentNote: page.Note, Terms: []TermItem{}}
	for _, f := range page.Facts {
		out.Facts = append(out.Facts, FactOf(p, e, f))
	}
	for _, t := range page.Terms {
		out.Terms = append(out.Terms, TermOf(p, e, t))
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, false
	}
	sum := sha256.Sum256(body)
	ready = &encodedPage{of: page, body: body, etag: "W/" + strconv.Quote(hex.EncodeToString(sum[:12])), lang: page.Lang}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pages == nil {
		c.pages = map[pageKey]*encodedPage{}
	}
	c.pages[key] = ready
	return ready, true
}
