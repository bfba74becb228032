package web

import (
	"bytes"
	"html/template"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/oidc"
	"havn/internal/people"
)

// Page is what every template gets: who reads, in which language, and the
// page's own Data.
type Page struct {
	*gate.Visitor
	Title string
	// Section is the entry of the menu that the page belongs to.
	Section string
	// Progress, in per cent, turns the header into that of a lesson or quiz;
	// -1 leaves the menu.
	Progress int
	// Form is the id of the form that the language menu submits, so that what
	// is typed is not lost; "" makes the menu of links.
	Form string
	// Enter is where the form's Enter key leads; buttons of the header would come
	// before those of the form.
	Enter string
	// Open tells that the page shows what strangers may read too and names nobody;
	// of its reader it has the ids that forms need, and the country they work in.
	Open    bool
	Path    string
	Reading Reading
	Data    any

	web *Web
}

// T is a message in the reader's language.
func (p *Page) T(id string, args ...any) string { return p.web.Locale.T(p.Lang, id, args...) }

// TH is a message that holds markup of our own; its arguments are escaped.
func (p *Page) TH(id string, args ...any) template.HTML {
	for i, a := range args {
		if s, ok := a.(string); ok && i%2 == 1 {
			args[i] = template.HTMLEscapeString(s)
		}
	}
	return template.HTML(p.web.Locale.T(p.Lang, id, args...))
}

// Dir is the direction of the interface.
func (p *Page) Dir() string { return language.Direction(p.Lang) }

// Now is the server's clock, in milliseconds since 1970.
func (p *Page) Now() int64 { return p.web.Now().UnixMilli() }

// SealKey is what a device seals a file of unsent answers with.
func (p *Page) SealKey() string { return p.web.API.Sealed.PublicKey() }

// Date writes a day in words.
func (p *Page) Date(t time.Time) string { return p.web.Locale.Date(p.Lang, t) }

// Day writes a day that is kept as "2026-12-12" in words.
func (p *Page) Day(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return p.Date(t)
}

// DateTime writes a day and the time of day in UTC.
func (p *Page) DateTime(t time.Time) string {
	return p.Date(t) + ", " + p.web.Locale.Time(t.UTC()) + " UTC"
}

// N writes a number.
func (p *Page) N(n any) string { return p.web.Locale.Number(p.Lang, n) }

// Languages are those of the interface.
func (p *Page) Languages() []string { return p.web.Locale.Languages() }

// LanguageName is a language's name in itself.
func (p *Page) LanguageName(tag string) string { return language.Name(tag) }

// LanguageURL is this page in another language.
func (p *Page) LanguageURL(tag string) string {
	u, err := url.Parse(p.Path)
	if err != nil {
		return "/?lang=" + tag
	}
	q := u.Query()
	q.Set("lang", tag)
	u.RawQuery = q.Encode()
	return u.String()
}

// Country is a country's name.
func (p *Page) Country(code string) string { return course.CountryName(p.Lang, code) }

// FromElsewhere is a completion elsewhere as the partial template shows it.
type FromElsewhere struct {
	P                     *Page
	On, Origin, Reference string
}

// Elsewhere prepares one.
func (p *Page) Elsewhere(on, origin, reference string) FromElsewhere {
	return FromElsewhere{p, on, origin, reference}
}

// Cited is a fact as the partial template "provenance" shows it.
type Cited struct {
	*Page
	Fact api.FactItem
}

// Cite prepares a fact for the partial template.
func (p *Page) Cite(f api.FactItem) Cited { return Cited{p, f} }

// Explained is an answer as the partial template "explained" shows it.
type Explained struct {
	*Page
	Item resultItem
}

// Explain prepares an answer for the partial template.
func (p *Page) Explain(it resultItem) Explained { return Explained{p, it} }

// Place is where in the instrument the fact stands: an article by its number,
// or the author's own words, such as a recital.
func (c Cited) Place() string {
	if a := c.Fact.Article; a == "" || a[0] < '0' || a[0] > '9' {
		return a
	}
	return c.T("fact.article", "article", c.Fact.Article)
}

// CheckedOn is the day on which somebody read the source, in words.
func (c Cited) CheckedOn() string {
	day, err := time.Parse(time.DateOnly, c.Fact.CheckedOn)
	if err != nil {
		return ""
	}
	return c.Date(day)
}

// Overdue tells whether the fact should have been checked again by now.
func (c Cited) Overdue() bool {
	day, err := time.Parse(time.DateOnly, c.Fact.ReviewBy)
	return err == nil && overdue(&course.Fact{ReviewBy: day}, c.web.Now())
}

// BreakURL leads to the page to take a break on, and back here.
func (p *Page) BreakURL() string { return "/break?back=" + url.QueryEscape(p.Path) }

// StateClass is the colour that goes with a state's word.
func (p *Page) StateClass(s course.State) string {
	switch s {
	case course.Source, course.LanguageReviewed, course.ExpertReviewed:
		return "good"
	}
	return "careful"
}

