package web

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/exchange"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
)

// translateView is the translation of a draft, some units at a time.
type translateView struct {
	*authoring.UnitPage
	Course, Dir, SourceDir string
	State, Part, After     string // as the address says
	Items                  []unitView
	States                 []course.State
	Parts                  []partView
	Formats                []string
	Machine                bool
	Last                   string           // the last unit that the machine was asked for, while there may be more
	Saved                  string           // the unit that was just saved
	Report                 *exchange.Report // of a file, or of the machine
}

// unitView is a unit with what somebody has in its field.
type unitView struct {
	authoring.TranslationUnit
	Text   string
	Theirs string   // what somebody else has saved meanwhile
	Wrong  []string // why it is not saved
}

// partView is a choice of the filter; Label is in the source language, "" where the
// interface has a word for it.
type partView struct{ Value, Label string }

// tried is what somebody sent for one unit and could not be saved, or is not yet.
type tried struct {
	unit, text string
	theirs     bool // what is saved is shown too
	wrong      []string
}

var unitStates = []course.State{course.Missing, course.Stale, course.MachineDraft, course.LanguageReviewed, course.ExpertReviewed}

// chooseTranslation leads to the translation into a language that was typed.
func (w *Web) chooseTranslation(c *fiber.Ctx, d *authoring.Draft) error {
	lang := strings.TrimSpace(c.Query("language"))
	if !language.Valid(lang) {
		return fault.At("draft-languages", "language")
	}
	return c.Redirect(translateURL(d.ID, lang), fiber.StatusSeeOther)
}

func translateURL(slug, lang string) string { return "/trainer/" + slug + "/draft/translate/" + lang }

func (w *Web) translate(c *fiber.Ctx, d *authoring.Draft) error {
	return w.translatePage(c, d, fiber.StatusOK, tried{}, nil, "")
}

// translatePage shows the units that the filter in the address, or in the form
// that was sent, lets through.
func (w *Web) translatePage(c *fiber.Ctx, d *authoring.Draft, status int, t tried, report *exchange.Report, last string) error {
	v, lang := gate.Of(c), c.Params("lang")
	given := func(name string) string {
		if c.Method() == fiber.MethodPost {
			return c.FormValue(name)
		}
		return c.Query(name)
	}
	data := translateView{
		Course: d.ID, Dir: language.Direction(lang), State: given("state"), Part: given("part"), After: given("after"),
		States: unitStates, Formats: exchange.Formats, Machine: w.Drafts.Machine != nil, Last: last, Saved: c.Query("saved"), Report: report,
	}
	var err error
	data.UnitPage, err = w.Drafts.Units(c.UserContext(), d, lang, v.Account.ID, authoring.UnitFilter{State: course.State(data.State), Part: data.Part, After: data.After})
	if err != nil {
		return err
	}
	data.SourceDir = language.Direction(data.Source)
	for _, u := range data.UnitPage.Items {
		one := unitView{TranslationUnit: u, Text: u.Target}
		if u.ID == t.unit {
			one.Text, one.Wrong = t.text, t.wrong
			if t.theirs {
				one.Theirs = u.Target
			}
		}
		data.Items = append(data.Items, one)
	}
	data.Parts = partsOf(data.UnitPage)
	return w.show(c, status, "translate", w.page(c, "trainer", w.t(c, "translate.title", "language", language.Name(lang)), data))
}

// partsOf are the parts of a course, by which units are found.
func partsOf(p *authoring.UnitPage) []partView {
	title := map[string]string{}
	for _, u := range p.Pairs {
		title[u.ID] = strings.TrimPrefix(u.Source, "# ")
	}
	parts := []partView{{"course", ""}}
	for _, m := range p.Modules() {
		parts = append(parts, partView{"module:" + m.ID, title["module:"+m.ID+".title"]})
		for _, id := range m.Pages {
			parts = append(parts, partView{"page:" + id, "– " + title["page:"+id+"#1"]})
		}
	}
	return append(parts, partView{"questions", ""}, partView{"facts", ""}, partView{"glossary", ""})
}

