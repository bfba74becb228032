package api

import (
	"context"

	"havn/internal/assessment"
	"havn/internal/gate"
	"havn/internal/learning"
	"havn/internal/store"
)

// TopicItem is one's standing in a topic of a course.
type TopicItem struct {
	Name string `json:"name"`
	Lang string `json:"lang"`
	learning.Topic
}

type topicsOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Items []TopicItem `json:"items" nullable:"false"`
	}
}

func (a *API) listTopics(ctx context.Context, v *gate.Visitor, _ *LangIn) (*topicsOut, error) {
	list, err := a.Learning.Topics(ctx, v.Learner(), v.Edition)
	if err != nil {
		return nil, err
	}
	out := &topicsOut{CacheControl: "no-store"}
	out.Body.Items = []TopicItem{}
	for _, t := range list {
		out.Body.Items = append(out.Body.Items, TopicItem{t.Name.Plain, t.Name.Lang, t})
	}
	return out, nil
}

// PracticeItem is a question to go over.
type PracticeItem struct {
	Course   string     `json:"course"`
	Question string     `json:"question"`
	Box      int        `json:"box"`
	DueAt    store.Time `json:"due_at"`
	Due      bool       `json:"due"`
}

type practiceOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         struct {
		Due       int            `json:"due" doc:"How many can be gone over now"`
		Intervals []int          `json:"intervals" nullable:"false" doc:"Days in each box, from box 1"`
		Items     []PracticeItem `json:"items" nullable:"false"`
	}
}

func (a *API) listPractice(ctx context.Context, v *gate.Visitor, _ *struct{}) (*practiceOut, error) {
	cards, err := a.Learning.Cards(ctx, v.Learner())
	if err != nil {
		return nil, err
	}
	out := &practiceOut{CacheControl: "no-store"}
	out.Body.Intervals, out.Body.Items = learning.Intervals, []PracticeItem{}
	for _, c := range cards {
		due := c.Due(a.Now())
		if due {
			out.Body.Due++
		}
		out.Body.Items = append(out.Body.Items, PracticeItem{c.Course, c.Question, c.Box, c.BackAt, due})
	}
	return out, nil
}

type exerciseIn struct {
	Course   string   `path:"course" maxLength:"100"`
	Question string   `path:"question" maxLength:"100"`
	Path     []string `query:"path,explode" maxItems:"200" doc:"Steps taken in a story so far, as node:choice"`
	LangIn
}

type exerciseOut struct {
	ContentLanguage string `header:"Content-Language"`
	CacheControl    string `header:"Cache-Control"`
	Body            *learning.Exercise
}

func (a *API) getExercise(ctx context.Context, v *gate.Visitor, in *exerciseIn) (*exerciseOut, error) {
	var so *assessment.Response
	if len(in.Path) > 0 {
		so = &assessment.Response{Path: &in.Path}
	}
	x, err := a.Learning.Exercise(ctx, v.Learner(), in.Course, in.Question, v.Edition, so)
	if err != nil {
		return nil, err
	}
	return &exerciseOut{x.Lang, "no-store", x}, nil
}

type practiseIn struct {
	Course   string `path:"course" maxLength:"100"`
	Question string `path:"question" maxLength:"100"`
	LangIn
	Body struct {
		Response assessment.Response `json:"response"`
	}
}

type practisedOut struct {
	CacheControl string `header:"Cache-Control"`
	Body         *learning.Practised
}

func (a *API) practise(ctx context.Context, v *gate.Visitor, in *practiseIn) (*practisedOut, error) {
	done, err := a.Learning.Practise(ctx, v.Learner(), in.Course, in.Question, v.Edition, in.Body.Response)
	if err != nil {
		return nil, err
	}
	return &practisedOut{"no-store", done}, nil
}
