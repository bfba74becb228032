package api

import (
	"context"

	"havn/internal/gate"
	"havn/internal/people"
	"havn/internal/standing"
)

// StandingReport is a report that one is written to about again and again.
type StandingReport struct {
	ID     string         `json:"id"`
	Unit   string         `json:"unit,omitempty" doc:"An organisation with all below it; absent: everybody"`
	Course string         `json:"course,omitempty" doc:"Absent: all courses"`
	Every  standing.Every `json:"every" enum:"week,month"`
	NextOn string         `json:"next_on" doc:"Day of the next letter"`
}

func standingOf(o *standing.Order) StandingReport {
	s := StandingReport{ID: o.ID, Course: o.Course, Every: o.Every, NextOn: o.NextOn}
	if o.Unit != "" {
		s.Unit = people.IDOf(o.Unit)
	}
	return s
}

type standingOut struct{ Body StandingReport }

type standingsOut struct {
	Body struct {
		Items []StandingReport `json:"items" nullable:"false"`
	}
}

type askStandingIn struct {
	ID   string `path:"report" format:"uuid"`
	Body struct {
		Unit   string         `json:"unit,omitempty" maxLength:"100" doc:"Absent: the first that one administers, or everybody for the site's administrators"`
		Course string         `json:"course,omitempty" maxLength:"100"`
		Every  standing.Every `json:"every" enum:"week,month"`
	}
}

func (a *API) askStanding(ctx context.Context, v *gate.Visitor, in *askStandingIn) (*standingOut, error) {
	s, err := a.AskStanding(ctx, v, in.ID, in.Body.Unit, in.Body.Course, in.Body.Every)
	if err != nil {
		return nil, err
	}
	return &standingOut{*s}, nil
}

// AskStanding orders a report that comes again and again.
func (a *API) AskStanding(ctx context.Context, v *gate.Visitor, id, unit, course string, every standing.Every) (*StandingReport, error) {
	within, err := a.Within(ctx, v, people.SeeFigures, unit)
	if err != nil {
		return nil, err
	}
	o, err := a.Standing.Ask(ctx, v.Account, id, within, course, every)
	if err != nil {
		return nil, err
	}
	s := standingOf(o)
	return &s, nil
}

func (a *API) listStanding(ctx context.Context, v *gate.Visitor, _ *struct{}) (*standingsOut, error) {
	out := &standingsOut{}
	var err error
	out.Body.Items, err = a.StandingReports(ctx, v)
	return out, err
}

// StandingReports are one's own, the oldest first.
func (a *API) StandingReports(ctx context.Context, v *gate.Visitor) ([]StandingReport, error) {
	list, err := a.Standing.Of(ctx, v.Account.ID)
	out := []StandingReport{}
	for i := range list {
		out = append(out, standingOf(&list[i]))
	}
	return out, err
}

type stopStandingIn struct {
	ID string `path:"report" format:"uuid"`
}

func (a *API) stopStanding(ctx context.Context, v *gate.Visitor, in *stopStandingIn) (*struct{}, error) {
	return nil, a.Standing.Stop(ctx, v.Account.ID, in.ID)
}
