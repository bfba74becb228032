package web

import (
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/learning"
)

// takeView is what taking a course along brings to the device.
type takeView struct {
	List    string // addresses, as a JSON list
	Quizzes string // ids of those that are begun so that their questions come along, as a JSON list
	KB      int    // about how much, before it is compressed
}

// pageKB is about how much a page weighs around its text, or a question in all.
const pageKB = 6

// take lists what a reader needs of a course without a network: its pages in
// their language, pictures, what every page loads, where help is, and the quizzes
// that are not passed. One that limits time or attempts begins only on purpose.
func (w *Web) take(p *course.Publication, e *course.Edition, en *learning.Enrolment) takeView {
	base := "/courses/" + p.Course.Slug
	list := []string{base, "/offline", "/help"}
	quizzes, questions := []string{}, 0
	size := 0
	for _, name := range []string{"havn.css", "mark.svg", "outbox.js", "quiz.js", "ordering.js", "matching.js", "reading.js", "take.js"} {
		list = append(list, w.static[name].url)
		size += len(w.static[name].body)
	}
	for _, m := range p.Course.Modules {
		if q := m.Quiz; q != nil && q.TimeLimitMinutes == 0 && q.Attempts == 0 && !en.Quizzes[q.ID].Passed {
			quizzes, questions = append(quizzes, q.ID), questions+assessment.Count(p, q)
		}
		for _, id := range m.Pages {
			list = append(list, base+"/"+id)
			size += len(e.Pages[id].HTML)
			if e.Pages[id].Note != "" {
				list = append(list, base+"/"+id+"?read=1")
			}
		}
	}
	for name, src := range p.Media {
		list = append(list, base+"/media/"+name)
		size += len(src)
	}
	return takeView{asJSON(list), asJSON(quizzes), size>>10 + (len(list)+questions)*pageKB}
}

func asJSON(list []string) string {
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts can be encoded
	}
	return string(text)
}

// worker is the script that answers while the network is away. It stands at the
// top, for a worker sees only what is below it, and is always asked for anew.
func (w *Web) worker(c *fiber.Ctx) error {
	c.Set(fiber.HeaderContentType, "text/javascript; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	return c.Send(w.static["sw.js"].body)
}

// manifest lets the site be installed like a program (W3C, Web Application Manifest).
func (w *Web) manifest(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-cache")
	err := c.JSON(map[string]any{
		"name": "Havn", "short_name": "Havn", "start_url": "/", "scope": "/", "display": "standalone", "lang": gate.Of(c).Lang,
		"background_color": "#ffffff", "theme_color": "#0b5563",
		"icons": []map[string]string{{"src": w.static["mark.svg"].url, "type": "image/svg+xml", "sizes": "any"}},
	})
	c.Set(fiber.HeaderContentType, "application/manifest+json")
	return err
}

// offline is shown in place of a page that was not taken along.
func (w *Web) offline(c *fiber.Ctx) error {
	var data []struct{ Slug, Title string }
	for _, p := range w.Library.Courses() {
		data = append(data, struct{ Slug, Title string }{p.Course.Slug, gate.Of(c).Edition(p).Title.Plain})
	}
	return w.show(c, 200, "offline", w.page(c, "courses", w.t(c, "offline.title"), data))
}
