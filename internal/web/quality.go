package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/gate"
)

// qualityView is the page of how the questions of a quiz work.
type qualityView struct {
	Course  string
	Title   course.Text
	Quizzes []qualityQuiz
	*api.Analysis
	Edition *course.Edition
	Plot    template.HTML
}

// qualityQuiz is a quiz that can be chosen, called by its module.
type qualityQuiz struct {
	ID   string
	Name course.Text
}

func (w *Web) quality(c *fiber.Ctx) error {
	v := gate.Of(c)
	p, err := w.trained(c)
	if err != nil {
		return err
	}
	slug := p.Course.Slug
	data := qualityView{Course: slug, Edition: v.Edition(p)}
	data.Title = data.Edition.Title
	for _, m := range p.Course.Modules {
		if m.Quiz != nil {
			data.Quizzes = append(data.Quizzes, qualityQuiz{m.Quiz.ID, data.Edition.Modules[m.ID]})
		}
	}
	chosen := c.Query("quiz")
	if chosen == "" && len(data.Quizzes) > 0 {
		chosen = data.Quizzes[0].ID
	}
	if data.Analysis, err = w.API.Analysis(c.UserContext(), v, slug, chosen); err != nil {
		return err
	}
	data.Plot = plotOf(data.Items, w.t(c, "quality.plot"))
	return w.show(c, 200, "quality", w.page(c, "trainer", w.t(c, "quality.title"), data))
}

// Suspects are the languages in which a question is probably mistranslated.
func (v qualityView) Suspects(question string) (list []api.Compared) {
	for _, c := range v.Compared {
		if c.Question == question && c.Suspect {
			list = append(list, c)
		}
	}
	return list
}

// AnySuspect tells whether one stands out.
func (v qualityView) AnySuspect() bool {
	for _, c := range v.Compared {
		if c.Suspect {
			return true
		}
	}
	return false
}

// Text is a question as the trainer reads it.
func (v qualityView) Text(question string) *course.QuestionText { return v.Edition.Questions[question] }

// Percent is a share in whole per cent.
func (v qualityView) Percent(share float64) int { return int(math.Round(100 * share)) }

// plotOf draws a bar for each question: how much of its points was earned. A bar
// is dashed where something is doubtful. The words are those of the table beside.
func plotOf(items []api.AnalysedItem, label string) template.HTML {
	const left, width, row = 28, 196, 24
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, left+width+4, row*len(items)+24, template.HTMLEscapeString(label))
	for percent := 0; percent <= 100; percent += 25 {
		x := left + width*percent/100
		fmt.Fprintf(&b, `<path d="M%d 0V%d"/><text x="%d" y="%d" text-anchor="%s">%d</text>`, x, row*len(items), x, row*len(items)+18, anchor(percent), percent)
	}
	for n, it := range items {
		class := ""
		if len(it.Doubts) > 0 {
			class = ` class="doubt"`
		}
		y := n * row
		fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="end">%d</text><rect%s x="%d" y="%d" width="%.0f" height="%d"/>`,
			left-6, y+17, n+1, class, left, y+3, math.Max(1, width*it.Facility), row-6)
	}
	return template.HTML(b.String() + "</svg>")
}

func anchor(percent int) string {
	switch percent {
	case 0:
		return "start"
	case 100:
		return "end"
	}
	return "middle"
}
