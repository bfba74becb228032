package api

import (
	"context"

	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/library"
	"havn/internal/people"
	"havn/internal/store"
)

// Version is a publication of a course, with what changed since the one before.
type Version struct {
	Version     int            `json:"version"`
	PublishedAt store.Time     `json:"published_at"`
	Note        string         `json:"note,omitempty" doc:"In the author's words"`
	Changes     []library.Mark `json:"changes" nullable:"false"`
}

// Major counts the changes that people are asked about again.
func (v Version) Major() (n int) {
	for _, c := range v.Changes {
		if c.Weight == course.Major {
			n++
		}
	}
	return n
}

// mayPublish answers nil for those who may publish the course. That it is there
// is no secret.
func (a *API) mayPublish(v *gate.Visitor, slug string) error {
	if _, ok := a.Library.Current(slug); !ok {
		return fault.New("not-found")
	}
	if v.MayAt(people.Publish, a.Library.Owner(slug)) != nil {
		return fault.New("forbidden")
	}
	return nil
}

// Versions lists the publications of a course for its trainers, the newest first.
func (a *API) Versions(ctx context.Context, v *gate.Visitor, slug, after string, limit int) (list []Version, next string, err error) {
	if err := a.mayPublish(v, slug); err != nil {
		return nil, "", err
	}
	page, err := a.Library.Versions(ctx, slug, after, limit)
	list = []Version{}
	for _, r := range page.Items {
		list = append(list, Version{r.Version, r.PublishedAt, r.Note, append([]library.Mark{}, r.Changes...)})
	}
	return list, page.Next, err
}

type versionsIn struct {
	Course string `path:"course" maxLength:"100"`
	Cursor string `query:"cursor" maxLength:"500"`
	Limit  int    `query:"limit" minimum:"1" maximum:"50" default:"20"`
}

type versionsOut struct {
	Body struct {
		Items []Version `json:"items" nullable:"false"`
		Next  string    `json:"next,omitempty"`
	}
}

func (a *API) listPublications(ctx context.Context, v *gate.Visitor, in *versionsIn) (*versionsOut, error) {
	out := &versionsOut{}
	var err error
	out.Body.Items, out.Body.Next, err = a.Versions(ctx, v, in.Course, in.Cursor, in.Limit)
	return out, err
}

// Difference is what differs in one unit, word by word as a reader sees it.
type Difference struct {
	Unit   string      `json:"unit"`
	Kind   course.Kind `json:"kind" enum:"text,key,rules"`
	What   course.What `json:"what" enum:"added,changed,removed,moved"`
	Pieces []PieceItem `json:"pieces" nullable:"false" doc:"Empty for a key"`
}

// PieceItem is a stretch of words.
type PieceItem struct {
	What course.What `json:"what,omitempty" enum:"added,removed" doc:"Absent: both versions have it"`
	Text string      `json:"text"`
}

// Differences between two versions, for the course's trainers.
func (a *API) Differences(ctx context.Context, v *gate.Visitor, slug string, from, to int) ([]Difference, error) {
	if err := a.mayPublish(v, slug); err != nil {
		return nil, err
	}
	changes, err := a.Library.Compare(ctx, slug, from, to)
	out := []Difference{}
	for _, c := range changes {
		d := Difference{Unit: c.Unit, Kind: c.Kind, What: c.What, Pieces: []PieceItem{}}
		for _, p := range c.Pieces() {
			d.Pieces = append(d.Pieces, PieceItem{p.What, p.Text})
		}
		out = append(out, d)
	}
	return out, err
}

type differencesIn struct {
	Course string `path:"course" maxLength:"100"`
	From   int    `path:"version" minimum:"1"`
	To     int    `path:"other" minimum:"1"`
}

type differencesOut struct {
	Body struct {
		Items []Difference `json:"items" nullable:"false"`
	}
}

func (a *API) listDifferences(ctx context.Context, v *gate.Visitor, in *differencesIn) (*differencesOut, error) {
	out := &differencesOut{}
	var err error
	out.Body.Items, err = a.Differences(ctx, v, in.Course, in.From, in.To)
	return out, err
}
