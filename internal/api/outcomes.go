package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/people"
	"havn/internal/store"
	"havn/internal/tracking"
)

// Outcomes is what courses came to for the people of a place, as they stand now.
type Outcomes struct {
	At       store.Time `json:"at" doc:"When people stood so; minutes ago where there are many"`
	Begun    *int       `json:"begun" doc:"Have taken the course up, or are certified; null: not told"`
	Expiring []Expiring `json:"expiring" nullable:"false" doc:"By unit"`
	All      Expiring   `json:"expiring_all" doc:"All together"`
	Took     Scale      `json:"days_to_complete" doc:"Of those certified; who completed it elsewhere stands in the first band"`
	Gain     Scale      `json:"points_gained" doc:"Of those certified: the last attempt at a quiz above the first, in points of a hundred, on average over the quizzes tried twice; counted from what was handed in since this was built"`
	Rated    Rated      `json:"self_rating" doc:"Of those certified: the last self-rating against the first on the same scale"`
}

// Expiring is how many certificates end soon.
type Expiring struct {
	Key  string `json:"key" doc:"Id of the unit; empty: all, or nobody's"`
	In30 *int   `json:"in_30_days" doc:"Null: not told"`
	In60 *int   `json:"in_60_days" doc:"The same ones and more; null: not told"`
	In90 *int   `json:"in_90_days" doc:"Null: not told"`
}

// Scale is how many people stand in the bands of a scale.
type Scale struct {
	Bands     []ScaleBand  `json:"bands" nullable:"false"`
	Quartiles []*ScaleBand `json:"quartiles" nullable:"false" doc:"In which band a quarter, half and three quarters of the people are reached; null: not told"`
	Unknown   *int         `json:"unknown,omitempty" doc:"Of whom it is not known; absent: everybody is in a band, or it is not told"`
}

// ScaleBand is a part of a scale, both ends within.
type ScaleBand struct {
	From   int  `json:"from"`
	To     *int `json:"to" doc:"Null: no end"`
	People *int `json:"people" doc:"Null: not told"`
}

// Rated is how self-ratings changed.
type Rated struct {
	Lower   *int `json:"lower" doc:"Null: not told"`
	Same    *int `json:"same" doc:"Null: not told"`
	Higher  *int `json:"higher" doc:"Null: not told"`
	Unknown *int `json:"unknown" doc:"Did not rate themselves twice; null: not told"`
}

func outcomesOp() huma.Operation {
	o := op("report-outcomes", http.MethodGet, "/reports/outcomes",
		"How many have begun, whose certificates end soon, how long it took, what was gained; none of fewer than five people", 200, 403, 404)
	o.Description = "All are protected as the report of completion is, and told of now only: by period they would give away more than they say. " +
		"Certificates that end soon are counted by the whole weeks in which they were earned and by the course's rule of today; of people who are behind with nothing. " +
		"No averages are told, only how many people stand in each band; bands that are small are told together."
	return o
}

type outcomesIn struct {
	Course string `query:"course" maxLength:"100" doc:"Absent: all courses that at least five people have, added up"`
	Unit   string `query:"unit" maxLength:"100" doc:"An organisation with all below it; absent: the first that one administers, or everything for the site's administrators"`
}

type outcomesOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         Outcomes
}

func (a *API) reportOutcomes(ctx context.Context, v *gate.Visitor, in *outcomesIn) (*outcomesOut, error) {
	within, err := a.Within(ctx, v, people.SeeFigures, in.Unit)
	if err != nil {
		return nil, err
	}
	f, err := a.Tracking.Figures(ctx)
	if err != nil {
		return nil, err
	}
	o, err := a.Tracking.OutcomesOf(ctx, f, tracking.Asked{Course: in.Course, Within: within, Named: in.Unit != ""})
	if err != nil {
		return nil, err
	}
	out := Outcomes{
		At: o.At, Begun: number(o.Begun), Expiring: []Expiring{}, All: expiringOf(o.ExpiringAll),
		Took: scaleOf(o.Took, learning.Days, false), Gain: scaleOf(o.Gain, learning.Gains, true), Rated: Rated{Unknown: number(o.Rated.Unknown)},
	}
	for _, x := range o.Expiring {
		out.Expiring = append(out.Expiring, expiringOf(x))
	}
	for _, s := range o.Rated.Spans {
		if s.From == s.To {
			*[]**int{&out.Rated.Lower, &out.Rated.Same, &out.Rated.Higher}[s.From] = number(s.Figure)
		}
	}
	return &outcomesOut{"no-store", out}, nil
}

func expiringOf(x tracking.Expiring) Expiring {
	return Expiring{x.Key, number(x.Soon[0]), number(x.Soon[1]), number(x.Soon[2])}
}

func scaleOf(b tracking.Bands, scale []learning.Band, some bool) Scale {
	band := func(s tracking.Span) ScaleBand {
		out := ScaleBand{From: scale[s.From].From, People: number(s.Figure)}
		if to := scale[s.To].To; to != 0 || scale[s.To].From < 0 {
			out.To = &to
		}
		return out
	}
	out := Scale{Bands: []ScaleBand{}, Quartiles: []*ScaleBand{}}
	for _, s := range b.Spans {
		out.Bands = append(out.Bands, band(s))
	}
	for n := 1; n <= 3; n++ {
		var q *ScaleBand
		if s, ok := b.Quartile(n); ok {
			x := band(s)
			q = &x
		}
		out.Quartiles = append(out.Quartiles, q)
	}
	if some {
		out.Unknown = number(b.Unknown)
	}
	return out
}