// saveUnit keeps what somebody made of one unit. What cannot be kept stays in its
// field, with the reasons beside it.
func (w *Web) saveUnit(c *fiber.Ctx, d *authoring.Draft) error {
	v, lang := gate.Of(c), c.Params("lang")
	e := authoring.UnitEdit{Unit: c.FormValue("unit"), Hash: c.FormValue("hash"), Seen: c.FormValue("seen"), Text: strings.ReplaceAll(c.FormValue("text"), "\r\n", "\n")}
	if found := c.FormValue("take"); found != "" { // a translation from memory, to be looked at before it is saved
		return w.translatePage(c, d, fiber.StatusOK, tried{unit: e.Unit, text: found}, nil, "")
	}
	var report exchange.Report
	var err error
	switch c.FormValue("act") {
	case "review":
		report, err = w.Drafts.ReviewUnit(c.UserContext(), d, lang, e, v.Account.ID)
	case "machine":
		report, _, err = w.Drafts.DraftByMachine(c.UserContext(), d, lang, e.Unit, "", v.Account.ID)
	case "", "save":
		report, err = w.Drafts.SaveUnit(c.UserContext(), d, lang, e, v.Account.ID)
	default:
		return fault.At("invalid-field", "act")
	}
	for _, code := range []string{"unit-changed", "unit-source-changed", "unit-own", "unit-not-translated", "machine-unavailable"} {
		if fault.Is(err, code) {
			return w.translatePage(c, d, fiber.StatusConflict, tried{unit: e.Unit, text: e.Text, theirs: code == "unit-changed", wrong: []string{w.Locale.T(v.Lang, "problem."+code)}}, nil, "")
		}
	}
	if err != nil {
		return err
	}
	if len(report.Refused) > 0 {
		t := tried{unit: e.Unit, text: e.Text}
		for _, r := range report.Say(w.Locale.In(v.Lang)).Refused {
			t.wrong = append(t.wrong, r.Message)
		}
		return w.translatePage(c, d, fiber.StatusUnprocessableEntity, t, nil, "")
	}
	q := url.Values{"saved": {e.Unit}}
	for _, name := range []string{"state", "part", "after"} {
		if s := c.FormValue(name); s != "" {
			q.Set(name, s)
		}
	}
	return c.Redirect(translateURL(d.ID, lang)+"?"+q.Encode()+"#"+Anchor(e.Unit), fiber.StatusSeeOther)
}

// draftMissing asks the machine for units that are missing, as many as go at once.
func (w *Web) draftMissing(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	report, last, err := w.Drafts.DraftByMachine(c.UserContext(), d, c.Params("lang"), "", c.FormValue("behind"), v.Account.ID)
	if err != nil {
		return err
	}
	report = report.Say(w.Locale.In(v.Lang))
	return w.translatePage(c, d, fiber.StatusOK, tried{}, &report, last)
}

func (w *Web) exportTranslation(c *fiber.Ctx, d *authoring.Draft) error {
	format, lang := c.Query("format"), c.Params("lang")
	if exchange.MediaTypes[format] == "" {
		return fault.New("not-found")
	}
	file, err := w.Drafts.Export(c.UserContext(), d, lang, format)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, exchange.MediaTypes[format])
	c.Attachment(exchange.FileName(d.ID, lang, format))
	c.Set(fiber.HeaderContentType, exchange.MediaTypes[format])
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Send(file)
}

// importTranslation takes over what came back, and tells unit by unit what became
// of it.
func (w *Web) importTranslation(c *fiber.Ctx, d *authoring.Draft) error {
	v := gate.Of(c)
	data, err := fileOf(c, api.MaxCourse)
	if err != nil {
		return err
	}
	report, err := w.Drafts.TakeFile(c.UserContext(), d, c.Params("lang"), c.FormValue("format"), data, c.FormValue("stands") != "", v.Account.ID)
	if err != nil {
		return err
	}
	report = report.Say(w.Locale.In(v.Lang))
	return w.translatePage(c, d, fiber.StatusOK, tried{}, &report, "")
}

// Anchor is where a unit stands on its page.
func Anchor(unit string) string {
	return "u-" + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, unit)
}

// Anchor is the id of the unit's part of the page.
func (u unitView) Anchor() string { return Anchor(u.ID) }

// Changed is what the source says otherwise since it was translated, word by word.
func (u unitView) Changed() []course.Piece {
	if u.Before == "" {
		return nil
	}
	return course.Change{Kind: course.Wording, Before: u.Before, After: u.Pair.Source}.Pieces()
}

// Rows is how high its field is to begin with.
func (u unitView) Rows() int {
	longer := max(len([]rune(u.Pair.Source)), len([]rune(u.Text)))
	return min(max(2, longer/42+1+strings.Count(u.Pair.Source, "\n")), 24)
}

// Confirmable tells whether the text as it stands can be said to be right.
func (u unitView) Confirmable() bool {
	return u.Pair.State == course.MachineDraft || u.Pair.State == course.Stale
}

// Reviewable tells whether the visitor can be the second person.
func (u unitView) Reviewable() bool { return u.Pair.State == course.LanguageReviewed && !u.Own }

// Percent is how much alike a match is.
func (translateView) Percent(alike float64) int { return int(alike * 100) }

// Good tells whether somebody stands for a text in this state.
func (translateView) Good(s course.State) bool {
	return s == course.LanguageReviewed || s == course.ExpertReviewed
}

// Query is the filter, for the address of another page of units.
func (v translateView) Query(after string) string {
	q := url.Values{}
	for name, s := range map[string]string{"state": v.State, "part": v.Part, "after": after} {
		if s != "" {
			q.Set(name, s)
		}
	}
	return q.Encode()
}

// At leads to a unit, wherever in the course it is: behind the one before it.
func (v translateView) At(unit string) string {
	before := ""
	for _, p := range v.Pairs {
		if p.ID == unit {
			break
		}
		before = p.ID
	}
	return "?" + url.Values{"after": {before}}.Encode() + "#" + Anchor(unit)
}
