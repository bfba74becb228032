package learning

import (
	"context"
	"errors"
	"reflect"
	"slices"

	"havn/internal/assessment"
	"havn/internal/course"
	"havn/internal/fault"
	"havn/internal/itemstats"
	"havn/internal/store"
)

// Analysis is how the questions of a quiz work, from the first attempt of each
// learner. Nobody can be told from it.
type Analysis struct {
	Publication *course.Publication
	Quiz        *course.Quiz
	// Learners is whose answers are in it, 0 for fewer than itemstats.Fewest.
	Learners int
	// Earlier is how many answers are left out because the question had another
	// text or key then.
	Earlier  int
	Alpha    *float64         // internal consistency; nil where it cannot be told
	Items    []itemstats.Item // in the order of the course
	Compared []itemstats.Comparison
}

// MaxAnalysed is the most attempts that an analysis takes in. Beyond that it is
// made from so many of them, in the order of their ids, which are random.
const MaxAnalysed = 50_000

// Analyse tells how the questions of a quiz work as it is published now. An
// answer counts for a question if that had the same key, and the same text in the
// language that it was read in, as today; one whose answers are forgotten
// (KeepAnswers) counts for nothing. The fault is "not-found".
func (l *Learning) Analyse(ctx context.Context, slug, quizID string) (*Analysis, error) {
	p, ok := l.Library.Current(slug)
	if !ok {
		return nil, fault.At("not-found", "course")
	}
	quiz, ok := p.Quiz(quizID)
	if !ok {
		return nil, fault.At("not-found", "quiz")
	}
	out := &Analysis{Publication: p, Quiz: quiz}
	s, is := &itemstats.Sample{}, &sameness{now: p, known: map[reading]bool{}}
	full := errors.New("enough")
	first := []store.Cond{store.Is("course", slug), store.Is("quiz", quizID), store.Is("number", 1)}
	err := l.attempts.Each(ctx, store.Query{Where: first}, func(a *Attempt) error {
		if a.State != Settled || a.Renews != "" || len(a.Answers) == 0 {
			return nil
		}
		then, _, err := l.publication(ctx, a)
		if err != nil {
			return err
		}
		answers, earlier := is.answers(then, a)
		out.Earlier += earlier
		s.Add(answers)
		if s.Learners() == MaxAnalysed {
			return full
		}
		return nil
	})
	if err != nil && !errors.Is(err, full) {
		return nil, err
	}
	if s.Learners() < itemstats.Fewest {
		out.Earlier = 0
		return out, nil
	}
	order := map[string]int{}
	for n, id := range p.QuestionOrder() {
		order[id] = n
	}
	out.Learners, out.Alpha, out.Items, out.Compared = s.Learners(), s.Alpha(), s.Items(), s.Compare()
	slices.SortFunc(out.Items, func(a, b itemstats.Item) int { return order[a.ID] - order[b.ID] })
	return out, nil
}

// sameness tells whether a question was the same then as it is now.
type sameness struct {
	now   *course.Publication
	known map[reading]bool
}

// reading is a question as it was read. Lang is "" for one left open.
type reading struct {
	version                 int
	country, question, lang string
}

// answers are what an attempt says of the questions as they are now, and how many
// it answered as they were before.
func (s *sameness) answers(then *course.Publication, a *Attempt) (list []itemstats.Answer, earlier int) {
	mostly := a.language()
	for _, r := range a.Result.Questions {
		if r.Max == 0 {
			continue
		}
		one := itemstats.Answer{Item: r.ID, Language: mostly, Share: r.Score / r.Max}
		if given := a.answer(r.ID); given != nil {
			one.Language, one.Sure, one.Chosen = given.Lang, string(given.Response.Confidence), chosen(&given.Response)
		}
		if s.same(then, reading{a.Version, a.Country, r.ID, one.Language}) {
			list = append(list, one)
		} else {
			earlier++
		}
	}
	return list, earlier
}

// language is the one that most questions were answered in, by which one left open
// was probably read too.
func (a *Attempt) language() (most string) {
	count := map[string]int{}
	for _, answer := range a.Answers {
		count[answer.Lang]++
	}
	for lang, n := range count {
		if n > count[most] || n == count[most] && lang < most {
			most = lang
		}
	}
	return most
}

func chosen(r *assessment.Response) []string {
	switch {
	case r.Choice != nil:
		return []string{*r.Choice}
	case r.Choices != nil:
		return *r.Choices
	}
	return nil
}

func (s *sameness) same(then *course.Publication, r reading) bool {
	same, ok := s.known[r]
	if !ok {
		same = sameKey(then.Questions[r.question], s.now.Questions[r.question]) && reflect.DeepEqual(asRead(then, r), asRead(s.now, r))
		s.known[r] = same
	}
	return same
}

// sameKey tells whether two versions of a question are answered and graded alike.
func sameKey(a, b *course.Question) bool {
	if a == nil || b == nil {
		return false
	}
	plain := func(q *course.Question) course.Question {
		c := *q
		c.Tags, c.Facts, c.AppliesIn, c.Confidence, c.Retired = nil, nil, nil, false, false
		return c
	}
	return reflect.DeepEqual(plain(a), plain(b))
}

// asRead is what is read of a question before it is answered.
func asRead(p *course.Publication, r reading) *course.QuestionText {
	e, ok := p.Editions[r.lang]
	if !ok {
		return nil
	}
	text := *e.Questions[r.question]
	text.State, text.Feedback = "", nil
	return &text
}
