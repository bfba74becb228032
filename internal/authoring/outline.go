package authoring

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// Outline is what a draft consists of, as far as it can be read.
func (d *Drafts) Outline(ctx context.Context, x *Draft) (*course.Outline, error) {
	folder, err := d.Folder(ctx, x)
	if err != nil {
		return nil, err
	}
	return course.ReadOutline(x.ID, folder), nil
}

// Part is something that is added to a course: a module, a page or a quiz of one.
type Part struct {
	Kind   string // module | page | quiz
	Module string // of a page or quiz
	Title  string // of a module or page, in the source language
}

// Add puts a part behind the others and gives its id, which is made of its title
// and stays. A new page is a title and a line to write over; a new module has such
// a page. Faults: "draft-title", "not-found", "draft-form" (course.yaml is written in
// a form that only a hand can change), and those of Save.
func (d *Drafts) Add(ctx context.Context, x *Draft, part Part, by string) (id string, err error) {
	part.Title = strings.Join(strings.Fields(part.Title), " ")
	if part.Title == "" && part.Kind != "quiz" {
		return "", fault.At("draft-title", "title")
	}
	err = d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		out := course.Files{}
		m := moduleOf(b.Course, part.Module)
		switch {
		case part.Kind == "module":
			id = freeID(b.IDs, "m", len(b.Course.Modules)+1)
			page := id + "-page"
			m = &course.Module{ID: id, Pages: []string{page}}
			out[b.Source+"/"+page+".md"] = sketch(part.Title)
			titled, err := course.PutTexts(folder[b.Source+"/course.yaml"], []course.TextAt{{Path: []string{"modules", id, "title"}, Text: part.Title}}, nothing)
			if err != nil {
				return nil, err
			}
			out[b.Source+"/course.yaml"] = titled
		case m == nil:
			return nil, fault.New("not-found")
		case part.Kind == "page":
			id = newID(b.IDs, m.ID, part.Title)
			m.Pages = append(slices.Clone(m.Pages), id)
			out[b.Source+"/"+id+".md"] = sketch(part.Title)
		case part.Kind == "quiz" && m.Quiz == nil:
			id = newID(b.IDs, m.ID, "quiz")
			m.Quiz = &course.Quiz{ID: id, PassMark: 80, Keep: "best", Feedback: "after-attempt"}
		default:
			return nil, fault.New("not-found")
		}
		var err error
		out["course.yaml"], err = course.PutItem(folder["course.yaml"], "modules", m.ID, moduleEntry(*m))
		return out, err
	})
	return id, err
}

func nothing([]string) bool { return false }

func sketch(title string) []byte { return fmt.Appendf(nil, "# %s\n\n…\n", title) }

func moduleOf(c course.Course, id string) *course.Module {
	for _, m := range c.Modules {
		if m.ID == id {
			return &m
		}
	}
	return nil
}

func freeID(used map[string]bool, prefix string, n int) string {
	for used[prefix+strconv.Itoa(n)] {
		n++
	}
	return prefix + strconv.Itoa(n)
}

// newID makes an id within a module of a title's Latin letters.
func newID(used map[string]bool, module, title string) string {
	id := module + "-" + bank.Slug(title)
	if id = strings.TrimSuffix(id, "-"); id == module {
		id = module + "-page"
	}
	if !used[id] {
		return id
	}
	return freeID(used, id+"-", 2)
}

// Module is what a form says of a module.
type Module struct {
	ID    string
	Title string
	Pages []string // in their order; those that are left out stay as files
	Quiz  *course.Quiz
}

// SetModule changes a module's title, the order of its pages, and the rules and
// questions of its quiz. Faults: "not-found", "draft-title", "draft-form", those of Save.
func (d *Drafts) SetModule(ctx context.Context, x *Draft, set Module, by string) error {
	set.Title = strings.Join(strings.Fields(set.Title), " ")
	if set.Title == "" {
		return fault.At("draft-title", "title")
	}
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		m := moduleOf(b.Course, set.ID)
		if m == nil {
			return nil, fault.New("not-found")
		}
		titled, err := course.PutTexts(folder[b.Source+"/course.yaml"], []course.TextAt{{Path: []string{"modules", m.ID, "title"}, Text: set.Title}}, nothing)
		if err != nil {
			return nil, err
		}
		was := moduleEntry(*m)
		m.Pages = slices.DeleteFunc(slices.Clone(set.Pages), func(id string) bool { return !slices.Contains(m.Pages, id) })
		if m.Quiz != nil && set.Quiz != nil {
			set.Quiz.ID = m.Quiz.ID
			m.Quiz = set.Quiz
		}
		out := course.Files{b.Source + "/course.yaml": titled}
		if moduleEntry(*m) != was {
			out["course.yaml"], err = course.PutItem(folder["course.yaml"], "modules", m.ID, moduleEntry(*m))
		}
		return out, err
	})
}

