package authoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"havn/internal/bank"
	"havn/internal/course"
	"havn/internal/fault"
)

// Sheet is a question of a draft in its form.
type Sheet struct {
	bank.Sheet
	// Stamp names what the question said when it was seen; to be told when it is saved.
	Stamp string
	// Problems are those of this question.
	Problems course.Problems
}

// Sheet is the question with an id; the fault "not-found" says that there is none.
func (d *Drafts) Sheet(ctx context.Context, x *Draft, id string) (*Sheet, error) {
	checked, err := d.Check(ctx, x)
	if err != nil {
		return nil, err
	}
	folder := folderOf(checked.Files)
	b, _ := course.ReadBank(x.ID, folder)
	s, ok := bank.SheetOf(b, id)
	if !ok {
		return nil, fault.New("not-found")
	}
	return &Sheet{Sheet: s, Stamp: stamp(s), Problems: ofQuestion(checked.Problems, folder, b.Source, id)}, nil
}

// stamp identifies what a form holds.
func stamp(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic("authoring: a form is no JSON: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// ofQuestion are the problems in the lines of a question.
func ofQuestion(all course.Problems, folder course.Files, source, id string) (list course.Problems) {
	for _, file := range []string{"questions.yaml", source + "/questions.yaml"} {
		first, last := course.Lines(folder[file], "", id)
		for _, p := range all {
			if p.File == file && first > 0 && p.Line >= first && p.Line <= last {
				list = append(list, p)
			}
		}
	}
	return list
}

// SaveSheet writes a question as its form has it, and lets a quiz ask it, "" none.
// seen is the stamp under which it was seen, "" for a new one. Faults: "draft-changed"
// (somebody else has changed this question since; nothing is lost on either side),
// "question-incomplete", whose parameter "reason" says what cannot be written,
// "draft-quiz", and those of Save.
func (d *Drafts) SaveSheet(ctx context.Context, x *Draft, s bank.Sheet, seen, quiz, by string) (id string, err error) {
	err = d.rewrite(ctx, x, by, func(folder course.Files) (course.Files, error) {
		if s.ID != "" {
			b, _ := course.ReadBank(x.ID, folder)
			now, ok := bank.SheetOf(b, s.ID)
			if !ok {
				return nil, fault.New("not-found")
			}
			if stamp(now) != seen {
				return nil, fault.New("draft-changed")
			}
		}
		out, made, err := bank.Rewrite(x.ID, folder, s, d.partsOf(x.ID, s.ID))
		if err != nil {
			return nil, incomplete(err)
		}
		id = made
		if quiz == "" {
			return out, nil
		}
		out["course.yaml"], err = letAsk(x.ID, folder, quiz, id)
		return out, err
	})
	return id, err
}

func incomplete(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	return &fault.Error{Code: "question-incomplete", Field: "answers", Params: map[string]any{"reason": err.Error()}}
}

// partsOf are the ids that parts of a question have in what is published, so that
// none comes to mean something else.
func (d *Drafts) partsOf(slug, id string) []string {
	p, ok := d.library.Current(slug)
	if !ok || p.Questions[id] == nil {
		return nil
	}
	q := p.Questions[id]
	return slices.Concat(q.Options, q.Targets, slices.Sorted(maps.Keys(q.Nodes)))
}
