package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/learning"
	"havn/internal/people"
)

func calendarOp(id, path, summary string, errors ...int) huma.Operation {
	o := op(id, http.MethodGet, path, summary, 200, errors...)
	o.Responses = map[string]*huma.Response{"200": {
		Description: "iCalendar (RFC 5545)",
		Content:     map[string]*huma.MediaType{"text/calendar": {Schema: &huma.Schema{Type: "string"}}},
	}}
	return o
}

func (a *API) ownCalendar(ctx context.Context, v *gate.Visitor, _ *struct{}) (*huma.StreamResponse, error) {
	return a.calendar(ctx, v.Account, v.Lang)
}

type calendarIn struct {
	Secret string `path:"secret" maxLength:"200"`
}

func (a *API) readCalendar(ctx context.Context, _ *gate.Visitor, in *calendarIn) (*huma.StreamResponse, error) {
	person, err := a.People.ByCalendar(ctx, strings.TrimSuffix(in.Secret, ".ics"))
	if err != nil {
		return nil, err
	}
	return a.calendar(ctx, person, person.Language)
}

type calendarOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		URL string `json:"url" doc:"For a calendar program; told once"`
	}
}

func (a *API) makeCalendar(ctx context.Context, v *gate.Visitor, _ *struct{}) (*calendarOut, error) {
	out := &calendarOut{CacheControl: "no-store"}
	var err error
	out.Body.URL, err = a.MakeCalendar(ctx, v.Account)
	return out, err
}

// MakeCalendar makes the address of a person's calendar; one made before ends.
func (a *API) MakeCalendar(ctx context.Context, person *people.Account) (string, error) {
	secret, err := a.People.MakeCalendar(ctx, person)
	return a.Gate.BaseURL.JoinPath(Prefix, "calendars", secret+".ics").String(), err
}

func (a *API) endCalendar(ctx context.Context, v *gate.Visitor, _ *struct{}) (*struct{}, error) {
	return nil, a.People.EndCalendar(ctx, v.Account)
}

// calendar is when something is due for a person and when their certificates end,
// each a whole day where they work.
func (a *API) calendar(ctx context.Context, person *people.Account, lang string) (*huma.StreamResponse, error) {
	list, err := a.Learning.Enrolments(ctx, learning.Learner{ID: person.ID})
	if err != nil {
		return nil, err
	}
	zone, err := a.People.ZoneAt(ctx, person.Unit)
	if err != nil {
		return nil, err
	}
	owner, err := uuid.Parse(person.ID)
	if err != nil {
		return nil, fault.New("not-found")
	}
	c := ics.NewCalendarFor("Havn")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(a.Locale.T(lang, "calendar.title"))
	add := func(e *learning.Enrolment, kind, day string) {
		title := e.Course
		if p, ok := a.Library.Current(e.Course); ok {
			title = p.Edition(language.Match(p.Offered(), lang)).Title.Plain
		}
		on, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return
		}
		event := c.AddEvent(uuid.NewSHA1(owner, []byte(kind+" "+e.Course)).String())
		event.SetDtStampTime(e.ChangedAt.Time)
		event.SetAllDayStartAt(on)
		event.SetAllDayEndAt(on.AddDate(0, 0, 1)) // the end is not in it (RFC 5545 §3.6.1)
		event.SetSummary(a.Locale.T(lang, "calendar."+kind, "course", title), &ics.KeyValues{Key: string(ics.ParameterLanguage), Value: []string{lang}})
		event.SetURL(a.Gate.BaseURL.JoinPath("learning").String())
		event.SetTimeTransparency(ics.TransparencyTransparent)
	}
	for i := range list {
		e := &list[i]
		if e.DueOn != "" {
			add(e, "due", e.DueOn)
		}
		if e.Status == learning.Completed && !e.EndsAt.IsZero() {
			add(e, "ends", e.EndsAt.In(zone).Format(time.DateOnly))
		}
	}
	text := c.Serialize(ics.WithNewLineWindows)
	return &huma.StreamResponse{Body: func(h huma.Context) {
		h.SetHeader("Content-Type", "text/calendar; charset=utf-8")
		h.SetHeader("Content-Disposition", `attachment; filename="havn.ics"`)
		h.SetHeader("Cache-Control", "no-store")
		_, _ = h.BodyWriter().Write([]byte(text))
	}}, nil
}
