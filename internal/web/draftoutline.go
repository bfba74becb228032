package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
)

// outlineModule is a module of a draft as its author sees it.
type outlineModule struct {
	course.Module
	Title string
	Pages []outlinePage
	Asked []questionName // in the quiz, in its order
}

type outlinePage struct {
	ID, Title, Path string
	From            string // the course that it is reused of, "" this one
}

// outlineOf lists what a draft consists of, and the questions that no quiz names.
func outlineOf(o *course.Outline, b *course.Bank) (modules []outlineModule, pool []questionName) {
	names, asked := map[string]questionName{}, map[string]bool{}
	for _, q := range b.Questions {
		names[q.ID] = questionNamed(b, q)
	}
	for _, m := range o.Course.Modules {
		view := outlineModule{Module: m, Title: o.Modules[m.ID]}
		for _, id := range m.Pages {
			view.Pages = append(view.Pages, pageIn(o, b, id))
		}
		if m.Quiz != nil {
			for _, i := range m.Quiz.Items {
				if n, ok := names[i.Question]; ok {
					view.Asked, asked[n.ID] = append(view.Asked, n), true
				}
			}
		}
		modules = append(modules, view)
	}
	for _, q := range b.Questions {
		if !asked[q.ID] {
			pool = append(pool, names[q.ID])
		}
	}
	return modules, pool
}

// addPart puts a module, a page or a quiz into a draft, or exchanges two modules.
func (w *Web) addPart(c *fiber.Ctx, d *authoring.Draft) error {
	by, back := gate.Of(c).Account.ID, "/trainer/"+d.ID+"/draft"
	if id, step, ok := strings.Cut(c.FormValue("move"), ":"); ok {
		n, _ := strconv.Atoi(step)
		if err := w.Drafts.MoveModule(c.UserContext(), d, id, min(max(n, -1), 1), by); err != nil {
			return err
		}
		return c.Redirect(back, fiber.StatusSeeOther)
	}
	part := authoring.Part{Kind: c.FormValue("kind"), Module: c.FormValue("module"), Title: c.FormValue("title")}
	id, err := w.Drafts.Add(c.UserContext(), d, part, by)
	if err != nil {
		return err
	}
	switch part.Kind {
	case "page":
		o, err := w.Drafts.Outline(c.UserContext(), d)
		if err != nil {
			return err
		}
		return c.Redirect(editURL(d.ID, o.Course.Source+"/"+id+".md"), fiber.StatusSeeOther)
	case "quiz":
		return c.Redirect(back+"/module?id="+part.Module, fiber.StatusSeeOther)
	}
	return c.Redirect(back, fiber.StatusSeeOther)
}

// moduleForm is the form of a module: its title, its pages and its quiz.
type moduleForm struct {
	outlineModule
	Course   string
	Lang     string
	Items    []moduleItem
	Pool     []questionName // that the quiz could ask
	Problems course.Problems
	Saved    bool
}

// moduleItem is something that a quiz asks.
type moduleItem struct {
	course.Item
	Name questionName
}

// Words are tags in a line.
func (moduleForm) Words(words []string) string { return strings.Join(words, " ") }

// Keeps are which attempt may count; Feedbacks when keys may be shown.
func (moduleForm) Keeps() []string { return []string{"best", "last", "first"} }

// Feedbacks are when a quiz explains answers.
func (moduleForm) Feedbacks() []string {
	return []string{"after-attempt", "after-answer", "after-pass", "never"}
}

