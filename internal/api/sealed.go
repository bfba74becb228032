package api

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/gate"
	"havn/internal/language"
	"havn/internal/learning"
)

// maxSealed is how many answers one file may hold.
const maxSealed = 2000

// HandedIn is what became of one answer in a file.
type HandedIn struct {
	Attempt  string           `json:"attempt,omitempty"`
	Question string           `json:"question,omitempty"`
	Course   string           `json:"course,omitempty"`
	Page     string           `json:"page,omitempty"`
	Verdict  learning.Verdict `json:"verdict" enum:"accepted,duplicate,superseded,refused"`
	Why      string           `json:"why,omitempty" doc:"Where it was refused"`
}

// notTaken is the verdict on what was not taken.
const notTaken learning.Verdict = "refused"

// waiting is what a device puts into the file: see web/static/outbox.js.
type waiting struct {
	Account string `json:"account"`
	Answers []struct {
		Path string `json:"path"`
		Lang string `json:"lang"`
		Body string `json:"body"`
	} `json:"answers"`
}

var (
	answerPath = regexp.MustCompile(`^/api/v1/attempts/([^/]{1,100})/answers/([^/]{1,100})$`)
	readPath   = regexp.MustCompile(`^/api/v1/enrolments/([^/]{1,100})/pages/([^/]{1,100})$`)
)

// HandIn takes the answers in a sealed file, each as if it had come by itself, in
// the order in which they were given; a repeat is harmless. Faults: those of
// sealed.Box.Open, and "seal-not-yours".
func (a *API) HandIn(ctx context.Context, v *gate.Visitor, file string) ([]HandedIn, error) {
	inside, err := a.Sealed.Open(strings.TrimSpace(file))
	if err != nil {
		return nil, err
	}
	var w waiting
	if err := json.Unmarshal(inside, &w); err != nil || len(w.Answers) > maxSealed {
		return nil, fault.At("seal-broken", "file")
	}
	if w.Account != v.Account.ID {
		return nil, fault.At("seal-not-yours", "file")
	}
	out := make([]HandedIn, 0, len(w.Answers))
	for _, x := range w.Answers {
		h := HandedIn{Verdict: notTaken}
		if m := readPath.FindStringSubmatch(x.Path); m != nil {
			h.Course, h.Page, h.Verdict = m[1], m[2], learning.Accepted
			err = a.Learning.ReadPage(ctx, v.Learner(), h.Course, h.Page)
		} else if m := answerPath.FindStringSubmatch(x.Path); m != nil {
			h.Attempt, h.Question = m[1], m[2]
			h.Verdict, err = a.handIn(ctx, v, m[1], m[2], x.Lang, x.Body)
		} else {
			err = fault.New("bad-request")
		}
		if err != nil {
			problem := a.Problem(v.Lang, err)
			if problem.Status >= 500 {
				return nil, err
			}
			h.Verdict, h.Why = notTaken, problem.Title
		}
		out = append(out, h)
	}
	return out, nil
}

func (a *API) handIn(ctx context.Context, v *gate.Visitor, attempt, question, lang, body string) (learning.Verdict, error) {
	var answer struct {
		Response assessment.Response `json:"response"`
		Given    *GivenItem          `json:"given"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		return notTaken, fault.New("bad-request")
	}
	shown := func(p *course.Publication) *course.Edition { return p.Edition(language.Match(p.Offered(), lang)) }
	saved, err := a.Learning.Save(ctx, v.Learner(), attempt, question, shown, answer.Response, answer.Given.given())
	if err != nil {
		return notTaken, err
	}
	return saved.Verdict, nil
}

type sealedIn struct {
	RawBody []byte `contentType:"application/jose"`
}

type sealedOut struct {
	Body struct {
		Items []HandedIn `json:"items" nullable:"false"`
	}
}

func (a *API) handInSealed(ctx context.Context, v *gate.Visitor, in *sealedIn) (*sealedOut, error) {
	items, err := a.HandIn(ctx, v, string(in.RawBody))
	if err != nil {
		return nil, err
	}
	out := &sealedOut{}
	out.Body.Items = items
	return out, nil
}
