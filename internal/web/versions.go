package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
)

// versionsView is the page of a course's versions and what differs between two.
type versionsView struct {
	Course      string
	Title       course.Text
	Newest      int
	List        []api.Version
	Next        string
	From, To    int // compared; 0 none
	Differences []api.Difference
	Lang, Dir   string // of the source, in which versions are compared
	Regrades    regradesView
	// AssignedOnly is that only those may begin the course who have to take it.
	AssignedOnly bool
}

// Before is the version before another.
func (v versionsView) Before(version int) int { return version - 1 }

// trained is the published course that an address of the trainers' pages names. Who
// may see what of it the API decides.
func (w *Web) trained(c *fiber.Ctx) (*course.Publication, error) {
	if err := gate.Of(c).May(people.Publish); err != nil {
		return nil, err
	}
	p, ok := w.Library.Current(c.Params("course"))
	if !ok {
		return nil, fault.New("not-found")
	}
	return p, nil
}

func (w *Web) versions(c *fiber.Ctx) error { return w.showVersions(c, nil) }

// showVersions shows the page, with what a dry run of a regrade came to.
func (w *Web) showVersions(c *fiber.Ctx, would *api.Regrade) error {
	v := gate.Of(c)
	p, err := w.trained(c)
	if err != nil {
		return err
	}
	slug := p.Course.Slug
	source := p.Editions[p.Course.Source]
	data := versionsView{Course: slug, Title: v.Edition(p).Title, Newest: p.Version, Lang: source.Lang, Dir: source.Dir, AssignedOnly: w.Library.AssignedOnly(slug)}
	if data.List, data.Next, err = w.API.Versions(c.UserContext(), v, slug, c.Query("cursor"), 0); err != nil {
		return err
	}
	if data.Regrades, err = w.regradesOf(c, slug, p.Version, would); err != nil {
		return err
	}
	from, _ := strconv.Atoi(c.Query("from"))
	to, _ := strconv.Atoi(c.Query("to"))
	if from > 0 && to > 0 {
		data.From, data.To = from, to
		if data.Differences, err = w.API.Differences(c.UserContext(), v, slug, from, to); err != nil {
			return err
		}
	}
	return w.show(c, 200, "versions", w.page(c, "trainer", w.t(c, "versions.title"), data))
}

// saysOf is what the trainer's form says of the changes that it listed.
func saysOf(c *fiber.Ctx) *course.Notes {
	args := c.Request().PostArgs()
	notes := &course.Notes{Note: c.FormValue("note")}
	if len(notes.Note) > 4000 {
		notes.Note = notes.Note[:4000]
	}
	major := map[string]bool{}
	for _, unit := range args.PeekMulti("major") {
		major[string(unit)] = true
	}
	for _, unit := range args.PeekMulti("listed") {
		if u := string(unit); major[u] {
			notes.Major = append(notes.Major, u)
		} else {
			notes.Minor = append(notes.Minor, u)
		}
	}
	return notes
}