func (w *Web) draftModule(c *fiber.Ctx, d *authoring.Draft) error {
	checked, err := w.Drafts.Check(c.UserContext(), d)
	if err != nil {
		return err
	}
	folder, err := w.Drafts.Whole(c.UserContext(), d)
	if err != nil {
		return err
	}
	b, _ := course.ReadBank(d.ID, folder)
	modules, _ := outlineOf(course.ReadOutline(d.ID, folder), b)
	at := slices.IndexFunc(modules, func(m outlineModule) bool { return m.ID == c.Query("id") })
	if at < 0 {
		return fault.New("not-found")
	}
	v := moduleForm{outlineModule: modules[at], Course: d.ID, Lang: b.Source, Saved: c.Query("saved") != ""}
	asked := map[string]bool{}
	if v.Quiz != nil {
		for _, i := range v.Quiz.Items {
			item := moduleItem{Item: i}
			if q := b.Question(i.Question); q != nil {
				item.Name, asked[q.ID] = questionNamed(b, q), true
			}
			v.Items = append(v.Items, item)
		}
		for _, q := range b.Questions {
			if !asked[q.ID] && !q.Retired {
				v.Pool = append(v.Pool, questionNamed(b, q))
			}
		}
	}
	first, last := course.Lines(folder["course.yaml"], "modules", v.ID)
	for _, p := range checked.In("course.yaml").Say(w.Locale.In(gate.Of(c).Lang)) {
		if p.Line >= first && p.Line <= last {
			v.Problems = append(v.Problems, p)
		}
	}
	return w.show(c, fiber.StatusOK, "draft-module", w.page(c, "trainer", v.Title, v))
}

// saveModule keeps what the form says of a module.
func (w *Web) saveModule(c *fiber.Ctx, d *authoring.Draft) error {
	set := authoring.Module{ID: c.FormValue("id"), Title: c.FormValue("title")}
	number := func(name string) int {
		n, _ := strconv.Atoi(strings.TrimSpace(c.FormValue(name)))
		return max(n, 0)
	}
	order := func(prefix string, n int) (place int, gone bool) {
		return number(prefix + ".place." + strconv.Itoa(n)), c.FormValue(prefix+".gone."+strconv.Itoa(n)) != ""
	}
	type placed[T any] struct {
		what T
		at   int
	}
	var pages []placed[string]
	for n := range most {
		id := c.FormValue("p.id." + strconv.Itoa(n))
		if id == "" {
			break
		}
		if at, gone := order("p", n); !gone {
			pages = append(pages, placed[string]{id, at})
		}
	}
	slices.SortStableFunc(pages, func(a, b placed[string]) int { return a.at - b.at })
	for _, p := range pages {
		set.Pages = append(set.Pages, p.what)
	}
	if c.FormValue("quiz") != "" {
		mark, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(c.FormValue("pass_mark")), ",", ".", 1), 64)
		if err != nil || mark < 0 || mark > 100 {
			return fault.At("number-needed", "pass_mark")
		}
		q := &course.Quiz{PassMark: mark, Attempts: number("attempts"), CoolDownMinutes: number("cool_down"), TimeLimitMinutes: number("time_limit"), Keep: c.FormValue("keep"), Feedback: c.FormValue("feedback")}
		for _, s := range []string{"questions", "options"} {
			if c.FormValue("shuffle."+s) != "" {
				q.Shuffle = append(q.Shuffle, s)
			}
		}
		if !slices.Contains(moduleForm{}.Keeps(), q.Keep) || !slices.Contains(moduleForm{}.Feedbacks(), q.Feedback) {
			return fault.New("bad-request")
		}
		var items []placed[course.Item]
		for n := range most {
			k := strconv.Itoa(n)
			if c.FormValue("i.place."+k) == "" {
				break
			}
			i := course.Item{Question: c.FormValue("i.question." + k), Draw: number("i.draw." + k)}
			if i.Question == "" {
				i.Tags = bank.Words(c.FormValue("i.tags." + k))
			}
			if at, gone := order("i", n); !gone {
				items = append(items, placed[course.Item]{i, at})
			}
		}
		slices.SortStableFunc(items, func(a, b placed[course.Item]) int { return a.at - b.at })
		for _, i := range items {
			q.Items = append(q.Items, i.what)
		}
		for _, id := range c.Request().PostArgs().PeekMulti("ask") {
			q.Items = append(q.Items, course.Item{Question: string(id)})
		}
		if tags := bank.Words(c.FormValue("draw.tags")); number("draw") > 0 && len(tags) > 0 {
			q.Items = append(q.Items, course.Item{Draw: number("draw"), Tags: tags})
		}
		set.Quiz = q
	}
	if err := w.Drafts.SetModule(c.UserContext(), d, set, gate.Of(c).Account.ID); err != nil {
		return err
	}
	return c.Redirect("/trainer/"+d.ID+"/draft/module?saved=1&id="+set.ID, fiber.StatusSeeOther)
}
