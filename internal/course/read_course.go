package course

import (
	"slices"

	"havn/internal/language"
)

// readCourse reads course.yaml.
func (f *folder) readCourse() {
	v := f.yaml("course.yaml", true)
	if v.absent() {
		return
	}
	o := v.object("format", "slug", "source", "languages", "fallback", "minutes", "audience", "countries", "completion", "stale", "modules", "reuse")
	c := &f.course
	if c.Format = o["format"].whole(1, 1000); c.Format != 1 {
		o["format"].fail("format-unknown")
	}
	if c.Slug = o["slug"].text(); !IsID(c.Slug) {
		o["slug"].fail("slug-invalid")
	} else if f.name != "" && c.Slug != f.name {
		o["slug"].fail("slug-folder", "slug", c.Slug, "folder", f.name)
	}
	for _, l := range o["languages"].list() {
		tag := l.text()
		switch {
		case !language.Valid(tag):
			l.fail("language-tag", "lang", clip(tag))
		case slices.Contains(c.Languages, tag):
			l.fail("entry-twice", "entry", tag)
		default:
			c.Languages = append(c.Languages, tag)
		}
	}
	if c.Source = o["source"].text(); c.Source == "" {
		o["source"].fail("source-missing")
	} else if !slices.Contains(c.Languages, c.Source) {
		o["source"].fail("source-unknown", "lang", clip(c.Source))
	}
	for _, l := range o["fallback"].list() {
		if tag := l.text(); slices.Contains(c.Languages, tag) {
			c.Fallback = append(c.Fallback, tag)
		} else {
			l.fail("fallback-unknown", "lang", clip(tag))
		}
	}
	c.Minutes = o["minutes"].whole(0, 100000)
	c.Audience = o["audience"].texts()
	c.Countries, _ = f.countries(o["countries"])
	f.readCompletion(o["completion"])
	c.Stale = o["stale"].oneOf("notice", "source")
	if len(o["modules"].list()) == 0 {
		o["modules"].fail("modules-empty")
	}
	for _, m := range o["modules"].list() {
		f.readModule(m)
	}
	f.readReuse(o["reuse"])
}

func (f *folder) readCompletion(v value) {
	o := v.object("require", "valid_months", "recertify")
	f.course.Completion = Completion{
		Require:     o["require"].oneOf("all", "quizzes", "pages"),
		ValidMonths: o["valid_months"].whole(0, 1200),
		Recertify:   o["recertify"].oneOf("delta", "full", "none"),
	}
}

func (f *folder) readModule(v value) {
	o := v.object("id", "pages", "quiz")
	m := Module{ID: o["id"].text()}
	if o["id"].absent() {
		v.fail("module-id")
	} else {
		f.claim(m.ID, o["id"].at)
	}
	for _, p := range o["pages"].list() {
		if id := p.text(); f.claim(id, p.at) {
			m.Pages = append(m.Pages, id)
			f.at["page:"+id] = p.at
		}
	}
	if !o["quiz"].absent() {
		m.Quiz = f.readQuiz(o["quiz"])
	}
	if len(m.Pages) == 0 && m.Quiz == nil {
		v.fail("module-empty", "module", clip(m.ID))
	}
	f.course.Modules = append(f.course.Modules, m)
}

func (f *folder) readQuiz(v value) *Quiz {
	o := v.object("id", "pass_mark", "attempts", "cool_down_minutes", "keep", "time_limit_minutes", "feedback", "shuffle", "items")
	q := &Quiz{
		ID:               o["id"].text(),
		PassMark:         o["pass_mark"].number(),
		Attempts:         o["attempts"].whole(0, 1000),
		CoolDownMinutes:  o["cool_down_minutes"].whole(0, 1<<20),
		Keep:             o["keep"].oneOf("best", "last", "first"),
		TimeLimitMinutes: o["time_limit_minutes"].whole(0, 1<<20),
		Feedback:         o["feedback"].oneOf("after-attempt", "after-answer", "after-pass", "never"),
	}
	if o["id"].absent() {
		v.fail("quiz-id")
	} else if f.claim(q.ID, o["id"].at) {
		f.at["quiz:"+q.ID] = o["id"].at
	}
	if o["pass_mark"].absent() {
		v.fail("pass-mark-missing")
	} else if q.PassMark < 0 || q.PassMark > 100 {
		o["pass_mark"].fail("pass-mark-range")
	}
	for _, s := range o["shuffle"].list() {
		if w := s.oneOf("questions", "options"); !slices.Contains(q.Shuffle, w) {
			q.Shuffle = append(q.Shuffle, w)
		}
	}
	if len(o["items"].list()) == 0 {
		o["items"].fail("quiz-empty")
	}
	for _, it := range o["items"].list() {
		f.readItem(q, it)
	}
	return q
}

func (f *folder) readItem(q *Quiz, v value) {
	o := v.object("question", "draw", "tags")
	item := Item{Question: o["question"].text(), Draw: o["draw"].whole(1, 10000), Tags: o["tags"].texts()}
	switch {
	case item.Question != "" && (item.Draw > 0 || len(item.Tags) > 0):
		v.fail("item-both")
		return
	case item.Question == "" && item.Draw == 0:
		v.fail("item-empty")
		return
	case item.Draw > 0 && len(item.Tags) == 0:
		v.fail("draw-tags")
		return
	}
	f.at[itemKey(q.ID, len(q.Items))] = v.at
	q.Items = append(q.Items, item)
}

// countries reads `all` or a list of ISO 3166-1 alpha-2 codes; nil is all.
// The second result tells whether something usable was written.
func (f *folder) countries(v value) ([]string, bool) {
	if v.absent() {
		return nil, false
	}
	if isScalar(v) {
		if v.text() != "all" {
			v.fail("countries-form")
			return nil, false
		}
		return nil, true
	}
	var out []string
	for _, c := range v.list() {
		if code := c.text(); !language.Country(code) {
			c.fail("country-invalid", "code", clip(code))
		} else if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out, len(out) > 0
}
