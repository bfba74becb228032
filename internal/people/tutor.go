package people

import (
	"context"
	"slices"
	"strings"

	"havn/internal/audit"
	"havn/internal/fault"
	"havn/internal/store"
)

// cohortStep stands between an organisation's path and a cohort's id. No
// organisation has it as its id: theirs are longer.
const cohortStep = "cohort/"

// CohortPath is where a cohort stands: below its organisation, so that whoever
// may do something there may do it to the cohort too.
func CohortPath(organisation, id string) string { return organisation + cohortStep + id + "/" }

// IsCohort tells whether a path is that of a cohort.
func IsCohort(path string) bool { return strings.Contains(path, "/"+cohortStep) }

// Top is the path of the topmost organisation above a path, "" for none.
func Top(path string) string {
	if len(path) < 2 {
		return ""
	}
	if n := strings.IndexByte(path[1:], '/'); n > 0 {
		return path[:n+2]
	}
	return ""
}

// Tutors tells whether an account is a tutor of the cohort at a path and can act
// as one.
func (a *Account) Tutors(path string) bool {
	return !a.Disabled && slices.Contains(a.Grants, Grant{Tutor, path})
}

// SetTutor makes an account a tutor of the cohort at a path, or ends that. It has
// to work in the same authority; the fault is "not-found" otherwise. Sessions
// end, since rights change. A repeat is harmless.
func (p *People) SetTutor(ctx context.Context, by *Account, id, path string, is bool) error {
	a, err := p.Account(ctx, id)
	if err != nil {
		return err
	}
	if is && Top(a.Unit) != Top(path) {
		return fault.At("not-found", "account")
	}
	grant, detail := Grant{Tutor, path}, "tutor"
	if !is {
		detail = "no tutor"
	}
	if slices.Contains(a.Grants, grant) == is {
		return nil
	}
	if err := p.Log.Add(ctx, audit.Event{Act: audit.TutorSet, Actor: by.ID, Subject: id, Organisation: path, Detail: detail}); err != nil {
		return err
	}
	now := store.At(p.Now())
	return p.change(ctx, id, func(a *Account) error {
		a.Grants = slices.DeleteFunc(a.Grants, func(g Grant) bool { return g == grant })
		if is {
			a.Grants = append(a.Grants, grant)
		}
		a.SessionsFrom = now
		return nil
	})
}

// TutorOf are the paths of the cohorts that an account goes along with.
func (a *Account) TutorOf() (paths []string) {
	for _, g := range a.Grants {
		if g.Role == Tutor && IsCohort(g.Path) {
			paths = append(paths, g.Path)
		}
	}
	return paths
}