// MoveModule exchanges a module with the one before (−1) or behind it (1).
func (d *Drafts) MoveModule(ctx context.Context, x *Draft, id string, by int, who string) error {
	return d.rewrite(ctx, x, who, func(folder course.Files) (course.Files, error) {
		moved, err := course.MoveItem(folder["course.yaml"], "modules", id, by)
		return course.Files{"course.yaml": moved}, err
	})
}

// About is what a form says of a course as a whole.
type About struct {
	Title, Summary string
	Minutes        int
	Audience       []string
	Countries      []string // ISO 3166
	Completion     course.Completion
}

// SetAbout changes what holds for a course as a whole. Faults: "draft-title",
// "draft-form", those of Save.
func (d *Drafts) SetAbout(ctx context.Context, x *Draft, a About, by string) error {
	if a.Title = strings.Join(strings.Fields(a.Title), " "); a.Title == "" {
		return fault.At("draft-title", "title")
	}
	return d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		b, _ := course.ReadBank(x.ID, folder)
		texts, err := course.PutTexts(folder[b.Source+"/course.yaml"], []course.TextAt{
			{Path: []string{"title"}, Text: a.Title}, {Path: []string{"summary"}, Text: strings.TrimSpace(a.Summary)},
		}, nothing)
		if err != nil {
			return nil, err
		}
		c, src := b.Course, folder["course.yaml"]
		put := func(key, text string, same bool) {
			if err == nil && !same {
				src, err = course.PutKey(src, key, text)
			}
		}
		put("minutes", fmt.Sprintf("minutes: %d", a.Minutes), a.Minutes == c.Minutes)
		put("audience", list("audience", bank.Flow(a.Audience), a.Audience), slices.Equal(a.Audience, c.Audience))
		put("countries", list("countries", bank.Countries(a.Countries), a.Countries), slices.Equal(a.Countries, c.Countries))
		a.Completion.Recertify = firstOf(a.Completion.Recertify, c.Completion.Recertify)
		put("completion", completionEntry(a.Completion), a.Completion == c.Completion)
		return course.Files{b.Source + "/course.yaml": texts, "course.yaml": src}, err
	})
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// list is an entry that is left out where there is nothing in it.
func list(key, text string, of []string) string {
	if len(of) == 0 {
		return ""
	}
	return key + ": " + text
}

func completionEntry(c course.Completion) string {
	text := "completion: {require: " + c.Require
	if c.ValidMonths > 0 {
		text += ", valid_months: " + strconv.Itoa(c.ValidMonths)
	}
	if c.Recertify != "" && c.Recertify != "delta" {
		text += ", recertify: " + c.Recertify
	}
	return text + "}"
}

// moduleEntry writes a module as an entry of course.yaml.
func moduleEntry(m course.Module) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- id: %s\n  pages: %s\n", m.ID, bank.Flow(m.Pages))
	q := m.Quiz
	if q == nil {
		return b.String()
	}
	fmt.Fprintf(&b, "  quiz:\n    id: %s\n    pass_mark: %s\n    attempts: %d\n    cool_down_minutes: %d\n    keep: %s\n    time_limit_minutes: %d\n    feedback: %s\n    shuffle: %s\n",
		q.ID, strconv.FormatFloat(q.PassMark, 'f', -1, 64), q.Attempts, q.CoolDownMinutes, q.Keep, q.TimeLimitMinutes, q.Feedback, bank.Flow(q.Shuffle))
	if len(q.Items) == 0 {
		b.WriteString("    items: []\n")
		return b.String()
	}
	b.WriteString("    items:\n")
	for _, i := range q.Items {
		if i.Question != "" {
			fmt.Fprintf(&b, "      - question: %s\n", i.Question)
		} else {
			fmt.Fprintf(&b, "      - draw: %d\n        tags: %s\n", i.Draw, bank.Flow(i.Tags))
		}
	}
	return b.String()
}
