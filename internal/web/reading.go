package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/gate"
)

// readingCookie holds how somebody wishes to read on this device. Scripts may
// read it: a page that comes from the device's own shelf is older than the wish.
const readingCookie = "havn_read"

// TextSizes are the sizes of text to choose from, in per cent.
var TextSizes = []int{100, 125, 150, 200}

// Reading is how somebody wishes to read: the html element carries it, so that
// the first paint is right and no script is needed.
type Reading struct {
	Text int  // index in TextSizes
	Wide bool // spaces as in WCAG 2.2, success criterion 1.4.12
}

func (r Reading) String() string {
	wide := "0"
	if r.Wide {
		wide = "1"
	}
	return strconv.Itoa(r.Text) + "." + wide
}

func readingOf(c *fiber.Ctx) (r Reading) {
	text, wide, _ := strings.Cut(c.Cookies(readingCookie), ".")
	if n, err := strconv.Atoi(text); err == nil && n > 0 && n < len(TextSizes) {
		r.Text = n
	}
	r.Wide = wide == "1"
	return r
}

// setReading takes one wish: "text-2", "wide-1".
func (w *Web) setReading(c *fiber.Ctx, wish string) {
	r := readingOf(c)
	what, value, _ := strings.Cut(wish, "-")
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return
	case what == "text" && n >= 0 && n < len(TextSizes):
		r.Text = n
	case what == "wide":
		r.Wide = n == 1
	}
	c.Cookie(&fiber.Cookie{Name: readingCookie, Value: r.String(), Path: "/", MaxAge: 365 * 24 * 3600, SameSite: "Lax", Secure: w.BaseURL.Scheme == "https"})
}

// reading is the panel's form, where a page has no form of its own.
func (w *Web) reading(c *fiber.Ctx) error {
	w.setReading(c, c.FormValue("reading"))
	return c.Redirect(localPath(c.FormValue("back")), fiber.StatusSeeOther)
}

// TextSizes are those of the panel.
func (p *Page) TextSizes() []int { return TextSizes }

// FormID is the form that the panel's buttons belong to.
func (p *Page) FormID() string {
	if p.Form != "" {
		return p.Form
	}
	return "reading"
}

// breakView is the page of somebody who takes a break.
type breakView struct {
	Back  string
	Where string // words on where they go on
	Lang  string // of these words
	Timed string // until when a quiz runs on, "" no limit
}

// pause is the page to take a break on. What was answered is saved before.
func (w *Web) pause(c *fiber.Ctx) error {
	v := gate.Of(c)
	data := breakView{Back: localPath(c.Query("back")), Lang: v.Lang}
	path, _, _ := strings.Cut(data.Back, "?")
	switch parts := strings.Split(strings.Trim(path, "/"), "/"); {
	case len(parts) == 3 && parts[0] == "courses":
		if p, ok := w.Library.Current(parts[1]); ok {
			if page := v.Edition(p).Pages[parts[2]]; page != nil {
				data.Where, data.Lang = page.Title, page.Lang
			}
		}
	case len(parts) > 1 && parts[0] == "attempts" && v.Account != nil:
		a, err := w.Learning.Attempt(c.UserContext(), v.Learner(), parts[1])
		if err != nil {
			break // nobody learns of another's attempt, and a break needs none
		}
		data.Where = w.t(c, "break.quiz")
		if a.IsOpen() && !a.DueAt.IsZero() {
			data.Timed = w.page(c, "", "", nil).DateTime(a.DueAt.Time)
		}
	}
	return w.show(c, 200, "break", w.page(c, "", w.t(c, "break.title"), data))
}

// leave sends the browser to a page that tells nothing of Havn.
func (w *Web) leave(c *fiber.Ctx) error {
	c.Set("Referrer-Policy", "no-referrer")
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Redirect(w.ExitURL, fiber.StatusSeeOther)
}
