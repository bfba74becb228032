package api

import (
	"context"

	"havn/internal/authoring"
	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/gate"
)

type questionSheetIn struct {
	DraftIn
	Question string `path:"question" maxLength:"100"`
}

type questionSheetOut struct {
	Body struct {
		Sheet    bank.Sheet      `json:"sheet"`
		Stamp    string          `json:"stamp" doc:"To be told when it is saved"`
		Problems course.Problems `json:"problems" nullable:"false" doc:"Of this question"`
	}
}

func (a *API) getQuestion(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *questionSheetIn) (*questionSheetOut, error) {
	return a.questionSheet(ctx, v, d, in.Question)
}

func (a *API) questionSheet(ctx context.Context, v *gate.Visitor, d *authoring.Draft, id string) (*questionSheetOut, error) {
	s, err := a.Drafts.Sheet(ctx, d, id)
	if err != nil {
		return nil, err
	}
	out := &questionSheetOut{}
	out.Body.Sheet, out.Body.Stamp, out.Body.Problems = s.Sheet, s.Stamp, a.said(v, s.Problems)
	return out, nil
}

type saveQuestionIn struct {
	DraftIn
	Question string `path:"question" maxLength:"100"`
	Body     struct {
		Sheet bank.Sheet `json:"sheet"`
		Stamp string     `json:"stamp" maxLength:"40" doc:"Under which one saw it"`
	}
}

func (a *API) saveQuestion(ctx context.Context, v *gate.Visitor, d *authoring.Draft, in *saveQuestionIn) (*questionSheetOut, error) {
	in.Body.Sheet.ID = in.Question
	if _, err := a.Drafts.SaveSheet(ctx, d, in.Body.Sheet, in.Body.Stamp, "", v.Account.ID); err != nil {
		return nil, err
	}
	return a.questionSheet(ctx, v, d, in.Question)
}
