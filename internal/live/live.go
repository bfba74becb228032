// Package live asks a room: somebody who leads a workshop shows a question to all,
// each answers it on a phone, and the room sees how many chose what.
//
// Nobody signs in to answer and nothing says who did: a seat is a number that a
// browser drew, of use in this room only. Nothing counts for anything. How a question
// was answered is shown from [Fewest] answers on. A room ends after [Open], and what
// was answered in it is deleted.
package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"havn/internal/assessment"
	"havn/internal/code"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/library"
	"havn/internal/store"
)

// Limits.
const (
	Open         = 12 * time.Hour // how long a room is open
	Fewest       = 5              // answers, under which nothing is shown of them
	MaxQuestions = 50             // in one room
	MaxRooms     = 5              // of one account at a time
	MaxSeats     = 1000           // that answer one question
)

// Room is a workshop that is asked.
type Room struct {
	store.Meta `bson:",inline"` // id: the code that the room types
	By         string           `json:"leader"` // account
	Course     string           `json:"course"`
	Version    int              `json:"version"` // of the publication, for good
	Country    string           `json:"country"` // where it takes place, for what applies; "" unknown
	Questions  []string         `json:"questions"`
	At         int              `json:"at"`    // the question that is asked, from 0
	Shown      bool             `json:"shown"` // how it was answered is shown, and answers are closed
	BegunAt    store.Time       `json:"begun_at"`
	EndsAt     store.Time       `json:"over_at"`
}

// Question is the id of what is asked now.
func (r *Room) Question() string { return r.Questions[r.At] }

// answer is what one seat chose.
type answer struct {
	store.Meta `bson:",inline"` // id: room, question and seat
	Room       string           `json:"room"`
	Question   string           `json:"question"`
	Choices    []string         `json:"choices"`
}

// Rooms is the door. It is safe for concurrent use.
type Rooms struct {
	rooms   *store.Collection[Room, *Room]
	answers *store.Collection[answer, *answer]
	library *library.Library
	code    func() string
	now     func() time.Time
}

// OpenRooms declares the collections. newCode gives the code of a room, nil: one that
// is short enough to be typed from a wall, of 25 bits.
func OpenRooms(ctx context.Context, e store.Engine, lib *library.Library, newCode func() string, now func() time.Time) (*Rooms, error) {
	r := &Rooms{library: lib, code: newCode, now: now}
	if r.code == nil {
		r.code = func() string { return code.New(1) }
	}
	var err error
	if r.rooms, err = store.Open[Room](ctx, e, store.Schema{Name: "live_rooms", Version: 1, Indexes: []store.Index{{Fields: []string{"leader"}}, {Fields: []string{"over_at"}}}}); err != nil {
		return nil, err
	}
	r.answers, err = store.Open[answer](ctx, e, store.Schema{Name: "live_answers", Version: 1, Indexes: []store.Index{{Fields: []string{"room", "question"}}}})
	return r, err
}

// Askable tells whether a room can be asked a question: one whose options are chosen.
func Askable(q *course.Question) bool {
	switch q.Type {
	case course.Single, course.Multiple, course.TrueFalse, course.Rating:
		return !q.Retired
	}
	return false
}

// Begin opens a room that is asked some questions of a course as it is published now.
// Faults: "not-found"; "live-questions" where there are none, too many, or one cannot
// be asked; "live-rooms" where the account leads too many.
func (r *Rooms) Begin(ctx context.Context, by, slug, country string, questions []string) (*Room, error) {
	p, ok := r.library.Current(slug)
	if !ok {
		return nil, fault.New("not-found")
	}
	p = p.For(country)
	bad := func(id string) bool {
		q := p.Questions[id]
		return q == nil || !Askable(q)
	}
	if len(questions) == 0 || len(questions) > MaxQuestions || slices.ContainsFunc(questions, bad) {
		return nil, fault.At("live-questions", "question").With("max", MaxQuestions)
	}
	mine, err := r.Of(ctx, by)
	if err != nil {
		return nil, err
	}
	now, open := r.now(), 0
	for _, room := range mine {
		if now.Before(room.EndsAt.Time) {
			open++
		}
	}
	if open >= MaxRooms {
		return nil, fault.New("live-rooms").With("max", MaxRooms)
	}
	for {
		room := &Room{
			Meta: store.Meta{ID: r.code()}, By: by, Course: slug, Version: p.Version, Country: country, Questions: questions,
			BegunAt: store.At(now), EndsAt: store.At(now.Add(Open)),
		}
		if err := r.rooms.Insert(ctx, room); !errors.Is(err, store.ErrExists) { // else the code is taken
			return room, err
		}
	}
}

// Of are the rooms that an account leads.
func (r *Rooms) Of(ctx context.Context, account string) ([]Room, error) {
	page, err := r.rooms.Find(ctx, store.Query{Where: []store.Cond{store.Is("leader", account)}})
	return page.Items, err
}

// Room finds an open room by its code, however it was typed. The fault is "not-found".
func (r *Rooms) Room(ctx context.Context, typed string) (*Room, error) {
	if len(typed) > 20 {
		return nil, fault.New("not-found")
	}
	room, err := r.rooms.Get(ctx, code.Normal(typed))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) || err == nil && !r.now().Before(room.EndsAt.Time) {
		return nil, fault.New("not-found")
	}
	return room, err
}

// Led is Room for the account that leads it; of somebody else's the fault is "not-found".
func (r *Rooms) Led(ctx context.Context, typed, by string) (*Room, error) {
	room, err := r.Room(ctx, typed)
	if err == nil && room.By != by {
		return nil, fault.New("not-found")
	}
	return room, err
}

