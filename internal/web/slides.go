package web

import (
	"html/template"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/people"
)

// slidesView is a course for a room: to be shown, and to be printed.
type slidesView struct {
	Course  string
	Title   course.Text
	Summary course.Text
	Slides  []slide
	// Notes tells that the facilitator's notes go on paper too.
	Notes bool
}

// Sheets is how many sheets the slides take, that of the title among them.
func (v slidesView) Sheets() int { return len(v.Slides) + 1 }

// slide is what fits on one sheet: a module's title, or a section of a page or a
// part of it.
type slide struct {
	N         int // of all, the title being the first
	Module    bool
	Lang, Dir string
	Above     string        // the title of the page, where Heading is not it
	Heading   template.HTML // inner HTML
	Part      int           // from 2 where a section goes on
	Pages     []*course.Page
	Note      template.HTML // the content note of the page
	Body      []template.HTML
	Facts     []slideFact
	Guides    []template.HTML
	Small     bool // one block alone is long

	lines float64
}

// slideFact is a source with its number on the page that cites it.
type slideFact struct {
	Number int
	api.FactItem
}

func (w *Web) slides(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.LeadRoom); err != nil {
		return err
	}
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	e := v.Edition(p)
	data := slidesView{Course: p.Course.Slug, Title: e.Title, Summary: e.Summary, Notes: c.Query("notes") == "paper"}
	for _, m := range p.Course.Modules {
		title := e.Modules[m.ID]
		first := slide{Module: true, Lang: title.Lang, Dir: title.Dir, Heading: template.HTML(title.HTML)}
		for _, id := range m.Pages {
			first.Pages = append(first.Pages, e.Pages[id])
		}
		data.Slides = append(data.Slides, first)
		for _, page := range first.Pages {
			data.Slides = append(data.Slides, slidesOf(p, e, page)...)
		}
	}
	for i := range data.Slides {
		s := &data.Slides[i]
		s.N = i + 2
		for k, block := range s.Body {
			s.Body[k] = template.HTML(strings.ReplaceAll(string(block), `href="#fact-`, `href="#s`+strconv.Itoa(s.N)+`-fact-`))
		}
	}
	return w.show(c, 200, "slides", w.page(c, "", w.t(c, "slides.title"), data))
}

// sheet is how many lines of text a sheet takes below its heading.
const sheet = 15.0

// slidesOf cuts a page at its headings of the second level, and where a section is
// longer than a sheet between its blocks. Boxes of other countries are left out for
// whoever works in one.
func slidesOf(p *course.Publication, e *course.Edition, page *course.Page) []slide {
	blank := slide{Lang: page.Lang, Dir: page.Dir, Heading: template.HTML(template.HTMLEscapeString(page.Title))}
	first := blank
	if page.Note != "" {
		first.Note, first.lines = forSlide(p, page.Note), linesOf(page.Note)
	}
	list := []slide{first}
	at := make([]int, len(page.Blocks)+1) // the slide of a block, by how many blocks stand up to it
	for n, block := range page.Blocks {
		if heading := sectionHeading.FindStringSubmatch(block); heading != nil {
			s := blank
			s.Above, s.Heading = page.Title, forSlide(p, heading[1])
			if len(list) == 1 && list[0].lines == 0 {
				list = nil // the page begins with it
			}
			list = append(list, s)
		} else if elsewhere := ofCountry.FindStringSubmatch(block); elsewhere == nil || p.Country == "" || elsewhere[1] == p.Country {
			list = place(list, p, e, page, block)
		}
		at[n+1] = len(list) - 1
	}
	for _, g := range page.Guides {
		s := &list[at[min(g.After, len(page.Blocks))]]
		s.Guides = append(s.Guides, forSlide(p, g.HTML))
	}
	return list
}

// place puts a block on the last slide, or on a further one where it is full.
func place(list []slide, p *course.Publication, e *course.Edition, page *course.Page, block string) []slide {
	last := &list[len(list)-1]
	lines, facts := linesOf(block), sourcesOf(p, e, page, block, last.Facts)
	for _, f := range facts {
		lines += .7 * math.Ceil(float64(utf8.RuneCountInString(f.Statement)+160)/130)
	}
	if last.lines > 0 && last.lines+lines > sheet {
		further := slide{Lang: last.Lang, Dir: last.Dir, Above: last.Above, Heading: last.Heading, Part: max(2, last.Part+1)}
		list = append(list, further)
		last, facts = &list[len(list)-1], sourcesOf(p, e, page, block, nil)
	}
	last.Body, last.Facts, last.lines = append(last.Body, forSlide(p, block)), append(last.Facts, facts...), last.lines+lines
	last.Small = last.lines > sheet
	return list
}

// sourcesOf are the facts that a block cites and that are not among known.
func sourcesOf(p *course.Publication, e *course.Edition, page *course.Page, block string, known []slideFact) (facts []slideFact) {
	for _, m := range citedNumber.FindAllStringSubmatch(block, -1) {
		n, _ := strconv.Atoi(m[1])
		same := func(f slideFact) bool { return f.Number == n }
		if n >= 1 && n <= len(page.Facts) && !slices.ContainsFunc(known, same) && !slices.ContainsFunc(facts, same) {
			facts = append(facts, slideFact{n, api.FactOf(p, e, page.Facts[n-1])})
		}
	}
	return facts
}

var (
	sectionHeading = regexp.MustCompile(`(?s)^<h2[^>]*>(.*)</h2>\s*$`)
	ofCountry      = regexp.MustCompile(`^<details class="box country" data-country="([A-Z]{2})"`)
	citedNumber    = regexp.MustCompile(`href="#fact-(\d+)"`)
	inPage         = regexp.MustCompile(`<a href="#(?:term-|fn:)[^"]*"[^>]*>(.*?)</a>`)
	backOnPage     = regexp.MustCompile(`<a href="#fnref:[^"]*"[^>]*>.*?</a>`)
	inCourse       = regexp.MustCompile(`(href|src)="([^"#:/][^":]*)"`)
	lineStart      = regexp.MustCompile(`<(?:p|li|tr|dt|summary|figcaption|h[1-6])[ >]`)
	markup         = regexp.MustCompile(`<[^>]*>`)
)

// boxes are no landmarks on a slide: a course has too many of them on one page.
var boxes = strings.NewReplacer("<aside ", "<div ", "</aside>", "</div>")

// forSlide is a piece of a page as it can stand beside pieces of other pages: no
// ids, links to pages and pictures from the course's address, and no link to what
// stands at the end of the page.
func forSlide(p *course.Publication, html string) template.HTML {
	html = ids.ReplaceAllString(html, "")
	html = backOnPage.ReplaceAllString(html, "")
	html = inPage.ReplaceAllString(html, "$1")
	return template.HTML(inCourse.ReplaceAllString(boxes.Replace(html), `$1="/courses/`+p.Course.Slug+`/$2"`))
}

// linesOf guesses how many lines a block takes on a sheet.
func linesOf(html string) float64 {
	if strings.Contains(html, "<svg") {
		return 13
	}
	lines, wide := 0.5, 80.0
	if strings.Contains(html, "<table") {
		wide = 60
	}
	starts := lineStart.FindAllStringIndex(html, -1)
	for i, s := range starts {
		end := len(html)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		text := strings.TrimSpace(markup.ReplaceAllString(html[s[0]:end], " "))
		lines += math.Ceil(float64(utf8.RuneCountInString(text))/wide) + .35
	}
	if strings.Contains(html, `class="box`) {
		lines += 1.5
	}
	return lines
}
