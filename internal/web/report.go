package web

import (
	"html"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/report"
)

// reportView is the form to report a problem with a text.
type reportView struct {
	ID      string
	Place   report.Place
	Back    string
	Title   string // of the page, "" a question
	Blocks  []string
	Kinds   []report.Kind
	Kind    report.Kind
	Text    string
	Answer  bool
	Problem string
	Sent    bool
}

// reportURL leads to the form for a text.
func reportURL(at report.Place, back string) string {
	q := url.Values{"course": {at.Course}, "version": {strconv.Itoa(at.Version)}, "lang_of": {at.Language}, "back": {back}}
	if at.Page != "" {
		q.Set("page", at.Page)
	} else {
		q.Set("question", at.Question)
	}
	return "/report?" + q.Encode()
}

// ReportURL leads to the form for a page of a course.
func (p *Page) ReportURL(slug string, version int, page *course.Page) string {
	return reportURL(report.Place{Course: slug, Version: version, Page: page.ID, Language: page.Lang}, p.Path)
}

// ReportQuestionURL leads to the form for a question.
func (p *Page) ReportQuestionURL(slug string, version int, id, lang string) string {
	return reportURL(report.Place{Course: slug, Version: version, Question: id, Language: lang}, p.Path)
}

func (w *Web) reportForm(c *fiber.Ctx) error {
	if err := gate.Of(c).May(people.Learn); err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	return w.showReport(c, 200, reportView{ID: id.String(), Place: placeOf(c.Query), Back: c.Query("back"), Sent: c.Query("sent") == "1"})
}

// placeOf reads the place of a text from a form or an address.
func placeOf(of func(string, ...string) string) report.Place {
	version, _ := strconv.Atoi(of("version"))
	block, _ := strconv.Atoi(of("block"))
	return report.Place{Course: of("course"), Version: version, Page: of("page"), Question: of("question"), Block: block, Language: of("lang_of")}
}

func (w *Web) showReport(c *fiber.Ctx, status int, data reportView) error {
	p, err := w.Library.At(c.UserContext(), data.Place.Course, data.Place.Version)
	if err != nil {
		return fault.New("not-found")
	}
	e, ok := p.Editions[data.Place.Language]
	if !ok || data.Place.Question != "" && p.Questions[data.Place.Question] == nil {
		return fault.New("not-found")
	}
	data.Back, data.Kinds = localPath(data.Back), report.Kinds
	if data.Place.Question == "" {
		page := e.Pages[data.Place.Page]
		if page == nil {
			return fault.New("not-found")
		}
		data.Title = page.Title
		for _, b := range page.Blocks {
			data.Blocks = append(data.Blocks, opening(b))
		}
	}
	return w.show(c, status, "report", w.page(c, "courses", w.t(c, "report.title"), data))
}

// opening is the first words of a block.
func opening(block string) string {
	words := strings.Fields(html.UnescapeString(tags.ReplaceAllString(block, " ")))
	if len(words) > 8 {
		words = append(words[:8], "…")
	}
	return strings.Join(words, " ")
}

func (w *Web) report(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	get := func(name string, _ ...string) string { return form.Get(name) }
	data := reportView{ID: form.Get("report"), Place: placeOf(get), Back: form.Get("back"), Kind: report.Kind(form.Get("kind")), Text: form.Get("text"), Answer: form.Get("answer") != ""}
	_, err = w.API.Reports.Make(c.UserContext(), data.ID, v.Account.ID, data.Answer, report.Report{Place: data.Place, Kind: data.Kind, Text: data.Text})
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status != 422 && problem.Status != 429 {
			return err
		}
		data.Problem = problem.Title
		return w.showReport(c, problem.Status, data)
	}
	return c.Redirect(reportURL(data.Place, data.Back)+"&sent=1", fiber.StatusSeeOther)
}

// settleReport marks a report done, or open again.
func (w *Web) settleReport(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Publish); err != nil {
		return err
	}
	if _, err := w.API.SettleReport(c.UserContext(), v, c.Params("report"), report.State(c.FormValue("state"))); err != nil {
		return err
	}
	return c.Redirect("/trainer#reports", fiber.StatusSeeOther)
}

// reportLink is where the text stands that a report is about; URL is "" where
// it cannot be led to.
type reportLink struct{ URL, Title string }

// ReportLink leads a trainer to the text.
func (p *Page) ReportLink(x api.Report) *reportLink {
	pub, ok := p.web.Library.Current(x.Course)
	if !ok || x.Page == "" {
		return &reportLink{"", x.Question}
	}
	page := pub.Edition(x.Language).Pages[x.Page]
	if page == nil {
		return &reportLink{"", x.Page}
	}
	to := "/courses/" + x.Course + "/" + x.Page + "?read=1&lang=" + x.Language
	if x.Block > 0 {
		to += "#b" + strconv.Itoa(x.Block)
	}
	return &reportLink{to, page.Title}
}
