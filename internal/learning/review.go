package learning

import (
	"context"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/store"
)

// Reviewed is one's latest answer to a graded question of a course as it is
// published now, among those that were handed in and that the quiz's feedback
// policy lets one see explained. Topics and practice know of no others.
type Reviewed struct {
	Course     string                `json:"course"`
	Question   string                `json:"question"`
	Attempt    string                `json:"attempt"`
	At         store.Time            `json:"submitted_at"`
	Verdict    string                `json:"verdict"` // as Feedback's
	Confidence assessment.Confidence `json:"confidence,omitempty"`
}

// WrongButSure is what a learner should look at first.
func (r *Reviewed) WrongButSure() bool {
	return r.Confidence == assessment.Sure && (r.Verdict == "wrong" || r.Verdict == "partly")
}

// reviewed lists them, the latest first, and the questions of attempts that are
// open: whatever is known of those is not told before they are handed in.
func (l *Learning) reviewed(ctx context.Context, who Learner) (list []Reviewed, open map[string]bool, err error) {
	page, err := l.attempts.Find(ctx, store.Query{Where: []store.Cond{store.Is("account", who.ID)}})
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(page.Items, func(a, b Attempt) int { return b.SubmittedAt.Compare(a.SubmittedAt.Time) })
	open, told := map[string]bool{}, map[string]bool{}
	for i := range page.Items {
		a := &page.Items[i]
		now, gone := l.current(who, a.Course)
		if a.IsOpen() {
			for _, q := range a.Asked {
				open[a.Course+":"+q.ID] = true
			}
		}
		if gone != nil || a.Result == nil {
			continue
		}
		_, quiz, err := l.publication(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		if explained(quiz, a.Result) != "shown" {
			continue
		}
		for _, r := range a.Result.Questions {
			q, key := now.Questions[r.ID], a.Course+":"+r.ID
			if q == nil || q.Retired || r.Max == 0 || told[key] {
				continue
			}
			told[key] = true
			answer := a.answer(r.ID)
			one := Reviewed{Course: a.Course, Question: r.ID, Attempt: a.ID, At: a.SubmittedAt, Verdict: verdict(r, answer)}
			if answer != nil {
				one.Confidence = answer.Response.Confidence
			}
			list = append(list, one)
		}
	}
	return list, open, nil
}

// verdict is that of Feedback, from what was kept.
func verdict(r QuestionResult, answer *Answer) string {
	switch {
	case answer == nil:
		return "unanswered"
	case r.Score == r.Max:
		return "right"
	case r.Score > 0:
		return "partly"
	}
	return "wrong"
}

// Topic is how one stands with the questions that carry a tag.
type Topic struct {
	Course string      `json:"course"`
	Tag    string      `json:"tag"`
	Name   course.Text `json:"-"`
	Right  int         `json:"right"`
	Asked  int         `json:"asked"` // answered, of the questions one was asked
	// WrongButSure are the questions to look at first.
	WrongButSure []Reviewed `json:"wrong_but_sure" nullable:"false"`
}

// Topics are one's own results by topic: of the questions that carry a tag with
// a name, how many were right when last answered. What needs a look comes first.
func (l *Learning) Topics(ctx context.Context, who Learner, reader Reader) ([]Topic, error) {
	list, _, err := l.reviewed(ctx, who)
	if err != nil {
		return nil, err
	}
	var topics []Topic
	for _, r := range list {
		p, err := l.current(who, r.Course)
		if err != nil {
			continue
		}
		names := reader(p).Topics
		for _, tag := range p.Questions[r.Question].Tags {
			name, named := names[tag]
			if !named {
				continue
			}
			i := slices.IndexFunc(topics, func(t Topic) bool { return t.Course == r.Course && t.Tag == tag })
			if i < 0 {
				i = len(topics)
				topics = append(topics, Topic{Course: r.Course, Tag: tag, Name: name, WrongButSure: []Reviewed{}})
			}
			topics[i].Asked++
			if r.Verdict == "right" {
				topics[i].Right++
			}
			if r.WrongButSure() {
				topics[i].WrongButSure = append(topics[i].WrongButSure, r)
			}
		}
	}
	slices.SortStableFunc(topics, func(a, b Topic) int {
		if d := len(b.WrongButSure) - len(a.WrongButSure); d != 0 {
			return d
		}
		return a.Right*b.Asked - b.Right*a.Asked
	})
	return topics, nil
}
