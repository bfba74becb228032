package web

import (
	"crypto/rand"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/live"
	"havn/internal/people"
)

// seatCookie holds the number that a browser drew for rooms. It says nothing of who
// sits there.
const seatCookie = "havn_seat"

// roomView is what a room sees: on a phone, and on the wall.
type roomView struct {
	*live.Room
	Question learning.QuestionView
	Case     *learning.QuestionView
	Number   int // from 1
	Chosen   []string
	Given    bool // this seat's choice was just kept
	Problem  string
	// These are for the wall.
	Address, QR string
	Answers     int
	Bars        []roomBar
	Feedback    *learning.Feedback // nil where the key is kept back
	Fewest      int
}

// roomBar is how many chose an option, in per cent of those who answered.
type roomBar struct {
	ID, HTML   string
	N, Percent int
	Right      bool
}

// Has tells whether this seat chose an option.
func (v roomView) Has(option string) bool { return slices.Contains(v.Chosen, option) }

func (w *Web) liveForm(c *fiber.Ctx) error {
	return w.step(c, 200, "live.title", stepView{Text: "live.enter", Label: "live.code", Button: "action.continue", Action: "/live"})
}

func (w *Web) enterRoom(c *fiber.Ctx) error {
	room, err := w.Live.Room(c.UserContext(), c.FormValue("code"))
	if err != nil {
		v := stepView{Text: "live.enter", Label: "live.code", Button: "action.continue", Action: "/live", Problem: w.t(c, "live.unknown")}
		if !fault.Is(err, "not-found") {
			return err
		}
		return w.step(c, 404, "live.title", v)
	}
	return c.Redirect("/live/"+room.ID, fiber.StatusSeeOther)
}

// seat is the browser's number, drawn where it has none.
func (w *Web) seat(c *fiber.Ctx) string {
	if s := c.Cookies(seatCookie); len(s) == 22 {
		return strings.Clone(s)
	}
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	s := base64.RawURLEncoding.EncodeToString(b)
	c.Cookie(&fiber.Cookie{Name: seatCookie, Value: s, Path: "/live", MaxAge: int(live.Open.Seconds()), SameSite: "Lax", Secure: w.BaseURL.Scheme == "https", HTTPOnly: true})
	return s
}