// Confidences are the degrees that a learner can choose, from the least.
func (p *Page) Confidences() []assessment.Confidence {
	return []assessment.Confidence{assessment.Guess, assessment.Think, assessment.Sure}
}

// Professions are those that one can choose from.
func (p *Page) Professions() []people.Profession { return people.Professions }

// Profession is one's own, "" unsaid.
func (p *Page) Profession() people.Profession {
	if p.Account == nil {
		return ""
	}
	return p.Account.Profession
}

// CanSignUp tells whether anybody may make an account.
func (p *Page) CanSignUp() bool { return p.web.SignUp }

// Providers are the identity providers that people can come by.
func (p *Page) Providers() []oidc.Provider { return p.web.People.Providers.Providers() }

// TakesPasskeys tells whether browsers make passkeys for this server.
func (p *Page) TakesPasskeys() bool { return p.web.People.TakesPasskeys() }

// IsAdministrator tells whether the menu of an administrator is shown.
func (p *Page) IsAdministrator() bool { return p.May(people.SeeCompletions) == nil }

// IsTutor tells whether the visitor goes along with a cohort.
func (p *Page) IsTutor() bool { return p.May(people.SeeAnswers) == nil }

// LeadsRooms tells whether the visitor may ask the people of a workshop.
func (p *Page) LeadsRooms() bool { return p.May(people.LeadRoom) == nil }

// IsTrainer tells whether the trainer's menu is shown.
func (p *Page) IsTrainer() bool { return p.May(people.Publish) == nil }

func (w *Web) page(c *fiber.Ctx, section, title string, data any) *Page {
	return &Page{Visitor: gate.Of(c), Title: title, Section: section, Progress: -1, Path: c.OriginalURL(), Reading: readingOf(c), Data: data, web: w}
}

// t is a message in the visitor's language, for titles.
func (w *Web) t(c *fiber.Ctx, id string, args ...any) string {
	return w.Locale.T(gate.Of(c).Lang, id, args...)
}

// show renders a page. A language chosen in the address is remembered. What
// somebody who has signed in sees is not kept by their browser, but for the texts
// of courses on a device that nobody else uses: the browser asks about these each
// time, keeps them for this session's cookie only, and forgets them at sign-out
// (Clear-Site-Data).
func (w *Web) show(c *fiber.Ctx, status int, name string, p *Page) error {
	var b bytes.Buffer
	if err := w.templates[name].Execute(&b, p); err != nil {
		return err
	}
	w.remember(c, c.Query("lang"))
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	c.Set(fiber.HeaderContentLanguage, p.Lang)
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	if p.Account != nil {
		c.Set(fiber.HeaderCacheControl, "no-store")
		if p.Open && !p.Account.OnSharedDevice() {
			c.Set(fiber.HeaderCacheControl, "private, no-cache")
			c.Vary(fiber.HeaderCookie)
		}
	}
	return c.Status(status).Send(b.Bytes())
}

// remember keeps the language that was chosen, on this device and, for whoever
// signed in, with the account.
func (w *Web) remember(c *fiber.Ctx, lang string) {
	if lang == "" || len(lang) > 35 || !language.Valid(lang) {
		return
	}
	c.Cookie(&fiber.Cookie{Name: gate.LanguageCookie, Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: "Lax", Secure: w.BaseURL.Scheme == "https", HTTPOnly: true})
	v := gate.Of(c)
	if v.Account == nil || v.Account.Language == lang {
		return
	}
	if err := w.People.SetLanguage(c.UserContext(), v.Account.ID, lang); err != nil && !fault.Is(err, "language-unknown") {
		slog.Warn("the language of an account could not be kept", "error", err)
	}
}

// Send shows an error as a page, in the reader's language.
func (w *Web) Send(c *fiber.Ctx, err error) error {
	v := gate.Of(c)
	if fault.Is(err, "sign-in-needed") && c.Method() == fiber.MethodGet {
		return c.Redirect("/sign-in?next="+url.QueryEscape(c.OriginalURL()), fiber.StatusSeeOther)
	}
	if fault.Is(err, "second-factor-needed") {
		return c.Redirect("/sign-in/second", fiber.StatusSeeOther)
	}
	problem := w.API.Problem(v.Lang, err)
	p := w.page(c, "", problem.Title, problem)
	if err := w.show(c, problem.Status, "error", p); err != nil {
		slog.Error("the error page failed", "error", err)
		return c.Status(problem.Status).SendString(problem.Title)
	}
	return nil
}

// localPath makes sure that a redirect stays on this server: a path that begins
// with one slash and holds nothing that a browser could read as a host.
func localPath(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return s
}

func problemOf(w *Web, c *fiber.Ctx, err error) *api.Problem {
	return w.API.Problem(gate.Of(c).Lang, err)
}
