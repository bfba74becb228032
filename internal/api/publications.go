package api

import (
	"context"
	"strconv"
	"strings"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/library"
	"havn/internal/people"
	"havn/internal/store"
)

// MaxCourse is the largest zipped course that is taken, in bytes.
const MaxCourse = 16 << 20

// SaysIn is what the author of a publication says of its changes. Exported, as
// huma passes over embedded types that are not.
type SaysIn struct {
	Note  string   `query:"note" maxLength:"4000" doc:"What changed, in words, for trainers"`
	Major []string `query:"major,explode" maxItems:"500" doc:"Units that say something else now, such as page:m1-rights#2 or question:q-means"`
	Minor []string `query:"minor,explode" maxItems:"500" doc:"Units that say the same as before. Without all three, changes.yaml of the folder speaks"`
}

func (in SaysIn) notes() *course.Notes {
	if in.Note == "" && in.Major == nil && in.Minor == nil {
		return nil
	}
	return &course.Notes{Note: strings.TrimSpace(in.Note), Major: in.Major, Minor: in.Minor}
}

type publishIn struct {
	Course string `path:"course" maxLength:"100"`
	SaysIn
	RawBody []byte `contentType:"application/zip"`
}

type publishOut struct {
	Body struct {
		Course   string          `json:"course"`
		Version  int             `json:"version"`
		Problems course.Problems `json:"problems" nullable:"false" doc:"Warnings"`
	}
}

func (a *API) publishCourse(ctx context.Context, v *gate.Visitor, in *publishIn) (*publishOut, error) {
	files, err := library.Unpack(in.RawBody)
	if err != nil {
		return nil, err
	}
	by := author(v)
	by.Owner, by.Says = v.Scope(people.Publish)[0], in.notes()
	p, problems, err := a.Library.Publish(ctx, in.Course, files, by)
	return a.published(v, p, problems, err)
}

// author is a visitor who publishes where they may.
func author(v *gate.Visitor) library.Author {
	return library.Author{Account: v.Account.ID, May: func(owner string) error {
		if v.MayAt(people.Publish, owner) != nil {
			return fault.New("forbidden") // that there is the course is no secret
		}
		return nil
	}}
}

type courseWithdrawalIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		Withdrawn bool `json:"withdrawn"`
	}
}

func (a *API) withdrawCourse(ctx context.Context, v *gate.Visitor, in *courseWithdrawalIn) (*struct{}, error) {
	return nil, a.Withdraw(ctx, v, in.Course, in.Body.Withdrawn)
}

type enrolmentRuleIn struct {
	Course string `path:"course" maxLength:"100"`
	Body   struct {
		AssignedOnly bool `json:"assigned_only" doc:"Only those may begin the course who have to take it"`
	}
}

func (a *API) setEnrolmentRule(ctx context.Context, v *gate.Visitor, in *enrolmentRuleIn) (*struct{}, error) {
	return nil, a.SetAssignedOnly(ctx, v, in.Course, in.Body.AssignedOnly)
}

// SetAssignedOnly decides who may begin a course that the visitor may publish.
func (a *API) SetAssignedOnly(ctx context.Context, v *gate.Visitor, slug string, only bool) error {
	return a.Library.SetAssignedOnly(ctx, slug, only, author(v))
}

// Withdraw takes a course back that the visitor may publish, or puts it back.
func (a *API) Withdraw(ctx context.Context, v *gate.Visitor, slug string, withdrawn bool) error {
	return a.Library.Withdraw(ctx, slug, withdrawn, author(v))
}

type placeIn struct {
	Course  string `path:"course" maxLength:"100"`
	Country string `path:"country" maxLength:"2"`
	SaysIn
	RawBody []byte `contentType:"application/zip"`
}

// publishPlace publishes what a course of the site says of a country. That
// somebody else's course is there is no secret.
func (a *API) publishPlace(ctx context.Context, v *gate.Visitor, in *placeIn) (*publishOut, error) {
	if v.MayAt(people.EditCountry, people.CountryPath(in.Country)) != nil {
		return nil, fault.New("forbidden")
	}
	files, err := library.Unpack(in.RawBody)
	if err != nil {
		return nil, err
	}
	by := library.Author{Account: v.Account.ID, Says: in.notes(), May: func(owner string) error {
		if owner != "" {
			return fault.New("forbidden")
		}
		return nil
	}}
	p, problems, err := a.Library.PublishPlace(ctx, in.Course, in.Country, files, by)
	return a.published(v, p, problems, err)
}

// published tells what became of a publication.
func (a *API) published(v *gate.Visitor, p *course.Publication, problems course.Problems, err error) (*publishOut, error) {
	problems = problems.Say(a.Locale.In(v.Lang))
	if fault.Is(err, "course-has-errors") {
		doc := a.Problem(v.Lang, err)
		for _, x := range problems {
			if x.Level == course.Error {
				doc.Errors = append(doc.Errors, FieldError{x.File + ":" + strconv.Itoa(max(x.Line, 1)), x.Message})
			}
		}
		return nil, doc
	}
	if err != nil {
		return nil, err
	}
	out := &publishOut{}
	out.Body.Course, out.Body.Version, out.Body.Problems = p.Course.Slug, p.Version, problems
	return out, nil
}

func itoa(n int) string { return strconv.Itoa(n) }

// text is an instant for a spreadsheet; empty where there is none.
func text(t store.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
