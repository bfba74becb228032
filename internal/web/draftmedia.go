package web

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/authoring"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
)

// mediaView is the pictures of a draft.
type mediaView struct {
	Course   string
	Lang     string
	Pictures []pictureView
	Pages    []outlinePage
	Refused  string // why a file was not taken
	Added    string
	Most     int // MB
}

type pictureView struct {
	Path, Name string
	KB         int
	Problems   course.Problems
	Used       []outlinePage // the pages that show it
}

func (w *Web) draftMedia(c *fiber.Ctx, d *authoring.Draft) error {
	return w.showMedia(c, d, fiber.StatusOK, "")
}

func (w *Web) showMedia(c *fiber.Ctx, d *authoring.Draft, status int, refused string) error {
	checked, err := w.Drafts.Check(c.UserContext(), d)
	if err != nil {
		return err
	}
	o, err := w.Drafts.Outline(c.UserContext(), d)
	if err != nil {
		return err
	}
	v := mediaView{Course: d.ID, Lang: o.Course.Source, Refused: refused, Added: c.Query("added"), Most: course.MaxPicture >> 20}
	for _, m := range o.Course.Modules {
		for _, id := range m.Pages {
			if file := o.Course.Source + "/" + id + ".md"; checked.Files[file] != nil {
				v.Pages = append(v.Pages, outlinePage{ID: id, Title: o.Pages[id], Path: file})
			}
		}
	}
	for _, f := range authoring.InOrder(checked.Files) {
		name, ok := strings.CutPrefix(f.Path, "media/")
		if !ok {
			continue
		}
		p := pictureView{Path: f.Path, Name: name, KB: (len(f.Body) + 1023) >> 10, Problems: checked.In(f.Path).Say(w.Locale.In(gate.Of(c).Lang))}
		for _, page := range v.Pages {
			if x := checked.Files[page.Path]; x != nil && strings.Contains(string(x.Body), "]("+f.Path+")") {
				p.Used = append(p.Used, page)
			}
		}
		v.Pictures = append(v.Pictures, p)
	}
	return w.show(c, status, "draft-media", w.page(c, "trainer", w.t(c, "media.title"), v))
}

// addMedia takes a picture into a draft, or puts one that is there into a page.
func (w *Web) addMedia(c *fiber.Ctx, d *authoring.Draft) error {
	by, page, alternative := gate.Of(c).Account.ID, c.FormValue("page"), c.FormValue("alternative")
	picture := c.FormValue("picture")
	if picture == "" {
		header, err := c.FormFile("file")
		if err != nil {
			return fault.At("file-missing", "file")
		}
		data, err := fileOf(c, course.MaxPicture)
		if err != nil {
			return err
		}
		picture, err = w.Drafts.AddPicture(c.UserContext(), d, header.Filename, data, by)
		var f *fault.Error
		if errors.As(err, &f) && f.Code == "picture-unusable" {
			problems := course.CheckPicture("media/"+header.Filename, data).Say(w.Locale.In(gate.Of(c).Lang))
			return w.showMedia(c, d, fiber.StatusUnprocessableEntity, problems[0].Message)
		}
		if err != nil {
			return err
		}
	}
	if page == "" {
		return c.Redirect("/trainer/"+d.ID+"/draft/media?added="+strings.TrimPrefix(picture, "media/"), fiber.StatusSeeOther)
	}
	if err := w.Drafts.ShowPicture(c.UserContext(), d, page, picture, alternative, by); err != nil {
		return err
	}
	return c.Redirect(editURL(d.ID, page), fiber.StatusSeeOther)
}

// draftPicture shows a picture of a draft to who works on it.
func (w *Web) draftPicture(c *fiber.Ctx, d *authoring.Draft) error {
	f, err := w.Drafts.File(c.UserContext(), d, "media/"+c.Params("file"))
	if err != nil {
		return err
	}
	return sendPicture(c, f.Path, f.Body, "no-store")
}

// sendPicture sends a picture so that nothing in it runs.
func sendPicture(c *fiber.Ctx, name string, src []byte, cache string) error {
	kinds := map[string]string{"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "svg": "image/svg+xml"}
	kind, ok := kinds[course.PictureKind(name)]
	if !ok {
		kind = fiber.MIMEOctetStream
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	c.Set(fiber.HeaderCacheControl, cache)
	return c.Send(src)
}
