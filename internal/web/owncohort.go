package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"havn/internal/course"
	"havn/internal/gate"
	"havn/internal/tracking"
)

// ownCohort is a cohort as its member sees it.
type ownCohort struct {
	tracking.Own
	Until string // day until when answers are seen; "" they are not
	Plan  []planned
}

// planned is a module with the day by which the cohort's pace comes to its end.
type planned struct {
	Title course.Text
	Day   string
	Now   bool // the pace is at it
}

func (w *Web) ownCohorts(c *fiber.Ctx) ([]ownCohort, error) {
	v := gate.Of(c)
	list, err := w.Tracking.Of(c.UserContext(), v.Account.ID)
	if err != nil {
		return nil, err
	}
	out := make([]ownCohort, len(list))
	for i, own := range list {
		out[i].Own = own
		if own.Seen {
			out[i].Until = own.SeenUntil().Format(time.DateOnly)
		}
		for _, a := range own.Courses {
			if p, err := w.API.Course(v, a.Course); err == nil {
				out[i].Plan = append(out[i].Plan, plan(own.Cohort, p, v.Edition(p), w.Now())...)
			}
		}
	}
	return out, nil
}

// plan says by which day each module is meant to be done, counted from the
// cohort's first day.
func plan(c *tracking.Cohort, p *course.Publication, e *course.Edition, now time.Time) (list []planned) {
	first, err := time.Parse(time.DateOnly, c.StartsOn)
	if err != nil || c.Pace == 0 {
		return nil
	}
	today := now.Format(time.DateOnly)
	before := c.StartsOn
	for i, m := range p.Course.Modules {
		day := first.AddDate(0, 0, (i+1)*c.Pace-1).Format(time.DateOnly)
		list = append(list, planned{e.Modules[m.ID], day, today >= before && today <= day})
		before = first.AddDate(0, 0, (i+1)*c.Pace).Format(time.DateOnly)
	}
	return list
}