// Step is what whoever leads does.
type Step string

// The steps.
const (
	Next Step = "next"
	Back Step = "back"
	Show Step = "show" // how the question was answered; answers are closed
	Ask  Step = "ask"  // open it again
)

// Take takes a step from a question, which is the one that was seen: a step that is
// sent twice is taken once. Beyond the last question there is none.
func (r *Rooms) Take(ctx context.Context, room *Room, seen int, step Step) (*Room, error) {
	return r.rooms.Update(ctx, room.ID, func(x *Room) error {
		if x.At != seen {
			return store.ErrUnchanged
		}
		switch step {
		case Next, Back:
			by := map[Step]int{Next: 1, Back: -1}[step]
			if x.At+by < 0 || x.At+by >= len(x.Questions) {
				return store.ErrUnchanged
			}
			x.At, x.Shown = x.At+by, false
		case Show, Ask:
			if x.Shown == (step == Show) {
				return store.ErrUnchanged
			}
			x.Shown = step == Show
		default:
			return fault.At("bad-request", "step")
		}
		return nil
	})
}

// Give keeps what a seat chose of the question that is asked; the last choice counts.
// Faults: "live-closed" where another question is asked by now or the answers are
// shown; "unknown-option", "answer-missing"; "live-full".
func (r *Rooms) Give(ctx context.Context, room *Room, seat, question string, choices []string) error {
	if room.Shown || question != room.Question() {
		return fault.New("live-closed")
	}
	p, err := r.Publication(ctx, room)
	if err != nil {
		return err
	}
	q := p.Questions[question]
	choices = slices.Compact(slices.Sorted(slices.Values(choices)))
	options := assessment.OptionOrder(q, &course.Quiz{}, 0)
	switch {
	case len(choices) == 0:
		return fault.At("answer-missing", "choices")
	case q.Type != course.Multiple && len(choices) > 1, slices.ContainsFunc(choices, func(c string) bool { return !slices.Contains(options, c) }):
		return fault.At("unknown-option", "choices")
	}
	own := sha256.Sum256([]byte(room.ID + ":" + seat))
	a := &answer{Meta: store.Meta{ID: room.ID + ":" + question + ":" + hex.EncodeToString(own[:16])}, Room: room.ID, Question: question, Choices: choices}
	_, err = r.answers.Update(ctx, a.ID, func(x *answer) error {
		if slices.Equal(x.Choices, choices) {
			return store.ErrUnchanged
		}
		x.Choices = choices
		return nil
	})
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	n, err := r.Answers(ctx, room)
	if err != nil {
		return err
	}
	if n >= MaxSeats {
		return fault.New("live-full").With("max", MaxSeats)
	}
	if err = r.answers.Insert(ctx, a); errors.Is(err, store.ErrExists) {
		return nil // the same seat, at the same moment
	}
	return err
}

// Tally is how a room answered a question.
type Tally struct {
	Answers int
	// Chosen counts by option; nil under Fewest answers.
	Chosen map[string]int
}

func asked(room *Room) store.Query {
	return store.Query{Where: []store.Cond{store.Is("room", room.ID), store.Is("question", room.Question())}}
}

// Answers is how many have answered the question that is asked; the store counts.
func (r *Rooms) Answers(ctx context.Context, room *Room) (int, error) {
	groups, err := r.answers.Count(ctx, asked(room))
	if err != nil || len(groups) == 0 {
		return 0, err
	}
	return int(groups[0].N), nil
}

// Count reads what was answered to the question that is asked.
func (r *Rooms) Count(ctx context.Context, room *Room) (Tally, error) {
	t := Tally{Chosen: map[string]int{}}
	err := r.answers.Each(ctx, asked(room), func(a *answer) error {
		t.Answers++
		for _, c := range a.Choices {
			t.Chosen[c]++
		}
		return nil
	})
	if t.Answers < Fewest {
		t.Chosen = nil
	}
	return t, err
}

// Publication is what the room is asked from.
func (r *Rooms) Publication(ctx context.Context, room *Room) (*course.Publication, error) {
	p, err := r.library.At(ctx, room.Course, room.Version)
	if err != nil {
		return nil, err
	}
	return p.For(room.Country), nil
}

// End ends a room and deletes what was answered in it. A repeat is harmless.
func (r *Rooms) End(ctx context.Context, id string) error {
	var answers []string
	err := r.answers.Each(ctx, store.Query{Where: []store.Cond{store.Is("room", id)}}, func(a *answer) error {
		answers = append(answers, a.ID)
		return nil
	})
	for _, a := range answers {
		err = errors.Join(err, store.IgnoreMissing(r.answers.Delete(ctx, a)))
	}
	if err != nil {
		return err
	}
	return store.IgnoreMissing(r.rooms.Delete(ctx, id))
}

// Erase ends the rooms of an account. A repeat is harmless.
func (r *Rooms) Erase(ctx context.Context, account string) error {
	mine, err := r.Of(ctx, account)
	for _, room := range mine {
		err = errors.Join(err, r.End(ctx, room.ID))
	}
	return err
}

// Forget ends the rooms whose time is over.
func (r *Rooms) Forget(ctx context.Context) error {
	page, err := r.rooms.Find(ctx, store.Query{Where: []store.Cond{{Field: "over_at", Op: store.Lte, Value: store.At(r.now())}}})
	for _, room := range page.Items {
		err = errors.Join(err, r.End(ctx, room.ID))
	}
	return err
}