func (w *Web) room(c *fiber.Ctx) error {
	room, err := w.Live.Room(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	w.seat(c)
	return w.showRoom(c, 200, room, roomView{Given: c.QueryBool("given")})
}

func (w *Web) roomViewOf(c *fiber.Ctx, room *live.Room, v roomView) (roomView, *course.Publication, error) {
	p, err := w.Live.Publication(c.UserContext(), room)
	if err != nil {
		return v, nil, err
	}
	v.Room, v.Number = room, room.At+1
	v.Question, v.Case = w.Learning.Asked(p, gate.Of(c).Edition(p), room.Question())
	return v, p, nil
}

func (w *Web) showRoom(c *fiber.Ctx, status int, room *live.Room, v roomView) error {
	v, _, err := w.roomViewOf(c, room, v)
	if err != nil {
		return err
	}
	return w.show(c, status, "room", w.page(c, "", w.t(c, "live.title"), v))
}

func (w *Web) answerInRoom(c *fiber.Ctx) error {
	room, err := w.Live.Room(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	var choices []string
	for _, value := range c.Request().PostArgs().PeekMulti("choices") {
		choices = append(choices, string(value))
	}
	if err = w.Live.Give(c.UserContext(), room, w.seat(c), c.FormValue("question"), choices); err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		return w.showRoom(c, problem.Status, room, roomView{Chosen: choices, Problem: problem.Title})
	}
	return c.Redirect("/live/"+room.ID+"?given=1", fiber.StatusSeeOther)
}

// roomNow tells the script of a page whether the room has gone on, and the wall how
// many have answered. Each phone asks every two seconds.
func (w *Web) roomNow(c *fiber.Ctx) error {
	room, err := w.Live.Room(c.UserContext(), c.Params("code"))
	if err != nil {
		return err
	}
	now := struct {
		At      int    `json:"at"`
		Shown   bool   `json:"shown"`
		Answers string `json:"answers,omitempty"`
	}{At: room.At, Shown: room.Shown}
	if v := gate.Of(c); v.Account != nil && v.Account.ID == room.By {
		n, err := w.Live.Answers(c.UserContext(), room)
		if err != nil {
			return err
		}
		now.Answers = w.t(c, "live.answers", "n", n)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.JSON(now)
}

// chosenForRoom is the page on which a trainer chooses what a room is asked.
type chosenForRoom struct {
	Course    string
	Title     course.Text
	Questions []learning.QuestionView
	Problem   string
}

func (w *Web) chooseForRoom(c *fiber.Ctx) error { return w.showChoice(c, 200, "") }

func (w *Web) showChoice(c *fiber.Ctx, status int, problem string) error {
	v := gate.Of(c)
	if err := v.May(people.LeadRoom); err != nil {
		return err
	}
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	e := v.Edition(p)
	data := chosenForRoom{Course: p.Course.Slug, Title: e.Title, Problem: problem}
	for _, id := range p.QuestionOrder() {
		if live.Askable(p.Questions[id]) {
			q, _ := w.Learning.Asked(p, e, id)
			data.Questions = append(data.Questions, q)
		}
	}
	return w.show(c, status, "live", w.page(c, "", w.t(c, "live.choose"), data))
}

func (w *Web) beginRoom(c *fiber.Ctx) error {
	v := gate.Of(c)
	if err := v.May(people.LeadRoom); err != nil {
		return err
	}
	p, err := w.API.Course(v, c.Params("course"))
	if err != nil {
		return err
	}
	var questions []string
	for _, id := range c.Request().PostArgs().PeekMulti("question") {
		questions = append(questions, string(id))
	}
	room, err := w.Live.Begin(c.UserContext(), v.Account.ID, p.Course.Slug, p.Country, questions)
	if err != nil {
		problem := problemOf(w, c, err)
		if problem.Status >= 500 {
			return err
		}
		return w.showChoice(c, problem.Status, problem.Title)
	}
	return c.Redirect("/live/"+room.ID+"/board", fiber.StatusSeeOther)
}

// led is the room that the address names and the visitor leads.
func (w *Web) led(c *fiber.Ctx) (*live.Room, error) {
	v := gate.Of(c)
	if err := v.May(people.LeadRoom); err != nil {
		return nil, err
	}
	return w.Live.Led(c.UserContext(), c.Params("code"), v.Account.ID)
}

// board is what hangs on the wall.
func (w *Web) board(c *fiber.Ctx) error {
	room, err := w.led(c)
	if err != nil {
		return err
	}
	v, p, err := w.roomViewOf(c, room, roomView{Fewest: live.Fewest})
	if err != nil {
		return err
	}
	t, err := w.Live.Count(c.UserContext(), room)
	if err != nil {
		return err
	}
	v.Answers = t.Answers
	v.Address = strings.TrimSuffix(w.BaseURL.String(), "/") + "/live/" + room.ID
	if v.QR, err = qrSVG(v.Address); err != nil {
		return err
	}
	tells := learning.Explains(p, v.Question.ID)
	if room.Shown && tells {
		f := learning.Explanation(p, gate.Of(c).Edition(p), v.Question.ID)
		v.Feedback = &f
	}
	if room.Shown && t.Chosen != nil {
		for _, o := range v.Question.Options {
			n := t.Chosen[o.ID]
			v.Bars = append(v.Bars, roomBar{o.ID, o.HTML, n, (200*n + t.Answers) / (2 * t.Answers), tells && p.Questions[v.Question.ID].Key.Has(o.ID)})
		}
	}
	return w.show(c, 200, "board", w.page(c, "", w.t(c, "live.title"), v))
}

// stepInRoom goes on, back, shows answers or ends the room.
func (w *Web) stepInRoom(c *fiber.Ctx) error {
	room, err := w.led(c)
	if err != nil {
		return err
	}
	if c.FormValue("step") == "end" {
		if err := w.Live.End(c.UserContext(), room.ID); err != nil {
			return err
		}
		return c.Redirect("/trainer/"+room.Course+"/live", fiber.StatusSeeOther)
	}
	seen, err := strconv.Atoi(c.FormValue("at"))
	if err != nil {
		return fault.At("bad-request", "at")
	}
	if _, err = w.Live.Take(c.UserContext(), room, seen, live.Step(c.FormValue("step"))); err != nil {
		return err
	}
	return c.Redirect("/live/"+room.ID+"/board", fiber.StatusSeeOther)
}
