package web

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"havn/internal/api"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/sealed"
)

// sealedView is the page on which a file of unsent answers is handed in.
type sealedView struct {
	Done    bool
	Items   []api.HandedIn
	Counts  map[string]int // verdict → answers
	Problem string
}

// Verdicts are all there are, in the order in which they are told.
func (sealedView) Verdicts() []string {
	return []string{"accepted", "duplicate", "superseded", "refused"}
}

func (w *Web) sealedForm(c *fiber.Ctx) error {
	if err := gate.Of(c).May(people.Learn); err != nil {
		return err
	}
	return w.showSealed(c, 200, sealedView{})
}

func (w *Web) showSealed(c *fiber.Ctx, status int, data sealedView) error {
	return w.show(c, status, "sealed", w.page(c, "courses", w.t(c, "sealed.title"), data))
}

func (w *Web) handIn(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.Learn); err != nil {
		return err
	}
	text, err := fileOf(c, sealed.MaxFile)
	data := sealedView{Done: true, Counts: map[string]int{}}
	if err == nil {
		data.Items, err = w.API.HandIn(c.UserContext(), v, string(text))
	}
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		return w.showSealed(c, problem.Status, sealedView{Problem: problem.Title})
	}
	for _, x := range data.Items {
		data.Counts[string(x.Verdict)]++
	}
	return w.showSealed(c, 200, data)
}

// fileOf reads the file of a form, one byte more than the limit at most.
func fileOf(c *fiber.Ctx, limit int64) ([]byte, error) {
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return nil, fault.At("file-missing", "file")
	}
	file, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, limit+1))
}
